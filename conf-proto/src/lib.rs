//! The wire messages between clients and a server: JSON text frames over one
//! WebSocket, and the few HTTP bodies before it.
#![forbid(unsafe_code)]

pub mod client;
pub mod convert;
pub mod error;
#[cfg(test)]
mod fixtures;
pub mod rest;
pub mod server;
#[cfg(feature = "typescript")]
pub mod typescript;

pub use client::{ClientBody, ClientMessage, Offer, Resume, Wish};
pub use error::Problem;
pub use server::{Answer, ByeReason, EventFrame, RoomEvent, ServerMessage, Slot};

/// The version of this protocol. A server refuses any other with `protocol`.
pub const PROTOCOL: u16 = 1;

/// Largest frame a client may send, in bytes: a `hello` with a browser's offer.
pub const MAX_CLIENT_FRAME: usize = 256 * 1024;
