//! Somebody else on the same wire: a flow that takes all it can get, as a download does.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

use crate::{Fate, Link, Rng};

/// Bytes of each of its datagrams.
const LEN: usize = 1_200;
/// Its window at the start, in datagrams (RFC 6928).
const INITIAL: f64 = 10.0;
/// How soon a loss is noticed when nothing else is under way (RFC 6298: a second at first).
const TIMEOUT: Duration = Duration::from_secs(1);

/// A sender that grows its window until something is lost and halves it then, as TCP with NewReno
/// does (RFC 5681). What was lost is not sent again: it has more than enough to say.
#[derive(Clone, Debug)]
pub struct Greedy {
    /// From an arrival to the sender's knowing of it.
    back: Duration,
    window: f64,
    /// Up to here the window doubles within a round trip.
    threshold: f64,
    next: u64,
    /// Losses before this number belong to a halving that was done.
    recovering: u64,
    /// What will be known when, and about which: whether it arrived.
    news: BinaryHeap<Reverse<(Instant, u64, bool)>>,
    /// The latest of it.
    last: Option<Instant>,
    arrived: u64,
}

impl Greedy {
    /// A flow whose acknowledgements take so long.
    #[must_use]
    pub fn new(back: Duration) -> Self {
        Self {
            back,
            window: INITIAL,
            threshold: f64::INFINITY,
            next: 0,
            recovering: 0,
            news: BinaryHeap::new(),
            last: None,
            arrived: 0,
        }
    }

    /// Takes in what is known by `now` and sends what the window allows.
    pub fn turn(&mut self, now: Instant, link: &mut Link, rng: &mut Rng) {
        while let Some(Reverse((at, number, arrived))) = self.news.peek().copied()
            && at <= now
        {
            self.news.pop();
            self.note(number, arrived);
        }
        while (self.news.len() as f64) < self.window.floor() {
            let known = match link.send(now, LEN, rng) {
                Fate::Arrives(at) | Fate::ArrivesTwice(at, _) => {
                    self.last = self.last.max(Some(at + self.back));
                    (at + self.back, true)
                }
                // The acknowledgements of what was sent before tell of the gap.
                Fate::Lost | Fate::Overflowed => {
                    (self.last.filter(|at| *at > now).unwrap_or(now + TIMEOUT), false)
                }
            };
            self.news.push(Reverse((known.0, self.next, known.1)));
            self.next += 1;
        }
    }

    /// When it next has something to do.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.news.peek().map(|Reverse((at, ..))| *at)
    }

    /// Bytes that arrived so far.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    fn note(&mut self, number: u64, arrived: bool) {
        if arrived {
            self.arrived += LEN as u64;
            self.window += if self.window < self.threshold { 1.0 } else { 1.0 / self.window };
        } else if number >= self.recovering {
            self.window = (self.window / 2.0).max(2.0);
            self.threshold = self.window;
            self.recovering = self.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    const RATE: u64 = 4_000_000;

    /// Runs flows over one link for so long; the share of the link each took, and the delay a
    /// datagram of ours would have met, every 50 ms of the second half.
    fn run(mut link: Link, flows: usize, span: Duration) -> (Vec<f64>, Vec<Duration>) {
        let (mut clock, mut rng) = (Clock::new(), Rng::seeded(4));
        let mut flows = vec![Greedy::new(Duration::from_millis(20)); flows];
        let mut delays = Vec::new();
        let mut probe = span / 2;
        while clock.elapsed() < span {
            for flow in &mut flows {
                flow.turn(clock.now(), &mut link, &mut rng);
            }
            if clock.elapsed() >= probe {
                probe += Duration::from_millis(50);
                if let Fate::Arrives(at) = link.clone().send(clock.now(), 1, &mut rng) {
                    delays.push(at - clock.now());
                }
            }
            let next = flows.iter().filter_map(Greedy::due).min();
            clock.advance_to(next.expect("a greedy flow always waits for something"));
        }
        let all = RATE as f64 / 8.0 * clock.elapsed().as_secs_f64();
        delays.sort();
        (flows.iter().map(|flow| flow.arrived() as f64 / all).collect(), delays)
    }

    #[test]
    fn it_fills_the_link_and_its_queue() {
        let link = Link::new().delay(Duration::from_millis(20)).rate(RATE, 100_000);
        let (shares, delays) = run(link, 1, Duration::from_secs(60));
        assert!(shares[0] > 0.95, "{shares:?}");
        assert!(delays[delays.len() / 2] > Duration::from_millis(120), "{delays:?}");
    }

    #[test]
    fn two_of_them_share() {
        let link = Link::new().delay(Duration::from_millis(20)).rate(RATE, 100_000);
        let (shares, _) = run(link, 2, Duration::from_secs(120));
        assert!(shares.iter().sum::<f64>() > 0.95, "{shares:?}");
        assert!(shares.iter().all(|share| (0.3..0.7).contains(share)), "{shares:?}");
    }

    #[test]
    fn codel_keeps_the_queue_short_and_the_link_in_use() {
        let link = Link::new().delay(Duration::from_millis(20)).rate(RATE, 100_000).codel(100_000);
        let (shares, delays) = run(link, 1, Duration::from_secs(60));
        assert!(shares[0] > 0.8, "{shares:?}");
        assert!(delays[delays.len() / 2] < Duration::from_millis(20 + 20), "{delays:?}");
    }
}
