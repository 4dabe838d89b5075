//! How our RTCP packets are laid down in the caller's buffer.

use super::ReportBlock;

/// Most report blocks one packet carries; its count has five bits.
const MOST_BLOCKS: usize = 31;

/// What a sender report says about its sender (RFC 3550, section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// The stream reported on, which is also who reports.
    pub ssrc: u32,
    /// Now, as NTP time 32.32.
    pub ntp: u64,
    /// Now, in the stream's RTP clock.
    pub rtp: u32,
    /// Packets sent, wrapping.
    pub packets: u32,
    /// Payload bytes sent, wrapping.
    pub octets: u32,
}

/// Appends words and bytes, and remembers whether they fitted.
struct Pen<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl<'a> Pen<'a> {
    /// Starts a packet; the length is filled in by [`Pen::finish`].
    fn start(out: &'a mut [u8], format: u8, packet_type: u8) -> Option<Self> {
        let mut pen = Self { out, at: 0 };
        pen.bytes(&[0x80 | (format & 0x1f), packet_type, 0, 0])?;
        Some(pen)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        self.out.get_mut(self.at..self.at + bytes.len())?.copy_from_slice(bytes);
        self.at += bytes.len();
        Some(())
    }

    fn word(&mut self, word: u32) -> Option<()> {
        self.bytes(&word.to_be_bytes())
    }

    fn blocks(&mut self, blocks: &[ReportBlock]) -> Option<()> {
        for block in blocks {
            self.word(block.ssrc)?;
            let lost = block.packets_lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0xff_ffff;
            self.word((u32::from(block.fraction_lost) << 24) | lost)?;
            self.word(block.highest_seq)?;
            self.word(block.jitter)?;
            self.word(block.last_sender_report)?;
            self.word(block.delay_since)?;
        }
        Some(())
    }

    /// Fills in the length (in words, less one) and returns it in bytes.
    fn finish(self) -> Option<usize> {
        let words = u16::try_from(self.at / 4 - 1).ok()?;
        self.out.get_mut(2..4)?.copy_from_slice(&words.to_be_bytes());
        Some(self.at)
    }
}

/// Writes a receiver report with the first 31 of `blocks`; returns its length, `None` when `out`
/// is too small. So do all writers here.
pub fn write_receiver_report(out: &mut [u8], sender: u32, blocks: &[ReportBlock]) -> Option<usize> {
    let blocks = &blocks[..blocks.len().min(MOST_BLOCKS)];
    let mut pen = Pen::start(out, blocks.len() as u8, 201)?;
    pen.word(sender)?;
    pen.blocks(blocks)?;
    pen.finish()
}

/// Writes a sender report with the first 31 of `blocks`.
pub fn write_sender_report(
    out: &mut [u8],
    info: &SenderInfo,
    blocks: &[ReportBlock],
) -> Option<usize> {
    let blocks = &blocks[..blocks.len().min(MOST_BLOCKS)];
    let mut pen = Pen::start(out, blocks.len() as u8, 200)?;
    pen.word(info.ssrc)?;
    pen.bytes(&info.ntp.to_be_bytes())?;
    pen.word(info.rtp)?;
    pen.word(info.packets)?;
    pen.word(info.octets)?;
    pen.blocks(blocks)?;
    pen.finish()
}

/// Writes a source description with a canonical name, cut to 255 bytes (RFC 3550, section 6.5).
pub fn write_sdes_cname(out: &mut [u8], ssrc: u32, cname: &str) -> Option<usize> {
    let name = &cname.as_bytes()[..cname.len().min(255)];
    let mut pen = Pen::start(out, 1, 202)?;
    pen.word(ssrc)?;
    pen.bytes(&[1, name.len() as u8])?;
    pen.bytes(name)?;
    // One to four zeros end the list and fill the word.
    let zeros = 4 - pen.at % 4;
    pen.bytes(&[0; 4][..zeros])?;
    pen.finish()
}

