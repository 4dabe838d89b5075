//! What became of every packet of one stream, told from sequence numbers alone: new, late,
//! repeated, lost (RFC 3550, appendix A.1).

/// How far back a packet may come late; what is missing longer is lost.
pub(crate) const WINDOW: u64 = 2048;
/// A jump beyond this is a stream that began anew.
const MAX_JUMP: u64 = 20_000;
const WORDS: usize = (WINDOW / 64) as usize;

/// Where a packet stands in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The newest so far; so many before it are missing now.
    New {
        /// Numbers between the newest before and this one.
        skipped: u64,
    },
    /// One that was missing.
    Late,
    /// One that came before, or so old that nobody can tell.
    Repeated,
}

/// The numbers of one stream. Takes 300 bytes and never allocates.
#[derive(Debug, Clone)]
pub(crate) struct Sequence {
    /// The newest number, extended; `None` before the first packet.
    newest: Option<u64>,
    /// The first number that counts.
    first: u64,
    /// Bit `n % WINDOW` tells whether number `n` of the last [`WINDOW`] arrived.
    seen: [u64; WORDS],
    /// Numbers that left the window without having arrived.
    gone: u64,
    /// Numbers in the window that are missing.
    missing: u64,
}

impl Default for Sequence {
    fn default() -> Self {
        Self { newest: None, first: 0, seen: [0; WORDS], gone: 0, missing: 0 }
    }
}

impl Sequence {
    /// The extended number a 16-bit one stands for: the nearest to the newest.
    pub(crate) fn extend(&self, seq: u16) -> u64 {
        let Some(newest) = self.newest else { return seq.into() };
        let ahead = seq.wrapping_sub(newest as u16);
        if ahead < 0x8000 {
            newest + u64::from(ahead)
        } else {
            let back = u64::from(0u16.wrapping_sub(ahead));
            // Before the first roll-over there is nothing further back.
            newest.checked_sub(back).unwrap_or(newest + u64::from(ahead))
        }
    }

    /// Takes in an extended number.
    pub(crate) fn take(&mut self, number: u64) -> Place {
        let Some(newest) = self.newest else {
            self.newest = Some(number);
            self.first = number;
            self.mark(number);
            return Place::New { skipped: 0 };
        };
        if number > newest {
            let skipped = number - newest - 1;
            if skipped > MAX_JUMP {
                self.restart(number);
                return Place::New { skipped: 0 };
            }
            if skipped < WINDOW {
                (newest + 1..=number).for_each(|at| self.forget(at));
            } else {
                // Nothing of the window before remains: all of it left, seen or missing, and so
                // did the numbers between the two windows.
                self.gone += self.missing + (skipped + 1 - WINDOW);
                self.seen = [0; WORDS];
                self.missing = WINDOW;
            }
            self.missing -= 1;
            self.mark(number);
            self.newest = Some(number);
            return Place::New { skipped };
        }
        if newest - number >= WINDOW || number < self.first || self.is_seen(number) {
            return Place::Repeated;
        }
        self.mark(number);
        self.missing -= 1;
        Place::Late
    }

    /// The newest number.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// The first number.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// How many of all numbers so far did not arrive (yet).
    pub(crate) fn lost(&self) -> u64 {
        self.gone + self.missing
    }

    /// Whether a number of the window has not arrived.
    pub(crate) fn is_missing(&self, number: u64) -> bool {
        self.newest.is_some_and(|newest| {
            number >= self.first
                && number < newest
                && newest - number < WINDOW
                && !self.is_seen(number)
        })
    }

    /// Forgets what is missing: only what comes from now on counts.
    pub(crate) fn settle(&mut self) {
        self.gone = 0;
        self.missing = 0;
        self.seen = [u64::MAX; WORDS];
    }

    fn restart(&mut self, number: u64) {
        let gone = self.gone + self.missing;
        *self = Self { newest: Some(number), first: number, gone, ..Self::default() };
        self.mark(number);
    }

