//! Whether congestion lasts: the one reason to show somebody less.

use std::time::{Duration, Instant};

/// How long it must last. Longer stays with a queue that is too long, shorter takes pictures
/// away for a moment's hiccup.
const LASTING: Duration = Duration::from_secs(1);
/// So long without a sign of it ends it: signs come with frames and feedback, not continuously.
const GAP: Duration = Duration::from_millis(300);

/// Congestion in the course of time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Strain {
    /// Since when, and when last seen.
    seen: Option<(Instant, Instant)>,
}

impl Strain {
    /// Takes in whether there is a sign of congestion now; true once it has lasted. What is done
    /// about it is given time: the next truth is that long away again.
    pub fn look(&mut self, now: Instant, strained: bool) -> bool {
        if let Some((_, last)) = self.seen
            && now.saturating_duration_since(last) > GAP
        {
            self.seen = None;
        }
        if !strained {
            return false;
        }
        let (since, _) = self.seen.unwrap_or((now, now));
        let lasting = now.saturating_duration_since(since) >= LASTING;
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
            (from..to).step_by(100).filter(|ms| strain.look(at(*ms), true)).count()
        };
        assert_eq!(lasting(&mut strain, 0, 900), 0);
        assert!(!strain.look(at(1_000), false));
        assert_eq!(lasting(&mut strain, 1_300, 2_300), 0, "it began anew");
        assert_eq!(lasting(&mut strain, 2_300, 4_400), 3);
        assert!(strain.is_strained(at(4_500)) && !strain.is_strained(at(5_000)));
    }
}