/// Writes a generic NACK for the wire numbers `lost`, ascending on the circle; duplicates and
/// disorder cost space, not correctness. `None` also when `lost` is empty.
pub fn write_nack(
    out: &mut [u8],
    sender: u32,
    media: u32,
    lost: impl IntoIterator<Item = u16>,
) -> Option<usize> {
    let mut pen = Pen::start(out, 1, 205)?;
    pen.word(sender)?;
    pen.word(media)?;
    let mut lost = lost.into_iter();
    let mut first = lost.next()?;
    let mut mask = 0u16;
    for seq in lost {
        let ahead = seq.wrapping_sub(first);
        match ahead {
            0 => {}
            1..=16 => mask |= 1 << (ahead - 1),
            _ => {
                pen.word((u32::from(first) << 16) | u32::from(mask))?;
                first = seq;
                mask = 0;
            }
        }
    }
    pen.word((u32::from(first) << 16) | u32::from(mask))?;
    pen.finish()
}

/// Writes a picture loss indication (RFC 4585, section 6.3.1).
pub fn write_pli(out: &mut [u8], sender: u32, media: u32) -> Option<usize> {
    let mut pen = Pen::start(out, 1, 206)?;
    pen.word(sender)?;
    pen.word(media)?;
    pen.finish()
}

/// Writes a goodbye for one source (RFC 3550, section 6.6).
pub fn write_bye(out: &mut [u8], ssrc: u32) -> Option<usize> {
    let mut pen = Pen::start(out, 1, 203)?;
    pen.word(ssrc)?;
    pen.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtcp::{Compound, Rtcp};

    fn only(bytes: &[u8]) -> Rtcp<'_> {
        let mut compound = Compound::new(bytes);
        let first = compound.next().unwrap().unwrap();
        assert_eq!(compound.next(), None);
        first
    }

    #[test]
    fn reports_are_read_back_as_written() {
        let block = ReportBlock {
            ssrc: 1,
            fraction_lost: 2,
            packets_lost: -3,
            highest_seq: 4,
            jitter: 5,
            last_sender_report: 6,
            delay_since: 7,
        };
        let mut out = [0; 200];
        let len = write_receiver_report(&mut out, 9, &[block, block]).unwrap();
        let Rtcp::ReceiverReport { ssrc: 9, blocks } = only(&out[..len]) else { panic!() };
        assert_eq!(blocks.collect::<Vec<_>>(), [block, block]);

        let info =
            SenderInfo { ssrc: 8, ntp: 0x0102_0304_0506_0708, rtp: 3, packets: 1, octets: 2 };
        let len = write_sender_report(&mut out, &info, &[block]).unwrap();
        let Rtcp::SenderReport { ssrc: 8, ntp, rtp: 3, blocks } = only(&out[..len]) else {
            panic!()
        };
        assert_eq!(ntp, info.ntp);
        assert_eq!(blocks.count(), 1);
    }

    #[test]
    fn a_name_of_any_length_fills_whole_words() {
        for len in 0..9 {
            let mut out = [0xff; 64];
            let written = write_sdes_cname(&mut out, 1, &"n".repeat(len)).unwrap();
            assert_eq!(written % 4, 0);
            assert_eq!(out[10 + len], 0);
            assert_eq!(only(&out[..written]), Rtcp::Sdes);
        }
    }

    #[test]
    fn small_buffers_are_refused() {
        assert_eq!(write_pli(&mut [0; 11], 1, 2), None);
        assert_eq!(write_pli(&mut [0; 12], 1, 2), Some(12));
        assert_eq!(write_nack(&mut [0; 64], 1, 2, []), None);
        assert_eq!(write_bye(&mut [0; 7], 1), None);
    }

    proptest! {
        #[test]
        fn a_nack_asks_for_exactly_the_numbers_given(
            start: u16, steps in proptest::collection::vec(1u16..40, 0..60),
        ) {
            let mut lost = vec![start];
            for step in steps {
                lost.push(lost[lost.len() - 1].wrapping_add(step));
            }
            let mut out = [0; 600];
            let len = write_nack(&mut out, 1, 2, lost.iter().copied()).unwrap();
            let Rtcp::Nack { media: 2, lost: found } = only(&out[..len]) else { panic!() };
            prop_assert_eq!(found.collect::<Vec<_>>(), lost);
        }
    }
}
