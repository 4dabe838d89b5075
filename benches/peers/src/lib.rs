//! Two other SFUs to compare with, small, honest and without installation.
//!
//! - `peer-str0m`: on the sans-IO library `str0m`, with a loop of our own
//! - `peer-webrtc`: on the asynchronous library `webrtc`
//!
//! Both are built as well as their library lets one and speak WHIP and WHEP as `conf-server` does
//! ([`whip`]), so that the same `conf-load` command measures all three. What each has switched on
//! stands at the top of its program. They have no tokens, no lobby and no limits: they listen on
//! loopback and are for measurements only.
//!
//! A third program, `roads`, needs no network: it sends their libraries' bandwidth estimators and
//! ours over the same simulated roads ([`roads`]).
#![forbid(unsafe_code)]

pub mod lines;
pub mod options;
pub mod roads;
pub mod whip;
