//! What the estimator makes of the roads of RFC 8867, adapted to a server's downlink: with a source
//! that could always send more, what is used of the link, and what queue stands before it.
//!
//! Every story runs over twenty seeds, and every seed keeps the bounds; `-- --nocapture` prints
//! least, middle and most of what was found.

#![allow(clippy::print_stdout, reason = "the table of what was found is for people to look at")]

mod flow;

use std::{ops::Range, time::Duration};

use conf_sim::road::{Found, Road};

use flow::Flow;

const SEEDS: Range<u64> = 0..20;
/// A flow that takes what it can get.
const ALL: f64 = 20e6;

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What is asked of a figure.
#[derive(Clone, Copy, Debug)]
enum Asked {
    AtLeast(f64),
    AtMost(f64),
    /// Printed for whoever reads it.
    Nothing,
}
use Asked::{AtLeast, AtMost, Nothing};

/// Of the link, in steady state.
const USED: Asked = AtLeast(0.85);
/// Milliseconds of queue, for 95 of 100 packets.
const QUEUE: Asked = AtMost(60.0);

type Figure = (&'static str, f64, Asked);

/// Runs a story with every seed.
fn story(name: &str, run: impl Fn(u64) -> Found, figures: impl Fn(&Found) -> Vec<Figure>) {
    let all: Vec<Vec<Figure>> = SEEDS.map(|seed| figures(&run(seed))).collect();
    let mut broken = Vec::new();
    for (at, (what, _, asked)) in all[0].iter().enumerate() {
        let mut values: Vec<f64> = all.iter().map(|one| one[at].1).collect();
        values.sort_by(f64::total_cmp);
        let (least, most) = (values[0], values[values.len() - 1]);
        println!(
            "| {name:<26} | {what:<28} | {least:7.2} | {:7.2} | {most:7.2} | {asked:?} |",
            values[values.len() / 2]
        );
        let kept = match asked {
            AtLeast(bound) => least >= *bound,
            AtMost(bound) => most <= *bound,
            Nothing => true,
        };
        if !kept {
            broken.push(format!("{what}: {least:.3} to {most:.3}, asked {asked:?}"));
        }
    }
    assert!(broken.is_empty(), "{name}: {broken:#?}");
}

#[test]
fn capacity_that_varies() {
    // 5.1: round trip 100 ms; 300 ms of queue at 1 Mbit/s.
    let steps = [(s(0), 1_000_000), (s(40), 2_500_000), (s(60), 600_000), (s(80), 1_000_000)];
    story(
        "5.1 variable capacity",
        |seed| {
            let mut road = Road::new(seed, ms(50), &steps, 37_500);
            road.add(Flow::new(ALL, &[s(0)..s(100)]));
            road.run(s(100))
        },
        |found| {
            vec![
                ("used 10 to 40 s", found.used(0, s(10)..s(40)), USED),
                ("used 50 to 60 s", found.used(0, s(50)..s(60)), USED),
                ("used 65 to 80 s", found.used(0, s(65)..s(80)), USED),
                ("queue p95 10 to 40 s, ms", found.queue(0, s(10)..s(40)), QUEUE),
                ("queue p95 50 to 60 s, ms", found.queue(0, s(50)..s(60)), QUEUE),
                ("queue p95 65 to 80 s, ms", found.queue(0, s(65)..s(80)), QUEUE),
                ("1 to 2.5: 90 % after, s", found.reached(0, s(40), 0.9), AtMost(5.0)),
                ("0.6 to 1: 90 % after, s", found.reached(0, s(80), 0.9), AtMost(5.0)),
                ("2.5 to 0.6: obeyed after, s", found.obeyed(0, s(60)), AtMost(1.0)),
                ("the same: drained after, s", found.drained(0, s(60), ms(60)), AtMost(2.0)),
            ]
        },
    );
}

#[test]
fn a_link_that_falls_to_a_sixth_and_comes_back() {
    // Round trip 50 ms; 600 ms of queue at the least rate.
    let steps = [(s(0), 3_000_000), (s(20), 500_000), (s(40), 3_000_000)];
    story(
        "3, 0.5, 3 Mbit/s",
        |seed| {
            let mut road = Road::new(seed, ms(25), &steps, 37_500);
            road.add(Flow::new(ALL, &[s(0)..s(60)]));
            road.run(s(60))
        },
        |found| {
            vec![
                ("half of it after, s", found.reached(0, s(0), 0.5), AtMost(1.5)),
                ("used 5 to 20 s", found.used(0, s(5)..s(20)), USED),
                ("queue p95 5 to 20 s, ms", found.queue(0, s(5)..s(20)), QUEUE),
                ("used 25 to 40 s", found.used(0, s(25)..s(40)), USED),
                ("queue p95 25 to 40 s, ms", found.queue(0, s(25)..s(40)), QUEUE),
                ("down: obeyed after, s", found.obeyed(0, s(20)), AtMost(1.0)),
                ("down: drained after, s", found.drained(0, s(20), ms(60)), AtMost(2.0)),
                ("up: 90 % after, s", found.reached(0, s(40), 0.9), AtMost(5.0)),
            ]
        },
    );
}

#[test]
fn the_first_seconds() {
    // Round trip 50 ms and 300 ms of queue; nothing is known of the link.
    for (name, rate) in [
        ("start, 0.5 Mbit/s", 500_000),
        ("start, 3 Mbit/s", 3_000_000),
        ("start, 20 Mbit/s", 20_000_000),
    ] {
        let most = rate as f64 / 2.0;
        story(
            name,
            |seed| {
                let mut road = Road::new(seed, ms(25), &[(s(0), rate)], rate as usize * 3 / 80);
                road.add(Flow::new(50e6, &[s(0)..s(12)]));
                road.run(s(12))
            },
            |found| {
                let short = if rate < 3_000_000 { Nothing } else { AtMost(150.0) };
                vec![
                    ("half of it sent after, s", found.rises(0, most), AtMost(1.5)),
                    ("longest queue to 3 s, ms", found.longest(0, s(0)..s(3)), short),
                    ("queue p95 1.5 to 4 s, ms", found.queue(0, ms(1_500)..s(4)), Nothing),
                    ("90 % used after, s", found.reached(0, s(0), 0.9), AtMost(6.0)),
                ]
            },
        );
    }
}

#[test]
fn two_flows_while_capacity_varies() {
    // 5.2: round trip 100 ms; 300 ms of queue at 2 Mbit/s.
    let steps = [
        (s(0), 4_000_000),
        (s(25), 2_000_000),
        (s(50), 3_500_000),
        (s(75), 1_000_000),
        (s(100), 2_000_000),
    ];
    story(
        "5.2 two, variable capacity",
        |seed| {
            let mut road = Road::new(seed, ms(50), &steps, 75_000);
            road.add(Flow::new(ALL, &[s(0)..s(125)]));
            road.add(Flow::new(ALL, &[s(0)..s(125)]));
            road.run(s(125))
        },
        |found| {
            let both =
                |within: Range<Duration>| found.used(0, within.clone()) + found.used(1, within);
            vec![
                ("used 10 to 25 s", both(s(10)..s(25)), USED),
                ("used 35 to 50 s", both(s(35)..s(50)), USED),
                ("used 60 to 75 s", both(s(60)..s(75)), USED),
                ("used 85 to 100 s", both(s(85)..s(100)), USED),
                ("used 110 to 125 s", both(s(110)..s(125)), USED),
                ("queue p95 10 to 25 s, ms", found.queue(0, s(10)..s(25)), QUEUE),
                ("queue p95 110 to 125 s, ms", found.queue(0, s(110)..s(125)), QUEUE),
            ]
        },
    );
}

#[test]
fn feedback_on_a_bad_way() {
    // 5.3: one of ten packets of feedback is lost, and all take 10 to 60 ms longer.
    story(
        "5.3 congested feedback",
        |seed| {
            let mut road = Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000);
            road.add_with_feedback(Flow::new(ALL, &[s(0)..s(60)]), 0.1, ms(50));
            road.run(s(60))
        },
        |found| {
            vec![
                ("used 10 to 60 s", found.used(0, s(10)..s(60)), USED),
                ("queue p95 10 to 60 s, ms", found.queue(0, s(10)..s(60)), QUEUE),
            ]
        },
    );
}

