//! Which endpoint is due next.

use std::{collections::BTreeSet, time::Instant};

/// Deadlines of many endpoints, one each.
///
/// An ordered set rather than slots of a wheel: deadlines change some twenty times a second and
/// endpoint, which a few thousand endpoints afford, and the order is exact.
#[derive(Debug, Default)]
pub(crate) struct Wheel {
    due: BTreeSet<(Instant, u32)>,
}

impl Wheel {
    /// Moves an endpoint's deadline; `at` holds the one it has and will hold the new one.
    pub(crate) fn set(&mut self, endpoint: u32, at: &mut Option<Instant>, new: Option<Instant>) {
        if *at == new {
            return;
        }
        if let Some(old) = *at {
            self.due.remove(&(old, endpoint));
        }
        if let Some(new) = new {
            self.due.insert((new, endpoint));
        }
        *at = new;
    }

    /// The endpoint that has been due longest, if one is due. It stays until its deadline moves.
    pub(crate) fn first_due(&self, now: Instant) -> Option<u32> {
        self.due.first().filter(|(at, _)| *at <= now).map(|(_, endpoint)| *endpoint)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
