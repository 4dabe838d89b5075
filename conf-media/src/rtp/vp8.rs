//! What a VP8 payload descriptor says (RFC 7741, section 4.2), and how it is written anew.

use super::payload::Walk;
use super::{Codec, PayloadError, PictureId, Prefix};

/// A parsed VP8 payload descriptor with what the frame header adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Bytes of descriptor before the VP8 payload proper, 1 to 6.
    pub len: u8,
    /// First packet of a partition (S bit).
    pub partition_start: bool,
    /// Partition number, 0 to 7; a frame starts where a partition 0 starts.
    pub partition: u8,
    /// No later frame refers to this one (N bit).
    pub discardable: bool,
    /// Picture number, 7 or 15 bits.
    pub picture_id: Option<PictureId>,
    /// Running number of base-layer frames.
    pub tl0picidx: Option<u8>,
    /// Temporal layer, 0 to 3.
    pub temporal: Option<u8>,
    /// This frame depends on the base layer only (Y bit).
    pub layer_sync: bool,
    /// Temporal key frame index, 0 to 31.
    pub keyidx: Option<u8>,
    /// First packet of a keyframe; never set on a frame's later packets.
    pub keyframe: bool,
    /// Width and height in pixels, on the first packet of a keyframe.
    pub size: Option<(u16, u16)>,
}

impl Descriptor {
    /// Parses the descriptor and, on the first packet of a frame, the VP8 frame header behind it.
    ///
    /// # Errors
    /// [`PayloadError::Truncated`] when flags promise more bytes than there are.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let mut walk = Walk::new(Codec::Vp8, payload);
        let first = walk.byte()?;
        let mut picture_id = None;
        let mut tl0picidx = None;
        let mut temporal = None;
        let mut layer_sync = false;
        let mut keyidx = None;
        if first & 0x80 != 0 {
            let flags = walk.byte()?;
            if flags & 0x80 != 0 {
                picture_id = Some(walk.picture_id()?);
            }
            if flags & 0x40 != 0 {
                tl0picidx = Some(walk.byte()?);
            }
            if flags & 0x30 != 0 {
                let layer = walk.byte()?;
                if flags & 0x20 != 0 {
                    temporal = Some(layer >> 6);
                    layer_sync = layer & 0x20 != 0;
                }
                if flags & 0x10 != 0 {
                    keyidx = Some(layer & 0x1f);
                }
            }
        }
        let partition_start = first & 0x10 != 0;
        let partition = first & 0x07;
        let frame = walk.rest();
        // The inverse key frame flag is the frame header's lowest bit (RFC 6386, section 9.1).
        let keyframe =
            partition_start && partition == 0 && frame.first().is_some_and(|tag| tag & 1 == 0);
        Ok(Self {
            // At most six: every field above is counted once.
            len: walk.at as u8,
            partition_start,
            partition,
            discardable: first & 0x20 != 0,
            picture_id,
            tl0picidx,
            temporal,
            layer_sync,
            keyidx,
            keyframe,
            size: if keyframe { key_frame_size(frame) } else { None },
        })
    }

    /// Whether a frame begins with this packet.
    #[must_use]
    pub const fn frame_start(&self) -> bool {
        self.partition_start && self.partition == 0
    }

    /// The descriptor written anew with other numbers, everything else kept.
    ///
    /// A picture id is always written with fifteen bits, so that a subscriber's circle does not
    /// change its size when its source does; fields the source lacks stay absent.
    #[must_use]
    #[inline]
    pub fn renumbered(&self, picture_id: u16, tl0picidx: u8) -> Prefix {
        let mut bytes = [0; Prefix::MAX];
        let mut flags = 0;
        let mut at = 2;
        if self.picture_id.is_some() {
            flags |= 0x80;
            bytes[2..4].copy_from_slice(&(picture_id | 0x8000).to_be_bytes());
            at = 4;
        }
        if self.tl0picidx.is_some() {
            flags |= 0x40;
            bytes[at] = tl0picidx;
            at += 1;
        }
        if self.temporal.is_some() || self.keyidx.is_some() {
            if let Some(temporal) = self.temporal {
                flags |= 0x20;
                bytes[at] |= (temporal << 6) | if self.layer_sync { 0x20 } else { 0 };
            }
            if let Some(keyidx) = self.keyidx {
                flags |= 0x10;
                bytes[at] |= keyidx & 0x1f;
            }
            at += 1;
        }
        bytes[0] = self.partition & 0x07;
        if self.partition_start {
            bytes[0] |= 0x10;
        }
        if self.discardable {
            bytes[0] |= 0x20;
        }
        if flags == 0 {
            at = 1;
        } else {
            bytes[0] |= 0x80;
            bytes[1] = flags;
        }
        Prefix::new(bytes, at as u8, self.len.into())
    }
}

