//! What a link carries: unknown, no less than is sent, or so much.

use std::time::{Duration, Instant};

use super::{
    Stamp,
    acked::Acked,
    control::{Control, NO_QUEUE, Signs, Verdict, shows_after},
    loss::Loss,
    probe::{Course, Probe},
    queue::Queue,
    start::Start,
    trend::{Slope, Trend},
};
use crate::unit::Bitrate;

/// Above this share pictures stand still however much is repeated, as every fifth repeat is lost
/// as well: to send less is the better picture.
const HOPELESS_LOSS: f64 = 0.20;
/// The pace over the limit while nothing stands in a queue: what is sent comes in frames, and a
/// limit that is never exceeded is never found to be too low.
const PACE: f64 = 1.2;
/// The pace while a queue is to drain, and above which it is.
const DRAIN: f64 = 0.6;
const DRAIN_ABOVE: Duration = Duration::from_millis(100);
/// The pace with some queue, or just after less was sent because of one.
const STEADY: f64 = 1.0;
const STEADY_ABOVE: Duration = Duration::from_millis(40);
/// So much more than is wanted is tried out: pictures come back with a margin (`allocate::fit`), and
/// what arrives is a little less than what was sent.
const MARGIN: f64 = 1.35;
/// A limit this many times what is wanted, calm for so long, is no limit any more.
const AMPLE: f64 = 1.5;
const CALM: Duration = Duration::from_secs(5);

/// What is known of a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Estimate {
    /// No feedback came: it limits nothing.
    #[default]
    Unknown,
    /// All that was sent arrived without congestion: it limits nothing either.
    Open,
    /// Congestion was met; the link carries about this much.
    Limited(Bitrate),
}

impl Estimate {
    /// What the link carries, once congestion has shown it.
    #[must_use]
    pub const fn limit(self) -> Option<Bitrate> {
        match self {
            Self::Limited(limit) => Some(limit),
            Self::Open | Self::Unknown => None,
        }
    }
}

/// A packet that arrived, as feedback tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When it left.
    pub sent: Stamp,
    /// When it arrived on the receiver's clock: quarter milliseconds modulo 2^32.
    pub ticks: u32,
    /// Its bytes.
    pub size: u16,
    /// It was called missing before.
    pub was_missing: bool,
}

/// Estimates what one peer's link carries.
///
/// Feed it with every packet of a feedback in the order of sending, then
/// [`conclude`](Self::conclude). It stands open until congestion is met: a link that carries all
/// there is to send needs no number, and none is guessed; only the pace is held to what has been
/// proved to pass. Cost: some twenty floating-point operations a packet, a regression over twenty
/// points a group of packets.
#[derive(Debug, Clone, Default)]
pub struct Estimator {
    clocks: Option<Clocks>,
    trend: Trend,
    queue: Queue,
    acked: Acked,
    loss: Loss,
    /// When less was sent because of it.
    acted: Option<Instant>,
    /// The feedback being taken in told of a loss.
    lost: bool,
    /// Bytes of packets whose feedback was lost, to be counted with the next that arrived.
    unheard: u32,
    control: Control,
    start: Start,
    /// What is sent is held to what was proved to pass.
    begins: bool,
    /// There is something to pad with.
    may_probe: bool,
    probe: Option<Probe>,
}

/// Both clocks, unwrapped; microseconds.
#[derive(Debug, Clone, Copy)]
struct Clocks {
    stamp: Stamp,
    sent: i64,
    ticks: u32,
    arrived: i64,
}

impl Estimator {
    /// Takes in a packet that arrived.
    pub fn arrived(&mut self, packet: &Arrival) {
        let clocks = self.clocks.get_or_insert(Clocks {
            stamp: packet.sent,
            sent: 0,
            ticks: packet.ticks,
            arrived: 0,
        });
        let sent = clocks.sent + i64::from(packet.sent.since(clocks.stamp));
        let ticks = packet.ticks.wrapping_sub(clocks.ticks) as i32;
        let arrived = clocks.arrived + i64::from(ticks) * 250;
        if ((arrived - clocks.arrived) - (sent - clocks.sent)).abs() > JUMP {
            // The receiver's clock was set, or it is another receiver: nothing compares.
            *self = Self { control: self.control.clone(), start: self.start, ..Self::default() };
            return;
        }
        *clocks = Clocks { stamp: packet.sent, sent, ticks: packet.ticks, arrived };
        self.loss.arrived(packet.was_missing);
        let unheard = std::mem::take(&mut self.unheard);
        self.acked.packet(arrived, unheard.saturating_add(packet.size.into()));
        self.queue.packet(sent, arrived);
        if !packet.was_missing {
            self.trend.packet(sent, arrived);
        }
    }

    /// Takes in bytes of which nothing will be told, because the feedback on them was lost. They are
    /// taken to have arrived: a lost feedback says nothing against the way there.
    pub fn unheard(&mut self, bytes: u32) {
        self.unheard = self.unheard.saturating_add(bytes);
    }

    /// Takes in a packet that is missing.
    pub fn lost(&mut self) {
        self.loss.lost();
        self.lost = true;
    }

