//! What time it is in a test: it moves when told to, and only forwards.

use std::time::{Duration, Instant};

/// A clock turned by hand.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    now: Instant,
}

impl Clock {
    /// A clock at its start. The real time is read once, because an `Instant` cannot be made
    /// from nothing; nothing depends on which one it is.
    #[must_use]
    pub fn new() -> Self {
        let start = Instant::now();
        Self { start, now: start }
    }

    /// Moves to `at`; stays where it is if that is in the past.
    pub fn advance_to(&mut self, at: Instant) {
        self.now = self.now.max(at);
    }

    /// Moves forwards by `span`.
    pub fn advance(&mut self, span: Duration) {
        self.now += span;
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How far the clock has come since its start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
