//! What peers are told: who speaks, which times belong together, what arrived.

mod support;

use std::time::SystemTime;

use conf_media::shard::Event;
use support::{Plan, World, ms};

fn crowd(count: usize) -> World {
    let mut world = World::seeded(30);
    for _ in 0..count {
        let peer = world.join(Plan { video: &[], ..Plan::full() });
        world.open_all(peer);
    }
    world.run_until(ms(3_000), |w| (0..count).all(|peer| w.connected(peer)));
    world
}

#[test]
fn the_loudest_have_the_slots_when_there_are_too_few() {
    let mut world = crowd(6);
    for (peer, level) in [-90, -90, -90, -90, -90, -90].into_iter().enumerate() {
        world.peers[peer].streams[0].below_full_db = level;
    }
    world.run_for(ms(1_000));
    // Three slots, five others: whoever speaks gets one, the silent longest loses his.
    for speaker in [5, 4, 3] {
        world.peers[speaker].streams[0].below_full_db = -20;
        world.run_for(ms(500));
        let track = world.peers[speaker].audio();
        assert!(world.slot_of(0, track).is_some(), "speaker {speaker}");
        let spoken = world.events.iter().rev().find_map(|event| match event {
            Event::Speaking { tracks, .. } => Some(tracks.clone()),
            _ => None,
        });
        assert!(spoken.is_some_and(|tracks| tracks.contains(&track)));
        world.peers[speaker].streams[0].below_full_db = -90;
        world.run_for(ms(2_000));
    }
    let all = [3, 4, 5].map(|peer| world.slot_of(0, world.peers[peer].audio()));
    assert!(all.iter().all(Option::is_some), "the three who spoke last are heard: {all:?}");
}

#[test]
fn sound_and_picture_of_one_person_share_a_clock() {
    let mut world = World::seeded(31);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::viewer());
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(6_000));
    let (audio, video) = (world.peers[alice].audio(), world.peers[alice].video());
    let [audio, video] = [audio, video].map(|track| world.slot_of(bob, track).unwrap());
    // When was the newest packet of each captured, by the reports of its own slot?
    let captured = |mid: &str, rate: f64| {
        let (at, rtp) = world.peers[bob].reports[mid];
        let packet = *world.peers[bob].in_slot(mid).last().unwrap();
        let behind = packet.timestamp.wrapping_sub(rtp) as i32;
        let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        (at + f64::from(behind) / rate, packet.at)
    };
    let (heard, heard_at) = captured(&audio, 48_000.0);
    let (seen, seen_at) = captured(&video, 90_000.0);
    let apart = if heard_at > seen_at {
        heard - seen - (heard_at - seen_at).as_secs_f64()
    } else {
        heard - seen + (seen_at - heard_at).as_secs_f64()
    };
    assert!(apart.abs() < 0.02, "sound and picture are {apart} s apart");
}

#[test]
fn a_publisher_learns_what_its_link_carries() {
    let mut world = World::seeded(32);
    let alice = world.join(Plan { estimates: true, ..Plan::full() });
    world.run_until(ms(2_000), |w| w.connected(alice));
    // Nobody opened her tracks: what is gated was carried all the same.
    world.run_for(ms(4_000));
    let estimates = &world.peers[alice].estimates;
    assert!(estimates.len() > 3, "{estimates:?}");
    let last = *estimates.last().unwrap();
    assert!(last > 300_000, "an idle link is not estimated down: {estimates:?}");
}
