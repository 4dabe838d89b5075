//! When no frame may begin: a link fell so far that it would only stand before the lower keyframe
//! that is to come.

use std::time::{Duration, Instant};

/// How long at most, from the first doubt and again from the decision: what is held is late by as much
/// if the link did not fall. A camera of five frames a second answers a request within 300 ms.
const MOST: Duration = Duration::from_millis(500);

/// Whether frames are held back, and whose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nobody's.
    #[default]
    Off,
    /// Everybody's until then: it may be that little of them fits.
    Doubt(Instant),
    /// Until then those that a lower keyframe is awaited for.
    Fell(Instant),
    /// It was for long enough. Nobody's until it is calm again.
    Spent,
}

impl Hold {
    /// Takes in whether `little` fits, and whether it was believed just now.
    pub(crate) fn look(&mut self, now: Instant, little: bool, believed: bool) {
        *self = match *self {
            _ if little && believed => Self::Fell(now + MOST),
            Self::Off if little => Self::Doubt(now + MOST),
            Self::Doubt(until) | Self::Fell(until) if now >= until => Self::Spent,
            Self::Doubt(_) | Self::Spent if !little => Self::Off,
            kept => kept,
        };
    }

    /// Whether a frame of what somebody is shown may not begin, given whether they await another
    /// encoding. Cost: a comparison.
    pub(crate) fn stops(self, now: Instant, awaits: bool) -> bool {
        match self {
            Self::Off | Self::Spent => false,
            Self::Doubt(until) => now < until,
            Self::Fell(until) => awaits && now < until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_holds_all_and_a_fall_those_that_await_less() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut hold = Hold::default();
        assert!(!hold.stops(start, true));
        hold.look(start, true, false);
        assert!(hold.stops(at(499), false) && !hold.stops(at(500), false));
        hold.look(at(200), true, true);
        assert!(hold.stops(at(699), true) && !hold.stops(at(300), false));
        assert!(!hold.stops(at(700), true));
    }

    #[test]
    fn a_doubt_that_was_wrong_ends_and_one_that_lasts_does_not_hold_for_ever() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut hold = Hold::default();
        hold.look(start, true, false);
        hold.look(at(100), false, false);
        assert_eq!(hold, Hold::Off);
        for ms in (200..5_000).step_by(100) {
            hold.look(at(ms), true, false);
            assert_eq!(hold.stops(at(ms), false), ms < 700, "{ms}");
        }
        hold.look(at(5_000), false, false);
        hold.look(at(5_100), true, false);
        assert!(hold.stops(at(5_200), false));
    }
}
