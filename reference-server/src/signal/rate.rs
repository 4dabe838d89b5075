//! How fast something may be asked: a bucket of tokens with the time handed in.

use std::time::{Duration, Instant};

/// How fast, over time and at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// Tokens that come back per second.
    pub(crate) per_second: f64,
    /// Tokens a full bucket has.
    pub(crate) burst: f64,
}

/// Requests of one session: a person clicks far less; a client that restores its
/// wishes after a resume sends a handful.
pub(crate) const SESSION: Rate = Rate { per_second: 50.0, burst: 100.0 };

/// A token bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    tokens: f64,
    filled: Instant,
}

impl Rate {
    /// `count` a minute, all of them at once if need be.
    pub(crate) fn per_minute(count: u32) -> Self {
        Self { per_second: f64::from(count) / 60.0, burst: f64::from(count) }
    }
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, tokens: rate.burst, filled: now }
    }

    /// Takes a token if there is one.
    ///
    /// # Errors
    /// How long until there is.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let seconds = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + seconds * self.rate.per_second).min(self.rate.burst);
        if self.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate.per_second));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = Bucket::full(SESSION, start);
        let taken = |bucket: &mut Bucket, at| {
            std::iter::repeat_with(|| bucket.take(at)).take_while(Result::is_ok).count()
        };
        assert_eq!(taken(&mut bucket, start), 100);
        assert_eq!(taken(&mut bucket, start + Duration::from_secs(1)), 50);
    }

    #[test]
    fn who_waits_as_long_as_told_gets_the_next_token() {
        let start = Instant::now();
        let mut bucket = Bucket::full(Rate::per_minute(2), start);
        bucket.take(start).expect("the first");
        bucket.take(start).expect("the second");
        let wait = bucket.take(start).expect_err("empty");
        assert!(wait <= Duration::from_secs(30), "{wait:?}");
        assert!(bucket.take(start + wait / 2).is_err());
        bucket.take(start + wait + Duration::from_millis(1)).expect("it is back");
    }
}
