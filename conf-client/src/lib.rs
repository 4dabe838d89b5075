//! A headless participant: for whole-server tests, load and bots.
//!
//! Without features: [`Session`](session::Session) (signalling), [`Studio`](synthetic::Studio)
//! (media without devices) and [`Reception`](reception::Reception) (what arrived), all
//! without sockets or clocks.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use conf_client::synthetic::{CameraPlan, Studio, read_payload};
//! use conf_proto::{ParticipantId, Source, VideoCodec};
//!
//! // A camera nobody has: 300 kbit/s at 30 frames a second, marked so that loss and latency show.
//! let start = Instant::now();
//! let mut studio = Studio::new(start, false, Some(CameraPlan::single(300, 30)), 0);
//! studio.identify(ParticipantId::from_number(7));
//! studio.switch(start, Source::Camera, true);
//! let packet = studio.poll(start + Duration::from_millis(40), 40_000).expect("a frame is due");
//! assert!(read_payload(&packet.payload, Some(VideoCodec::Vp8)).is_some());
//! ```

#[cfg(feature = "driver")]
pub mod driver;
#[cfg(feature = "driver")]
pub mod light;
#[cfg(feature = "driver")]
pub mod link;
#[cfg(feature = "driver")]
pub mod load;
#[cfg(feature = "driver")]
pub mod media;
#[cfg(feature = "driver")]
pub mod process;
pub mod reception;
pub mod room;
#[cfg(feature = "driver")]
pub mod script;
pub mod session;
#[cfg(feature = "driver")]
pub mod str0m_peer;
pub mod synthetic;
