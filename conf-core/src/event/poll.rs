//! What becomes of a poll once it is asked.

use crate::collab::poll::key::PollKey;
use crate::collab::poll::written::Written;
use crate::id::{ParticipantId, PollId};
use crate::personal::Personal;
use crate::text::PollText;

/// What is right in a quiz that was just started. Told to nobody but whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollKeySet {
    /// In which poll.
    pub poll: PollId,
    /// Who asks.
    pub by: ParticipantId,
    /// What, by number from 0, each once in order.
    pub right: Vec<u8>,
}

/// Someone answered in words of their own, or in others. Told to moderators, to who asks and to
/// who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollAnswered {
    /// In which poll.
    pub poll: PollId,
    /// Who.
    pub by: ParticipantId,
    /// What they say.
    pub text: Personal<PollText>,
    /// The entry that held what they said before, which is to be forgotten.
    pub held_in: Option<u64>,
    /// Who asks.
    pub to: ParticipantId,
}

/// At least five answered anonymously in words of their own. Told to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TextsCounted {
    /// In which poll.
    pub poll: PollId,
    /// Who asks: the texts are forgotten with them.
    pub asker: ParticipantId,
    /// Who answered, in the order of their ids.
    pub voters: Vec<ParticipantId>,
    /// What all of them together wrote, in the order of the texts.
    pub texts: Vec<Personal<PollText>>,
}

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
    /// What was answered in words of one's own.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub written: Vec<Written>,
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
    /// What is right in a quiz, and how many had it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub key: Option<PollKey>,
    /// What was answered in words of one's own.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub written: Vec<Written>,
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
