//! A poll as clients see it.

use conf_core::id::{ParticipantId, PollId};
use conf_core::view::PollStage;
use serde::{Deserialize, Serialize};

/// One poll.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Poll {
    /// The poll's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: PollId,
    /// Who asks; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub by: ParticipantId,
    /// When it began, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// What is asked; `null` once erased.
    pub question: Option<String>,
    /// What can be chosen.
    pub answers: PollAnswers,
    /// Whether one may choose several.
    pub several: bool,
    /// Whether nobody learns who chose what; then `votes` is empty.
    #[serde(default)]
    pub anonymous: bool,
    /// Whether some choices are right and others wrong.
    #[serde(default)]
    pub quiz: bool,
    /// How far it is.
    #[cfg_attr(feature = "typescript", ts(type = "PollStage"))]
    pub stage: PollStage,
    /// How many have voted.
    pub voted: u32,
    /// Whether oneself has, in an anonymous poll. After a restart of the server some are asked again.
    #[serde(default)]
    pub cast: bool,
    /// Who chose what: everyone for moderators and whoever asks, else oneself at most.
    pub votes: Vec<PollVote>,
    /// Who wrote what, where people answer in words of their own: as `votes`.
    #[serde(default)]
    pub written: Vec<PollWritten>,
    /// How many chose each, in the order of the choices, once published; of a closed anonymous
    /// poll also for moderators and whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub counts: Option<Vec<u32>>,
    /// What was written, equal words together, whenever `counts` are shown.
    #[serde(default)]
    pub said: Vec<PollSaid>,
    /// How many of those who voted anonymously could not be counted without showing what they chose.
    #[serde(default)]
    pub uncounted: u32,
    /// What is right in a quiz, once published; before that for whoever asks alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub key: Option<PollKey>,
    /// Whether what came of it is in front of everyone; of one poll at most.
    #[serde(default)]
    pub in_front: bool,
    /// Since when it is said in the chat, in UTC milliseconds, unless that was cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub told_at: Option<u64>,
}

/// What is right in a quiz.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PollKey {
    /// What is right, by number from 0.
    pub right: Vec<u8>,
    /// How many had it wholly right, once published: all that is right where one may choose
    /// several, and nothing else; where one chooses one, one that is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub wholly: Option<u32>,
}

/// What can be chosen in a poll; choices are named by number, from 0.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PollAnswers {
    /// Yes, or no.
    YesNo,
    /// Yes, no, or an abstention.
    YesNoAbstain,
    /// So many letters, from A.
    Letters {
        /// Two to five.
        count: u8,
    },
    /// Words of the one who asks.
    Own {
        /// Two to ten, of 1 to 100 characters; `null` once erased.
        texts: Vec<Option<String>>,
    },
    /// Nothing: everyone answers in their own words.
    Text,
}

/// What one person answered in words of their own.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PollWritten {
    /// Who; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub by: ParticipantId,
    /// What they say; `null` once erased.
    pub text: Option<String>,
}

/// An answer without those who gave it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PollSaid {
    /// What it says; `null` once erased.
    pub text: Option<String>,
    /// How often it was given.
    pub times: u32,
}

/// What came of a poll.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PublishedPoll {
    /// Of which.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub poll: PollId,
    /// Who published it.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub by: ParticipantId,
    /// How many chose each, in the order of the choices.
    pub counts: Vec<u32>,
    /// What is right in a quiz, and how many had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub key: Option<PollKey>,
    /// What was written, where people answered in words of their own.
    #[serde(default)]
    pub said: Vec<PollSaid>,
}

/// What one person chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PollVote {
    /// Who; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub by: ParticipantId,
    /// What, by number from 0.
    pub choices: Vec<u8>,
}
