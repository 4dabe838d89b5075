//! Why somebody left, waits no more, or a meeting ended.

use crate::id::ParticipantId;

/// Why someone is no longer here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum LeaveReason {
    /// They said so.
    Left,
    /// The link broke and they did not come back within the grace.
    LinkLost,
    /// The same person came again under a claim with other rights, and is
    /// here anew under a new id.
    Replaced,
    /// From a breakout: they do not belong to it any more.
    CalledBack,
    /// A moderator removed them; the claims they showed admit them no more.
    Removed {
        /// Who did.
        by: ParticipantId,
        /// Whether they are refused under any other claim too.
        ban: bool,
    },
}

/// Why someone no longer waits in the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum WaitEnd {
    /// They come in.
    Admitted {
        /// Who let them in; `None` when they no longer had to wait.
        by: Option<ParticipantId>,
    },
    /// They were sent away; the claims they showed admit them no more.
    Denied {
        /// Who did.
        by: ParticipantId,
    },
    /// They went.
    Left,
    /// The link broke and they did not come back within the grace.
    LinkLost,
    /// The same person came again under a claim with other rights.
    Replaced,
}

/// Why a meeting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum EndReason {
    /// A moderator ended it for all.
    EndedByModerator,
    /// Nobody was there for the configured time.
    Empty,
    /// The configured duration was over.
    TimeLimit,
    /// No moderator was there for the configured time.
    Unattended,
    /// A breakout: everyone was called back.
    CalledBack,
}
