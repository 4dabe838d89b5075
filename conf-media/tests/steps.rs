//! Pictures in layers on a link that falls and comes back: what is shown follows, and moves no more
//! than it has to.

#![allow(clippy::print_stdout, reason = "what was found is for people to look at")]

mod support;

use std::time::{Duration, Instant};

use conf_sim::Link;
use support::{Plan, World, check::assert_clean, ms, picture::read_vp8};

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

fn run(seed: u64) -> Vec<Found> {
    let mut world = World::seeded(seed);
    let alice = world.join(Plan { video: &[180, 360, 720], ..Plan::full() });
    let bob = world.join(Plan::viewer());
    for (layer, every) in EVERY {
        world.peers[alice].streams[layer].every = every;
    }
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.wish(bob, &[(world.peers[alice].video(), 720)]);
    world.run_for(ms(2_000 + seed * 13 % 700));
    let mid = world.slot_of(bob, world.peers[alice].video()).expect("it is shown");
    let mut begun = Vec::new();
    for (rate, _, span) in STEPS {
        // Round trip 50 ms, 300 ms of queue.
        let link = Link::new().delay(ms(25)).jitter(ms(2)).rate(rate, rate as usize * 3 / 80);
        world.net.connect(world.server, world.peers[bob].address, link);
        begun.push((world.clock.now(), world.stats().probe_packets));
        world.run_for(ms(span));
    }
    begun.push((world.clock.now(), world.stats().probe_packets));
    let packets = world.peers[bob].in_slot(&mid);
    let whole: Vec<_> = packets.iter().copied().rev().skip_while(|p| !p.marker).collect();
    assert_clean(&whole);
    let frames: Vec<(Instant, u8)> =
        packets.iter().map(|p| (p.at, read_vp8(&p.payload).mark.layer)).collect();
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

#[test]
fn what_is_shown_follows_the_link() {
    for seed in SEEDS {
        for (at, found) in run(seed).iter().enumerate() {
            println!("seed {seed}, step {at}: {found:?}");
            let limited = at > 0;
            let kept = found.switches <= 2
                && found.after <= ms(if limited { 5_000 } else { 0 })
                && found.right >= 0.95
                && found.pause <= ms(500)
                && (found.probes > 0) == limited;
            assert!(kept, "seed {seed}, step {at}: {found:?}");
        }
    }
}
