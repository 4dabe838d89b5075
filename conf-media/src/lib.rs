#![doc = include_str!("course.md")]
#![cfg_attr(
    not(feature = "endpoint"),
    allow(dead_code, reason = "what only endpoints call is left out with them")
)]

pub mod allocate;
pub mod bwe;
pub mod forward;
#[doc(hidden)]
pub mod fuzzing;
pub mod id;
mod prefetch;
pub mod quality;
pub mod rtcp;
pub mod rtp;
pub mod speaker;
pub mod stats;
pub mod track;
pub mod unit;

#[cfg(feature = "driver")]
pub mod driver;
#[cfg(feature = "endpoint")]
pub mod endpoint;
#[cfg(feature = "endpoint")]
pub mod relay;
#[cfg(feature = "endpoint")]
pub mod shard;

pub use crate::id::{EndpointId, GroupId, MediaKind, TrackId};
