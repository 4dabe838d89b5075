//! How the limit follows the signs: down at once, up for as long as nothing speaks against it.

use std::time::{Duration, Instant};

use super::{probe::Course, rival::Rival, trend::Slope};

/// What is left of the arriving rate after a sign of congestion. Smaller drains the queue sooner,
/// makes flows alike sooner and wastes more of the link; the GCC draft's 0.85 (section 5.5) takes
/// twice as long for both. Found with `tests/congestion`, as are all constants here that name no
/// source.
const BACK_OFF: f64 = 0.78;
/// The same beside a flow that halves itself (RFC 5681) and fills whatever we leave.
const BACK_OFF_BESIDE: f64 = 0.8;
/// Growth per second just after a sign of congestion (GCC draft, section 5.5: 8 %).
const GROWTH: f64 = 1.08;
/// Growth per second once it has been calm for [`SETTLED`] far from where congestion was met: a
/// link that came back is in use again within seconds.
const FAST_GROWTH: f64 = 3.0;
const SETTLED: Duration = Duration::from_millis(500);
/// Growth near where congestion was met, in packets each response time (the GCC draft, section 5.5,
/// has one): that it does not depend on the rate is what makes two flows alike. On thin links it is
/// no more than a share of the limit a second, or each step would be a queue of its own; on thick
/// ones no less than another, or they would not be in use for a minute.
const PACKETS: f64 = 3.0;
const PACKET_GROWTH_MOST: f64 = 0.13;
const NEAR_GROWTH: f64 = 0.03;
/// How long there must be no queue at all, the limit being so many times where congestion was met,
/// before that is taken to be gone: a link that is still what it was has one within half the time.
const BEYOND: Duration = Duration::from_millis(800);
const ABOVE: f64 = 1.08;
/// Below this nothing queues: what is left is how evenly the network takes its time.
pub(super) const NO_QUEUE: i64 = 8_000;
/// Growth per second while less is sent than the link may carry, so that nothing contradicts it:
/// each step is a guess that the next layer will test. Faster, because a guess costs nothing
/// until it is tried; slower would leave pictures off for minutes.
const BLIND_GROWTH: f64 = 1.25;
/// The limit never runs further ahead of what arrives than this (GCC draft, section 5.5: 1.5).
const LEAD: f64 = 1.5;
/// What is left of the rate at which trying out more met the end: what is sent was padded, so that the
/// queue drains by itself.
const FOUND: f64 = 0.92;
/// Less than this share of the limit being sent says nothing about the limit.
const IN_USE: f64 = 0.7;
/// The rates at which congestion was met count as near within this share.
const NEAR: f64 = 0.15;
const PACKET_BITS: f64 = 9_600.0;
/// What the receiver's feedback adds to a round trip (GCC draft, section 5.5: 100 ms).
const RESPONSE: Duration = Duration::from_millis(100);
/// A rising delay counts only with a queue of this many microseconds behind it: what a receiver
/// or sender that was not scheduled delays is gone a moment later.
const RISING_QUEUE: i64 = 25_000;
/// The same while more is tried than is known to pass, whatever the trend: growth is so fast then that
/// what is found out a moment later is a queue of 100 ms.
const BEGIN_QUEUE: i64 = 15_000;
/// A queue above this is congestion even when it does not grow: a full one cannot. Less than the
/// 60 ms SCReAM aims at (RFC 8298, section 4.1.1.1), as it is noticed a round trip late.
const FULL_QUEUE: i64 = 40_000;
/// With more than this standing the limit does not grow.
const SOME_QUEUE: i64 = 20_000;
/// Less than this share of what arrived arriving is a cut that was obeyed; a queue of ours is 20 ms
/// shorter then by the time it shows, and one that somebody else feeds moves by more than these
/// microseconds.
const OBEYED: f64 = 0.9;
const STILL: i64 = 3_000;
/// A longer way is there from one feedback to the next; a queue builds up.
const SUDDEN: Duration = Duration::from_millis(150);
/// The least limit: sound and the smallest picture.
const LEAST: f64 = 100_000.0;
/// The most a limit can grow to.
const MOST: f64 = 1e9;
/// How long nothing must have shown congestion before growing blindly, at first and at most; it
/// doubles when what was grown blindly turned out too much within [`TRIAL`].
const PATIENCE: Duration = Duration::from_secs(2);
/// How many times as long before more is tried out with padding again: it costs a queue of some 100 ms
/// for a moment and no picture, and a link that came back is to be in use within seconds.
const PATIENCE_PROBE: u32 = 2;
const PATIENCE_MOST: Duration = Duration::from_secs(60);
const TRIAL: Duration = Duration::from_secs(5);

