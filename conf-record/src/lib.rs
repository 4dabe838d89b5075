//! What remains afterwards: what a recorder is given, what it may write, what it asks for.
//!
//! **There is no recorder yet.** This crate so far holds its rule – nothing
//! is written for a source that nobody allowed – and the types of what goes
//! in and what comes out. Files, depacketizing and timelines follow.
//!
//! It has never heard of meetings: the caller, who knows about consent, says
//! source by source what may be written from which moment on.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use conf_media::TrackId;
//! use conf_record::{Gate, Verdict};
//!
//! let (alice, start) = (TrackId(1), Instant::now());
//! let mut gate = Gate::default();
//! assert_eq!(gate.judge(alice, start), Verdict::Drop);
//!
//! gate.allow(alice, start + Duration::from_secs(1));
//! assert_eq!(gate.judge(alice, start), Verdict::Drop); // arrived before the consent
//! assert_eq!(gate.judge(alice, start + Duration::from_secs(2)), Verdict::Write);
//!
//! gate.forbid(alice);
//! assert_eq!(gate.judge(alice, start + Duration::from_secs(3)), Verdict::Drop);
//! ```
#![forbid(unsafe_code)]

pub mod gate;
pub mod input;
pub mod output;

pub use gate::{Gate, Verdict};
pub use input::Input;
pub use output::Output;
