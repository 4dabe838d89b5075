//! What was sent under which transport-wide number, until feedback tells what became of it.

use std::time::Duration;

use super::Stamp;
use crate::prefetch::{prefetch, prefetch_front};

/// Entries of the smallest ring: a few packets of sound.
const LEAST: usize = 32;
/// Entries before a peer has ever told of an arrival: it may never do.
const UNTOLD: usize = 256;
/// Entries of the largest ring, 32 kB: half a second of 80 Mbit/s.
const MOST: usize = 4_096;
/// How long a packet is worth room while nothing is heard of it. Longer serves longer round
/// trips, shorter keeps the ring small when feedback is lost.
const KEEP_MICROS: i32 = 2_000_000;
/// After so long without a packet everything is given back.
const IDLE_MICROS: i32 = 3_000_000;

/// Asked for before feedback is opened: 32 packets, a tenth of a second at 3 Mbit/s. What follows
/// in the ring the processor fetches by itself.
const UNHEARD_BYTES: usize = 256;

/// The packets sent to one peer that are numbered across its streams
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
///
/// Eight bytes a packet in a ring that doubles while it is full of packets not yet heard of,
/// halves when a quarter would do, and is freed when nothing is sent.
#[derive(Debug, Default)]
pub struct History {
    /// Empty, or a power of two.
    entries: Vec<Entry>,
    /// The number the next packet gets, extended.
    next: u64,
    /// The oldest number no feedback has spoken of.
    unheard: u64,
    /// Most numbers that waited for feedback since the last [`trim`](Self::trim).
    peak: usize,
    /// Feedback has come.
    told: bool,
    /// When the last packet left.
    last: Stamp,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    sent: Stamp,
    size: u16,
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Nothing was sent under this number since the ring came round.
    #[default]
    Empty,
    Waiting,
    Lost,
    Arrived,
}

/// What feedback says of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Arrived,
    /// It did not, or not yet.
    Missing,
}

/// A packet whose fate is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// When it left.
    pub sent: Stamp,
    /// Its bytes.
    pub size: u16,
    /// Feedback before called it missing.
    pub was_missing: bool,
}

impl History {
    /// The number the next packet is to carry.
    #[must_use]
    pub const fn next(&self) -> u16 {
        self.next as u16
    }

    /// Asks for where the next packet is noted.
    #[inline]
    pub(crate) fn prefetch(&self) {
        if let Some(entry) = self.entries.get(self.place(self.next)) {
            prefetch(entry);
        }
    }

    /// Asks for what the next feedback will speak of.
    #[inline]
    pub(crate) fn prefetch_unheard(&self) {
        let from = self.place(self.unheard);
        if let Some(entries) = self.entries.get(from..) {
            prefetch_front(entries, UNHEARD_BYTES);
        }
    }

    /// Notes that a packet of `size` bytes left under [`next`](Self::next).
    pub fn record(&mut self, now: Stamp, size: usize) {
        if self.waiting() >= self.entries.len() {
            self.make_room(now);
        }
        let at = self.place(self.next);
        let size = u16::try_from(size).unwrap_or(u16::MAX);
        if let Some(entry) = self.entries.get_mut(at) {
            *entry = Entry { sent: now, size, state: State::Waiting };
        }
        self.next += 1;
        self.last = now;
        self.peak = self.peak.max(self.waiting());
    }

    /// Takes in what feedback says of wire number `seq`: the packet, if that is news.
    pub fn resolve(&mut self, seq: u16, fate: Fate) -> Option<Resolved> {
        // Even one that comes too late to be matched says that more should be remembered.
        self.told = true;
        let newest = self.next.checked_sub(1)?;
        let behind = (newest as u16).wrapping_sub(seq);
        if usize::from(behind) >= self.entries.len() {
            return None;
        }
        let number = newest.checked_sub(behind.into())?;
        self.unheard = self.unheard.max(number + 1);
        let at = self.place(number);
        let entry = self.entries.get_mut(at)?;
        let before = entry.state;
        let news = match (before, fate) {
            (State::Waiting, Fate::Missing) => State::Lost,
            (State::Waiting | State::Lost, Fate::Arrived) => State::Arrived,
            _ => return None,
        };
        entry.state = news;
        let was_missing = before == State::Lost;
        Some(Resolved { sent: entry.sent, size: entry.size, was_missing })
    }

    /// Bytes of what was sent before wire number `first` and no feedback has spoken of: that on
    /// them was lost, if the next begins with `first`. Each is told once.
    pub fn skip_to(&mut self, first: u16) -> u32 {
        let Some(newest) = self.next.checked_sub(1) else { return 0 };
        let behind = (newest as u16).wrapping_sub(first);
        let Some(number) = newest.checked_sub(behind.into()) else { return 0 };
        if usize::from(behind) >= self.entries.len() || number <= self.unheard {
            return 0;
        }
        let skipped = self.unheard..number;
        self.unheard = number;
        let entries = skipped.map(|number| self.entries[self.place(number)]);
        entries.filter(|entry| entry.state == State::Waiting).map(|e| u32::from(e.size)).sum()
    }

    /// How long a packet is under way at most of which nothing was heard, nor of any after it.
    #[must_use]
    pub fn silence(&self, now: Stamp) -> Duration {
        if self.waiting() == 0 {
            return Duration::ZERO;
        }
        let oldest = self.entries[self.place(self.unheard)].sent;
        Duration::from_micros(now.since(oldest).max(0).unsigned_abs().into())
    }

    /// Gives back what is not needed; to be called about once a second.
    pub fn trim(&mut self, now: Stamp) {
        if self.entries.is_empty() {
            return;
        }
        if now.since(self.last) > IDLE_MICROS {
            self.entries = Vec::new();
            self.unheard = self.next;
        } else if self.entries.len() > LEAST && self.peak * 4 <= self.entries.len() {
            self.resize(self.entries.len() / 2);
        }
        self.peak = self.waiting();
    }

