//! The roads all rivals are sent over, and the figures asked of each.

use std::ops::Range;
use std::time::Duration;

use conf_sim::road::{Found, Road};

use super::Rival;

/// A road and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// As the table calls it.
    pub name: &'static str,
    run: fn(Rival, u64) -> Found,
    figures: fn(&Found) -> Vec<Figure>,
}

/// One thing found on a road.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// With its unit.
    pub what: &'static str,
    /// Infinite for what did not happen in the time there was.
    pub value: f64,
    /// Which way is better.
    pub better: Better,
    /// What every one of ours keeps, as in `conf-media/tests/congestion`: at most so much where less
    /// is better, at least so much otherwise.
    pub bound: Option<f64>,
    /// The share of the link that was used meanwhile, for figures that mean nothing if it was not.
    pub used: Option<f64>,
}

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is.
    More,
    /// Less is.
    Less,
    /// Neither: one takes from the other.
    Neither,
}

impl Course {
    /// Sends a rival over it; what was found, in an order that is always the same.
    #[must_use]
    pub fn take(&self, rival: Rival, seed: u64) -> Vec<Figure> {
        (self.figures)(&(self.run)(rival, seed))
    }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Of the queue after a step down: what was there before and more is gone.
const SHORT: Duration = ms(60);

fn more(what: &'static str, value: f64, bound: Option<f64>) -> Figure {
    Figure { what, value, better: Better::More, bound, used: None }
}

fn less(what: &'static str, value: f64, bound: Option<f64>) -> Figure {
    Figure { what, value, better: Better::Less, bound, used: None }
}

fn share(what: &'static str, value: f64) -> Figure {
    Figure { what, value, better: Better::Neither, bound: Some(0.25), used: None }
}

fn used(what: &'static str, value: f64) -> Figure {
    more(what, value, Some(0.85))
}

/// The queue before the first sender's packets within a time, in milliseconds.
fn queue(what: &'static str, found: &Found, within: Range<Duration>, bound: Option<f64>) -> Figure {
    let senders = 0..found.senders();
    let used = senders.map(|sender| found.used(sender, within.clone())).sum();
    Figure { used: Some(used), ..less(what, found.queue(0, within), bound) }
}

/// One sender for so long.
fn alone(mut road: Road, rival: Rival, span: Duration) -> Found {
    road.add(rival.sender(&[s(0)..span]));
    road.run(span)
}

fn both(found: &Found, within: Range<Duration>) -> f64 {
    found.used(0, within.clone()) + found.used(1, within)
}

/// All roads.
pub const COURSES: [Course; 8] = [START, VARIABLE, SIXTH, LOSS, FEEDBACK, JITTER, TWO, TCP];

/// Round trip 50 ms, 100 ms of queue; the first seconds.
const START: Course = Course {
    name: "start, 3 Mbit/s",
    run: |rival, seed| alone(Road::new(seed, ms(25), &[(s(0), 3_000_000)], 37_500), rival, s(20)),
    figures: |found| {
        vec![
            less("half of it used after, s", found.reached(0, s(0), 0.5), Some(1.5)),
            less("90 % used after, s", found.reached(0, s(0), 0.9), None),
            queue("queue p95 0 to 5 s, ms", found, s(0)..s(5), None),
            Figure {
                used: Some(found.used(0, s(0)..s(5))),
                ..less("lost of what was sent 0 to 5 s", found.lost(0, s(0)..s(5)), None)
            },
        ]
    },
};

/// Round trip 100 ms; 300 ms of queue at 1 Mbit/s.
const VARIABLE: Course = Course {
    name: "5.1: 1, 2.5, 0.6, 1 Mbit/s",
    run: |rival, seed| {
        let steps = [(s(0), 1_000_000), (s(40), 2_500_000), (s(60), 600_000), (s(80), 1_000_000)];
        alone(Road::new(seed, ms(50), &steps, 37_500), rival, s(100))
    },
    figures: |found| {
        vec![
            less("start: 90 % after, s", found.reached(0, s(0), 0.9), None),
            less("1 to 2.5: 90 % after, s", found.reached(0, s(40), 0.9), Some(5.0)),
            less("0.6 to 1: 90 % after, s", found.reached(0, s(80), 0.9), Some(5.0)),
            less("2.5 to 0.6: drained after, s", found.calm(0, s(60), SHORT), Some(2.0)),
            used("used 10 to 40 s", found.used(0, s(10)..s(40))),
            used("used 50 to 60 s", found.used(0, s(50)..s(60))),
            used("used 65 to 80 s", found.used(0, s(65)..s(80))),
            queue("queue p95 10 to 40 s, ms", found, s(10)..s(40), Some(60.0)),
            queue("queue p95 50 to 60 s, ms", found, s(50)..s(60), Some(60.0)),
            queue("queue p95 65 to 80 s, ms", found, s(65)..s(80), Some(60.0)),
        ]
    },
};

/// Round trip 50 ms; 600 ms of queue at the least rate.
const SIXTH: Course = Course {
    name: "3, 0.5, 3 Mbit/s",
    run: |rival, seed| {
        let steps = [(s(0), 3_000_000), (s(20), 500_000), (s(40), 3_000_000)];
        alone(Road::new(seed, ms(25), &steps, 37_500), rival, s(60))
    },
    figures: |found| {
        vec![
            less("0.5 to 3: 90 % after, s", found.reached(0, s(40), 0.9), Some(5.0)),
            less("3 to 0.5: drained after, s", found.calm(0, s(20), SHORT), Some(2.0)),
            used("used 5 to 20 s", found.used(0, s(5)..s(20))),
            used("used 25 to 40 s", found.used(0, s(25)..s(40))),
            queue("queue p95 5 to 20 s, ms", found, s(5)..s(20), Some(60.0)),
            queue("queue p95 25 to 40 s, ms", found, s(25)..s(40), Some(60.0)),
        ]
    },
};

/// Round trip 100 ms, 300 ms of queue; loss by chance. What is lost was sent all the same.
const LOSS: Course = Course {
    name: "10 % lost by chance",
    run: |rival, seed| {
        alone(Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000).loss(0.1), rival, s(60))
    },
    figures: |found| {
        vec![
            less("80 % arrives after, s", found.reached(0, s(0), 0.8), None),
            more("sent 10 to 60 s", found.sent(0, s(10)..s(60)), Some(0.8)),
            queue("queue p95 10 to 60 s, ms", found, s(10)..s(60), Some(60.0)),
        ]
    },
};

