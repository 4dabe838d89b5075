//! Who has the floor: those who talk keep their place before those who begin, and these before
//! those who are silent.

use std::time::{Duration, Instant};

/// How fast places are given and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How much must have been said to get a place. Larger ignores more coughs and clicks,
    /// smaller lets a new voice be heard sooner.
    pub onset: Duration,
    /// Silence after which a place is given up. Larger bridges longer pauses, smaller gives way
    /// sooner.
    pub release: Duration,
    /// How long someone who talks must have waited before a clearly quieter one makes way.
    /// Without it a humming fan would keep a place for ever; shorter lets a loud one interrupt.
    pub patience: Duration,
}

impl Pace {
    /// For sound: a new voice within 300 ms, given up in the pauses between words and not within
    /// one (stop consonants last about 100 ms).
    pub const SOUND: Self = Self {
        onset: Duration::from_millis(60),
        release: Duration::from_millis(200),
        patience: Duration::from_millis(1_000),
    };
    /// For pictures: a turn of several words, kept over pauses for breath.
    pub const PICTURE: Self = Self {
        onset: Duration::from_millis(800),
        release: Duration::from_millis(1_500),
        patience: Duration::from_millis(3_000),
    };
}

/// Loud packets further apart are not one stretch of speech.
const SYLLABLE: Duration = Duration::from_millis(200);
/// How much louder one who waits must be than the one who makes way, in decibels.
const MARGIN: f32 = 6.0;

/// One source's claim to a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// The latest loud packet.
    loud: Option<Instant>,
    /// How much was said since the last silence.
    said: Duration,
    /// Since when it has the floor; decides the order among those who do.
    holds: Option<Instant>,
    /// Since when its place was not exchanged.
    settled: Option<Instant>,
    /// When it last had the floor.
    spoke: Option<Instant>,
}

impl Turn {
    /// Whether it has the floor.
    pub(super) fn holds(&self) -> bool {
        self.holds.is_some()
    }

    /// Notes a loud packet.
    pub(super) fn heard(&mut self, now: Instant) {
        let gap = self.loud.map(|at| now.saturating_duration_since(at));
        self.said += gap.filter(|gap| *gap <= SYLLABLE).unwrap_or_default();
        self.loud = Some(now);
    }

    /// Gives the floor, or takes it; whether it did either.
    pub(super) fn update(&mut self, now: Instant, pace: &Pace) -> bool {
        let before = self.holds();
        let silent = self.loud.is_none_or(|at| now.saturating_duration_since(at) >= pace.release);
        if silent {
            (self.said, self.holds, self.settled) = (Duration::ZERO, None, None);
            return before;
        }
        if self.holds.is_none() && self.said >= pace.onset {
            (self.holds, self.settled) = (Some(now), Some(now));
        }
        if self.holds.is_some() {
            self.spoke = self.loud;
        }
        before != self.holds()
    }

    /// Ends whatever is being said.
    pub(super) fn end(&mut self) {
        *self = Self { spoke: self.spoke, ..Self::default() };
    }

    /// What it is ordered by: the floor and since when, else how lately. Those who got the floor
    /// in the same moment are equal and stay as they are.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let lately = self.holds.is_none().then_some(std::cmp::Reverse(self.spoke));
        (self.holds.is_none(), self.holds, lately)
    }

    /// Takes the place of `ahead`, if both have the floor, this one is clearly louder and has
    /// waited long enough.
    pub(super) fn overtake(
        &mut self,
        loudness: f32,
        ahead: &mut Self,
        other: f32,
        now: Instant,
        pace: &Pace,
    ) -> bool {
        let (Some(mine), Some(theirs), Some(settled)) = (self.holds, ahead.holds, self.settled)
        else {
            return false;
        };
        if loudness <= other + MARGIN || now.saturating_duration_since(settled) < pace.patience {
            return false;
        }
        (self.holds, ahead.holds) = (Some(theirs), Some(mine));
        (self.settled, ahead.settled) = (Some(now), Some(now));
        true
    }
}
