//! A virtual clock and a simulated network, so that seconds of meeting take milliseconds and
//! every run with the same seed is the same run.
//!
//! A test owns a [`Clock`], a [`Rng`] and a [`Net`] of [`Link`]s, hands datagrams to the net and
//! jumps to whatever happens next:
//!
//! ```
//! use std::time::Duration;
//! use conf_sim::{Clock, Link, Net};
//!
//! let mut clock = Clock::new();
//! let mut net = Net::seeded(7);
//! net.connect("alice", "server", Link::new().delay(Duration::from_millis(20)));
//! net.send(clock.now(), "alice", "server", b"hello".to_vec());
//!
//! clock.advance_to(net.next_arrival().unwrap());
//! let delivery = net.receive(clock.now()).unwrap();
//! assert_eq!((delivery.to, &delivery.bytes[..]), ("server", &b"hello"[..]));
//! assert_eq!(clock.elapsed(), Duration::from_millis(20));
//! ```

mod clock;
mod greedy;
mod link;
mod net;
mod rng;
pub mod road;

pub use self::{
    clock::Clock,
    greedy::Greedy,
    link::{Fate, Link},
    net::{Delivery, Net},
    rng::Rng,
};
