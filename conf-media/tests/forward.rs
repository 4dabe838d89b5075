//! Two and three people meet through a shard, each a WebRTC stack we did not write.

mod support;

use std::collections::BTreeSet;

use conf_media::shard::Event;
use support::{
    Plan, World,
    check::assert_clean,
    ms,
    picture::{read_opus, read_vp8},
};

fn two() -> (World, usize, usize) {
    let mut world = World::seeded(1);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::full());
    world.open_all(alice);
    world.open_all(bob);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    (world, alice, bob)
}

#[test]
fn two_people_hear_and_see_each_other() {
    let (mut world, alice, bob) = two();
    world.run_for(ms(3_000));
    for (me, other) in [(alice, bob), (bob, alice)] {
        let (audio, video) = (world.peers[other].audio(), world.peers[other].video());
        let mid = world.slot_of(me, audio).expect("the microphone has a slot");
        let heard = world.peers[me].in_slot(&mid);
        assert!(heard.len() > 140, "{} packets of sound", heard.len());
        assert!(heard.iter().all(|p| usize::from(read_opus(&p.payload).peer) == other));
        let mid = world.slot_of(me, video).expect("the camera has a slot");
        let frames = assert_clean(&world.peers[me].in_slot(&mid));
        assert!(frames > 80, "{frames} frames");
    }
    assert_eq!(world.stats().gated_packets, 0);
    assert_eq!(world.stats().dropped_unknown_source, 0);
}

#[test]
fn a_track_nobody_opened_is_counted_and_goes_nowhere() {
    let mut world = World::seeded(2);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::viewer());
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(1_000));
    assert!(world.peers[bob].received.is_empty());
    assert!(world.slots(bob).is_empty());
    assert!(world.stats().gated_packets > 50);
    assert_eq!(world.stats().forwarded_packets, 0);
}

#[test]
fn a_closed_gate_stops_everything_at_once_and_an_opened_one_starts_clean() {
    let (mut world, alice, bob) = two();
    world.run_for(ms(1_000));
    let camera = world.peers[alice].video();
    let mid = world.slot_of(bob, camera).unwrap();
    let forwarded = world.peers[bob].in_slot(&mid).len();
    assert!(forwarded > 0);
    world.close(camera);
    assert_eq!(world.slot_of(bob, camera), None);
    // What is under way arrives; nothing more is sent.
    world.run_for(ms(20));
    let after = world.peers[bob].in_slot(&mid).len();
    world.run_for(ms(500));
    assert_eq!(world.peers[bob].in_slot(&mid).len(), after);
    let gated = world.stats().gated_packets;
    assert!(gated > 20);
    world.open(camera);
    world.run_for(ms(1_000));
    let mid = world.slot_of(bob, camera).expect("it has a slot again");
    assert!(assert_clean(&world.peers[bob].in_slot(&mid)) > 40);
}

#[test]
fn a_keyframe_is_asked_for_as_soon_as_somebody_can_see() {
    let (mut world, alice, _) = two();
    world.run_for(ms(500));
    let carol = world.join(Plan::viewer());
    world.run_until(ms(2_000), |w| w.connected(carol));
    let waited = world.run_until(ms(1_000), |w| !w.peers[carol].received.is_empty());
    assert!(waited < ms(60), "sound is there at once: {waited:?}");
    let camera = world.peers[alice].video();
    let mid = world.slot_of(carol, camera).unwrap();
    let waited = world.run_until(ms(1_000), |w| !w.peers[carol].in_slot(&mid).is_empty());
    assert!(waited < ms(120), "{waited:?}");
    let asked = world.peers[alice].keyframe_requests.len();
    assert!((1..=3).contains(&asked), "{asked} requests");
    world.run_for(ms(1_000));
    assert_clean(&world.peers[carol].in_slot(&mid));
}

#[test]
fn nobody_is_sent_his_own_tracks() {
    let (mut world, alice, _) = two();
    world.run_for(ms(500));
    let own: BTreeSet<_> = world.peers[alice].tracks().into_iter().collect();
    assert!(world.slots(alice).values().all(|track| !own.contains(track)));
    assert!(!world.peers[alice].received.is_empty());
}

