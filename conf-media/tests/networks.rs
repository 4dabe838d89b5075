//! Networks as people have them: addresses that change, cables that are pulled, UDP that is not
//! let out.

mod support;

use std::time::{Duration, Instant};

use conf_media::{
    EndpointId,
    shard::{Command, Event, Offer},
};
use conf_sim::Link;
use support::{
    Plan, Received, World,
    check::{assert_clean, longest_pause},
    ms,
    peer::Reach,
    picture::read_vp8,
};

fn two(seed: u64, plan: Plan) -> (World, usize, usize) {
    let mut world = World::seeded(seed);
    let alice = world.join(plan);
    let bob = world.join(Plan::full());
    for peer in [alice, bob] {
        world.open_all(peer);
    }
    world.run_until(ms(3_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(1_000));
    (world, alice, bob)
}

/// What `me` has seen of `other`'s camera, as a decoder sees it.
fn seen(world: &World, me: usize, other: usize) -> Vec<&Received> {
    let mid = world.slot_of(me, world.peers[other].video()).expect("the camera has a slot");
    world.peers[me].in_slot(&mid)
}

fn heard_since(world: &World, me: usize, other: usize, since: Instant) -> usize {
    let mid = world.slot_of(me, world.peers[other].audio()).expect("the voice has a slot");
    world.peers[me].in_slot(&mid).iter().filter(|packet| packet.at >= since).count()
}

/// Both see and hear each other in the next second, without a gap ever since the beginning.
fn both_are_well(world: &mut World, alice: usize, bob: usize) {
    let begin = world.clock.now() - world.clock.elapsed();
    both_are_well_since(world, alice, bob, begin);
}

/// The same, with what went before the first keyframe since `whole` left out.
fn both_are_well_since(world: &mut World, alice: usize, bob: usize, whole: Instant) {
    let since = world.clock.now();
    world.run_for(ms(1_000));
    for (me, other) in [(alice, bob), (bob, alice)] {
        let frames = seen(world, me, other);
        let fresh = frames.iter().filter(|p| p.at >= since && p.marker).count();
        assert!(fresh > 25, "{me} sees {fresh} frames of {other} in a second");
        let heard = heard_since(world, me, other, since);
        assert!(heard > 45, "{me} hears {heard} packets of {other} in a second");
        let frames = frames.into_iter().filter(|p| p.at >= whole);
        let frames: Vec<_> = frames.skip_while(|p| !begins_with_keyframe(p)).collect();
        assert_clean(&frames);
    }
}

fn begins_with_keyframe(packet: &Received) -> bool {
    let picture = read_vp8(&packet.payload);
    picture.keyframe && picture.mark.part == 0
}

fn count(world: &World, peer: usize, event: impl Fn(EndpointId) -> Event) -> usize {
    let wanted = event(world.peers[peer].id);
    world.events.iter().filter(|event| **event == wanted).count()
}

#[test]
fn an_ice_restart_keeps_the_media() {
    let (mut world, alice, bob) = two(40, Plan::full());
    let begun = world.clock.now();
    for number in 2..5 {
        world.restart_ice(alice, number, ms(300));
        both_are_well(&mut world, alice, bob);
    }
    for (me, other) in [(alice, bob), (bob, alice)] {
        let frames = seen(&world, me, other);
        let since: Vec<_> = frames.into_iter().filter(|p| p.at >= begun).collect();
        assert!(
            longest_pause(&since) < ms(100),
            "nothing stood still: {:?}",
            longest_pause(&since)
        );
    }
    assert_eq!(count(&world, alice, |endpoint| Event::Lost { endpoint }), 0);
    assert_eq!(count(&world, alice, |endpoint| Event::Connected { endpoint }), 1, "no handshake");
}

#[test]
fn an_answer_that_never_arrives_leaves_the_old_credentials_valid() {
    let (mut world, alice, bob) = two(41, Plan::full());
    let (sdp, tracks) = world.peers[alice].offer_restart();
    let (endpoint, cameras) = (world.peers[alice].id, world.peers[alice].cameras());
    let offer = Offer { number: 2, sdp, tracks, cameras, video: world.video };
    world.command(Command::Reoffer { endpoint, offer });
    // Far longer than consent lasts: only checks with the old credentials can keep it.
    world.run_for(ms(25_000));
    assert_eq!(count(&world, alice, |endpoint| Event::Lost { endpoint }), 0);
    both_are_well(&mut world, alice, bob);
}

#[test]
fn a_new_address_takes_the_media_along() {
    let (mut world, alice, bob) = two(42, Plan::full());
    let begun = world.clock.now();
    world.translate(alice);
    world.run_for(ms(5_000));
    both_are_well(&mut world, alice, bob);
    for (me, other) in [(alice, bob), (bob, alice)] {
        let frames = seen(&world, me, other);
        let since: Vec<_> = frames.into_iter().filter(|p| p.at >= begun).collect();
        assert!(longest_pause(&since) < ms(4_000), "{:?}", longest_pause(&since));
    }
    assert_eq!(count(&world, alice, |endpoint| Event::Connected { endpoint }), 1, "the same keys");
}

#[test]
fn an_ice_restart_from_a_new_address_keeps_the_media() {
    let (mut world, alice, bob) = two(43, Plan::full());
    world.translate(alice);
    world.restart_ice(alice, 2, ms(100));
    let begun = world.clock.now();
    both_are_well_after(&mut world, alice, bob, ms(1_000));
    assert!(world.clock.now() - begun < ms(3_000));
    assert_eq!(count(&world, alice, |endpoint| Event::Connected { endpoint }), 1);
}

fn both_are_well_after(world: &mut World, alice: usize, bob: usize, pause: Duration) {
    world.run_for(pause);
    both_are_well(world, alice, bob);
}

#[test]
fn whoever_is_cut_off_for_ten_seconds_comes_back_by_himself() {
    for cut in [ms(10_000), ms(14_000)] {
        let (mut world, alice, bob) = two(44, Plan::full());
        world.peers[alice].unplugged = true;
        world.run_for(cut);
        let forwarded = world.stats().forwarded_packets;
        let asked = [alice, bob].map(|peer| world.peers[peer].keyframe_requests.len());
        if cut > ms(13_000) {
            assert_eq!(count(&world, alice, |endpoint| Event::Lost { endpoint }), 1);
            world.run_for(ms(500));
            assert_eq!(world.stats().forwarded_packets, forwarded, "nothing is sent to nobody");
        }
        world.peers[alice].unplugged = false;
        let plugged = world.clock.now();
        let back = world.run_until(ms(6_000), |w| {
            let now = w.clock.now();
            let recent = |me, other| {
                seen(w, me, other).last().is_some_and(|packet| now - packet.at < ms(100))
            };
            recent(alice, bob) && recent(bob, alice)
        });
        assert!(back < ms(5_000), "back after {back:?}");
        let first = seen(&world, alice, bob).into_iter().find(|p| p.at >= plugged).unwrap();
        assert!(begins_with_keyframe(first), "what builds on lost pictures is not sent");
        both_are_well_since(&mut world, alice, bob, plugged);
        let after = [alice, bob].map(|peer| world.peers[peer].keyframe_requests.len());
        assert!(after[0] > asked[0] && after[1] > asked[1], "both were asked for a keyframe");
        assert_eq!(count(&world, alice, |endpoint| Event::Gone { endpoint }), 0);
        assert_eq!(world.stats().endpoints, 2);
    }
}

#[test]
fn a_meeting_over_tcp_is_as_good() {
    let (mut world, alice, bob) = two(45, Plan { reach: Reach::Tcp, ..Plan::full() });
    assert!(world.streamed > 100, "{} datagrams over TCP", world.streamed);
    both_are_well(&mut world, alice, bob);
    world.restart_ice(alice, 2, ms(100));
    both_are_well(&mut world, alice, bob);
}

#[test]
fn udp_is_used_where_both_work_and_tcp_where_udp_ends() {
    let (mut world, alice, bob) = two(46, Plan { reach: Reach::Both, ..Plan::full() });
    both_are_well(&mut world, alice, bob);
    let streamed = world.streamed;
    world.run_for(ms(2_000));
    assert!(world.streamed - streamed < 10, "only checks: {}", world.streamed - streamed);
    let address = world.peers[alice].address;
    world.link(address, Link::new().loss(1.0));
    world.restart_ice(alice, 2, ms(100));
    both_are_well_after(&mut world, alice, bob, ms(12_000));
    assert!(world.streamed - streamed > 100);
}
