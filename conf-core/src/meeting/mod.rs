//! One meeting: `handle`, `poll_output`, `poll_timeout`.

use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::Entry;
use crate::id::{IdSource, MeetingId, ParticipantId, RoomId};
use crate::input::Input;
use crate::output::Output;
use crate::time::Timestamp;
use crate::view::View;

/// One sitting in a room.
pub struct Meeting {
    _private: (),
}

impl Meeting {
    /// Opens a meeting; the first output journals it.
    #[must_use]
    pub fn open(
        _now: Timestamp,
        _ids: Box<dyn IdSource>,
        _identity: Identity,
        _config: MeetingConfig,
    ) -> Self {
        Self { _private: () }
    }

    /// Brings a meeting back from its journal. Follow with [`Input::Recovered`].
    ///
    /// # Errors
    /// When the entries are not one meeting's journal from its first entry without gaps.
    pub fn replay(
        _ids: Box<dyn IdSource>,
        _entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, ReplayError> {
        Ok(Self { _private: () })
    }

    /// Judges `input` and changes the meeting.
    ///
    /// # Errors
    /// A refusal; nothing has changed.
    pub fn handle(&mut self, _now: Timestamp, _input: Input) -> Result<(), Denied> {
        Err(Denied::Ended)
    }

    /// What the world must now do, oldest first; drain to `None` before the next `handle`.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When to call `handle(now, Input::Tick)` next; `None` means only news will move it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// What `participant` may see; `None` if they are not in the meeting.
    #[must_use]
    pub fn view(&self, _participant: ParticipantId) -> Option<View> {
        None
    }
}

/// Which meeting, where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// This sitting.
    pub meeting: MeetingId,
    /// The place.
    pub room: RoomId,
    /// Whose.
    pub tenant: String,
}

/// Why a list of entries is not a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The first entry is not `Opened`.
    #[error("a journal begins with `opened`, found entry {seq}")]
    NotOpened {
        /// The number found first.
        seq: u64,
    },
    /// An entry is missing.
    #[error("expected journal entry {expected}, found {found}")]
    Gap {
        /// The number that should follow.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// The journal has nothing in it.
    #[error("the journal is empty")]
    Empty,
}
