//! What happens to a packet on its way from one source to one subscriber.
//!
//! In order: [`Gate`] (may this source be heard at all), [`Select`] (is this packet of the layer
//! this subscriber gets), [`Rewrite`] (which numbers it goes out with), [`Sent`] (what those
//! numbers stood for, when a repair is asked for). Each is a small struct per track or per
//! subscription; none allocates per packet.

pub mod gate;
pub(crate) mod redundancy;
pub mod rewrite;
pub mod select;
pub mod sent;

pub use gate::Gate;
pub use rewrite::{Outgoing, Rewrite};
pub use select::{Dropped, Select, Verdict};
pub use sent::{Origin, Sent};

/// One stream of packets a subscription can be fed from: an encoding of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// The caller's small number for the track (an index, not an id).
    pub source: u32,
    /// Which encoding of it, lowest first.
    pub encoding: u8,
}