#[test]
fn two_of_ours_share() {
    // 5.4: round trip 100 ms, 300 ms of queue; the second comes when the first has all.
    story(
        "5.4 two flows",
        |seed| {
            let mut road = Road::new(seed, ms(50), &[(s(0), 3_500_000)], 131_250);
            road.add(Flow::new(ALL, &[s(0)..s(80)]));
            road.add(Flow::new(ALL, &[s(20)..s(80)]));
            road.run(s(80))
        },
        |found| {
            vec![
                // Neighbouring constants give 0.75 to 0.9 in the first of them.
                ("Jain's index 35 to 45 s", found.jain(s(35)..s(45)), AtLeast(0.9)),
                ("Jain's index 45 to 80 s", found.jain(s(45)..s(80)), AtLeast(0.9)),
                (
                    "used 35 to 80 s",
                    found.used(0, s(35)..s(80)) + found.used(1, s(35)..s(80)),
                    USED,
                ),
                ("queue p95 35 to 80 s, ms", found.queue(0, s(35)..s(80)), QUEUE),
            ]
        },
    );
}

#[test]
fn ways_of_different_length() {
    // 5.5: round trips of 20 to 300 ms over one narrow place. No bound is known; nobody starves.
    story(
        "5.5 round trips 20 to 300 ms",
        |seed| {
            let mut road = Road::new(seed, ms(5), &[(s(0), 4_000_000)], 150_000);
            for (n, further) in [0u64, 15, 40, 90, 140].into_iter().enumerate() {
                let begin = s(n as u64 * 5);
                road.add_further(Flow::new(ALL, &[begin..s(120)]), ms(further));
            }
            road.run(s(120))
        },
        |found| {
            let shares = (0..5).map(|flow| found.used(flow, s(60)..s(120)));
            vec![
                ("Jain's index 60 to 120 s", found.jain(s(60)..s(120)), Nothing),
                ("the least share", shares.clone().fold(1.0, f64::min), AtLeast(0.04)),
                ("used 60 to 120 s", shares.sum(), USED),
            ]
        },
    );
}

