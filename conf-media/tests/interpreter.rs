//! A sign-language interpreter stays readable on a link that falls, whatever else has to go: 20 frames
//! a second and 240 lines (EN 301 549, 6.5), and below that the frames stay and the lines fall.

#![allow(clippy::print_stdout, reason = "what was found is for people to look at")]

mod support;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use conf_media::{TrackId, rtp::Codec, shard::Command};
use conf_sim::Link;
use support::{
    Plan, World,
    decoder::Decoder,
    ms,
    picture::{Mark, read_vp8},
};

const SEEDS: std::ops::Range<u64> = 200..220;
const HEIGHTS: &[u16] = &[180, 360, 720];
/// Packets of a frame of each layer, 30 times a second: 0.17, 0.51 and 1.53 Mbit/s.
const PARTS: [u8; 3] = [1, 3, 9];
const EVERY: u32 = 33;

/// The link in the course of time: at 0.8 Mbit/s the middle layer and sound fit and nothing else,
/// at 0.4 only the lowest does.
const STEPS: [u64; 9] =
    [5_000_000, 3_500_000, 2_700_000, 2_000_000, 1_400_000, 1_000_000, 800_000, 400_000, 5_000_000];
/// The lowest layer the interpreter may be shown with in each; in the last it has to climb.
const LEAST: [u8; 9] = [1, 1, 1, 1, 1, 1, 1, 0, 0];
const SPAN: Duration = Duration::from_secs(8);
/// From a step to when the link is obeyed.
const TRANSITION: Duration = Duration::from_millis(2_500);

/// What was seen in one step, after the transition.
#[derive(Debug)]
struct Found {
    /// Frames of the interpreter in the worst second, the longest time without one, and the layers
    /// they are of.
    frames: usize,
    pause: Duration,
    layers: BTreeSet<u8>,
    /// Kilobits per second of everybody else's pictures in the last four seconds.
    others: u64,
}

struct Stage {
    world: World,
    interpreter: usize,
    viewer: usize,
}

/// An interpreter, a screen and three more cameras; the viewer wants the interpreter last.
fn stage(seed: u64) -> Stage {
    let mut world = World::seeded(seed);
    let camera = Plan { video: HEIGHTS, ..Plan::default() };
    let interpreter = world.join(camera);
    let screen = world.join(Plan { video: &[360, 1080], shares: true, ..Plan::default() });
    let speaker = world.join(Plan { audio: true, ..camera });
    let cameras = [speaker, world.join(camera), world.join(camera)];
    let viewer = world.join(Plan { video_slots: 5, ..Plan::viewer() });
    let publishers = [&[interpreter, screen][..], &cameras].concat();
    for &peer in &publishers {
        for stream in world.peers[peer].streams.iter_mut().filter(|stream| stream.height > 0) {
            let layer = usize::from(stream.layer);
            // A screen has larger frames and fewer: 0.22 and 0.9 Mbit/s.
            (stream.every, stream.parts) =
                if peer == screen { (100, [4, 16][layer]) } else { (EVERY, PARTS[layer]) };
        }
        world.open_all(peer);
    }
    world.run_until(ms(3_000), |w| (0..6).all(|peer| w.connected(peer)));
    let shown = |peer: usize| world.peers[peer].video();
    let wishes: Vec<(TrackId, u16)> =
        [(screen, 1080), (speaker, 720), (cameras[1], 360), (cameras[2], 360), (interpreter, 720)]
            .map(|(peer, height)| (shown(peer), height))
            .to_vec();
    world.wish(viewer, &wishes);
    world.run_for(ms(3_000 + seed * 17 % 900));
    Stage { world, interpreter, viewer }
}

fn pictures(world: &World, viewer: usize) -> impl Iterator<Item = (Instant, Mark)> + '_ {
    // Sound is shorter.
    let packets = world.peers[viewer].received.iter().filter(|packet| packet.payload.len() >= 700);
    packets.map(|packet| (packet.at, read_vp8(&packet.payload).mark))
}

fn run(stage: &mut Stage) -> Vec<Found> {
    let Stage { world, interpreter, viewer } = stage;
    let (interpreter, viewer) = (*interpreter, *viewer);
    let track = world.peers[interpreter].video();
    let slot = world.slot_of(viewer, track).expect("it is shown");
    let mut decoder = Decoder::new(Codec::Vp8, viewer, &slot);
    let mut begun = Vec::new();
    for rate in STEPS {
        // Round trip 50 ms, 300 ms of queue.
        let link = Link::new().delay(ms(25)).jitter(ms(2)).rate(rate, rate as usize * 3 / 80);
        world.net.connect(world.server, world.peers[viewer].address, link);
        begun.push(world.clock.now());
        decoder.watch(world, SPAN);
    }
    let found = |from: Instant| {
        let (from, to) = (from + TRANSITION, from + SPAN);
        let mine = |mark: Mark| usize::from(mark.peer) == interpreter;
        let frames = decoder.shown.iter().filter(|shown| (from..to).contains(&shown.at));
        let others = pictures(world, viewer)
            .filter(|(at, mark)| (to - ms(4_000)..to).contains(at) && !mine(*mark));
        let (worst, pause) = decoder.worst(from, to);
        Found {
            frames: worst,
            pause,
            layers: frames.filter(|frame| mine(frame.mark)).map(|frame| frame.mark.layer).collect(),
            others: others.count() as u64 * 700 * 8 / 4_000,
        }
    };
    let found = begun.into_iter().map(found).collect();
    println!("keyframes asked for by the viewer: {}", decoder.broken);
    found
}

