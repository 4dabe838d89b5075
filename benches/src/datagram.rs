//! Telling datagrams apart: by first bytes, by address, by ICE user name.

use std::{hint::black_box, net::SocketAddr, time::Instant};

use conf_media::{
    endpoint::{
        demux::classify,
        ice::IceLite,
        stun::{IntegrityKey, MAX_REPLY, write_request},
    },
    shard::{Datagram, Route, wired::Wired},
};

use crate::workload::{Case, Workload};

const DATAGRAMS: u64 = 1_024;
const CHECKS: u64 = 64;

/// What a datagram costs before it is known to be worth anything.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "demux/classify",
        unit: "datagram",
        rounds: 8,
        make: || Box::new(Classify { datagrams: kinds() }),
    },
    Case {
        name: "demux/stranger",
        unit: "datagram",
        rounds: 8,
        make: || {
            let stranger = SocketAddr::from(([198, 51, 100, 7], 7));
            Box::new(Strangers { wired: Wired::new(), datagrams: kinds(), stranger })
        },
    },
    Case { name: "demux/check", unit: "check", rounds: 8, make: || Box::new(Checks::new()) },
];

/// Media, reports, a handshake and a message of STUN.
fn kinds() -> Vec<Vec<u8>> {
    [[0x80, 96], [0x80, 201], [22, 254], [0, 1]]
        .iter()
        .map(|first| {
            let mut datagram = vec![0; 1_200];
            datagram[..2].copy_from_slice(first);
            datagram
        })
        .collect()
}

struct Classify {
    datagrams: Vec<Vec<u8>>,
}

impl Workload for Classify {
    fn round(&mut self) -> u64 {
        for datagram in self.datagrams.iter().cycle().take(DATAGRAMS as usize) {
            black_box(classify(black_box(datagram)));
        }
        DATAGRAMS
    }
}

/// What comes from an address nobody has proven.
struct Strangers {
    wired: Wired,
    datagrams: Vec<Vec<u8>>,
    stranger: SocketAddr,
}

impl Workload for Strangers {
    fn round(&mut self) -> u64 {
        let now = Instant::now();
        let source = Route::udp(self.stranger);
        let kinds = self.datagrams.len();
        for number in 0..DATAGRAMS as usize {
            let bytes = &mut self.datagrams[number % kinds];
            self.wired.shard.receive(now, Datagram { source, arrived: now, bytes });
        }
        DATAGRAMS
    }
}

/// Authenticated checks as they keep consent fresh.
struct Checks {
    agent: IceLite,
    requests: Vec<Vec<u8>>,
    sent: u64,
}

impl Checks {
    fn new() -> Self {
        let agent = IceLite::new("lite", "aaaaaaaaaaaaaaaaaaaaaaaa", "full");
        Self { agent, requests: Vec::new(), sent: 0 }
    }
}

impl Workload for Checks {
    fn prepare(&mut self) {
        let key = IntegrityKey::new("aaaaaaaaaaaaaaaaaaaaaaaa");
        self.requests.clear();
        for _ in 0..CHECKS {
            self.sent += 1;
            let mut transaction = [7; 12];
            transaction[4..].copy_from_slice(&self.sent.to_be_bytes());
            let attributes: [(u16, &[u8]); 3] =
                [(0x0024, &[0x6e, 0, 1, 0xff]), (0x802a, &[0; 8]), (0x0025, &[])];
            self.requests.push(write_request(&transaction, "lite:full", &attributes, &key));
        }
    }

    fn round(&mut self) -> u64 {
        let (now, route) = (Instant::now(), Route::udp(([192, 0, 2, 9], 9).into()));
        let mut reply = [0; MAX_REPLY];
        for request in &self.requests {
            let check = self.agent.receive(now, route, request, &mut reply);
            assert!(black_box(check).is_ok_and(|check| check.proven));
        }
        CHECKS
    }
}
