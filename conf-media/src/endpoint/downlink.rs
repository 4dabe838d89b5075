//! What is known of the way to one peer, and the pace at which it is sent to.

use std::time::{Duration, Instant};

use super::hold::Hold;
use crate::{
    bwe::{Arrival, Bucket, Estimator, Fate, History, Stamp, Strain, bucket::Depth, strain},
    prefetch::prefetch,
    rtcp::transport_cc::TransportFeedback,
    shard::clock::RoundTrip,
    unit::Bitrate,
};

/// Between two looks at a link that is limited.
const LOOK: Duration = Duration::from_millis(100);
/// A queue above which the link counts as congested for whoever decides what is sent, be it on the
/// way or here before it. Frames that are spread out wait for less.
const STRAINED_ABOVE: Duration = Duration::from_millis(100);
/// The same where little of what is sent fits: a queue that was a reason to cut the limit so far.
const FELL_ABOVE: Duration = Duration::from_millis(25);

/// The way down to one peer. An endpoint that is sent nothing pays for this struct alone.
#[derive(Debug, Default)]
pub(crate) struct Downlink {
    /// Packets under way, by transport-wide number.
    pub(crate) history: History,
    /// Made with the first feedback.
    estimator: Option<Box<Estimator>>,
    /// None while nothing limits.
    bucket: Option<Bucket>,
    strain: Strain,
    hold: Hold,
    /// The pace is what was proved to pass: no limit is known.
    begins: bool,
    /// What may be spent on what is shown, while congestion has made it less.
    pub(crate) budget: Option<Bitrate>,
    /// When a limited link is to be looked at, or backlog may leave.
    pub(crate) due: Option<Instant>,
    /// When it was looked at last.
    looked: Option<Instant>,
    /// When the budget was last changed.
    decided: Option<Instant>,
    /// What everything it wants to be shown would take, where the budget does not suffice.
    pub(crate) wanted: Bitrate,
    /// Some slot has backlog.
    pub(crate) backlog: bool,
    /// Packets of an interpreter wait: those of all other pictures do, too.
    pub(crate) yields: bool,
    trimmed: Option<Instant>,
}

/// What a look at a limited link found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing to be done.
    Steady,
    /// What is shown has to be decided anew.
    Decide,
}

impl Downlink {
    /// Asks for what feedback changes.
    #[inline]
    pub(crate) fn prefetch_feedback(&self) {
        self.history.prefetch_unheard();
        if let Some(estimator) = &self.estimator {
            prefetch(&**estimator);
        }
    }

    /// Takes in transport-wide feedback. Cost: a few additions a packet, no allocation but for
    /// the first.
    pub(crate) fn feedback(
        &mut self,
        now: Instant,
        stamp: Stamp,
        round_trip: &mut RoundTrip,
        feedback: &TransportFeedback<'_>,
    ) {
        let estimator = self.estimator.get_or_insert_with(Box::default);
        // Only once there was feedback is a gap before it a lost one.
        let skipped = self.history.skip_to(feedback.base_seq);
        if estimator.has_heard() {
            estimator.unheard(skipped);
        }
        let mut news = false;
        let mut newest = None;
        for (seq, arrival) in feedback.arrivals().take(STATUSES) {
            let fate = if arrival.is_some() { Fate::Arrived } else { Fate::Missing };
            let Some(packet) = self.history.resolve(seq, fate) else { continue };
            news = true;
            match arrival {
                // Only differences count: the wrap of the wire's reference time falls out.
                Some(ticks) => {
                    newest = Some(packet.sent);
                    estimator.arrived(&Arrival {
                        sent: packet.sent,
                        ticks: ticks as u32,
                        size: packet.size,
                        was_missing: packet.was_missing,
                    });
                }
                None => estimator.lost(),
            }
        }
        if !news {
            return;
        }
        if let Some(micros) = newest.and_then(|sent| u64::try_from(stamp.since(sent)).ok()) {
            round_trip.answered_within(Duration::from_micros(micros));
        }
        estimator.conclude(now, round_trip.get());
        // A limit that is new.
        let limited = estimator.estimate().limit().is_some();
        if limited && (self.begins || self.bucket.is_none()) {
            (self.due, self.looked) = (Some(now), None);
        }
    }