#[test]
fn an_interpreter_is_the_last_to_be_lowered_and_keeps_every_frame() {
    let mut short = Vec::new();
    for seed in SEEDS {
        let mut stage = stage(seed);
        let track = stage.world.peers[stage.interpreter].video();
        stage.world.mark(track, true);
        let slot = stage.world.slot_of(stage.viewer, track);
        let found = run(&mut stage);
        for (at, (step, least)) in found.iter().zip(LEAST).enumerate() {
            println!("seed {seed}, {} bit/s: {step:?}", STEPS[at]);
            if step.frames < 20 {
                short.push((seed, at, step.frames));
            }
            let kept = step.frames >= 15
                && step.pause < ms(300)
                && step.layers.first().is_some_and(|layer| *layer >= least);
            assert!(kept, "seed {seed}, step {at}: {step:?}");
        }
        let others: Vec<u64> = found.iter().map(|step| step.others).collect();
        let falls = others[2..8].windows(2).all(|pair| pair[1] <= pair[0] + 60);
        assert!(falls, "seed {seed}: {others:?}");
        // Here and there one is tried in vain: less than the smallest picture takes all the time.
        assert!(others[6] < 170 && others[7] == 0, "seed {seed}: {others:?}");
        assert!(others[8] > 1_000, "all come back: {others:?}");
        assert_eq!(stage.world.slot_of(stage.viewer, track), slot, "shown all the time");
    }
    // The publishers' library draws numbers of its own, which no seed of ours decides: once in
    // some runs one second of all these has fewer.
    assert!(short.len() <= 1, "below 20 frames: {short:?}");
}

#[test]
fn without_the_mark_it_is_the_first_to_go() {
    let mut stage = stage(SEEDS.start);
    let found = run(&mut stage);
    assert_eq!(found[5].frames, 0, "{found:?}");
    assert!(found[5].others > 400, "{found:?}");
}

#[test]
fn a_small_picture_of_an_interpreter_is_still_large_enough() {
    let mut stage = stage(7);
    let Stage { world, interpreter, viewer } = &mut stage;
    let track = world.peers[*interpreter].video();
    let (hers, viewer) = (*interpreter, *viewer);
    let layer = |world: &World| {
        let mine = pictures(world, viewer).filter(|(_, mark)| usize::from(mark.peer) == hers);
        mine.last().map(|(_, mark)| mark.layer)
    };
    world.wish(viewer, &[(track, 120)]);
    world.run_for(ms(2_000));
    assert_eq!(layer(world), Some(0));
    world.mark(track, true);
    world.run_for(ms(2_000));
    assert_eq!(layer(world), Some(1), "as soon as it is said");
    world.mark(track, false);
    world.run_for(ms(2_000));
    assert_eq!(layer(world), Some(0));
}

#[test]
fn an_interpreter_has_a_slot_before_other_cameras_and_after_a_screen() {
    let mut world = World::seeded(3);
    let peers = [false, false, true, false]
        .map(|shares| world.join(Plan { video: &[360], shares, ..Plan::default() }));
    let viewer = world.join(Plan { video_slots: 2, ..Plan::viewer() });
    peers.iter().for_each(|peer| world.open_all(*peer));
    world.run_until(ms(3_000), |w| (0..5).all(|peer| w.connected(peer)));
    world.run_for(ms(500));
    let tracks = peers.map(|peer| world.peers[peer].video());
    let shown = |world: &World| world.slots(viewer).into_values().collect::<BTreeSet<_>>();
    assert_eq!(shown(&world), [tracks[0], tracks[2]].into());
    world.mark(tracks[3], true);
    assert_eq!(shown(&world), [tracks[2], tracks[3]].into(), "without wishes");
    world.wish(viewer, &[tracks[0], tracks[1], tracks[3]].map(|track| (track, 360)));
    assert_eq!(shown(&world), [tracks[0], tracks[3]].into(), "wished for last");
    let refused = world.stats().refused_commands;
    world.command(Command::Mark { track: TrackId(4_711), interpreter: true });
    assert_eq!(world.stats().refused_commands, refused + 1, "there is no such track");
}
