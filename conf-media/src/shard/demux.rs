//! Which endpoint a datagram is for: its route when proven, else the ICE user name in it.

use std::collections::HashMap;

use super::Route;

/// Routes one endpoint may prove: the pairs of its candidates with ours (several addresses here,
/// several there, UDP and TCP), and a few it moved through.
const ROUTES: usize = 32;

/// The two ways to find an endpoint. Both are filled by us or by authenticated checks only, so
/// a stranger cannot make either grow.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    by_route: HashMap<Route, u32>,
    by_ufrag: HashMap<String, u32>,
}

impl Demux {
    /// Makes an endpoint known by a local ICE user name fragment; it may have several.
    pub(crate) fn add(&mut self, ufrag: String, endpoint: u32) {
        self.by_ufrag.insert(ufrag, endpoint);
    }

    /// Forgets a user name fragment.
    pub(crate) fn forget_ufrag(&mut self, ufrag: &str) {
        self.by_ufrag.remove(ufrag);
    }

    /// Notes that `endpoint` has proven to be at the end of `route`; `proven` is its list, the
    /// latest checked last, and `used` the route that must not be forgotten for another.
    /// A route moves to whoever proved it last. Gives the one that was forgotten for it.
    pub(crate) fn prove(
        &mut self,
        route: Route,
        endpoint: u32,
        proven: &mut Vec<Route>,
        used: Option<Route>,
    ) -> Option<Route> {
        let mut forgotten = None;
        if let Some(place) = proven.iter().position(|known| *known == route) {
            proven[place..].rotate_left(1);
        } else {
            if proven.len() >= ROUTES
                && let Some(oldest) = proven.iter().position(|known| Some(*known) != used)
            {
                let oldest = proven.remove(oldest);
                if self.forget_route(&oldest, endpoint) {
                    forgotten = Some(oldest);
                }
            }
            proven.push(route);
        }
        self.by_route.insert(route, endpoint);
        forgotten
    }

    /// Gives a route up that an endpoint of another shard has proven.
    pub(crate) fn yield_route(&mut self, route: &Route) {
        self.by_route.remove(route);
    }

    /// Forgets an endpoint.
    pub(crate) fn remove<'a>(
        &mut self,
        ufrags: impl Iterator<Item = &'a str>,
        endpoint: u32,
        proven: &[Route],
    ) {
        for ufrag in ufrags {
            self.forget_ufrag(ufrag);
        }
        for route in proven {
            self.forget_route(route, endpoint);
        }
    }

    /// Whether it was the endpoint's.
    fn forget_route(&mut self, route: &Route, endpoint: u32) -> bool {
        let its = self.by_route.get(route) == Some(&endpoint);
        if its {
            self.by_route.remove(route);
        }
        its
    }

    /// Who has proven to be at the end of this route.
    pub(crate) fn by_route(&self, route: &Route) -> Option<u32> {
        self.by_route.get(route).copied()
    }

    /// Who was given this user name fragment.
    pub(crate) fn by_ufrag(&self, ufrag: &str) -> Option<u32> {
        self.by_ufrag.get(ufrag).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> Route {
        Route::udp(([127, 0, 0, 1], port).into())
    }

    #[test]
    fn a_route_belongs_to_whoever_proved_it_last() {
        let mut demux = Demux::default();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        demux.prove(at(1), 7, &mut first, None);
        demux.prove(at(1), 8, &mut second, None);
        demux.remove(["a"].into_iter(), 7, &first);
        assert_eq!(demux.by_route(&at(1)), Some(8));
        demux.remove(["b"].into_iter(), 8, &second);
        assert_eq!(demux.by_route(&at(1)), None);
    }

    #[test]
    fn an_endpoint_keeps_its_newest_routes_and_the_one_in_use() {
        let mut demux = Demux::default();
        let mut proven = Vec::new();
        for port in 1..=ROUTES as u16 + 8 {
            demux.prove(at(port), 7, &mut proven, Some(at(2)));
            demux.prove(at(3), 7, &mut proven, Some(at(2)));
        }
        assert_eq!(demux.by_route(&at(1)), None);
        assert_eq!(demux.by_route(&at(2)), Some(7), "in use");
        assert_eq!(demux.by_route(&at(3)), Some(7), "checked again and again");
        assert_eq!(demux.by_route(&at(9)), None);
        assert_eq!(demux.by_route(&at(ROUTES as u16 + 8)), Some(7));
        assert_eq!((demux.by_route.len(), proven.len()), (ROUTES, ROUTES));
    }
}
