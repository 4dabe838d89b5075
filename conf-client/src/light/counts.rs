//! What was counted, of one peer or of many.

use serde::Serialize;

/// Counters since the last reset. All are packets unless they say otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Media packets, each once: neither repairs nor padding.
    pub packets: u64,
    /// Payload bytes of them.
    pub bytes: u64,
    /// Those of sound.
    pub audio_packets: u64,
    /// Video frames whose last packet arrived.
    pub frames: u64,
    /// Came after later ones, not as repairs.
    pub late: u64,
    /// Came a second time.
    pub repeated: u64,
    /// Came on a repair stream.
    pub repairs: u64,
    /// Repairs that filled a gap.
    pub repaired: u64,
    /// Repairs of what was not missing: probes, or requests answered twice.
    pub needless_repairs: u64,
    /// Padding without payload.
    pub padding: u64,
    /// Numbers asked for again.
    pub nacked: u64,
    /// Keyframes asked for.
    pub keyframe_requests: u64,
    /// Opened and read.
    pub checked: u64,
    /// Could not be opened: wrong key, or changed on the way.
    pub auth_failures: u64,
    /// Opened, but not made by this tool.
    pub unmarked: u64,
    /// Of a source's own numbers, those that never got a number on the way: the server left them
    /// out.
    pub withheld: u64,
    /// Numbers on the way that no packet of the source explains.
    pub mark_breaks: u64,
    /// Not RTP.
    pub unreadable: u64,
    /// Of streams that nobody announced.
    pub unknown_streams: u64,
    /// Left out by this tool as a bad network would.
    pub dropped_on_purpose: u64,
    /// Could not be sent: the kernel refused.
    pub refused: u64,
}

impl std::ops::AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        let Counts {
            packets,
            bytes,
            audio_packets,
            frames,
            late,
            repeated,
            repairs,
            repaired,
            needless_repairs,
            padding,
            nacked,
            keyframe_requests,
            checked,
            auth_failures,
            unmarked,
            withheld,
            mark_breaks,
            unreadable,
            unknown_streams,
            dropped_on_purpose,
            refused,
        } = other;
        self.packets += packets;
        self.bytes += bytes;
        self.audio_packets += audio_packets;
        self.frames += frames;
        self.late += late;
        self.repeated += repeated;
        self.repairs += repairs;
        self.repaired += repaired;
        self.needless_repairs += needless_repairs;
        self.padding += padding;
        self.nacked += nacked;
        self.keyframe_requests += keyframe_requests;
        self.checked += checked;
        self.auth_failures += auth_failures;
        self.unmarked += unmarked;
        self.withheld += withheld;
        self.mark_breaks += mark_breaks;
        self.unreadable += unreadable;
        self.unknown_streams += unknown_streams;
        self.dropped_on_purpose += dropped_on_purpose;
        self.refused += refused;
    }
}
