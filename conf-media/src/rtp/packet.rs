//! What an RTP packet's bytes say: a borrowed view of header, extensions, payload and padding.

use std::ops::Range;

/// Bytes of the fixed header.
pub(crate) const FIXED_HEADER: usize = 12;
/// Profile word of one-byte extension elements (RFC 8285, section 4.2).
const ONE_BYTE: u16 = 0xbede;
/// Profile word of two-byte extension elements without its low "appbits" (RFC 8285, section 4.3).
const TWO_BYTE: u16 = 0x1000;

/// Why bytes are not an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RtpError {
    /// The packet ends before what its header promises.
    #[error("rtp packet cut short: {part} needs {needed} bytes, packet has {available}")]
    Truncated {
        /// What did not fit.
        part: &'static str,
        /// Bytes needed from the packet's start.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// The first two bits are not the version every RTP packet has.
    #[error("rtp version is {found}, expected 2")]
    Version {
        /// The version found.
        found: u8,
    },
    /// The padding count covers more than the payload, or is zero.
    #[error("rtp padding is {found} bytes, payload with padding has {available}")]
    Padding {
        /// The count in the last byte.
        found: usize,
        /// Bytes after the header.
        available: usize,
    },
}

/// Which local id each header extension has on one m-line (RFC 8285); `None` was not negotiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExtensionIds {
    /// `urn:ietf:params:rtp-hdrext:sdes:mid` (RFC 9143).
    pub mid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id` (RFC 8852).
    pub rid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id` (RFC 8852).
    pub rrid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:ssrc-audio-level` (RFC 6464).
    pub audio_level: Option<u8>,
    /// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    pub transport_cc: Option<u8>,
}

/// Loudness of one packet as its sender measured it (RFC 6464).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioLevel {
    /// Below full scale in decibels: 0 loudest, 127 silence.
    pub below_full_db: u8,
    /// The sender believes this is speech.
    pub voice: bool,
}

impl AudioLevel {
    /// From the extension's one byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        Self { below_full_db: byte & 0x7f, voice: byte & 0x80 != 0 }
    }

    /// The extension's one byte.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        (self.below_full_db & 0x7f) | if self.voice { 0x80 } else { 0 }
    }
}

/// The extension values forwarding reads, found in one walk over the header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// Which m-line, as text bytes.
    pub mid: Option<&'a [u8]>,
    /// Which encoding, as text bytes.
    pub rid: Option<&'a [u8]>,
    /// Which encoding this packet repairs, as text bytes.
    pub rrid: Option<&'a [u8]>,
    /// Loudness.
    pub audio_level: Option<AudioLevel>,
    /// Transport-wide sequence number.
    pub transport_cc: Option<u16>,
}

/// A parsed RTP packet that borrows its bytes (RFC 3550, section 5.1).
#[derive(Debug, Clone, Copy)]
pub struct RtpView<'a> {
    /// Marker bit: end of a frame for video, start of a talk spurt for audio.
    pub marker: bool,
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Sequence number as on the wire.
    pub seq: u16,
    /// RTP timestamp as on the wire.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    bytes: &'a [u8],
    extension: Range16,
    profile: u16,
    payload: Range16,
}

/// A range inside a datagram; two bytes an end, so that a view stays small.
#[derive(Debug, Clone, Copy)]
struct Range16 {
    start: u16,
    end: u16,
}

impl Range16 {
    fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }
}

impl<'a> RtpView<'a> {
    /// Parses a whole packet in the clear, padding included.
    ///
    /// # Errors
    /// Says what was found and what was promised; see [`RtpError`]. Packets over 65,535 bytes,
    /// which no datagram can carry, are refused as truncated.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RtpError> {
        let mut view = Self::parse_header(bytes)?;
        if bytes[0] & 0x20 != 0 {
            let payload = view.payload();
            let padding = usize::from(payload.last().copied().unwrap_or(0));
            if padding == 0 || padding > payload.len() {
                return Err(RtpError::Padding { found: padding, available: payload.len() });
            }
            // At most 255, checked against the payload just above.
            view.payload.end -= padding as u16;
        }
        Ok(view)
    }

    /// Parses the header of a packet whose payload is still encrypted, so that padding cannot be
    /// read yet: the payload runs to the end of `bytes`, authentication tag included.
    ///
    /// # Errors
    /// As [`RtpView::parse`], without [`RtpError::Padding`].
    pub fn parse_header(bytes: &'a [u8]) -> Result<Self, RtpError> {
        let truncated = |part, needed| RtpError::Truncated { part, needed, available: bytes.len() };
        let Some(fixed) = bytes.first_chunk::<FIXED_HEADER>() else {
            return Err(truncated("fixed header", FIXED_HEADER));
        };
        if fixed[0] >> 6 != 2 {
            return Err(RtpError::Version { found: fixed[0] >> 6 });
        }
        let end = u16::try_from(bytes.len()).map_err(|_| truncated("datagram length", 65_535))?;
        let mut at = FIXED_HEADER + usize::from(fixed[0] & 0x0f) * 4;
        if bytes.len() < at {
            return Err(truncated("contributing sources", at));
        }
        let mut profile = 0;
        let mut extension = Range16 { start: 0, end: 0 };
        if fixed[0] & 0x10 != 0 {
            let Some(&[p0, p1, l0, l1]) = bytes.get(at..at + 4) else {
                return Err(truncated("extension header", at + 4));
            };
            profile = u16::from_be_bytes([p0, p1]);
            let start = at + 4;
            at = start + usize::from(u16::from_be_bytes([l0, l1])) * 4;
            if bytes.len() < at {
                return Err(truncated("header extensions", at));
            }
            extension = Range16 { start: start as u16, end: at as u16 };
        }
        Ok(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            seq: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            bytes,
            extension,
            profile,
            payload: Range16 { start: at as u16, end },
        })
    }

    /// The media bytes, without padding.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload.of(self.bytes)
    }

    /// Where [`RtpView::payload`] lies in the packet.
    #[must_use]
    pub fn payload_range(&self) -> Range<usize> {
        self.payload.start.into()..self.payload.end.into()
    }

    /// Bytes of header before the payload, extensions included.
    #[must_use]
    pub fn header_len(&self) -> usize {
        self.payload.start.into()
    }

    /// Every extension element as (id, value), in order; malformed rests end the walk.
    #[must_use]
    pub fn extensions(&self) -> ExtensionWalk<'a> {
        let width = match self.profile {
            ONE_BYTE => 1,
            profile if profile & 0xfff0 == TWO_BYTE => 2,
            _ => return ExtensionWalk { rest: &[], width: 1 },
        };
        ExtensionWalk { rest: self.extension.of(self.bytes), width }
    }

    /// The values of the negotiated extensions, in one walk.
    #[must_use]
    pub fn read(&self, ids: &ExtensionIds) -> Extensions<'a> {
        let mut found = Extensions::default();
        for (id, value) in self.extensions() {
            let id = Some(id);
            if id == ids.transport_cc {
                found.transport_cc = value.first_chunk().map(|&wire| u16::from_be_bytes(wire));
            } else if id == ids.audio_level {
                found.audio_level = value.first().map(|&byte| AudioLevel::from_byte(byte));
            } else if id == ids.mid {
                found.mid = Some(value);
            } else if id == ids.rid {
                found.rid = Some(value);
            } else if id == ids.rrid {
                found.rrid = Some(value);
            }
        }
        found
    }
}

/// How many bytes of header a packet has, read without looking at its payload.
///
/// # Errors
/// As [`RtpView::parse_header`].
pub fn header_len(bytes: &[u8]) -> Result<usize, RtpError> {
    RtpView::parse_header(bytes).map(|view| view.header_len())
}

/// Walks the elements of a header extension (RFC 8285, sections 4.2 and 4.3).
#[derive(Debug, Clone)]
pub struct ExtensionWalk<'a> {
    rest: &'a [u8],
    /// Bytes of an element's own header: 1 or 2.
    width: u8,
}

impl<'a> Iterator for ExtensionWalk<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            if first == 0 {
                self.rest = rest;
                continue;
            }
            let (id, len, rest) = if self.width == 1 {
                // Id 15 ends the walk; id 0 with a length is not padding and ends it too.
                if first >> 4 == 15 || first >> 4 == 0 {
                    self.rest = &[];
                    return None;
                }
                (first >> 4, usize::from(first & 0x0f) + 1, rest)
            } else {
                let (&len, rest) = rest.split_first()?;
                (first, usize::from(len), rest)
            };
            let Some((value, rest)) = rest.split_at_checked(len) else {
                self.rest = &[];
                return None;
            };
            self.rest = rest;
            return Some((id, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: ExtensionIds = ExtensionIds {
        mid: Some(4),
        rid: Some(10),
        rrid: None,
        audio_level: Some(1),
        transport_cc: Some(3),
    };

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 0x80 | 96, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7];
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn a_plain_packet_is_header_and_payload() {
        let bytes = packet(0x80, b"media");
        let view = RtpView::parse(&bytes).unwrap();
        assert_eq!((view.seq, view.timestamp, view.ssrc), (0x1234, 9, 7));
        assert!(view.marker);
        assert_eq!(view.payload_type, 96);
        assert_eq!(view.payload(), b"media");
        assert_eq!(view.header_len(), 12);
    }

    #[test]
    fn one_byte_extensions_are_found_by_their_negotiated_ids() {
        let ext = [0xbe, 0xde, 0, 2, 0x31, 0xab, 0xcd, 0x10, 0xff, 0x40, b'a', 0];
        let bytes = packet(0x90, &[&ext[..], b"x"].concat());
        let view = RtpView::parse(&bytes).unwrap();
        let found = view.read(&IDS);
        assert_eq!(found.transport_cc, Some(0xabcd));
        assert_eq!(found.audio_level, Some(AudioLevel { below_full_db: 127, voice: true }));
        assert_eq!(found.mid, Some(&b"a"[..]));
        assert_eq!(found.rid, None);
        assert_eq!(view.payload(), b"x");
    }

    #[test]
    fn two_byte_extensions_are_found_as_well() {
        let ext = [0x10, 0x00, 0, 2, 10, 2, b'h', b'i', 0, 4, 0, 0];
        let bytes = packet(0x90, &ext);
        let found = RtpView::parse(&bytes).unwrap().read(&IDS);
        assert_eq!(found.rid, Some(&b"hi"[..]));
        assert_eq!(found.mid, Some(&b""[..]));
    }

    #[test]
    fn an_element_longer_than_its_block_ends_the_walk() {
        let ext = [0xbe, 0xde, 0, 1, 0x4f, 1, 2, 3];
        let bytes = packet(0x90, &ext);
        assert_eq!(RtpView::parse(&bytes).unwrap().read(&IDS), Extensions::default());
    }

    #[test]
    fn padding_is_not_media() {
        let bytes = packet(0xa0, &[1, 2, 0, 0, 3]);
        assert_eq!(RtpView::parse(&bytes).unwrap().payload(), &[1, 2]);
        let all = packet(0xa0, &[0, 0, 3]);
        assert_eq!(RtpView::parse(&all).unwrap().payload(), b"");
        let none = packet(0xa0, &[]);
        assert_eq!(
            RtpView::parse(&none).unwrap_err(),
            RtpError::Padding { found: 0, available: 0 }
        );
        assert!(RtpView::parse(&packet(0xa0, &[4, 5])).is_err());
    }

    #[test]
    fn errors_say_what_was_found() {
        assert_eq!(
            RtpView::parse(&[0x80; 4]).unwrap_err().to_string(),
            "rtp packet cut short: fixed header needs 12 bytes, packet has 4"
        );
        assert_eq!(
            RtpView::parse(&[0; 12]).unwrap_err().to_string(),
            "rtp version is 0, expected 2"
        );
        assert!(RtpView::parse(&packet(0x8f, &[])).is_err());
        assert!(RtpView::parse(&packet(0x90, &[0xbe, 0xde, 0, 9])).is_err());
    }
}
