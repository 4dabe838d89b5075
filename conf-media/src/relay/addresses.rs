//! Which routes belong to whom when their datagrams reach the wrong shard.

use std::collections::{HashMap, HashSet};

use crate::shard::Route;

/// Routes of other shards that are remembered. Beyond it the newcomer is not, and its datagrams
/// are lost here; one shard's endpoints have fewer in any sensible meeting.
const MOST: usize = 32_768;

/// What is known of routes beside what a shard's own endpoints have proven. Filled by other
/// shards' word only, who give it for authenticated checks only.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    theirs: HashMap<Route, u8>,
    /// Routes of our own that the others were told of.
    claimed: HashSet<Route>,
}

impl Addresses {
    /// Whose a route is.
    pub(crate) fn owner(&self, route: &Route) -> Option<u8> {
        self.theirs.get(route).copied()
    }

    /// Notes that a route is another shard's. False when there are too many.
    pub(crate) fn learn(&mut self, route: Route, shard: u8) -> bool {
        self.claimed.remove(&route);
        let fits = self.theirs.len() < MOST || self.theirs.contains_key(&route);
        if fits {
            self.theirs.insert(route, shard);
        }
        fits
    }

    /// Forgets what `shard` said of a route.
    pub(crate) fn unlearn(&mut self, route: &Route, shard: u8) {
        if self.owner(route) == Some(shard) {
            self.theirs.remove(route);
        }
    }

    /// Forgets everything `shard` said.
    pub(crate) fn forget(&mut self, shard: u8) {
        self.theirs.retain(|_, owner| *owner != shard);
    }

    /// Notes that a route is ours. Whether the others thought or may think otherwise.
    pub(crate) fn take(&mut self, route: &Route) -> bool {
        self.theirs.remove(route).is_some()
    }

    /// Notes that the others are told a route is ours; whether that is news.
    pub(crate) fn claim(&mut self, route: Route) -> bool {
        self.claimed.insert(route)
    }

    /// Takes a claim back; whether there was one.
    pub(crate) fn disclaim(&mut self, route: &Route) -> bool {
        self.claimed.remove(route)
    }

    /// What the others were told is ours.
    pub(crate) fn claimed(&self) -> impl Iterator<Item = Route> + '_ {
        self.claimed.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u32) -> Route {
        Route::udp((std::net::Ipv4Addr::from_bits(number), 9).into())
    }

    #[test]
    fn a_route_is_whose_word_came_last_and_only_he_takes_it_back() {
        let mut addresses = Addresses::default();
        assert!(addresses.learn(at(1), 1) && addresses.learn(at(1), 2));
        addresses.unlearn(&at(1), 1);
        assert_eq!(addresses.owner(&at(1)), Some(2));
        addresses.forget(2);
        assert_eq!(addresses.owner(&at(1)), None);
    }

    #[test]
    fn what_others_claim_is_no_longer_ours() {
        let mut addresses = Addresses::default();
        assert!(addresses.claim(at(1)) && !addresses.claim(at(1)));
        addresses.learn(at(1), 1);
        assert_eq!(addresses.claimed().count(), 0);
        assert!(addresses.take(&at(1)) && !addresses.take(&at(1)));
    }

    #[test]
    fn the_table_is_bounded() {
        let mut addresses = Addresses::default();
        let learned = (0..40_000).filter(|number| addresses.learn(at(*number), 1)).count();
        assert_eq!((learned, addresses.theirs.len()), (MOST, MOST));
        assert!(addresses.learn(at(0), 2), "who is known may still move");
    }
}
