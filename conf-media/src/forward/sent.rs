//! What an outgoing sequence number stood for: the memory a retransmission is answered from.

use std::time::{Duration, Instant};

use super::Lane;
use crate::prefetch::prefetch;
use crate::track::MAX_ENCODINGS;

/// Where an outgoing packet came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The lane it was taken from.
    pub lane: Lane,
    /// Its extended incoming sequence number, the key into that lane's ring.
    pub seq: u64,
}

/// A ring of the newest outgoing numbers of one subscription.
///
/// Memory: 8 bytes a packet; a quarter of the capacity from the first packet on, and twice as
/// much each time something was asked for that had just been forgotten.
#[derive(Debug)]
pub struct Sent {
    capacity: usize,
    entries: Vec<Entry>,
    /// The newest outgoing number recorded.
    newest: Option<u64>,
    /// Where all of them came from; another source begins anew.
    source: u32,
    /// The newest incoming number of each encoding: what the entries' halves belong to.
    incoming: [u64; MAX_ENCODINGS],
    /// What the entries' repair times count from.
    epoch: Option<Instant>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// The lower half of the incoming number.
    incoming: u32,
    /// Milliseconds since the epoch plus one, wrapping after a minute; zero when never repaired.
    repaired: u16,
    /// Encoding plus one; zero when nothing was sent.
    lane: u8,
}

