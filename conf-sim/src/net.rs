//! Which datagram arrives next, and where: many links, one queue.

use std::{
    collections::{BTreeMap, BinaryHeap},
    time::Instant,
};

use crate::{Fate, Link, Rng};

/// Links between places, and what is under way on them. A place is whatever names one: a
/// string, a socket address.
#[derive(Debug)]
pub struct Net<P> {
    links: BTreeMap<(P, P), Link>,
    under_way: BinaryHeap<UnderWay<P>>,
    sent: u64,
    lost: u64,
    rng: Rng,
}

/// A datagram that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Delivery<P> {
    /// When.
    pub at: Instant,
    /// Where it was sent from.
    pub from: P,
    /// Where it is now.
    pub to: P,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl<P: Copy + Ord> Net<P> {
    /// A net without links.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            links: BTreeMap::new(),
            under_way: BinaryHeap::new(),
            sent: 0,
            lost: 0,
            rng: Rng::seeded(seed),
        }
    }

    /// Lays or replaces the link from one place to another; one direction only. What is under
    /// way still arrives.
    pub fn connect(&mut self, from: P, to: P, link: Link) {
        self.links.insert((from, to), link);
    }

    /// Hands in a datagram. Without a link it arrives at once.
    pub fn send(&mut self, now: Instant, from: P, to: P, bytes: Vec<u8>) {
        self.sent += 1;
        let fate = match self.links.get_mut(&(from, to)) {
            Some(link) => link.send(now, bytes.len(), &mut self.rng),
            None => Fate::Arrives(now),
        };
        match fate {
            Fate::Arrives(at) => self.put(Delivery { at, from, to, bytes }),
            Fate::ArrivesTwice(at, again) => {
                self.put(Delivery { at: again, from, to, bytes: bytes.clone() });
                self.put(Delivery { at, from, to, bytes });
            }
            Fate::Lost | Fate::Overflowed => self.lost += 1,
        }
    }

    fn put(&mut self, delivery: Delivery<P>) {
        self.under_way.push(UnderWay { number: self.sent, delivery });
    }

    /// The next datagram that has arrived by `now`.
    pub fn receive(&mut self, now: Instant) -> Option<Delivery<P>> {
        if self.next_arrival()? > now {
            return None;
        }
        Some(self.under_way.pop()?.delivery)
    }

    /// When the next datagram arrives.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.peek().map(|next| next.delivery.at)
    }

    /// How many datagrams were lost so far, by chance or by a full queue.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

/// Ordered by arrival, then by number, earliest greatest: a `BinaryHeap` yields its greatest.
#[derive(Debug)]
struct UnderWay<P> {
    number: u64,
    delivery: Delivery<P>,
}

impl<P> Ord for UnderWay<P> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.delivery.at, other.number).cmp(&(self.delivery.at, self.number))
    }
}

impl<P> PartialOrd for UnderWay<P> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for UnderWay<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<P> Eq for UnderWay<P> {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Clock;

    #[test]
    fn datagrams_arrive_in_the_order_of_their_arrival() {
        let mut clock = Clock::new();
        let mut net = Net::seeded(1);
        net.connect(1, 9, Link::new().delay(Duration::from_millis(30)));
        net.connect(2, 9, Link::new().delay(Duration::from_millis(10)));
        net.send(clock.now(), 1, 9, vec![1]);
        net.send(clock.now(), 2, 9, vec![2]);
        net.send(clock.now(), 2, 9, vec![3]);
        assert_eq!(net.receive(clock.now()), None);
        clock.advance(Duration::from_millis(30));
        let order: Vec<_> =
            std::iter::from_fn(|| net.receive(clock.now())).map(|d| d.bytes[0]).collect();
        assert_eq!(order, [2, 3, 1]);
    }

    #[test]
    fn losses_are_counted() {
        let mut net = Net::seeded(2);
        net.connect('a', 'b', Link::new().loss(1.0));
        net.send(Clock::new().now(), 'a', 'b', vec![0]);
        assert_eq!((net.lost(), net.next_arrival()), (1, None));
    }
}
