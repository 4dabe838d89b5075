//! Under which addresses a listening socket can be reached.

use std::net::{IpAddr, SocketAddr};

/// Candidates in one answer; more only cost the peer checks.
const MOST: usize = 16;

/// The candidates of a socket bound to `bound`: first what the operator advertises, then the
/// address it listens on, or every address of the `interfaces` where it listens on all.
pub(super) fn candidates(
    bound: SocketAddr,
    advertised: &[IpAddr],
    interfaces: &[IpAddr],
) -> Vec<SocketAddr> {
    let own: Vec<IpAddr> = if bound.ip().is_unspecified() {
        let both = bound.is_ipv6();
        let usable = |ip: &&IpAddr| (both || ip.is_ipv4()) && !is_link_local(ip);
        let (inner, outer): (Vec<&IpAddr>, Vec<&IpAddr>) =
            interfaces.iter().filter(usable).partition(|ip| ip.is_loopback());
        // A machine without a network still serves itself.
        let chosen = if outer.is_empty() { inner } else { outer };
        chosen.into_iter().copied().collect()
    } else {
        vec![bound.ip()]
    };
    let mut found: Vec<SocketAddr> = Vec::new();
    for ip in advertised.iter().copied().chain(own) {
        let candidate = SocketAddr::new(ip.to_canonical(), bound.port());
        if found.len() < MOST && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

/// Addresses that mean something on one wire only; browsers need a zone for them.
fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    const INTERFACES: [&str; 6] =
        ["127.0.0.1", "10.0.0.5", "::1", "fe80::1", "2001:db8::5", "169.254.3.3"];

    #[test]
    fn a_concrete_address_is_its_own_candidate() {
        let found = candidates("10.0.0.5:99".parse().unwrap(), &[], &ips(&INTERFACES));
        assert_eq!(found, addresses(&["10.0.0.5:99"]));
    }

    #[test]
    fn all_addresses_means_those_peers_can_reach() {
        let interfaces = ips(&INTERFACES);
        let found = candidates("0.0.0.0:99".parse().unwrap(), &[], &interfaces);
        assert_eq!(found, addresses(&["10.0.0.5:99"]));
        let found = candidates("[::]:99".parse().unwrap(), &[], &interfaces);
        assert_eq!(found, addresses(&["10.0.0.5:99", "[2001:db8::5]:99"]));
        let found = candidates("[::]:99".parse().unwrap(), &[], &ips(&["127.0.0.1", "::1"]));
        assert_eq!(found, addresses(&["127.0.0.1:99", "[::1]:99"]));
    }

    #[test]
    fn what_is_advertised_comes_first_and_once() {
        let advertised = ips(&["203.0.113.9", "10.0.0.5"]);
        let found = candidates("10.0.0.5:99".parse().unwrap(), &advertised, &[]);
        assert_eq!(found, addresses(&["203.0.113.9:99", "10.0.0.5:99"]));
    }
}