    /// Draws the conclusions from a feedback; after its last packet.
    pub fn conclude(&mut self, now: Instant, round_trip: Duration) {
        // What was sent before says nothing of what that was good for.
        let pause = shows_after(round_trip);
        if self.acted.is_some_and(|at| now.saturating_duration_since(at) < pause) {
            self.loss.skip();
        }
        let standing = self.queue.standing();
        if standing >= NO_QUEUE {
            self.loss.doubt();
        }
        let known = self.loss.is_own();
        let heavy_loss = self.loss.settle().filter(|share| self.loss.is_heavy(*share));
        if self.loss.is_own() && !known {
            self.control.undo_loss();
        }
        let average_loss = self.loss.average();
        let made_up = 1.0 - average_loss;
        let signs = Signs {
            slope: self.trend.slope(),
            // Where nothing is known yet, whatever is found out too late is a long queue.
            standing: if self.begins || self.probe.is_some() {
                self.queue.fresh()
            } else {
                standing
            },
            begins: self.begins,
            may_probe: self.may_probe,
            heavy_loss,
            average_loss,
            loss: std::mem::take(&mut self.lost),
            acked: self.acked.rate().map(|rate| rate / made_up),
            lately: self.acked.lately().map(|rate| rate / made_up),
        };
        if let Some(probe) = &mut self.probe {
            let course = probe.look(now, round_trip, &signs);
            if course != Course::Goes {
                self.probe = None;
                self.control.tried(now, course);
                self.loss.skip();
            }
            return;
        }
        match self.control.conclude(now, round_trip, &signs) {
            Verdict::Free => {}
            // A queue that overflows loses packets as well; a share of them that is formed later
            // would speak of a rate that is no longer sent.
            Verdict::Queued => self.loss.skip(),
            Verdict::Longer => self.queue.rebase(),
            Verdict::Lossy => {
                self.acted = Some(now);
                self.loss.act();
            }
        }
        if self.control.limit().is_none() {
            if signs.slope == Slope::Rising || signs.standing >= NO_QUEUE {
                self.start.held(now);
            } else {
                self.start.passed(now, round_trip, signs.lately);
            }
        }
    }

    /// Lifts the limit when it has long been ample for `wanted`, all there is to send.
    pub fn ease(&mut self, now: Instant, wanted: Bitrate) {
        let calm = self.control.calm_for(now).is_some_and(|calm| calm >= CALM);
        let ample = |limit: f64| limit > wanted.bps() as f64 * AMPLE;
        if calm && let Some(limit) = self.control.limit().filter(|limit| ample(*limit)) {
            self.control = Control::default();
            self.start.proved(limit);
        }
    }

    /// Tries out more than the limit where something is `wanted` that it does not allow, if the sender
    /// `pads`: has something to repeat. Whether that goes on now.
    pub fn try_more(&mut self, now: Instant, wanted: Bitrate, pads: bool) -> bool {
        self.may_probe = pads;
        let target = wanted.bps() as f64 * MARGIN;
        if self.probe.is_some_and(|probe| !pads || probe.is_forgotten(now)) {
            self.probe = None;
            self.control.tried(now, Course::Nothing);
        } else if pads
            && self.probe.is_none()
            && let Some(limit) = self.control.may_try(now).filter(|limit| *limit < target)
        {
            self.probe = Some(Probe::new(now, limit, target));
        }
        self.probe.is_some()
    }

    /// Whether more than the limit is being tried out, so that what media leaves free is padded.
    #[must_use]
    pub const fn is_probing(&self) -> bool {
        self.probe.is_some()
    }

    /// Takes in that packets are under way for so long without feedback on any.
    pub fn waited(&mut self, silence: Duration) {
        self.start.waited(silence);
    }

    /// Whether there ever was feedback.
    #[must_use]
    pub const fn has_heard(&self) -> bool {
        self.clocks.is_some()
    }

    /// What is known now.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        match self.control.limit() {
            Some(limit) => Estimate::Limited(Bitrate::from_bps(limit as u64)),
            None if self.clocks.is_some() => Estimate::Open,
            None => Estimate::Unknown,
        }
    }

    /// The rate at which packets may leave, so that a queue drains, or on a way of which nothing is
    /// known, so that none builds up; none while nothing limits what is `wanted`.
    #[must_use]
    pub fn pace(&mut self, wanted: Bitrate) -> Option<Bitrate> {
        self.begins = false;
        if let Some(probe) = &self.probe {
            return Some(Bitrate::from_bps(probe.rate() as u64));
        }
        let Some(limit) = self.control.limit() else {
            let proved = self.start.rate()?;
            self.begins = proved <= wanted.bps() as f64 * AMPLE;
            return self.begins.then(|| Bitrate::from_bps(proved as u64));
        };
        let standing = self.standing();
        let factor = if self.control.is_beside_a_rival() {
            // The queue is not ours to drain.
            STEADY
        } else if standing > DRAIN_ABOVE {
            DRAIN
        } else if standing > STEADY_ABOVE || !self.control.is_calm() {
            STEADY
        } else {
            PACE
        };
        Some(Bitrate::from_bps((limit * factor) as u64))
    }

    /// How long every recent packet has waited in a queue at least.
    #[must_use]
    pub fn standing(&self) -> Duration {
        Duration::from_micros(self.queue.standing().unsigned_abs())
    }

    /// The rate at which bytes arrive; none before a quarter of a second of them.
    #[must_use]
    pub fn arriving(&self) -> Option<Bitrate> {
        self.acked.rate().map(|rate| Bitrate::from_bps(rate as u64))
    }

    /// The share of the latest packets that did not arrive at first, 0 to 1.
    #[must_use]
    pub fn lost_share(&self) -> f64 {
        self.loss.share()
    }

    /// Whether more of the latest packets were lost than repeating them can make good.
    #[must_use]
    pub fn is_lossy(&self) -> bool {
        self.loss.share() > HOPELESS_LOSS
    }
}

/// Both clocks run alike to within this many microseconds between two packets of a feedback.
const JUMP: i64 = 5_000_000;

#[cfg(test)]
#[path = "estimator_tests.rs"]
mod tests;
