//! AV1 in RTP (the codec's RTP payload format): every packet holds whole units, and the
//! first of a keyframe begins a new sequence.

use super::bits::{Reader, Writer};
use super::format::Head;

/// The aggregation header: how many units follow, and whether a sequence begins.
const ONE_UNIT: u8 = 1 << 4;
const TWO_UNITS: u8 = 2 << 4;
const NEW_SEQUENCE: u8 = 0x08;
/// Unit headers without a size of their own.
const SEQUENCE: u8 = 1 << 3;
const FRAME: u8 = 6 << 3;
const TILES: u8 = 4 << 3;

/// Writes all that stands before the mark.
pub(super) fn append(payload: &mut Vec<u8>, key: bool, start: bool, size: (u16, u16)) {
    if key && start {
        let sequence = sequence_header(size);
        payload.push(TWO_UNITS | NEW_SEQUENCE);
        // Far below 128 bytes: one byte of LEB128.
        payload.push(sequence.len() as u8);
        payload.extend_from_slice(&sequence);
        payload.push(FRAME);
    } else {
        payload.extend_from_slice(&[ONE_UNIT, if start { FRAME } else { TILES }]);
    }
}

/// Reads what stands before the mark.
pub(super) fn read(payload: &[u8]) -> Option<Head> {
    let first = *payload.first()?;
    let (mut at, mut keyframe) = (1, None);
    if first & NEW_SEQUENCE != 0 {
        let len = usize::from(*payload.get(1)?);
        let sequence = payload.get(2..2 + len)?;
        let mut bits = Reader::new(sequence.get(1..)?);
        // Up to the level of the one operating point; then the sizes' own sizes.
        bits.take(29);
        let (wide, high) = (bits.take(4) as u8 + 1, bits.take(4) as u8 + 1);
        keyframe = Some((bits.take(wide) as u16 + 1, bits.take(high) as u16 + 1));
        at = 2 + len;
    }
    let start = *payload.get(at)? == FRAME;
    Some(Head { start, keyframe, picture: None, len: at + 1 })
}

/// A sequence header unit with every tool switched off (AV1, section 5.5).
fn sequence_header((width, height): (u16, u16)) -> Vec<u8> {
    let mut bits = Writer::default();
    bits.put(u32::from(SEQUENCE), 8);
    // Main profile, moving pictures, full header, no timing, no display delay.
    bits.put(0, 3).put(0, 1).put(0, 1).put(0, 1).put(0, 1);
    // One operating point: all layers, level 3.1.
    bits.put(0, 5).put(0, 12).put(5, 5);
    bits.put(15, 4).put(15, 4);
    bits.put(u32::from(width) - 1, 16).put(u32::from(height) - 1, 16);
    // No frame ids, then the tools: none; sizes and colours as they are by default.
    bits.put(0, 1).put(0, 3).put(0, 5).put(0, 2).put(0, 3).put(0, 7).put(0, 1);
    bits.close()
}
