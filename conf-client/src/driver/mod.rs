//! The network around a [`Session`](crate::session::Session): HTTP, the WebSocket, media.

mod api;
mod owner;
mod participant;

pub use api::{Api, ApiError, Invite};
pub use participant::{Happening, JoinError, JoinOptions, Participant};
