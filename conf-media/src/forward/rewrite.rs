//! Which numbers a packet goes out with: gapless and continuous across switches.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::prefetch::prefetch;
use crate::rtp::{Codec, PICTURE_MASK, PacketFacts, Prefix, picture_is_newer};

/// Stretches remembered. Every switch and every packet left out begins one; more of them place
/// packets that are later, or repair ones that are older, at 48 bytes each.
const MOST_STRETCHES: usize = 32;

/// The numbers and the first payload bytes of an outgoing packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// Sequence number, extended; its low 16 bits go on the wire.
    pub seq: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// Marker bit, as the source set it.
    pub marker: bool,
    /// Payload bytes to send in place of the stored payload's first ones.
    pub prefix: Prefix,
}

/// Keeps one subscription's outgoing stream continuous (RFC 3550, section 5.1), with the picture
/// numbers of VP8 (RFC 7741, section 4.2) and VP9 (RFC 9628, section 4.2).
///
/// Within a lane every number is the incoming one moved by a fixed offset, so losses stay gaps
/// (to be repaired later under the number kept free for them) and reordered packets fall into
/// their place. A switch picks new offsets: the next sequence number, picture id and base-layer
/// index follow the newest ones sent, the timestamp follows by the time that passed. A packet
/// left out on purpose moves the offsets by one from there on.
///
/// Cost: a few additions a packet. Memory: 48 bytes for each stretch remembered.
#[derive(Debug)]
pub struct Rewrite {
    clock_rate: u32,
    /// Numbers to start with.
    first: (u64, u32),
    /// Oldest first; the last is open-ended and current.
    stretches: VecDeque<Stretch>,
    /// Counts switches; stretches of older lanes no longer take packets in.
    lane: u32,
    /// The newest incoming number of the current lane that was placed or left out.
    newest: u64,
    /// The newest outgoing timestamp.
    timestamp: u32,
    clock: Option<Anchor>,
    picture: Option<u16>,
    tl0picidx: Option<u8>,
    /// The newest incoming picture id of the current lane, as fifteen bits.
    incoming_picture: u16,
    /// The incoming picture whose outgoing id was closed up last.
    closed_picture: Option<u16>,
}

/// Consecutive packets of one lane that are moved by the same offsets.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    lane: u32,
    /// Incoming numbers `from..until` go out as `outgoing..`.
    from: u64,
    until: u64,
    outgoing: u64,
    timestamp: u32,
    picture: u16,
    tl0picidx: u8,
}

/// A moment and the outgoing timestamp that stands for it.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    at: Instant,
    timestamp: u32,
}

impl Rewrite {
    /// Asks for what the next packet is placed by.
    #[inline]
    pub(crate) fn prefetch(&self) {
        if let Some(stretch) = self.stretches.back() {
            prefetch(stretch);
        }
    }

    /// A stream for `codec` that starts at the given numbers (random on the wire).
    #[must_use]
    pub fn new(codec: Codec, seq: u16, timestamp: u32) -> Self {
        Self {
            clock_rate: codec.clock_rate(),
            first: ((1 << 16) | u64::from(seq), timestamp),
            stretches: VecDeque::new(),
            lane: 0,
            newest: 0,
            timestamp,
            clock: None,
            picture: None,
            tl0picidx: None,
            incoming_picture: 0,
            closed_picture: None,
        }
    }

