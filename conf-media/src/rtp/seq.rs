//! Sequence numbers and timestamps that do not wrap: 16 and 32 wire bits grown to 64.

/// How far behind the newest a packet may be before the source is suspected to have restarted.
/// Larger hides a restart for longer; smaller mistakes very late retransmissions for one.
const MAX_BEHIND: i16 = 3000;

/// Grows 16-bit sequence numbers to 64 bits (RFC 3550, section 5.1 and appendix A.1).
///
/// The first number seen lands in the second cycle, so that packets older than it still have a
/// positive place. A number counts as newer when it is less than half the circle ahead.
#[derive(Debug, Clone, Copy, Default)]
pub struct SeqExtender {
    highest: Option<u64>,
    /// The number that would confirm a restarted source.
    suspect: Option<u16>,
}

impl SeqExtender {
    /// The extended number of `seq`, remembering it when it is the newest.
    ///
    /// A source that starts over far behind (two numbers in a row there) continues in the next
    /// cycle, so extended numbers of new packets never fall back.
    pub fn extend(&mut self, seq: u16) -> u64 {
        let Some(highest) = self.highest else {
            let first = (1 << 16) | u64::from(seq);
            self.highest = Some(first);
            return first;
        };
        let ahead = distance(seq, highest as u16);
        if ahead > 0 {
            self.suspect = None;
            let newest = highest.wrapping_add(ahead.unsigned_abs().into());
            self.highest = Some(newest);
            return newest;
        }
        if ahead < -MAX_BEHIND {
            if self.suspect == Some(seq) {
                self.suspect = None;
                let newest = highest.wrapping_add(1 << 16) - u64::from(ahead.unsigned_abs());
                self.highest = Some(newest);
                return newest;
            }
            self.suspect = Some(seq.wrapping_add(1));
        }
        highest.saturating_sub(ahead.unsigned_abs().into())
    }

    /// The extended number of `seq` without remembering it (for feedback about sent packets).
    #[must_use]
    pub fn peek(&self, seq: u16) -> Option<u64> {
        let highest = self.highest?;
        let ahead = distance(seq, highest as u16);
        Some(if ahead > 0 {
            highest.wrapping_add(ahead.unsigned_abs().into())
        } else {
            highest.saturating_sub(ahead.unsigned_abs().into())
        })
    }

    /// The newest extended number, if any was seen.
    #[must_use]
    pub const fn highest(&self) -> Option<u64> {
        self.highest
    }
}

/// Grows 32-bit RTP timestamps to 64 bits, by the same rule as [`SeqExtender`].
#[derive(Debug, Clone, Copy, Default)]
pub struct TimestampExtender {
    highest: Option<u64>,
}

impl TimestampExtender {
    /// The extended timestamp, remembering it when it is the newest.
    pub fn extend(&mut self, timestamp: u32) -> u64 {
        let Some(highest) = self.highest else {
            let first = (1 << 32) | u64::from(timestamp);
            self.highest = Some(first);
            return first;
        };
        let ahead = timestamp.wrapping_sub(highest as u32) as i32;
        if ahead > 0 {
            let newest = highest.wrapping_add(ahead.unsigned_abs().into());
            self.highest = Some(newest);
            return newest;
        }
        highest.saturating_sub(ahead.unsigned_abs().into())
    }
}

/// How far `a` is ahead of `b` on the 16-bit circle; negative when behind.
#[must_use]
pub const fn distance(a: u16, b: u16) -> i16 {
    a.wrapping_sub(b) as i16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wrap_continues_and_a_late_packet_stays_behind_it() {
        let mut seq = SeqExtender::default();
        let first = seq.extend(65_534);
        assert_eq!(seq.extend(65_535), first + 1);
        assert_eq!(seq.extend(1), first + 3);
        assert_eq!(seq.extend(0), first + 2);
        assert_eq!(seq.extend(65_530), first - 4);
        assert_eq!(seq.highest(), Some(first + 3));
    }

    #[test]
    fn packets_older_than_the_first_have_a_place() {
        let mut seq = SeqExtender::default();
        let first = seq.extend(0);
        assert_eq!(seq.extend(65_535), first - 1);
    }

    #[test]
    fn a_restarted_source_moves_on_instead_of_back() {
        let mut seq = SeqExtender::default();
        let before = seq.extend(40_000);
        assert!(seq.extend(20_000) < before);
        let after = seq.extend(20_001);
        assert!(after > before);
        assert_eq!(seq.extend(20_002), after + 1);
    }

    #[test]
    fn timestamps_wrap_too() {
        let mut timestamp = TimestampExtender::default();
        let first = timestamp.extend(u32::MAX - 10);
        assert_eq!(timestamp.extend(9), first + 20);
        assert_eq!(timestamp.extend(u32::MAX), first + 10);
    }

    proptest! {
        #[test]
        fn the_low_bits_always_match(seqs in proptest::collection::vec(any::<u16>(), 1..200)) {
            let mut extender = SeqExtender::default();
            for seq in seqs {
                prop_assert_eq!(extender.extend(seq) as u16, seq);
            }
        }

        #[test]
        fn a_forward_walk_never_falls_back(start: u16, steps in proptest::collection::vec(1u16..1000, 1..200)) {
            let mut extender = SeqExtender::default();
            let mut seq = start;
            let mut expected = extender.extend(seq);
            for step in steps {
                seq = seq.wrapping_add(step);
                expected += u64::from(step);
                prop_assert_eq!(extender.extend(seq), expected);
            }
        }
    }
}
