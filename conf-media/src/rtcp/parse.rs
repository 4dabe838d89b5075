//! What a compound RTCP packet contains: borrowed views, no allocation.

use super::ReportBlock;
use super::transport_cc::TransportFeedback;

/// Why bytes are not RTCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RtcpError {
    /// A packet ends before what its header or counts promise.
    #[error("rtcp {part} cut short: needs {needed} bytes, has {available}")]
    Truncated {
        /// What did not fit.
        part: &'static str,
        /// Bytes needed.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// The first two bits are not the version every RTCP packet has.
    #[error("rtcp version is {found}, expected 2")]
    Version {
        /// The version found.
        found: u8,
    },
    /// The padding count is zero or covers more than the packet.
    #[error("rtcp padding is {found} bytes, packet body has {available}")]
    Padding {
        /// The count found.
        found: usize,
        /// Bytes there are.
        available: usize,
    },
}

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rtcp<'a> {
    /// RFC 3550, section 6.4.1.
    SenderReport {
        /// Who reports.
        ssrc: u32,
        /// NTP time, 32.32.
        ntp: u64,
        /// RTP time of the same moment.
        rtp: u32,
        /// What it says about others.
        blocks: Blocks<'a>,
    },
    /// RFC 3550, section 6.4.2.
    ReceiverReport {
        /// Who reports.
        ssrc: u32,
        /// What it says about others.
        blocks: Blocks<'a>,
    },
    /// RFC 3550, section 6.5; the contents do not matter to us.
    Sdes,
    /// RFC 3550, section 6.6: these sources end.
    Bye(Words<'a>),
    /// Generic NACK (RFC 4585, section 6.2.1).
    Nack {
        /// Whose packets are missing.
        media: u32,
        /// Which.
        lost: Lost<'a>,
    },
    /// Picture loss indication (RFC 4585, section 6.3.1).
    Pli {
        /// Whose keyframe is wanted.
        media: u32,
    },
    /// Full intra request (RFC 5104, section 4.3.1).
    Fir(Intra<'a>),
    /// Transport-wide feedback.
    TransportFeedback(TransportFeedback<'a>),
    /// Receiver estimated maximum bitrate: not used.
    Remb,
    /// Anything else, by packet type and count or format.
    Other {
        /// Packet type.
        packet_type: u8,
        /// Count or feedback format.
        format: u8,
    },
}

/// The packets of one datagram, in order. The first error ends the walk.
#[derive(Debug, Clone)]
pub struct Compound<'a> {
    rest: &'a [u8],
}

impl<'a> Compound<'a> {
    /// Walks `bytes`, a whole decrypted RTCP datagram; reduced-size packets are fine (RFC 5506).
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Compound<'a> {
    type Item = Result<Rtcp<'a>, RtcpError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let result = split(self.rest);
        match result {
            Ok((_, rest)) => self.rest = rest,
            Err(_) => self.rest = &[],
        }
        Some(result.map(|(packet, _)| packet))
    }
}

/// Parses the first packet and returns what follows it.
fn split(bytes: &[u8]) -> Result<(Rtcp<'_>, &[u8]), RtcpError> {
    let &[first, packet_type, high, low] = need("header", bytes, 4)?;
    if first >> 6 != 2 {
        return Err(RtcpError::Version { found: first >> 6 });
    }
    let len = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
    let Some((packet, rest)) = bytes.split_at_checked(len) else {
        return Err(RtcpError::Truncated { part: "packet", needed: len, available: bytes.len() });
    };
    let mut body = &packet[4..];
    if first & 0x20 != 0 {
        let padding = usize::from(body.last().copied().unwrap_or(0));
        if padding == 0 || padding > body.len() {
            return Err(RtcpError::Padding { found: padding, available: body.len() });
        }
        body = &body[..body.len() - padding];
    }
    Ok((read(packet_type, first & 0x1f, body)?, rest))
}

fn read(packet_type: u8, format: u8, body: &[u8]) -> Result<Rtcp<'_>, RtcpError> {
    Ok(match (packet_type, format) {
        (200, count) => {
            let info: &[u8; 24] = need("sender report", body, 24)?;
            Rtcp::SenderReport {
                ssrc: word(info, 0),
                ntp: (u64::from(word(info, 4)) << 32) | u64::from(word(info, 8)),
                rtp: word(info, 12),
                blocks: Blocks::new(&body[24..], count)?,
            }
        }
        (201, count) => {
            let ssrc: &[u8; 4] = need("receiver report", body, 4)?;
            Rtcp::ReceiverReport {
                ssrc: u32::from_be_bytes(*ssrc),
                blocks: Blocks::new(&body[4..], count)?,
            }
        }
        (202, _) => Rtcp::Sdes,
        (203, count) => {
            let len = usize::from(count) * 4;
            let sources = body.get(..len).ok_or(RtcpError::Truncated {
                part: "bye",
                needed: len,
                available: body.len(),
            })?;
            Rtcp::Bye(Words { bytes: sources })
        }
        (205, 1) => {
            let head: &[u8; 8] = need("nack", body, 8)?;
            Rtcp::Nack { media: word(head, 4), lost: Lost { pairs: &body[8..], first: 0, mask: 0 } }
        }
        (205, 15) => Rtcp::TransportFeedback(TransportFeedback::parse(body)?),
        (206, 1) => {
            let head: &[u8; 8] = need("pli", body, 8)?;
            Rtcp::Pli { media: word(head, 4) }
        }
        (206, 4) => {
            need::<8>("fir", body, 8)?;
            Rtcp::Fir(Intra { entries: &body[8..] })
        }
        (206, 15) => Rtcp::Remb,
        (packet_type, format) => Rtcp::Other { packet_type, format },
    })
}

