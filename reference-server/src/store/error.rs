//! Why the store did not do what was asked.

use std::path::PathBuf;
use std::sync::Arc;

use conf_core::id::{MeetingId, RoomId};

use crate::identity::key_file::KeyFileError;

/// A store that refused, or a disk that failed. Nothing was kept.
///
/// Cheap to clone: one failed transaction answers everyone whose work was in it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The room is not there.
    #[error("no such room: {room}")]
    NoSuchRoom {
        /// The room asked for.
        room: RoomId,
    },
    /// The room is already there.
    #[error("room {room} exists already")]
    RoomExists {
        /// The room to be made.
        room: RoomId,
    },
    /// The meeting is not there, or its journal was deleted.
    #[error("no such meeting: {meeting}")]
    NoSuchMeeting {
        /// The meeting asked for.
        meeting: MeetingId,
    },
    /// The meeting was begun before.
    #[error("meeting {meeting} was begun already")]
    MeetingExists {
        /// The meeting to begin.
        meeting: MeetingId,
    },
    /// Another meeting is still on in the room.
    #[error("room {room} holds meeting {found}, expected none")]
    RoomOccupied {
        /// The room.
        room: RoomId,
        /// The meeting that is on.
        found: MeetingId,
    },
    /// The meeting is said to be another tenant's than its room.
    #[error("room {room} belongs to another tenant than the meeting")]
    TenantMismatch {
        /// The room.
        room: RoomId,
    },
    /// The meeting is over; its journal is closed.
    #[error("meeting {meeting} has ended, its journal is closed")]
    MeetingEnded {
        /// The meeting.
        meeting: MeetingId,
    },
    /// An entry does not follow the last one kept.
    #[error("journal of {meeting}: expected entry {expected}, found {found}")]
    SeqGap {
        /// The meeting.
        meeting: MeetingId,
        /// The number that should follow.
        expected: u64,
        /// The number given.
        found: u64,
    },
    /// A stored value is not what this program wrote.
    #[error("{thing}: expected {expected}, found {found}")]
    Corrupt {
        /// Which stored value.
        thing: String,
        /// What it should be.
        expected: &'static str,
        /// What it is, never a personal text.
        found: String,
    },
    /// The database failed: a full or broken disk, a lost lock.
    #[error("the database failed to {action}")]
    Database {
        /// What was being done.
        action: &'static str,
        /// What the database said.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// Another process works in the data folder.
    #[error("data folder {path} is in use by another process", path = path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The data folder cannot be used.
    #[error("{path} in the data folder cannot be opened", path = path.display())]
    DataDir {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// There is no room for what people hand on: the disk is full, or what is free is left to journals.
    #[error("the disk has no room for files")]
    DiskFull,
    /// A file people handed on cannot be written, read or removed.
    #[error("{path} in the data folder cannot be written, read or removed", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A migration did not apply.
    #[error("the database cannot be brought to this version")]
    Migration {
        /// What the database said.
        #[source]
        source: Arc<sqlx::migrate::MigrateError>,
    },
    /// The master key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A text could not be sealed; the operating system gave no randomness.
    #[error("a personal field could not be sealed")]
    Sealing,
    /// The writer is gone: the store was shut down.
    #[error("the store is shut down")]
    Stopped,
}

impl StoreError {
    /// Names what the database failed at.
    pub(crate) fn database(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| match source {
            sqlx::Error::PoolClosed => Self::Stopped,
            source => Self::Database { action, source: Arc::new(source) },
        }
    }

    /// Whether this was the asker's mistake; otherwise the disk or the data failed.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NoSuchRoom { .. }
                | Self::RoomExists { .. }
                | Self::NoSuchMeeting { .. }
                | Self::MeetingExists { .. }
                | Self::RoomOccupied { .. }
                | Self::TenantMismatch { .. }
                | Self::MeetingEnded { .. }
                | Self::SeqGap { .. }
        )
    }
}
