//! Payloads of every video codec, in the shape browsers send them, and what a decoder reads of
//! them. The marks inside say where a packet comes from.

use conf_media::rtp::Codec;

use super::picture::{Mark, read_vp8, vp8};

/// Packets of one frame.
pub const PARTS: u8 = 3;
/// Bytes of one packet.
const LEN: usize = 700;

/// What a packet of a frame is made from.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub mark: Mark,
    pub picture: u16,
    pub tl0: u8,
    pub keyframe: bool,
    pub height: u16,
}

/// What arrived, read as a decoder would.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub mark: Mark,
    /// A keyframe begins here, with all a new decoder needs.
    pub entry: bool,
    /// Picture id and base-layer index, where the codec has them.
    pub numbers: Option<(u16, u8)>,
}

/// One packet of a frame.
pub fn write(codec: Codec, frame: Frame) -> Vec<u8> {
    match codec {
        Codec::H264 => h264(frame),
        Codec::Vp9 => vp9(frame),
        Codec::Av1 => av1(frame),
        _ => vp8(frame.mark, frame.picture, frame.tl0, frame.keyframe, frame.height),
    }
}

/// Reads one packet; panics when it is not what was sent.
pub fn read(codec: Codec, payload: &[u8]) -> Seen {
    let exact = |len: usize| assert_eq!(payload.len(), len, "not a byte more or less");
    if matches!(codec, Codec::H264 | Codec::Vp9 | Codec::Av1) {
        exact(LEN);
    }
    match codec {
        Codec::H264 => read_h264(payload),
        Codec::Vp9 => read_vp9(payload),
        Codec::Av1 => read_av1(payload),
        _ => {
            let seen = read_vp8(payload);
            exact(LEN + usize::from(seen.mark.part));
            let numbers = Some((seen.picture, seen.tl0));
            Seen { mark: seen.mark, entry: seen.keyframe, numbers }
        }
    }
}

fn width(height: u16) -> u16 {
    (u32::from(height) * 16 / 9) as u16
}

/// Non-flexible mode, one spatial layer, the structure with every keyframe.
fn vp9(frame: Frame) -> Vec<u8> {
    let Frame { mark, picture, tl0, keyframe, height } = frame;
    let (first, last) = (mark.part == 0, mark.part + 1 == PARTS);
    let structure = keyframe && first;
    let flags = [
        (0x80, true),
        (0x40, !keyframe),
        (0x20, true),
        (0x08, first),
        (0x04, last),
        (0x02, structure),
    ];
    let flags = flags.iter().filter(|(_, on)| *on).fold(0, |all, (flag, _)| all | flag);
    let picture = (picture | 0x8000).to_be_bytes();
    let mut payload = vec![flags, picture[0], picture[1], 0x00, tl0];
    if structure {
        let (width, height) = (width(height).to_be_bytes(), height.to_be_bytes());
        payload.extend([0x18, width[0], width[1], height[0], height[1], 1, 0x04, 1]);
    }
    payload.extend(mark.bytes());
    payload.resize(LEN, 0);
    payload
}

fn read_vp9(payload: &[u8]) -> Seen {
    let flags = payload[0];
    assert_eq!(flags & 0xb1, 0xa0, "the descriptor keeps its fields");
    assert_eq!(payload[1] & 0x80, 0x80, "numbers have fifteen bits");
    let structure = flags & 0x02 != 0;
    let mark = Mark::read(&payload[if structure { 13 } else { 5 }..]);
    assert_eq!((flags & 0x08 != 0, flags & 0x04 != 0), (mark.part == 0, mark.part + 1 == PARTS));
    let picture = u16::from_be_bytes([payload[1] & 0x7f, payload[2]]);
    Seen { mark, entry: flags & 0x48 == 0x08 && structure, numbers: Some((picture, payload[4])) }
}

/// A keyframe is a STAP-A with the parameters, then a fragmented IDR picture; any other frame is
/// one fragmented slice.
fn h264(frame: Frame) -> Vec<u8> {
    let Frame { mark, keyframe, height, .. } = frame;
    let mut payload = Vec::new();
    if keyframe && mark.part == 0 {
        let sps = sequence_parameters(height);
        let mut message = vec![6];
        message.extend(mark.bytes());
        message.resize(LEN - 1 - 3 * 2 - sps.len() - 4, 0);
        payload.push(24);
        for unit in [&message[..], &sps, &[8, 0xce, 0x3c, 0x80]] {
            payload.extend((unit.len() as u16).to_be_bytes());
            payload.extend_from_slice(unit);
        }
        return payload;
    }
    let first = mark.part == u8::from(keyframe);
    let last = mark.part + 1 == PARTS;
    let kind = if keyframe { 5 } else { 1 };
    let ends = if first { 0x80 } else { 0 } | if last { 0x40 } else { 0 };
    payload.extend([0x7c, ends | kind, 0x9a]);
    payload.extend(mark.bytes());
    payload.resize(LEN, 0);
    payload
}