/// The first `N` bytes, or an error that names `part`.
pub(super) fn need<'a, const N: usize>(
    part: &'static str,
    bytes: &'a [u8],
    needed: usize,
) -> Result<&'a [u8; N], RtcpError> {
    bytes.first_chunk().ok_or(RtcpError::Truncated { part, needed, available: bytes.len() })
}

/// The big-endian word at `at`; zero beyond the end, which callers rule out by length.
pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |&wire| u32::from_be_bytes(wire))
}

/// Report blocks of a sender or receiver report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks<'a> {
    bytes: &'a [u8],
}

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8], count: u8) -> Result<Self, RtcpError> {
        let len = usize::from(count) * 24;
        bytes.get(..len).map(|bytes| Self { bytes }).ok_or(RtcpError::Truncated {
            part: "report blocks",
            needed: len,
            available: bytes.len(),
        })
    }
}

impl Iterator for Blocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let (block, rest) = self.bytes.split_first_chunk::<24>()?;
        self.bytes = rest;
        let loss = word(block, 4);
        Some(ReportBlock {
            ssrc: word(block, 0),
            fraction_lost: (loss >> 24) as u8,
            // Moved up and back down so that the 24th bit becomes the sign.
            packets_lost: ((loss << 8) as i32) >> 8,
            highest_seq: word(block, 8),
            jitter: word(block, 12),
            last_sender_report: word(block, 16),
            delay_since: word(block, 20),
        })
    }
}

/// A list of SSRCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    bytes: &'a [u8],
}

impl Iterator for Words<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (word, rest) = self.bytes.split_first_chunk::<4>()?;
        self.bytes = rest;
        Some(u32::from_be_bytes(*word))
    }
}

/// The wire sequence numbers a NACK asks for, up to 17 from each of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost<'a> {
    pairs: &'a [u8],
    /// The entry being unfolded: the number before the mask's lowest bit, and the mask.
    first: u16,
    mask: u16,
}

impl Iterator for Lost<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.mask != 0 {
            let skip = self.mask.trailing_zeros() as u16 + 1;
            self.first = self.first.wrapping_add(skip);
            // A shift by sixteen would overflow: bit 15 alone leaves nothing behind.
            self.mask = self.mask.checked_shr(skip.into()).unwrap_or(0);
            return Some(self.first);
        }
        let (pair, rest) = self.pairs.split_first_chunk::<4>()?;
        self.pairs = rest;
        self.first = u16::from_be_bytes([pair[0], pair[1]]);
        self.mask = u16::from_be_bytes([pair[2], pair[3]]);
        Some(self.first)
    }
}

/// The sources a full intra request asks for keyframes of, with the request's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intra<'a> {
    entries: &'a [u8],
}

impl Iterator for Intra<'_> {
    type Item = (u32, u8);

    fn next(&mut self) -> Option<(u32, u8)> {
        let (entry, rest) = self.entries.split_first_chunk::<8>()?;
        self.entries = rest;
        Some((word(entry, 0), entry[4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Result<Rtcp<'_>, RtcpError>> {
        Compound::new(bytes).collect()
    }

    #[test]
    fn a_nack_unfolds_its_bitmask_across_the_wrap() {
        let bytes = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0x80, 0x03];
        let [Ok(Rtcp::Nack { media: 2, lost })] = all(&bytes)[..] else {
            panic!("not a nack: {:?}", all(&bytes));
        };
        assert_eq!(lost.collect::<Vec<_>>(), [65_534, 65_535, 0, 14]);
    }

    #[test]
    fn a_compound_is_walked_in_order() {
        let mut bytes = vec![0x80, 201, 0, 1, 0, 0, 0, 9];
        bytes.extend([0x81, 202, 0, 1, 0, 0, 0, 9]);
        bytes.extend([0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 5]);
        bytes.extend([0x84, 206, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0, 0]);
        bytes.extend([0x82, 203, 0, 2, 0, 0, 0, 7, 0, 0, 0, 8]);
        bytes.extend([0x80, 207, 0, 0]);
        let found = all(&bytes);
        assert_eq!(found.len(), 6);
        assert!(matches!(found[0], Ok(Rtcp::ReceiverReport { ssrc: 9, .. })));
        assert_eq!(found[1], Ok(Rtcp::Sdes));
        assert_eq!(found[2], Ok(Rtcp::Pli { media: 5 }));
        let Ok(Rtcp::Fir(fir)) = found[3] else { panic!("not a fir: {:?}", found[3]) };
        assert_eq!(fir.collect::<Vec<_>>(), [(6, 3)]);
        let Ok(Rtcp::Bye(bye)) = found[4] else { panic!("not a bye: {:?}", found[4]) };
        assert_eq!(bye.collect::<Vec<_>>(), [7, 8]);
        assert_eq!(found[5], Ok(Rtcp::Other { packet_type: 207, format: 0 }));
    }

    #[test]
    fn a_broken_packet_ends_the_walk_with_what_was_found() {
        let mut bytes = vec![0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 5];
        bytes.extend([0x80, 201, 0, 9, 1]);
        let found = all(&bytes);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[1].unwrap_err().to_string(),
            "rtcp packet cut short: needs 40 bytes, has 5"
        );
        assert_eq!(all(&[0x40, 201, 0, 0])[0], Err(RtcpError::Version { found: 1 }));
        assert_eq!(all(&[0x85, 201, 0, 1, 0, 0, 0, 1]).len(), 1);
        assert!(all(&[0x85, 201, 0, 1, 0, 0, 0, 1])[0].is_err());
        assert!(all(&[0xa0, 201, 0, 1, 0, 0, 0, 9])[0].is_err());
    }
}
