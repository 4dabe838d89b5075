//! Signalling sessions: one WebSocket each, from `hello` to `bye`.

pub(crate) mod frame;
pub(crate) mod link;
pub(crate) mod rate;
pub(crate) mod session;
mod socket;
mod swept;
pub(crate) mod upgrade;
mod vote;
pub(crate) mod writer;
