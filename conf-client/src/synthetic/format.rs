//! How a synthetic picture is packed for each codec: what stands in front of the mark.

use conf_proto::VideoCodec;

use super::{av1, h264, vp8, vp9};

/// What is to be packed.
pub(super) struct Piece {
    /// Counts the frames of the layer.
    pub(super) frame: u32,
    /// Whether it is the first packet of its frame.
    pub(super) start: bool,
    /// Whether it is the last.
    pub(super) last: bool,
    /// Whether the frame is a keyframe.
    pub(super) key: bool,
    /// Width and height in pixels.
    pub(super) size: (u16, u16),
}

/// What stood in front of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Whether the packet begins a frame.
    pub(super) start: bool,
    /// Width and height, at the start of a keyframe.
    pub(super) keyframe: Option<(u16, u16)>,
    /// The picture id, of codecs that have one.
    pub(super) picture: Option<u16>,
    /// Bytes in front of the mark.
    pub(super) len: usize,
}

/// Writes what stands in front of the mark; `rest` bytes follow it at least.
pub(super) fn append(codec: VideoCodec, payload: &mut Vec<u8>, piece: &Piece, rest: usize) {
    let Piece { frame, start, last, key, size } = *piece;
    match codec {
        VideoCodec::Vp8 => {
            let (picture, tl0) = ((frame & 0x7fff) as u16, frame as u8);
            vp8::Descriptor { start, picture, tl0 }.append(payload);
            if start {
                vp8::append_frame_head(payload, key.then_some(size));
            }
        }
        VideoCodec::Vp9 => vp9::append(payload, frame, key, start, last, size),
        VideoCodec::H264 => h264::append(payload, key, start, size, rest),
        VideoCodec::Av1 => av1::append(payload, key, start, size),
    }
}

/// Reads what stands in front of the mark; `None` for anything else.
pub(super) fn read(codec: VideoCodec, payload: &[u8]) -> Option<Head> {
    match codec {
        VideoCodec::Vp8 => {
            let (descriptor, at) = vp8::Descriptor::read(payload)?;
            let (start, picture) = (descriptor.start, Some(descriptor.picture));
            if !start {
                return Some(Head { start, keyframe: None, picture, len: at });
            }
            let head = vp8::read_frame_head(payload.get(at..)?)?;
            Some(Head { start, keyframe: head.keyframe, picture, len: at + head.len })
        }
        VideoCodec::Vp9 => vp9::read(payload),
        VideoCodec::H264 => h264::read(payload),
        VideoCodec::Av1 => av1::read(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_reads_back_what_it_wrote_and_nothing_cut_short() {
        for codec in VideoCodec::ALL {
            for size in [(320, 180), (640, 360), (1280, 720), (642, 362)] {
                for (key, start) in [(true, true), (true, false), (false, true), (false, false)] {
                    let piece = Piece { frame: 0x1_8005, start, last: !start, key, size };
                    let mut payload = Vec::new();
                    append(codec, &mut payload, &piece, 5);
                    let len = payload.len();
                    payload.extend_from_slice(b"mark!");
                    let head = read(codec, &payload).unwrap();
                    assert_eq!((head.start, head.len), (start, len), "{codec:?} {key} {start}");
                    assert_eq!(head.keyframe, (key && start).then_some(size), "{codec:?}");
                    for cut in 0..len {
                        let _ = read(codec, &payload[..cut]);
                    }
                }
            }
        }
    }
}
