//! Which endpoint a datagram is for: its address when proven, else the ICE user name in it.

use std::{collections::HashMap, net::SocketAddr};

/// Addresses one endpoint may prove: its candidate pairs, and a few it moved through.
const ADDRESSES: usize = 8;

/// The two ways to find an endpoint. Both are filled by us or by authenticated checks only, so
/// a stranger cannot make either grow.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    by_address: HashMap<SocketAddr, u32>,
    by_ufrag: HashMap<String, u32>,
}

impl Demux {
    /// Makes an endpoint known by its local ICE user name fragment.
    pub(crate) fn add(&mut self, ufrag: String, endpoint: u32) {
        self.by_ufrag.insert(ufrag, endpoint);
    }

    /// Replaces an endpoint's user name fragment.
    pub(crate) fn rename(&mut self, old: &str, new: String, endpoint: u32) {
        self.by_ufrag.remove(old);
        self.add(new, endpoint);
    }

    /// Notes that `endpoint` has proven to be at `address`; `proven` is its list, newest last.
    /// An address moves to whoever proved it last.
    pub(crate) fn prove(
        &mut self,
        address: SocketAddr,
        endpoint: u32,
        proven: &mut Vec<SocketAddr>,
    ) {
        if self.by_address.get(&address) == Some(&endpoint) {
            return;
        }
        if proven.len() == ADDRESSES {
            let oldest = proven.remove(0);
            if self.by_address.get(&oldest) == Some(&endpoint) {
                self.by_address.remove(&oldest);
            }
        }
        proven.retain(|known| *known != address);
        proven.push(address);
        self.by_address.insert(address, endpoint);
    }

    /// Forgets an endpoint.
    pub(crate) fn remove(&mut self, ufrag: &str, endpoint: u32, proven: &[SocketAddr]) {
        self.by_ufrag.remove(ufrag);
        for address in proven {
            if self.by_address.get(address) == Some(&endpoint) {
                self.by_address.remove(address);
            }
        }
    }

    /// Who has proven to be at this address.
    pub(crate) fn by_address(&self, address: &SocketAddr) -> Option<u32> {
        self.by_address.get(address).copied()
    }

    /// Who was given this user name fragment.
    pub(crate) fn by_ufrag(&self, ufrag: &str) -> Option<u32> {
        self.by_ufrag.get(ufrag).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn an_address_belongs_to_whoever_proved_it_last() {
        let mut demux = Demux::default();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        demux.prove(at(1), 7, &mut first);
        demux.prove(at(1), 8, &mut second);
        demux.remove("a", 7, &first);
        assert_eq!(demux.by_address(&at(1)), Some(8));
        demux.remove("b", 8, &second);
        assert_eq!(demux.by_address(&at(1)), None);
    }

    #[test]
    fn an_endpoint_keeps_its_newest_addresses_only() {
        let mut demux = Demux::default();
        let mut proven = Vec::new();
        for port in 1..=20 {
            demux.prove(at(port), 7, &mut proven);
        }
        assert_eq!(demux.by_address(&at(12)), None);
        assert_eq!(demux.by_address(&at(13)), Some(7));
        assert_eq!(demux.by_address.len(), ADDRESSES);
    }
}
