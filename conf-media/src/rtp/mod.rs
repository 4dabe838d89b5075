//! What one RTP packet says: header, sequence, and the payload facts forwarding needs.

pub mod header;
pub mod opus;
pub mod packet;
pub mod seq;
pub mod vp8;

pub use header::{RtpHeader, write_header};
pub use packet::{AudioLevel, ExtensionIds, Extensions, RtpError, RtpView, header_len};
pub use seq::{SeqExtender, TimestampExtender};

/// A codec the forwarder understands well enough to switch between sources.
///
/// The outside world can grow this set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// RFC 6716, RTP payload RFC 7587.
    Opus,
    /// RFC 6386, RTP payload RFC 7741.
    Vp8,
}

impl Codec {
    /// RTP clock in ticks per second.
    #[must_use]
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::Vp8 => 90_000,
        }
    }

    /// Whether pictures are carried, so that a switch has to wait for a keyframe.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Vp8)
    }
}

/// What forwarding needs to know of one packet, parsed once and kept beside it in the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketFacts {
    /// Incoming sequence number, extended to 64 bits.
    pub seq: u64,
    /// Incoming RTP timestamp as on the wire.
    pub timestamp: u32,
    /// The marker bit, passed on unchanged.
    pub marker: bool,
    /// Padding only: nothing to forward, and its number closes up.
    pub empty: bool,
    /// First packet of a frame (always true for audio).
    pub frame_start: bool,
    /// Belongs to a frame that needs no other (always true for audio).
    ///
    /// For VP8 only known on the frame's first packet; false on the others.
    pub keyframe: bool,
    /// Temporal layer id, 0 when the stream has none.
    pub temporal: u8,
    /// The sender's audio level, if the packet carried one (RFC 6464).
    pub audio_level: Option<AudioLevel>,
    /// What the payload descriptor said.
    pub payload: PayloadFacts,
}

impl PacketFacts {
    /// Parses the payload's descriptor for `codec`; `seq` is the extended sequence number.
    ///
    /// # Errors
    /// When a VP8 descriptor is cut short; an empty payload (padding only) is fine and opaque.
    pub fn read(codec: Codec, seq: u64, view: &RtpView<'_>) -> Result<Self, vp8::Vp8Error> {
        let mut facts = Self {
            seq,
            timestamp: view.timestamp,
            marker: view.marker,
            empty: view.payload().is_empty(),
            frame_start: true,
            keyframe: true,
            temporal: 0,
            audio_level: None,
            payload: PayloadFacts::Opaque,
        };
        if codec == Codec::Vp8 {
            facts.frame_start = false;
            facts.keyframe = false;
            if !facts.empty {
                let descriptor = vp8::Descriptor::parse(view.payload())?;
                facts.frame_start = descriptor.frame_start();
                facts.keyframe = descriptor.keyframe;
                facts.temporal = descriptor.temporal.unwrap_or(0);
                facts.payload = PayloadFacts::Vp8(descriptor);
            }
        }
        Ok(facts)
    }

    /// Whether a receiver that has seen nothing of this stream can begin here.
    #[must_use]
    pub const fn is_entry(&self) -> bool {
        self.keyframe && self.frame_start
    }
}

/// The part of [`PacketFacts`] that differs by codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadFacts {
    /// Nothing to rewrite inside the payload.
    Opaque,
    /// A VP8 payload descriptor.
    Vp8(vp8::Descriptor),
}
