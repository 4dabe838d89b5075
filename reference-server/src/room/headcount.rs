//! How many people this meeting adds to the server's gauges.

use crate::telemetry::metric::name;

/// One meeting's share; taken back when dropped.
pub(super) struct Headcount {
    present: u32,
}

impl Headcount {
    /// Counts a meeting with `present` people in it.
    pub(super) fn new(present: u32) -> Self {
        metrics::gauge!(name::ROOM_MEETINGS).increment(1.0);
        metrics::gauge!(name::ROOM_PARTICIPANTS).increment(present);
        Self { present }
    }

    /// One more.
    pub(super) fn joined(&mut self) {
        self.present += 1;
        metrics::gauge!(name::ROOM_PARTICIPANTS).increment(1.0);
    }

    /// One less.
    pub(super) fn left(&mut self) {
        self.present = self.present.saturating_sub(1);
        metrics::gauge!(name::ROOM_PARTICIPANTS).decrement(1.0);
    }
}

impl Drop for Headcount {
    fn drop(&mut self) {
        metrics::gauge!(name::ROOM_MEETINGS).decrement(1.0);
        metrics::gauge!(name::ROOM_PARTICIPANTS).decrement(self.present);
    }
}
