//! What one encoding sent lately: decrypted packets for fan-out, repairs and taps alike.

use std::collections::VecDeque;
use std::time::Instant;

use crate::rtp::{PacketFacts, Prefix};
use crate::unit::DataSize;

/// Room before each payload, for what leaves in front of it: another descriptor, and the number
/// that a repair begins with (RFC 4588, section 4).
const HEADROOM: usize = Prefix::MAX + OSN;
/// Bytes of that number.
const OSN: usize = 2;

/// How much a ring may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingLimits {
    /// Packets it can find by number; rounded up to a power of two.
    pub packets: usize,
    /// Bytes of one piece of its arena; the longest payload it takes has a few less.
    pub chunk: usize,
    /// Pieces at most. More keep packets for longer at high rates.
    pub chunks: usize,
}

impl RingLimits {
    /// For one video encoding: a second of 8 Mbit/s, or 1024 packets, at most 1 MB.
    pub const VIDEO: Self = Self { packets: 1024, chunk: 64 * 1024, chunks: 16 };
    /// For audio: 128 packets (2.5 s of 20 ms), at most 48 kB, mostly far less.
    pub const AUDIO: Self = Self { packets: 128, chunk: 4 * 1024, chunks: 12 };
}

/// What became of a packet handed to [`Ring::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insert {
    /// It is kept.
    Stored,
    /// It was there already.
    Duplicate,
    /// Newer packets have taken its place.
    TooOld,
    /// It is longer than a chunk.
    TooLong,
}

/// A packet lent from the ring.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// What was parsed of it.
    pub facts: &'a PacketFacts,
    /// Its payload, decrypted, without padding. Bytes that [`Ring::dress`] replaced are as it
    /// was last called; what they said at first is in the facts.
    pub payload: &'a [u8],
    /// When it arrived.
    pub arrived: Instant,
}

/// A bounded store of packets, found by extended sequence number.
///
/// Payloads lie end to end in chunks that are allocated when first needed and then reused oldest
/// first, so that a silent source costs nothing and a quiet one only a chunk or two. A packet is
/// lost when its number is `packets` behind the newest or its chunk was reused.
#[derive(Debug)]
pub struct Ring {
    limits: RingLimits,
    slots: Vec<Option<Slot>>,
    chunks: VecDeque<Chunk>,
    /// The running number of `chunks[0]`.
    first_chunk: u64,
    newest: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    facts: PacketFacts,
    arrived: Instant,
    chunk: u64,
    start: u32,
    len: u32,
}

#[derive(Debug)]
struct Chunk {
    bytes: Box<[u8]>,
    used: usize,
    /// The newest packet in it: once that has left the window, the chunk is free.
    newest: u64,
}

impl Ring {
    /// An empty ring; allocates nothing.
    #[must_use]
    pub fn new(limits: RingLimits) -> Self {
        let limits = RingLimits {
            packets: limits.packets.clamp(1, 1 << 15).next_power_of_two(),
            chunk: limits.chunk.clamp(1, 1 << 24),
            chunks: limits.chunks.max(1),
        };
        Self { limits, slots: Vec::new(), chunks: VecDeque::new(), first_chunk: 0, newest: None }
    }

    /// Keeps a copy of `payload` under `facts.seq`.
    pub fn insert(&mut self, now: Instant, facts: &PacketFacts, payload: &[u8]) -> Insert {
        if HEADROOM + payload.len() > self.limits.chunk {
            return Insert::TooLong;
        }
        let newest = self.newest.map_or(facts.seq, |newest| newest.max(facts.seq));
        if newest - facts.seq >= self.limits.packets as u64 {
            return Insert::TooOld;
        }
        if self.slots.is_empty() {
            self.slots.resize(self.limits.packets, None);
        }
        let at = self.place(facts.seq);
        if self.slots[at].is_some_and(|slot| slot.facts.seq == facts.seq) {
            return Insert::Duplicate;
        }
        self.newest = Some(newest);
        let (chunk, start) = self.append(facts.seq, newest, payload);
        self.slots[at] = Some(Slot {
            facts: *facts,
            arrived: now,
            chunk,
            // Both fit: chunks are at most 16 MB.
            start: start as u32,
            len: payload.len() as u32,
        });
        Insert::Stored
    }

