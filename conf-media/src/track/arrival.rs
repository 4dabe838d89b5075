//! When the packets of one sender arrived: what transport-wide feedback is written from.

use std::time::Instant;

use crate::rtcp::transport_cc::{self, MAX_STATUSES};
use crate::rtp::SeqExtender;

/// Packets remembered; at 10,000 packets a second and a report every 50 ms, half are a reserve.
const WINDOW: usize = 1024;
/// A quarter of a millisecond, the feedback's unit.
const TICK_MICROS: u128 = 250;
/// Marks a number that has not arrived. Ticks start above it.
const ABSENT: u64 = 0;

/// Arrival times by transport-wide sequence number
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
#[derive(Debug)]
pub struct Arrivals {
    epoch: Instant,
    seq: SeqExtender,
    /// Ticks since the epoch plus one, by number; allocated at the first arrival.
    ticks: Vec<u64>,
    /// The first number the next feedback speaks of.
    next: Option<u64>,
    pending: bool,
    count: u8,
}

impl Arrivals {
    /// Nothing arrived; `epoch` is any instant not after the first arrival.
    #[must_use]
    pub fn new(epoch: Instant) -> Self {
        Self {
            epoch,
            seq: SeqExtender::default(),
            ticks: Vec::new(),
            next: None,
            pending: false,
            count: 0,
        }
    }

    /// Notes the arrival of transport-wide number `seq` at `at` (the kernel's receive stamp if
    /// there is one).
    pub fn received(&mut self, at: Instant, seq: u16) {
        if self.ticks.is_empty() {
            self.ticks = vec![ABSENT; WINDOW];
        }
        let before = self.seq.highest();
        let seq = self.seq.extend(seq);
        let newest = self.seq.highest().unwrap_or(seq);
        if newest - seq >= WINDOW as u64 {
            return;
        }
        // Numbers stepped over must not show what stood in their place a window ago.
        if let Some(before) = before
            && seq > before
        {
            let from = (before + 1).max(seq.saturating_sub(WINDOW as u64 - 1));
            for skipped in from..seq {
                self.ticks[place(skipped)] = ABSENT;
            }
        }
        let since = at.saturating_duration_since(self.epoch).as_micros() / TICK_MICROS;
        self.ticks[place(seq)] = u64::try_from(since).unwrap_or(u64::MAX - 1).saturating_add(1);
        // A late packet is reported again with everything since: senders keep the first news.
        self.next = Some(self.next.map_or(seq, |next| next.min(seq)));
        self.pending = true;
    }

    /// Writes feedback for what arrived since the last one and returns its length. `None` when
    /// there is no news or `out` is smaller than [`transport_cc::MAX_LEN`]. Call again until
    /// `None`: long intervals take several packets.
    pub fn write_feedback(&mut self, out: &mut [u8], sender: u32, media: u32) -> Option<usize> {
        if !self.pending {
            return None;
        }
        let newest = self.seq.highest()?;
        let oldest = newest.saturating_sub(WINDOW as u64 - 1);
        let mut first = self.next?.max(oldest);
        // Leading losses older than the window's news were reported before or never will be.
        while first <= newest && self.ticks[place(first)] == ABSENT {
            first += 1;
        }
        let end = newest.min(first + MAX_STATUSES as u64 - 1);
        let header =
            transport_cc::Header { sender, media, base_seq: first as u16, count: self.count };
        let statuses = (first..=end).map(|seq| {
            let ticks = self.ticks[place(seq)];
            (ticks != ABSENT).then(|| ticks - 1)
        });
        let written = transport_cc::write(out, &header, statuses)?;
        self.count = self.count.wrapping_add(1);
        let next = first + u64::from(written.statuses);
        self.next = Some(next);
        self.pending = next <= newest;
        Some(written.len)
    }

    /// Whether there is news to report.
    #[must_use]
    pub const fn pending(&self) -> bool {
        self.pending
    }
}

fn place(seq: u64) -> usize {
    // WINDOW is a power of two, so the cast only drops bits the mask drops.
    seq as usize & (WINDOW - 1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rtcp::{Compound, Rtcp};

    fn read(bytes: &[u8]) -> Vec<(u16, Option<i64>)> {
        let Some(Ok(Rtcp::TransportFeedback(feedback))) = Compound::new(bytes).next() else {
            panic!("not one transport feedback: {bytes:02x?}");
        };
        feedback.arrivals().collect()
    }

    #[test]
    fn arrivals_and_losses_come_back_with_their_times() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        arrivals.received(start + Duration::from_millis(100), 65_535);
        arrivals.received(start + Duration::from_millis(101), 0);
        arrivals.received(start + Duration::from_millis(99), 2);
        let mut out = [0; 1200];
        let len = arrivals.write_feedback(&mut out, 1, 2).unwrap();
        let found = read(&out[..len]);
        let at = |ms: i64| Some(ms * 4);
        assert_eq!(found, [(65_535, at(100)), (0, at(101)), (1, None), (2, at(99))]);
        assert_eq!(arrivals.write_feedback(&mut out, 1, 2), None);
    }

    #[test]
    fn a_late_packet_is_reported_with_the_next_feedback() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        let mut out = [0; 1200];
        arrivals.received(start, 10);
        arrivals.received(start, 12);
        arrivals.write_feedback(&mut out, 1, 2).unwrap();
        arrivals.received(start + Duration::from_millis(1), 11);
        let len = arrivals.write_feedback(&mut out, 1, 2).unwrap();
        assert_eq!(read(&out[..len]), [(11, Some(4)), (12, Some(0))]);
    }

    #[test]
    fn a_jump_beyond_the_window_forgets_the_past() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        let mut out = [0; 1200];
        arrivals.received(start, 10);
        arrivals.received(start, 5000);
        let mut seen = Vec::new();
        while let Some(len) = arrivals.write_feedback(&mut out, 1, 2) {
            seen.extend(read(&out[..len]).into_iter().filter(|(_, at)| at.is_some()));
        }
        assert_eq!(seen, [(5000, Some(0))]);
    }

    #[test]
    fn a_pause_longer_than_a_delta_starts_another_feedback() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        let mut out = [0; 1200];
        arrivals.received(start, 1);
        arrivals.received(start + Duration::from_secs(60), 2);
        let mut seen = Vec::new();
        while let Some(len) = arrivals.write_feedback(&mut out, 1, 2) {
            seen.extend(read(&out[..len]));
        }
        assert_eq!(seen, [(1, Some(0)), (2, Some(60_000 * 4))]);
    }
}
