//! Which way a datagram came or goes: one candidate pair as seen from this side.

use std::{
    fmt,
    hash::{Hash, Hasher},
    net::{IpAddr, SocketAddr},
};

/// What carries the datagrams of a route. A closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One datagram a packet.
    Udp,
    /// Framed in a stream (RFC 4571), on a connection the peer opened (RFC 6544).
    Tcp,
}

/// One way between us and a peer.
///
/// Two routes are one only if all of it is equal: behind an address translator the same remote
/// address may be another peer's on another transport or at another of our addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// What carries it.
    pub transport: Transport,
    /// Which of our addresses the peer uses, so that answers leave from there; none where there
    /// is one only.
    pub local: Option<IpAddr>,
    /// The peer's address as it is seen here; IPv4 is never written as IPv6.
    pub remote: SocketAddr,
}

impl Route {
    /// A UDP route to a socket that has one address only.
    pub const fn udp(remote: SocketAddr) -> Self {
        Self { transport: Transport::Udp, local: None, remote }
    }

    /// A TCP route to a socket that has one address only.
    pub const fn tcp(remote: SocketAddr) -> Self {
        Self { transport: Transport::Tcp, local: None, remote }
    }
}

/// Cheaper than what could be derived, because it is taken for every received packet: the
/// remote address tells nearly all routes apart, the rest is left to the comparison.
impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let rest = u64::from(self.remote.port()) << 1 | u64::from(self.transport == Transport::Tcp);
        match self.remote.ip() {
            IpAddr::V4(ip) => state.write_u64(u64::from(ip.to_bits()) << 32 | rest),
            IpAddr::V6(ip) => {
                state.write_u128(ip.to_bits());
                state.write_u64(rest);
            }
        }
    }
}

/// Addresses are personal: only the transport and the family are shown.
impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = if self.remote.is_ipv4() { "IPv4" } else { "IPv6" };
        write!(f, "Route({:?} over {family})", self.transport)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn routes_differ_by_transport_and_by_both_ends() {
        let remote = |text: &str| text.parse::<SocketAddr>().unwrap();
        let base = Route::udp(remote("192.0.2.1:9"));
        let routes = [
            base,
            Route::tcp(base.remote),
            Route { local: Some([10, 0, 0, 1].into()), ..base },
            Route { local: Some([10, 0, 0, 2].into()), ..base },
            Route::udp(remote("192.0.2.1:10")),
            Route::udp(remote("[2001:db8::1]:9")),
            Route::tcp(remote("[2001:db8::1]:9")),
        ];
        let places: HashMap<Route, usize> = routes.into_iter().zip(0..).collect();
        for (place, route) in routes.iter().enumerate() {
            assert_eq!(places.get(route), Some(&place));
        }
    }

    #[test]
    fn no_address_is_printed() {
        assert!(!format!("{:?}", Route::udp("192.0.2.1:9".parse().unwrap())).contains("192"));
    }
}
