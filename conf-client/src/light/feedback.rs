//! What arrived and when, as the sender's estimator is told it: transport-wide feedback
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use super::rtcp;

const TRANSPORT_FEEDBACK: u8 = 205;
const TRANSPORT_CC: u8 = 15;
/// Arrivals remembered between two packets of feedback; further ones are told as lost, which
/// slows the sender down.
const MOST: usize = 4096;
/// The widest gap one packet of feedback tells of.
const WIDEST: u64 = 8192;
/// Arrival times are told in 250 us and begin at a multiple of 64 ms.
const TICK_US: i64 = 250;
const REFERENCE_US: i64 = 64_000;

const NOT_RECEIVED: u16 = 0;
const SMALL: u16 = 1;
const LARGE: u16 = 2;

/// Collects arrivals between two packets of feedback.
#[derive(Debug)]
pub(crate) struct Arrivals {
    /// Extended number and time in microseconds.
    seen: Vec<(u64, i64)>,
    newest: u64,
    /// The first number the next packet tells of.
    next: Option<u64>,
    count: u8,
    statuses: Vec<u16>,
}

impl Default for Arrivals {
    fn default() -> Self {
        // Numbers start high enough that one before the first is not below zero.
        Self { seen: Vec::new(), newest: 1 << 32, next: None, count: 0, statuses: Vec::new() }
    }
}

impl Arrivals {
    /// Takes in a number and when it came, in microseconds of any clock.
    pub(crate) fn take(&mut self, seq: u16, at_us: i64) {
        if self.next.is_none() {
            self.newest = 1 << 32 | u64::from(seq);
            self.next = Some(self.newest);
        }
        let ahead = seq.wrapping_sub(self.newest as u16) as i16;
        let number = self.newest.saturating_add_signed(ahead.into());
        self.newest = self.newest.max(number);
        if self.seen.len() < MOST {
            self.seen.push((number, at_us));
        }
    }

    /// How many arrivals wait to be told.
    pub(crate) fn len(&self) -> usize {
        self.seen.len()
    }

    /// Appends a packet of feedback on all since the last one; nothing when nothing came.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, from: u32, about: u32) {
        self.seen.sort_unstable();
        self.seen.dedup_by_key(|(number, _)| *number);
        let (Some(first), Some(last)) = (self.seen.first(), self.seen.last()) else { return };
        let last = last.0;
        // Late ones are told again from where they belong; a wide gap is not told in full.
        let base = self.next.unwrap_or(first.0).min(first.0).max(last.saturating_sub(WIDEST));
        let from_here = self.seen.partition_point(|(number, _)| *number < base);
        let told = self.seen.get(from_here..).unwrap_or_default();
        let Some((_, first_us)) = told.first() else { return };
        let reference = first_us.div_euclid(REFERENCE_US);

        let at = out.len();
        rtcp::head(out, TRANSPORT_CC, TRANSPORT_FEEDBACK, 4);
        out.extend_from_slice(&from.to_be_bytes());
        out.extend_from_slice(&about.to_be_bytes());
        out.extend_from_slice(&(base as u16).to_be_bytes());
        out.extend_from_slice(&((last - base + 1) as u16).to_be_bytes());
        out.extend_from_slice(&((reference as u32) << 8 | u32::from(self.count)).to_be_bytes());
        self.count = self.count.wrapping_add(1);

        self.statuses.clear();
        let (mut number, mut before) = (base, reference * REFERENCE_US / TICK_US);
        for (seen, at_us) in told {
            self.statuses.extend((number..*seen).map(|_| NOT_RECEIVED));
            let ticks = at_us.div_euclid(TICK_US);
            let small = (0..=255).contains(&(ticks - before));
            self.statuses.push(if small { SMALL } else { LARGE });
            before = ticks;
            number = seen + 1;
        }
        write_chunks(out, &self.statuses);
        before = reference * REFERENCE_US / TICK_US;
        for (_, at_us) in told {
            let ticks = at_us.div_euclid(TICK_US);
            let delta = ticks - before;
            match u8::try_from(delta) {
                Ok(small) => out.push(small),
                Err(_) => {
                    let large = delta.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
                    out.extend_from_slice(&large.to_be_bytes());
                }
            }
            before = ticks;
        }
        while !(out.len() - at).is_multiple_of(4) {
            out.push(0);
        }
        rtcp::close(out, at);
        self.next = Some(last + 1);
        self.seen.clear();
    }
}

