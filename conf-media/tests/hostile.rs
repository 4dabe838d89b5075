//! Whoever has no keys gets nothing, moves nobody and is counted; whoever has them gets no more
//! than their share.

#![allow(clippy::print_stdout, reason = "the figures are worth reading")]

mod support;

use std::{collections::BTreeMap, net::SocketAddr, time::Instant};

use conf_media::{
    EndpointId, GroupId, MediaKind, TrackId,
    rtcp::write_nack,
    rtp::RtpHeader,
    shard::{
        Command, Event,
        wired::{VP8, Wired},
    },
};
use support::{Plan, World, check::assert_clean, ms};

/// An address nobody of the room has.
fn elsewhere() -> SocketAddr {
    ([203, 0, 113, 66], 666).into()
}

/// Alice and Bob see each other; what they send from now on is kept.
fn two(seed: u64) -> (World, usize, usize) {
    let mut world = World::seeded(seed);
    let (alice, bob) = (world.join(Plan::full()), world.join(Plan::full()));
    world.open_all(alice);
    world.open_all(bob);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.tap = Some(Vec::new());
    world.run_for(ms(3_000));
    (world, alice, bob)
}

/// What was kept of one peer's datagrams whose first two bytes are such.
fn kept(world: &World, peer: usize, kind: impl Fn(u8, u8) -> bool) -> Vec<Vec<u8>> {
    let from = world.peers[peer].address;
    let tap = world.tap.as_deref().unwrap_or_default();
    let of_kind = tap.iter().filter(|(source, bytes)| {
        *source == from && bytes.first_chunk().is_some_and(|&[first, second]| kind(first, second))
    });
    of_kind.map(|(_, bytes)| bytes.clone()).collect()
}

fn is_check(first: u8, _: u8) -> bool {
    first < 4
}

fn is_rtp(first: u8, second: u8) -> bool {
    (128..192).contains(&first) && !(192..=223).contains(&second)
}

fn is_rtcp(first: u8, second: u8) -> bool {
    (128..192).contains(&first) && (192..=223).contains(&second)
}

/// Alice's frames keep reaching Bob, none broken.
fn alice_is_seen(world: &mut World, alice: usize, bob: usize) {
    let since = world.clock.now();
    world.run_for(ms(1_000));
    let mid = world.slot_of(bob, world.peers[alice].video()).expect("a slot");
    let frames = world.peers[bob].in_slot(&mid);
    let fresh = frames.iter().filter(|packet| packet.at >= since && packet.marker).count();
    assert!(fresh > 25, "{fresh} frames in a second");
    assert_clean(&frames);
}

#[test]
fn a_check_from_elsewhere_moves_nobody_be_it_forged_or_copied() {
    let (mut world, alice, bob) = two(70);
    let checks = kept(&world, alice, is_check);
    assert!(checks.len() >= 2, "{} checks were seen", checks.len());
    let before = world.stats();
    let mut tried = 0;
    for check in &checks {
        // The very bytes, and every way of changing one of them.
        world.inject(elsewhere(), check);
        for at in 0..check.len() {
            let mut forged = check.clone();
            forged[at] ^= 0x40;
            world.inject(elsewhere(), &forged);
        }
        tried += 1 + check.len() as u64;
    }
    let after = world.stats();
    let dropped = after.dropped_stun - before.dropped_stun;
    let unknown = after.dropped_unknown_protocol - before.dropped_unknown_protocol;
    assert_eq!(dropped + unknown, tried, "each is counted once");
    // From an address that is somebody else's.
    for check in &checks {
        world.inject(world.peers[bob].address, check);
    }
    assert_eq!(world.sent_to(elsewhere()), 0, "not even an answer");
    alice_is_seen(&mut world, alice, bob);
    alice_is_seen(&mut world, bob, alice);
    assert_eq!(world.sent_to(elsewhere()), 0);
}