#[test]
fn beside_a_download() {
    // 5.6: round trip 100 ms, 300 ms of queue; a greedy flow from 5 to 90 s.
    story(
        "5.6 beside TCP",
        |seed| {
            let mut road =
                Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000).greedy(&[s(5)..s(90)]);
            road.add(Flow::new(ALL, &[s(0)..s(120)]));
            road.run(s(120))
        },
        |found| {
            vec![
                ("used 25 to 90 s", found.used(0, s(25)..s(90)), AtLeast(0.25)),
                ("by the other 25 to 90 s", found.greedy(s(25)..s(90)), AtLeast(0.25)),
                ("used alone 105 to 120 s", found.used(0, s(105)..s(120)), USED),
                ("queue p95 105 to 120 s, ms", found.queue(0, s(105)..s(120)), QUEUE),
            ]
        },
    );
}

#[test]
fn beside_short_downloads() {
    // 5.7: round trip 100 ms, 300 ms of queue; two seconds of a greedy flow every eight.
    let bursts: Vec<Range<Duration>> = (1..12).map(|n| s(n * 8)..s(n * 8 + 2)).collect();
    story(
        "5.7 beside short TCP",
        |seed| {
            let mut road = Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000).greedy(&bursts);
            road.add(Flow::new(ALL, &[s(0)..s(96)]));
            road.run(s(96))
        },
        |found| {
            let both = found.used(0, s(8)..s(96)) + found.greedy(s(8)..s(96));
            vec![
                ("used 8 to 96 s", found.used(0, s(8)..s(96)), AtLeast(0.4)),
                ("by the other 8 to 96 s", found.greedy(s(8)..s(96)), Nothing),
                ("by both", both, AtLeast(0.6)),
            ]
        },
    );
}

