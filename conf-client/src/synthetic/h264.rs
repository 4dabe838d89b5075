//! H.264 in RTP (RFC 6184): a keyframe begins with its parameter sets in one aggregation
//! packet, every other packet is a slice of its own.

use super::bits::{Reader, Writer};
use super::format::Head;

const AGGREGATE: u8 = 24;
const SLICE: u8 = 1;
const KEY_SLICE: u8 = 5;
const PARAMETERS: u8 = 7;
/// Importance bits of everything that others refer to.
const IMPORTANT: u8 = 0x60;
/// A slice's first byte: it begins at the picture's first block, or further down.
const FIRST_BLOCK: u8 = 0x88;
const LATER_BLOCK: u8 = 0x44;
/// A picture parameter set: both ids 0, everything at its default.
const PICTURE_PARAMETERS: [u8; 4] = [0x68, 0xce, 0x38, 0x80];

/// Writes all that stands before the mark; `rest` is how much follows, as an aggregated
/// unit says its length.
pub(super) fn append(payload: &mut Vec<u8>, key: bool, start: bool, size: (u16, u16), rest: usize) {
    let kind = if key { KEY_SLICE } else { SLICE };
    if key && start {
        payload.push(IMPORTANT | AGGREGATE);
        for unit in [sequence_parameters(size).as_slice(), &PICTURE_PARAMETERS] {
            payload.extend_from_slice(&(unit.len() as u16).to_be_bytes());
            payload.extend_from_slice(unit);
        }
        payload.extend_from_slice(&(rest as u16 + 2).to_be_bytes());
    }
    payload.extend_from_slice(&[IMPORTANT | kind, if start { FIRST_BLOCK } else { LATER_BLOCK }]);
}

/// Reads what stands before the mark.
pub(super) fn read(payload: &[u8]) -> Option<Head> {
    let mut at = 0;
    let mut keyframe = None;
    if payload.first()? & 0x1f == AGGREGATE {
        at = 1;
        loop {
            let len = u16::from_be_bytes([*payload.get(at)?, *payload.get(at + 1)?]);
            let unit = payload.get(at + 2..at + 2 + usize::from(len))?;
            at += 2;
            match unit.first()? & 0x1f {
                PARAMETERS => keyframe = Some(size_of(unit)?),
                SLICE | KEY_SLICE => break,
                _ => {}
            }
            at += unit.len();
        }
    }
    let start = *payload.get(at + 1)? == FIRST_BLOCK;
    Some(Head { start, keyframe, picture: None, len: at + 2 })
}

/// A sequence parameter set of the constrained baseline profile, level 3.1 (H.264, section 7.3.2.1).
fn sequence_parameters((width, height): (u16, u16)) -> Vec<u8> {
    let blocks = |pixels: u16| pixels.div_ceil(16);
    let (right, bottom) = (blocks(width) * 16 - width, blocks(height) * 16 - height);
    let mut bits = Writer::default();
    bits.put(u32::from(IMPORTANT | PARAMETERS), 8).put(0x42_e01f, 24);
    // Ids and counters as small as they go, one reference picture.
    bits.golomb(0).golomb(0).golomb(2).golomb(1).put(0, 1);
    bits.golomb(blocks(width) - 1).golomb(blocks(height) - 1).put(0b11, 2);
    // What of the blocks is not shown, in steps of two pixels.
    bits.put(1, 1).golomb(0).golomb(right / 2).golomb(0).golomb(bottom / 2);
    bits.put(0, 1);
    bits.close()
}

fn size_of(unit: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Reader::new(unit);
    bits.take(32);
    for _ in 0..4 {
        bits.golomb()?;
    }
    bits.take(1);
    let (width, height) = (bits.golomb()? + 1, bits.golomb()? + 1);
    bits.take(3);
    let hidden = [bits.golomb()?, bits.golomb()?, bits.golomb()?, bits.golomb()?];
    Some((width * 16 - 2 * (hidden[0] + hidden[1]), height * 16 - 2 * (hidden[2] + hidden[3])))
}