#[test]
fn a_slot_is_switched_without_a_gap_or_a_broken_frame() {
    let mut world = World::seeded(4);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::full());
    let carol = world.join(Plan { video_slots: 1, ..Plan::viewer() });
    for peer in [alice, bob] {
        world.open_all(peer);
    }
    let (one, other) = (world.peers[alice].video(), world.peers[bob].video());
    world.wish(carol, &[(one, 360)]);
    world.run_until(ms(2_000), |w| (0..3).all(|peer| w.connected(peer)));
    world.run_for(ms(1_000));
    for round in 0..6 {
        let wished = if round % 2 == 0 { other } else { one };
        world.wish(carol, &[(wished, 360)]);
        assert!(world.slot_of(carol, wished).is_some(), "announced at once");
        world.run_for(ms(700));
    }
    let mid = world.slot_of(carol, one).unwrap();
    let packets = world.peers[carol].in_slot(&mid);
    let frames = assert_clean(&packets);
    assert!(frames > 120, "{frames} frames");
    let peers: BTreeSet<u8> = packets.iter().map(|p| read_vp8(&p.payload).mark.peer).collect();
    assert_eq!(peers.len(), 2);
}

#[test]
fn a_reoffer_adds_slots_while_the_old_ones_go_on_without_a_gap() {
    let mut world = World::seeded(5);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::full());
    let carol = world.join(Plan { video_slots: 1, ..Plan::viewer() });
    for peer in [alice, bob] {
        world.open_all(peer);
    }
    world.run_until(ms(2_000), |w| (0..3).all(|peer| w.connected(peer)));
    world.run_for(ms(500));
    let before = world.slots(carol);
    let streams = world.peers[carol].streams_in_slots();
    world.more_slots(carol, 2);
    world.run_for(ms(1_000));
    let after = world.slots(carol);
    assert!(before.iter().all(|(mid, track)| after.get(mid) == Some(track)));
    for camera in [world.peers[alice].video(), world.peers[bob].video()] {
        let mid = world.slot_of(carol, camera).expect("both cameras have a slot");
        let least = if before.contains_key(&mid) { 35 } else { 15 };
        let frames = assert_clean(&world.peers[carol].in_slot(&mid));
        assert!(frames > least, "{frames} frames, old slots without a pause");
    }
    let now = world.peers[carol].streams_in_slots();
    assert!(streams.iter().all(|(mid, ssrc)| now.get(mid) == Some(ssrc)), "SSRCs are for life");
    assert!(now.len() > streams.len());
}

#[test]
fn a_slot_taken_back_is_emptied_and_comes_back_under_its_old_numbers() {
    let mut world = World::seeded(6);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::full());
    let carol = world.join(Plan { video_slots: 2, ..Plan::viewer() });
    for peer in [alice, bob] {
        world.open_all(peer);
    }
    world.run_until(ms(2_000), |w| (0..3).all(|peer| w.connected(peer)));
    world.run_for(ms(500));
    let (one, other) = (world.peers[alice].video(), world.peers[bob].video());
    let kept = world.slot_of(carol, one).expect("a slot");
    let given = world.slot_of(carol, other).expect("a slot");
    world.set_slot(carol, &given, false);
    assert_eq!(world.slot_of(carol, other), None, "told at once");
    world.run_for(ms(100));
    let packets = world.peers[carol].in_slot(&given).len();
    world.run_for(ms(500));
    assert_eq!(world.peers[carol].in_slot(&given).len(), packets, "nothing more is sent");
    world.set_slot(carol, &given, true);
    world.run_for(ms(700));
    assert_eq!(world.slot_of(carol, other), Some(given.clone()));
    for mid in [kept, given] {
        assert!(assert_clean(&world.peers[carol].in_slot(&mid)) > 25);
    }
}

#[test]
fn who_falls_silent_is_lost_and_later_gone() {
    let (mut world, alice, bob) = two();
    world.run_for(ms(500));
    world.peers[alice].unplugged = true;
    world.run_for(ms(11_000));
    let id = world.peers[alice].id;
    assert!(world.events.contains(&Event::Lost { endpoint: id }));
    world.run_for(ms(61_000));
    assert!(world.events.contains(&Event::Gone { endpoint: id }));
    assert!(world.slots(bob).is_empty());
    assert_eq!(world.stats().endpoints, 1);
}
