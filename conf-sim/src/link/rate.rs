//! How fast a wire takes what stands before it, and when that changes.

use std::time::{Duration, Instant};

/// Bits per second over time: each rate holds from its time on until the next one's.
#[derive(Clone, Debug)]
pub(super) struct Rate {
    /// What the times count from. None: there is one rate, for ever.
    start: Option<Instant>,
    steps: Vec<(Duration, u64)>,
}

impl Rate {
    pub(super) fn constant(bits_per_second: u64) -> Self {
        Self { start: None, steps: vec![(Duration::ZERO, bits_per_second)] }
    }

    /// # Panics
    /// When there are no steps, the first is not at zero, or they are out of order.
    pub(super) fn trace(start: Instant, steps: &[(Duration, u64)]) -> Self {
        assert!(steps.first().is_some_and(|(at, _)| at.is_zero()), "a trace begins at zero");
        assert!(steps.is_sorted_by(|a, b| a.0 < b.0), "a trace goes forwards: {steps:?}");
        Self { start: Some(start), steps: steps.to_vec() }
    }

    /// The rate at a time.
    pub(super) fn at(&self, now: Instant) -> u64 {
        self.steps[self.step(self.since(now))].1
    }

    /// When the wire has taken `bytes` if it begins at `begin`; never if it is cut for good.
    pub(super) fn taken(&self, begin: Instant, bytes: usize) -> Option<Instant> {
        let (mut at, mut bits) = (self.since(begin), bytes as f64 * 8.0);
        let mut step = self.step(at);
        loop {
            let rate = self.steps[step].1 as f64;
            let until = self.steps.get(step + 1).map(|(until, _)| *until);
            let needs = if rate > 0.0 { bits / rate } else { f64::INFINITY };
            match until {
                Some(until) if (until - at).as_secs_f64() < needs => {
                    bits -= (until - at).as_secs_f64() * rate;
                    (at, step) = (until, step + 1);
                }
                _ if needs.is_finite() => {
                    return Some(begin + (at + Duration::from_secs_f64(needs) - self.since(begin)));
                }
                _ => return None,
            }
        }
    }

    fn since(&self, now: Instant) -> Duration {
        self.start.map_or(Duration::ZERO, |start| now.saturating_duration_since(start))
    }

    /// The step in force so long after the start.
    fn step(&self, since: Duration) -> usize {
        self.steps.partition_point(|(at, _)| *at <= since).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    #[test]
    fn what_begins_at_one_rate_ends_at_the_next() {
        let start = Clock::new().now();
        let second = Duration::from_secs(1);
        let rate = Rate::trace(start, &[(Duration::ZERO, 8_000), (second, 80_000)]);
        assert_eq!((rate.at(start), rate.at(start + second)), (8_000, 80_000));
        // Half a second of the slow rate leaves 500 of 1,000 bytes for the fast one.
        let begin = start + second / 2;
        assert_eq!(rate.taken(begin, 1_000), Some(start + second + second / 20));
        assert_eq!(Rate::constant(8_000).taken(begin, 1_000), Some(begin + second));
    }

    #[test]
    fn an_outage_is_waited_through_unless_it_is_the_end() {
        let start = Clock::new().now();
        let ms = Duration::from_millis;
        let rate = Rate::trace(start, &[(ms(0), 0), (ms(500), 80_000), (ms(700), 0)]);
        assert_eq!(rate.taken(start, 1_000), Some(start + ms(600)));
        assert_eq!(rate.taken(start, 2_001), None);
    }
}
