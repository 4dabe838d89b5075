//! A sender with all it could want to send, its receiver, and the feedback between them.

use std::{
    collections::VecDeque,
    ops::Range,
    time::{Duration, Instant},
};

use super::{Sender, Turn};

/// Bytes of every packet.
pub const LEN: usize = 1_200;
/// Between two packets of feedback.
const FEEDBACK: Duration = Duration::from_millis(50);

/// What decides on the rate.
pub trait Control {
    /// Notes that a packet leaves now; they are numbered from zero.
    fn sent(&mut self, at: Instant, number: usize) {
        let _ = (at, number);
    }

    /// Takes in a packet of feedback, so many packets after the last one that got through.
    fn hear(&mut self, at: Instant, round_trip: Duration, skipped: usize, news: &[News]);

    /// Bits per second it would send now.
    fn rate(&self) -> f64;
}

/// What feedback says of a packet. What it says again is left out.
#[derive(Clone, Copy, Debug)]
pub struct News {
    /// Of the packet.
    pub number: usize,
    /// By the sender's clock, from the road's start.
    pub sent: Duration,
    /// By the receiver's, if it has.
    pub arrived: Option<Duration>,
    /// It was said to be missing.
    pub was_missing: bool,
}

/// What became of a packet, and what its sender knows of it.
#[derive(Clone, Copy, Debug)]
struct Under {
    sent: Duration,
    arrived: Option<Duration>,
    told: Told,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Nothing,
    Missing,
    Arrived,
}

/// One flow under a congestion control.
#[derive(Debug)]
pub struct Elastic<C> {
    control: C,
    active: Vec<Range<Duration>>,
    most: f64,
    packets: Vec<Under>,
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

impl<C: Control + Default> Elastic<C> {
    /// A flow that sends at most so many bits per second, within these times.
    #[must_use]
    pub fn new(most: f64, active: &[Range<Duration>]) -> Self {
        Self::under(C::default(), most, active)
    }
}

impl<C: Control> Elastic<C> {
    /// The same under a control that is handed over.
    #[must_use]
    pub fn under(control: C, most: f64, active: &[Range<Duration>]) -> Self {
        Self {
            control,
            active: active.to_vec(),
            most,
            packets: Vec::new(),
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

    fn rate(&self) -> f64 {
        self.control.rate().min(self.most)
    }

    fn receive(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now();
        while self.under_way.front().is_some_and(|(there, _)| *there <= turn.at()) {
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
        if let Some(there) = turn.answer(60 + told.len() * 2) {
            self.feedback.push_back((there, told));
        }
    }

    fn hear(&mut self, turn: &mut Turn<'_>, told: &[(usize, bool)]) {
        let first = told.iter().map(|(number, _)| *number).find(|number| *number >= self.known);
        let skipped = first.map_or(0, |first| first - self.known);
        if let Some(first) = first {
            self.known = told.last().map_or(first, |(number, _)| number + 1);
        }
        let mut news = Vec::new();
        for &(number, arrived) in told {
            let packet = &mut self.packets[number];
            let was_missing = packet.told == Told::Missing;
            let arrived = packet.arrived.filter(|_| arrived);
            let fresh = match arrived {
                Some(_) => packet.told != Told::Arrived,
                None => packet.told == Told::Nothing,
            };
            if fresh {
                packet.told = if arrived.is_some() { Told::Arrived } else { Told::Missing };
                news.push(News { number, sent: packet.sent, arrived, was_missing });
            }
        }
        self.control.hear(turn.at(), turn.round_trip(), skipped, &news);
        turn.note(self.rate());
    }
}

impl<C: Control> Sender for Elastic<C> {
    fn turn(&mut self, turn: &mut Turn<'_>) {
        let at = turn.at();
        self.receive(turn);
        while self.feedback.front().is_some_and(|(there, _)| *there <= at) {
            let Some((_, told)) = self.feedback.pop_front() else { break };
            self.hear(turn, &told);
        }
        if !self.active.iter().any(|active| active.contains(&turn.now())) {
            self.credit = 0.0;
            return;
        }
        self.credit = (self.credit + self.rate() / 8.0 / 1e3).min(3.0 * LEN as f64);
        while self.credit >= LEN as f64 {
            self.credit -= LEN as f64;
            let number = self.packets.len();
            self.control.sent(at, number);
            let there = turn.send(LEN);
            if let Some(there) = there {
                let place = self.under_way.partition_point(|(other, _)| *other <= there);
                self.under_way.insert(place, (there, number));
            }
            let arrived = there.map(|there| turn.since_start(there));
            self.packets.push(Under { sent: turn.now(), arrived, told: Told::Nothing });
        }
    }
}
