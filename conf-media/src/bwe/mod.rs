//! How much a subscriber's link carries, from the feedback it sends about what it is sent.
//!
//! In order: [`History`] remembers what left and when, [`Estimator`] compares that with what the
//! peer says of its arrival (`start` says how fast one may begin, the limit follows in `control`,
//! `probe` tries out more, and `rival` tells whether the queue is somebody else's), [`Bucket`] turns an estimate into the pace at which packets leave,
//! [`Strain`] tells lasting congestion from a hiccup. All of it is arithmetic over values handed
//! in: no clock is read, nothing is allocated per packet.
//!
//! Read for this: the rmcat GCC draft (draft-ietf-rmcat-gcc-02), Carlucci et al., "Analysis and
//! design of the Google congestion control for WebRTC" (MMSys 2016), RFC 8888 on what feedback
//! can tell, RFC 8298 (SCReAM) on queues and RFC 8867 on what to test.

pub mod acked;
pub mod bucket;
mod control;
pub mod estimator;
pub mod history;
pub mod loss;
mod probe;
pub mod queue;
mod rival;
mod start;
pub mod strain;
pub mod trend;

pub use bucket::Bucket;
pub use estimator::{Arrival, Estimate, Estimator};
pub use history::{Fate, History, Resolved};
pub use strain::Strain;

/// A moment on the sender's clock: microseconds since any fixed instant, modulo 2^32.
///
/// Only differences mean anything, and only below half the circle (35 minutes): packets are
/// remembered for seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp(pub u32);

impl Stamp {
    /// Microseconds from `earlier` to this one; negative when it is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.wrapping_sub(earlier.0) as i32
    }
}
