//! Pictures in layers on a link that falls and comes back, in every codec: what is shown follows, and
//! moves no more than it has to, and a decoder never misses what a frame refers to.

#![allow(clippy::print_stdout, reason = "what was found is for people to look at")]

mod support;

use std::time::{Duration, Instant};

use conf_media::rtp::Codec;
use conf_sim::Link;
use support::{Plan, World, check::assert_clean_in, decoder::Decoder, ms};

/// Milliseconds between the frames of each layer: 0.17, 0.5 and 1.5 Mbit/s.
const EVERY: [(usize, u32); 3] = [(1, 100), (2, 33), (3, 11)];
const SEEDS: std::ops::Range<u64> = 100..120;

/// The rate of the link, the layer that is the most it carries, and for how long.
const STEPS: [(u64, u8, u64); 4] =
    [(3_000_000, 2, 12_000), (750_000, 1, 25_000), (400_000, 0, 15_000), (3_000_000, 2, 20_000)];

/// What came of one step.
#[derive(Debug)]
struct Found {
    /// Times the layer changed.
    switches: usize,
    /// How long until it was the right one for good.
    after: Duration,
    /// The share of frames in that layer from eight seconds after the step.
    right: f64,
    /// The longest time without a frame.
    pause: Duration,
    /// Packets sent to try out more.
    probes: u64,
}

fn run(codec: Codec, seed: u64) -> Vec<Found> {
    let mut world = World::seeded(seed);
    world.video = codec;
    let codecs = &Codec::VIDEO;
    let alice = world.join(Plan { video: &[180, 360, 720], codecs, ..Plan::full() });
    let bob = world.join(Plan { codecs, ..Plan::viewer() });
    for (layer, every) in EVERY {
        world.peers[alice].streams[layer].every = every;
    }
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.wish(bob, &[(world.peers[alice].video(), 720)]);
    world.run_for(ms(2_000 + seed * 13 % 700));
    let mid = world.slot_of(bob, world.peers[alice].video()).expect("it is shown");
    let mut decoder = Decoder::new(codec, bob, &mid);
    let mut begun = Vec::new();
    for (rate, _, span) in STEPS {
        // Round trip 50 ms, 300 ms of queue.
        let link = Link::new().delay(ms(25)).jitter(ms(2)).rate(rate, rate as usize * 3 / 80);
        world.net.connect(world.server, world.peers[bob].address, link);
        begun.push((world.clock.now(), world.stats().probe_packets));
        decoder.watch(&mut world, ms(span));
    }
    begun.push((world.clock.now(), world.stats().probe_packets));
    let packets = world.peers[bob].in_slot(&mid);
    let whole: Vec<_> = packets.iter().copied().rev().skip_while(|p| !p.marker).collect();
    assert_clean_in(codec, &whole);
    assert_eq!(decoder.broken, 0, "everything comes");
    let frames: Vec<(Instant, u8)> =
        decoder.shown.iter().map(|shown| (shown.at, shown.mark.layer)).collect();
    let step = |at: usize| {
        let ((from, sent), (to, sent_then)) = (begun[at], begun[at + 1]);
        let best = STEPS[at].1;
        let within: Vec<_> =
            frames.iter().copied().filter(|(at, _)| (from..to).contains(at)).collect();
        let wrong = within.iter().rev().find(|(_, layer)| *layer != best);
        let late = within.iter().filter(|(at, _)| *at >= from + ms(8_000));
        let (right, all) = late.fold((0, 0), |(right, all), (_, layer)| {
            (right + usize::from(*layer == best), all + 1)
        });
        Found {
            switches: within.windows(2).filter(|pair| pair[0].1 != pair[1].1).count(),
            after: wrong.map_or(Duration::ZERO, |(at, _)| *at - from),
            right: right as f64 / f64::from(all),
            pause: within.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap_or(to - from),
            probes: sent_then - sent,
        }
    };
    (0..STEPS.len()).map(step).collect()
}

fn follows_the_link(codec: Codec) {
    for seed in SEEDS {
        for (at, found) in run(codec, seed).iter().enumerate() {
            println!("{codec}, seed {seed}, step {at}: {found:?}");
            let limited = at > 0;
            let kept = found.switches <= usize::from(limited)
                && found.after <= ms(if limited { 5_000 } else { 0 })
                && found.right >= 0.95
                && found.pause <= ms(500)
                && (found.probes > 0) == limited;
            assert!(kept, "{codec}, seed {seed}, step {at}: {found:?}");
        }
    }
}

#[test]
fn what_is_shown_follows_the_link() {
    follows_the_link(Codec::Vp8);
}

#[test]
fn what_is_shown_follows_the_link_in_vp9() {
    follows_the_link(Codec::Vp9);
}

#[test]
fn what_is_shown_follows_the_link_in_av1() {
    follows_the_link(Codec::Av1);
}

#[test]
fn what_is_shown_follows_the_link_in_h264() {
    follows_the_link(Codec::H264);
}
