//! VP8 payloads (RFC 7741): the descriptor, and the first bytes of a frame (RFC 6386).

/// Where a packet stands in its frame and stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Whether this is the first packet of a frame.
    pub start: bool,
    /// The picture id, 15 bits.
    pub picture: u16,
    /// Counts the frames of the base layer in time, 8 bits.
    pub tl0: u8,
}

impl Descriptor {
    /// Bytes the descriptor takes as [`Descriptor::append`] writes it.
    pub const LEN: usize = 6;

    /// Writes the descriptor with all optional fields, as browsers with simulcast do.
    pub fn append(&self, payload: &mut Vec<u8>) {
        payload.push(0x80 | if self.start { 0x10 } else { 0 });
        // I, L and T: picture id, TL0PICIDX and TID follow.
        payload.push(0b1110_0000);
        payload.extend_from_slice(&(0x8000 | self.picture & 0x7fff).to_be_bytes());
        payload.push(self.tl0);
        payload.push(0);
    }

    /// Reads a descriptor; gives it and its length. Fields that are absent read as 0.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<(Self, usize)> {
        let first = *payload.first()?;
        let start = first & 0x10 != 0 && first & 0x07 == 0;
        let mut found = Self { start, picture: 0, tl0: 0 };
        let mut at = 1;
        if first & 0x80 != 0 {
            let flags = *payload.get(at)?;
            at += 1;
            if flags & 0x80 != 0 {
                let high = *payload.get(at)?;
                at += 1;
                found.picture = u16::from(high & 0x7f);
                if high & 0x80 != 0 {
                    found.picture = found.picture << 8 | u16::from(*payload.get(at)?);
                    at += 1;
                }
            }
            if flags & 0x40 != 0 {
                found.tl0 = *payload.get(at)?;
                at += 1;
            }
            if flags & 0x30 != 0 {
                payload.get(at)?;
                at += 1;
            }
        }
        Some((found, at))
    }
}

/// Writes the head of a frame: 10 bytes for a keyframe with its size, else 3.
pub fn append_frame_head(payload: &mut Vec<u8>, keyframe: Option<(u16, u16)>) {
    // Bit 0: not a keyframe; bits 1-3: version 0; bit 4: shown; the rest: size of the
    // first partition, which a forwarder does not look at.
    payload.extend_from_slice(&[if keyframe.is_some() { 0x10 } else { 0x11 }, 0x02, 0x00]);
    if let Some((width, height)) = keyframe {
        payload.extend_from_slice(&[0x9d, 0x01, 0x2a]);
        payload.extend_from_slice(&(width & 0x3fff).to_le_bytes());
        payload.extend_from_slice(&(height & 0x3fff).to_le_bytes());
    }
}

/// What the head of a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// Width and height in pixels, of a keyframe.
    pub keyframe: Option<(u16, u16)>,
    /// Bytes the head takes.
    pub len: usize,
}

/// Reads the head of a frame; `None` when it is cut short or no VP8.
#[must_use]
pub fn read_frame_head(frame: &[u8]) -> Option<FrameHead> {
    let tag = frame.get(..3)?;
    if tag[0] & 1 == 1 {
        return Some(FrameHead { keyframe: None, len: 3 });
    }
    let head = frame.get(3..10)?;
    if head[..3] != [0x9d, 0x01, 0x2a] {
        return None;
    }
    let size = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]) & 0x3fff;
    Some(FrameHead { keyframe: Some((size(3), size(5))), len: 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let descriptor = Descriptor { start: true, picture: 0x7abc, tl0: 200 };
        let mut payload = Vec::new();
        descriptor.append(&mut payload);
        append_frame_head(&mut payload, Some((1280, 720)));
        let (found, at) = Descriptor::read(&payload).unwrap();
        assert_eq!((found, at), (descriptor, Descriptor::LEN));
        let head = read_frame_head(&payload[at..]).unwrap();
        assert_eq!(head, FrameHead { keyframe: Some((1280, 720)), len: 10 });
        for cut in 0..payload.len() {
            let _ =
                Descriptor::read(&payload[..cut]).map(|(_, at)| read_frame_head(&payload[at..cut]));
        }
    }

    #[test]
    fn short_picture_ids_and_bare_descriptors_are_read_too() {
        let (found, at) = Descriptor::read(&[0x90, 0x80, 0x12]).unwrap();
        assert_eq!((found.picture, at), (0x12, 3));
        let (found, at) = Descriptor::read(&[0x10]).unwrap();
        assert!(found.start);
        assert_eq!(at, 1);
    }
}