fn read_h264(payload: &[u8]) -> Seen {
    if payload[0] & 0x1f != 24 {
        assert_eq!(payload[0] & 0x1f, 28);
        return Seen { mark: Mark::read(&payload[3..]), entry: false, numbers: None };
    }
    let mut rest = &payload[1..];
    let (mut mark, mut kinds) = (None, Vec::new());
    while let [high, low, tail @ ..] = rest {
        let (unit, after) = tail.split_at(u16::from_be_bytes([*high, *low]).into());
        kinds.push(unit[0] & 0x1f);
        if unit[0] & 0x1f == 6 {
            mark = Some(Mark::read(&unit[1..]));
        }
        rest = after;
    }
    assert_eq!(kinds, [6, 7, 8]);
    Seen { mark: mark.expect("a mark"), entry: true, numbers: None }
}

/// Constrained baseline, level 3.1, with the lines of the last macroblocks cropped away.
fn sequence_parameters(height: u16) -> Vec<u8> {
    let (columns, rows) = (width(height).div_ceil(16), height.div_ceil(16));
    let golomb = |value: u16| {
        let plus = u32::from(value) + 1;
        format!("{}{plus:b}", "0".repeat(plus.ilog2() as usize))
    };
    let cropped = [columns * 16 - width(height), rows * 16 - height].map(|lines| lines / 2);
    // Set 0, frame numbers of four bits, picture order type 2, one reference; whole frames.
    let bits = [
        [0, 0, 2, 1].map(golomb).concat(),
        "0".to_owned(),
        [columns - 1, rows - 1].map(golomb).concat(),
        "111".to_owned(),
        [0, cropped[0], 0, cropped[1]].map(golomb).concat(),
        "01".to_owned(),
    ]
    .concat();
    [&[7, 0x42, 0xe0, 0x1f], &packed(&bits)[..]].concat()
}

/// A keyframe begins a sequence with its header; a frame is one OBU over all packets.
fn av1(frame: Frame) -> Vec<u8> {
    let Frame { mark, keyframe, height, .. } = frame;
    let (first, last) = (mark.part == 0, mark.part + 1 == PARTS);
    let around = if first { 0 } else { 0x80 } | if last { 0 } else { 0x40 };
    let mut payload = Vec::new();
    if keyframe && first {
        let sequence = sequence_header(height);
        payload.extend([around | 0x28, sequence.len() as u8]);
        payload.extend(sequence);
    } else {
        payload.push(around | 0x10);
    }
    if first {
        payload.push(6 << 3);
    }
    payload.extend(mark.bytes());
    payload.resize(LEN, 0);
    payload
}

fn read_av1(payload: &[u8]) -> Seen {
    let header = payload[0];
    let entry = header & 0x08 != 0;
    let at = if entry { 2 + usize::from(payload[1]) } else { 1 };
    let begins = header & 0x80 == 0;
    if begins {
        assert_eq!(payload[at], 6 << 3);
    }
    let mark = Mark::read(&payload[at + usize::from(begins)..]);
    assert_eq!((begins, header & 0x40 == 0), (mark.part == 0, mark.part + 1 == PARTS));
    Seen { mark, entry, numbers: None }
}

/// Main profile, one operating point, no timing.
fn sequence_header(height: u16) -> Vec<u8> {
    let (columns, rows) = (width(height) - 1, height - 1);
    let bits = format!(
        "000{}00000{}00101{:04b}{:04b}{columns:012b}{rows:011b}",
        "0".repeat(4),
        "0".repeat(12),
        11,
        10
    );
    [&[1 << 3], &packed(&bits)[..]].concat()
}

fn packed(bits: &str) -> Vec<u8> {
    let byte =
        |text: &[u8]| text.iter().fold(0, |byte, bit| byte << 1 | (bit & 1)) << (8 - text.len());
    bits.as_bytes().chunks(8).map(byte).collect()
}
