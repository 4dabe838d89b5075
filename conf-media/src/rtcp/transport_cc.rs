//! What transport-wide feedback says, and how it is written
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).

use super::RtcpError;
use super::parse::{need, word};

/// Most packets one feedback speaks of, so that it fits a datagram whatever happened to them.
pub const MAX_STATUSES: usize = 448;
/// Longest feedback written, in bytes: header, chunks and large deltas for every packet.
pub const MAX_LEN: usize = 20 + MAX_STATUSES.div_ceil(7) * 2 + MAX_STATUSES * 2 + 2;
/// Quarter milliseconds in one unit of the reference time (64 ms).
const TICKS_PER_REFERENCE: u64 = 256;
/// The longest run one chunk can describe (13 bits).
const LONGEST_RUN: usize = 0x1fff;

/// Who writes feedback about what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Our SSRC.
    pub sender: u32,
    /// Any SSRC of the sender reported to.
    pub media: u32,
    /// Transport-wide number of the first packet spoken of.
    pub base_seq: u16,
    /// Running number of the feedback.
    pub count: u8,
}

/// What [`write`](fn@write) produced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub len: usize,
    /// Packets spoken of; fewer than given when an arrival was too far from the one before.
    pub statuses: u16,
}

/// Writes feedback for consecutive packets, each with its arrival in quarter milliseconds since
/// any fixed epoch, or `None` for one that did not arrive.
///
/// Takes at most [`MAX_STATUSES`]. `None` when nothing arrived at all or `out` is shorter than
/// [`MAX_LEN`].
pub fn write(
    out: &mut [u8],
    header: &Header,
    arrivals: impl Iterator<Item = Option<u64>>,
) -> Option<Written> {
    if out.len() < MAX_LEN {
        return None;
    }
    // One symbol a packet: 0 lost, 1 small delta, 2 large delta.
    let mut symbols = [0u8; MAX_STATUSES];
    let mut deltas = [0i16; MAX_STATUSES];
    let mut reference = None;
    let mut previous = 0i64;
    // Trailing losses may yet arrive: they are left to the next feedback.
    let mut end = 0;
    for (place, arrival) in arrivals.take(MAX_STATUSES).enumerate() {
        let Some(ticks) = arrival else { continue };
        if reference.is_none() {
            let units = ticks / TICKS_PER_REFERENCE;
            reference = Some(units);
            previous = (units * TICKS_PER_REFERENCE) as i64;
        }
        let Ok(delta) = i16::try_from(ticks as i64 - previous) else { break };
        previous = ticks as i64;
        symbols[place] = if (0..=255).contains(&delta) { 1 } else { 2 };
        deltas[place] = delta;
        end = place + 1;
    }
    let reference = reference?;
    let symbols = &symbols[..end];
    let mut at = 20;
    for chunk in (Chunks { rest: symbols }) {
        out[at..at + 2].copy_from_slice(&chunk.to_be_bytes());
        at += 2;
    }
    for (symbol, delta) in symbols.iter().zip(deltas) {
        match symbol {
            1 => {
                out[at] = delta as u8;
                at += 1;
            }
            2 => {
                out[at..at + 2].copy_from_slice(&delta.to_be_bytes());
                at += 2;
            }
            _ => {}
        }
    }
    let len = at.next_multiple_of(4);
    out[at..len].fill(0);
    let padding = len - at;
    out[0] = if padding == 0 { 0x8f } else { 0xaf };
    if padding > 0 {
        out[len - 1] = padding as u8;
    }
    out[1] = 205;
    out[2..4].copy_from_slice(&((len / 4 - 1) as u16).to_be_bytes());
    out[4..8].copy_from_slice(&header.sender.to_be_bytes());
    out[8..12].copy_from_slice(&header.media.to_be_bytes());
    out[12..14].copy_from_slice(&header.base_seq.to_be_bytes());
    out[14..16].copy_from_slice(&(end as u16).to_be_bytes());
    out[16..20]
        .copy_from_slice(&(((reference as u32) << 8) | u32::from(header.count)).to_be_bytes());
    Some(Written { len, statuses: end as u16 })
}

/// Packs symbols into status chunks, choosing the form that covers most of them.
struct Chunks<'a> {
    rest: &'a [u8],
}

impl Iterator for Chunks<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let &first = self.rest.first()?;
        let run = self.rest.iter().take(LONGEST_RUN).take_while(|&&s| s == first).count();
        let ones = self.rest.iter().take(14).take_while(|&&s| s < 2).count();
        let (chunk, taken) = if run >= 14 || run == self.rest.len() || (run >= 7 && ones < 14) {
            ((u16::from(first) << 13) | run as u16, run)
        } else if ones == 14 || ones == self.rest.len() {
            let bits = self.rest[..ones].iter().enumerate();
            (bits.fold(0x8000, |chunk, (i, &s)| chunk | (u16::from(s) << (13 - i))), ones)
        } else {
            let taken = self.rest.len().min(7);
            let pairs = self.rest[..taken].iter().enumerate();
            (pairs.fold(0xc000, |chunk, (i, &s)| chunk | (u16::from(s) << (12 - 2 * i))), taken)
        };
        self.rest = &self.rest[taken..];
        Some(chunk)
    }
}

