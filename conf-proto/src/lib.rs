//! The wire messages between clients and a server: JSON text frames over one
//! WebSocket, and the few HTTP bodies before it.
//!
//! A client numbers its messages and gets one answer for each; the server's
//! `event` frames are the meeting's journal as that client may see it. The
//! whole exchange is told in `docs/protocol.md`, and `fixtures/` holds one
//! example of every message, read by these types and by the TypeScript ones.
//!
//! ```
//! use conf_proto::convert::{Meaning, meaning};
//! use conf_proto::{ClientMessage, ServerMessage};
//!
//! let frame = r#"{"id":41,"type":"mute","target":"par_000000000000000b"}"#;
//! let message: ClientMessage = serde_json::from_str(frame)?;
//! assert!(matches!(meaning(message.body), Ok(Meaning::Command(_))));
//!
//! let answer = serde_json::to_string(&ServerMessage::Done { re: message.id })?;
//! assert_eq!(answer, r#"{"type":"done","re":41}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```
#![forbid(unsafe_code)]

pub mod breakout;
pub mod caption;
pub mod chat;
pub mod client;
pub mod convert;
pub mod error;
pub mod file;
#[cfg(test)]
mod fixtures;
#[doc(hidden)]
pub mod fuzzing;
pub mod lobby;
pub mod media;
pub mod papers;
pub mod poll;
pub mod rest;
pub mod server;
pub mod signal;
pub mod tools;
#[cfg(feature = "typescript")]
pub mod typescript;
pub mod view;
pub mod vote;

// The words of the model that messages are made of, so that a client needs no conf-core.
pub use conf_core::admission::policy::{GuestPolicy, Starter, Unattended};
pub use conf_core::id::{
    CaptionId, FileId, MeetingId, MessageId, ParticipantId, PollId, RoomId, VoteId,
};
pub use conf_core::policy::lock::Lock;
pub use conf_core::policy::role::{Role, Standing};
pub use conf_core::stage::codec::VideoCodec;
pub use conf_core::stage::layout::Layout;
pub use conf_core::stage::source::Source;
pub use conf_core::view::{PollStage, VoteStage};
pub use conf_core::{FileGroup, Language, Reaction, Voters};

pub use client::{ClientBody, ClientMessage, Offer, Resume, Wish, Wished};
pub use error::Problem;
pub use lobby::{LobbyEntry, WaitReason};
pub use media::{Answer, LinkQuality, Quality, Slot, Withheld, WithheldPicture};
pub use papers::{Figures, Minutes, Stay};
pub use server::{ByeReason, EventFrame, RoomEvent, ServerMessage};
pub use signal::RoomSignal;

/// The version of this protocol. A server refuses any other with `protocol`.
pub const PROTOCOL: u16 = 1;

/// Largest frame a client may send, in bytes: a `hello` with a browser's offer, or the minutes.
pub const MAX_CLIENT_FRAME: usize = 256 * 1024;
