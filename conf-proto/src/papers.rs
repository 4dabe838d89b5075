//! What is written down about a meeting, as clients see it.

use conf_core::id::ParticipantId;
use conf_core::policy::role::{Role, Standing};
use serde::{Deserialize, Serialize};

/// One person, once, from coming to going.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Stay {
    /// Who they were in this stay.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub participant: ParticipantId,
    /// Who they were in the first of their stays: the same in all of them.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub person: ParticipantId,
    /// Their name as it was shown last; `null` once erased.
    pub name: Option<String>,
    /// What they were last.
    #[cfg_attr(feature = "typescript", ts(type = "Role"))]
    pub role: Role,
    /// Guest or member.
    #[cfg_attr(feature = "typescript", ts(type = "Standing"))]
    pub standing: Standing,
    /// When they came, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub from: u64,
    /// When they went, or their link broke; `null` while they are there.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub until: Option<u64>,
}

/// What one person did so far, in all of their stays.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Figures {
    /// Who they were in the first of their stays.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub person: ParticipantId,
    /// Their name as it was shown last. An erased person has no figures.
    pub name: Option<String>,
    /// What they were last.
    #[cfg_attr(feature = "typescript", ts(type = "Role"))]
    pub role: Role,
    /// Guest or member.
    #[cfg_attr(feature = "typescript", ts(type = "Standing"))]
    pub standing: Standing,
    /// Whether they are there now.
    pub here: bool,
    /// How long they were there.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub present_ms: u64,
    /// For how long they were heard.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub talked_ms: u64,
    /// How often they raised a hand.
    pub hands: u32,
    /// How many polls they answered under their name; anonymous ones are not counted.
    pub polls: u32,
    /// How many messages they wrote to everyone; private ones are not counted.
    pub messages: u32,
}

/// The minutes, as those see them who may read them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Minutes {
    /// What they say; `null` for nothing, and once erased.
    pub text: Option<String>,
    /// Who wrote last; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub by: Option<ParticipantId>,
    /// How often they were written.
    pub version: u32,
    /// Whether they are for everyone.
    pub released: bool,
}