    /// Enters a new lane at `packet` (verdict `Switch`): its number follows the last one sent,
    /// its timestamp the last one by the time passed since.
    pub fn switch(&mut self, now: Instant, codec: Codec, packet: &PacketFacts) -> Outgoing {
        self.clock_rate = codec.clock_rate();
        let outgoing = self.stretches.back().map_or(self.first.0, |last| {
            // The newest placed number's own place, or the one a left-out packet gave back.
            let used = (self.newest + 1).saturating_sub(last.from);
            last.outgoing.wrapping_add(used)
        });
        let timestamp = match self.timestamp_at(now) {
            None => self.first.1,
            Some(by_time) => {
                let least = self.timestamp.wrapping_add(self.clock_rate / 1000);
                if is_newer(by_time, least) { by_time } else { least }
            }
        };
        self.lane = self.lane.wrapping_add(1);
        self.closed_picture = None;
        let mut stretch = Stretch {
            lane: self.lane,
            from: packet.seq,
            until: u64::MAX,
            outgoing,
            timestamp: timestamp.wrapping_sub(packet.timestamp),
            picture: 0,
            tl0picidx: 0,
        };
        if let Some(id) = packet.payload.picture_id() {
            let (incoming, _) = id.number();
            self.incoming_picture = incoming;
            // The first picture keeps the low bits of the sequence number: as random.
            let next = self.picture.map_or(self.first.0 as u16, |last| last.wrapping_add(1));
            stretch.picture = next.wrapping_sub(incoming) & PICTURE_MASK;
        }
        if let Some(incoming) = packet.payload.tl0picidx() {
            let next = self.tl0picidx.map_or(self.first.0 as u8, |last| last.wrapping_add(1));
            stretch.tl0picidx = next.wrapping_sub(incoming);
        }
        self.remember(stretch);
        self.newest = packet.seq;
        self.timestamp = timestamp;
        self.clock = Some(Anchor { at: now, timestamp });
        let sent = stretch.renumber(packet, self.incoming_picture);
        self.note_picture(packet, &stretch);
        sent
    }

    /// Numbers for a packet of the current lane (verdict `Forward`), late ones included.
    ///
    /// `None` when the packet is older than anything this subscription can still place, was left
    /// out before, or no lane was entered yet.
    pub fn map(&mut self, now: Instant, packet: &PacketFacts) -> Option<Outgoing> {
        let stretch = *self
            .stretches
            .iter()
            .rev()
            .take_while(|stretch| stretch.lane == self.lane)
            .find(|stretch| (stretch.from..stretch.until).contains(&packet.seq))?;
        self.newest = self.newest.max(packet.seq);
        let sent = stretch.renumber(packet, self.incoming_picture);
        self.note_picture(packet, &stretch);
        if is_newer(sent.timestamp, self.timestamp) {
            self.timestamp = sent.timestamp;
            self.follow_clock(now);
        }
        Some(sent)
    }

    /// Whether an incoming number of the current lane is older than one that was placed or left
    /// out.
    #[must_use]
    pub const fn is_late(&self, seq: u64) -> bool {
        seq < self.newest
    }

    /// Whether an incoming number belongs to what is sent of the current lane, and not to what it
    /// sent before this subscription came to it.
    pub(crate) fn reaches(&self, seq: u64) -> bool {
        let current = self.stretches.iter().rev().take_while(|stretch| stretch.lane == self.lane);
        current.last().is_some_and(|oldest| seq >= oldest.from)
    }

    /// Closes the gap of a packet of the current lane that is left out on purpose.
    ///
    /// Only one newer than all before leaves its number to the next; the number of a late one
    /// was passed over already.
    pub fn skip(&mut self, packet: &PacketFacts) {
        if packet.seq <= self.newest {
            return;
        }
        let Some(last) = self.stretches.back_mut() else { return };
        let mut next = *last;
        next.from = packet.seq + 1;
        next.outgoing = last.outgoing.wrapping_add(packet.seq - last.from);
        let unused = last.from == packet.seq;
        last.until = packet.seq;
        self.newest = packet.seq;
        if let Some(id) = packet.payload.picture_id().filter(|_| packet.payload.closes_up()) {
            let incoming = id.widened(self.incoming_picture);
            if self.closed_picture != Some(incoming)
                && picture_is_newer(incoming, self.incoming_picture)
            {
                self.closed_picture = Some(incoming);
                self.incoming_picture = incoming;
                next.picture = next.picture.wrapping_sub(1) & PICTURE_MASK;
            }
        }
        if unused {
            *last = next;
        } else {
            self.remember(next);
        }
    }

