//! What a receiver report says about one source: loss, jitter, and the last sender report.

use std::time::{Duration, Instant};

use crate::rtcp::ReportBlock;

/// Reception statistics of one SSRC (RFC 3550, appendix A.3 and A.8).
#[derive(Debug, Clone, Copy)]
pub struct Reception {
    clock_rate: u32,
    first: Option<u64>,
    highest: u64,
    received: u64,
    expected_prior: u64,
    received_prior: u64,
    /// Sixteen times the jitter in clock ticks, as the appendix keeps it.
    jitter: u32,
    /// Arrival and timestamp of the packet before.
    previous: Option<(Instant, u32)>,
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// Nothing received yet of a source whose clock has `clock_rate` ticks a second.
    #[must_use]
    pub const fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            first: None,
            highest: 0,
            received: 0,
            expected_prior: 0,
            received_prior: 0,
            jitter: 0,
            previous: None,
            sender_report: None,
        }
    }

    /// Counts a packet by its extended number and timestamp; repairs are not to be counted.
    pub fn received(&mut self, now: Instant, seq: u64, timestamp: u32) {
        self.first = Some(self.first.map_or(seq, |first| first.min(seq)));
        self.highest = self.highest.max(seq);
        self.received += 1;
        if let Some((then, before)) = self.previous {
            let elapsed = ticks(now.saturating_duration_since(then), self.clock_rate);
            let sent = i64::from(timestamp.wrapping_sub(before) as i32);
            // A jump of the sender's clock is not jitter; a second of it would never fade.
            let deviation = (elapsed - sent).unsigned_abs().min(u64::from(self.clock_rate)) as u32;
            self.jitter = self.jitter + deviation - ((self.jitter + 8) >> 4);
        }
        self.previous = Some((now, timestamp));
    }

    /// Notes a sender report with this NTP time (32.32 fixed point).
    pub const fn sender_report(&mut self, now: Instant, ntp: u64) {
        self.sender_report = Some(((ntp >> 16) as u32, now));
    }

    /// The block to report now; `None` while nothing was received. Starts the next interval.
    pub fn block(&mut self, now: Instant, ssrc: u32) -> Option<ReportBlock> {
        let first = self.first?;
        let expected = self.highest - first + 1;
        let interval = expected - self.expected_prior.min(expected);
        let arrived = self.received - self.received_prior;
        self.expected_prior = expected;
        self.received_prior = self.received;
        let lost = interval.saturating_sub(arrived);
        let fraction = (lost << 8).checked_div(interval).unwrap_or(0);
        let total = (expected as i64 - self.received as i64).clamp(-0x80_0000, 0x7f_ffff);
        let (last, delay) = self.sender_report.map_or((0, 0), |(last, at)| {
            (last, ticks(now.saturating_duration_since(at), 65_536).min(u32::MAX.into()) as u32)
        });
        Some(ReportBlock {
            ssrc,
            fraction_lost: fraction.min(255) as u8,
            packets_lost: total as i32,
            highest_seq: self.highest.wrapping_sub(1 << 16) as u32,
            jitter: self.jitter >> 4,
            last_sender_report: last,
            delay_since: delay,
        })
    }

    /// Interarrival jitter as a time.
    #[must_use]
    pub fn jitter(&self) -> Duration {
        Duration::from_micros(
            u64::from(self.jitter >> 4) * 1_000_000 / u64::from(self.clock_rate.max(1)),
        )
    }
}

/// `span` in ticks of a clock of `rate` ticks a second.
fn ticks(span: Duration, rate: u32) -> i64 {
    i64::try_from(span.as_micros() * u128::from(rate) / 1_000_000).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lost_in_four_is_a_quarter_and_the_next_interval_starts_clean() {
        let start = Instant::now();
        let mut reception = Reception::new(48_000);
        for seq in [65_536u64, 65_537, 65_539] {
            reception.received(start, seq, 0);
        }
        let block = reception.block(start, 7).unwrap();
        assert_eq!((block.fraction_lost, block.packets_lost), (64, 1));
        assert_eq!(block.highest_seq, 3);
        reception.received(start, 65_540, 0);
        let block = reception.block(start, 7).unwrap();
        assert_eq!((block.fraction_lost, block.packets_lost), (0, 1));
    }

    #[test]
    fn an_even_stream_has_no_jitter_and_an_uneven_one_has() {
        let start = Instant::now();
        let mut even = Reception::new(48_000);
        let mut uneven = Reception::new(48_000);
        for step in 0..200u32 {
            let at = start + Duration::from_millis(20) * step;
            even.received(at, u64::from(step), step * 960);
            let late = Duration::from_millis(if step % 2 == 0 { 10 } else { 0 });
            uneven.received(at + late, u64::from(step), step * 960);
        }
        assert_eq!(even.jitter(), Duration::ZERO);
        let millis = uneven.jitter().as_millis();
        assert!((8..=10).contains(&millis), "10 ms of swing, {millis} ms of jitter");
    }

    #[test]
    fn the_delay_since_the_last_sender_report_is_in_65536ths() {
        let start = Instant::now();
        let mut reception = Reception::new(90_000);
        assert!(reception.block(start, 1).is_none());
        reception.received(start, 65_536, 0);
        reception.sender_report(start, 0x0123_4567_89ab_cdef);
        let block = reception.block(start + Duration::from_millis(500), 1).unwrap();
        assert_eq!(block.last_sender_report, 0x4567_89ab);
        assert_eq!(block.delay_since, 32_768);
    }
}
