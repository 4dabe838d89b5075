//! Whether a queue is building up on the way: the slope of the delay, against a threshold that
//! adapts.

/// Packets that left within this time are judged together (GCC draft, section 5.2).
const BURST: i64 = 5_000;
/// A group that arrives in one go after a stall of the receiver's is one group up to this long.
const LONGEST_BURST: i64 = 100_000;
/// Groups in the regression. More are steadier, fewer are faster; twenty is what libwebrtc's
/// trendline filter settled on.
const WINDOW: usize = 20;
/// Share of the old value in the smoothed delay, and what a slope is multiplied by to compare
/// with the threshold: both as in libwebrtc's trendline filter.
const SMOOTHING: f64 = 0.9;
const GAIN: f64 = 4.0;
/// Groups after which the slope counts in full.
const FULL: f64 = 60.0;
/// The threshold in milliseconds, at first and at most and least (GCC draft, section 5.4).
const THRESHOLD: f64 = 12.5;
const THRESHOLD_LEAST: f64 = 6.0;
const THRESHOLD_MOST: f64 = 20.0;
/// How fast the threshold follows a slope above and below it, per millisecond (Carlucci et al.,
/// section 4: it has to rise faster than it falls, or a TCP flow starves ours).
const RISE: f64 = 0.0087;
const FALL: f64 = 0.039;
/// A slope so far above the threshold is a route that changed; it does not move the threshold.
const OUTLIER: f64 = 15.0;
/// How long a slope must stay above the threshold (GCC draft, section 5.4: 10 ms).
const OVER_MS: f64 = 10.0;

/// What the delay does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Slope {
    /// It falls: a queue drains.
    Falling,
    /// It stays, as far as can be told.
    #[default]
    Level,
    /// It has risen for a while: a queue builds up.
    Rising,
}

/// The delay gradient of one path.
#[derive(Debug, Clone)]
pub struct Trend {
    group: Option<Group>,
    before: Option<Group>,
    /// Time of arrival and smoothed delay of the latest groups, in milliseconds.
    points: [(f64, f64); WINDOW],
    count: usize,
    /// Groups so far, for weighing.
    groups: f64,
    accumulated: f64,
    smoothed: f64,
    threshold: f64,
    over: f64,
    overs: u32,
    slope: f64,
    state: Slope,
}

/// Packets that left together. Microseconds.
#[derive(Debug, Clone, Copy)]
struct Group {
    first_sent: i64,
    sent: i64,
    first_arrived: i64,
    arrived: i64,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            group: None,
            before: None,
            points: [(0.0, 0.0); WINDOW],
            count: 0,
            groups: 0.0,
            accumulated: 0.0,
            smoothed: 0.0,
            threshold: THRESHOLD,
            over: 0.0,
            overs: 0,
            slope: 0.0,
            state: Slope::Level,
        }
    }
}

impl Trend {
    /// Takes in a packet; both times in microseconds, each on its own clock.
    pub fn packet(&mut self, sent: i64, arrived: i64) {
        let Some(group) = &mut self.group else {
            self.group = Some(Group::of(sent, arrived));
            return;
        };
        if sent < group.first_sent {
            // Older than the group being filled: it would only blur it.
            return;
        }
        let caught_up = arrived - group.arrived <= BURST
            && (arrived - group.arrived) < (sent - group.sent)
            && arrived - group.first_arrived < LONGEST_BURST;
        if sent - group.first_sent <= BURST || caught_up {
            group.sent = group.sent.max(sent);
            group.arrived = group.arrived.max(arrived);
            return;
        }
        let done = *group;
        self.group = Some(Group::of(sent, arrived));
        if let Some(before) = self.before.replace(done) {
            self.step(&before, &done);
        }
    }

    /// What the delay does now.
    #[must_use]
    pub const fn slope(&self) -> Slope {
        self.state
    }

    fn step(&mut self, before: &Group, group: &Group) {
        let sent = (group.sent - before.sent) as f64 / 1e3;
        let arrived = (group.arrived - before.arrived) as f64 / 1e3;
        self.accumulated += arrived - sent;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.accumulated;
        self.groups = (self.groups + 1.0).min(FULL);
        self.points[self.count % WINDOW] = (group.arrived as f64 / 1e3, self.smoothed);
        self.count += 1;
        if self.count < WINDOW {
            return;
        }
        let slope = self.regress().unwrap_or(self.slope);
        self.detect(slope, sent, arrived);
    }

