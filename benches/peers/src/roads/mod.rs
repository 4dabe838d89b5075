//! Who judges a link better: our estimator and those of other libraries on the same roads.
//!
//! The roads are those of `conf-media/tests/congestion` (RFC 8867, adapted), in virtual time, with
//! a source that could always send more; each [`Rival`] decides how much it does. See
//! [`table`] for what is printed.

pub mod course;
mod gcc;
#[path = "../../../../conf-media/tests/congestion/flow.rs"]
mod ours;
mod session;
pub mod table;

use std::ops::Range;
use std::time::Duration;

use conf_sim::road::Sender;

use self::ours::Flow;
use self::session::{Reading, Session};

/// What each begins with and sends at most, in bits per second.
const FIRST: f64 = 300e3;
const MOST: f64 = 20e6;

/// Who decides on the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// `conf_media::bwe::Estimator`, driven as its own stories drive it.
    Ours,
    /// Two connected peers of `str0m`, with its estimator, pacer and probes, and a source that
    /// sends what the library's event tells it to: a mean of three seconds.
    Str0m,
    /// The same with a source that reads the estimate itself from the library's statistics.
    Str0mAtOnce,
    /// The send-side estimator of `rtc-interceptor`, with its history of packets.
    Gcc,
}

impl Rival {
    /// All, in the order of the table's columns.
    pub const ALL: [Self; 4] = [Self::Ours, Self::Str0m, Self::Str0mAtOnce, Self::Gcc];

    /// As the table calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "conf-media",
            Self::Str0m => "str0m 0.25",
            Self::Str0mAtOnce => "str0m, estimate at once",
            Self::Gcc => "rtc-interceptor 0.21",
        }
    }

    /// One that sends within these times.
    fn sender(self, active: &[Range<Duration>]) -> Box<dyn Sender> {
        match self {
            Self::Ours => Box::new(Flow::new(MOST, active)),
            Self::Str0m => Box::new(Session::new(Reading::Told, active)),
            Self::Str0mAtOnce => Box::new(Session::new(Reading::AtOnce, active)),
            Self::Gcc => Box::new(gcc::sender(active)),
        }
    }
}
