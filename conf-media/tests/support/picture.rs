//! Payloads that look like a codec's to whoever forwards them, and say where they come from.

/// Where a packet comes from and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub peer: u8,
    pub layer: u8,
    pub frame: u32,
    pub part: u8,
}

impl Mark {
    pub fn bytes(self) -> [u8; 7] {
        let frame = self.frame.to_be_bytes();
        [self.peer, self.layer, frame[0], frame[1], frame[2], frame[3], self.part]
    }

    pub fn read(bytes: &[u8]) -> Self {
        Self {
            peer: bytes[0],
            layer: bytes[1],
            frame: u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]),
            part: bytes[6],
        }
    }
}

/// An Opus packet: one frame of 20 ms, and the mark.
pub fn opus(mark: Mark) -> Vec<u8> {
    let mut payload = vec![31 << 3];
    payload.extend(mark.bytes());
    payload.resize(80, 0);
    payload
}

/// The same with the packets before it, oldest first, repeated in front (RFC 2198).
pub fn red(payload_type: u8, mark: Mark, repeated: u8) -> Vec<u8> {
    let before = |back: u8| opus(Mark { frame: mark.frame.wrapping_sub(back.into()), ..mark });
    let mut payload = Vec::new();
    for back in (1..=repeated).rev() {
        let word = ((u32::from(back) * 960) << 10) | before(back).len() as u32;
        payload.push(0x80 | payload_type);
        payload.extend(&word.to_be_bytes()[1..]);
    }
    payload.push(payload_type);
    (1..=repeated).rev().for_each(|back| payload.extend(before(back)));
    payload.extend(opus(mark));
    payload
}

/// The packets in a redundant payload, oldest first.
pub fn read_red(payload: &[u8]) -> Vec<&[u8]> {
    let (mut at, mut lengths) = (0, Vec::new());
    while payload[at] & 0x80 != 0 {
        lengths.push(usize::from(payload[at + 2] & 3) << 8 | usize::from(payload[at + 3]));
        at += 4;
    }
    let mut rest = &payload[at + 1..];
    let mut blocks = Vec::new();
    for length in lengths {
        let (block, after) = rest.split_at(length);
        blocks.push(block);
        rest = after;
    }
    blocks.push(rest);
    blocks
}

pub fn read_opus(payload: &[u8]) -> Mark {
    Mark::read(&payload[1..])
}

/// A VP8 packet as a receiver needs it: descriptor with picture id and base-layer number, the
/// first part with a frame header.
pub fn vp8(mark: Mark, picture: u16, tl0: u8, keyframe: bool, height: u16) -> Vec<u8> {
    let first = mark.part == 0;
    let picture = (picture | 0x8000).to_be_bytes();
    let mut payload =
        vec![0x80 | if first { 0x10 } else { 0 }, 0xe0, picture[0], picture[1], tl0, 0];
    if first {
        if keyframe {
            let width = (height * 16 / 9).to_le_bytes();
            let height = height.to_le_bytes();
            payload.extend([0x10, 0, 0, 0x9d, 1, 0x2a, width[0], width[1], height[0], height[1]]);
        } else {
            payload.extend([0x11, 0, 0]);
        }
    }
    payload.extend(mark.bytes());
    // Parts differ in length, so that one can be told from another when it is sealed.
    payload.resize(700 + usize::from(mark.part), 0);
    payload
}

/// What arrived, read as a decoder would.
#[derive(Clone, Copy, Debug)]
pub struct Vp8 {
    pub mark: Mark,
    pub picture: u16,
    pub tl0: u8,
    pub keyframe: bool,
}

pub fn read_vp8(payload: &[u8]) -> Vp8 {
    assert_eq!(payload[1], 0xe0, "the descriptor keeps its fields");
    let first = payload[0] & 0x10 != 0;
    let keyframe = first && payload[6] & 1 == 0;
    let header = match (first, keyframe) {
        (false, _) => 0,
        (true, true) => 10,
        (true, false) => 3,
    };
    Vp8 {
        mark: Mark::read(&payload[6 + header..]),
        picture: u16::from_be_bytes([payload[2] & 0x7f, payload[3]]),
        tl0: payload[4],
        keyframe,
    }
}