#[test]
fn a_copied_check_does_not_bring_back_who_was_lost() {
    let (mut world, alice, _) = two(71);
    let checks = kept(&world, alice, is_check);
    world.peers[alice].unplugged = true;
    world.run_for(ms(13_000));
    let endpoint = world.peers[alice].id;
    assert!(world.events.contains(&Event::Lost { endpoint }));
    let (address, sent) = (world.peers[alice].address, world.sent_to(world.peers[alice].address));
    for check in &checks {
        world.inject(elsewhere(), check);
        world.inject(address, check);
    }
    world.run_for(ms(3_000));
    assert_eq!(world.sent_to(elsewhere()), 0);
    let answers = 128 * checks.len() as u64;
    assert!(world.sent_to(address) - sent <= answers, "no media for who does not consent");
    let connected = Event::Connected { endpoint };
    assert_eq!(world.events.iter().filter(|event| **event == connected).count(), 1);
}

#[test]
fn copied_and_changed_media_is_dropped_and_counted_by_reason() {
    let (mut world, alice, bob) = two(72);
    let rtp = kept(&world, alice, is_rtp);
    let rtcp = kept(&world, alice, is_rtcp);
    assert!(rtp.len() > 100 && rtcp.len() > 2, "{} and {}", rtp.len(), rtcp.len());
    let address = world.peers[alice].address;
    let before = world.stats();
    for packet in rtp.iter().chain(&rtcp) {
        world.inject(address, packet);
        world.inject(elsewhere(), packet);
        // Bob's keys do not open what Alice sealed.
        world.inject(world.peers[bob].address, packet);
    }
    let after = world.stats();
    let all = (rtp.len() + rtcp.len()) as u64;
    assert_eq!(after.dropped_replayed - before.dropped_replayed, all);
    assert_eq!(after.dropped_unknown_address - before.dropped_unknown_address, all);
    // Numbers of his own keep some of hers from even being tried.
    let refused = |stats: &conf_media::stats::Stats| {
        stats.dropped_unauthentic + stats.dropped_replayed - before.dropped_replayed
    };
    assert_eq!(refused(&after) - before.dropped_unauthentic, 2 * all);

    let before = world.stats();
    let newest = |packets: &[Vec<u8>]| packets.last().cloned().expect("there are some");
    let (fresh_rtp, fresh_rtcp) = (newest(&rtp), newest(&rtcp));
    let mut tried = 0;
    for (packet, number_at) in [(fresh_rtp, 3), (fresh_rtcp, usize::MAX)] {
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            if let Some(low) = forged.get_mut(number_at) {
                // Ahead of what was seen, so that only the tag can tell.
                *low = low.wrapping_add(100);
            }
            forged[bit / 8] ^= 1 << (bit % 8);
            world.inject(address, &forged);
            tried += 1;
        }
    }
    let after = world.stats();
    let dropped = [
        after.dropped_unauthentic - before.dropped_unauthentic,
        after.dropped_replayed - before.dropped_replayed,
        after.dropped_malformed - before.dropped_malformed,
        after.dropped_unknown_protocol - before.dropped_unknown_protocol,
        after.dropped_stun - before.dropped_stun,
        after.dropped_dtls - before.dropped_dtls,
    ];
    // A first byte of a DTLS record goes to the engine, which ignores what is no record.
    assert!(dropped.iter().sum::<u64>() + 4 >= tried, "{dropped:?} of {tried}");
    assert_eq!(
        (after.received_rtp, after.received_rtcp),
        (before.received_rtp, before.received_rtcp)
    );
    alice_is_seen(&mut world, alice, bob);
}