    /// Notes that more may be sent from now on, on a way that tells what arrives: as fast as has been
    /// proved to pass.
    pub(crate) fn expect_more(&mut self, now: Instant) {
        self.estimator.get_or_insert_with(Box::default);
        if self.bucket.is_none() {
            (self.due, self.looked) = (Some(now), None);
        }
    }

    /// Looks at a limited link, given the rate of all that is to be sent, how long the oldest of it
    /// has waited here, and whether there is something to pad with.
    pub(crate) fn look(
        &mut self,
        now: Instant,
        stamp: Stamp,
        sent: Bitrate,
        waited: Duration,
        pads: bool,
    ) -> Look {
        let Some(estimator) = &mut self.estimator else { return self.open() };
        let wanted = if self.budget.is_some() { self.wanted.max(sent) } else { sent };
        estimator.ease(now, wanted);
        if !estimator.has_heard() {
            estimator.waited(self.history.silence(stamp));
        }
        let probes = estimator.try_more(now, wanted, self.budget.is_some() && pads);
        let Some(pace) = estimator.pace(wanted) else { return self.open() };
        let limit = estimator.estimate().limit();
        let ample =
            !probes && limit.is_some_and(|limit| limit.bps() >= sent.bps().saturating_mul(2));
        let depth = if ample { Depth::Frame } else { Depth::Quantum };
        match &mut self.bucket {
            Some(bucket) => {
                bucket.fill(stamp);
                bucket.set(pace, depth);
            }
            None => self.bucket = Some(Bucket::new(stamp, pace, depth)),
        }
        self.looked = Some(now);
        self.due = Some(now + LOOK);
        let begins = std::mem::replace(&mut self.begins, limit.is_none());
        let Some(limit) = limit else { return Look::Steady };
        let fits = limit.bps() as f64 / sent.bps().max(1) as f64;
        let little = fits < strain::LITTLE;
        let above = if little { FELL_ABOVE } else { STRAINED_ABOVE };
        let waits = estimator.standing().max(waited) > above || estimator.is_lossy();
        let strained = limit < sent && waits;
        // What was found out in the beginning needs no second look: nothing was known before.
        let lasting = self.strain.look(now, strained, fits) || (begins && limit < sent);
        self.hold.look(now, strained && little, lasting);
        let settled = self.decided.is_none_or(|at| now.saturating_duration_since(at) >= DECIDE);
        let calm = settled && !self.strain.is_strained(now);
        // What was taken away may come back as the estimate grows.
        if lasting || (calm && self.budget.is_some_and(|before| limit > before)) {
            self.budget = Some(limit);
            self.decided = Some(now);
            return Look::Decide;
        }
        Look::Steady
    }

    /// Nothing limits any more.
    fn open(&mut self) -> Look {
        self.bucket = None;
        self.begins = false;
        self.strain = Strain::default();
        self.hold = Hold::Off;
        self.due = None;
        self.looked = None;
        match self.budget.take() {
            Some(_) => Look::Decide,
            None => Look::Steady,
        }
    }

    /// Whether a look is due, and not only backlog.
    pub(crate) fn wants_look(&self, now: Instant) -> bool {
        self.looked.is_none_or(|at| now.saturating_duration_since(at) >= LOOK)
    }

    /// What the link is known to carry, if it was ever congested.
    pub(crate) fn limit(&self) -> Option<Bitrate> {
        self.estimator.as_ref()?.estimate().limit()
    }

    /// The share of the latest packets that did not arrive at first, 0 to 1.
    pub(crate) fn lost_share(&self) -> f32 {
        self.estimator.as_ref().map_or(0.0, |estimator| estimator.lost_share() as f32)
    }

    /// How fast packets leave at most, where that is limited.
    pub(crate) fn pace(&self) -> Option<Bitrate> {
        self.bucket.as_ref().map(Bucket::rate)
    }

