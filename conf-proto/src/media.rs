//! What a server says of media: answers, slots, and how well they go.

use conf_core::id::ParticipantId;
use conf_core::stage::source::Source;
use serde::{Deserialize, Serialize};

/// A WebRTC answer with what its receiving lines are for.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Answer {
    /// The offer it answers.
    pub number: u32,
    /// The session description.
    pub sdp: String,
}

/// What one slot carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Slot {
    /// The slot's line in the description (`a=mid`).
    pub mid: String,
    /// Whose source, or `null` when the slot is empty.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub participant: Option<ParticipantId>,
    /// Which source, or `null` when the slot is empty.
    #[cfg_attr(feature = "typescript", ts(type = "Source | null"))]
    pub source: Option<Source>,
}

/// How well one person is connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Quality {
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub participant: ParticipantId,
    /// How well.
    pub quality: LinkQuality,
}

/// How well a person's media comes and goes, as the server measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkQuality {
    /// Nothing to notice.
    Good,
    /// Some loss or delay.
    Fair,
    /// Sound or picture suffer.
    Poor,
    /// No media at all just now.
    Lost,
}

/// A picture that a client's connection does not carry as wished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WithheldPicture {
    /// Whose.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub participant: ParticipantId,
    /// Which of their sources.
    #[cfg_attr(feature = "typescript", ts(type = "Source"))]
    pub source: Source,
    /// How much of it.
    pub what: Withheld,
}

/// What is not given of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Withheld {
    /// A higher encoding: it is shown, smaller than wished.
    Lowered,
    /// All of it.
    Off,
}
