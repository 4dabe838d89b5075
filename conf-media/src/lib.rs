#![doc = include_str!("course.md")]

pub mod id;
pub mod stats;

#[cfg(feature = "endpoint")]
pub mod endpoint;
#[cfg(feature = "endpoint")]
pub mod shard;

pub use crate::id::{EndpointId, GroupId, MediaKind, TrackId};
