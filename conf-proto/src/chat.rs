//! A chat message as clients see it.

use conf_core::Reaction;
use conf_core::id::{MessageId, ParticipantId};
use serde::{Deserialize, Serialize};

/// One chat message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ChatLine {
    /// The message's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: MessageId,
    /// Who said it.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub from: ParticipantId,
    /// Their name as it was known; `null` once erased.
    pub name: Option<String>,
    /// What; `null` once erased or deleted.
    pub text: Option<String>,
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// To whom alone; everyone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub to: Option<ParticipantId>,
    /// The name of the one it was written to; absent once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub to_name: Option<String>,
    /// The message it answers, which need not be kept any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub answers: Option<MessageId>,
    /// Since when it says this, if not from the beginning, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub edited_at: Option<u64>,
    /// Who deleted it: its writer or a moderator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub deleted_by: Option<ParticipantId>,
    /// What was put to it; signs of nobody are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<ChatReaction>>", optional))]
    pub reactions: Vec<ChatReaction>,
}

/// One sign under a chat message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ChatReaction {
    /// Which.
    #[cfg_attr(feature = "typescript", ts(type = "Reaction"))]
    pub reaction: Reaction,
    /// Who put it there; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub by: Vec<ParticipantId>,
}

/// In which conversations there are older lines than those shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OlderChat {
    /// In that of everyone.
    pub everyone: bool,
    /// In those with one other each: with whom.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub with: Vec<ParticipantId>,
}
