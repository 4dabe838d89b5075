//! RTCP blocks a load peer writes and reads (RFC 3550, section 6; RFC 4585; RFC 5104).

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
const NACK: u8 = 1;
const PLI: u8 = 1;
const FIR: u8 = 4;
/// Report blocks one packet holds.
const MAX_BLOCKS: usize = 31;

/// What the other side says; other blocks are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    /// A sender's clocks.
    SenderReport {
        ssrc: u32,
        /// The middle 32 bits of its NTP time.
        ntp_mid: u32,
    },
    /// One of our streams is to begin a frame that needs no other: PLI or FIR.
    Keyframe { ssrc: u32 },
    /// Packets of one of our streams are missing.
    Nack {
        ssrc: u32,
        /// Pairs of number and bitmask of the 16 behind it.
        items: &'a [u8],
    },
}

/// Calls `heard` with what a compound packet says; stops at the first block that is cut short.
pub(crate) fn read<'a>(packet: &'a [u8], mut heard: impl FnMut(Heard<'a>)) {
    let mut rest = packet;
    while let Some(head) = rest.first_chunk::<4>() {
        let len = 4 + 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some(block) = rest.get(..len).filter(|_| head[0] >> 6 == 2) else { return };
        rest = &rest[len..];
        let word =
            |at: usize| block.get(at..at + 4).map(|w| u32::from_be_bytes([w[0], w[1], w[2], w[3]]));
        let about = head[0] & 0x1f;
        match (head[1], about) {
            (SENDER_REPORT, _) => {
                if let (Some(ssrc), Some(high), Some(low)) = (word(4), word(8), word(12)) {
                    heard(Heard::SenderReport { ssrc, ntp_mid: high << 16 | low >> 16 });
                }
            }
            (PAYLOAD_FEEDBACK, PLI) => {
                word(8).into_iter().for_each(|ssrc| heard(Heard::Keyframe { ssrc }));
            }
            (PAYLOAD_FEEDBACK, FIR) => {
                let entries = block.get(12..).unwrap_or_default().as_chunks::<8>().0;
                for entry in entries {
                    let ssrc = u32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]);
                    heard(Heard::Keyframe { ssrc });
                }
            }
            (TRANSPORT_FEEDBACK, NACK) => {
                if let (Some(ssrc), Some(items)) = (word(8), block.get(12..)) {
                    heard(Heard::Nack { ssrc, items });
                }
            }
            _ => {}
        }
    }
}

/// The numbers a NACK asks for, oldest first.
pub(crate) fn nacked(items: &[u8]) -> impl Iterator<Item = u16> {
    items.as_chunks::<4>().0.iter().flat_map(|item| {
        let (first, mask) =
            (u16::from_be_bytes([item[0], item[1]]), u16::from_be_bytes([item[2], item[3]]));
        let behind = (0..16).filter(move |bit| mask >> bit & 1 == 1);
        std::iter::once(first).chain(behind.map(move |bit| first.wrapping_add(bit + 1)))
    })
}

/// What a receiver says of one stream (RFC 3550, section 6.4.1).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Report {
    pub(crate) ssrc: u32,
    /// Lost since the last report, of 256.
    pub(crate) fraction_lost: u8,
    pub(crate) lost: u32,
    /// The newest extended sequence number.
    pub(crate) newest: u32,
    /// In units of the stream's clock.
    pub(crate) jitter: u32,
    /// The middle bits of the latest sender report's time; 0 for none.
    pub(crate) last_report: u32,
    /// Time since then, in 1/65536 s.
    pub(crate) delay: u32,
}

/// Appends receiver reports of all streams, as many packets as that takes; at least one, which a
/// compound packet has to begin with.
pub(crate) fn write_reports(out: &mut Vec<u8>, from: u32, reports: &[Report]) {
    let mut left = reports;
    loop {
        let (now, later) = left.split_at(left.len().min(MAX_BLOCKS));
        head(out, now.len() as u8, RECEIVER_REPORT, 1 + 6 * now.len());
        out.extend_from_slice(&from.to_be_bytes());
        for report in now {
            out.extend_from_slice(&report.ssrc.to_be_bytes());
            let lost = u32::from(report.fraction_lost) << 24 | report.lost.min(0x7f_ffff);
            for word in [lost, report.newest, report.jitter, report.last_report, report.delay] {
                out.extend_from_slice(&word.to_be_bytes());
            }
        }
        left = later;
        if left.is_empty() {
            return;
        }
    }
}

