//! Whether congestion lasts: the one reason to show somebody less.

use std::time::{Duration, Instant};

/// How long it must last. Longer stays with a queue that is too long, shorter takes pictures
/// away for a moment's hiccup.
const LASTING: Duration = Duration::from_secs(1);
/// How long where [`LITTLE`] of it fits: a picture of which a third comes stands still.
/// Longer is a longer freeze, shorter believes a single feedback.
const LASTING_LITTLE: Duration = Duration::from_millis(200);
/// Less than this share fitting is little. With more, the first look at a link that fell is often too
/// low, and the picture changes twice.
pub const LITTLE: f64 = 0.3;
/// So long without a sign of it ends it: signs come with frames and feedback, not continuously.
const GAP: Duration = Duration::from_millis(300);

/// Congestion in the course of time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Strain {
    /// Since when, and when last seen.
    seen: Option<(Instant, Instant)>,
}

impl Strain {
    /// Takes in whether there is a sign of congestion now, and which share of what is to be sent the
    /// link carries, 0 to 1; true once it has lasted. What is done about it is given time: the next
    /// truth is that long away again.
    pub fn look(&mut self, now: Instant, strained: bool, fits: f64) -> bool {
        if let Some((_, last)) = self.seen
            && now.saturating_duration_since(last) > GAP
        {
            self.seen = None;
        }
        if !strained {
            return false;
        }
        let (since, _) = self.seen.unwrap_or((now, now));
        let needed = if fits < LITTLE { LASTING_LITTLE } else { LASTING };
        let lasting = now.saturating_duration_since(since) >= needed;
        self.seen = Some((if lasting { now } else { since }, now));
        lasting
    }

    /// Whether there was a sign of it just now.
    #[must_use]
    pub fn is_strained(&self, now: Instant) -> bool {
        self.seen.is_some_and(|(_, last)| now.saturating_duration_since(last) <= GAP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lasts_counts_and_each_second_of_it_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut strain = Strain::default();
        let lasting = |strain: &mut Strain, from: u64, to: u64| {
            (from..to).step_by(100).filter(|ms| strain.look(at(*ms), true, 1.0)).count()
        };
        assert_eq!(lasting(&mut strain, 0, 900), 0);
        assert!(!strain.look(at(1_000), false, 1.0));
        assert_eq!(lasting(&mut strain, 1_300, 2_300), 0, "it began anew");
        assert_eq!(lasting(&mut strain, 2_300, 4_400), 3);
        assert!(strain.is_strained(at(4_500)) && !strain.is_strained(at(5_000)));
    }

    #[test]
    fn where_little_fits_less_is_shown_sooner() {
        let start = Instant::now();
        let after = |fits: f64| {
            let mut strain = Strain::default();
            let at = |ms: u64| start + Duration::from_millis(ms);
            (0..2_000).step_by(100).find(|ms| strain.look(at(*ms), true, fits))
        };
        assert_eq!([0.95, 0.5, 0.2].map(after), [Some(1_000), Some(1_000), Some(200)]);
    }
}
