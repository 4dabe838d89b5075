//! A headless participant: for whole-server tests, load and bots.
//!
//! Without features: [`Session`](session::Session) (signalling), [`Studio`](synthetic::Studio)
//! (media without devices) and [`Reception`](reception::Reception) (what arrived), all
//! without sockets or clocks.
#![forbid(unsafe_code)]

#[cfg(feature = "driver")]
pub mod driver;
#[cfg(feature = "driver")]
pub mod light;
#[cfg(feature = "driver")]
pub mod link;
#[cfg(feature = "driver")]
pub mod media;
#[cfg(feature = "driver")]
pub mod process;
pub mod reception;
pub mod room;
#[cfg(feature = "driver")]
pub mod script;
pub mod session;
pub mod synthetic;
