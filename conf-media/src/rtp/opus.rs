//! What forwarding reads of an Opus packet: how long it is, and whether it is silence.

use std::time::Duration;

/// Samples per second of the RTP clock, whatever the coded bandwidth (RFC 7587, section 4.1).
const CLOCK: u64 = 48_000;

/// Play-out time of one Opus packet, from its table-of-contents byte (RFC 6716, section 3.1).
///
/// `None` when the packet is empty, promises frames it has no byte for, or exceeds the 120 ms
/// a packet may last.
#[must_use]
pub fn duration(payload: &[u8]) -> Option<Duration> {
    let toc = *payload.first()?;
    let config = toc >> 3;
    let samples: u64 = match config {
        0..=11 => [480, 960, 1920, 2880][usize::from(config & 3)],
        12..=15 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(payload.get(1)? & 0x3f),
    };
    let total = samples * frames;
    (total > 0 && total <= CLOCK * 120 / 1000)
        .then(|| Duration::from_micros(total * 1_000_000 / CLOCK))
}

/// Whether this packet only keeps the stream alive: a frame of at most two bytes, as encoders
/// send during discontinuous transmission (RFC 6716, section 3.1).
#[must_use]
pub fn is_silence(payload: &[u8]) -> bool {
    payload.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_twenty_millisecond_packet_is_recognised() {
        // Configuration 31 (CELT fullband, 20 ms), one frame.
        assert_eq!(duration(&[31 << 3, 1, 2, 3]), Some(Duration::from_millis(20)));
        // Configuration 1 (SILK narrowband, 20 ms), two frames of equal size.
        assert_eq!(duration(&[(1 << 3) | 1, 1, 2]), Some(Duration::from_millis(40)));
    }

    #[test]
    fn impossible_packets_have_no_duration() {
        assert_eq!(duration(&[]), None);
        assert_eq!(duration(&[(31 << 3) | 3]), None);
        assert_eq!(duration(&[(31 << 3) | 3, 63]), None);
        assert_eq!(duration(&[(31 << 3) | 3, 0]), None);
    }
}
