//! Whose picture is shown when there are fewer slots than cameras, which layers publishers are
//! asked for, and how links are rated.

mod support;

use std::collections::BTreeSet;

use conf_media::{
    TrackId,
    quality::Quality,
    shard::{Command, Event, Wished},
};
use conf_sim::Link;
use support::{Plan, World, check::assert_clean, ms};

const VOICE: i8 = -30;
const SILENCE: i8 = -90;

/// So many people with a camera each, who are silent, and a viewer with so many video slots.
fn stage(seed: u64, people: usize, slots: usize) -> (World, usize) {
    let mut world = World::seeded(seed);
    for _ in 0..people {
        let peer = world.join(Plan::full());
        world.peers[peer].streams[0].below_full_db = SILENCE;
        world.open_all(peer);
    }
    let viewer = world.join(Plan { video_slots: slots, ..Plan::viewer() });
    world.run_until(ms(4_000), |w| (0..=people).all(|peer| w.connected(peer)));
    (world, viewer)
}

fn shown(world: &World, viewer: usize) -> BTreeSet<TrackId> {
    let tracks = world.slots(viewer).into_values();
    let cameras: BTreeSet<_> = world.peers.iter().map(|peer| peer.video()).collect();
    tracks.filter(|track| cameras.contains(track)).collect()
}

fn speak(world: &mut World, peer: usize, level: i8) {
    world.peers[peer].streams[0].below_full_db = level;
}

fn changes(world: &World, viewer: usize) -> usize {
    let id = world.peers[viewer].id;
    let cameras: Vec<_> = world.peers.iter().map(|peer| peer.video()).collect();
    let mine = world.events.iter().filter_map(|event| match event {
        Event::Slots { endpoint, slots } if *endpoint == id => Some(slots),
        _ => None,
    });
    mine.flatten().filter(|(_, track)| track.is_some_and(|t| cameras.contains(&t))).count()
}

#[test]
fn without_wishes_a_speaker_comes_in_and_whoever_is_shown_stays() {
    let (mut world, viewer) = stage(40, 6, 3);
    world.run_for(ms(500));
    let first = shown(&world, viewer);
    assert_eq!(first.len(), 3);
    // Someone who is shown speaks: nothing moves.
    let before = changes(&world, viewer);
    speak(&mut world, 0, VOICE);
    world.run_for(ms(2_500));
    assert_eq!((shown(&world, viewer), changes(&world, viewer)), (first.clone(), before));
    speak(&mut world, 0, SILENCE);
    // Someone who is not shown speaks: one who is silent makes way, the speaker of before stays.
    speak(&mut world, 5, VOICE);
    world.run_for(ms(2_500));
    let after = shown(&world, viewer);
    assert!(after.contains(&world.peers[5].video()) && after.contains(&world.peers[0].video()));
    assert_eq!(first.intersection(&after).count(), 2, "one picture changed");
    // It stays when all are silent again.
    speak(&mut world, 5, SILENCE);
    world.run_for(ms(4_000));
    assert_eq!(shown(&world, viewer), after);
    for mid in world.slots(viewer).into_iter().filter(|(_, t)| after.contains(t)).map(|(m, _)| m) {
        assert_clean(&world.peers[viewer].in_slot(&mid));
    }
}

#[test]
fn a_wish_for_the_speaker_follows_turns_and_skips_who_was_named() {
    let (mut world, viewer) = stage(41, 4, 2);
    let camera = |world: &World, peer: usize| world.peers[peer].video();
    let named = camera(&world, 1);
    world.wish_for(viewer, &[(Wished::Track(named), 360), (Wished::Speaker(0), 360)]);
    speak(&mut world, 2, VOICE);
    world.run_for(ms(2_500));
    assert_eq!(shown(&world, viewer), [named, camera(&world, 2)].into());
    // Who is named speaks: he is shown already, the one before stays.
    speak(&mut world, 2, SILENCE);
    speak(&mut world, 1, VOICE);
    world.run_for(ms(3_000));
    assert_eq!(shown(&world, viewer), [named, camera(&world, 2)].into());
    // A word thrown in changes nothing, a turn does; a closed camera is nobody's face.
    let before = changes(&world, viewer);
    speak(&mut world, 3, VOICE);
    world.run_for(ms(400));
    speak(&mut world, 3, SILENCE);
    world.run_for(ms(2_000));
    assert_eq!(changes(&world, viewer), before);
    speak(&mut world, 3, VOICE);
    world.run_for(ms(3_000));
    assert!(shown(&world, viewer).contains(&camera(&world, 3)));
    let closed = camera(&world, 3);
    world.close(closed);
    world.run_for(ms(100));
    assert_eq!(shown(&world, viewer), [named, camera(&world, 2)].into());
    // Paused wishes take no slot.
    world.wish_for(viewer, &[(Wished::Track(named), 0), (Wished::Speaker(0), 360)]);
    assert_eq!(shown(&world, viewer), [camera(&world, 2)].into());
}

