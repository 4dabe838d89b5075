//! When to ask a source for a keyframe: at once when someone needs one, but not too often.

use std::time::{Duration, Instant};

/// Least time between two requests for one encoding. Larger leaves joiners in the dark for
/// longer; smaller lets a crowd of joiners turn a stream into keyframes only. A keyframe of a
/// 720p camera costs about what half a second of the stream does.
const LEAST_INTERVAL: Duration = Duration::from_millis(500);

/// The requests for one encoding.
///
/// A wish stays until a keyframe arrives; while it stays the request is repeated, because
/// requests get lost as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyframeRequests {
    wanted: bool,
    asked: Option<Instant>,
}

impl KeyframeRequests {
    /// Someone cannot go on without a keyframe.
    pub const fn want(&mut self) {
        self.wanted = true;
    }

    /// The first packet of a keyframe arrived.
    pub const fn arrived(&mut self) {
        self.wanted = false;
    }

    /// Nobody waits any more (the subscribers left).
    pub const fn forget(&mut self) {
        self.wanted = false;
    }

    /// Whether to send a request (PLI) now; notes that it was sent.
    ///
    /// `round_trip` delays repeats on long paths: a request is not repeated before its answer
    /// could be here.
    pub fn poll(&mut self, now: Instant, round_trip: Duration) -> bool {
        let due = self.due(round_trip).is_some_and(|due| due.is_none_or(|at| at <= now));
        if due {
            self.asked = Some(now);
        }
        due
    }

    /// When [`KeyframeRequests::poll`] should be asked again; `None` while nobody waits.
    #[must_use]
    pub fn poll_timeout(&self, now: Instant, round_trip: Duration) -> Option<Instant> {
        self.due(round_trip).map(|due| due.unwrap_or(now))
    }

    /// `None`: nothing wanted. `Some(None)`: at once. `Some(Some(at))`: not before `at`.
    fn due(&self, round_trip: Duration) -> Option<Option<Instant>> {
        let interval = LEAST_INTERVAL.max(round_trip.min(Duration::from_secs(2)) * 3 / 2);
        self.wanted.then(|| self.asked.map(|asked| asked + interval))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(50);

    #[test]
    fn the_first_wish_is_sent_at_once_and_a_crowd_shares_the_next() {
        let start = Instant::now();
        let mut requests = KeyframeRequests::default();
        assert!(!requests.poll(start, RTT));
        requests.want();
        assert_eq!(requests.poll_timeout(start, RTT), Some(start));
        assert!(requests.poll(start, RTT));
        requests.arrived();
        for _ in 0..100 {
            requests.want();
            assert!(!requests.poll(start + Duration::from_millis(499), RTT));
        }
        assert!(requests.poll(start + LEAST_INTERVAL, RTT));
    }

    #[test]
    fn a_lost_request_is_repeated_until_the_keyframe_arrives() {
        let start = Instant::now();
        let mut requests = KeyframeRequests::default();
        requests.want();
        assert!(requests.poll(start, RTT));
        assert!(requests.poll(start + LEAST_INTERVAL, RTT));
        requests.arrived();
        assert_eq!(requests.poll_timeout(start, RTT), None);
        assert!(!requests.poll(start + LEAST_INTERVAL * 5, RTT));
    }

    #[test]
    fn a_long_path_is_given_time_to_answer() {
        let start = Instant::now();
        let far = Duration::from_secs(1);
        let mut requests = KeyframeRequests::default();
        requests.want();
        assert!(requests.poll(start, far));
        assert!(!requests.poll(start + Duration::from_secs(1), far));
        assert!(requests.poll(start + Duration::from_millis(1500), far));
    }
}
