//! One bottleneck that several flows share, and what is found on it.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use conf_sim::{Greedy, Link, Rng};

use super::flow::{Flow, LEN};

/// A road with one narrow place.
pub(crate) struct Road {
    rng: Rng,
    start: Instant,
    delay: Duration,
    steps: Vec<(Duration, u64)>,
    link: Link,
    flows: Vec<(Flow, Link)>,
    greedy: Vec<(Greedy, Range<Duration>)>,
}

impl Road {
    /// A road that takes `delay` one way, whose narrow place carries what `steps` say and has a
    /// queue of so many bytes.
    pub(crate) fn new(seed: u64, delay: Duration, steps: &[(Duration, u64)], bytes: usize) -> Self {
        let start = Instant::now();
        // A millisecond of jitter: no two seeds meet the same moments.
        let link =
            Link::new().delay(delay).jitter(Duration::from_millis(1)).trace(start, steps, bytes);
        Self {
            rng: Rng::seeded(seed),
            start,
            delay,
            steps: steps.to_vec(),
            link,
            flows: Vec::new(),
            greedy: Vec::new(),
        }
    }

    /// Loses this share by chance.
    pub(crate) fn loss(mut self, share: f64) -> Self {
        self.link = self.link.loss(share);
        self
    }

    /// Loses this share in bursts.
    pub(crate) fn bursts(mut self, share: f64, mean: f64) -> Self {
        self.link = self.link.bursts(share, mean);
        self
    }

    /// Takes up to so much longer.
    pub(crate) fn jitter(mut self, jitter: Duration) -> Self {
        self.link = self.link.jitter(jitter);
        self
    }

    /// Has a queue of at most so many bytes that is kept short.
    pub(crate) fn codel(mut self, bytes: usize) -> Self {
        self.link = self.link.codel(bytes);
        self
    }

    /// Lets a greedy flow on it for each of these times.
    pub(crate) fn greedy(mut self, active: &[Range<Duration>]) -> Self {
        self.greedy =
            active.iter().map(|active| (Greedy::new(self.delay), active.clone())).collect();
        self
    }

    pub(crate) fn add(&mut self, flow: Flow) {
        self.add_with_feedback(flow, 0.0, Duration::from_millis(1));
    }

    /// Adds a flow of whose feedback a share is lost, and which takes up to so much longer.
    pub(crate) fn add_with_feedback(&mut self, flow: Flow, loss: f64, jitter: Duration) {
        let back = Link::new().delay(self.delay).loss(loss).jitter(jitter);
        self.flows.push((flow, back));
    }

    /// Adds a flow that has so much further to go beyond the narrow place, and back again.
    pub(crate) fn add_further(&mut self, flow: Flow, further: Duration) {
        let back = Link::new().delay(self.delay + further).jitter(Duration::from_millis(1));
        self.flows.push((flow.further(further), back));
    }

    /// Runs for so long; what was found.
    pub(crate) fn run(mut self, span: Duration) -> Found {
        let mut taken = Vec::new();
        for at in 0..span.as_millis() as u64 {
            let now = Duration::from_millis(at);
            for (flow, back) in &mut self.flows {
                let round_trip = (self.delay + flow.beyond) * 2;
                flow.turn(self.start, now, round_trip, (&mut self.link, back), &mut self.rng);
            }
            for (greedy, active) in &mut self.greedy {
                if active.contains(&now) {
                    greedy.turn(self.start + now, &mut self.link, &mut self.rng);
                }
            }
            taken.push((now, self.greedy.iter().map(|(greedy, _)| greedy.arrived()).sum()));
        }
        Found {
            flows: self.flows.into_iter().map(|(flow, _)| flow).collect(),
            steps: self.steps,
            delay: self.delay,
            taken,
        }
    }
}

/// What happened on a road.
pub(crate) struct Found {
    flows: Vec<Flow>,
    steps: Vec<(Duration, u64)>,
    delay: Duration,
    /// Bytes that arrived of the greedy flows.
    taken: Vec<(Duration, u64)>,
}

impl Found {
    fn capacity(&self, at: Duration) -> f64 {
        self.steps.iter().rev().find(|(from, _)| *from <= at).map_or(0.0, |(_, rate)| *rate as f64)
    }

    /// The share of the link a flow took, of what arrived within a time.
    pub(crate) fn used(&self, flow: usize, within: Range<Duration>) -> f64 {
        let arrived = self.flows[flow].packets.iter();
        let count = arrived.filter(|p| p.arrived.is_some_and(|at| within.contains(&at))).count();
        self.share(count, &within)
    }

