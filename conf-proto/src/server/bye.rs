//! Why a session ends.

use serde::{Deserialize, Serialize};

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ByeReason {
    /// The participant asked to leave.
    Left,
    /// The same participant came by a newer session; do not come back by yourself.
    Replaced,
    /// The meeting ended; do not come back by yourself.
    Ended,
    /// A moderator removed this participant; this claim admits no more.
    Removed,
    /// A moderator did not let this participant in.
    Denied,
    /// The client reads too slowly; come back and resume.
    Slow,
    /// The client broke the protocol.
    Protocol,
    /// The server is going down; come back.
    Shutdown,
}