/// Runs of one status where they pay, else seven of two bits (section 3.1.1).
fn write_chunks(out: &mut Vec<u8>, statuses: &[u16]) {
    let mut left = statuses;
    while let Some(status) = left.first() {
        let run = left.iter().take(0x1fff).take_while(|other| *other == status).count();
        let chunk = if run >= 7 || run == left.len() {
            left = &left[run..];
            status << 13 | run as u16
        } else {
            let (now, later) = left.split_at(left.len().min(7));
            left = later;
            let bits = now.iter().enumerate();
            bits.fold(0xc000, |chunk, (at, status)| chunk | status << (12 - 2 * at))
        };
        out.extend_from_slice(&chunk.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a packet back: base, and per number when it came, in 250 us.
    fn told(packet: &[u8]) -> (u16, Vec<Option<i64>>) {
        let short = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
        assert_eq!(packet[..2], [0x8f, 205]);
        assert_eq!(usize::from(short(2)) * 4 + 4, packet.len());
        let (base, count) = (short(12), usize::from(short(14)));
        let reference = i64::from(u32::from_be_bytes([0, packet[16], packet[17], packet[18]]));
        let (mut statuses, mut at) = (Vec::new(), 20);
        while statuses.len() < count {
            let chunk = short(at);
            at += 2;
            if chunk & 0x8000 == 0 {
                statuses.extend((0..chunk & 0x1fff).map(|_| chunk >> 13 & 3));
            } else {
                statuses.extend((0..7).map(|place| chunk >> (12 - 2 * place) & 3));
            }
        }
        statuses.truncate(count);
        let mut time = reference * 256;
        let times = statuses.into_iter().map(|status| match status {
            SMALL => {
                time += i64::from(packet[at]);
                at += 1;
                Some(time)
            }
            LARGE => {
                time += i64::from(short(at) as i16);
                at += 2;
                Some(time)
            }
            _ => None,
        });
        (base, times.collect())
    }

    #[test]
    fn gaps_late_ones_and_roll_over_are_told() {
        let mut arrivals = Arrivals::default();
        for (seq, at) in
            [(65_534u16, 1_000_000), (65_535, 1_001_000), (2, 1_200_000), (1, 1_200_500)]
        {
            arrivals.take(seq, at);
        }
        let mut packet = Vec::new();
        arrivals.write(&mut packet, 1, 2);
        let (base, times) = told(&packet);
        assert_eq!(base, 65_534);
        let expected = [Some(4000), Some(4004), None, Some(4802), Some(4800)];
        assert_eq!(times, expected);
        packet.clear();
        arrivals.write(&mut packet, 1, 2);
        assert!(packet.is_empty(), "nothing came");
        arrivals.take(5, 1_300_000);
        arrivals.write(&mut packet, 1, 2);
        assert_eq!(told(&packet), (3, vec![None, None, Some(5200)]));
    }

    #[test]
    fn a_steady_stream_takes_one_run() {
        let mut arrivals = Arrivals::default();
        (0..500u16).for_each(|n| arrivals.take(n, i64::from(n) * 1000));
        let mut packet = Vec::new();
        arrivals.write(&mut packet, 1, 2);
        assert_eq!(packet.len(), (20 + 2 + 500usize).next_multiple_of(4));
        let (_, times) = told(&packet);
        assert!(times.iter().enumerate().all(|(n, time)| *time == Some(n as i64 * 4)));
    }
}
