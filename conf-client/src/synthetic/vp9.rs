//! The payload descriptor of VP9 (RFC 9628, section 4.2), as a sender of one spatial layer writes it.

use super::format::Head;

const PICTURE_ID: u8 = 0x80;
const PREDICTED: u8 = 0x40;
const LAYERS: u8 = 0x20;
const FLEXIBLE: u8 = 0x10;
const BEGINS: u8 = 0x08;
const ENDS: u8 = 0x04;
const STRUCTURE: u8 = 0x02;

/// Writes the descriptor: picture id of 15 bits, layer indices, and the picture's size
/// at the start of a keyframe.
pub(super) fn append(
    payload: &mut Vec<u8>,
    frame: u32,
    key: bool,
    start: bool,
    last: bool,
    size: (u16, u16),
) {
    let with_size = key && start;
    let mut first = PICTURE_ID | LAYERS;
    for (flag, on) in [(PREDICTED, !key), (BEGINS, start), (ENDS, last), (STRUCTURE, with_size)] {
        first |= if on { flag } else { 0 };
    }
    payload.push(first);
    payload.extend_from_slice(&(0x8000 | (frame & 0x7fff) as u16).to_be_bytes());
    // Temporal and spatial layer 0, then TL0PICIDX.
    payload.extend_from_slice(&[0, frame as u8]);
    if with_size {
        // One spatial layer (N_S = 0), sizes present, no picture groups.
        payload.push(0x10);
        payload.extend_from_slice(&size.0.to_be_bytes());
        payload.extend_from_slice(&size.1.to_be_bytes());
    }
}

/// Reads a descriptor back, with optional fields as a forwarder may have left them.
pub(super) fn read(payload: &[u8]) -> Option<Head> {
    let first = *payload.first()?;
    let mut at = 1;
    let mut take = |count: usize| {
        let bytes = payload.get(at..at + count)?;
        at += count;
        Some(bytes)
    };
    let mut head = Head { start: first & BEGINS != 0, keyframe: None, picture: None, len: 0 };
    if first & PICTURE_ID != 0 {
        let high = take(1)?[0];
        let mut picture = u16::from(high & 0x7f);
        if high & 0x80 != 0 {
            picture = picture << 8 | u16::from(take(1)?[0]);
        }
        head.picture = Some(picture);
    }
    if first & LAYERS != 0 {
        take(if first & FLEXIBLE == 0 { 2 } else { 1 })?;
    }
    if first & STRUCTURE != 0 {
        take(1)?;
        let size = take(4)?;
        let size = (u16::from_be_bytes([size[0], size[1]]), u16::from_be_bytes([size[2], size[3]]));
        head.keyframe = (first & PREDICTED == 0 && head.start).then_some(size);
    }
    head.len = at;
    Some(head)
}
