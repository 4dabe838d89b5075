//! Which numbers a packet goes out with: gapless and continuous across switches.

use std::time::Instant;

use crate::rtp::vp8::Prefix;
use crate::rtp::{Codec, PacketFacts, PayloadFacts};

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

/// Keeps one subscription's outgoing stream continuous.
#[derive(Debug)]
pub struct Rewrite {
    clock_rate: u32,
    next_seq: u64,
}

impl Rewrite {
    /// A stream for `codec` that starts at the given numbers (random on the wire).
    #[must_use]
    pub fn new(codec: Codec, seq: u16, timestamp: u32) -> Self {
        let _ = timestamp;
        Self { clock_rate: codec.clock_rate(), next_seq: (1 << 16) | u64::from(seq) }
    }

    /// Enters a new lane at `packet` (verdict `Switch`): its number follows the last one sent,
    /// its timestamp the last one by the time passed since.
    pub fn switch(&mut self, now: Instant, codec: Codec, packet: &PacketFacts) -> Outgoing {
        let _ = (now, packet, self.clock_rate, self.next_seq);
        self.clock_rate = codec.clock_rate();
        Outgoing { seq: 0, timestamp: 0, marker: packet.marker, prefix: Prefix::default() }
    }

    /// Numbers for a packet of the current lane (verdict `Forward`), late ones included.
    ///
    /// `None` when the packet is older than anything this subscription can still place.
    pub fn map(&mut self, now: Instant, packet: &PacketFacts) -> Option<Outgoing> {
        let _ = (now, matches!(packet.payload, PayloadFacts::Opaque));
        None
    }

    /// Closes the gap of a packet of the current lane that is left out on purpose.
    pub fn skip(&mut self, packet: &PacketFacts) {
        let _ = packet;
    }

    /// Numbers for a packet that was already sent, for its retransmission; changes nothing.
    #[must_use]
    pub fn lookup(&self, packet: &PacketFacts) -> Option<Outgoing> {
        let _ = packet;
        None
    }

    /// The outgoing timestamp that stands for `now`: for sender reports.
    #[must_use]
    pub fn timestamp_at(&self, now: Instant) -> Option<u32> {
        let _ = now;
        None
    }
}
