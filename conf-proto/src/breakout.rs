//! Breakouts as clients see them.

use conf_core::id::ParticipantId;
use serde::{Deserialize, Serialize};

/// The breakouts of a meeting, as one participant may see them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Breakouts {
    /// Whether they are open; if not, they were last, which moderators alone are shown.
    pub open: bool,
    /// Whether everyone chooses for themself.
    pub choice: bool,
    /// When they close by themselves, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub until: Option<u64>,
    /// Two to twenty; named by number, from 0.
    pub breakouts: Vec<Breakout>,
}

/// One breakout.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Breakout {
    /// What it is called; `null` once erased.
    pub name: Option<String>,
    /// Who belongs to it.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub members: Vec<ParticipantId>,
    /// Who is in it now.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub inside: Vec<ParticipantId>,
    /// Who calls a moderator from there; for all but moderators oneself at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub called_by: Option<ParticipantId>,
}

/// One breakout to be opened.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PlannedBreakout {
    /// What to call it; 1 to 64 characters.
    pub name: String,
    /// Who belongs to it.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub members: Vec<ParticipantId>,
}