#[test]
fn speakers_in_quick_turns_do_not_thrash_the_pictures() {
    let (mut world, viewer) = stage(42, 4, 1);
    world.wish_for(viewer, &[(Wished::Speaker(0), 360)]);
    world.run_for(ms(500));
    let before = changes(&world, viewer);
    for round in 0..24 {
        speak(&mut world, round % 4, VOICE);
        world.run_for(ms(500));
        speak(&mut world, round % 4, SILENCE);
    }
    let changed = changes(&world, viewer) - before;
    assert!(changed <= 6, "{changed} pictures in 12 s");
}

/// What a publisher was last told of the layers of his camera.
fn layers(world: &World, peer: usize) -> Option<Vec<bool>> {
    let camera = world.peers[peer].video();
    world.events.iter().rev().find_map(|event| match event {
        Event::Layers { endpoint, track, wanted } if *track == camera => {
            assert_eq!(*endpoint, world.peers[peer].id);
            Some(wanted.clone())
        }
        _ => None,
    })
}

#[test]
fn layers_nobody_wants_are_let_go_and_taken_back_at_once() {
    let mut world = World::seeded(43);
    let alice = world.join(Plan { video: &[180, 360, 720], ..Plan::full() });
    let bob = world.join(Plan::viewer());
    world.open_all(alice);
    let camera = world.peers[alice].video();
    world.wish(bob, &[(camera, 180)]);
    world.run_until(ms(3_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(2_000));
    assert_eq!(layers(&world, alice), None, "not before three seconds");
    world.run_for(ms(2_500));
    assert_eq!(layers(&world, alice), Some(vec![true, false, false]));
    for (stream, on) in world.peers[alice].streams[1..].iter_mut().zip([true, false, false]) {
        stream.on = on;
    }
    world.run_for(ms(3_000));
    // The picture grows: what is not sent yet is asked for, and shown once it comes.
    world.wish(bob, &[(camera, 720)]);
    assert_eq!(layers(&world, alice), Some(vec![true, false, true]), "at once");
    let mid = world.slot_of(bob, camera).unwrap();
    let frames = world.peers[bob].in_slot(&mid).len();
    world.run_for(ms(500));
    assert!(world.peers[bob].in_slot(&mid).len() > frames + 30, "the low one goes on meanwhile");
    let top = &mut world.peers[alice].streams[3];
    top.on = true;
    top.ask_keyframe();
    world.run_for(ms(1_500));
    let packets = world.peers[bob].in_slot(&mid);
    assert_clean(&packets);
    let last = support::picture::read_vp8(&packets.last().unwrap().payload);
    assert_eq!(last.mark.layer, 2);
    // A layout that goes back and forth is no reason to stop anything.
    let told = world.events.iter().filter(|e| matches!(e, Event::Layers { .. })).count();
    for round in 0..8 {
        world.wish(bob, &[(camera, if round % 2 == 0 { 180 } else { 720 })]);
        world.run_for(ms(700));
    }
    let since = world.events.iter().filter(|e| matches!(e, Event::Layers { .. })).count() - told;
    assert!(since <= 1, "{since} times");
    world.command(Command::Remove { endpoint: world.peers[bob].id });
    world.run_for(ms(5_000));
    assert_eq!(layers(&world, alice), Some(vec![true, false, false]), "the lowest stays");
}

fn rating(world: &World, peer: usize) -> Option<Quality> {
    let id = world.peers[peer].id;
    world.events.iter().rev().find_map(|event| match event {
        Event::Quality { endpoint, quality } if *endpoint == id => Some(*quality),
        _ => None,
    })
}

#[test]
fn a_lossy_link_is_rated_down_and_up_again_and_others_are_not() {
    let (mut world, viewer) = stage(44, 2, 2);
    world.run_for(ms(6_000));
    assert_eq!((rating(&world, 0), rating(&world, viewer)), (None, None), "good is no news");
    let address = world.peers[viewer].address;
    world.link(address, Link::new().delay(ms(10)).loss(0.2));
    world.run_for(ms(10_000));
    assert_eq!(rating(&world, viewer), Some(Quality::Poor));
    assert_eq!((rating(&world, 0), rating(&world, 1)), (None, None));
    world.link(address, Link::new().delay(ms(10)));
    world.run_for(ms(20_000));
    assert_eq!(rating(&world, viewer), Some(Quality::Good));
}

#[test]
fn a_slow_link_is_fair_or_poor_and_a_pulled_plug_is_lost() {
    let (mut world, _) = stage(45, 2, 2);
    let address = world.peers[0].address;
    world.link(address, Link::new().delay(ms(220)));
    world.run_for(ms(16_000));
    assert_eq!(rating(&world, 0), Some(Quality::Fair));
    world.peers[1].unplugged = true;
    world.run_for(ms(9_500));
    assert_eq!(rating(&world, 1), Some(Quality::Lost), "before its consent has run out");
    let id = world.peers[0].id;
    world.command(Command::Restate { endpoint: id });
    assert!(
        world
            .events
            .iter()
            .rev()
            .take(3)
            .any(|event| { *event == Event::Quality { endpoint: id, quality: Quality::Fair } })
    );
}
