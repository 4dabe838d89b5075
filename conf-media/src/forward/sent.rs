//! What an outgoing sequence number stood for: the memory a retransmission is answered from.

use std::time::{Duration, Instant};

use super::Lane;

/// Where an outgoing packet came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The lane it was taken from.
    pub lane: Lane,
    /// Its extended incoming sequence number, the key into that lane's ring.
    pub seq: u64,
}

/// A fixed ring of the newest outgoing numbers of one subscription.
///
/// Memory: 16 bytes a packet, allocated at the first one sent.
#[derive(Debug)]
pub struct Sent {
    capacity: usize,
    entries: Vec<Entry>,
    /// The newest outgoing number recorded.
    newest: Option<u64>,
    /// What the entries' repair times count from.
    epoch: Option<Instant>,
}

/// Numbers beyond these widths cannot occur: 2^56 packets are two million years of a fast source.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Incoming number in the high 56 bits, encoding in the low 8; zero when nothing was sent
    /// (extended numbers start at 2^16).
    packed: u64,
    source: u32,
    /// Milliseconds since the epoch plus one; zero when never repaired.
    repaired: u32,
}

impl Sent {
    /// Remembers the newest `capacity` numbers, rounded up to a power of two, at most 32,768.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.clamp(1, 1 << 15).next_power_of_two(),
            entries: Vec::new(),
            newest: None,
            epoch: None,
        }
    }

    /// Notes that the outgoing (extended) `seq` was `origin`. One older than the ring reaches is
    /// ignored.
    pub fn record(&mut self, seq: u64, origin: Origin) {
        if self.entries.is_empty() {
            self.entries = vec![Entry::default(); self.capacity];
        }
        let window = self.capacity as u64;
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
        let at = self.place(seq);
        self.entries[at] = Entry {
            packed: (origin.seq << 8) | u64::from(origin.lane.encoding),
            source: origin.lane.source,
            repaired: 0,
        };
    }

    /// What wire number `seq` stood for, if it is still remembered and was sent at all.
    #[must_use]
    pub fn find(&self, seq: u16) -> Option<Origin> {
        let entry = self.entries.get(self.held(seq)?)?;
        (entry.packed != 0).then_some(Origin {
            lane: Lane { source: entry.source, encoding: entry.packed as u8 },
            seq: entry.packed >> 8,
        })
    }

    /// As [`Sent::find`], but `None` when it was already repaired within `interval` (a round
    /// trip); otherwise notes the repair.
    pub fn repair(&mut self, now: Instant, seq: u16, interval: Duration) -> Option<Origin> {
        let origin = self.find(seq)?;
        let epoch = *self.epoch.get_or_insert(now);
        let elapsed = now.saturating_duration_since(epoch).as_millis();
        let stamp = u32::try_from(elapsed).unwrap_or(u32::MAX - 1).saturating_add(1);
        let at = self.held(seq)?;
        let entry = self.entries.get_mut(at)?;
        if entry.repaired != 0 && u128::from(stamp - entry.repaired) < interval.as_millis() {
            return None;
        }
        entry.repaired = stamp;
        Some(origin)
    }

    /// Where wire number `seq` is, if it is among those remembered.
    fn held(&self, seq: u16) -> Option<usize> {
        let newest = self.newest?;
        let behind = (newest as u16).wrapping_sub(seq);
        let outgoing = newest.checked_sub(behind.into())?;
        (usize::from(behind) < self.capacity).then(|| self.place(outgoing))
    }

    fn place(&self, outgoing: u64) -> usize {
        // The capacity is a power of two below 2^16, so the cast only drops bits the mask drops.
        outgoing as usize & (self.capacity - 1)
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
        let mut sent = Sent::new(8);
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
        let mut sent = Sent::new(8);
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
    fn a_repair_is_not_repeated_within_a_round_trip() {
        let start = Instant::now();
        let rtt = Duration::from_millis(50);
        let mut sent = Sent::new(8);
        sent.record(70_000, origin(70_000));
        let seq = 70_000u64 as u16;
        assert!(sent.repair(start, seq, rtt).is_some());
        assert!(sent.repair(start + Duration::from_millis(49), seq, rtt).is_none());
        assert!(sent.repair(start + rtt, seq, rtt).is_some());
    }
}
