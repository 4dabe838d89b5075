//! The RTP header as it stands on the wire (RFC 3550, section 5.1; extensions: RFC 8285).

/// Bytes of the fixed header.
pub(crate) const FIXED: usize = 12;
/// One-byte header extensions.
const ONE_BYTE: u16 = 0xbede;

/// What the header of a packet says; nothing of it is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    /// Whether padding follows the payload.
    pub(crate) padding: bool,
    /// Bytes in front of the payload.
    pub(crate) len: usize,
    /// Where one-byte extensions begin; they end at `len`.
    extensions: usize,
}

impl Header {
    /// Reads a header; `None` when it is cut short or of another version.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        let fixed = packet.first_chunk::<FIXED>()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let mut len = FIXED + 4 * usize::from(fixed[0] & 0x0f);
        let mut extensions = len;
        if fixed[0] & 0x10 != 0 {
            let head = packet.get(len..len + 4)?;
            let words = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let known = u16::from_be_bytes([head[0], head[1]]) == ONE_BYTE;
            len += 4 + 4 * words;
            extensions = if known { len - 4 * words } else { len };
        } else if packet.len() < len {
            return None;
        }
        let word = |at: usize| {
            u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]])
        };
        (packet.len() >= len).then_some(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            seq: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: word(4),
            ssrc: word(8),
            padding: fixed[0] & 0x20 != 0,
            len,
            extensions,
        })
    }

    /// The value of a header extension.
    pub(crate) fn extension<'a>(&self, packet: &'a [u8], id: u8) -> Option<&'a [u8]> {
        let mut at = self.extensions;
        while at < self.len {
            let head = *packet.get(at)?;
            at += 1;
            if head == 0 {
                continue;
            }
            let (found, len) = (head >> 4, usize::from(head & 0x0f) + 1);
            if found == 15 {
                return None;
            }
            if found == id {
                return packet.get(at..at + len).filter(|_| at + len <= self.len);
            }
            at += len;
        }
        None
    }
}

/// What a header to write says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

/// Appends a header with one-byte extensions (id, value of 1 to 16 bytes) to `out`; gives its
/// length.
pub(crate) fn write(out: &mut Vec<u8>, fields: &Fields, extensions: &[(u8, &[u8])]) -> usize {
    let from = out.len();
    out.push(if extensions.is_empty() { 0x80 } else { 0x90 });
    out.push(fields.payload_type & 0x7f | if fields.marker { 0x80 } else { 0 });
    out.extend_from_slice(&fields.seq.to_be_bytes());
    out.extend_from_slice(&fields.timestamp.to_be_bytes());
    out.extend_from_slice(&fields.ssrc.to_be_bytes());
    if !extensions.is_empty() {
        out.extend_from_slice(&ONE_BYTE.to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        let begin = out.len();
        for (id, value) in extensions {
            out.push(id << 4 | (value.len().saturating_sub(1) & 0x0f) as u8);
            out.extend_from_slice(value);
        }
        while !(out.len() - begin).is_multiple_of(4) {
            out.push(0);
        }
        let words = ((out.len() - begin) / 4) as u16;
        out[begin - 2..begin].copy_from_slice(&words.to_be_bytes());
    }
    out.len() - from
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields =
        Fields { marker: true, payload_type: 96, seq: 65_535, timestamp: 7, ssrc: 0xfeed_beef };

    #[test]
    fn a_header_is_read_back_with_its_extensions() {
        let mut packet = vec![1, 2, 3];
        let len = write(&mut packet, &FIELDS, &[(3, &[9, 8]), (4, b"mid")]);
        packet.extend_from_slice(b"payload");
        let packet = &packet[3..];
        let header = Header::read(packet).unwrap();
        assert_eq!((header.len, len), (24, 24));
        assert_eq!((header.seq, header.timestamp, header.ssrc), (65_535, 7, 0xfeed_beef));
        assert!(header.marker && !header.padding);
        assert_eq!(header.extension(packet, 3), Some(&[9, 8][..]));
        assert_eq!(header.extension(packet, 4), Some(&b"mid"[..]));
        assert_eq!(header.extension(packet, 5), None);
        for cut in 0..len {
            assert_eq!(Header::read(&packet[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn lengths_that_lie_are_survived() {
        let mut packet = Vec::new();
        write(&mut packet, &FIELDS, &[(3, &[9, 8])]);
        for byte in 12..packet.len() {
            for value in 0..=255 {
                let mut changed = packet.clone();
                changed[byte] = value;
                if let Some(header) = Header::read(&changed) {
                    (0..16).for_each(|id| {
                        let _ = header.extension(&changed, id);
                    });
                }
            }
        }
        assert_eq!(Header::read(&[0x40; 20]), None, "another version");
    }
}
