//! How much one remote address may take: connections, sessions, joins, requests.
//!
//! Addresses are personal data: they live in this table only, in memory, and
//! are in no log and no metric.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::signal::rate::{Bucket, Rate};
use crate::telemetry::metric::name;

/// Most addresses remembered, at about 200 bytes each. The least recently seen
/// without an open socket are forgotten first; forgetting one gives it full
/// buckets again.
const PLACES: usize = 10_000;

/// How long someone with too many open sockets is asked to wait: some of them
/// close by then, or have said `hello`.
const SOCKETS_AGAIN: Duration = Duration::from_secs(10);

/// Whoever is counted together: an IPv4 address, or the IPv6 network a customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Remote(IpAddr);

/// What of all addresses is counted. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Quotas(Arc<Shared>);

struct Shared {
    limits: Limits,
    // A lock and not a task: a look-up is a few instructions, and it is never
    // held across an await.
    places: Mutex<HashMap<Remote, Place>>,
}

/// One address's account.
struct Place {
    connections: u32,
    waiting: u32,
    sessions: u32,
    joins: Bucket,
    requests: Bucket,
    seen: Instant,
}

/// Over the limit; when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuch {
    pub(crate) again: Duration,
}

/// What a [`Held`] is held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Connection,
    Waiting,
    Session,
}

/// A counted socket; gives its place back when dropped.
pub(crate) struct Held {
    quotas: Quotas,
    remote: Remote,
    what: What,
}

impl TooMuch {
    /// When to come back, in whole seconds, at least one.
    pub(crate) fn again_s(self) -> u64 {
        self.again.as_secs().saturating_add(1)
    }
}

impl Remote {
    /// The account of `address`. An IPv6 customer has a /64 (RFC 6177), and so
    /// 2^64 addresses to come from.
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        })
    }
}

impl Quotas {
    /// An empty table.
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, places: Mutex::default() }))
    }

    /// One more TCP connection.
    pub(crate) fn connection(&self, remote: Remote) -> Result<Held, TooMuch> {
        let most = self.0.limits.address_connections;
        self.hold(remote, What::Connection, |place| place.connections < most)
    }

    /// One more signalling socket, which has yet to say `hello`.
    pub(crate) fn socket(&self, remote: Remote) -> Result<Held, TooMuch> {
        let Limits { address_waiting, address_sessions, .. } = self.0.limits;
        let held = self.hold(remote, What::Waiting, |place| {
            place.waiting < address_waiting && place.waiting + place.sessions < address_sessions
        });
        held.inspect_err(|_| counted("sockets"))
    }

    /// One more `hello`.
    pub(crate) fn join(&self, remote: Remote) -> Result<(), TooMuch> {
        let now = Instant::now();
        self.0.place(remote, now, |place| place.joins.take(now)).inspect_err(|_| counted("joins"))
    }

    /// One more request for a room, a look or a token.
    pub(crate) fn request(&self, remote: Remote) -> Result<(), TooMuch> {
        let now = Instant::now();
        let taken = self.0.place(remote, now, |place| place.requests.take(now));
        taken.inspect_err(|_| counted("requests"))
    }

    fn hold(
        &self,
        remote: Remote,
        what: What,
        fits: impl FnOnce(&Place) -> bool,
    ) -> Result<Held, TooMuch> {
        self.0.place(remote, Instant::now(), |place| {
            if !fits(place) {
                return Err(SOCKETS_AGAIN);
            }
            *place.count(what) += 1;
            Ok(())
        })?;
        Ok(Held { quotas: self.clone(), remote, what })
    }
}

fn counted(limit: &'static str) {
    metrics::counter!(name::EDGE_LIMITED, "limit" => limit).increment(1);
}