#[test]
fn a_certificate_that_was_not_announced_gets_no_keys_and_no_media() {
    let mut world = World::seeded(73);
    let alice = world.join(Plan::full());
    let mallory = world.join_changed(Plan::viewer(), |sdp| {
        let at = sdp.find("a=fingerprint:sha-256 ").expect("an offer has one") + 22;
        let old = sdp[at..at + 2].to_owned();
        let new = if old == "00" { "01" } else { "00" };
        *sdp = sdp.replace(&format!("sha-256 {old}"), &format!("sha-256 {new}"));
    });
    world.open_all(alice);
    world.run_for(ms(5_000));
    let (good, bad) = (world.peers[alice].id, world.peers[mallory].id);
    assert!(world.events.contains(&Event::Connected { endpoint: good }));
    assert!(!world.events.contains(&Event::Connected { endpoint: bad }));
    assert!(world.events.contains(&Event::Gone { endpoint: bad }));
    assert!(world.peers[mallory].received.is_empty());
    assert_eq!(world.stats().endpoints, 1);
}

#[test]
fn strangers_get_not_a_byte_whatever_they_send() {
    let mut world = World::seeded(74);
    world.tap = Some(Vec::new());
    let alice = world.join(Plan::full());
    world.run_until(ms(2_000), |w| w.connected(alice));
    // Everything a peer sends until it is connected, sent by somebody else.
    let handshake: Vec<_> = world.tap.take().unwrap_or_default();
    assert!(handshake.iter().any(|(_, bytes)| bytes[0] == 22), "there was a handshake");
    let mut given = 0;
    for _ in 0..20 {
        for (_, bytes) in &handshake {
            world.inject(elsewhere(), bytes);
            given += bytes.len();
        }
        world.run_for(ms(500));
    }
    assert!(given > 10_000);
    assert_eq!(world.sent_to(elsewhere()), 0, "for {given} bytes");
}

/// What a peer is sent that has proven its address and says no more after its first flight.
#[test]
fn a_peer_that_falls_silent_in_its_handshake_is_not_sent_much() {
    let mut world = World::seeded(75);
    world.tap = Some(Vec::new());
    let alice = world.join(Plan::full());
    let address = world.peers[alice].address;
    world.run_until(ms(2_000), |w| w.tap.iter().flatten().any(|(_, bytes)| bytes[0] == 22));
    world.peers[alice].unplugged = true;
    let given: usize = world.tap.iter().flatten().map(|(_, bytes)| bytes.len()).sum();
    let at_once = world.sent_to(address);
    // It is gone for good, and so is its own clock.
    world.peers.clear();
    world.run_for(ms(70_000));
    let sent = world.sent_to(address);
    println!("given {given}, sent at once {at_once}, in all {sent}");
    assert!(sent <= 8_000, "{sent} bytes for {given}");
    assert_eq!(world.stats().endpoints, 0, "nobody waits for it any longer");
}

#[test]
fn a_flood_of_handshake_records_is_answered_by_less_and_hurts_nobody() {
    let (mut world, alice, bob) = two(76);
    let mut fresh = World::seeded(76);
    fresh.tap = Some(Vec::new());
    let other = fresh.join(Plan::full());
    fresh.run_until(ms(2_000), |w| w.connected(other));
    let records: Vec<Vec<u8>> = fresh
        .tap
        .take()
        .unwrap_or_default()
        .into_iter()
        .map(|(_, bytes)| bytes)
        .filter(|bytes| bytes[0] == 22)
        .collect();
    let address = world.peers[alice].address;
    let before = (world.sent_to(address), world.stats());
    let mut given = 0;
    let now = Instant::now();
    for round in 0..2_000u32 {
        for record in &records {
            let mut record = record.clone();
            // Another number in every record, and now and then another byte.
            record[7..11].copy_from_slice(&round.to_be_bytes());
            if round % 3 == 0 {
                let at = round as usize % record.len();
                record[at] ^= 1;
            }
            world.inject(address, &record);
            given += record.len() as u64;
        }
    }
    let (answered, spent) = (world.sent_to(address) - before.0, now.elapsed());
    println!("{given} bytes of records, {answered} bytes answered, {spent:?}");
    assert!(answered <= given, "{answered} for {given}");
    assert_eq!(world.stats().endpoints, 2);
    alice_is_seen(&mut world, alice, bob);
}