    /// How long what is sent now stands in a queue on the way at least, as far as feedback has told.
    pub(crate) fn standing(&self) -> Duration {
        self.estimator.as_ref().map_or(Duration::ZERO, |estimator| estimator.standing())
    }

    /// Whether what media leaves free is padded: more is being tried out.
    pub(crate) fn is_probing(&self) -> bool {
        self.estimator.as_ref().is_some_and(|estimator| estimator.is_probing())
    }

    /// Whether packets of pictures may have to wait at all.
    pub(crate) const fn is_paced(&self) -> bool {
        self.bucket.is_some()
    }

    /// Whether no frame may begin now of a picture that awaits another encoding, or does not.
    pub(crate) fn holds(&self, now: Instant, awaits: bool) -> bool {
        self.hold.stops(now, awaits)
    }

    /// Whether a packet may leave now.
    pub(crate) fn may_leave(&mut self, stamp: Stamp) -> bool {
        self.bucket.as_mut().is_none_or(|bucket| {
            bucket.fill(stamp);
            bucket.is_ready()
        })
    }

    /// Whether a repair may leave now: it does not wait, but neither may repairs displace what
    /// is fresh.
    pub(crate) fn may_repair(&mut self, stamp: Stamp) -> bool {
        self.bucket.as_mut().is_none_or(|bucket| {
            bucket.fill(stamp);
            bucket.may_owe(REPAIR_DEBT.min(bucket.rate().during(REPAIR_AHEAD).bytes() as usize))
        })
    }

    /// Notes that a packet of so many bytes left, in the credit alone.
    pub(crate) fn spend(&mut self, bytes: usize) {
        if let Some(bucket) = &mut self.bucket {
            bucket.take(bytes);
        }
    }

    /// Notes that there is backlog, which is to be looked after once there is credit for it.
    pub(crate) fn await_credit(&mut self, now: Instant) -> Instant {
        self.backlog = true;
        let wait = self.bucket.as_ref().map_or(Duration::ZERO, Bucket::wait);
        let at = now + wait.max(LEAST_WAIT);
        let due = self.due.map_or(at, |due| due.min(at));
        self.due = Some(due);
        due
    }

    /// Sets when it is due next, after everything that was due is done.
    pub(crate) fn rest(&mut self, now: Instant) {
        if self.is_probing() {
            self.due = Some(now + PAD);
            return;
        }
        self.due = self
            .bucket
            .is_some()
            .then(|| self.looked.map_or(now, |at| at + LOOK).max(now + LEAST_WAIT));
    }

    /// Forgets what is under way to a peer that is gone for now; what is known of its link stays
    /// true only as long as it does.
    pub(crate) fn interrupt(&mut self) {
        self.open();
        self.estimator = None;
        self.backlog = false;
    }

    /// Gives memory back that is not needed.
    pub(crate) fn trim(&mut self, now: Instant, stamp: Stamp) {
        if self.trimmed.is_none_or(|at| now.saturating_duration_since(at) >= TRIM) {
            self.trimmed = Some(now);
            self.history.trim(stamp);
        }
    }
}

/// Packets of one feedback that are looked at: more than are remembered. A few bytes could speak of
/// sixteen times as many.
const STATUSES: usize = 4_096;
/// Bytes that repairs may take ahead of what comes in.
const REPAIR_DEBT: usize = 8 * 1_024;
/// How long what is fresh waits for them at most: a keyframe that is small because the link is thin
/// must not stand behind what it makes needless.
const REPAIR_AHEAD: Duration = Duration::from_millis(50);
/// Backlog leaves in quanta of at least this.
const LEAST_WAIT: Duration = Duration::from_millis(2);
/// Between two looks at what is to be padded.
const PAD: Duration = Duration::from_millis(5);
/// Between two decisions about more being shown.
const DECIDE: Duration = Duration::from_secs(1);
/// Between two looks at the memory held.
const TRIM: Duration = Duration::from_secs(1);
