//! Reading a packet of each codec: header, extensions, payload descriptor.

use std::hint::black_box;

use conf_media::rtp::{Codec, PacketFacts, RtpHeader, RtpView, write_header};

use crate::{
    media::Source,
    workload::{Case, Workload},
};

const PACKETS: usize = 1_024;
const PAYLOAD: usize = 1_100;

macro_rules! case {
    ($name:literal, $codec:ident) => {
        Case {
            name: $name,
            unit: "packet",
            rounds: 8,
            make: || Box::new(Reading::new(Codec::$codec)),
        }
    };
}

/// What is read of a packet before anything is decided about it.
pub(crate) const CASES: &[Case] = &[
    case!("descriptor/vp8", Vp8),
    case!("descriptor/vp9", Vp9),
    case!("descriptor/av1", Av1),
    case!("descriptor/h264", H264),
    case!("descriptor/opus", Opus),
];

/// Packets of a stream whose every eighth picture is a keyframe.
#[derive(Debug)]
struct Reading {
    codec: Codec,
    packets: Vec<Vec<u8>>,
}

impl Reading {
    fn new(codec: Codec) -> Self {
        let packets = match codec {
            Codec::H264 | Codec::Av1 => (0..PACKETS).map(|index| opaque(codec, index)).collect(),
            _ => {
                let mut source = Source::new(codec);
                let burst = source.burst();
                (0..PACKETS).map(|index| source.packet(index % burst).to_vec()).collect()
            }
        };
        Self { codec, packets }
    }
}

/// A packet of a codec without a descriptor of its own.
fn opaque(codec: Codec, index: usize) -> Vec<u8> {
    let (picture, place) = (index / 8, index % 8);
    let (key, first, last) = (picture.is_multiple_of(8), place == 0, place == 7);
    let header = RtpHeader {
        marker: last,
        payload_type: 98,
        seq: index as u16,
        timestamp: picture as u32 * 3_000,
        ssrc: 1,
    };
    let mut packet = vec![0; 64];
    let len = write_header(&mut packet, &header, &[(3, &[0, 1])]).expect("room for a header");
    packet.truncate(len);
    match (codec, key && first) {
        // An aggregate with the parameter sets of 1280 by 720, constrained baseline.
        (Codec::H264, true) => {
            let sequence = [0x67, 0x42, 0xe0, 0x1f, 0xd9, 0x00, 0x50, 0x05, 0xba, 0x10];
            packet.extend([0x78, 0, sequence.len() as u8]);
            packet.extend(sequence);
            packet.extend([0, 4, 0x68, 0xce, 0x3c, 0x80]);
            // Supplemental information fills the rest.
            let rest = len + PAYLOAD - packet.len() - 2;
            packet.extend((rest as u16).to_be_bytes());
            packet.push(6);
        }
        (Codec::H264, false) => {
            let ends = if first { 0x80 } else { 0 } | if last { 0x40 } else { 0 };
            packet.extend([0x7c, ends | if key { 5 } else { 1 }, 0x9a]);
        }
        // A sequence header with its length, then a frame: two elements.
        (_, true) => {
            packet.extend([0x28, 11, 0x08, 0, 0, 0, 0x2a, 0xdf, 0xe9, 0x7f, 0x2c, 0xf0, 0, 0x30])
        }
        (_, false) => {
            let around = if first { 0 } else { 0x80 } | if last { 0 } else { 0x40 };
            packet.extend([around | 0x10, 0x30]);
        }
    }
    packet.resize(len + PAYLOAD, 0);
    packet
}

impl Workload for Reading {
    fn round(&mut self) -> u64 {
        for (packet, seq) in self.packets.iter().zip(70_000..) {
            let view = RtpView::parse(black_box(packet)).expect("a valid packet");
            let facts = PacketFacts::read(self.codec, seq, &view);
            black_box(facts.expect("a valid payload"));
        }
        self.packets.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_recognised_where_they_are() {
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            let reading = Reading::new(codec);
            let entries: Vec<usize> = (0..128)
                .filter(|&at| {
                    let view = RtpView::parse(&reading.packets[at]).unwrap();
                    PacketFacts::read(codec, 70_000 + at as u64, &view).unwrap().is_entry()
                })
                .collect();
            let expected =
                if matches!(codec, Codec::H264 | Codec::Av1) { vec![0, 64] } else { vec![0] };
            assert_eq!(entries, expected, "{codec:?}");
        }
    }
}
