//! What one direction of a path does to a datagram: delay it, lose it, reorder it, queue it.

use std::time::{Duration, Instant};

use crate::Rng;

mod loss;
mod queue;
mod rate;

use self::{loss::Loss, queue::Queue, rate::Rate};

/// Bytes of a full-sized datagram.
const FULL: usize = 1_200;

/// One direction between two places. Without settings it is instant and lossless.
#[derive(Clone, Debug)]
pub struct Link {
    delay: Duration,
    jitter: Duration,
    loss: Loss,
    reorder: f64,
    duplicate: f64,
    wire: Option<Wire>,
    /// The latest arrival so far: jitter alone does not reorder.
    last_arrival: Option<Instant>,
}

/// A wire that takes time, and what stands before it.
#[derive(Clone, Debug)]
struct Wire {
    rate: Rate,
    queue: Queue,
    /// When it has taken what was accepted so far.
    free_at: Option<Instant>,
}

impl Wire {
    /// When a datagram has been taken; none if the queue does not keep it.
    fn take(&mut self, now: Instant, len: usize) -> Option<Instant> {
        let begins = self.free_at.map_or(now, |free| free.max(now));
        let leaves = self.rate.taken(begins, len)?;
        let full = FULL as f64 * 8.0 / self.rate.at(begins).max(1) as f64;
        if !self.queue.takes(now, begins, Duration::from_secs_f64(full), len) {
            return None;
        }
        self.queue.keep(leaves, len);
        self.free_at = Some(leaves);
        Some(leaves)
    }
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Fate {
    /// It arrives then.
    Arrives(Instant),
    /// It arrives at the first of these times, and once more at the second.
    ArrivesTwice(Instant, Instant),
    /// It was lost by chance.
    Lost,
    /// The queue before the wire was full, or dropped it lest one stands there.
    Overflowed,
}

impl Link {
    /// A link that is instant and lossless.
    #[must_use]
    pub fn new() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: Loss::Each(0.0),
            reorder: 0.0,
            duplicate: 0.0,
            wire: None,
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
        self.loss = Loss::Each(probability);
        self
    }

    /// Loses this share of all datagrams in bursts of so many on average.
    ///
    /// # Panics
    /// When the bursts are too short for so large a share.
    #[must_use]
    pub fn bursts(mut self, share: f64, mean: f64) -> Self {
        self.loss = Loss::bursts(share, mean);
        self
    }

    /// Sets the probability that a datagram arrives a second time, one more delay later.
    #[must_use]
    pub fn duplicate(mut self, probability: f64) -> Self {
        self.duplicate = probability;
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
        let (rate, queue) = (Rate::constant(bits_per_second), Queue::drop_tail(queue_bytes));
        self.wire = Some(Wire { rate, queue, free_at: None });
        self
    }

    /// Limits the rate to one that changes: each holds from its time after `start` on, the first
    /// from zero. A rate of 0 is an outage: what is in the queue waits.
    ///
    /// # Panics
    /// When the steps do not begin at zero or are out of order.
    #[must_use]
    pub fn trace(mut self, start: Instant, steps: &[(Duration, u64)], queue_bytes: usize) -> Self {
        let (rate, queue) = (Rate::trace(start, steps), Queue::drop_tail(queue_bytes));
        self.wire = Some(Wire { rate, queue, free_at: None });
        self
    }

    /// Has the queue before the wire drop early, so that none stands there (CoDel, RFC 8289); to
    /// be called after the rate was set.
    #[must_use]
    pub fn codel(mut self, queue_bytes: usize) -> Self {
        if let Some(wire) = &mut self.wire {
            wire.queue = Queue::codel(queue_bytes);
        }
        self
    }

    /// Changes the rate, in bits per second, and the queue before the wire of a link in use. What
    /// stands there already leaves as decided when it came; later ones stand behind it.
    pub fn set_rate(&mut self, bits_per_second: u64, queue_bytes: usize) {
        let rate = Rate::constant(bits_per_second);
        match &mut self.wire {
            Some(wire) => {
                wire.rate = rate;
                wire.queue.hold(queue_bytes);
            }
            None => {
                self.wire = Some(Wire { rate, queue: Queue::drop_tail(queue_bytes), free_at: None })
            }
        }
    }

    /// Decides what becomes of a datagram of `len` bytes handed in at `now`.
    pub fn send(&mut self, now: Instant, len: usize, rng: &mut Rng) -> Fate {
        let leaves = match &mut self.wire {
            None => now,
            Some(wire) => match wire.take(now, len) {
                Some(leaves) => leaves,
                None => return Fate::Overflowed,
            },
        };
        // Drawn even when unused, so that changing one setting leaves the others' chances alone.
        let (lost, late, jitter) =
            (self.loss.takes_next(rng), rng.chance(self.reorder), rng.unit());
        let twice = rng.chance(self.duplicate);
        if lost {
            return Fate::Lost;
        }
        let arrives = leaves + self.delay + self.jitter.mul_f64(jitter);
        let later = self.delay.max(Duration::from_millis(5));
        if late {
            return Fate::Arrives(arrives + later);
        }
        let arrives = self.last_arrival.map_or(arrives, |last| last.max(arrives));
        self.last_arrival = Some(arrives);
        if twice { Fate::ArrivesTwice(arrives, arrives + later) } else { Fate::Arrives(arrives) }
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
    fn a_rate_changed_in_use_holds_for_what_comes_after() {
        let now = Clock::new().now();
        let mut rng = Rng::seeded(1);
        let mut link = Link::new().rate(800_000, 2_000);
        let at = |ms| Fate::Arrives(now + Duration::from_millis(ms));
        assert_eq!([1_000; 2].map(|len| link.send(now, len, &mut rng)), [at(10), at(20)]);
        link.set_rate(80_000, 2_500);
        assert_eq!(link.send(now, 1_000, &mut rng), Fate::Overflowed, "both still stand there");
        let later = now + Duration::from_millis(10);
        assert_eq!(link.send(later, 1_000, &mut rng), at(120));
    }

    #[test]
    fn a_copy_comes_later_than_the_original() {
        let now = Clock::new().now();
        let mut link = Link::new().delay(Duration::from_millis(20)).duplicate(1.0);
        let at = |ms| now + Duration::from_millis(ms);
        assert_eq!(link.send(now, 100, &mut Rng::seeded(1)), Fate::ArrivesTwice(at(20), at(40)));
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
