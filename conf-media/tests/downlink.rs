//! What a subscriber is sent follows what its link carries, and nothing but its link.

mod support;

use std::time::Duration;

use conf_media::TrackId;
use conf_media::shard::{Command, Event, Withheld};
use conf_sim::Link;
use support::{
    Plan, World,
    check::{assert_clean, longest_pause},
    ms,
    picture::read_vp8,
};

/// Frames come so often that a picture takes 1.5 Mbit/s.
const FULL: u32 = 11;
const LAYERS: &[u16] = &[180, 360, 720];

/// So many people whose single-layer cameras take 1.5 Mbit/s each.
fn crowd(world: &mut World, count: usize) -> Vec<usize> {
    let publisher = Plan { video: &[360], ..Plan::default() };
    let peers: Vec<usize> = (0..count).map(|_| world.join(publisher)).collect();
    for &peer in &peers {
        world.peers[peer].streams[0].every = FULL;
        world.open_all(peer);
    }
    world.run_until(ms(3_000), |w| peers.iter().all(|peer| w.connected(*peer)));
    world.run_for(ms(1_000));
    peers
}

/// Kilobits per second of media that a peer received in the last so many milliseconds.
fn kbps(world: &World, peer: usize, span: u64) -> u64 {
    let since = world.clock.now() - ms(span);
    let received = world.peers[peer].received.iter().rev().take_while(|p| p.at > since);
    received.map(|packet| packet.payload.len() as u64).sum::<u64>() * 8 / span
}

/// How often a peer was told that one of its slots carries nothing any more.
fn emptied(world: &World, peer: usize) -> usize {
    let id = world.peers[peer].id;
    let slots = world.events.iter().filter_map(|event| match event {
        Event::Slots { endpoint, slots } if *endpoint == id => Some(slots),
        _ => None,
    });
    slots.flatten().filter(|(_, track)| track.is_none()).count()
}

/// What a peer was told each time that its link does not carry.
fn withheld(world: &World, peer: usize) -> Vec<&[(TrackId, Withheld)]> {
    let id = world.peers[peer].id;
    let told = world.events.iter().filter_map(|event| match event {
        Event::Withheld { endpoint, tracks } if *endpoint == id => Some(&tracks[..]),
        _ => None,
    });
    told.collect()
}

#[test]
fn nine_sources_all_flow_to_a_newcomer_on_an_unlimited_link() {
    let mut world = World::seeded(31);
    let cameras = crowd(&mut world, 9);
    let bob = world.join(Plan { audio_slots: 3, video_slots: 9, ..Plan::default() });
    // Nothing is known of the link in the beginning: it is tried out within two seconds.
    world.run_for(ms(2_000));
    let begun = world.stats().delayed_packets;
    world.run_for(ms(1_000));
    assert!(kbps(&world, bob, 500) > 12_500, "{} kbit/s", kbps(&world, bob, 500));
    for &camera in &cameras {
        let mid = world.slot_of(bob, world.peers[camera].video()).expect("a slot");
        let packets = world.peers[bob].in_slot(&mid);
        assert!(packets.last().expect("something came").at + ms(50) > world.clock.now());
    }
    world.run_for(ms(5_000));
    assert!(kbps(&world, bob, 5_000) > 13_000);
    assert_eq!(emptied(&world, bob), 0);
    assert!(withheld(&world, bob).is_empty(), "nothing is taken, nothing is told");
    let stats = world.stats();
    assert!(stats.received_feedback > 30, "{stats:#?}");
    assert_eq!(stats.delayed_packets, begun, "nothing waits on a link that is not congested");
}

#[test]
fn a_scheduler_that_stutters_pauses_nothing() {
    let mut world = World::seeded(32);
    crowd(&mut world, 9);
    let bob = world.join(Plan { audio_slots: 3, video_slots: 9, ..Plan::default() });
    world.run_for(ms(3_000));
    let at = world.peers[bob].address;
    for round in 0..60u64 {
        // Now the receiver is not scheduled, now the server, now only the feedback is late.
        let span = ms(50 + round * 7 % 51);
        match round % 3 {
            0 => world.doze(at, span),
            1 => world.doze(world.server, span),
            _ => world.net.connect(at, world.server, Link::new().delay(ms(10) + span)),
        }
        world.run_for(span);
        world.net.connect(at, world.server, Link::new().delay(ms(10)));
        world.run_for(ms(100 + round * 13 % 200));
    }
    world.run_for(ms(200));
    assert_eq!(emptied(&world, bob), 0);
    assert!(kbps(&world, bob, 10_000) > 13_000, "{} kbit/s", kbps(&world, bob, 10_000));
}

