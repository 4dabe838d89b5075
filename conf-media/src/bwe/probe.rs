//! Whether a link carries more than is sent over it: tried out with what nobody misses.

use std::time::{Duration, Instant};

use super::{control::Signs, start::Start};

/// This share of what was tried arriving is enough.
const ARRIVED: f64 = 0.9;
/// No trial takes longer: from a small picture to the largest takes half of it.
const LONGEST: Duration = Duration::from_millis(1_500);

/// How a trial goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Course {
    Goes,
    /// So many bits per second arrived, and that was not the end.
    Carries(f64),
    /// So many arrived while the rest queued.
    Ends(f64),
    /// Nothing came of it.
    Nothing,
}

/// A trial: a rate that grows as in the beginning, to as much as somebody wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probe {
    began: Instant,
    growth: Start,
    target: f64,
}

impl Probe {
    /// A trial from what is known, to as much; bits per second.
    pub(super) fn new(now: Instant, known: f64, target: f64) -> Self {
        Self { began: now, growth: Start::at(known), target }
    }

    /// The rate at which packets leave, padding included.
    pub(super) fn rate(&self) -> f64 {
        self.growth.rate().unwrap_or_default().min(self.target)
    }

    /// Whether it should have ended: feedback has stopped.
    pub(super) fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.began) >= LONGEST * 2
    }

    /// Takes in what a feedback shows; the queue in it is the one that stands right now.
    pub(super) fn look(&mut self, now: Instant, round_trip: Duration, signs: &Signs) -> Course {
        let arriving = signs.lately.unwrap_or_default();
        if signs.ends() {
            return Course::Ends(arriving);
        }
        if arriving >= self.target * ARRIVED {
            return Course::Carries(arriving);
        }
        if now.saturating_duration_since(self.began) >= LONGEST {
            return Course::Nothing;
        }
        self.growth.passed(now, round_trip, signs.lately);
        Course::Goes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bwe::trend::Slope;

    fn signs(standing: i64, arriving: f64) -> Signs {
        Signs {
            slope: Slope::Level,
            standing,
            begins: false,
            heavy_loss: None,
            average_loss: 0.0,
            loss: false,
            may_probe: true,
            acked: Some(arriving),
            lately: Some(arriving),
        }
    }

    /// What comes of a trial from 0.5 to 2 Mbit/s, and after how many feedbacks of 50 ms.
    fn trial(found: impl Fn(f64) -> (i64, f64)) -> (Course, u32) {
        let begin = Instant::now();
        let mut probe = Probe::new(begin, 5e5, 2e6);
        (1..100)
            .find_map(|step| {
                let (standing, arriving) = found(probe.rate());
                let now = begin + Duration::from_millis(50) * step;
                let course = probe.look(now, Duration::from_millis(50), &signs(standing, arriving));
                (course != Course::Goes).then_some((course, step))
            })
            .expect("a trial ends")
    }

    #[test]
    fn a_link_that_carries_it_is_found_out_within_a_second() {
        let (course, after) = trial(|rate| (1_000, rate));
        assert!(matches!(course, Course::Carries(rate) if rate >= 1.8e6), "{course:?}");
        assert!(after < 20, "{after}");
    }

    #[test]
    fn its_end_is_told_by_a_queue_and_nothing_by_nothing_to_send() {
        let (course, _) = trial(|rate| if rate > 9e5 { (45_000, 8e5) } else { (0, rate) });
        assert_eq!(course, Course::Ends(8e5));
        assert_eq!(trial(|_| (0, 4e5)), (Course::Nothing, 30));
        let begin = Instant::now();
        let probe = Probe::new(begin, 5e5, 2e6);
        assert!(!probe.is_forgotten(begin + LONGEST) && probe.is_forgotten(begin + LONGEST * 2));
    }
}
