//! What a VP9 payload descriptor says (RFC 9628, section 4.2), and how it is written anew.

use super::bits::Bits;
use super::payload::Walk;
use super::{Codec, PayloadError, PictureId, Prefix};

/// Flags of the first byte.
const PICTURE_ID: u8 = 0x80;
const INTER_PICTURE: u8 = 0x40;
const LAYERS: u8 = 0x20;
const FLEXIBLE: u8 = 0x10;
const BEGINS: u8 = 0x08;
const ENDS: u8 = 0x04;
const STRUCTURE: u8 = 0x02;

/// A parsed VP9 payload descriptor with what the scalability structure or the frame header adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Bytes of descriptor before the VP9 payload proper.
    pub len: u16,
    /// The first byte: I, P, L, F, B, E, V and Z bits, highest first.
    pub flags: u8,
    /// Picture number, 7 or 15 bits.
    pub picture_id: Option<PictureId>,
    /// Layer indices as on the wire: temporal id, U bit, spatial id, D bit.
    pub layers: Option<u8>,
    /// Running number of base-layer frames; never in flexible mode.
    pub tl0picidx: Option<u8>,
    /// Width and height in pixels of the highest spatial layer, if this packet tells.
    pub size: Option<(u16, u16)>,
}

impl Descriptor {
    /// Parses the descriptor and, where a keyframe has no scalability structure, the frame header
    /// behind it.
    ///
    /// # Errors
    /// [`PayloadError::Truncated`] when flags or counts promise more bytes than there are,
    /// [`PayloadError::Forbidden`] for a fourth reference.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let mut walk = Walk::new(Codec::Vp9, payload);
        let flags = walk.byte()?;
        let has = |flag| flags & flag != 0;
        let picture_id = if has(PICTURE_ID) { Some(walk.picture_id()?) } else { None };
        let layers = if has(LAYERS) { Some(walk.byte()?) } else { None };
        let tl0picidx = if has(LAYERS) && !has(FLEXIBLE) { Some(walk.byte()?) } else { None };
        if has(FLEXIBLE) && has(INTER_PICTURE) {
            references(&mut walk)?;
        }
        let mut size = if has(STRUCTURE) { structure(&mut walk)? } else { None };
        let mut found = Self {
            // At most 5 for the numbers, 3 references, 2 + 8 * 4 + 255 * 4 of structure.
            len: walk.at as u16,
            flags,
            picture_id,
            layers,
            tl0picidx,
            size: None,
        };
        if size.is_none() && found.keyframe() && found.frame_start() {
            size = frame_size(walk.rest());
        }
        found.size = size;
        Ok(found)
    }

    /// Whether a picture begins with this packet, at its lowest spatial layer.
    #[must_use]
    pub const fn frame_start(&self) -> bool {
        self.flags & BEGINS != 0 && self.spatial() == 0
    }

    /// Whether a layer's frame ends with this packet.
    #[must_use]
    pub const fn frame_end(&self) -> bool {
        self.flags & ENDS != 0
    }

    /// Whether the picture needs no earlier one. True on all packets of its lowest layer.
    #[must_use]
    pub const fn keyframe(&self) -> bool {
        self.flags & INTER_PICTURE == 0 && self.spatial() == 0
    }

    /// Temporal layer, 0 to 7; 0 when the stream has none.
    #[must_use]
    pub const fn temporal(&self) -> u8 {
        match self.layers {
            Some(layers) => layers >> 5,
            None => 0,
        }
    }

    /// Spatial layer, 0 to 7; 0 when the stream has none.
    #[must_use]
    pub const fn spatial(&self) -> u8 {
        match self.layers {
            Some(layers) => layers >> 1 & 7,
            None => 0,
        }
    }

    /// Whether a receiver may begin with this temporal layer here (U bit).
    #[must_use]
    pub const fn switching_up(&self) -> bool {
        matches!(self.layers, Some(layers) if layers & 0x10 != 0)
    }

    /// The descriptor's numbers written anew; references and structure behind them are kept.
    ///
    /// A picture id is always written with fifteen bits, so that a subscriber's circle does not
    /// change its size when its source does; fields the source lacks stay absent.
    #[must_use]
    #[inline]
    pub fn renumbered(&self, picture_id: u16, tl0picidx: u8) -> Prefix {
        let mut bytes = [0; Prefix::MAX];
        bytes[0] = self.flags;
        let (mut at, mut replaces) = (1, 1);
        if let Some(id) = self.picture_id {
            bytes[1..3].copy_from_slice(&(picture_id | 0x8000).to_be_bytes());
            at = 3;
            replaces += match id {
                PictureId::Short(_) => 1,
                PictureId::Long(_) => 2,
            };
        }
        for byte in [self.layers, self.tl0picidx.map(|_| tl0picidx)].into_iter().flatten() {
            bytes[at] = byte;
            at += 1;
            replaces += 1;
        }
        // At most five: every field above is counted once.
        Prefix::new(bytes, at as u8, replaces)
    }
}

