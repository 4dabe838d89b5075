//! How fast one may begin on a way of which nothing is known yet.

use std::time::{Duration, Instant};

/// The rate one begins with: sound and a small picture. More would stand in a thin link's queue
/// for a second, less would keep everybody else waiting for their pictures.
const FIRST: f64 = 600e3;
/// Growth each time what was done has come back as feedback without a queue, at least and at most.
/// TCP doubles (RFC 5681, section 3.1) and so leaves up to a round trip's worth in the queue when
/// it finds the end. With the least a link of 3 Mbit/s and a round trip of 50 ms is in use within
/// a second, with 100 ms in its queue; 1.6 leaves 240 ms there.
const GROWTH: f64 = 1.35;
const GROWTH_MOST: f64 = 1.6;
/// What grows before the end is found out stands in the queue then: of this many seconds' worth,
/// which on short ways allows for faster growth.
const OVERSHOOT: f64 = 0.044;
/// What feedback adds to a round trip: browsers send it every 50 to 100 ms.
const FEEDBACK: Duration = Duration::from_millis(75);
/// The rate never runs further ahead of what arrives: what was not tried is not known.
const LEAD: f64 = 3.0;
/// Nobody waits for longer for feedback that does not come: it may never.
const SILENCE: Duration = Duration::from_secs(1);

/// The most that may be sent until a link's limit is met: as much as has been proved to pass, and
/// a step more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    rate: f64,
    /// When it last grew.
    grown: Option<Instant>,
    /// Feedback was waited for in vain.
    given_up: bool,
}

impl Default for Start {
    fn default() -> Self {
        Self { rate: FIRST, grown: None, given_up: false }
    }
}

impl Start {
    /// One that begins at so many bits per second.
    pub(super) fn at(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }

    /// The rate, in bits per second; none when feedback never comes.
    pub(super) fn rate(&self) -> Option<f64> {
        (!self.given_up).then_some(self.rate)
    }

    /// Takes in feedback that shows no queue; `arriving` bits per second, where known.
    pub(super) fn passed(&mut self, now: Instant, round_trip: Duration, arriving: Option<f64>) {
        let response = round_trip + FEEDBACK;
        let since = self.grown.map_or(response, |at| now.saturating_duration_since(at));
        self.grown = Some(now);
        self.given_up = false;
        let steps = since.min(response).as_secs_f64() / response.as_secs_f64();
        let growth = (1.0 + OVERSHOOT / response.as_secs_f64()).clamp(GROWTH, GROWTH_MOST);
        let grown = self.rate * growth.powf(steps);
        let most = arriving.map_or(grown, |arriving| arriving * LEAD);
        self.rate = grown.min(most).max(self.rate);
    }

    /// Takes in a limit that was never met again.
    pub(super) fn proved(&mut self, limit: f64) {
        self.rate = self.rate.max(limit);
    }

    /// Takes in feedback that shows some queue: there is no growth.
    pub(super) fn held(&mut self, now: Instant) {
        self.grown = Some(now);
    }

    /// Takes in that packets are under way for so long without a word on any.
    pub(super) fn waited(&mut self, silence: Duration) {
        self.given_up |= silence >= SILENCE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_what_passes_and_never_far_beyond_it() {
        let begin = Instant::now();
        let mut start = Start::default();
        let trip = Duration::from_millis(50);
        let mut rates = Vec::new();
        for step in 1..=20u32 {
            let arriving = start.rate.min(3e6);
            start.passed(begin + Duration::from_millis(50) * step, trip, Some(arriving));
            rates.push(start.rate);
        }
        assert!(rates[0] < 1e6 && rates[19] > 4e6, "{rates:?}");
        for step in 21..=80u32 {
            start.passed(begin + Duration::from_millis(50) * step, trip, Some(3e6));
        }
        assert!(start.rate <= 9e6, "{}", start.rate);
        // One that has little to send proves little, and loses nothing.
        start.passed(begin + Duration::from_secs(9), trip, Some(1e5));
        assert!(start.rate >= 4e6, "{}", start.rate);
    }

    #[test]
    fn feedback_that_never_comes_is_not_waited_for() {
        let mut start = Start::default();
        start.waited(Duration::from_millis(900));
        assert_eq!(start.rate(), Some(FIRST));
        start.waited(Duration::from_secs(1));
        assert_eq!(start.rate(), None);
        start.passed(Instant::now(), Duration::ZERO, None);
        assert!(start.rate().is_some(), "it came after all");
    }
}
