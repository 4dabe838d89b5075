//! Two other SFUs to compare with, small, honest and without installation.
//!
//! - `peer-str0m`: on the sans-IO library `str0m`, with a loop of our own
//! - `peer-webrtc`: on the asynchronous library `webrtc`
//!
//! Both are built as well as their library lets one and speak WHIP and WHEP as `conf-server` does
//! ([`whip`]), so that the same `conf-load` command measures all three. What each has switched on
//! stands at the top of its program. They have no tokens, no lobby and no limits: they listen on
//! loopback and are for measurements only.
#![forbid(unsafe_code)]

pub mod lines;
pub mod options;
pub mod whip;
