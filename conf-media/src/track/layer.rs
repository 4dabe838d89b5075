//! What one encoding of a track delivers at the moment: the facts layer choice stands on.

use crate::unit::Bitrate;

/// One encoding as measured, not as promised in the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodingState {
    /// Its index in the track, the `encoding` of a [`crate::forward::Lane`].
    pub index: u8,
    /// Picture height in pixels, from its last keyframe; 0 while unknown.
    pub height: u16,
    /// Payload and header rate over the last second; of one that is not sent, what it took when
    /// it last was, 0 while unknown.
    pub bitrate: Bitrate,
    /// Frames begun in a second, as measured over the last one; 0 while unknown.
    pub frames: u16,
    /// Packets arrived recently.
    pub alive: bool,
}
