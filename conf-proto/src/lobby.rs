//! Who waits in the lobby, and why.

use conf_core::id::ParticipantId;
use conf_core::policy::role::{Role, Standing};
use serde::{Deserialize, Serialize};

/// Someone who waits in the lobby, as moderators see them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LobbyEntry {
    /// Who, by the id they will have once let in.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: ParticipantId,
    /// Their name; `null` once erased.
    pub name: Option<String>,
    /// Role they would have.
    #[cfg_attr(feature = "typescript", ts(type = "Role"))]
    pub role: Role,
    /// Guest or member.
    #[cfg_attr(feature = "typescript", ts(type = "Standing"))]
    pub standing: Standing,
    /// Since when, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub since: u64,
    /// Whether their link is alive.
    pub connected: bool,
}

/// Why someone waits in the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WaitReason {
    /// A moderator decides about guests.
    Guest,
    /// The meeting has not been started by a moderator, or none is there now.
    NoModerator,
}