/// Alice speaks and sends three layers, Bob watches the tallest over a link of this rate.
fn thin(seed: u64, bits_per_second: u64) -> (World, usize, usize) {
    let mut world = World::seeded(seed);
    let alice = world.join(Plan { video: LAYERS, ..Plan::full() });
    let bob = world.join(Plan::viewer());
    for (layer, every) in [(1, 100), (2, 33), (3, FULL)] {
        world.peers[alice].streams[layer].every = every;
    }
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.wish(bob, &[(world.peers[alice].video(), 720)]);
    world.run_for(ms(2_000));
    assert!(kbps(&world, bob, 1_000) > 1_400, "the tallest layer at first");
    squeeze(&mut world, bob, bits_per_second);
    (world, alice, bob)
}

fn squeeze(world: &mut World, peer: usize, bits_per_second: u64) {
    let link = Link::new().delay(ms(20)).rate(bits_per_second, 1 << 20);
    world.net.connect(world.server, world.peers[peer].address, link);
}

#[test]
fn a_layer_that_takes_more_than_was_guessed_is_not_asked_for_again_and_again() {
    for seed in 60..80 {
        let mut world = World::seeded(seed);
        let alice = world.join(Plan { video: LAYERS, ..Plan::full() });
        let bob = world.join(Plan::viewer());
        // The middle layer takes 0.5 Mbit/s, the tallest 2.4 where three times that is guessed.
        for (layer, parts) in [(1, 1), (2, 3), (3, 14)] {
            world.peers[alice].streams[layer].parts = parts;
        }
        world.open_all(alice);
        world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
        let camera = world.peers[alice].video();
        world.wish(bob, &[(camera, 720)]);
        world.run_for(ms(2_000));
        squeeze(&mut world, bob, 2_200_000);
        let mut told = 0;
        for _ in 0..500 {
            world.run_for(ms(100));
            let mut layers = world.events.iter().filter_map(|event| match event {
                Event::Layers { track, wanted, .. } if *track == camera => Some(wanted),
                _ => None,
            });
            let (count, wanted) = (layers.clone().count(), layers.next_back().cloned());
            if count > told {
                told = count;
                for (stream, on) in world.peers[alice].streams[1..].iter_mut().zip(wanted.unwrap())
                {
                    if on && !stream.on {
                        stream.ask_keyframe();
                    }
                    stream.on = on;
                }
            }
        }
        assert!((1..=3).contains(&told), "seed {seed}: told {told} times");
    }
}

/// The longest time without a packet of sound since then, and how many came.
fn sound(world: &World, from: usize, to: usize, span: u64) -> (u128, usize) {
    let mid = world.slot_of(to, world.peers[from].audio()).expect("a slot for sound");
    let since = world.clock.now() - ms(span);
    let at: Vec<_> =
        world.peers[to].in_slot(&mid).iter().map(|p| p.at).filter(|at| *at > since).collect();
    let gap = at.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).max().unwrap_or(u128::MAX);
    (gap, at.len())
}

#[test]
fn a_thin_link_gets_a_lower_layer_and_sound_goes_on() {
    for seed in 33..36 {
        let (mut world, alice, bob) = thin(seed, 800_000);
        world.run_for(ms(6_000));
        let mid = world.slot_of(bob, world.peers[alice].video()).expect("still shown");
        let layer = |world: &World| {
            read_vp8(&world.peers[bob].in_slot(&mid).last().unwrap().payload).mark.layer
        };
        assert_eq!(layer(&world), 1, "seed {seed}");
        assert!((300..800).contains(&kbps(&world, bob, 2_000)), "{}", kbps(&world, bob, 2_000));
        let (gap, count) = sound(&world, alice, bob, 3_000);
        assert!(gap < 150 && count > 140, "{count} packets of sound, {gap} ms without any");
        // More is tried now and then, and given up soon.
        world.run_for(ms(20_000));
        let packets = world.peers[bob].in_slot(&mid);
        let since = world.clock.now() - ms(20_000);
        let (middle, all) = packets.iter().filter(|p| p.at > since).fold((0, 0), |(n, all), p| {
            (n + u32::from(read_vp8(&p.payload).mark.layer == 1), all + 1)
        });
        assert!(middle * 10 > all * 7, "{middle} of {all} packets, seed {seed}");
        let (gap, count) = sound(&world, alice, bob, 20_000);
        assert!(gap < 400 && count > 960, "{count} packets of sound, {gap} ms without any");
        let whole: Vec<_> = packets.iter().copied().rev().skip_while(|p| !p.marker).collect();
        assert_clean(&whole);
        assert!(longest_pause(&packets) < ms(4_000), "{:?}", longest_pause(&packets));
        let stats = world.stats();
        assert!(stats.delayed_packets > 0, "seed {seed}: {stats:#?}");

        let camera = world.peers[alice].video();
        let told = withheld(&world, bob);
        assert_eq!(told[0], [(camera, Withheld::Lowered)], "seed {seed}");
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "only changes: {told:?}");

        squeeze(&mut world, bob, 20_000_000);
        world.run_until(ms(30_000), |w| layer(w) == 2);
        world.run_until(ms(10_000), |w| withheld(w, bob).last() == Some(&&[][..]));
        assert!(withheld(&world, alice).is_empty(), "nobody else is told");
    }
}

