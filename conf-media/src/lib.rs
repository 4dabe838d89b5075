#![doc = include_str!("course.md")]

pub mod forward;
pub mod id;
pub mod rtcp;
pub mod rtp;
pub mod stats;
pub mod track;
pub mod unit;

#[cfg(feature = "endpoint")]
pub mod endpoint;
#[cfg(feature = "endpoint")]
pub mod shard;

pub use crate::id::{EndpointId, GroupId, MediaKind, TrackId};