#[test]
fn a_flow_that_pauses() {
    // 5.8: round trip 100 ms, 300 ms of queue; three flows, one of them silent from 40 to 60 s.
    story(
        "5.8 pause and resume",
        |seed| {
            let mut road = Road::new(seed, ms(50), &[(s(0), 3_500_000)], 131_250);
            road.add(Flow::new(ALL, &[s(0)..s(40), s(60)..s(120)]));
            road.add(Flow::new(ALL, &[s(0)..s(120)]));
            road.add(Flow::new(ALL, &[s(0)..s(120)]));
            road.run(s(120))
        },
        |found| {
            let rest = |within: Range<Duration>| {
                found.used(1, within.clone()) + found.used(2, within.clone())
            };
            vec![
                ("by the others 45 to 60 s", rest(s(45)..s(60)), USED),
                ("Jain's index 75 to 120 s", found.jain(s(75)..s(120)), AtLeast(0.8)),
                ("queue p95 75 to 120 s, ms", found.queue(1, s(75)..s(120)), QUEUE),
            ]
        },
    );
}

#[test]
fn losses_that_are_no_congestion() {
    // Round trip 100 ms, 300 ms of queue; loss by chance, and in bursts of three.
    // In bursts 60 ms are wanted, and not kept yet.
    for (name, bursts, queue) in [
        ("10 % lost by chance", None, QUEUE),
        ("10 % lost in bursts of 3", Some(3.0), AtMost(120.0)),
    ] {
        story(
            name,
            |seed| {
                let mut road = Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000);
                road = match bursts {
                    None => road.loss(0.1),
                    Some(mean) => road.bursts(0.1, mean),
                };
                road.add(Flow::new(ALL, &[s(0)..s(60)]));
                road.run(s(60))
            },
            |found| {
                vec![
                    ("sent 10 to 60 s", found.sent(0, s(10)..s(60)), AtLeast(0.8)),
                    ("queue p95 10 to 60 s, ms", found.queue(0, s(10)..s(60)), queue),
                ]
            },
        );
    }
}

#[test]
fn a_way_that_trembles() {
    // Round trip 60 ms, 300 ms of queue; every packet takes up to 30 ms longer, as over a busy
    // radio link.
    story(
        "30 ms of jitter",
        |seed| {
            let mut road = Road::new(seed, ms(30), &[(s(0), 2_000_000)], 75_000).jitter(ms(30));
            road.add(Flow::new(ALL, &[s(0)..s(60)]));
            road.run(s(60))
        },
        |found| {
            vec![
                ("used 10 to 60 s", found.used(0, s(10)..s(60)), USED),
                ("queue and jitter p95, ms", found.queue(0, s(10)..s(60)), AtMost(90.0)),
            ]
        },
    );
}

#[test]
fn a_queue_that_is_kept_short() {
    // Round trip 60 ms; CoDel before the wire.
    story(
        "behind CoDel",
        |seed| {
            let mut road = Road::new(seed, ms(30), &[(s(0), 2_000_000)], 75_000).codel(75_000);
            road.add(Flow::new(ALL, &[s(0)..s(60)]));
            road.run(s(60))
        },
        |found| {
            vec![
                ("used 10 to 60 s", found.used(0, s(10)..s(60)), USED),
                ("queue p95 10 to 60 s, ms", found.queue(0, s(10)..s(60)), QUEUE),
            ]
        },
    );
}

#[test]
fn a_queue_too_short_to_be_seen() {
    // Round trip 60 ms; 30 ms of queue: it overflows before it counts as one.
    story(
        "30 ms of queue",
        |seed| {
            let mut road = Road::new(seed, ms(30), &[(s(0), 2_000_000)], 7_500);
            road.add(Flow::new(ALL, &[s(0)..s(60)]));
            road.run(s(60))
        },
        |found| {
            let (used, sent) = (found.used(0, s(10)..s(60)), found.sent(0, s(10)..s(60)));
            vec![
                ("used 10 to 60 s", used, USED),
                ("of it lost", (sent - used) / sent, AtMost(0.05)),
            ]
        },
    );
}
