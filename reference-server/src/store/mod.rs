//! What outlives the process: rooms, journals, the audit chain, and the keys that make people erasable.

pub mod error;
pub mod record;

use conf_core::id::{MeetingId, ParticipantId, RoomId};
use conf_core::{Entry, Identity, Span, Timestamp};

pub use error::StoreError;
pub use record::{AuditLine, AuditRecord, AuditReport, Link, NewRoom, RoomRecord, StoreConfig};

/// The store. Cheap to clone; every clone is the same store.
#[derive(Clone)]
pub struct Store {
    _private: (),
}

impl Store {
    /// Opens the store, making folders, keys and tables that are missing.
    ///
    /// # Errors
    /// When a folder cannot be made, a key file is readable by others or of
    /// the wrong length, or the database cannot be opened.
    pub async fn open(_config: &StoreConfig) -> Result<Self, StoreError> {
        Err(StoreError::Stopped)
    }

    /// Makes a room with its links.
    ///
    /// # Errors
    /// [`StoreError::RoomExists`], or a failing disk.
    pub async fn create_room(&self, _new: &NewRoom) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// The room, if there is one.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn room(&self, _room: RoomId) -> Result<Option<RoomRecord>, StoreError> {
        Err(StoreError::Stopped)
    }

    /// Begins a meeting in its room; from now on its journal can be written.
    ///
    /// # Errors
    /// When the room is not there or holds another meeting, or the disk fails.
    pub async fn begin_meeting(
        &self,
        _identity: &Identity,
        _at: Timestamp,
    ) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// Closes a meeting's journal. An `Ended` entry does the same by itself, so
    /// this is for meetings that cannot be brought back; repeating it is no error.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMeeting`], or a failing disk.
    pub async fn end_meeting(&self, _meeting: MeetingId, _at: Timestamp) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// Meetings that began and did not end, oldest first.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn live_meetings(&self) -> Result<Vec<Identity>, StoreError> {
        Err(StoreError::Stopped)
    }

    /// The meeting that is on in a room.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn meeting_of(&self, _room: RoomId) -> Result<Option<Identity>, StoreError> {
        Err(StoreError::Stopped)
    }

    /// Appends to a meeting's journal and to its tenant's audit chain, both or neither.
    ///
    /// Returns when it is on disk. Personal fields are sealed on the way. An
    /// `Ended` entry closes the journal in the same transaction.
    ///
    /// # Errors
    /// When the meeting is not there or over, an entry does not follow the last
    /// one, or the disk fails. Nothing was kept then.
    pub async fn append(
        &self,
        _meeting: MeetingId,
        _entries: Vec<Entry>,
        _audit: Vec<AuditRecord>,
    ) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// Appends to a tenant's audit chain alone: what happened outside any meeting.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn audit(&self, _tenant: &str, _records: Vec<AuditRecord>) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// A meeting's journal from its first entry. Personal fields whose key is
    /// gone are erased.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMeeting`], [`StoreError::Corrupt`], or a failing disk.
    pub async fn journal(&self, _meeting: MeetingId) -> Result<Vec<Entry>, StoreError> {
        Err(StoreError::Stopped)
    }

    /// Destroys the key of one person in one meeting: their personal fields
    /// can never be opened again, and later ones are not kept. Audited.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMeeting`], or a failing disk.
    pub async fn erase(
        &self,
        _meeting: MeetingId,
        _participant: ParticipantId,
        _at: Timestamp,
    ) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// Deletes journals, with their keys, of meetings that ended at least
    /// `retention` before `now`. Returns how many. Audited.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn delete_due(&self, _now: Timestamp, _retention: Span) -> Result<u64, StoreError> {
        Err(StoreError::Stopped)
    }

    /// Walks a tenant's audit chain from its first line.
    ///
    /// # Errors
    /// A failing disk. A broken chain is a finding, not an error.
    pub async fn verify_audit(&self, _tenant: &str) -> Result<AuditReport, StoreError> {
        Err(StoreError::Stopped)
    }

    /// At most `limit` audit lines of a tenant from number `from` on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], or a failing disk.
    pub async fn audit_lines(
        &self,
        _tenant: &str,
        _from: u64,
        _limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        Err(StoreError::Stopped)
    }

    /// Whether the database answers; for readiness.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }

    /// Finishes what was asked before and closes the files. Later calls answer
    /// [`StoreError::Stopped`].
    pub async fn close(&self) {}
}