/// Less than this share of what arrived within half a second arriving lately is a link that fell.
const FELL: f64 = 0.75;

/// What a feedback shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signs {
    pub(super) slope: Slope,
    /// The queue that stands, in microseconds.
    pub(super) standing: i64,
    /// What is sent grows fast on a way of which nothing is known.
    pub(super) begins: bool,
    /// The share lost lately, where it is more than usual and heavy.
    pub(super) heavy_loss: Option<f64>,
    /// What is lost on average: by so much what arrived may be off.
    pub(super) average_loss: f64,
    /// The same feedback told of a loss.
    pub(super) loss: bool,
    /// More can be tried out with padding, and need not be guessed.
    pub(super) may_probe: bool,
    /// Bits per second that arrived, over half a second and over the end of it; made up for what
    /// is usually lost on the way.
    pub(super) acked: Option<f64>,
    pub(super) lately: Option<f64>,
}

impl Signs {
    /// Whether a rate that grows fast has met the link's end: more stands than two large packets of
    /// themselves take on the wire.
    pub(super) fn ends(&self) -> bool {
        let wire = 2.0 * PACKET_BITS / self.lately.unwrap_or(MOST).max(LEAST) * 1e6;
        self.standing >= BEGIN_QUEUE + wire as i64
    }

    /// The arriving rate when a queue stands. The longer look is steadier, but tells too late of a
    /// link that fell.
    fn arriving(&self) -> Option<f64> {
        match (self.lately, self.acked) {
            (Some(lately), Some(acked)) if lately > acked * FELL => Some(lately.max(acked)),
            (Some(lately), _) => Some(lately),
            (None, acked) => acked,
        }
    }
}

/// A cut that has yet to show what it was good for.
#[derive(Debug, Clone, Copy)]
struct Cut {
    /// The limit before it, and where congestion had been met.
    limit: Option<f64>,
    met: Option<f64>,
    /// What arrived.
    arriving: f64,
}

/// What the signs were taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing queues.
    Free,
    /// A queue was a reason to send less.
    Queued,
    /// What looked like a queue is the way itself: it has become longer.
    Longer,
    /// Loss was a reason to send less.
    Lossy,
}

/// How long it takes until what was done shows: a round trip, a feedback, and what is looked at.
pub(super) fn shows_after(round_trip: Duration) -> Duration {
    round_trip + RESPONSE * 2
}

/// The limit in the course of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Control {
    limit: Option<f64>,
    /// The arriving rate at which congestion was met, smoothed.
    met: Option<f64>,
    updated: Option<Instant>,
    decreased: Option<Instant>,
    /// When there was no queue at all.
    clear: Option<Instant>,
    /// The queue that was there of a sudden and has not moved since, in microseconds.
    stepped: Option<i64>,
    /// The first cut since it was calm.
    undone: Option<Cut>,
    /// The latest cut because of loss.
    lossy: Option<Cut>,
    /// Since when there was no sign of congestion.
    calm: Option<Instant>,
    /// It was cut and there was no calm since.
    falling: bool,
    /// Since when the limit is above that, in calm.
    above: Option<Instant>,
    /// When it last grew blindly.
    tried: Option<Instant>,
    /// Times a trial failed in a row.
    failed: u32,
    rival: Rival,
}

impl Control {
    pub(super) const fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// How long there was no sign of congestion.
    pub(super) fn calm_for(&self, now: Instant) -> Option<Duration> {
        self.calm.map(|at| now.saturating_duration_since(at))
    }

    /// Whether there was no sign of congestion just now.
    pub(super) const fn is_calm(&self) -> bool {
        self.calm.is_some()
    }

