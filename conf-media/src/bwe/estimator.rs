//! What a link carries: unknown, no less than is sent, or so much.

use std::time::{Duration, Instant};

use super::{
    Stamp,
    acked::Acked,
    loss::Loss,
    queue::Queue,
    trend::{Slope, Trend},
};
use crate::unit::Bitrate;

/// What is left of the arriving rate after a sign of congestion (GCC draft, section 5.5).
/// Smaller drains the queue sooner and wastes more of the link.
const BACK_OFF: f64 = 0.85;
/// Growth per second while the limit is far away (GCC draft, section 5.5: 8 %).
const GROWTH: f64 = 1.08;
/// Growth per second while less is sent than the link may carry, so that nothing contradicts it:
/// each step is a guess that the next layer will test. Faster, because a guess costs nothing
/// until it is tried; slower would leave pictures off for minutes.
const BLIND_GROWTH: f64 = 1.25;
/// The limit never runs further ahead of what arrives than this (GCC draft, section 5.5: 1.5).
const LEAD: f64 = 1.5;
/// Less than this share of the limit being sent says nothing about the limit.
const IN_USE: f64 = 0.7;
/// The rates at which congestion was met count as near within this share: growth is additive
/// there, a packet a response time (GCC draft, section 5.5).
const NEAR: f64 = 0.15;
const PACKET_BITS: f64 = 9_600.0;
/// What the receiver's feedback adds to a round trip (GCC draft, section 5.5: 100 ms).
const RESPONSE: Duration = Duration::from_millis(100);
/// A rising delay counts only with a queue of this many microseconds behind it: what a receiver
/// or sender that was not scheduled delays is gone a moment later.
const RISING_QUEUE: i64 = 25_000;
/// A queue above this is congestion even when it does not grow: a full one cannot. Far above
/// the 60 ms SCReAM aims at (RFC 8298, section 4.1.1.1), as browsers' own delays add to it.
const FULL_QUEUE: i64 = 120_000;
/// With more than this standing the limit does not grow.
const SOME_QUEUE: i64 = 30_000;
/// Above this share of loss the limit falls by half of it (GCC draft, section 6).
const HEAVY_LOSS: f64 = 0.10;
/// Above this share pictures stand still however much is repeated, as every fifth repeat is lost
/// as well: to send less is the better picture.
const HOPELESS_LOSS: f64 = 0.20;
/// The least limit: sound and the smallest picture.
const LEAST: f64 = 100_000.0;
/// The most a limit can grow to.
const MOST: f64 = 1e9;
/// How long nothing must have shown congestion before growing blindly, at first and at most; it
/// doubles when what was grown blindly turned out too much within [`TRIAL`].
const PATIENCE: Duration = Duration::from_secs(2);
const PATIENCE_MOST: Duration = Duration::from_secs(60);
const TRIAL: Duration = Duration::from_secs(5);
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
/// there is to send needs no number, and none is guessed at the start. Cost: some twenty
/// floating-point operations a packet, a regression over twenty points a group of packets.
#[derive(Debug, Clone, Default)]
pub struct Estimator {
    clocks: Option<Clocks>,
    trend: Trend,
    queue: Queue,
    acked: Acked,
    loss: Loss,
    control: Control,
}

/// Both clocks, unwrapped; microseconds.
#[derive(Debug, Clone, Copy)]
struct Clocks {
    stamp: Stamp,
    sent: i64,
    ticks: u32,
    arrived: i64,
}

