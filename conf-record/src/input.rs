//! What a recorder is given.

use std::time::Instant;

use conf_media::TrackId;

/// Something a recorder has to know. Packets are lent, never kept before the gate judged them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input<'a> {
    /// An RTP packet as the SFU forwards it, decrypted, header included (RFC 3550, section 5.1).
    Packet {
        /// The source it belongs to.
        track: TrackId,
        /// When the SFU received it.
        arrived: Instant,
        /// The packet.
        bytes: &'a [u8],
    },
    /// The publisher's own relation of its RTP clock to its wall clock (RFC 3550, section 6.4.1).
    SenderReport {
        /// The source it belongs to.
        track: TrackId,
        /// NTP time, 32.32 fixed point seconds since 1900.
        ntp: u64,
        /// The RTP timestamp of the same moment.
        rtp: u32,
    },
    /// What arrives on a track from `since` on may be written.
    Allow {
        /// The source.
        track: TrackId,
        /// From when on.
        since: Instant,
    },
    /// What arrives on a track may no longer be written.
    Forbid {
        /// The source.
        track: TrackId,
    },
    /// The recording is over.
    Stop,
}
