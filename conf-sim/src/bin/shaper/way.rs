//! What is under way in one direction, and what became of the rest.

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use conf_sim::{Fate, Link, Rng};

use crate::command::Command;

/// How long a full queue takes to drain: as the bottlenecks of RFC 8867, section 4.1.
const QUEUE: Duration = Duration::from_millis(300);
/// Datagrams under way at most, so that a delay without a rate is bounded too. What comes then is
/// dropped as by a full queue.
const MOST_UNDER_WAY: usize = 4_096;

/// One direction of the link, with what is under way for `P`.
pub(crate) struct Way<P> {
    link: Link,
    rng: Rng,
    /// In the order of arrival: the link does not reorder.
    under_way: VecDeque<(Instant, P, Vec<u8>)>,
    counts: Counts,
}

/// What became of the datagrams of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Sent on.
    pub(crate) forwarded: u64,
    /// The bytes in them, without headers below.
    pub(crate) bytes: u64,
    /// Lost by chance.
    pub(crate) lost: u64,
    /// Dropped by a full queue.
    pub(crate) overflowed: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { forwarded, bytes, lost, overflowed } = self;
        write!(f, "forwarded={forwarded} bytes={bytes} lost={lost} overflowed={overflowed}")
    }
}

impl<P> Way<P> {
    /// One that is instant and lossless until told otherwise; chance repeats with the seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            link: Link::new(),
            rng: Rng::seeded(seed),
            under_way: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    /// Changes the link; what is under way arrives as decided.
    pub(crate) fn change(&mut self, command: Command) {
        match command {
            Command::Rate(rate) => {
                let queue = QUEUE.mul_f64(rate as f64 / 8.0).as_secs_f64();
                self.link.set_rate(rate, queue as usize);
            }
            Command::Delay(delay) => self.link = std::mem::take(&mut self.link).delay(delay),
            Command::Loss(share) => self.link = std::mem::take(&mut self.link).loss(share),
            Command::Bursts(share, mean) => {
                self.link = std::mem::take(&mut self.link).bursts(share, mean);
            }
            Command::Counts => {}
        }
    }

    /// Takes in a datagram for `to`.
    pub(crate) fn take(&mut self, now: Instant, to: P, bytes: Vec<u8>) {
        if self.under_way.len() >= MOST_UNDER_WAY {
            self.counts.overflowed += 1;
            return;
        }
        match self.link.send(now, bytes.len(), &mut self.rng) {
            // There is no setting by which one would arrive twice.
            Fate::Arrives(at) | Fate::ArrivesTwice(at, _) => {
                self.under_way.push_back((at, to, bytes));
            }
            Fate::Lost => self.counts.lost += 1,
            Fate::Overflowed => self.counts.overflowed += 1,
        }
    }

    /// The next datagram that has arrived by `now`.
    pub(crate) fn arrived(&mut self, now: Instant) -> Option<(P, Vec<u8>)> {
        self.next_arrival().filter(|at| *at <= now)?;
        let (_, to, bytes) = self.under_way.pop_front()?;
        self.counts.forwarded += 1;
        self.counts.bytes += bytes.len() as u64;
        Some((to, bytes))
    }

    /// When the next datagram arrives.
    pub(crate) fn next_arrival(&self) -> Option<Instant> {
        self.under_way.front().map(|(at, ..)| *at)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_is_spaced_by_the_rate_and_the_rest_is_counted() {
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut way = Way::seeded(1);
        // 300 ms at this rate are three datagrams of 1,000 bytes.
        way.change(Command::Rate(80_000));
        way.change(Command::Delay(Duration::from_millis(30)));
        (0..5).for_each(|number| way.take(now, number, vec![0; 1_000]));
        assert_eq!(way.next_arrival(), Some(at(130)));
        assert_eq!(way.arrived(at(129)), None);
        let order: Vec<_> = std::iter::from_fn(|| way.arrived(at(330))).map(|(to, _)| to).collect();
        assert_eq!(order, [0, 1, 2]);
        let counts = Counts { forwarded: 3, bytes: 3_000, lost: 0, overflowed: 2 };
        assert_eq!(way.counts(), counts);
        way.change(Command::Loss(1.0));
        way.take(at(400), 9, vec![0; 1_000]);
        assert_eq!((way.counts().lost, way.next_arrival()), (1, None));
    }

    #[test]
    fn a_shorter_delay_does_not_reorder() {
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut way = Way::seeded(1);
        way.change(Command::Delay(Duration::from_millis(100)));
        way.take(now, 'a', vec![0]);
        way.change(Command::Delay(Duration::ZERO));
        way.take(at(10), 'b', vec![0]);
        assert_eq!(way.arrived(at(99)), None);
        assert_eq!(way.arrived(at(100)), Some(('a', vec![0])));
        assert_eq!(way.arrived(at(100)), Some(('b', vec![0])));
    }

    #[test]
    fn no_more_than_a_bound_is_under_way() {
        let now = Instant::now();
        let mut way = Way::seeded(1);
        way.change(Command::Delay(Duration::from_secs(5)));
        (0..MOST_UNDER_WAY + 7).for_each(|_| way.take(now, (), vec![0]));
        assert_eq!((way.under_way.len(), way.counts().overflowed), (MOST_UNDER_WAY, 7));
    }
}
