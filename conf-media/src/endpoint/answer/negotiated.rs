//! What an offer and its answer agreed on: the shape the packet path is set up from.

pub use crate::rtp::{Codec as CodecName, ExtensionIds};

use crate::MediaKind;

/// Everything one offer and its answer settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The peer's ICE user name fragment.
    pub remote_ufrag: String,
    /// The peer's ICE password. A lite agent asks nothing and so never needs it.
    pub remote_pwd: String,
    /// SHA-256 of the certificate the peer must present.
    pub remote_fingerprint: [u8; 32],
    /// The CNAME that all our slots share.
    pub cname: String,
    /// Every m-line, by its index in the description.
    pub lines: Vec<Line>,
}

impl Negotiated {
    /// The lines the peer sends on.
    pub fn sends(&self) -> impl Iterator<Item = &SendLine> {
        self.lines.iter().filter_map(|line| match &line.role {
            LineRole::Send(send) => Some(send),
            _ => None,
        })
    }

    /// The lines the peer receives on.
    pub fn slots(&self) -> impl Iterator<Item = &SlotLine> {
        self.lines.iter().filter_map(|line| match &line.role {
            LineRole::Slot(slot) => Some(slot),
            _ => None,
        })
    }
}

/// One m-line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its `a=mid`.
    pub mid: String,
    /// What it is for.
    pub role: LineRole,
    /// SSRCs this line has or once had as a slot; they come back when it is a slot again.
    pub ssrcs: Option<SlotSsrcs>,
}

/// The SSRCs of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotSsrcs {
    /// Carries the media.
    pub media: u32,
    /// Carries repairs.
    pub rtx: Option<u32>,
}

/// What an m-line is for. A closed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineRole {
    /// The peer sends: microphone, camera, screen.
    Send(SendLine),
    /// The peer receives: one slot.
    Slot(SlotLine),
    /// Part of the bundle, but neither side sends (`a=inactive`).
    Inactive,
    /// Not accepted (port 0): data channels, unknown codecs, stopped lines.
    Rejected,
}

/// A line the peer sends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendLine {
    /// Its `a=mid`.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// The one accepted codec; for sound with its redundancy in front, if that was offered.
    pub codecs: Vec<Codec>,
    /// Simulcast encodings in the order offered; empty without simulcast.
    pub rids: Vec<String>,
    /// SSRCs the offer declares for this line; empty when only the extensions tell.
    pub ssrcs: Vec<DeclaredSsrc>,
    /// The header extensions' ids.
    pub extensions: ExtensionIds,
}

/// A line the peer receives on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotLine {
    /// Its `a=mid`.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// Our SSRC on this line, for life.
    pub ssrc: u32,
    /// Our SSRC for repairs, when the peer takes RTX.
    pub rtx_ssrc: Option<u32>,
    /// The codecs the peer takes, with the payload types it wants them under; never empty.
    pub codecs: Vec<Codec>,
    /// The header extensions' ids.
    pub extensions: ExtensionIds,
}

/// An SSRC an offer declares, with the one that repairs it (`a=ssrc-group:FID`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredSsrc {
    /// Carries the media.
    pub media: u32,
    /// Carries its repairs.
    pub rtx: Option<u32>,
}

/// A codec under the payload type its line gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    /// Payload type.
    pub pt: u8,
    /// Which codec.
    pub name: CodecName,
    /// RTP clock in Hz.
    pub clock: u32,
    /// Payload type of its repairs (RFC 4588), if offered.
    pub rtx_pt: Option<u8>,
}
