//! What forwarding reads of a payload, whatever the codec: numbers to rewrite, sizes, refusals.

use super::{Codec, PictureId, Prefix, red, vp8, vp9};

/// The part of [`super::PacketFacts`] that differs by codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadFacts {
    /// Nothing to rewrite inside the payload.
    Opaque,
    /// Nothing to rewrite, and a keyframe's width and height in pixels (H.264, AV1).
    Sized(u16, u16),
    /// A VP8 payload descriptor.
    Vp8(vp8::Descriptor),
    /// A VP9 payload descriptor.
    Vp9(vp9::Descriptor),
    /// Opus wrapped in redundancy.
    Red(red::Layout),
}

impl PayloadFacts {
    /// The picture's number, where the payload carries one.
    #[must_use]
    pub const fn picture_id(&self) -> Option<PictureId> {
        match self {
            Self::Vp8(descriptor) => descriptor.picture_id,
            Self::Vp9(descriptor) => descriptor.picture_id,
            Self::Opaque | Self::Sized(..) | Self::Red(_) => None,
        }
    }

    /// The running number of base-layer frames, where the payload carries one.
    #[must_use]
    pub const fn tl0picidx(&self) -> Option<u8> {
        match self {
            Self::Vp8(descriptor) => descriptor.tl0picidx,
            Self::Vp9(descriptor) => descriptor.tl0picidx,
            Self::Opaque | Self::Sized(..) | Self::Red(_) => None,
        }
    }

    /// Width and height in pixels, where this packet of a keyframe tells them.
    #[must_use]
    pub const fn size(&self) -> Option<(u16, u16)> {
        match self {
            Self::Sized(width, height) => Some((*width, *height)),
            Self::Vp8(descriptor) => descriptor.size,
            Self::Vp9(descriptor) => descriptor.size,
            Self::Opaque | Self::Red(_) => None,
        }
    }

    /// Whether the number of a picture left out on purpose is given to the next one.
    ///
    /// VP9 names the pictures one refers to by the distance of their numbers (RFC 9628,
    /// section 4.2), so that its numbers must keep their distances; VP8 has no such references.
    #[must_use]
    pub const fn closes_up(&self) -> bool {
        matches!(self, Self::Vp8(_))
    }

    /// The payload's first bytes with other numbers; fields the source lacks stay absent.
    #[must_use]
    pub fn renumbered(&self, picture_id: u16, tl0picidx: u8) -> Prefix {
        match self {
            Self::Vp8(descriptor) => descriptor.renumbered(picture_id, tl0picidx),
            Self::Vp9(descriptor) => descriptor.renumbered(picture_id, tl0picidx),
            Self::Opaque | Self::Sized(..) | Self::Red(_) => Prefix::default(),
        }
    }
}

/// What one packet says of the frame it is a part of, for codecs whose payloads are not rewritten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrameFacts {
    /// The frame begins with this packet.
    pub start: bool,
    /// It belongs to a frame that needs no other.
    pub key: bool,
    /// Width and height in pixels, if the packet tells.
    pub size: Option<(u16, u16)>,
}

/// Why a payload is not what its payload type promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// It ends before what its flags or lengths promise.
    #[error("{codec} payload cut short: {needed} bytes are promised, it has {available}")]
    Truncated {
        /// Of which codec.
        codec: Codec,
        /// Bytes needed from the payload's start.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// It has something the format or the negotiation rules out.
    #[error("{codec} payload has {what} {found}, expected {expected}")]
    Forbidden {
        /// Of which codec.
        codec: Codec,
        /// What was looked at.
        what: &'static str,
        /// Its value.
        found: u8,
        /// What would have been understood.
        expected: &'static str,
    },
}

/// Walks a payload's bytes and says where it ended too early.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    codec: Codec,
    payload: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(codec: Codec, payload: &'a [u8]) -> Self {
        Self { codec, payload, at: 0 }
    }

    pub(super) fn byte(&mut self) -> Result<u8, PayloadError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn word(&mut self) -> Result<u16, PayloadError> {
        let word = self.take(2)?;
        Ok(u16::from_be_bytes([word[0], word[1]]))
    }

    /// A picture id of one or two bytes, as VP8 and VP9 write it.
    pub(super) fn picture_id(&mut self) -> Result<PictureId, PayloadError> {
        let high = self.byte()?;
        if high & 0x80 == 0 {
            return Ok(PictureId::Short(high));
        }
        Ok(PictureId::Long(u16::from_be_bytes([high & 0x7f, self.byte()?])))
    }

    /// The next `count` bytes, exactly.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], PayloadError> {
        let end = self.at.saturating_add(count);
        let (codec, available) = (self.codec, self.payload.len());
        let taken = self.payload.get(self.at..end).ok_or(PayloadError::Truncated {
            codec,
            needed: end,
            available,
        })?;
        self.at = end;
        Ok(taken)
    }

    /// What follows.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.payload.get(self.at..).unwrap_or_default()
    }
}
