//! What time it is: the only place of this crate that reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The age beyond which a kernel stamp is not believed: the wall clock was set meanwhile.
const OLDEST: Duration = Duration::from_secs(2);

/// Both clocks, read together once per batch.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    wall: Duration,
}

impl Now {
    pub(super) fn read() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), wall }
    }

    /// When a datagram arrived, from the kernel's stamp; `self` was read after the receive.
    pub(super) fn arrived(&self, stamp: Option<Duration>) -> Instant {
        stamp
            .and_then(|stamp| self.wall.checked_sub(stamp))
            .filter(|age| *age <= OLDEST)
            .and_then(|age| self.instant.checked_sub(age))
            .unwrap_or(self.instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_becomes_an_instant_as_long_before_now() {
        let now = Now { instant: Instant::now(), wall: Duration::from_secs(1000) };
        let stamp = Duration::from_millis(999_990);
        assert_eq!(now.arrived(Some(stamp)), now.instant - Duration::from_millis(10));
        assert_eq!(now.arrived(None), now.instant);
    }

    #[test]
    fn stamps_of_a_clock_that_was_set_are_not_believed() {
        let now = Now { instant: Instant::now(), wall: Duration::from_secs(1000) };
        assert_eq!(now.arrived(Some(Duration::from_secs(1001))), now.instant);
        assert_eq!(now.arrived(Some(Duration::from_secs(10))), now.instant);
    }
}
