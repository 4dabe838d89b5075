//! What happens to locks.

use crate::id::ParticipantId;
use crate::policy::lock::LockSet;

/// In a breakout: what is lifted for one person, after the meeting it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExceptionsInherited {
    /// For whom, by their id here.
    pub participant: ParticipantId,
    /// What is lifted for them there.
    pub inherited: LockSet,
    /// What is lifted for them here from now on.
    pub exceptions: LockSet,
}
