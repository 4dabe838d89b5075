//! Datagrams on the wrong of two shards.

use std::net::SocketAddr;

use super::{
    Command, Datagram, Event, Route,
    pair::{GROUP, Pair},
    wired::offer,
};
use crate::{
    EndpointId,
    endpoint::stun::{IntegrityKey, write_request},
};

/// Credentials from an answer.
fn names(pair: &mut Pair, at: usize, endpoint: u64) -> (String, IntegrityKey) {
    let offer = offer(&[], (1, 0), 1);
    let command = Command::Connect { endpoint: EndpointId(endpoint), group: GROUP, offer };
    pair.wired[at].shard.handle(pair.now, command);
    let Some(Event::Answered { result: Ok(sdp), .. }) = pair.wired[at].shard.poll_event() else {
        panic!("no answer")
    };
    pair.settle();
    let value = |key: &str| {
        let line = sdp.lines().find_map(|line| line.strip_prefix(key)).expect("it is there");
        line.trim().to_owned()
    };
    (format!("{}:abcd", value("a=ice-ufrag:")), IntegrityKey::new(&value("a=ice-pwd:")))
}

const NOMINATING: [(u16, &[u8]); 2] = [(0x802a, &[0; 8]), (0x0025, &[])];

fn deliver(pair: &mut Pair, at: usize, from: SocketAddr, bytes: &[u8]) {
    let (now, source) = (pair.now, Route::udp(from));
    let mut bytes = bytes.to_vec();
    let datagram = Datagram { source, arrived: now, bytes: &mut bytes };
    pair.wired[at].shard.receive(now, datagram);
    for wired in &mut pair.wired {
        wired.shard.read_relay(now);
    }
    for wired in &mut pair.wired {
        wired.shard.read_relay(now);
    }
}

#[test]
fn a_datagram_on_the_wrong_shard_is_handed_over_once_its_sender_has_proven_himself() {
    let mut pair = Pair::new();
    let (name, key) = names(&mut pair, 1, 77);
    let from: SocketAddr = "198.51.100.7:4000".parse().unwrap();
    let check = write_request(&[7; 12], &name, &NOMINATING, &key);
    let forged = write_request(&[7; 12], &name, &NOMINATING, &IntegrityKey::new("a guess"));
    let media = [0x80; 40];

    deliver(&mut pair, 0, from, &forged);
    assert_eq!(pair.wired[1].shard.stats().dropped_stun, 1, "handed over, and not believed");
    deliver(&mut pair, 0, from, &media);
    assert_eq!(pair.wired[0].shard.stats().dropped_unknown_address, 1, "nothing was learned of it");

    deliver(&mut pair, 0, from, &check);
    let mut buffer = vec![0; 1_500];
    let now = pair.now;
    let reply = pair.wired[1].shard.poll_transmit(now, &mut buffer).expect("an answer");
    assert_eq!((reply.destination, &buffer[..2]), (Route::udp(from), &[1u8, 1][..]));
    assert!(pair.wired[0].shard.poll_transmit(now, &mut buffer).is_none());
    deliver(&mut pair, 0, from, &media);
    let stats = pair.wired[0].shard.stats();
    assert_eq!((stats.handed_datagrams, stats.dropped_unknown_address), (3, 1));
    assert_eq!(pair.wired[1].shard.stats().dropped_before_keys, 1, "it arrived");

    // Forgotten with its endpoint.
    pair.command(1, Command::Remove { endpoint: EndpointId(77) });
    deliver(&mut pair, 0, from, &media);
    assert_eq!(pair.wired[0].shard.stats().dropped_unknown_address, 2);
}

#[test]
fn two_shards_that_claim_one_address_do_not_play_ball() {
    let mut pair = Pair::new();
    let (here, here_key) = names(&mut pair, 0, 7);
    let (there, there_key) = names(&mut pair, 1, 77);
    let from: SocketAddr = "198.51.100.7:4000".parse().unwrap();
    // Each check lands on the other's shard, at the same moment.
    for (at, name, key) in [(1, &here, &here_key), (0, &there, &there_key)] {
        let mut check = write_request(&[7; 12], name, &NOMINATING, key);
        let (now, source) = (pair.now, Route::udp(from));
        let bytes = &mut check[..];
        pair.wired[at].shard.receive(now, Datagram { source, arrived: now, bytes });
    }
    for _ in 0..3 {
        for wired in &mut pair.wired {
            wired.shard.read_relay(pair.now);
        }
    }
    for at in 0..2 {
        deliver(&mut pair, at, from, &[22; 40]);
    }
    let handed: u64 = pair.wired.iter().map(|wired| wired.shard.stats().handed_datagrams).sum();
    assert!(handed <= 4, "{handed} datagrams handed over");
    assert!(!pair.wired.iter().any(|wired| wired.shard.relay_waits()));
}