    /// Bytes held on the heap.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// Packets nothing was heard of.
    fn waiting(&self) -> usize {
        // At most as many as there are entries.
        (self.next - self.unheard) as usize
    }

    fn make_room(&mut self, now: Stamp) {
        let len = self.entries.len();
        if len == 0 {
            self.entries = vec![Entry::default(); LEAST];
            self.unheard = self.next;
            return;
        }
        let most = if self.told { MOST } else { UNTOLD };
        let oldest = self.entries[self.place(self.unheard)];
        if len < most && now.since(oldest.sent) < KEEP_MICROS {
            self.resize(len * 2);
        } else {
            self.unheard += 1;
        }
    }

    fn resize(&mut self, len: usize) {
        let mut entries = vec![Entry::default(); len];
        let kept = self.entries.len().min(len) as u64;
        for number in self.next.saturating_sub(kept)..self.next {
            entries[number as usize & (len - 1)] = self.entries[self.place(number)];
        }
        self.entries = entries;
        self.unheard = self.unheard.max(self.next.saturating_sub(kept));
    }

    fn place(&self, number: u64) -> usize {
        // A power of two, so the cast only drops bits the mask drops.
        number as usize & self.entries.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: u32) -> Stamp {
        Stamp(ms.wrapping_mul(1_000))
    }

    #[test]
    fn what_feedback_passes_over_is_told_once_as_bytes() {
        let mut history = History::default();
        (0..10).for_each(|ms| history.record(at(ms), 100));
        assert_eq!(history.skip_to(0), 0, "nothing was passed over");
        assert!(history.resolve(0, Fate::Arrived).is_some());
        // That on packets 1 to 3 was lost.
        assert_eq!(history.skip_to(4), 300);
        assert_eq!(history.skip_to(4), 0, "told once");
        assert!(history.resolve(4, Fate::Arrived).is_some());
        // An older one that comes late still counts, and passes over nothing.
        assert_eq!(history.skip_to(2), 0);
        assert!(history.resolve(2, Fate::Arrived).is_some());
        assert_eq!(history.skip_to(12), 0, "never sent");
        assert_eq!(History::default().skip_to(7), 0);
    }

    #[test]
    fn a_packet_is_told_of_once_and_found_late_once() {
        let mut history = History::default();
        for ms in 0..3 {
            history.record(at(ms), 100);
        }
        let found = Resolved { sent: at(1), size: 100, was_missing: false };
        assert_eq!(history.resolve(1, Fate::Missing), Some(found));
        assert_eq!(history.resolve(1, Fate::Missing), None);
        let late = Resolved { was_missing: true, ..found };
        assert_eq!(history.resolve(1, Fate::Arrived), Some(late));
        assert_eq!(history.resolve(1, Fate::Arrived), None);
        assert_eq!(history.resolve(3, Fate::Arrived), None, "never sent");
        assert_eq!(history.resolve(60_000, Fate::Arrived), None, "never sent");
    }

    #[test]
    fn it_grows_with_what_is_under_way_and_shrinks_to_nothing() {
        let mut history = History::default();
        assert_eq!(history.memory(), 0);
        let mut now = 0;
        let mut heard = 0u16;
        // Nine videos with a round trip of 200 ms: 1,500 packets a second.
        for number in 0u32..15_000 {
            now = number * 2 / 3;
            history.record(at(now), 1_200);
            if number >= 300 {
                // Those that left before it was known to answer may be forgotten.
                assert!(history.resolve(heard, Fate::Arrived).is_some() || number < 600);
                heard = heard.wrapping_add(1);
            }
            if number % 1_500 == 0 {
                history.trim(at(now));
            }
        }
        assert_eq!(history.memory(), 512 * 8);
        for second in 1..8 {
            for _ in 0..20 {
                history.record(at(now + second * 1_000), 80);
                history.resolve(history.next().wrapping_sub(1), Fate::Arrived);
            }
            history.trim(at(now + second * 1_000));
        }
        assert_eq!(history.memory(), LEAST * 8);
        history.trim(at(now + 20_000));
        assert_eq!(history.memory(), 0);
        history.record(at(now + 20_001), 80);
        let last = history.next().wrapping_sub(1);
        assert!(history.resolve(last, Fate::Arrived).is_some());
    }

    #[test]
    fn a_peer_that_never_answers_costs_little() {
        let mut history = History::default();
        for number in 0..20_000 {
            history.record(at(number), 1_200);
            history.trim(at(number));
        }
        assert_eq!(history.memory(), UNTOLD * 8);
        assert!(history.resolve(history.next().wrapping_sub(1), Fate::Arrived).is_some());
    }

    proptest! {
        #[test]
        fn what_is_resolved_was_sent_and_memory_is_bounded(
            steps in proptest::collection::vec((0u8..4, any::<u16>(), 0u32..3_000), 1..400),
        ) {
            let mut history = History::default();
            let mut sent = std::collections::BTreeMap::new();
            let mut now = 0u32;
            for (what, seq, wait) in steps {
                now = now.wrapping_add(wait / 16);
                match what {
                    0 | 1 => {
                        for _ in 0..seq % 40 {
                            sent.insert(history.next(), at(now));
                            history.record(at(now), 7);
                        }
                    }
                    2 => {
                        let seq = history.next().wrapping_sub(seq % 300);
                        if let Some(found) = history.resolve(seq, Fate::Arrived) {
                            prop_assert_eq!(sent.get(&seq), Some(&found.sent));
                        }
                    }
                    _ => history.trim(at(now)),
                }
                prop_assert!(history.memory() <= MOST * 8);
            }
        }
    }
}