/// One of ten packets of feedback is lost, and all take 10 to 60 ms longer.
const FEEDBACK: Course = Course {
    name: "5.3: congested feedback",
    run: |rival, seed| {
        let mut road = Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000);
        road.add_with_feedback(rival.sender(&[s(0)..s(60)]), 0.1, ms(50));
        road.run(s(60))
    },
    figures: |found| {
        vec![
            less("90 % used after, s", found.reached(0, s(0), 0.9), None),
            used("used 10 to 60 s", found.used(0, s(10)..s(60))),
            queue("queue p95 10 to 60 s, ms", found, s(10)..s(60), Some(60.0)),
        ]
    },
};

/// Round trip 60 ms, 300 ms of queue; every packet takes up to 30 ms longer.
const JITTER: Course = Course {
    name: "30 ms of jitter",
    run: |rival, seed| {
        let road = Road::new(seed, ms(30), &[(s(0), 2_000_000)], 75_000).jitter(ms(30));
        alone(road, rival, s(60))
    },
    figures: |found| {
        vec![
            less("90 % used after, s", found.reached(0, s(0), 0.9), None),
            used("used 10 to 60 s", found.used(0, s(10)..s(60))),
            queue("queue and jitter p95, ms", found, s(10)..s(60), Some(90.0)),
        ]
    },
};

/// Round trip 100 ms, 300 ms of queue; the second comes when the first has all.
const TWO: Course = Course {
    name: "5.4: two of a kind",
    run: |rival, seed| {
        let mut road = Road::new(seed, ms(50), &[(s(0), 3_500_000)], 131_250);
        road.add(rival.sender(&[s(0)..s(80)]));
        road.add(rival.sender(&[s(20)..s(80)]));
        road.run(s(80))
    },
    figures: |found| {
        vec![
            more("Jain's index 35 to 45 s", found.jain(s(35)..s(45)), Some(0.7)),
            more("Jain's index 45 to 80 s", found.jain(s(45)..s(80)), Some(0.85)),
            used("used by both 35 to 80 s", both(found, s(35)..s(80))),
            queue("queue p95 35 to 80 s, ms", found, s(35)..s(80), Some(60.0)),
        ]
    },
};

/// Round trip 100 ms, 300 ms of queue; a greedy flow from 5 to 90 s.
const TCP: Course = Course {
    name: "5.6: beside TCP",
    run: |rival, seed| {
        let road = Road::new(seed, ms(50), &[(s(0), 2_000_000)], 75_000);
        alone(road.greedy(&[s(5)..s(90)]), rival, s(120))
    },
    figures: |found| {
        let (ours, theirs) = (found.used(0, s(25)..s(90)), found.greedy(s(25)..s(90)));
        let even = (ours + theirs).powi(2) / (2.0 * (ours.powi(2) + theirs.powi(2)));
        vec![
            share("used 25 to 90 s", ours),
            share("by TCP 25 to 90 s", theirs),
            more("Jain's index of the two", even, None),
            used("used alone 105 to 120 s", found.used(0, s(105)..s(120))),
            queue("queue p95 105 to 120 s, ms", found, s(105)..s(120), Some(60.0)),
        ]
    },
};
