//! Which codecs are forwarded, and what of each the path must know.

use std::fmt;

/// A codec the forwarder understands well enough to switch between sources.
///
/// The outside world can grow this set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// RFC 6716, RTP payload RFC 7587.
    Opus,
    /// Opus with earlier packets repeated beside it (RFC 2198).
    Red,
    /// RFC 6386, RTP payload RFC 7741.
    Vp8,
    /// ITU-T H.264, RTP payload RFC 6184 in its non-interleaved mode.
    H264,
    /// VP9 of profile 0, RTP payload RFC 9628.
    Vp9,
    /// AV1 of the main profile, RTP payload by the Alliance for Open Media (v1.0).
    Av1,
}

impl Codec {
    /// The video codecs.
    pub const VIDEO: [Self; 4] = [Self::Vp8, Self::H264, Self::Vp9, Self::Av1];

    /// RTP clock in ticks per second.
    #[must_use]
    pub const fn clock_rate(self) -> u32 {
        if self.is_video() { 90_000 } else { 48_000 }
    }

    /// Whether pictures are carried, so that a switch has to wait for a keyframe.
    #[must_use]
    pub const fn is_video(self) -> bool {
        match self {
            Self::Opus | Self::Red => false,
            Self::Vp8 | Self::H264 | Self::Vp9 | Self::Av1 => true,
        }
    }

    /// What a decoder is given: the codec itself, or the one inside a wrapper.
    #[must_use]
    pub const fn unwrapped(self) -> Self {
        match self {
            Self::Red => Self::Opus,
            codec => codec,
        }
    }

    /// Its name in `a=rtpmap`; compared without regard to case.
    #[must_use]
    pub const fn encoding_name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Red => "red",
            Self::Vp8 => "VP8",
            Self::H264 => "H264",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opus => "opus",
            Self::Red => "red",
            Self::Vp8 => "vp8",
            Self::H264 => "h264",
            Self::Vp9 => "vp9",
            Self::Av1 => "av1",
        })
    }
}
