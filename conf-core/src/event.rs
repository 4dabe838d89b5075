//! The journal's vocabulary: everything that has happened to a meeting.
//!
//! Events are facts: replaying them gives the same meeting on every machine.
//! Their serialised form is kept for ever: a variant or field is added, never
//! renamed or removed, and every [`Entry`] carries the version it was written in.

mod file;
mod forgets;
mod happened;
mod kind;
mod lock;
mod newcomer;
mod personal;
mod poll;
mod reason;
mod vote;

use crate::time::Timestamp;

pub use file::{FileHanded, FileTaken};
pub use happened::Event;
pub use lock::ExceptionsInherited;
pub use newcomer::Newcomer;
pub use poll::{
    PollAnswered, PollClosed, PollKeySet, PollPublished, PollPutAway, PollTallied, PollWithdrawn,
    TextsCounted,
};
pub use reason::{EndReason, LeaveReason, WaitEnd};
pub use vote::{BallotGiven, BallotsCounted, VoteClosed, VoteClosing, VoteOpened};

/// The version new entries are written in.
pub const EVENT_VERSION: u16 = 4;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry {
    /// Counts from 1 without gaps within a meeting.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// The vocabulary's version, [`EVENT_VERSION`] for new entries.
    pub version: u16,
    /// What happened.
    pub event: Event,
}
