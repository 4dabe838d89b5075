//! The small tools of a room as clients see them.

use conf_core::id::ParticipantId;
use serde::{Deserialize, Serialize};

/// The timer. What it shows now is reckoned by the server's clock: `passed`, and since
/// `since` the time until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Timer {
    /// From how many milliseconds it counts down; `null` counts up.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub span: Option<u64>,
    /// How many had passed when it last came to rest.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub passed: u64,
    /// Since when it runs, in UTC milliseconds; `null` at rest.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub since: Option<u64>,
}

/// Who was picked at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Picked {
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub participant: ParticipantId,
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
}