/// The whole of what a subscriber may be sent for its requests, as `RepairBudget` says: a start,
/// a little for every second, and a share of the media.
fn allowance(sent: u64, seconds: u64) -> u64 {
    96 * 1024 + 16 * 1024 * seconds + sent / 4
}

#[test]
fn whoever_asks_for_everything_again_and_again_gets_no_more_than_the_budget() {
    const CAMERA: TrackId = TrackId(1);
    const SECONDS: u64 = 20;
    let (mut now, mut wired) = (Instant::now(), Wired::new());
    wired.shard.handle(now, Command::Gate { track: CAMERA, open: true });
    wired.join(now, GroupId(1), &[(CAMERA, MediaKind::Video)], (0, 0));
    let greedy = wired.join(now, GroupId(1), &[], (0, 1));
    let modest = wired.join(now, GroupId(1), &[], (0, 1));
    assert_eq!(wired.peers[greedy].id, EndpointId(2));
    let mut buffer = vec![0; 64 * 1024];
    // Bytes and packets to each address, by SSRC; the newest number of the greedy one's slot.
    let mut sent: BTreeMap<(SocketAddr, u32), (u64, u64)> = BTreeMap::new();
    let mut newest = None;
    let mut index = 100u64;
    for turn in 0..SECONDS * 100 {
        now += ms(10);
        wired.consent(now);
        if turn % 3 == 0 {
            for part in 0..6 {
                index += 1;
                let header = RtpHeader {
                    marker: part == 5,
                    payload_type: VP8,
                    seq: index as u16,
                    timestamp: index as u32 * 500,
                    ssrc: 77,
                };
                let mut payload = vec![0x90, 0x80, 0x80, index as u8, 0x10, 2, 0, 0x9d, 1, 0x2a];
                payload.extend([0x80, 2, 0x68, 1]);
                payload.resize(1_000, 0);
                let mut packet = wired.rtp(0, 0, &header, index, &payload);
                wired.receive(now, 0, &mut packet);
            }
        }
        if let Some((ssrc, last)) = newest {
            // Everything of the last five seconds, several times over.
            for _ in 0..4 {
                let lost = (0..900u16).rev().map(|back| u16::wrapping_sub(last, back));
                let mut compound = [0; 1_200];
                let len = write_nack(&mut compound, 1, ssrc, lost).expect("it fits");
                let mut datagram = wired.rtcp(greedy, &compound[..len]);
                wired.receive(now, greedy, &mut datagram);
            }
        }
        let greedy_at = wired.peers[greedy].address;
        wired.drain(now, &mut buffer, |to, packet| {
            if (192..=223).contains(&packet[1]) {
                return;
            }
            let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
            let count = sent.entry((to, ssrc)).or_default();
            *count = (count.0 + packet.len() as u64, count.1 + 1);
            if to == greedy_at && packet[1] & 0x7f == VP8 {
                newest = Some((ssrc, u16::from_be_bytes([packet[2], packet[3]])));
            }
        });
    }
    let media = newest.expect("there was media").0;
    let greedy = wired.peers[greedy].address;
    let of = |media_only: bool| {
        sent.iter()
            .filter(|((to, ssrc), _)| *to == greedy && (*ssrc == media) == media_only)
            .map(|(_, count)| *count)
            .fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
    };
    let ((media, packets), (repeated, repeats)) = (of(true), of(false));
    let bound = allowance(media, SECONDS);
    println!("{repeated} bytes repeated for {media} of media, bound {bound}");
    assert!(repeats > 100, "repairs go on under the storm: {repeats}");
    assert!(repeated <= bound, "{repeated} bytes repeated for {media} of media, bound {bound}");
    let modest = wired.peers[modest].address;
    let others: u64 = sent.iter().filter(|((to, _), _)| *to == modest).map(|(_, c)| c.1).sum();
    assert_eq!(others, packets, "who asked for nothing got everything once");
}
