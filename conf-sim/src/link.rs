//! What one direction of a path does to a datagram: delay it, lose it, reorder it, queue it.

use std::time::{Duration, Instant};

use crate::Rng;

/// One direction between two places. Without settings it is instant and lossless.
#[derive(Clone, Debug)]
pub struct Link {
    delay: Duration,
    jitter: Duration,
    loss: f64,
    reorder: f64,
    rate_bps: Option<u64>,
    queue_bytes: usize,
    /// When the wire has finished sending what was accepted so far.
    free_at: Option<Instant>,
    /// The latest arrival so far: jitter alone does not reorder.
    last_arrival: Option<Instant>,
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Fate {
    /// It arrives then.
    Arrives(Instant),
    /// It was lost by chance.
    Lost,
    /// The queue before the wire was full.
    Overflowed,
}

impl Link {
    /// A link that is instant and lossless.
    #[must_use]
    pub fn new() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            reorder: 0.0,
            rate_bps: None,
            queue_bytes: 64_000,
            free_at: None,
            last_arrival: None,
        }
    }

    /// Sets the time from end to end.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds up to this much delay, uniformly; the order stays.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the probability that a datagram is lost.
    #[must_use]
    pub fn loss(mut self, probability: f64) -> Self {
        self.loss = probability;
        self
    }

    /// Sets the probability that a datagram is held back by one more delay, so that later ones
    /// overtake it.
    #[must_use]
    pub fn reorder(mut self, probability: f64) -> Self {
        self.reorder = probability;
        self
    }

    /// Limits the rate, in bits per second, with a queue of this many bytes before the wire.
    #[must_use]
    pub fn rate(mut self, bits_per_second: u64, queue_bytes: usize) -> Self {
        self.rate_bps = Some(bits_per_second);
        self.queue_bytes = queue_bytes;
        self
    }

    /// Decides what becomes of a datagram of `len` bytes handed in at `now`.
    pub fn send(&mut self, now: Instant, len: usize, rng: &mut Rng) -> Fate {
        let mut leaves = now;
        if let Some(rate_bps) = self.rate_bps.filter(|rate| *rate > 0) {
            let begins = self.free_at.map_or(now, |free| free.max(now));
            let waiting = (begins - now).as_secs_f64() * rate_bps as f64 / 8.0;
            if waiting as usize + len > self.queue_bytes {
                return Fate::Overflowed;
            }
            leaves = begins + Duration::from_secs_f64(len as f64 * 8.0 / rate_bps as f64);
            self.free_at = Some(leaves);
        }
        // Drawn even when unused, so that changing one setting leaves the others' chances alone.
        let (lost, late, jitter) = (rng.chance(self.loss), rng.chance(self.reorder), rng.unit());
        if lost {
            return Fate::Lost;
        }
        let arrives = leaves + self.delay + self.jitter.mul_f64(jitter);
        if late {
            return Fate::Arrives(arrives + self.delay.max(Duration::from_millis(5)));
        }
        let arrives = self.last_arrival.map_or(arrives, |last| last.max(arrives));
        self.last_arrival = Some(arrives);
        Fate::Arrives(arrives)
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    #[test]
    fn a_thin_link_spaces_packets_out_and_drops_what_its_queue_cannot_hold() {
        let now = Clock::new().now();
        let mut rng = Rng::seeded(1);
        let mut link = Link::new().rate(80_000, 2_500);
        let fates: Vec<_> = (0..4).map(|_| link.send(now, 1_000, &mut rng)).collect();
        let at = |ms| Fate::Arrives(now + Duration::from_millis(ms));
        assert_eq!(fates, [at(100), at(200), Fate::Overflowed, Fate::Overflowed]);
    }

    #[test]
    fn jitter_keeps_the_order_and_reordering_breaks_it() {
        let now = Clock::new().now();
        let arrivals = |mut link: Link| -> Vec<Instant> {
            let mut rng = Rng::seeded(5);
            (0..50)
                .filter_map(|n| match link.send(now + Duration::from_millis(n), 100, &mut rng) {
                    Fate::Arrives(at) => Some(at),
                    _ => None,
                })
                .collect()
        };
        let delay = Duration::from_millis(20);
        assert!(arrivals(Link::new().delay(delay).jitter(delay)).is_sorted());
        assert!(!arrivals(Link::new().delay(delay).reorder(0.2)).is_sorted());
    }
}