#[derive(Debug, Clone, Default)]
struct Control {
    limit: Option<f64>,
    /// The arriving rate at which congestion was met, smoothed.
    met: Option<f64>,
    updated: Option<Instant>,
    decreased: Option<Instant>,
    /// Since when there was no sign of congestion.
    calm: Option<Instant>,
    /// When it last grew blindly.
    tried: Option<Instant>,
    /// Times a trial failed in a row.
    failed: u32,
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
            *self = Self { control: self.control.clone(), ..Self::default() };
            return;
        }
        *clocks = Clocks { stamp: packet.sent, sent, ticks: packet.ticks, arrived };
        self.loss.arrived(packet.was_missing);
        self.acked.packet(arrived, packet.size);
        self.queue.packet(sent, arrived);
        if !packet.was_missing {
            self.trend.packet(sent, arrived);
        }
    }

    /// Takes in a packet that is missing.
    pub fn lost(&mut self) {
        self.loss.lost();
    }

    /// Draws the conclusions from a feedback; after its last packet.
    pub fn conclude(&mut self, now: Instant, round_trip: Duration) {
        let standing = self.queue.standing();
        let slope = self.trend.slope();
        let lost = self.loss.settle().filter(|share| *share > HEAVY_LOSS);
        let congested = match slope {
            Slope::Rising => standing >= RISING_QUEUE,
            Slope::Level => standing >= FULL_QUEUE,
            Slope::Falling => false,
        };
        let acked = self.acked.rate();
        let control = &mut self.control;
        if congested || lost.is_some() {
            control.calm = None;
            if let Some(acked) = acked {
                let share = if congested { BACK_OFF } else { 1.0 - lost.unwrap_or(0.0) / 2.0 };
                control.decrease(now, round_trip, acked, share);
            }
        } else if standing >= SOME_QUEUE || slope == Slope::Falling {
            control.calm = None;
        } else {
            control.calm.get_or_insert(now);
            control.increase(now, round_trip, acked.unwrap_or(0.0));
        }
        control.updated = Some(now);
    }

    /// Lifts the limit when it has long been ample for `wanted`, all there is to send.
    pub fn ease(&mut self, now: Instant, wanted: Bitrate) {
        let control = &mut self.control;
        let calm = control.calm.is_some_and(|at| now.saturating_duration_since(at) >= CALM);
        if calm && control.limit.is_some_and(|limit| limit > wanted.bps() as f64 * AMPLE) {
            *control = Control::default();
        }
    }

    /// What is known now.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        match self.control.limit {
            Some(limit) => Estimate::Limited(Bitrate::from_bps(limit as u64)),
            None if self.clocks.is_some() => Estimate::Open,
            None => Estimate::Unknown,
        }
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

    /// Whether more of the latest packets were lost than repeating them can make good.
    #[must_use]
    pub fn is_lossy(&self) -> bool {
        self.loss.share() > HOPELESS_LOSS
    }
}

impl Control {
    fn decrease(&mut self, now: Instant, round_trip: Duration, acked: f64, share: f64) {
        // What was done shows a round trip and a feedback later.
        let pause = round_trip + RESPONSE * 2;
        if self.decreased.is_some_and(|at| now.saturating_duration_since(at) < pause) {
            return;
        }
        // Just after more was begun to be sent, what arrives tells less than what was met before.
        let lately = self.decreased.is_some_and(|at| now.saturating_duration_since(at) < TRIAL);
        let known = self.met.filter(|met| !lately && *met > acked);
        let target = (known.unwrap_or(acked) * share).max(LEAST);
        self.decreased = Some(now);
        self.met = Some(self.met.map_or(acked, |met| met + 0.3 * (acked - met)));
        self.limit = Some(self.limit.map_or(target, |limit| limit.min(target)));
        if self.tried.take().is_some_and(|at| now.saturating_duration_since(at) < TRIAL) {
            self.failed = (self.failed + 1).min(8);
        }
    }

    fn increase(&mut self, now: Instant, round_trip: Duration, acked: f64) {
        let Some(limit) = self.limit else { return };
        let since = self.updated.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let seconds = since.as_secs_f64().min(1.0);
        let grown = if acked >= limit * IN_USE {
            let near = self.met.is_some_and(|met| (acked - met).abs() < met * NEAR);
            let grown = if near {
                limit + PACKET_BITS / (round_trip + RESPONSE).as_secs_f64() * seconds
            } else {
                limit * GROWTH.powf(seconds)
            };
            grown.min(limit.max(acked * LEAD))
        } else {
            let patience = (PATIENCE * (1 << self.failed)).min(PATIENCE_MOST);
            if self.calm.is_none_or(|at| now.saturating_duration_since(at) < patience) {
                return;
            }
            self.tried = Some(now);
            limit * BLIND_GROWTH.powf(seconds)
        };
        self.limit = Some(grown.min(MOST));
    }
}

/// Both clocks run alike to within this many microseconds between two packets of a feedback.
const JUMP: i64 = 5_000_000;

#[cfg(test)]
#[path = "estimator_tests.rs"]
mod tests;