    /// The slope of the least-squares line through the points.
    fn regress(&self) -> Option<f64> {
        let n = WINDOW as f64;
        // Relative to one of them, so that large times leave digits for small differences.
        let (x0, y0) = self.points[0];
        let (mx, my) = self
            .points
            .iter()
            .fold((0.0, 0.0), |(x, y), p| (x + (p.0 - x0) / n, y + (p.1 - y0) / n));
        let (mut covariance, mut variance) = (0.0, 0.0);
        for (x, y) in &self.points {
            let (dx, dy) = (x - x0 - mx, y - y0 - my);
            covariance += dx * dy;
            variance += dx * dx;
        }
        (variance > 0.0).then(|| covariance / variance)
    }

    fn detect(&mut self, slope: f64, sent_ms: f64, arrived_ms: f64) {
        let judged = slope * self.groups * GAIN;
        if judged > self.threshold {
            self.over += if self.overs == 0 { sent_ms / 2.0 } else { sent_ms };
            self.overs += 1;
            if self.over > OVER_MS && self.overs > 1 && slope >= self.slope {
                (self.over, self.overs) = (0.0, 1);
                self.state = Slope::Rising;
            }
        } else {
            (self.over, self.overs) = (0.0, 0);
            self.state = if judged < -self.threshold { Slope::Falling } else { Slope::Level };
        }
        self.slope = slope;
        if judged.abs() <= self.threshold + OUTLIER {
            let pull = if judged.abs() < self.threshold { FALL } else { RISE };
            self.threshold += pull * (judged.abs() - self.threshold) * arrived_ms.clamp(0.0, 100.0);
            self.threshold = self.threshold.clamp(THRESHOLD_LEAST, THRESHOLD_MOST);
        }
    }
}

impl Group {
    const fn of(sent: i64, arrived: i64) -> Self {
        Self { first_sent: sent, sent, first_arrived: arrived, arrived }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a frame of eight packets every 33 ms, delayed as told; the slopes seen.
    fn frames(trend: &mut Trend, count: i64, delay: impl Fn(i64) -> i64) -> Vec<Slope> {
        (0..count)
            .map(|frame| {
                let sent = frame * 33_000;
                for part in 0..8 {
                    trend.packet(sent + part * 10, sent + delay(frame) + part * 100);
                }
                trend.slope()
            })
            .collect()
    }

    #[test]
    fn a_steady_path_is_level_and_noise_is_too() {
        let mut trend = Trend::default();
        let noisy = |frame: i64| 20_000 + (frame * 7_919) % 3_000;
        assert!(frames(&mut trend, 300, noisy).iter().all(|slope| *slope == Slope::Level));
    }

    #[test]
    fn a_growing_queue_is_seen_within_half_a_second_and_its_end_too() {
        let mut trend = Trend::default();
        // From frame 60 on, 10 ms of queue more with each frame; from 100 on it drains.
        let seen = frames(&mut trend, 140, |frame| {
            20_000 + 10_000 * (frame.clamp(60, 100) - 60) - 9_000 * (frame.clamp(100, 140) - 100)
        });
        let first = seen.iter().position(|slope| *slope == Slope::Rising).expect("it rises");
        assert!((61..=75).contains(&first), "seen at frame {first}");
        assert!(seen[120..].contains(&Slope::Falling), "{:?}", &seen[100..]);
    }

    #[test]
    fn packets_held_back_and_let_go_together_are_one_group() {
        let mut trend = Trend::default();
        // Sound every 20 ms; now and then the receiver looks away for 90 ms.
        for packet in 0..500i64 {
            let sent = packet * 20_000;
            let arrived = sent + 5_000;
            let stall = sent / 2_000_000 * 2_000_000 + 1_000_000;
            let held = (stall..stall + 90_000).contains(&arrived);
            trend.packet(sent, if held { stall + 90_000 } else { arrived });
        }
        assert!(trend.points.iter().all(|(x, y)| x.is_finite() && y.abs() < 60.0));
    }
}
