//! What a moderator asks for when they open breakouts.

use crate::id::ParticipantId;
use crate::text::BreakoutName;

/// Fewest breakouts: one would be the meeting itself.
pub(super) const FEWEST: usize = 2;

/// Most breakouts: as many as a moderator can look after at all.
pub(super) const MOST: usize = 20;

/// Most minutes at a time: a day.
pub(super) const MOST_MINUTES: u16 = 1_440;

/// One breakout to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What to call it.
    pub name: BreakoutName,
    /// Who belongs to it; of somebody in several the last counts.
    pub members: Vec<ParticipantId>,
}
