//! What a decoder and a viewer would insist on.

use std::time::Duration;

use conf_media::rtp::Codec;

use super::{
    Received,
    codecs::{PARTS, read},
};

/// What a decoder would insist on: no gap, no way back, no frame torn or mixed, and a keyframe
/// wherever the source or the layer changes. Returns the number of frames.
pub fn assert_clean(packets: &[&Received]) -> usize {
    assert_clean_in(Codec::Vp8, packets)
}

/// The same for any codec.
pub fn assert_clean_in(codec: Codec, packets: &[&Received]) -> usize {
    let mut packets = packets.to_vec();
    packets.sort_by_key(|packet| packet.seq);
    let seen: Vec<_> = packets.iter().map(|p| (*p, read(codec, &p.payload))).collect();
    let (first, picture) = seen.first().expect("something arrived");
    assert!(picture.entry && picture.mark.part == 0, "begins with a keyframe: {picture:?}");
    assert!(first.seq < 1 << 16);
    for ((before, old), (packet, new)) in seen.iter().zip(&seen[1..]) {
        assert_eq!(packet.seq, before.seq + 1, "no gap");
        let step = packet.timestamp.wrapping_sub(before.timestamp) as i32;
        let (pictures, bases) = match (old.numbers, new.numbers) {
            (Some((old, base)), Some((new, next))) => {
                (new.wrapping_sub(old) & 0x7fff, next.wrapping_sub(base))
            }
            // Without numbers there is nothing to count wrongly.
            _ => (u16::from(new.mark.part == 0), u8::from(new.mark.part == 0)),
        };
        if new.mark.part == 0 {
            assert!(codec == Codec::Vp8 || old.mark.part + 1 == PARTS);
            assert!(before.marker && step > 0, "a new frame has a later time: {step}");
            assert_eq!(pictures, 1, "pictures are counted on");
            assert_eq!(bases, 1);
            let same = (old.mark.peer, old.mark.layer) == (new.mark.peer, new.mark.layer);
            if !same {
                assert!(new.entry, "a switch needs a keyframe: {old:?} -> {new:?}");
            }
        } else {
            assert_eq!((step, pictures, bases), (0, 0, 0));
            assert_eq!(new.mark.part, old.mark.part + 1);
            assert_eq!((new.mark.peer, new.mark.frame), (old.mark.peer, old.mark.frame));
        }
    }
    packets.iter().filter(|packet| packet.marker).count()
}

/// The longest time in which no new frame was complete.
pub fn longest_pause(packets: &[&Received]) -> Duration {
    let ends: Vec<_> = packets.iter().filter(|packet| packet.marker).map(|p| p.at).collect();
    ends.windows(2).map(|pair| pair[1] - pair[0]).max().expect("several frames")
}
