//! What an estimator makes of links with a queue, of hiccups and of losses.

use conf_sim::Rng;

use super::*;

/// A sender of frames over a link with a queue, whose receiver sends feedback every 50 ms.
struct Path {
    estimator: Estimator,
    begin: Instant,
    /// Microseconds since.
    now: i64,
    link_bps: f64,
    /// When the link has sent what it was given.
    free: i64,
    loss: f64,
    /// Microseconds the way is longer than at first.
    further: i64,
    rng: Rng,
    waiting: Vec<(i64, i64, bool)>,
    /// The receiver looks away within these times.
    stalls: Vec<(i64, i64)>,
}

impl Path {
    fn new(link_bps: f64) -> Self {
        Self {
            estimator: Estimator::default(),
            begin: Instant::now(),
            now: 0,
            link_bps,
            free: 0,
            loss: 0.0,
            further: 0,
            rng: Rng::seeded(3),
            waiting: Vec::new(),
            stalls: Vec::new(),
        }
    }

    /// Sends at this rate for so many milliseconds; the estimates seen.
    fn send(&mut self, bps: f64, ms: i64) -> Vec<Estimate> {
        let mut seen = Vec::new();
        let end = self.now + ms * 1_000;
        let size = 1_000.0f64;
        let per_frame = (bps / 30.0 / 8.0 / size).round().max(1.0) as i64;
        let size = bps / 30.0 / 8.0 / per_frame as f64;
        let mut feedback = self.now + 50_000;
        while self.now < end {
            for _ in 0..per_frame {
                self.free = self.free.max(self.now) + (size * 8e6 / self.link_bps) as i64;
                let mut arrived = self.free + 20_000 + self.further;
                for &(from, to) in &self.stalls {
                    if (from..to).contains(&arrived) {
                        arrived = to;
                    }
                }
                let lost = self.rng.chance(self.loss);
                self.waiting.push((self.now, arrived, lost));
            }
            self.now += 33_333;
            if self.now >= feedback {
                feedback = self.now + 50_000;
                let now = self.now;
                let (told, rest) = self.waiting.iter().partition(|(_, at, _)| *at + 20_000 <= now);
                self.waiting = rest;
                let told: Vec<(i64, i64, bool)> = told;
                for (sent, arrived, lost) in told {
                    if lost {
                        self.estimator.lost();
                        continue;
                    }
                    self.estimator.arrived(&Arrival {
                        sent: Stamp((sent as u32).wrapping_add(u32::MAX - 1_000_000)),
                        ticks: ((arrived / 250) as u32).wrapping_add(u32::MAX - 4_000),
                        size: size as u16,
                        was_missing: false,
                    });
                }
                let at = self.begin + Duration::from_micros(now as u64);
                self.estimator.conclude(at, Duration::from_millis(40));
                seen.push(self.estimator.estimate());
            }
        }
        seen
    }
}

fn kbps(estimate: &Estimate) -> u64 {
    match estimate {
        Estimate::Limited(rate) => rate.kbps(),
        _ => u64::MAX,
    }
}

#[test]
fn without_feedback_nothing_is_known_and_an_ample_link_stays_open() {
    assert_eq!(Estimator::default().estimate(), Estimate::Unknown);
    let mut path = Path::new(1e9);
    assert!(path.send(13_500_000.0, 20_000).iter().all(|e| *e == Estimate::Open));
    let rate = path.estimator.arriving().unwrap().kbps();
    assert!((12_500..14_500).contains(&rate), "{rate}");
}

#[test]
fn a_thin_link_is_noticed_within_a_second_and_about_measured() {
    let mut path = Path::new(1_000_000.0);
    let seen = path.send(2_000_000.0, 1_500);
    let first = seen.iter().position(|e| matches!(e, Estimate::Limited(_))).expect("noticed");
    assert!(first < 18, "after {first} feedbacks");
    let limit = kbps(seen.last().unwrap());
    assert!((600..1_000).contains(&limit), "{limit} kbit/s");
}

#[test]
fn who_obeys_uses_the_link_without_a_standing_queue() {
    let mut path = Path::new(1_000_000.0);
    path.send(2_000_000.0, 1_000);
    let mut used = Vec::new();
    for step in 0..600 {
        let rate = kbps(&path.estimator.estimate()).min(2_000) as f64 * 1e3;
        path.send(rate, 100);
        if step > 100 {
            used.push(rate.min(1e6));
            let queue = path.estimator.standing();
            assert!(queue < Duration::from_millis(150), "{queue:?} at step {step}");
        }
    }
    let mean = used.iter().sum::<f64>() / used.len() as f64;
    assert!(mean > 750_000.0, "{mean} bit/s of 1 Mbit/s");
}

