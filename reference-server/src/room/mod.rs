//! Meetings at work: one task owns each, everyone else holds a handle.

mod acquaintance;
pub(crate) mod ask;
mod audit;
pub(crate) mod bind;
#[cfg(test)]
mod bind_tests;
pub(crate) mod breakout;
pub(crate) mod directory;
mod effect;
pub(crate) mod files;
mod headcount;
mod hear;
#[cfg(test)]
mod meeting_of;
mod negotiate;
mod owner;
mod quality;
pub(crate) mod recover;
mod roll;
mod storage;
mod stream;
pub(crate) mod streams;
mod tail;
mod talk;
pub(crate) mod vote;