    /// Makes room for `number` in the window: what stood in its place leaves, and it is missing.
    fn forget(&mut self, number: u64) {
        let before_window = number < self.first + WINDOW;
        if !before_window && !self.is_seen(number) {
            self.gone += 1;
            self.missing -= 1;
        }
        let (word, bit) = place(number);
        self.seen[word] &= !bit;
        self.missing += 1;
    }

    fn mark(&mut self, number: u64) {
        let (word, bit) = place(number);
        self.seen[word] |= bit;
    }

    fn is_seen(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.seen[word] & bit != 0
    }
}

fn place(number: u64) -> (usize, u64) {
    ((number % WINDOW / 64) as usize, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_go_on_over_the_roll_over() {
        let mut sequence = Sequence::default();
        for seq in [65_534u16, 65_535, 0, 1] {
            let number = sequence.extend(seq);
            assert_eq!(sequence.take(number), Place::New { skipped: 0 });
        }
        assert_eq!(sequence.newest(), Some(65_537));
        assert_eq!(sequence.extend(65_535), 65_535);
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn what_is_missing_is_lost_until_it_comes() {
        let mut sequence = Sequence::default();
        sequence.take(10);
        assert_eq!(sequence.take(13), Place::New { skipped: 2 });
        assert_eq!(sequence.lost(), 2);
        assert!(sequence.is_missing(11) && sequence.is_missing(12) && !sequence.is_missing(13));
        assert_eq!(sequence.take(11), Place::Late);
        assert_eq!(sequence.take(11), Place::Repeated);
        assert_eq!(sequence.take(9), Place::Repeated, "before the first nothing counts");
        assert_eq!(sequence.lost(), 1);
        sequence.settle();
        assert_eq!(sequence.lost(), 0);
        assert!(!sequence.is_missing(12));
    }

    #[test]
    fn a_far_jump_begins_anew() {
        let mut sequence = Sequence::default();
        sequence.take(1);
        sequence.take(3);
        assert_eq!(sequence.take(3 + MAX_JUMP + 2), Place::New { skipped: 0 });
        assert_eq!(sequence.lost(), 1, "what was lost before stays lost");
        assert_eq!(sequence.take(3 + MAX_JUMP), Place::Repeated);
    }

    /// Steps forward and back, small and beyond the window.
    fn steps() -> impl Strategy<Value = Vec<i64>> {
        let step = prop_oneof![
            20 => 1..4i64,
            4 => -6..1i64,
            1 => 1..6000i64,
            1 => -3000..0i64,
        ];
        prop::collection::vec(step, 1..400)
    }

    proptest! {
        #[test]
        fn the_counts_are_those_of_a_plain_set(start in 0u64..70_000, steps in steps()) {
            let (mut sequence, mut seen) = (Sequence::default(), BTreeSet::new());
            let first = start + 10_000;
            let mut newest = first;
            sequence.take(first);
            seen.insert(first);
            for step in steps {
                let number = newest.saturating_add_signed(step);
                let known = seen.contains(&number);
                let place = sequence.take(number);
                if number > newest {
                    prop_assert_eq!(place, Place::New { skipped: number - newest - 1 });
                    newest = number;
                    seen.insert(number);
                } else if number < first || newest - number >= WINDOW || known {
                    prop_assert_eq!(place, Place::Repeated);
                } else {
                    prop_assert_eq!(place, Place::Late);
                    seen.insert(number);
                }
                let expected = newest - first + 1;
                prop_assert_eq!(sequence.lost(), expected - seen.len() as u64);
                prop_assert_eq!(sequence.extend(number as u16) as u16, number as u16);
            }
        }

        #[test]
        fn an_extended_number_is_the_nearest(newest in 40_000u64..200_000, off in -32_000i64..32_000) {
            let mut sequence = Sequence::default();
            sequence.take(newest);
            let number = newest.saturating_add_signed(off);
            prop_assert_eq!(sequence.extend(number as u16), number);
        }
    }
}
