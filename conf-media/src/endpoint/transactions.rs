//! Which checks came before: one that was copied on its way and sent again proves nothing.

use std::collections::VecDeque;

/// Checks remembered. A peer makes one every two to three seconds, so these are almost three
/// hours of them, in 16 kB; more would catch older copies, less forgets sooner.
const REMEMBERED: usize = 4_096;

/// The transactions of one endpoint's authentic checks. Only its peer can make this grow.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    /// A part of each id, which are random: two are alike once in a million meetings.
    seen: VecDeque<u32>,
}

impl Transactions {
    /// Notes an authentic check. False when it was noted before.
    pub(super) fn note(&mut self, transaction: &[u8; 12]) -> bool {
        let (words, _) = transaction.as_chunks::<4>();
        let key = words.iter().fold(0, |key, word| key ^ u32::from_be_bytes(*word));
        if self.seen.contains(&key) {
            return false;
        }
        if self.seen.len() >= REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(key);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_new_once_and_memory_is_bounded() {
        let id = |number: u32| {
            let mut id = [7; 12];
            id[8..].copy_from_slice(&number.to_be_bytes());
            id
        };
        let mut transactions = Transactions::default();
        for number in 0..2 * REMEMBERED as u32 {
            assert!(transactions.note(&id(number)));
            assert!(!transactions.note(&id(number)));
        }
        assert_eq!(transactions.seen.len(), REMEMBERED);
        assert!(!transactions.note(&id(REMEMBERED as u32)), "the oldest that is remembered");
    }
}
