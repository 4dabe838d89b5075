//! Which endpoint is due next.

use std::time::Instant;

/// Deadlines of many endpoints, one each.
///
/// A binary heap that knows each endpoint's place in it: deadlines change some twenty times a
/// second and endpoint, each change costs a few swaps and no memory, and the order is exact.
#[derive(Debug, Default)]
pub(crate) struct Wheel {
    heap: Vec<(Instant, u32)>,
    /// Where each endpoint is in the heap; meaningless for those that are not.
    places: Vec<u32>,
}

impl Wheel {
    /// Moves an endpoint's deadline; `at` holds the one it has and will hold the new one.
    pub(crate) fn set(&mut self, endpoint: u32, at: &mut Option<Instant>, new: Option<Instant>) {
        if *at == new {
            return;
        }
        match (*at, new) {
            (None, None) => {}
            (None, Some(due)) => {
                let known = self.places.len().max(endpoint as usize + 1);
                self.places.resize(known, 0);
                self.heap.push((due, endpoint));
                self.rise(self.heap.len() - 1);
            }
            (Some(_), None) => self.remove(endpoint),
            (Some(_), Some(due)) => {
                if let Some(place) = self.find(endpoint) {
                    self.heap[place].0 = due;
                    self.rise(place);
                    self.sink(place);
                }
            }
        }
        *at = new;
    }

    /// The endpoint that has been due longest, if one is due. It stays until its deadline moves.
    pub(crate) fn first_due(&self, now: Instant) -> Option<u32> {
        self.heap.first().filter(|(at, _)| *at <= now).map(|(_, endpoint)| *endpoint)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.first().map(|(at, _)| *at)
    }

    fn find(&self, endpoint: u32) -> Option<usize> {
        let place = *self.places.get(endpoint as usize)? as usize;
        self.heap.get(place).is_some_and(|(_, found)| *found == endpoint).then_some(place)
    }

    fn remove(&mut self, endpoint: u32) {
        let Some(place) = self.find(endpoint) else { return };
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.rise(place);
            self.sink(place);
        }
    }

    /// Notes where an entry now is, after moving it up as far as it belongs.
    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.heap[place] < self.heap[(place - 1) / 2] {
            self.heap.swap(place, (place - 1) / 2);
            self.note(place);
            place = (place - 1) / 2;
        }
        self.note(place);
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children = 2 * place + 1..(2 * place + 3).min(self.heap.len());
            let Some(least) = children.min_by_key(|child| self.heap[*child]) else { return };
            if self.heap[place] <= self.heap[least] {
                return;
            }
            self.heap.swap(place, least);
            self.note(place);
            self.note(least);
            place = least;
        }
    }

    fn note(&mut self, place: usize) {
        let endpoint = self.heap[place].1;
        // As many places as endpoints, which are numbered in 32 bits.
        self.places[endpoint as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_orders_as_a_sorted_set_does(
            moves in proptest::collection::vec((0u32..20, proptest::option::of(0u64..50)), 1..300),
        ) {
            let now = Instant::now();
            let (mut wheel, mut model) = (Wheel::default(), BTreeSet::new());
            let mut due = [None; 20];
            for (endpoint, new) in moves {
                let new = new.map(|ms| now + Duration::from_millis(ms));
                let at = &mut due[endpoint as usize];
                if let Some(old) = *at {
                    model.remove(&(old, endpoint));
                }
                model.extend(new.map(|new| (new, endpoint)));
                wheel.set(endpoint, at, new);
                prop_assert_eq!(wheel.next(), model.first().map(|(at, _)| *at));
                let far = now + Duration::from_secs(1);
                prop_assert_eq!(wheel.first_due(far), model.first().map(|(_, first)| *first));
            }
        }
    }

    #[test]
    fn the_earliest_deadline_comes_first_and_moves() {
        let now = Instant::now();
        let later = |ms| now + Duration::from_millis(ms);
        let (mut a, mut b) = (None, None);
        let mut wheel = Wheel::default();
        wheel.set(1, &mut a, Some(later(20)));
        wheel.set(2, &mut b, Some(later(10)));
        assert_eq!((wheel.next(), wheel.first_due(now)), (Some(later(10)), None));
        assert_eq!(wheel.first_due(later(30)), Some(2));
        wheel.set(2, &mut b, Some(later(40)));
        assert_eq!(wheel.first_due(later(30)), Some(1));
        wheel.set(1, &mut a, None);
        assert_eq!((a, b, wheel.next()), (None, Some(later(40)), Some(later(40))));
    }
}
