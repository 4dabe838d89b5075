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
