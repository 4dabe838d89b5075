//! Which earlier entries an event takes the words out of, and what a meeting's end does.

use crate::event::{Event, FileTaken, PollAnswered};
use crate::papers::learning::talk::Talked;

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
            Self::MinutesWritten { held_in, .. }
            | Self::PollAnswered(PollAnswered { held_in, .. }) => held_in.as_slice(),
            _ => &[],
        }
    }

    /// What stays of the entries of its kind once the meeting is over: that it happened, and
    /// not to whom. What they were for, the meeting's own views, is over too.
    #[must_use]
    pub fn after_end() -> [Self; 1] {
        [Self::Talked(Talked { people: Vec::new() })]
    }
}
