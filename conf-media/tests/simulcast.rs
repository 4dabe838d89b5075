//! Everyone gets the layer that fits the size he sees.

mod support;

use support::{
    Plan, World,
    check::{assert_clean, longest_pause},
    ms,
    picture::read_vp8,
};

const LAYERS: &[u16] = &[180, 360, 720];

fn three() -> (World, usize, usize) {
    let mut world = World::seeded(7);
    let alice = world.join(Plan { video: LAYERS, ..Plan::full() });
    let bob = world.join(Plan::viewer());
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(1_500));
    (world, alice, bob)
}

/// The layer of the newest frame in Bob's slot.
fn layer(world: &World, alice: usize, bob: usize) -> u8 {
    let mid = world.slot_of(bob, world.peers[alice].video()).expect("a slot");
    let packets = world.peers[bob].in_slot(&mid);
    read_vp8(&packets.last().expect("something arrived").payload).mark.layer
}

#[test]
fn the_layer_follows_the_size_without_a_pause() {
    let (mut world, alice, bob) = three();
    let camera = world.peers[alice].video();
    assert_eq!(layer(&world, alice, bob), 1, "automatic is the layer of 360 lines");
    for (height, expected) in [(720, 2), (90, 0), (300, 1), (1_080, 2), (360, 1), (180, 0)] {
        world.wish(bob, &[(camera, height)]);
        let took = world.run_until(ms(500), |w| layer(w, alice, bob) == expected);
        assert!(took < ms(200), "{height} lines after {took:?}");
        world.run_for(ms(800));
        assert_eq!(layer(&world, alice, bob), expected);
    }
    let mid = world.slot_of(bob, camera).unwrap();
    let packets = world.peers[bob].in_slot(&mid);
    assert_clean(&packets);
    assert!(longest_pause(&packets) < ms(120), "{:?}", longest_pause(&packets));
}

#[test]
fn a_layer_that_dies_is_left_for_one_that_lives_and_taken_again() {
    let (mut world, alice, bob) = three();
    let camera = world.peers[alice].video();
    world.wish(bob, &[(camera, 720)]);
    world.run_for(ms(1_000));
    assert_eq!(layer(&world, alice, bob), 2);
    let top = world.peers[alice].streams.iter().position(|s| s.height == 720).unwrap();
    world.peers[alice].streams[top].on = false;
    world.run_for(ms(3_000));
    assert_eq!(layer(&world, alice, bob), 1);
    world.peers[alice].streams[top].on = true;
    world.run_for(ms(2_000));
    assert_eq!(layer(&world, alice, bob), 2);
    let mid = world.slot_of(bob, camera).unwrap();
    let packets = world.peers[bob].in_slot(&mid);
    assert_clean(&packets);
    assert!(longest_pause(&packets) < ms(1_200), "{:?}", longest_pause(&packets));
}

#[test]
fn a_pause_frees_the_slot_and_nothing_is_sent() {
    let (mut world, alice, bob) = three();
    let camera = world.peers[alice].video();
    world.wish(bob, &[(camera, 0)]);
    assert_eq!(world.slot_of(bob, camera), None);
    world.run_for(ms(50));
    let before = world.peers[bob].received.iter().filter(|p| p.payload.len() > 100).count();
    world.run_for(ms(1_000));
    let after = world.peers[bob].received.iter().filter(|p| p.payload.len() > 100).count();
    assert_eq!(after, before);
}
