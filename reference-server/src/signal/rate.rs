//! How fast one session may ask: a bucket of tokens with the time handed in.

use std::time::Instant;

/// Requests a session may make per second, over time. A person clicks far less;
/// a client that restores its wishes after a resume sends a handful.
const PER_SECOND: f64 = 50.0;

/// Requests it may make at once.
const BURST: f64 = 100.0;

/// A token bucket.
pub(crate) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(now: Instant) -> Self {
        Self { tokens: BURST, filled: now }
    }

    /// Takes a token if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + seconds * PER_SECOND).min(BURST);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = Bucket::full(start);
        let burst = std::iter::repeat_with(|| bucket.take(start)).take_while(|ok| *ok).count();
        assert_eq!(burst, 100);

        let later = start + Duration::from_secs(1);
        let refilled = std::iter::repeat_with(|| bucket.take(later)).take_while(|ok| *ok).count();
        assert_eq!(refilled, 50);
    }
}