    /// Whether somebody else keeps the queue full.
    pub(super) const fn is_beside_a_rival(&self) -> bool {
        self.rival.is_there()
    }

    /// Draws the conclusions from a feedback.
    pub(super) fn conclude(
        &mut self,
        now: Instant,
        round_trip: Duration,
        signs: &Signs,
    ) -> Verdict {
        let standing = Duration::from_micros(signs.standing.unsigned_abs());
        if let Some(limit) = self.limit
            && let Some(restored) = self.rival.look(now, standing, limit)
        {
            self.limit = Some(restored);
        }
        self.stepped = if signs.standing < NO_QUEUE {
            self.clear = Some(now);
            None
        } else if self.clear.is_some_and(|at| now.saturating_duration_since(at) <= SUDDEN) {
            Some(signs.standing)
        } else {
            self.stepped.filter(|stepped| (signs.standing - stepped).abs() <= STILL)
        };
        let verdict = if self.rival.is_there() {
            self.beside(now, round_trip + standing, signs);
            Verdict::Free
        } else if let Some(cut) = self.was_for_nothing(now, round_trip, signs) {
            (self.limit, self.met) = (cut.limit, cut.met);
            self.undone = None;
            self.unsettle();
            Verdict::Longer
        } else {
            self.alone(now, round_trip, signs)
        };
        self.updated = Some(now);
        verdict
    }

    /// What was cut, if less arrives since and the queue is what it was of a sudden: ours would have
    /// drained, somebody else's would have moved.
    fn was_for_nothing(&self, now: Instant, round_trip: Duration, signs: &Signs) -> Option<Cut> {
        let (cut, at) = (self.undone?, self.decreased?);
        let shown = now.saturating_duration_since(at) >= shows_after(round_trip);
        let less = signs.lately? <= cut.arriving * OBEYED;
        (shown && less && self.stepped.is_some()).then_some(cut)
    }

    fn alone(&mut self, now: Instant, round_trip: Duration, signs: &Signs) -> Verdict {
        let congested = match signs.slope {
            _ if signs.begins => signs.ends(),
            Slope::Rising => signs.standing >= RISING_QUEUE,
            // One that overflows cannot grow either.
            Slope::Level if signs.loss => signs.standing >= SOME_QUEUE,
            Slope::Level => signs.standing >= FULL_QUEUE,
            Slope::Falling => false,
        };
        // With little to send a slope is many packets old: without a queue it is over.
        let falling = signs.slope == Slope::Falling && signs.standing >= NO_QUEUE;
        if congested {
            self.unsettle();
            // While a queue stands, what arrives is what the link carries.
            if let Some(arriving) = signs.arriving() {
                let (limit, met) = (self.limit, self.met);
                if self.decrease(now, round_trip, arriving, BACK_OFF) {
                    self.undone.get_or_insert(Cut { limit, met, arriving });
                }
            }
        } else if let Some(lost) = signs.heavy_loss {
            self.unsettle();
            let (limit, met) = (self.limit, self.met);
            if let Some(arriving) = signs.acked
                && self.decrease(now, round_trip, arriving, 1.0 - lost / 2.0)
            {
                self.lossy = Some(Cut { limit, met, arriving });
                return Verdict::Lossy;
            }
        } else if signs.standing >= SOME_QUEUE || falling {
            self.unsettle();
        } else {
            self.calm.get_or_insert(now);
            self.falling = false;
            self.undone = None;
            self.increase(now, round_trip, signs);
        }
        if congested || falling { Verdict::Queued } else { Verdict::Free }
    }

    /// As the other one does: a packet more each round trip, less when one is lost.
    fn beside(&mut self, now: Instant, round_trip: Duration, signs: &Signs) {
        let Some(limit) = self.limit else { return };
        self.unsettle();
        if signs.loss {
            self.decrease(
                now,
                round_trip,
                signs.acked.unwrap_or(limit).max(limit),
                BACK_OFF_BESIDE,
            );
        } else {
            let grown = PACKET_BITS / round_trip.max(RESPONSE).as_secs_f64().powi(2);
            self.limit = Some((limit + grown * self.passed(now)).min(MOST));
        }
    }

