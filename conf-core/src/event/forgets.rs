//! Which earlier entries an event takes the words out of.

use crate::event::{Event, FileTaken};

impl Event {
    /// The entries whose personal fields are to be forgotten once this is kept:
    /// a journal without them adds up to the same meeting.
    #[must_use]
    pub fn forgets(&self) -> &[u64] {
        match self {
            Self::ChatEdited { held_in, .. }
            | Self::ChatDeleted { held_in, .. }
            | Self::CaptionCorrected { held_in, .. }
            | Self::FileDeleted(FileTaken { held_in, .. }) => std::slice::from_ref(held_in),
            Self::ChatCleared { held_in, .. } => held_in,
            Self::MinutesWritten { held_in, .. } => held_in.as_slice(),
            _ => &[],
        }
    }
}
