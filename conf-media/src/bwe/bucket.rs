//! When a packet may leave: a credit of bytes that fills at the pacing rate.

use std::time::Duration;

use super::Stamp;
use crate::unit::Bitrate;

/// What leaves together at least: this much of the rate, so that backlog leaves in runs.
const QUANTUM_MICROS: u64 = 4_000;
/// Room for two packets however slow the rate is.
const LEAST_DEPTH: u64 = 3_000;
/// Room for a whole frame, keyframes included.
const FRAME_DEPTH: u64 = 96 * 1024;
/// The deepest debt: what is never held back (sound, a repair) cannot stop pictures for longer.
const DEBT: i64 = 32 * 1024;

/// How much credit is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The estimate is ample: whole frames leave at once.
    Frame,
    /// It is tight: packets are spread out.
    Quantum,
}

/// A credit of bytes. Cost: a multiplication and a division when time has passed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bucket {
    credit: i64,
    /// Bytes per second.
    rate: u64,
    depth: u64,
    filled: Stamp,
}

impl Bucket {
    /// A bucket that is full at `now`.
    #[must_use]
    pub fn new(now: Stamp, rate: Bitrate, depth: Depth) -> Self {
        let mut bucket = Self { filled: now, ..Self::default() };
        bucket.set(rate, depth);
        bucket.credit = bucket.depth as i64;
        bucket
    }

    /// Sets how fast it fills and how deep it is.
    pub fn set(&mut self, rate: Bitrate, depth: Depth) {
        self.rate = (rate.bps() / 8).max(1);
        self.depth = match depth {
            Depth::Frame => FRAME_DEPTH,
            // Whoever waits for a quantum may come late for it by as much.
            Depth::Quantum => (2 * self.rate * QUANTUM_MICROS / 1_000_000).max(LEAST_DEPTH),
        };
        self.credit = self.credit.min(self.depth as i64);
    }

    /// How fast it fills.
    #[must_use]
    pub const fn rate(&self) -> Bitrate {
        Bitrate::from_bps(self.rate * 8)
    }

    /// Adds what time has earned.
    pub fn fill(&mut self, now: Stamp) {
        let elapsed = now.since(self.filled).max(0) as u64;
        let earned = self.rate * elapsed / 1_000_000;
        // Time that has not earned a byte yet is kept.
        if earned > 0 {
            self.credit = (self.credit + earned as i64).min(self.depth as i64);
            self.filled = now;
        }
    }

    /// Whether a packet may leave.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.credit > 0
    }

    /// Whether no more than so many bytes were taken ahead of what comes in.
    #[must_use]
    pub const fn may_owe(&self, bytes: usize) -> bool {
        self.credit > -(bytes as i64)
    }

    /// Takes the credit of a packet that leaves, ready or not.
    pub fn take(&mut self, bytes: usize) {
        self.credit = (self.credit - bytes as i64).max(-DEBT);
    }

    /// How long from the last filling until a quantum may leave.
    #[must_use]
    pub fn wait(&self) -> Duration {
        let quantum = (self.rate * QUANTUM_MICROS / 1_000_000).clamp(1, self.depth.max(1));
        let missing = (quantum as i64 - self.credit).max(0) as u64;
        Duration::from_micros((missing * 1_000_000).div_ceil(self.rate.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_is_the_rate_and_a_frame_at_once_when_it_is_ample() {
        let mut bucket = Bucket::new(Stamp(0), Bitrate::from_kbps(800), Depth::Quantum);
        let mut sent = 0;
        let mut now = 0u32;
        while now < 2_000_000 {
            bucket.fill(Stamp(now));
            while bucket.is_ready() {
                bucket.take(1_000);
                sent += 1_000;
            }
            let wait = bucket.wait();
            assert!(wait >= Duration::from_millis(2), "{wait:?}");
            now += wait.as_micros() as u32;
        }
        assert!((198_000..206_000).contains(&sent), "{sent} bytes in two seconds of 800 kbit/s");

        let mut ample = Bucket::new(Stamp(0), Bitrate::from_kbps(800), Depth::Frame);
        for _ in 0..60 {
            assert!(ample.is_ready());
            ample.take(1_200);
        }
        ample.set(Bitrate::from_kbps(800), Depth::Quantum);
        assert!(ample.is_ready());
        for _ in 0..100 {
            ample.take(1_200);
        }
        ample.fill(Stamp(400_000));
        assert!(ample.is_ready(), "debt is bounded");
    }
}
