//! Which packets of pictures are to be sent again unasked, and when.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How much later each repeat leaves: bursts of loss are over by then, and a player that holds
/// 120 ms back can still use the third. Shorter is lost with the one before, longer comes too late.
const AFTER: Duration = Duration::from_millis(40);
/// Packets that may wait: those of 40 ms at 50 Mbit/s. Further ones are not repeated unasked.
const MOST: usize = 256;

/// A packet that left, by its stream and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) ssrc: u32,
    pub(crate) seq: u16,
    /// How often it is still to be repeated.
    pub(crate) times: u8,
}

/// The packets to be sent again, in the order in which they left. Takes no memory for those who lose
/// little.
#[derive(Debug, Default)]
pub(crate) struct Again {
    waiting: VecDeque<(Instant, Left)>,
}

impl Again {
    /// Notes that a packet left; when the first of all is due.
    pub(crate) fn note(&mut self, now: Instant, left: Left) -> Option<Instant> {
        if left.times > 0 && self.waiting.len() < MOST {
            self.waiting.push_back((now + AFTER, left));
        }
        self.due()
    }

    /// When the first is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }

    /// Takes the next that is due, to be sent now.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Left> {
        let (_, left) = self.waiting.pop_front_if(|(due, _)| *due <= now)?;
        self.note(now, Left { times: left.times.saturating_sub(1), ..left });
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_repeated_as_often_as_was_said() {
        let (now, mut again) = (Instant::now(), Again::default());
        again.note(now, Left { ssrc: 1, seq: 1, times: 3 });
        again.note(now, Left { ssrc: 1, seq: 2, times: 0 });
        for step in 1..=3 {
            assert_eq!(again.next(now + AFTER * step).map(|left| left.seq), Some(1));
            assert_eq!(again.next(now + AFTER * step), None);
        }
        assert_eq!(again.due(), None);
    }

    #[test]
    fn each_is_due_a_while_after_it_left_and_too_many_are_let_be() {
        let (now, mut again) = (Instant::now(), Again::default());
        let left = |seq| Left { ssrc: 1, seq, times: 1 };
        assert_eq!(again.note(now, left(1)), Some(now + AFTER));
        again.note(now + AFTER / 2, left(2));
        assert_eq!(again.next(now + AFTER / 2), None);
        assert_eq!(again.next(now + AFTER), Some(left(1)));
        assert_eq!(again.next(now + AFTER), None);
        for seq in 0..1_000 {
            again.note(now + AFTER, left(seq));
        }
        let end = now + AFTER * 2;
        assert_eq!(std::iter::from_fn(|| again.next(end)).count(), MOST);
        assert_eq!(again.due(), None);
    }
}
