//! A sender with all it could want to send, its receiver, and the feedback between them.

use std::{
    collections::VecDeque,
    ops::Range,
    time::{Duration, Instant},
};

use conf_media::{
    bwe::{Arrival, Estimate, Estimator, Stamp},
    unit::Bitrate,
};
use conf_sim::{Fate, Link, Rng};

/// Bytes of every packet.
pub(crate) const LEN: usize = 1_200;
/// Between two packets of feedback.
const FEEDBACK: Duration = Duration::from_millis(50);

/// What became of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    pub(crate) sent: Duration,
    pub(crate) arrived: Option<Duration>,
    told: Told,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Nothing,
    Missing,
    Arrived,
}

/// One flow under our congestion control.
pub(crate) struct Flow {
    pub(crate) packets: Vec<Packet>,
    /// The rate it sent at, whenever that changed.
    pub(crate) rates: Vec<(Duration, f64)>,
    /// How much further it has to go than the narrow place.
    pub(crate) beyond: Duration,
    estimator: Estimator,
    active: Vec<Range<Duration>>,
    most: f64,
    /// Bytes it may send.
    credit: f64,
    /// Numbers under way, by arrival.
    under_way: VecDeque<(Instant, usize)>,
    /// The highest number that arrived, plus one, and the first that feedback has not spoken of.
    highest: usize,
    spoken: usize,
    late: Vec<usize>,
    /// The first number of which the sender knows nothing.
    known: usize,
    feedback_due: Duration,
    /// Feedback on its way: when it is there, and what it says.
    feedback: VecDeque<(Instant, Vec<(usize, bool)>)>,
}

impl Flow {
    /// A flow that sends at most so much, within these times.
    pub(crate) fn new(most: f64, active: &[Range<Duration>]) -> Self {
        Self {
            packets: Vec::new(),
            rates: Vec::new(),
            beyond: Duration::ZERO,
            estimator: Estimator::default(),
            active: active.to_vec(),
            most,
            credit: 0.0,
            under_way: VecDeque::new(),
            highest: 0,
            spoken: 0,
            late: Vec::new(),
            known: 0,
            feedback_due: Duration::ZERO,
            feedback: VecDeque::new(),
        }
    }

    /// The same flow with further to go.
    pub(crate) fn further(self, beyond: Duration) -> Self {
        Self { beyond, ..self }
    }

    /// One millisecond: `link` leads to the receiver, `back` to the sender.
    pub(crate) fn turn(
        &mut self,
        start: Instant,
        now: Duration,
        round_trip: Duration,
        (link, back): (&mut Link, &mut Link),
        rng: &mut Rng,
    ) {
        let at = start + now;
        self.receive(start, now, back, rng);
        while self.feedback.front().is_some_and(|(there, _)| *there <= at) {
            let Some((_, told)) = self.feedback.pop_front() else { break };
            self.hear(at, now, round_trip, &told);
        }
        if !self.active.iter().any(|active| active.contains(&now)) {
            self.credit = 0.0;
            return;
        }
        let rate = self.rate();
        self.credit = (self.credit + rate / 8.0 / 1e3).min(3.0 * LEN as f64);
        while self.credit >= LEN as f64 {
            self.credit -= LEN as f64;
            let number = self.packets.len();
            let mut packet = Packet { sent: now, arrived: None, told: Told::Nothing };
            if let Fate::Arrives(there) | Fate::ArrivesTwice(there, _) = link.send(at, LEN, rng) {
                let there = there + self.beyond;
                packet.arrived = Some(there - start);
                let place = self.under_way.partition_point(|(other, _)| *other <= there);
                self.under_way.insert(place, (there, number));
            }
            self.packets.push(packet);
        }
    }

    /// The rate it sends at now.
    pub(crate) fn rate(&mut self) -> f64 {
        let pace = self.estimator.pace(Bitrate::from_bps(self.most as u64));
        let pace = pace.map_or(self.most, |pace| pace.bps() as f64);
        match self.estimator.estimate() {
            Estimate::Limited(limit) => pace.min(limit.bps() as f64).min(self.most),
            _ => pace.min(self.most),
        }
    }

    fn receive(&mut self, start: Instant, now: Duration, back: &mut Link, rng: &mut Rng) {
        while self.under_way.front().is_some_and(|(there, _)| *there <= start + now) {
            let Some((_, number)) = self.under_way.pop_front() else { break };
            if number < self.spoken {
                self.late.push(number);
            }
            self.highest = self.highest.max(number + 1);
        }
        if now < self.feedback_due || (self.spoken == self.highest && self.late.is_empty()) {
            return;
        }
        self.feedback_due = now + FEEDBACK;
        let fresh = self.spoken..self.highest;
        let mut told: Vec<_> = self.late.drain(..).map(|number| (number, true)).collect();
        told.extend(fresh.map(|n| (n, self.packets[n].arrived.is_some_and(|at| at <= now))));
        self.spoken = self.highest;
        if let Fate::Arrives(there) = back.send(start + now, 60 + told.len() * 2, rng) {
            self.feedback.push_back((there, told));
        }
    }

    fn hear(&mut self, at: Instant, now: Duration, round_trip: Duration, told: &[(usize, bool)]) {
        let first = told.iter().map(|(number, _)| *number).find(|number| *number >= self.known);
        if let Some(first) = first {
            let skipped = (first - self.known) as u32;
            self.estimator.unheard(skipped * LEN as u32);
            self.known = told.last().map_or(first, |(number, _)| number + 1);
        }
        for &(number, arrived) in told {
            let packet = &mut self.packets[number];
            let was_missing = packet.told == Told::Missing;
            match packet.arrived.filter(|_| arrived) {
                Some(there) if packet.told != Told::Arrived => {
                    packet.told = Told::Arrived;
                    self.estimator.arrived(&Arrival {
                        sent: Stamp(packet.sent.as_micros() as u32),
                        ticks: (there.as_micros() / 250) as u32,
                        size: LEN as u16,
                        was_missing,
                    });
                }
                None if packet.told == Told::Nothing => {
                    packet.told = Told::Missing;
                    self.estimator.lost();
                }
                _ => {}
            }
        }
        self.estimator.conclude(at, round_trip);
        let rate = self.rate();
        self.rates.push((now, rate));
    }
}
