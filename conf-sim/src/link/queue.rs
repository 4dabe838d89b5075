//! What stands before a wire, and what is dropped rather than kept standing.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A queue that is served in order. Everything about a datagram is decided when it comes, because
/// nothing that comes later changes when it would leave.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// Bytes that may stand in it.
    bytes: usize,
    standing: VecDeque<(Instant, usize)>,
    sum: usize,
    codel: Option<Codel>,
}

impl Queue {
    /// Drops what comes while it is full.
    pub(super) fn drop_tail(bytes: usize) -> Self {
        Self { bytes, standing: VecDeque::new(), sum: 0, codel: None }
    }

    /// Drops earlier, by how long things stand (RFC 8289).
    pub(super) fn codel(bytes: usize) -> Self {
        Self { codel: Some(Codel::default()), ..Self::drop_tail(bytes) }
    }

    /// Changes how many bytes may stand in it; what is there stays.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.bytes = bytes;
    }

    /// Whether a datagram of `len` bytes that comes `now` is kept, given when the wire would begin
    /// with it and how long the wire needs for a full-sized datagram.
    pub(super) fn takes(
        &mut self,
        now: Instant,
        begins: Instant,
        full: Duration,
        len: usize,
    ) -> bool {
        while let Some((leaves, gone)) = self.standing.front().copied()
            && leaves <= now
        {
            self.sum -= gone;
            self.standing.pop_front();
        }
        self.sum + len <= self.bytes
            && self.codel.as_mut().is_none_or(|codel| codel.takes(now, begins, full))
    }

    /// Notes when one that was kept leaves the wire.
    pub(super) fn keep(&mut self, leaves: Instant, len: usize) {
        self.sum += len;
        self.standing.push_back((leaves, len));
    }
}

/// The standing delay that is fine (RFC 8289, section 4.3).
const TARGET: Duration = Duration::from_millis(5);
/// How long it may be more before something is dropped: about the longest round trip.
const INTERVAL: Duration = Duration::from_millis(100);

/// When to drop so that no queue stands (RFC 8289, section 5).
///
/// Instead of looking whether less than a full datagram is left behind, which is not known yet
/// when this is asked, no delay counts that the wire needs for one and a half.
#[derive(Clone, Debug, Default)]
struct Codel {
    /// When the delay will have been too much for an interval.
    first_above: Option<Instant>,
    dropping: bool,
    drop_next: Option<Instant>,
    count: u32,
    last_count: u32,
}

impl Codel {
    fn takes(&mut self, came: Instant, leaves: Instant, full: Duration) -> bool {
        let target = TARGET.max(full.mul_f64(1.5));
        let too_long = if leaves.saturating_duration_since(came) < target {
            self.first_above = None;
            false
        } else {
            *self.first_above.get_or_insert(leaves + INTERVAL) <= leaves
        };
        if !too_long {
            self.dropping = false;
            return true;
        }
        if self.dropping {
            let Some(next) = self.drop_next.filter(|next| *next <= leaves) else { return true };
            self.count += 1;
            self.drop_next = Some(next + self.pause());
            return false;
        }
        // Begins where it left off if that was not long ago.
        let lately = self.drop_next.is_some_and(|next| leaves < next + INTERVAL * 16);
        let more = self.count.saturating_sub(self.last_count);
        self.count = if lately && more > 1 { more } else { 1 };
        self.last_count = self.count;
        self.dropping = true;
        self.drop_next = Some(leaves + self.pause());
        false
    }

    fn pause(&self) -> Duration {
        INTERVAL.div_f64(f64::from(self.count).sqrt())
    }
}
