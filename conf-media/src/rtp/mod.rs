//! What one RTP packet says: header, sequence, and the payload facts forwarding needs.

pub mod av1;
mod bits;
mod codec;
pub mod h264;
pub mod header;
pub mod opus;
pub mod packet;
pub mod payload;
mod picture;
mod prefix;
pub mod red;
pub mod seq;
pub mod vp8;
pub mod vp9;

pub use codec::Codec;
pub use header::{RtpHeader, write_header};
pub(crate) use packet::FIXED_HEADER;
pub use packet::{AudioLevel, ExtensionIds, Extensions, RtpError, RtpView, header_len};
pub use payload::{FrameFacts, PayloadError, PayloadFacts};
pub use picture::PictureId;
pub(crate) use picture::{PICTURE_MASK, picture_is_newer};
pub use prefix::Prefix;
pub use seq::{SeqExtender, TimestampExtender};

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
    /// Only known on the packet a frame begins with, and where a payload descriptor says it on
    /// the others too.
    pub keyframe: bool,
    /// Temporal layer id, 0 when the stream has none.
    pub temporal: u8,
    /// The sender's audio level, if the packet carried one (RFC 6464).
    pub audio_level: Option<AudioLevel>,
    /// What the payload descriptor said.
    pub payload: PayloadFacts,
}

impl PacketFacts {
    /// Parses what the payload of `codec` begins with; `seq` is the extended sequence number.
    ///
    /// # Errors
    /// When the payload is cut short or not what its codec allows; an empty payload (padding
    /// only) is fine and opaque.
    pub fn read(codec: Codec, seq: u64, view: &RtpView<'_>) -> Result<Self, PayloadError> {
        let payload = view.payload();
        let mut facts = Self {
            seq,
            timestamp: view.timestamp,
            marker: view.marker,
            empty: payload.is_empty(),
            frame_start: !codec.is_video(),
            keyframe: !codec.is_video(),
            temporal: 0,
            audio_level: None,
            payload: PayloadFacts::Opaque,
        };
        if facts.empty {
            return Ok(facts);
        }
        match codec {
            Codec::Opus => {}
            Codec::Red => facts.payload = PayloadFacts::Red(red::Layout::parse(payload)?),
            Codec::Vp8 => {
                let descriptor = vp8::Descriptor::parse(payload)?;
                facts.frame_start = descriptor.frame_start();
                facts.keyframe = descriptor.keyframe;
                facts.temporal = descriptor.temporal.unwrap_or(0);
                facts.payload = PayloadFacts::Vp8(descriptor);
            }
            Codec::Vp9 => {
                let descriptor = vp9::Descriptor::parse(payload)?;
                facts.frame_start = descriptor.frame_start();
                facts.keyframe = descriptor.keyframe();
                facts.temporal = descriptor.temporal();
                facts.payload = PayloadFacts::Vp9(descriptor);
            }
            Codec::H264 => facts.note(h264::read(payload)?),
            Codec::Av1 => facts.note(av1::read(payload)?),
        }
        Ok(facts)
    }

    fn note(&mut self, frame: FrameFacts) {
        self.frame_start = frame.start;
        self.keyframe = frame.key;
        if let Some((width, height)) = frame.size {
            self.payload = PayloadFacts::Sized(width, height);
        }
    }

    /// Whether a receiver that has seen nothing of this stream can begin here.
    #[must_use]
    pub const fn is_entry(&self) -> bool {
        self.keyframe && self.frame_start
    }
}
