//! What is lost on the way comes back: from publishers, and to subscribers.

mod support;

use conf_sim::Link;
use support::{Plan, World, check::assert_clean, ms};

/// Alice sends, Bob watches; both are connected.
fn watched(seed: u64) -> (World, usize, usize) {
    let mut world = World::seeded(seed);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::viewer());
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(500));
    (world, alice, bob)
}

/// Lets everything be repaired: nothing new is lost or sent.
fn settle(world: &mut World, alice: usize) {
    for stream in &mut world.peers[alice].streams {
        stream.on = false;
    }
    world.run_for(ms(1_000));
}

#[test]
fn what_a_publisher_loses_is_asked_for_and_forwarded() {
    for seed in 0..4 {
        let (mut world, alice, bob) = watched(seed);
        let (from, to) = (world.peers[alice].address, world.server);
        world.net.connect(from, to, Link::new().delay(ms(20)).loss(0.05));
        world.run_for(ms(5_000));
        world.net.connect(from, to, Link::new().delay(ms(20)));
        world.run_for(ms(200));
        settle(&mut world, alice);
        let mid = world.slot_of(bob, world.peers[alice].video()).unwrap();
        let frames = assert_clean(&world.peers[bob].in_slot(&mid));
        assert!(frames > 150, "{frames} frames, seed {seed}");
        let stats = world.stats();
        assert!(world.net.lost() > 10 && stats.repaired_packets > 5, "seed {seed}: {stats:#?}");
        assert!(stats.requested_packets < 4 * stats.repaired_packets + 20, "{stats:#?}");
    }
}

#[test]
fn what_a_subscriber_loses_is_repeated() {
    for seed in 10..14 {
        let (mut world, alice, bob) = watched(seed);
        let (from, to) = (world.server, world.peers[bob].address);
        world.net.connect(from, to, Link::new().delay(ms(20)).jitter(ms(5)).loss(0.08));
        world.run_for(ms(5_000));
        world.net.connect(from, to, Link::new().delay(ms(20)));
        world.run_for(ms(200));
        settle(&mut world, alice);
        let mid = world.slot_of(bob, world.peers[alice].video()).unwrap();
        let frames = assert_clean(&world.peers[bob].in_slot(&mid));
        assert!(frames > 150, "{frames} frames, seed {seed}");
        let stats = world.stats();
        assert!(stats.retransmitted_packets > 10, "seed {seed}: {stats:#?}");
        assert!(stats.retransmitted_packets < 3 * world.net.lost() + 20, "{stats:#?}");
    }
}

#[test]
fn both_directions_losing_and_reordering_still_give_a_whole_picture() {
    let (mut world, alice, bob) = watched(21);
    for peer in [alice, bob] {
        let address = world.peers[peer].address;
        world.link(address, Link::new().delay(ms(30)).jitter(ms(10)).loss(0.03).reorder(0.02));
    }
    world.run_for(ms(6_000));
    for peer in [alice, bob] {
        let address = world.peers[peer].address;
        world.link(address, Link::new().delay(ms(30)));
    }
    world.run_for(ms(300));
    settle(&mut world, alice);
    let mid = world.slot_of(bob, world.peers[alice].video()).unwrap();
    assert!(assert_clean(&world.peers[bob].in_slot(&mid)) > 180);
}