/// Parsed transport-wide feedback that borrows its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportFeedback<'a> {
    /// Transport-wide number of the first packet spoken of.
    pub base_seq: u16,
    /// Packets spoken of.
    pub count: u16,
    /// Reference time in units of 64 ms, 24 bits signed.
    pub reference: i32,
    /// Running number of the feedback.
    pub number: u8,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    /// Parses the body behind the RTCP header.
    ///
    /// # Errors
    /// When it ends before its count of statuses is described.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, RtcpError> {
        let head: &[u8; 16] = need("transport feedback", body, 16)?;
        let count = u16::from_be_bytes([head[10], head[11]]);
        let time = word(head, 12);
        let mut described = 0;
        let mut rest = &body[16..];
        while described < usize::from(count) {
            let Some((chunk, after)) = rest.split_first_chunk::<2>() else {
                return Err(RtcpError::Truncated {
                    part: "transport feedback chunks",
                    needed: body.len() - rest.len() + 2,
                    available: body.len(),
                });
            };
            described += chunk_len(u16::from_be_bytes(*chunk));
            rest = after;
        }
        Ok(Self {
            base_seq: u16::from_be_bytes([head[8], head[9]]),
            count,
            reference: (time as i32) >> 8,
            number: time as u8,
            chunks: &body[16..body.len() - rest.len()],
            deltas: rest,
        })
    }

    /// Every packet spoken of, with its arrival in quarter milliseconds on the reporter's clock,
    /// or `None` when it did not arrive. Ends early if the deltas do.
    #[must_use]
    pub fn arrivals(&self) -> Statuses<'a> {
        Statuses {
            chunks: self.chunks,
            deltas: self.deltas,
            chunk: 0,
            taken: 0,
            len: 0,
            seq: self.base_seq,
            left: self.count,
            ticks: i64::from(self.reference) * TICKS_PER_REFERENCE as i64,
        }
    }
}

/// Walks the statuses of a feedback.
#[derive(Debug, Clone)]
pub struct Statuses<'a> {
    chunks: &'a [u8],
    deltas: &'a [u8],
    chunk: u16,
    taken: usize,
    len: usize,
    seq: u16,
    left: u16,
    ticks: i64,
}

impl Iterator for Statuses<'_> {
    type Item = (u16, Option<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        while self.taken == self.len {
            let (chunk, rest) = self.chunks.split_first_chunk::<2>()?;
            self.chunks = rest;
            self.chunk = u16::from_be_bytes(*chunk);
            self.taken = 0;
            self.len = chunk_len(self.chunk);
        }
        let symbol = symbol(self.chunk, self.taken);
        self.taken += 1;
        self.left -= 1;
        let delta = match symbol {
            1 => {
                let (&delta, rest) = self.deltas.split_first()?;
                self.deltas = rest;
                Some(i64::from(delta))
            }
            2 => {
                let (delta, rest) = self.deltas.split_first_chunk::<2>()?;
                self.deltas = rest;
                Some(i64::from(i16::from_be_bytes(*delta)))
            }
            _ => None,
        };
        let seq = self.seq;
        self.seq = seq.wrapping_add(1);
        Some((
            seq,
            delta.map(|delta| {
                self.ticks += delta;
                self.ticks
            }),
        ))
    }
}

/// How many packets a chunk describes; zero for an empty run.
fn chunk_len(chunk: u16) -> usize {
    match chunk >> 14 {
        0 | 1 => usize::from(chunk & 0x1fff),
        2 => 14,
        _ => 7,
    }
}

fn symbol(chunk: u16, index: usize) -> u16 {
    match chunk >> 14 {
        0 | 1 => chunk >> 13,
        2 => (chunk >> (13 - index.min(13))) & 1,
        _ => (chunk >> (12 - 2 * index.min(6))) & 3,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtcp::{Compound, Rtcp};

    const HEADER: Header = Header { sender: 1, media: 2, base_seq: 65_530, count: 7 };

    fn read(bytes: &[u8]) -> TransportFeedback<'_> {
        let Some(Ok(Rtcp::TransportFeedback(feedback))) = Compound::new(bytes).next() else {
            panic!("not transport feedback: {bytes:02x?}");
        };
        feedback
    }

    #[test]
    fn nothing_arrived_is_nothing_written() {
        let mut out = [0; MAX_LEN];
        assert_eq!(write(&mut out, &HEADER, [None, None].into_iter()), None);
        assert_eq!(write(&mut out[1..], &HEADER, [Some(1)].into_iter()), None);
    }

    #[test]
    fn empty_runs_do_not_hang_and_short_deltas_end_the_walk() {
        let mut bytes = vec![0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 3, 0, 0, 0, 0];
        bytes.extend([0x00, 0x00, 0x20, 0x03]);
        assert_eq!(read(&bytes).arrivals().count(), 0);
        bytes[15] = 0;
        assert_eq!(read(&bytes).arrivals().count(), 0);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_fits(
            start in 0u64..(1 << 20),
            steps in proptest::collection::vec(proptest::option::of(-300i64..2000), 1..600),
            lossless: bool,
        ) {
            let mut ticks = start + 200_000;
            let arrivals: Vec<Option<u64>> = steps
                .into_iter()
                .map(|step| {
                    let step = if lossless { Some(step.unwrap_or(4)) } else { step };
                    step.map(|step| {
                        ticks = ticks.saturating_add_signed(step);
                        ticks
                    })
                })
                .collect();
            let mut out = [0xaa; MAX_LEN];
            if let Some(written) = write(&mut out, &HEADER, arrivals.iter().copied()) {
                prop_assert!(written.len <= MAX_LEN);
                let feedback = read(&out[..written.len]);
                prop_assert_eq!((feedback.base_seq, feedback.number), (65_530, 7));
                let found: Vec<_> = feedback.arrivals().collect();
                prop_assert_eq!(found.len(), usize::from(written.statuses));
                for (index, (seq, at)) in found.into_iter().enumerate() {
                    prop_assert_eq!(seq, 65_530u16.wrapping_add(index as u16));
                    prop_assert_eq!(at, arrivals[index].map(|ticks| ticks as i64));
                }
            }
        }
    }
}