impl Shared {
    fn place(
        &self,
        remote: Remote,
        now: Instant,
        work: impl FnOnce(&mut Place) -> Result<(), Duration>,
    ) -> Result<(), TooMuch> {
        let mut places = self.lock();
        if places.len() >= PLACES && !places.contains_key(&remote) {
            forget_some(&mut places);
            if places.len() >= PLACES {
                return Err(TooMuch { again: SOCKETS_AGAIN });
            }
        }
        let place = places.entry(remote).or_insert_with(|| Place::new(&self.limits, now));
        place.seen = now;
        work(place).map_err(|again| TooMuch { again })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Remote, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the tenth least recently seen; a tenth, so that the sorting is paid
/// once in a thousand new addresses.
fn forget_some(places: &mut HashMap<Remote, Place>) {
    let idle = places.iter().filter(|(_, place)| place.is_idle());
    let mut idle: Vec<_> = idle.map(|(remote, place)| (place.seen, *remote)).collect();
    idle.sort_unstable_by_key(|(seen, _)| *seen);
    for (_, remote) in idle.into_iter().take(PLACES / 10) {
        places.remove(&remote);
    }
}

impl Place {
    fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            connections: 0,
            waiting: 0,
            sessions: 0,
            joins: Bucket::full(Rate::per_minute(limits.address_joins_per_minute), now),
            requests: Bucket::full(Rate::per_minute(limits.address_requests_per_minute), now),
            seen: now,
        }
    }

    fn is_idle(&self) -> bool {
        self.connections == 0 && self.waiting == 0 && self.sessions == 0
    }

    fn count(&mut self, what: What) -> &mut u32 {
        match what {
            What::Connection => &mut self.connections,
            What::Waiting => &mut self.waiting,
            What::Session => &mut self.sessions,
        }
    }
}

impl Held {
    /// The address it is counted under.
    pub(crate) fn remote(&self) -> Remote {
        self.remote
    }

    /// The socket said `hello` and is in a meeting.
    pub(crate) fn joined(&mut self) {
        let mut places = self.quotas.0.lock();
        if let Some(place) = places.get_mut(&self.remote) {
            *place.count(self.what) -= 1;
            place.sessions += 1;
        }
        self.what = What::Session;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // A place with an open socket is never forgotten.
        if let Some(place) = self.quotas.0.lock().get_mut(&self.remote) {
            *place.count(self.what) -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            connections: 100,
            address_connections: 3,
            address_waiting: 2,
            address_sessions: 3,
            address_joins_per_minute: 2,
            address_requests_per_minute: 3,
        }
    }

    fn remote(last: u8) -> Remote {
        Remote::of(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn sockets_without_a_hello_are_few_and_with_one_more() {
        let quotas = Quotas::new(limits());
        let mut first = quotas.socket(remote(1)).expect("the first");
        let second = quotas.socket(remote(1)).expect("the second");
        assert!(quotas.socket(remote(1)).is_err(), "two wait already");
        assert!(quotas.socket(remote(2)).is_ok(), "another address is not meant");
        first.joined();
        let third = quotas.socket(remote(1)).expect("one of them has joined");
        drop(second);
        assert!(quotas.socket(remote(1)).is_ok(), "the third of three, given back at once");
        drop((first, third));
        assert!(quotas.0.lock().values().all(Place::is_idle));
    }

    #[test]
    fn joins_and_requests_are_counted_apart() {
        let quotas = Quotas::new(limits());
        assert!((0..2).all(|_| quotas.join(remote(1)).is_ok()));
        let refused = quotas.join(remote(1)).expect_err("two a minute");
        assert!(refused.again <= Duration::from_secs(30), "{refused:?}");
        assert!((0..3).all(|_| quotas.request(remote(1)).is_ok()));
        assert!(quotas.request(remote(1)).is_err());
        assert!(quotas.join(remote(2)).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_account_and_a_mapped_address_is_ipv4() {
        let of = |text: &str| Remote::of(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
        assert_eq!(of("::ffff:192.0.2.1"), remote(1));
    }

    #[test]
    fn the_table_is_bounded_and_keeps_those_with_open_sockets() {
        let quotas = Quotas::new(limits());
        let address = |number: usize| {
            let [.., a, b, c] = number.to_be_bytes();
            Remote::of(IpAddr::from([10, a, b, c]))
        };
        let held = quotas.connection(address(0)).expect("the oldest of all");
        for number in 1..PLACES * 2 {
            quotas.request(address(number)).expect("its first");
        }
        assert!(quotas.0.lock().len() <= PLACES);
        assert!(quotas.0.lock().contains_key(&held.remote()));
        let last = address(PLACES * 2 - 1);
        assert!(quotas.0.lock().contains_key(&last), "the newest are remembered");
    }
}