/// Passes over the pictures a flexible-mode picture refers to: at most three.
fn references(walk: &mut Walk<'_>) -> Result<(), PayloadError> {
    for place in 0..3 {
        let reference = walk.byte()?;
        if reference & 1 == 0 {
            return Ok(());
        }
        if place == 2 {
            return Err(PayloadError::Forbidden {
                codec: Codec::Vp9,
                what: "references beyond",
                found: 3,
                expected: "as many at most",
            });
        }
    }
    Ok(())
}

/// Passes over the scalability structure; the size of its highest layer, if it tells sizes.
fn structure(walk: &mut Walk<'_>) -> Result<Option<(u16, u16)>, PayloadError> {
    let head = walk.byte()?;
    let mut size = None;
    if head & 0x10 != 0 {
        for _ in 0..=head >> 5 {
            size = Some((walk.word()?, walk.word()?));
        }
    }
    if head & 0x08 != 0 {
        for _ in 0..walk.byte()? {
            let references = walk.byte()? >> 2 & 3;
            walk.take(references.into())?;
        }
    }
    Ok(size.filter(|(width, height)| *width > 0 && *height > 0))
}

/// The size in a key frame's uncompressed header, for profile 0 (VP9 bitstream, section 6.2).
fn frame_size(frame: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits::new(frame);
    // Frame marker, profile 0, no repeat of an earlier frame, key frame; then two flags.
    if bits.take(6)? != 0b10_0000 {
        return None;
    }
    bits.skip(2)?;
    const SYNC_CODE: u32 = 0x49_8342;
    const RGB: u32 = 7;
    if bits.take(24)? != SYNC_CODE || bits.take(3)? == RGB {
        return None;
    }
    bits.skip(1)?;
    let mut side = || u16::try_from(bits.take(16)? + 1).ok();
    Some((side()?, side()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A keyframe's first packet as Chromium sends it for one spatial layer of 640 by 360:
    /// picture 0x1234, temporal layer 0, base-layer index 7, a structure with one picture group.
    const KEY: [u8; 14] = [
        0x80 | LAYERS | BEGINS | STRUCTURE,
        0x92,
        0x34,
        0x00,
        7,
        0x18,
        2,
        0x80,
        1,
        0x68,
        1,
        0x04,
        1,
        0x82,
    ];

    #[test]
    fn a_keyframe_with_its_structure_is_read_whole() {
        let found = Descriptor::parse(&KEY).unwrap();
        assert_eq!(found.len, 13);
        assert_eq!(found.picture_id, Some(PictureId::Long(0x1234)));
        assert_eq!((found.tl0picidx, found.temporal(), found.spatial()), (Some(7), 0, 0));
        assert!(found.frame_start() && found.keyframe() && !found.frame_end());
        assert_eq!(found.size, Some((640, 360)));
    }

    #[test]
    fn a_flexible_picture_has_references_and_no_base_layer_index() {
        let bytes = [0x80 | INTER_PICTURE | LAYERS | FLEXIBLE | BEGINS, 0x11, 0x50, 3, 4, 0xaa];
        let found = Descriptor::parse(&bytes).unwrap();
        assert_eq!((found.len, found.tl0picidx), (5, None));
        assert_eq!((found.temporal(), found.switching_up()), (2, true));
        assert!(found.frame_start() && !found.keyframe());
        let prefix = found.renumbered(5, 9);
        assert_eq!((prefix.bytes(), prefix.replaces()), (&[bytes[0], 0x80, 5, 0x50][..], 3));
        let endless = [0x80 | INTER_PICTURE | FLEXIBLE, 1, 3, 3, 3, 3];
        assert!(matches!(Descriptor::parse(&endless), Err(PayloadError::Forbidden { .. })));
    }

    #[test]
    fn without_a_structure_the_frame_header_tells_the_size() {
        // 1280 by 720, each written less one, behind three bits of colour space and one of range.
        let mut payload =
            [0x80 | BEGINS, 0x01, 0x82, 0x49, 0x83, 0x42, 0x20, 0x4f, 0xf0, 0x2c, 0xf0];
        assert_eq!(Descriptor::parse(&payload).unwrap().size, Some((1280, 720)));
        payload[2] |= 0x04;
        assert_eq!(Descriptor::parse(&payload).unwrap().size, None, "not a key frame after all");
    }

    #[test]
    fn an_upper_spatial_layer_is_neither_a_beginning_nor_an_entry() {
        let upper = Descriptor::parse(&[LAYERS | BEGINS, 0x02, 1, 0xaa]).unwrap();
        assert!(!upper.frame_start() && !upper.keyframe());
        assert_eq!(upper.spatial(), 1);
    }

    #[test]
    fn promises_without_bytes_are_an_error() {
        for end in 0..13 {
            assert!(Descriptor::parse(&KEY[..end]).is_err(), "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn renumbering_changes_the_numbers_only(
            payload in proptest::collection::vec(any::<u8>(), 0..40), picture in 0u16..0x8000, tl0: u8,
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
                prop_assert_eq!(&sent[after.len.into()..], &payload[before.len.into()..]);
            }
        }
    }
}