#[test]
fn who_joins_over_a_thin_link_hears_everything_and_sees_what_fits() {
    for seed in 50..53 {
        let mut world = World::seeded(seed);
        let alice = world.join(Plan::full());
        world.open_all(alice);
        crowd(&mut world, 9);
        let carol = world.join(Plan { audio_slots: 3, ..Plan::default() });
        world.run_for(ms(1_000));
        let bob = world.join(Plan { audio_slots: 3, video_slots: 9, ..Plan::default() });
        squeeze(&mut world, bob, 3_000_000);
        world.run_for(ms(6_000));
        let later = delays(&world, alice, (carol, bob));
        assert!(later.len() > 270, "{} packets of sound, seed {seed}", later.len());
        let longest = later.iter().max().expect("there are some");
        assert!(*longest < ms(200), "sound came {longest:?} later, seed {seed}");
        let rate = kbps(&world, bob, 1_000);
        assert!((1_400..3_000).contains(&rate), "{rate} kbit/s, seed {seed}");
    }
}

/// How much later each packet of sound came to the second of two.
fn delays(world: &World, from: usize, (first, second): (usize, usize)) -> Vec<Duration> {
    let of = |peer: usize| {
        let mid = world.slot_of(peer, world.peers[from].audio()).expect("a slot for sound");
        world.peers[peer].in_slot(&mid)
    };
    let there = of(first);
    let at = |payload: &[u8]| there.iter().find(|p| p.payload == payload).map(|p| p.at);
    let second = of(second);
    second.iter().filter_map(|p| Some(p.at.saturating_duration_since(at(&p.payload)?))).collect()
}

#[test]
fn a_single_layer_is_paused_on_a_link_that_cannot_carry_it_and_comes_back() {
    let mut world = World::seeded(37);
    let alice = world.join(Plan { video: &[360], ..Plan::full() });
    world.peers[alice].streams[1].every = FULL;
    let bob = world.join(Plan::viewer());
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(2_000));
    squeeze(&mut world, bob, 500_000);
    let camera = world.peers[alice].video();
    let took = world.run_until(ms(8_000), |w| w.slot_of(bob, camera).is_none());
    // A third of it would come through: that is no picture, and is not waited for.
    assert!(took > ms(200), "not before congestion has lasted: {took:?}");
    world.run_for(ms(6_000));
    assert!(kbps(&world, bob, 2_000) < 100, "{} kbit/s", kbps(&world, bob, 2_000));
    let (gap, count) = sound(&world, alice, bob, 2_000);
    assert!(gap < 60 && count > 95, "{count} packets of sound, {gap} ms without any");

    assert_eq!(withheld(&world, bob).last(), Some(&&[(camera, Withheld::Off)][..]));

    // Who does not send any more is not withheld either, and is again when it sends.
    world.close(camera);
    world.run_for(ms(500));
    assert_eq!(withheld(&world, bob).last(), Some(&&[][..]));
    world.open(camera);
    world
        .run_until(ms(8_000), |w| withheld(w, bob).last() == Some(&&[(camera, Withheld::Off)][..]));
    let told = withheld(&world, bob).len();
    world.command(Command::Restate { endpoint: world.peers[bob].id });
    world.run_for(ms(20));
    assert_eq!(
        withheld(&world, bob)[told..],
        [&[(camera, Withheld::Off)][..]],
        "told again if asked"
    );

    squeeze(&mut world, bob, 20_000_000);
    world.run_until(ms(60_000), |w| w.slot_of(bob, camera).is_some());
    world.run_for(ms(3_000));
    assert!(kbps(&world, bob, 1_000) > 1_300, "{} kbit/s", kbps(&world, bob, 1_000));
    assert_eq!(withheld(&world, bob).last(), Some(&&[][..]));
}
