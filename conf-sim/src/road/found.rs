//! What happened on a road, and the figures made of it.

use std::{ops::Range, time::Duration};

/// A packet; its times count from the road's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    pub(super) sent: Duration,
    /// None if it never does.
    pub(super) arrived: Option<Duration>,
    pub(super) len: usize,
}

/// What one sender did.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) packets: Vec<Packet>,
    /// The rate it sent at, whenever it was told of.
    pub(super) rates: Vec<(Duration, f64)>,
    /// How much further it has to go than the narrow place.
    pub(super) beyond: Duration,
}

impl Log {
    pub(super) fn beyond(beyond: Duration) -> Self {
        Self { packets: Vec::new(), rates: Vec::new(), beyond }
    }

    /// What was sent within a time.
    fn within(&self, within: &Range<Duration>) -> &[Packet] {
        let from = self.packets.partition_point(|packet| packet.sent < within.start);
        let until = self.packets.partition_point(|packet| packet.sent < within.end);
        &self.packets[from..until.max(from)]
    }
}

/// What happened on a road. Senders are numbered in the order they were added in.
#[derive(Debug)]
pub struct Found {
    pub(super) flows: Vec<Log>,
    pub(super) steps: Vec<(Duration, u64)>,
    pub(super) delay: Duration,
    pub(super) span: Duration,
    /// Bytes that arrived of the greedy flows.
    pub(super) taken: Vec<(Duration, u64)>,
}

impl Found {
    /// How many there were.
    #[must_use]
    pub fn senders(&self) -> usize {
        self.flows.len()
    }

    fn capacity(&self, at: Duration) -> f64 {
        self.steps.iter().rev().find(|(from, _)| *from <= at).map_or(0.0, |(_, rate)| *rate as f64)
    }

    /// How long the narrow place stays what it is at a time.
    fn stays(&self, from: Duration) -> Duration {
        let next = self.steps.iter().map(|(at, _)| *at).find(|at| *at > from);
        next.map_or(self.span, |next| next.min(self.span)).saturating_sub(from)
    }

    /// The share of the link a flow took, of what arrived within a time.
    #[must_use]
    pub fn used(&self, flow: usize, within: Range<Duration>) -> f64 {
        let arrived = self.flows[flow].packets.iter();
        let those = arrived.filter(|p| p.arrived.is_some_and(|at| within.contains(&at)));
        self.share(those.map(|p| p.len).sum(), &within)
    }

    /// The share of the link a flow sent, lost or not.
    #[must_use]
    pub fn sent(&self, flow: usize, within: Range<Duration>) -> f64 {
        let those = self.flows[flow].within(&within).iter();
        self.share(those.map(|p| p.len).sum(), &within)
    }

    /// The share of the packets a flow sent within a time that never arrive.
    #[must_use]
    pub fn lost(&self, flow: usize, within: Range<Duration>) -> f64 {
        let those = self.flows[flow].within(&within);
        let lost = those.iter().filter(|p| p.arrived.is_none()).count();
        lost as f64 / those.len().max(1) as f64
    }

    fn share(&self, bytes: usize, within: &Range<Duration>) -> f64 {
        let span = (within.end - within.start).as_secs_f64();
        (bytes * 8) as f64 / span / self.capacity(within.start)
    }

    /// What 95 of 100 packets at most waited in the queue, in milliseconds; not what the wire took
    /// for themselves.
    #[must_use]
    pub fn queue(&self, flow: usize, within: Range<Duration>) -> f64 {
        let mut waits: Vec<f64> = self.waits(flow, &within).flatten().collect();
        waits.sort_by(f64::total_cmp);
        waits.get(waits.len() * 95 / 100).copied().unwrap_or(0.0)
    }

    /// Milliseconds that what was sent within a time waited; none for what was lost.
    fn waits(&self, flow: usize, within: &Range<Duration>) -> impl Iterator<Item = Option<f64>> {
        let base = self.delay + self.flows[flow].beyond;
        let capacity = self.capacity(within.start);
        self.flows[flow].within(within).iter().map(move |p| {
            let wait = (p.arrived? - p.sent).saturating_sub(base).as_secs_f64();
            Some((wait - (p.len * 8) as f64 / capacity).max(0.0) * 1e3)
        })
    }

    /// What any packet waited in the queue, in milliseconds.
    #[must_use]
    pub fn longest(&self, flow: usize, within: Range<Duration>) -> f64 {
        self.waits(flow, &within).flatten().fold(0.0, f64::max)
    }

    /// Seconds until so many bits per second are sent.
    #[must_use]
    pub fn rises(&self, flow: usize, rate: f64) -> f64 {
        let mut rates = self.flows[flow].rates.iter();
        rates.find(|(_, sent)| *sent >= rate).map_or(f64::INFINITY, |(at, _)| at.as_secs_f64())
    }

    /// Seconds after `from` until a share of the link arrived within half a second.
    #[must_use]
    pub fn reached(&self, flow: usize, from: Duration, share: f64) -> f64 {
        self.all_reached(&[flow], from, share)
    }