#[test]
fn moments_in_which_the_receiver_is_not_scheduled_are_no_congestion() {
    let mut path = Path::new(1e9);
    path.stalls = (1..60).map(|n| (n * 370_000, n * 370_000 + 50_000 + n % 6 * 10_000)).collect();
    assert!(path.send(6_000_000.0, 20_000).iter().all(|e| *e == Estimate::Open));
}

#[test]
fn a_way_that_becomes_longer_is_no_queue_for_long() {
    for (further, loss) in [(20_000, 0.03), (60_000, 0.0), (60_000, 0.03)] {
        let mut path = Path::new(1e9);
        path.loss = loss;
        path.send(2_000_000.0, 5_000);
        path.further = further;
        let rate = |path: &Path| kbps(&path.estimator.estimate()).min(2_000) as f64 * 1e3;
        let mut least = f64::INFINITY;
        for step in 0..60 {
            let rate = rate(&path);
            path.send(rate, 100);
            if step > 12 {
                least = least.min(rate);
            }
        }
        assert!(least > 1_800_000.0, "{least} bit/s over {further} us more, {loss} lost");
    }
}

#[test]
fn a_link_that_grows_is_believed_again_bit_by_bit_and_then_without_a_limit() {
    let mut path = Path::new(1_000_000.0);
    path.send(2_000_000.0, 1_500);
    path.link_bps = 20_000_000.0;
    // The allocator has gone down to a low layer.
    path.send(300_000.0, 12_000);
    let after = kbps(&path.estimator.estimate());
    assert!(after > 2_500, "{after} kbit/s after twelve seconds");
    let now = path.begin + Duration::from_micros(path.now as u64);
    path.estimator.ease(now, Bitrate::from_kbps(after));
    assert!(matches!(path.estimator.estimate(), Estimate::Limited(_)), "not ample for all that");
    path.estimator.ease(now, Bitrate::from_kbps(1_500));
    assert_eq!(path.estimator.estimate(), Estimate::Open);
}

#[test]
fn a_trial_that_failed_is_repeated_later_and_later() {
    let mut path = Path::new(1_000_000.0);
    path.send(2_000_000.0, 1_500);
    let mut waits = Vec::new();
    for _ in 0..3 {
        let begin = path.now;
        while kbps(&path.estimator.estimate()) < 1_800 {
            path.send(300_000.0, 100);
            assert!(path.now - begin < 60_000_000);
        }
        waits.push(path.now - begin);
        path.send(1_800_000.0, 2_000);
    }
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
}

#[test]
fn heavy_loss_limits_and_a_little_does_not() {
    let mut path = Path::new(1e9);
    path.loss = 0.05;
    assert!(path.send(3_000_000.0, 5_000).iter().all(|e| *e == Estimate::Open));
    path.loss = 0.3;
    let limit = kbps(path.send(3_000_000.0, 1_000).last().unwrap());
    assert!((500..2_500).contains(&limit), "{limit} kbit/s");
}

#[test]
fn loss_that_stays_with_less_being_sent_is_no_reason_to_send_less() {
    let mut path = Path::new(1e9);
    path.send(3_000_000.0, 2_000);
    path.loss = 0.3;
    path.send(3_000_000.0, 10_000);
    let estimates = path.send(3_000_000.0, 10_000);
    let least = estimates.iter().map(|estimate| match estimate {
        Estimate::Open | Estimate::Unknown => u64::MAX,
        Estimate::Limited(_) => kbps(estimate),
    });
    let least = least.min().unwrap();
    assert!(least > 3_000, "{least} kbit/s");
}

#[test]
fn a_trial_of_which_nothing_is_heard_ends() {
    let mut path = Path::new(1_000_000.0);
    path.send(2_000_000.0, 1_500);
    path.send(300_000.0, 8_000);
    let now = path.begin + Duration::from_micros(path.now as u64);
    let mut tries = |ms| {
        let wanted = Bitrate::from_kbps(20_000);
        path.estimator.try_more(now + Duration::from_millis(ms), wanted, true)
    };
    assert!(tries(0) && tries(2_900));
    assert!(!tries(3_000) && !tries(3_100), "what it padded was heard of by nobody");
}