impl Sent {
    /// Remembers the newest `capacity` numbers, rounded up to a power of two, at most 32,768.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.clamp(4, 1 << 15).next_power_of_two(),
            entries: Vec::new(),
            newest: None,
            source: 0,
            incoming: [0; MAX_ENCODINGS],
            epoch: None,
        }
    }

    /// Asks for where the next packet is noted.
    #[inline]
    pub(crate) fn prefetch(&self) {
        if let Some(newest) = self.newest
            && let Some(entry) = self.entries.get(self.place(newest + 1))
        {
            prefetch(entry);
        }
    }

    /// Notes that the outgoing (extended) `seq` was `origin`. One older than the ring reaches is
    /// ignored, as is an encoding no track has.
    pub fn record(&mut self, seq: u64, origin: Origin) {
        let lane = usize::from(origin.lane.encoding);
        if lane >= MAX_ENCODINGS {
            return;
        }
        if self.entries.is_empty() {
            self.entries = vec![Entry::default(); self.capacity / 4];
        }
        if self.source != origin.lane.source {
            self.entries.fill(Entry::default());
            self.incoming = [0; MAX_ENCODINGS];
            self.source = origin.lane.source;
        }
        let window = self.entries.len() as u64;
        let newest = self.newest.unwrap_or(seq);
        if seq > newest {
            // Numbers stepped over must not show what stood in their place a window ago.
            let from = (newest + 1).max(seq.saturating_sub(window - 1));
            for skipped in from..seq {
                let at = self.place(skipped);
                self.entries[at] = Entry::default();
            }
        } else if newest - seq >= window {
            return;
        }
        self.newest = Some(newest.max(seq));
        self.incoming[lane] = self.incoming[lane].max(origin.seq);
        let at = self.place(seq);
        self.entries[at] =
            Entry { incoming: origin.seq as u32, repaired: 0, lane: origin.lane.encoding + 1 };
    }

    /// The newest outgoing (extended) number.
    #[must_use]
    pub const fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Whether the outgoing (extended) `seq` was used already, or is too old to tell: it must not
    /// be used again.
    #[must_use]
    pub fn is_used(&self, seq: u64) -> bool {
        let Some(newest) = self.newest.filter(|newest| seq <= *newest) else { return false };
        newest - seq >= self.entries.len() as u64
            || self.entries.get(self.place(seq)).is_none_or(|entry| entry.lane != 0)
    }

    /// What wire number `seq` stood for, if it is still remembered and was sent at all.
    #[must_use]
    pub fn find(&self, seq: u16) -> Option<Origin> {
        let entry = self.entries.get(self.held(seq)?)?;
        let encoding = entry.lane.checked_sub(1)?;
        let newest = *self.incoming.get(usize::from(encoding))?;
        let behind = (newest as u32).wrapping_sub(entry.incoming);
        Some(Origin {
            lane: Lane { source: self.source, encoding },
            seq: newest.checked_sub(behind.into())?,
        })
    }

    /// As [`Sent::find`], but `None` when it was already repaired within `interval` (a round
    /// trip, at most a minute); otherwise notes the repair.
    pub fn repair(&mut self, now: Instant, seq: u16, interval: Duration) -> Option<Origin> {
        if self.held(seq).is_none() {
            self.reach(seq);
        }
        let origin = self.find(seq)?;
        let epoch = *self.epoch.get_or_insert(now);
        let elapsed = now.saturating_duration_since(epoch).as_millis();
        // Never zero, and a wrap shortens one pause by a millisecond.
        let stamp = (elapsed % u128::from(u16::MAX)) as u16 + 1;
        let at = self.held(seq)?;
        let entry = self.entries.get_mut(at)?;
        let since = stamp.wrapping_sub(entry.repaired);
        if entry.repaired != 0 && u128::from(since) < interval.as_millis() {
            return None;
        }
        entry.repaired = stamp;
        Some(origin)
    }

    /// Remembers more from now on, if that would have helped with `seq`.
    fn reach(&mut self, seq: u16) {
        let Some(newest) = self.newest else { return };
        let behind = usize::from((newest as u16).wrapping_sub(seq));
        let len = self.entries.len();
        if behind < len || behind >= self.capacity || len >= self.capacity {
            return;
        }
        let old = std::mem::replace(&mut self.entries, vec![Entry::default(); len * 2]);
        let oldest = newest.saturating_sub(len as u64 - 1);
        for outgoing in oldest..=newest {
            let at = self.place(outgoing);
            self.entries[at] = old[outgoing as usize & (len - 1)];
        }
    }

    /// Where wire number `seq` is, if it is among those remembered.
    fn held(&self, seq: u16) -> Option<usize> {
        let newest = self.newest?;
        let behind = (newest as u16).wrapping_sub(seq);
        let outgoing = newest.checked_sub(behind.into())?;
        (usize::from(behind) < self.entries.len()).then(|| self.place(outgoing))
    }

    fn place(&self, outgoing: u64) -> usize {
        // A power of two below 2^16 of them, so the cast only drops bits the mask drops.
        outgoing as usize & (self.entries.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(outgoing: u64) -> Origin {
        Origin { lane: Lane { source: 3, encoding: 2 }, seq: outgoing + 1000 }
    }

    #[test]
    fn a_number_is_found_across_the_wrap_while_it_is_remembered() {
        let mut sent = Sent::new(32);
        for outgoing in 65_534 + 65_536..65_534 + 65_536 + 8 {
            sent.record(outgoing, origin(outgoing));
        }
        assert_eq!(sent.find(65_534), Some(origin(131_070)));
        assert_eq!(sent.find(0), Some(origin(131_072)));
        assert_eq!(sent.find(65_533), None);
        assert_eq!(sent.find(6), None);
    }

    #[test]
    fn a_number_never_sent_is_not_found_but_a_late_one_is() {
        let mut sent = Sent::new(32);
        for outgoing in 70_000..70_008 {
            sent.record(outgoing, origin(outgoing));
        }
        sent.record(70_010, origin(70_010));
        assert_eq!(sent.find(70_009u64 as u16), None);
        sent.record(70_009, origin(70_009));
        assert_eq!(sent.find(70_009u64 as u16), Some(origin(70_009)));
        sent.record(70_001, origin(70_001));
        assert_eq!(sent.find(70_001u64 as u16), None);
    }

    #[test]
    fn asking_for_what_was_just_forgotten_makes_it_remember_more() {
        let now = Instant::now();
        let mut sent = Sent::new(32);
        for outgoing in 70_000..70_020 {
            sent.record(outgoing, origin(outgoing));
        }
        let ask =
            |sent: &mut Sent, outgoing: u64| sent.repair(now, outgoing as u16, Duration::ZERO);
        assert_eq!(ask(&mut sent, 70_019 - 40), None, "beyond all it may remember");
        assert_eq!(ask(&mut sent, 70_019 - 8), None);
        assert_eq!(ask(&mut sent, 70_019 - 7), Some(origin(70_012)), "what it had it keeps");
        for outgoing in 70_020..70_030 {
            sent.record(outgoing, origin(outgoing));
        }
        assert_eq!(ask(&mut sent, 70_029 - 15), Some(origin(70_014)));
    }

    #[test]
    fn numbers_of_several_encodings_are_told_apart_beyond_32_bits() {
        let mut sent = Sent::new(32);
        let of = |encoding, seq| Origin { lane: Lane { source: 3, encoding }, seq };
        let far = (1 << 32) + 5;
        sent.record(70_000, of(0, far - 10));
        sent.record(70_001, of(1, 66_000));
        sent.record(70_002, of(0, far));
        assert_eq!(sent.find(70_000u64 as u16), Some(of(0, far - 10)));
        assert_eq!(sent.find(70_001u64 as u16), Some(of(1, 66_000)));
        assert_eq!(sent.find(70_002u64 as u16), Some(of(0, far)));
    }

    #[test]
    fn a_repair_is_not_repeated_within_a_round_trip() {
        let start = Instant::now();
        let rtt = Duration::from_millis(50);
        let mut sent = Sent::new(32);
        sent.record(70_000, origin(70_000));
        let seq = 70_000u64 as u16;
        assert!(sent.repair(start, seq, rtt).is_some());
        assert!(sent.repair(start + Duration::from_millis(49), seq, rtt).is_none());
        assert!(sent.repair(start + rtt, seq, rtt).is_some());
    }
}
