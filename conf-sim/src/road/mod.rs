//! One narrow place that several senders share, and what is found on it: the roads that congestion
//! controls are judged on, whoever wrote them.
//!
//! A [`Sender`] is asked every millisecond what it sends ([`Turn::send`]); everything that is
//! measured is taken from that, so that every sender is measured alike. [`Elastic`] is one that
//! could always send more, with its receiver and the feedback between them; only the [`Control`] of
//! its rate has to be brought along.

mod elastic;
mod found;

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use crate::{Fate, Greedy, Link, Rng};

pub use self::{
    elastic::{Control, Elastic, LEN, News},
    found::Found,
};
use found::{Log, Packet};

/// So much lies between the real time and a road's start: room for what a sender does before.
const BEFORE: Duration = Duration::from_secs(60);

/// Somebody who sends over a road.
pub trait Sender {
    /// One millisecond: takes in what has arrived, sends what is to be sent.
    fn turn(&mut self, turn: &mut Turn<'_>);
}

impl<S: Sender + ?Sized> Sender for Box<S> {
    fn turn(&mut self, turn: &mut Turn<'_>) {
        (**self).turn(turn);
    }
}

/// A millisecond of one sender, and the ways there and back.
#[derive(Debug)]
pub struct Turn<'a> {
    start: Instant,
    now: Duration,
    /// One way without queues.
    delay: Duration,
    beyond: Duration,
    link: &'a mut Link,
    back: &'a mut Link,
    rng: &'a mut Rng,
    log: &'a mut Log,
}

impl Turn<'_> {
    /// The time since the road's start.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The same as a moment.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.start + self.now
    }

    /// A moment as the time since the road's start; zero for what lies before.
    #[must_use]
    pub fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.start)
    }

    /// There and back, without queues.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        (self.delay + self.beyond) * 2
    }

    /// Sends so many bytes; when they are there, or never.
    pub fn send(&mut self, len: usize) -> Option<Instant> {
        let arrives = match self.link.send(self.start + self.now, len, self.rng) {
            Fate::Arrives(there) | Fate::ArrivesTwice(there, _) => Some(there + self.beyond),
            Fate::Lost | Fate::Overflowed => None,
        };
        let arrived = arrives.map(|there| there - self.start);
        self.log.packets.push(Packet { sent: self.now, arrived, len });
        arrives
    }

    /// Sends so many bytes back from the receiver; when they are there, or never.
    pub fn answer(&mut self, len: usize) -> Option<Instant> {
        match self.back.send(self.start + self.now, len, self.rng) {
            Fate::Arrives(there) | Fate::ArrivesTwice(there, _) => Some(there),
            Fate::Lost | Fate::Overflowed => None,
        }
    }

    /// Notes the rate that is sent at from now on, in bits per second.
    pub fn note(&mut self, rate: f64) {
        self.log.rates.push((self.now, rate));
    }
}

/// A sender, its way back and what it did.
struct Lane {
    sender: Box<dyn Sender>,
    back: Link,
    log: Log,
}

/// A road with one narrow place.
pub struct Road {
    rng: Rng,
    start: Instant,
    delay: Duration,
    steps: Vec<(Duration, u64)>,
    link: Link,
    lanes: Vec<Lane>,
    greedy: Vec<(Greedy, Range<Duration>)>,
}

impl std::fmt::Debug for Road {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut road = f.debug_struct("Road");
        road.field("delay", &self.delay).field("steps", &self.steps).field("link", &self.link);
        road.field("senders", &self.lanes.len()).finish_non_exhaustive()
    }
}

impl Road {
    /// A road that takes `delay` one way, whose narrow place carries what `steps` say (bits per
    /// second from a time on) and has a queue of so many bytes.
    ///
    /// # Panics
    /// When the steps do not begin at zero or are out of order.
    #[must_use]
    pub fn new(seed: u64, delay: Duration, steps: &[(Duration, u64)], bytes: usize) -> Self {
        let start = Instant::now() + BEFORE;
        // A millisecond of jitter: no two seeds meet the same moments.
        let link =
            Link::new().delay(delay).jitter(Duration::from_millis(1)).trace(start, steps, bytes);
        Self {
            rng: Rng::seeded(seed),
            start,
            delay,
            steps: steps.to_vec(),
            link,
            lanes: Vec::new(),
            greedy: Vec::new(),
        }
    }

    /// Loses this share by chance.
    #[must_use]
    pub fn loss(mut self, share: f64) -> Self {
        self.link = self.link.loss(share);
        self
    }

    /// Loses this share in bursts of so many on average.
    ///
    /// # Panics
    /// When the bursts are too short for so large a share.
    #[must_use]
    pub fn bursts(mut self, share: f64, mean: f64) -> Self {
        self.link = self.link.bursts(share, mean);
        self
    }

    /// Takes up to so much longer.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.link = self.link.jitter(jitter);
        self
    }

    /// Has a queue of at most so many bytes that is kept short.
    #[must_use]
    pub fn codel(mut self, bytes: usize) -> Self {
        self.link = self.link.codel(bytes);
        self
    }

    /// Lets a greedy flow on it for each of these times.
    #[must_use]
    pub fn greedy(mut self, active: &[Range<Duration>]) -> Self {
        self.greedy =
            active.iter().map(|active| (Greedy::new(self.delay), active.clone())).collect();
        self
    }

    /// Adds a sender.
    pub fn add(&mut self, sender: impl Sender + 'static) {
        self.add_with_feedback(sender, 0.0, Duration::from_millis(1));
    }

    /// Adds a sender of whose feedback a share is lost, and which takes up to so much longer.
    pub fn add_with_feedback(
        &mut self,
        sender: impl Sender + 'static,
        loss: f64,
        jitter: Duration,
    ) {
        let back = Link::new().delay(self.delay).loss(loss).jitter(jitter);
        self.lane(sender, back, Duration::ZERO);
    }

    /// Adds a sender that has so much further to go beyond the narrow place, and back again.
    pub fn add_further(&mut self, sender: impl Sender + 'static, further: Duration) {
        let back = Link::new().delay(self.delay + further).jitter(Duration::from_millis(1));
        self.lane(sender, back, further);
    }

    fn lane(&mut self, sender: impl Sender + 'static, back: Link, beyond: Duration) {
        self.lanes.push(Lane { sender: Box::new(sender), back, log: Log::beyond(beyond) });
    }

    /// Runs for so long; what was found.
    #[must_use]
    pub fn run(mut self, span: Duration) -> Found {
        let mut taken = Vec::new();
        for at in 0..span.as_millis() as u64 {
            let now = Duration::from_millis(at);
            for Lane { sender, back, log } in &mut self.lanes {
                sender.turn(&mut Turn {
                    start: self.start,
                    now,
                    delay: self.delay,
                    beyond: log.beyond,
                    link: &mut self.link,
                    back,
                    rng: &mut self.rng,
                    log,
                });
            }
            for (greedy, active) in &mut self.greedy {
                if active.contains(&now) {
                    greedy.turn(self.start + now, &mut self.link, &mut self.rng);
                }
            }
            taken.push((now, self.greedy.iter().map(|(greedy, _)| greedy.arrived()).sum()));
        }
        Found {
            flows: self.lanes.into_iter().map(|lane| lane.log).collect(),
            steps: self.steps,
            delay: self.delay,
            span,
            taken,
        }
    }
}