    /// Takes back the latest cut because of loss: as much was lost after it.
    pub(super) fn undo_loss(&mut self) {
        if let Some(cut) = self.lossy.take() {
            (self.limit, self.met) = (cut.limit, cut.met);
        }
    }

    /// The limit, if it has been calm for long enough to try out more.
    pub(super) fn may_try(&self, now: Instant) -> Option<f64> {
        let patience = PATIENCE * if self.failed > 0 { PATIENCE_PROBE } else { 1 };
        self.limit.filter(|_| self.calm_for(now).is_some_and(|calm| calm >= patience))
    }

    /// Takes in what came of trying out more.
    pub(super) fn tried(&mut self, now: Instant, course: Course) {
        let before = self.limit.unwrap_or_default();
        self.calm = None;
        self.updated = Some(now);
        let found = match course {
            Course::Goes => return,
            Course::Carries(arriving) => {
                self.met = None;
                arriving
            }
            Course::Ends(arriving) => {
                self.met = Some(arriving);
                // The queue it left is known, and drains.
                self.decreased = Some(now);
                arriving * FOUND
            }
            Course::Nothing => before,
        };
        self.failed = if found > before { 0 } else { (self.failed + 1).min(8) };
        self.limit = Some(found.max(before));
    }

    fn unsettle(&mut self) {
        self.calm = None;
        self.above = None;
    }

    /// Takes the limit down, if what was done before has had the time to show.
    fn decrease(&mut self, now: Instant, round_trip: Duration, arriving: f64, share: f64) -> bool {
        let pause = shows_after(round_trip);
        if self.decreased.is_some_and(|at| now.saturating_duration_since(at) < pause) {
            return false;
        }
        let target = (arriving * share).max(LEAST);
        self.decreased = Some(now);
        // What arrives after a second cut in a row is our share of what somebody else fills.
        if !std::mem::replace(&mut self.falling, true) {
            let known = self.met.filter(|met| (met - arriving).abs() <= met * NEAR);
            self.met = Some(known.map_or(arriving, |met| met + 0.3 * (arriving - met)));
        }
        self.limit = Some(self.limit.map_or(target, |limit| limit.min(target)));
        self.rival.cut();
        if self.tried.take().is_some_and(|at| now.saturating_duration_since(at) < TRIAL) {
            self.failed = (self.failed + 1).min(8);
        }
        true
    }

    fn increase(&mut self, now: Instant, round_trip: Duration, signs: &Signs) {
        let Some(limit) = self.limit else { return };
        let acked = signs.acked.unwrap_or(0.0);
        let arriving = signs.lately.unwrap_or(acked).max(acked);
        let seconds = self.passed(now);
        let calm = self.calm_for(now).unwrap_or_default();
        self.above = match self.met {
            Some(met)
                if limit > met * (ABOVE + signs.average_loss) && signs.standing < NO_QUEUE =>
            {
                self.above.or(Some(now))
            }
            _ => None,
        };
        let beyond = self.above.is_some_and(|at| now.saturating_duration_since(at) >= BEYOND);
        let grown = if arriving >= limit * IN_USE {
            let near = self.met.is_some_and(|met| (limit - met).abs() < met * NEAR) && !beyond;
            let grown = if near {
                let response = (round_trip + RESPONSE).as_secs_f64();
                let packets = (PACKETS * PACKET_BITS / response).min(limit * PACKET_GROWTH_MOST);
                limit + packets.max(limit * NEAR_GROWTH) * seconds
            } else {
                let growth = if calm >= SETTLED { FAST_GROWTH } else { GROWTH };
                limit * growth.powf(seconds)
            };
            grown.min(limit.max(arriving * LEAD))
        } else {
            let patience = (PATIENCE * (1 << self.failed)).min(PATIENCE_MOST);
            if signs.may_probe || calm < patience {
                return;
            }
            self.tried = Some(now);
            limit * BLIND_GROWTH.powf(seconds)
        };
        self.limit = Some(grown.min(MOST));
    }

    /// Seconds since the last conclusion.
    fn passed(&self, now: Instant) -> f64 {
        let since = self.updated.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        since.as_secs_f64().min(1.0)
    }
}
