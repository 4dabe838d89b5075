//! How well a peer's media comes and goes, judged from what is measured of its link.

use std::time::Duration;

/// How well a link carries media. Better ones are less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Nothing to notice.
    #[default]
    Good,
    /// Some loss or delay.
    Fair,
    /// Sound or picture suffer.
    Poor,
    /// No media at all.
    Lost,
}

/// What was measured of one link over the time since the last judgement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Share of the packets it sent that never came, repairs included; 0 to 1.
    pub uplink_loss: f32,
    /// Share of the packets it was sent that did not come at first, by its own reports; 0 to 1.
    /// Repairs are not in it: what a peer gets back by retransmission it still waits for.
    pub downlink_loss: f32,
    /// Interarrival jitter of what it sends (RFC 3550, section 6.4.1).
    pub jitter: Duration,
    /// There and back; none while no report has shown it.
    pub round_trip: Option<Duration>,
    /// How long nothing authentic has come from it.
    pub silence: Duration,
}

/// Limits of one level: what exceeds any of them is worse.
struct Limits {
    loss: f32,
    jitter: Duration,
    round_trip: Duration,
}

/// Loss: concealment and in-band error correction hide two in a hundred; from eight in a hundred
/// words are lost (the E-model of ITU-T G.107 with the values of G.113 for concealed codecs takes
/// about this much off a call). Delay: ITU-T G.114 asks for 150 ms one way and allows 400 ms; a
/// round trip is twice that, and the players' buffers take the rest. Jitter: what a player
/// buffers without being noticed, and what a call survives.
const GOOD: Limits = Limits {
    loss: 0.02,
    jitter: Duration::from_millis(30),
    round_trip: Duration::from_millis(300),
};
const FAIR: Limits = Limits {
    loss: 0.08,
    jitter: Duration::from_millis(80),
    round_trip: Duration::from_millis(700),
};
/// A peer that keeps its consent fresh sends at least one check in six seconds (RFC 7675, section
/// 5.1: every five, give or take a fifth).
const SILENCE: Duration = Duration::from_millis(6_500);

/// The part of a limit a measurement must stay below to count as better again. Smaller keeps a
/// bad mark for longer; larger flickers.
const EASE: f32 = 0.7;
/// Judgements in a row before it gets worse, and before it gets better: one burst of loss is no
/// bad link, and a link that has just recovered often fails again.
const WORSE_AFTER: u8 = 2;
const BETTER_AFTER: u8 = 3;

impl Sample {
    /// The level these measurements stand for, by the limits times `share`.
    fn level(&self, share: f32) -> Quality {
        let within = |limits: &Limits| {
            self.uplink_loss.max(self.downlink_loss) <= limits.loss * share
                && self.jitter <= limits.jitter.mul_f32(share)
                && self.round_trip.is_none_or(|trip| trip <= limits.round_trip.mul_f32(share))
        };
        if self.silence >= SILENCE {
            Quality::Lost
        } else if within(&GOOD) {
            Quality::Good
        } else if within(&FAIR) {
            Quality::Fair
        } else {
            Quality::Poor
        }
    }
}

/// The level of one link in the course of time, without flicker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judge {
    level: Quality,
    /// Judgements in a row that would make it worse, and better.
    worse: u8,
    better: u8,
}

impl Judge {
    /// Takes in the measurements of one interval (about two seconds); the level it is now.
    /// Silence and its end count at once.
    pub fn judge(&mut self, sample: &Sample) -> Quality {
        let found = sample.level(1.0);
        let eased = sample.level(EASE);
        if found == Quality::Lost {
            *self = Self { level: Quality::Lost, ..Self::default() };
        } else if self.level == Quality::Lost {
            *self = Self { level: found, ..Self::default() };
        } else if found > self.level {
            (self.worse, self.better) = (self.worse + 1, 0);
            if self.worse >= WORSE_AFTER {
                *self = Self { level: found, ..Self::default() };
            }
        } else if eased < self.level {
            (self.worse, self.better) = (0, self.better + 1);
            if self.better >= BETTER_AFTER {
                *self = Self { level: eased, ..Self::default() };
            }
        } else {
            (self.worse, self.better) = (0, 0);
        }
        self.level
    }

    /// The level of the last judgement.
    #[must_use]
    pub const fn level(&self) -> Quality {
        self.level
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn loss(share: f32) -> Sample {
        Sample { uplink_loss: share, ..Sample::default() }
    }

    fn trip(ms: u64) -> Sample {
        Sample { round_trip: Some(Duration::from_millis(ms)), ..Sample::default() }
    }

    #[test]
    fn a_single_burst_is_forgiven_and_lasting_loss_is_not() {
        let mut judge = Judge::default();
        assert_eq!(judge.judge(&loss(0.5)), Quality::Good);
        assert_eq!(judge.judge(&loss(0.0)), Quality::Good);
        assert_eq!(judge.judge(&loss(0.05)), Quality::Good);
        assert_eq!(judge.judge(&loss(0.05)), Quality::Fair);
        assert_eq!(judge.judge(&loss(0.2)), Quality::Fair);
        assert_eq!(judge.judge(&loss(0.2)), Quality::Poor);
    }

    #[test]
    fn it_gets_better_only_with_a_margin_and_after_a_while() {
        let mut judge = Judge::default();
        for _ in 0..2 {
            judge.judge(&trip(400));
        }
        assert_eq!(judge.level(), Quality::Fair);
        for _ in 0..9 {
            judge.judge(&trip(290));
        }
        assert_eq!(judge.level(), Quality::Fair, "just below the limit is not better yet");
        for _ in 0..2 {
            judge.judge(&trip(100));
        }
        assert_eq!(judge.level(), Quality::Fair);
        assert_eq!(judge.judge(&trip(100)), Quality::Good);
    }

    #[test]
    fn silence_and_its_end_count_at_once() {
        let mut judge = Judge::default();
        let silent = Sample { silence: Duration::from_secs(7), ..Sample::default() };
        assert_eq!(judge.judge(&silent), Quality::Lost);
        assert_eq!(judge.judge(&loss(0.0)), Quality::Good);
    }

    #[test]
    fn every_measure_counts_by_itself() {
        let jitter = Sample { jitter: Duration::from_millis(100), ..Sample::default() };
        let down = Sample { downlink_loss: 0.04, ..Sample::default() };
        for (sample, expected) in
            [(jitter, Quality::Poor), (down, Quality::Fair), (trip(800), Quality::Poor)]
        {
            assert_eq!(sample.level(1.0), expected, "{sample:?}");
        }
    }

    proptest! {
        #[test]
        fn what_wavers_around_a_limit_changes_the_level_once_at_most(
            around in proptest::collection::vec(0.0145f32..0.079, 1..200),
        ) {
            let mut judge = Judge::default();
            let mut changes = 0;
            let mut before = judge.level();
            for share in around {
                let level = judge.judge(&loss(share));
                changes += u32::from(level != before);
                before = level;
            }
            prop_assert!(changes <= 1, "{changes} changes");
        }
    }
}