/// Pixels of a key frame: start code, then two 14-bit sizes (RFC 6386, section 9.1).
fn key_frame_size(frame: &[u8]) -> Option<(u16, u16)> {
    let header = frame.first_chunk::<10>()?;
    if header[3..6] != [0x9d, 0x01, 0x2a] {
        return None;
    }
    let width = u16::from_le_bytes([header[6], header[7]]) & 0x3fff;
    let height = u16::from_le_bytes([header[8], header[9]]) & 0x3fff;
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY_640X360: [u8; 10] = [0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 2, 0x68, 1];

    #[test]
    fn a_browsers_descriptor_is_read_whole() {
        let mut payload = vec![0x90, 0xf0, 0x92, 0x34, 7, 0b0110_0101];
        payload.extend(KEY_640X360);
        let found = Descriptor::parse(&payload).unwrap();
        assert_eq!(found.len, 6);
        assert_eq!(found.picture_id, Some(PictureId::Long(0x1234)));
        assert_eq!(found.tl0picidx, Some(7));
        assert_eq!((found.temporal, found.layer_sync, found.keyidx), (Some(1), true, Some(5)));
        assert!(found.frame_start() && found.keyframe);
        assert_eq!(found.size, Some((640, 360)));
    }

    #[test]
    fn a_later_packet_of_a_keyframe_is_no_entry() {
        let found = Descriptor::parse(&[0x00, 0x10]).unwrap();
        assert!(!found.keyframe && !found.frame_start());
        let second_partition = Descriptor::parse(&[0x11, 0x10]).unwrap();
        assert!(!second_partition.frame_start());
    }

    #[test]
    fn promises_without_bytes_are_an_error() {
        assert_eq!(
            Descriptor::parse(&[0x90, 0xf0, 0x92]).unwrap_err().to_string(),
            "vp8 payload cut short: 4 bytes are promised, it has 3"
        );
        assert!(Descriptor::parse(&[]).is_err());
    }

    #[test]
    fn a_short_picture_id_goes_out_long() {
        let found = Descriptor::parse(&[0x90, 0x80, 0x11, 0xaa]).unwrap();
        assert_eq!(found.picture_id, Some(PictureId::Short(0x11)));
        let prefix = found.renumbered(0x7fff, 0);
        assert_eq!(prefix.bytes(), &[0x90, 0x80, 0xff, 0xff]);
        assert_eq!(prefix.replaces(), 3);
    }

    #[test]
    fn a_bare_descriptor_stays_bare() {
        let prefix = Descriptor::parse(&[0x10, 0xaa]).unwrap().renumbered(5, 6);
        assert_eq!((prefix.bytes(), prefix.replaces()), (&[0x10][..], 1));
    }

    proptest! {
        #[test]
        fn renumbering_changes_the_numbers_only(
            payload in proptest::collection::vec(any::<u8>(), 0..24), picture in 0u16..0x8000, tl0: u8,
        ) {
            if let Ok(before) = Descriptor::parse(&payload) {
                let prefix = before.renumbered(picture, tl0);
                let mut sent = prefix.bytes().to_vec();
                sent.extend_from_slice(&payload[prefix.replaces()..]);
                let after = Descriptor::parse(&sent).unwrap();
                let expected = Descriptor {
                    len: after.len,
                    picture_id: before.picture_id.map(|_| PictureId::Long(picture)),
                    tl0picidx: before.tl0picidx.map(|_| tl0),
                    ..before
                };
                prop_assert_eq!(after, expected);
            }
        }
    }
}
