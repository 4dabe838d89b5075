//! What is told about time: our one wall clock, and how a publisher's lies to it.

use std::time::{Duration, Instant};

use super::Shard;
use crate::rtcp;

/// Where our NTP time begins. Receivers compare our reports with each other only, so it need
/// not be right, and a machine without a clock need not ask one.
const BEGINNING: Duration = Duration::from_secs(0xc000_0000);
/// The share of a difference by which an offset grows with each report: slow enough to sit on
/// the fastest of many reports, fast enough for clocks that drift.
const DRIFT_SHIFT: u32 = 6;

impl Shard {
    /// Our wall clock (NTP, 32.32 fixed point), the same for all slots.
    pub(super) fn ntp(&self, now: Instant) -> u64 {
        let elapsed =
            self.epoch.map_or(Duration::ZERO, |epoch| now.saturating_duration_since(epoch));
        rtcp::ntp(BEGINNING + elapsed)
    }
}

/// How far a peer's NTP clock is behind ours: the fastest report's offset. One for all its
/// streams, so that its audio and video stay together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PeerClock {
    offset: Option<i64>,
}

impl PeerClock {
    /// Notes a report that says `theirs` and arrived at `ours`.
    pub(crate) fn note(&mut self, ours: u64, theirs: u64) {
        let seen = ours.wrapping_sub(theirs) as i64;
        self.offset = Some(match self.offset {
            // Later means it was longer on its way; much later, that its clock was set.
            Some(known) if seen > known && seen - known < (10 << 32) => {
                known + ((seen - known) >> DRIFT_SHIFT)
            }
            _ => seen,
        });
    }

    /// How far it is known to be behind.
    pub(crate) fn offset(&self) -> Option<i64> {
        self.offset
    }

    /// Takes over what another shard knows.
    pub(crate) fn set(&mut self, offset: i64) {
        self.offset = Some(offset);
    }

    /// The RTP timestamp that stands for `now` (ours), given a report's pair and the RTP clock.
    pub(crate) fn timestamp_at(&self, now: u64, pair: (u64, u32), rate: u32) -> Option<u32> {
        let (theirs, rtp) = pair;
        let reported = theirs.wrapping_add_signed(self.offset?);
        let elapsed = now.wrapping_sub(reported) as i64;
        // A report that old, or from that far ahead, describes another clock.
        if elapsed.unsigned_abs() > 120 << 32 {
            return None;
        }
        let ticks = (i128::from(elapsed) * i128::from(rate)) >> 32;
        Some(rtp.wrapping_add(ticks as u32))
    }
}

/// How long the way to a peer and back takes, as its reports show; smoothed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoundTrip {
    known: Option<Duration>,
    /// Reports have shown it; before, it is no more than that.
    reported: bool,
}

impl RoundTrip {
    /// Used until something was measured.
    const ASSUMED: Duration = Duration::from_millis(100);
    const MOST: Duration = Duration::from_secs(2);

    pub(crate) fn note(&mut self, measured: Duration) {
        let measured = measured.min(Self::MOST);
        let known = self.measured();
        self.known = Some(known.map_or(measured, |known| (known * 7 + measured) / 8));
        self.reported = true;
    }

    /// Notes how long an answer took that may have been held back: reports on a way that was just
    /// opened come after a second only.
    pub(crate) fn answered_within(&mut self, span: Duration) {
        if !self.reported {
            self.known = Some(self.known.map_or(span, |known| known.min(span)).min(Self::MOST));
        }
    }

    /// What was measured, if anything was.
    pub(crate) fn measured(&self) -> Option<Duration> {
        self.known.filter(|_| self.reported)
    }

    pub(crate) fn get(&self) -> Duration {
        self.known.unwrap_or(Self::ASSUMED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_follows_the_reports_of_its_clock() {
        let mut clock = PeerClock::default();
        assert_eq!(clock.timestamp_at(0, (0, 0), 90_000), None);
        // Their clock is 5 s behind ours; the second report was slower by a second.
        clock.note(105 << 32, 100 << 32);
        clock.note(107 << 32, 101 << 32);
        let at = clock.timestamp_at(107 << 32, (100 << 32, 1_000), 90_000).unwrap();
        let ideal = 1_000 + 2 * 90_000;
        assert!(ideal - at < 2_000, "{at} instead of {ideal}");
    }

    #[test]
    fn a_round_trip_is_smoothed_and_bounded() {
        let mut trip = RoundTrip::default();
        assert_eq!(trip.get(), RoundTrip::ASSUMED);
        trip.note(Duration::from_secs(100));
        assert_eq!(trip.get(), Duration::from_secs(2));
        trip.note(Duration::ZERO);
        assert!(trip.get() < Duration::from_secs(2));
    }

    #[test]
    fn before_a_report_the_soonest_answer_is_the_most_it_can_be() {
        let mut trip = RoundTrip::default();
        for millis in [40, 25, 60] {
            trip.answered_within(Duration::from_millis(millis));
        }
        assert_eq!((trip.get(), trip.measured()), (Duration::from_millis(25), None));
        trip.note(Duration::from_millis(20));
        trip.answered_within(Duration::from_millis(5));
        assert_eq!(trip.measured(), Some(Duration::from_millis(20)));
    }
}