    /// The packet with extended number `seq`, if it is still held.
    #[must_use]
    pub fn get(&self, seq: u64) -> Option<Stored<'_>> {
        let slot = self.slots.get(self.place(seq))?.as_ref()?;
        let window = self.limits.packets as u64;
        if slot.facts.seq != seq || self.newest? - seq >= window {
            return None;
        }
        let chunk =
            self.chunks.get(usize::try_from(slot.chunk.checked_sub(self.first_chunk)?).ok()?)?;
        let payload = chunk.bytes.get(slot.start as usize..(slot.start + slot.len) as usize)?;
        Some(Stored { facts: &slot.facts, payload, arrived: slot.arrived })
    }

    /// The payload of packet `seq` as it leaves: `head` (two bytes at most) and `prefix` written
    /// straight in front of what they leave of it. Nothing is copied but those few bytes.
    #[must_use]
    pub fn dress(&mut self, seq: u64, head: &[u8], prefix: &Prefix) -> Option<&[u8]> {
        let at = self.place(seq);
        let slot = self.slots.get(at)?.as_ref().filter(|slot| slot.facts.seq == seq)?;
        if self.newest? - seq >= self.limits.packets as u64 || head.len() > OSN {
            return None;
        }
        let chunk = usize::try_from(slot.chunk.checked_sub(self.first_chunk)?).ok()?;
        let bytes = &mut self.chunks.get_mut(chunk)?.bytes;
        let (start, end) = (slot.start as usize, (slot.start + slot.len) as usize);
        let rest = start + prefix.replaces().min(slot.len as usize);
        let described = rest.checked_sub(prefix.bytes().len())?;
        let begin = described.checked_sub(head.len())?;
        bytes.get_mut(begin..described)?.copy_from_slice(head);
        bytes.get_mut(described..rest)?.copy_from_slice(prefix.bytes());
        bytes.get(begin..end)
    }

    /// The packets held after `seq`, in order, with gaps where some are missing.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = Stored<'_>> {
        let end = self.newest.unwrap_or(0);
        let oldest = end.saturating_sub(self.limits.packets as u64 - 1);
        (seq.saturating_add(1).max(oldest)..=end).filter_map(|seq| self.get(seq))
    }

    /// Gives all memory back, for a source that went silent; the numbers seen are kept.
    pub fn release(&mut self) {
        self.slots = Vec::new();
        self.first_chunk += self.chunks.len() as u64;
        self.chunks = VecDeque::new();
    }

    /// The newest extended number stored.
    #[must_use]
    pub const fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Memory held now.
    #[must_use]
    pub fn memory(&self) -> DataSize {
        let slots = self.slots.len() * size_of::<Option<Slot>>();
        let chunks = self.chunks.len() * self.limits.chunk;
        DataSize::from_bytes((slots + chunks) as u64)
    }

    /// Copies `payload` to the end of the arena; returns the chunk's running number and offset.
    fn append(&mut self, seq: u64, newest: u64, payload: &[u8]) -> (u64, usize) {
        let taken = HEADROOM + payload.len();
        let room = self.chunks.back().is_some_and(|c| c.used + taken <= c.bytes.len());
        if !room {
            let window = self.limits.packets as u64;
            let reuse = self.chunks.len() >= self.limits.chunks
                || self.chunks.front().is_some_and(|c| newest.saturating_sub(c.newest) >= window);
            let recycled = if reuse { self.chunks.pop_front() } else { None };
            let bytes = match recycled {
                Some(oldest) => {
                    self.first_chunk += 1;
                    oldest.bytes
                }
                None => vec![0; self.limits.chunk].into_boxed_slice(),
            };
            self.chunks.push_back(Chunk { bytes, used: 0, newest: seq });
        }
        let number = self.first_chunk + self.chunks.len() as u64 - 1;
        let last = self.chunks.len() - 1;
        let chunk = &mut self.chunks[last];
        let start = chunk.used + HEADROOM;
        chunk.bytes[start..start + payload.len()].copy_from_slice(payload);
        chunk.used += taken;
        chunk.newest = chunk.newest.max(seq);
        (number, start)
    }

    fn place(&self, seq: u64) -> usize {
        // The capacity is a power of two below 2^16, so the cast only drops bits the mask drops.
        seq as usize & (self.limits.packets - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtp::PayloadFacts;

    const SMALL: RingLimits = RingLimits { packets: 8, chunk: 100 + HEADROOM, chunks: 3 };

    fn facts(seq: u64) -> PacketFacts {
        PacketFacts {
            seq,
            timestamp: 0,
            marker: false,
            empty: false,
            frame_start: true,
            keyframe: true,
            temporal: 0,
            audio_level: None,
            payload: PayloadFacts::Opaque,
        }
    }

    #[test]
    fn a_silent_source_costs_nothing_and_a_released_one_again() {
        let mut ring = Ring::new(RingLimits::VIDEO);
        assert_eq!(ring.memory(), DataSize::ZERO);
        assert!(ring.get(5).is_none());
        ring.insert(Instant::now(), &facts(5), b"x");
        assert!(ring.memory() > DataSize::ZERO);
        ring.release();
        assert_eq!(ring.memory(), DataSize::ZERO);
        assert!(ring.get(5).is_none());
        assert_eq!(ring.insert(Instant::now(), &facts(6), b"y"), Insert::Stored);
        assert_eq!(ring.get(6).unwrap().payload, b"y");
    }

    #[test]
    fn a_duplicate_an_ancient_and_a_giant_are_refused() {
        let mut ring = Ring::new(SMALL);
        let now = Instant::now();
        assert_eq!(ring.insert(now, &facts(100), b"a"), Insert::Stored);
        assert_eq!(ring.insert(now, &facts(100), b"b"), Insert::Duplicate);
        assert_eq!(ring.get(100).unwrap().payload, b"a");
        assert_eq!(ring.insert(now, &facts(92), b"c"), Insert::TooOld);
        assert_eq!(ring.insert(now, &facts(93), b"d"), Insert::Stored);
        assert_eq!(ring.insert(now, &facts(101), &[0; 101]), Insert::TooLong);
        assert_eq!(ring.newest(), Some(100));
    }

    #[test]
    fn packets_after_a_number_come_in_order_with_gaps_left_out() {
        let mut ring = Ring::new(SMALL);
        for seq in [10, 13, 11, 15] {
            ring.insert(Instant::now(), &facts(seq), &[seq as u8]);
        }
        let found: Vec<_> = ring.after(10).map(|stored| stored.facts.seq).collect();
        assert_eq!(found, [11, 13, 15]);
        assert_eq!(ring.after(15).count(), 0);
    }

    #[test]
    fn a_payload_is_dressed_anew_for_each_who_gets_it() {
        let mut ring = Ring::new(SMALL);
        for (seq, payload) in [(5, b"one"), (6, b"two"), (7, b"tri")] {
            ring.insert(Instant::now(), &facts(seq), payload);
        }
        let longer = Prefix::new(*b"abcdef", 6, 1);
        assert_eq!(ring.dress(6, &[], &longer), Some(&b"abcdefwo"[..]));
        assert_eq!(ring.dress(6, b"NN", &longer), Some(&b"NNabcdefwo"[..]));
        assert_eq!(ring.dress(6, b"NN", &Prefix::new(*b"xxxxxx", 1, 1)), Some(&b"NNxwo"[..]));
        assert_eq!(ring.dress(6, &[], &Prefix::leaving_out(2)), Some(&b"o"[..]));
        assert_eq!(ring.dress(5, &[], &Prefix::default()), Some(&b"one"[..]), "neighbours stay");
        assert_eq!(ring.dress(7, &[], &Prefix::default()), Some(&b"tri"[..]));
        assert_eq!(ring.dress(8, &[], &longer), None);
    }

    proptest! {
        #[test]
        fn what_is_lent_is_what_was_put_in_and_memory_is_bounded(
            packets in proptest::collection::vec((0u64..64, 0usize..100), 1..300),
        ) {
            let mut ring = Ring::new(SMALL);
            let mut model = std::collections::BTreeMap::new();
            let mut base = 1000;
            let bound =
                DataSize::from_bytes((3 * SMALL.chunk) as u64 + 8 * size_of::<Option<Slot>>() as u64);
            for (step, (jump, len)) in packets.into_iter().enumerate() {
                base += jump / 8;
                let seq = base + jump % 8;
                let payload = vec![step as u8; len];
                if ring.insert(Instant::now(), &facts(seq), &payload) == Insert::Stored {
                    prop_assert!(model.insert(seq, payload).is_none());
                    prop_assert!(ring.get(seq).is_some());
                }
                prop_assert!(ring.memory() <= bound);
                for (seq, payload) in &model {
                    if let Some(stored) = ring.get(*seq) {
                        prop_assert_eq!(stored.payload, &payload[..]);
                    }
                }
            }
        }
    }
}