    /// The same for what several flows take together.
    #[must_use]
    pub fn all_reached(&self, flows: &[usize], from: Duration, share: f64) -> f64 {
        let window = Duration::from_millis(500);
        let arrived = flows.iter().flat_map(|flow| self.flows[*flow].packets.iter());
        let mut arrived: Vec<_> =
            arrived.filter_map(|p| Some((p.arrived.filter(|at| *at >= from)?, p.len))).collect();
        arrived.sort_unstable();
        let last = self.stays(from).saturating_sub(window).as_millis() as u64 / 50;
        (0..=last)
            .map(|n| Duration::from_millis(n * 50))
            .find(|after| {
                let begin = arrived.partition_point(|(at, _)| *at < from + *after);
                let end = arrived.partition_point(|(at, _)| *at < from + *after + window);
                let bytes = arrived[begin..end].iter().map(|(_, len)| len).sum();
                self.share(bytes, &(from + *after..from + *after + window)) >= share
            })
            .map_or(f64::INFINITY, |after| (after + window).as_secs_f64())
    }

    /// Seconds after a step down until no more is sent than the link carries.
    #[must_use]
    pub fn obeyed(&self, flow: usize, from: Duration) -> f64 {
        let capacity = self.capacity(from);
        let rates = self.flows[flow].rates.iter();
        rates
            .filter(|(at, _)| *at >= from)
            .find(|(_, rate)| *rate <= capacity)
            .map_or(f64::INFINITY, |(at, _)| (*at - from).as_secs_f64())
    }

    /// Seconds after `from` until packets wait less than `wait` in the queue.
    #[must_use]
    pub fn drained(&self, flow: usize, from: Duration, wait: Duration) -> f64 {
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

    /// Seconds after a step down until half a second begins in which nothing is lost and nothing
    /// waits longer than `wait`: seen on the road alone, whatever the sender says of its rate.
    #[must_use]
    pub fn calm(&self, flow: usize, from: Duration, wait: Duration) -> f64 {
        let window = Duration::from_millis(500);
        let most = wait.as_secs_f64() * 1e3;
        let last = self.stays(from).saturating_sub(window).as_millis() as u64 / 50;
        (0..=last)
            .map(|n| Duration::from_millis(n * 50))
            .find(|after| {
                let within = from + *after..from + *after + window;
                let mut waits = self.waits(flow, &within).peekable();
                // Whoever sends nothing shows nothing.
                waits.peek().is_some() && waits.all(|wait| wait.is_some_and(|wait| wait <= most))
            })
            .map_or(f64::INFINITY, |after| after.as_secs_f64())
    }

    /// Jain's index of how evenly the flows share.
    #[must_use]
    pub fn jain(&self, within: Range<Duration>) -> f64 {
        let shares: Vec<f64> =
            (0..self.flows.len()).map(|flow| self.used(flow, within.clone())).collect();
        let sum: f64 = shares.iter().sum();
        let squares: f64 = shares.iter().map(|share| share * share).sum();
        sum * sum / (shares.len() as f64 * squares)
    }

    /// The share of the link the greedy flows took.
    #[must_use]
    pub fn greedy(&self, within: Range<Duration>) -> f64 {
        let by = |time: Duration| {
            self.taken.iter().rev().find(|(at, _)| *at <= time).map_or(0, |(_, bytes)| *bytes)
        };
        let bytes = by(within.end) - by(within.start);
        bytes as f64 * 8.0 / (within.end - within.start).as_secs_f64() / self.capacity(within.start)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::{Control, Elastic, News, Road};
    use super::*;

    /// A control that has made up its mind, and checks that it is told of every packet.
    struct Constant {
        rate: f64,
        told: usize,
    }

    impl Control for Constant {
        fn hear(&mut self, _: Instant, _: Duration, skipped: usize, news: &[News]) {
            assert_eq!(news[0].number, self.told + skipped);
            self.told += skipped + news.len();
        }

        fn rate(&self) -> f64 {
            self.rate
        }
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// 2, 1 and 2 Mbit/s for ten seconds each, 200 ms of queue at most.
    fn taken(rate: f64, most: f64, loss: f64) -> Found {
        let steps = [(s(0), 2_000_000), (s(10), 1_000_000), (s(20), 2_000_000)];
        let mut road = Road::new(1, Duration::from_millis(20), &steps, 25_000);
        let flow = Elastic::under(Constant { rate, told: 0 }, most, &[s(0)..s(30)]);
        road.add_with_feedback(flow, loss, Duration::ZERO);
        road.run(s(30))
    }

    #[test]
    fn what_a_link_carries_arrives_at_once_and_what_it_does_not_queues_and_is_lost() {
        let found = taken(1_500_000.0, f64::INFINITY, 0.3);
        assert!((0.74..0.76).contains(&found.used(0, s(2)..s(8))));
        assert!(found.queue(0, s(2)..s(8)) < 2.0 && found.lost(0, s(0)..s(8)) == 0.0);
        assert!((0.98..1.01).contains(&found.used(0, s(12)..s(18))));
        assert!((1.49..1.51).contains(&found.sent(0, s(12)..s(18))));
        assert!((0.3..0.36).contains(&found.lost(0, s(12)..s(18))));
        assert!((180.0..200.0).contains(&found.queue(0, s(12)..s(18))));
    }

    #[test]
    fn what_does_not_happen_before_the_next_step_never_does() {
        let found = taken(f64::INFINITY, 1_500_000.0, 0.0);
        assert!(found.reached(0, s(0), 0.7) < 1.0);
        assert_eq!(found.reached(0, s(0), 0.8), f64::INFINITY);
        let short = Duration::from_millis(60);
        assert_eq!(found.calm(0, s(10), short), f64::INFINITY);
        assert!(found.calm(0, s(20), short) < 1.0);
        assert_eq!(found.obeyed(0, s(10)), f64::INFINITY);
        assert!(found.obeyed(0, s(20)) < 0.1);
    }
}
