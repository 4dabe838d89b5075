//! What people do together besides speaking: one module a feature, none knows another.

pub(crate) mod breakout;
pub(crate) mod captions;
pub(crate) mod chat;
pub(crate) mod file;
pub(crate) mod hands;
pub(crate) mod pick;
pub(crate) mod poll;
pub(crate) mod reader;
pub(crate) mod reports;
pub(crate) mod timer;
pub(crate) mod vote;