    /// The share of the link a flow sent, lost or not.
    pub(crate) fn sent(&self, flow: usize, within: Range<Duration>) -> f64 {
        let count = self.flows[flow].packets.iter().filter(|p| within.contains(&p.sent)).count();
        self.share(count, &within)
    }

    fn share(&self, packets: usize, within: &Range<Duration>) -> f64 {
        let span = (within.end - within.start).as_secs_f64();
        (packets * LEN * 8) as f64 / span / self.capacity(within.start)
    }

    /// What 95 of 100 packets at most waited in the queue, in milliseconds; not what the wire took
    /// for themselves.
    pub(crate) fn queue(&self, flow: usize, within: Range<Duration>) -> f64 {
        let base = self.delay + self.flows[flow].beyond;
        let own = (LEN * 8) as f64 / self.capacity(within.start);
        let sent = self.flows[flow].packets.iter().filter(|p| within.contains(&p.sent));
        let mut waits: Vec<f64> = sent
            .filter_map(|p| Some((p.arrived? - p.sent).saturating_sub(base)))
            .map(|wait| (wait.as_secs_f64() - own).max(0.0) * 1e3)
            .collect();
        waits.sort_by(f64::total_cmp);
        waits.get(waits.len() * 95 / 100).copied().unwrap_or(0.0)
    }

    /// What any packet at most waited in the queue, in milliseconds.
    pub(crate) fn longest(&self, flow: usize, within: Range<Duration>) -> f64 {
        let base = self.delay + self.flows[flow].beyond;
        let sent = self.flows[flow].packets.iter().filter(|p| within.contains(&p.sent));
        let waits = sent.filter_map(|p| Some((p.arrived? - p.sent).saturating_sub(base)));
        waits.max().unwrap_or_default().as_secs_f64() * 1e3
    }

    /// Seconds until so many bits per second are sent.
    pub(crate) fn rises(&self, flow: usize, rate: f64) -> f64 {
        let mut rates = self.flows[flow].rates.iter();
        rates.find(|(_, sent)| *sent >= rate).map_or(f64::INFINITY, |(at, _)| at.as_secs_f64())
    }

    /// Seconds after `from` until a share of the link arrived within half a second.
    pub(crate) fn reached(&self, flow: usize, from: Duration, share: f64) -> f64 {
        let window = Duration::from_millis(500);
        (0..400)
            .map(|n| Duration::from_millis(n * 50))
            .find(|after| self.used(flow, from + *after..from + *after + window) >= share)
            .map_or(f64::INFINITY, |after| (after + window).as_secs_f64())
    }

    /// Seconds after a step down until no more is sent than the link carries.
    pub(crate) fn obeyed(&self, flow: usize, from: Duration) -> f64 {
        let capacity = self.capacity(from);
        let rates = self.flows[flow].rates.iter();
        rates
            .filter(|(at, _)| *at >= from)
            .find(|(_, rate)| *rate <= capacity)
            .map_or(f64::INFINITY, |(at, _)| (*at - from).as_secs_f64())
    }

    /// Seconds after `from` until packets wait less than `wait` in the queue.
    pub(crate) fn drained(&self, flow: usize, from: Duration, wait: Duration) -> f64 {
        let first = self.obeyed(flow, from);
        if !first.is_finite() {
            return first;
        }
        let after = from + Duration::from_secs_f64(first);
        let packets = self.flows[flow].packets.iter();
        packets
            .filter(|p| p.sent >= after)
            .find(|p| p.arrived.is_some_and(|at| at - p.sent < self.delay + wait))
            .map_or(f64::INFINITY, |p| (p.sent - from).as_secs_f64())
    }

    /// Jain's index of how evenly the flows share.
    pub(crate) fn jain(&self, within: Range<Duration>) -> f64 {
        let shares: Vec<f64> =
            (0..self.flows.len()).map(|flow| self.used(flow, within.clone())).collect();
        let sum: f64 = shares.iter().sum();
        let squares: f64 = shares.iter().map(|share| share * share).sum();
        sum * sum / (shares.len() as f64 * squares)
    }

    /// The share of the link the greedy flows took.
    pub(crate) fn greedy(&self, within: Range<Duration>) -> f64 {
        let by = |time: Duration| {
            self.taken.iter().rev().find(|(at, _)| *at <= time).map_or(0, |(_, bytes)| *bytes)
        };
        let bytes = by(within.end) - by(within.start);
        bytes as f64 * 8.0 / (within.end - within.start).as_secs_f64() / self.capacity(within.start)
    }
}
