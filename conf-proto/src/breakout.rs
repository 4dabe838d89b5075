//! Breakouts as clients see them.

use conf_core::event::ExceptionsInherited;
use conf_core::id::ParticipantId;
use conf_core::policy::lock::Lock;
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

/// In a breakout: locks were lifted for one person in the meeting it belongs to, or are in force
/// for them again, and are here. Told to moderators and to whom it concerns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InheritedExceptions {
    /// For whom.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub participant: ParticipantId,
    /// All that is lifted for them from now on.
    #[cfg_attr(feature = "typescript", ts(type = "Lock[]"))]
    pub exceptions: Vec<Lock>,
}

impl From<&ExceptionsInherited> for InheritedExceptions {
    fn from(lifted: &ExceptionsInherited) -> Self {
        let exceptions = lifted.exceptions.iter().collect();
        Self { participant: lifted.participant, exceptions }
    }
}
