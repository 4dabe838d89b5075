//! What becomes of a poll once it is asked.

use crate::id::{ParticipantId, PollId};

/// A poll takes no more votes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollClosed {
    /// Which.
    pub poll: PollId,
    /// Who asked.
    pub from: ParticipantId,
    /// Who closed it.
    pub by: ParticipantId,
    /// How many anonymous votes were too few to be counted without showing them. Not
    /// written before version 4.
    #[cfg_attr(feature = "serde", serde(default))]
    pub uncounted: u32,
}

/// What came of an anonymous poll is known. Told to moderators and to who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollTallied {
    /// Of which.
    pub poll: PollId,
    /// Who asks.
    pub to: ParticipantId,
    /// How many chose each, in the order of the choices.
    pub counts: Vec<u32>,
}

/// What came of a poll is for everyone to see.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollPublished {
    /// Of which.
    pub poll: PollId,
    /// Who asked.
    pub from: ParticipantId,
    /// Who published it.
    pub by: ParticipantId,
    /// How many chose each, in the order of the choices.
    pub counts: Vec<u32>,
}

/// What came of a poll is not in front of everyone any more; it stays to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollPutAway {
    /// Of which.
    pub poll: PollId,
    /// Who put it away.
    pub by: ParticipantId,
}

/// A closed poll was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollWithdrawn {
    /// Which.
    pub poll: PollId,
    /// Who asked.
    pub from: ParticipantId,
    /// Who withdrew it.
    pub by: ParticipantId,
}