/// What a sender says of one stream (RFC 3550, section 6.4.1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) ssrc: u32,
    /// NTP time: seconds since 1900 and their 2^-32 parts.
    pub(crate) ntp: u64,
    pub(crate) timestamp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// Appends a sender report without report blocks.
pub(crate) fn write_sent(out: &mut Vec<u8>, sent: &Sent) {
    head(out, 0, SENDER_REPORT, 6);
    out.extend_from_slice(&sent.ssrc.to_be_bytes());
    out.extend_from_slice(&sent.ntp.to_be_bytes());
    for word in [sent.timestamp, sent.packets, sent.octets] {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

/// Appends a request for a keyframe (RFC 4585, section 6.3.1).
pub(crate) fn write_pli(out: &mut Vec<u8>, from: u32, about: u32) {
    head(out, PLI, PAYLOAD_FEEDBACK, 2);
    out.extend_from_slice(&from.to_be_bytes());
    out.extend_from_slice(&about.to_be_bytes());
}

/// Appends a request for packets (RFC 4585, section 6.2.1); `missing` in ascending order, at
/// least one.
pub(crate) fn write_nack(out: &mut Vec<u8>, from: u32, about: u32, missing: &[u16]) {
    let at = out.len();
    head(out, NACK, TRANSPORT_FEEDBACK, 2);
    out.extend_from_slice(&from.to_be_bytes());
    out.extend_from_slice(&about.to_be_bytes());
    let mut left = missing.iter().copied().peekable();
    while let Some(first) = left.next() {
        let mut mask = 0u16;
        while let Some(next) = left.peek().copied() {
            let behind = next.wrapping_sub(first);
            if !(1..=16).contains(&behind) {
                break;
            }
            mask |= 1 << (behind - 1);
            left.next();
        }
        out.extend_from_slice(&first.to_be_bytes());
        out.extend_from_slice(&mask.to_be_bytes());
    }
    close(out, at);
}

/// The first word of a block whose rest takes `words` words.
pub(super) fn head(out: &mut Vec<u8>, about: u8, kind: u8, words: usize) {
    out.push(0x80 | about & 0x1f);
    out.push(kind);
    out.extend_from_slice(&(words as u16).to_be_bytes());
}

/// Writes the length of the block that begins at `at` and ends here, at a multiple of 4.
pub(super) fn close(out: &mut [u8], at: usize) {
    let words = ((out.len() - at) / 4 - 1) as u16;
    out[at + 2..at + 4].copy_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nacks_are_written_and_read_back() {
        let missing = [65_530, 65_531, 65_535, 3, 10, 400];
        let mut packet = Vec::new();
        write_reports(&mut packet, 1, &[]);
        write_nack(&mut packet, 1, 2, &missing);
        let mut found = Vec::new();
        read(&packet, |heard| match heard {
            Heard::Nack { ssrc: 2, items } => found.extend(nacked(items)),
            other => panic!("{other:?}"),
        });
        assert_eq!(found, missing);
    }

    #[test]
    fn requests_for_keyframes_and_clocks_are_heard() {
        let mut packet = Vec::new();
        let ntp = 0x1111_2222_3333_4444;
        write_sent(&mut packet, &Sent { ssrc: 9, ntp, timestamp: 1, packets: 2, octets: 3 });
        write_pli(&mut packet, 1, 7);
        // FIR of RFC 5104, section 4.3.1.1, with two entries.
        packet.extend_from_slice(&[0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0]);
        packet.extend_from_slice(&[0, 0, 0, 8, 1, 0, 0, 0, 0, 0, 0, 6, 1, 0, 0, 0]);
        let mut found = Vec::new();
        read(&packet, |heard| found.push(heard));
        let expected = [
            Heard::SenderReport { ssrc: 9, ntp_mid: 0x2222_3333 },
            Heard::Keyframe { ssrc: 7 },
            Heard::Keyframe { ssrc: 8 },
            Heard::Keyframe { ssrc: 6 },
        ];
        assert_eq!(found, expected);
        for cut in 0..packet.len() {
            read(&packet[..cut], |_| {});
        }
    }

    #[test]
    fn more_reports_than_one_packet_holds_take_two() {
        let mut packet = Vec::new();
        write_reports(&mut packet, 1, &[Report::default(); 40]);
        assert_eq!((packet[0], packet[1]), (0x80 | 31, RECEIVER_REPORT));
        let second = 8 + 31 * 24;
        assert_eq!((packet[second], packet[second + 1]), (0x80 | 9, RECEIVER_REPORT));
        assert_eq!(packet.len(), second + 8 + 9 * 24);
    }
}