    /// The numbers a packet already had, for its retransmission: `seq` is its outgoing number on
    /// the wire, `packet` what the ring holds of it. Works across switches.
    #[must_use]
    pub fn again(&self, seq: u16, packet: &PacketFacts) -> Option<Outgoing> {
        let stretch = self.stretches.iter().rev().find(|stretch| {
            (stretch.from..stretch.until).contains(&packet.seq)
                && stretch.outgoing.wrapping_add(packet.seq - stretch.from) as u16 == seq
        })?;
        Some(stretch.renumber(packet, self.incoming_picture))
    }

    /// The outgoing timestamp that stands for `now`, for sender reports; `None` before the first
    /// packet.
    #[must_use]
    pub fn timestamp_at(&self, now: Instant) -> Option<u32> {
        let anchor = self.clock?;
        let elapsed = now.saturating_duration_since(anchor.at);
        Some(anchor.timestamp.wrapping_add(ticks(elapsed, self.clock_rate)))
    }

    /// Follows the source's clock by the packets that took the least time to get here: an early
    /// one moves the anchor at once, late ones pull it only a little, so that jitter does not
    /// reach the sender reports and drift does.
    fn follow_clock(&mut self, now: Instant) {
        let Some(anchor) = self.clock else { return };
        let elapsed = now.saturating_duration_since(anchor.at);
        let by_time = anchor.timestamp.wrapping_add(ticks(elapsed, self.clock_rate));
        let late = by_time.wrapping_sub(self.timestamp) as i32;
        let pulled = if late > 0 { late / 64 } else { late };
        self.clock = Some(Anchor { at: now, timestamp: by_time.wrapping_sub(pulled as u32) });
    }

    fn note_picture(&mut self, packet: &PacketFacts, stretch: &Stretch) {
        if let Some(id) = packet.payload.picture_id() {
            let incoming = id.widened(self.incoming_picture);
            if picture_is_newer(incoming, self.incoming_picture) {
                self.incoming_picture = incoming;
            }
            let sent = incoming.wrapping_add(stretch.picture) & PICTURE_MASK;
            if self.picture.is_none_or(|newest| picture_is_newer(sent, newest)) {
                self.picture = Some(sent);
            }
        }
        if let Some(incoming) = packet.payload.tl0picidx() {
            let sent = incoming.wrapping_add(stretch.tl0picidx);
            if self.tl0picidx.is_none_or(|newest| sent.wrapping_sub(newest) as i8 > 0) {
                self.tl0picidx = Some(sent);
            }
        }
    }

    fn remember(&mut self, stretch: Stretch) {
        if self.stretches.len() >= MOST_STRETCHES {
            self.stretches.pop_front();
        }
        self.stretches.push_back(stretch);
    }
}

impl Stretch {
    /// Moves the packet's numbers by this stretch's offsets; `near` is a picture id to widen a
    /// seven-bit one by.
    fn renumber(&self, packet: &PacketFacts, near: u16) -> Outgoing {
        let incoming = packet.payload.picture_id().map_or(0, |id| id.widened(near));
        let picture = incoming.wrapping_add(self.picture) & PICTURE_MASK;
        let base = packet.payload.tl0picidx().unwrap_or(0).wrapping_add(self.tl0picidx);
        Outgoing {
            seq: self.outgoing.wrapping_add(packet.seq.wrapping_sub(self.from)),
            timestamp: packet.timestamp.wrapping_add(self.timestamp),
            marker: packet.marker,
            prefix: packet.payload.renumbered(picture, base),
        }
    }
}

/// Whether `a` is ahead of `b` on the timestamp circle.
const fn is_newer(a: u32, b: u32) -> bool {
    a.wrapping_sub(b) as i32 > 0
}

/// `span` in ticks of a clock of `rate` ticks a second, on the timestamp circle.
fn ticks(span: Duration, rate: u32) -> u32 {
    (span.as_micros() * u128::from(rate) / 1_000_000) as u32
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
