//! Marks that say what someone does: who takes the minutes, who interprets into sign
//! language, who is away for a moment. A mark gives no authority, but that
//! who takes the minutes writes them; its holder takes it along when they leave.

use std::collections::BTreeSet;

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::policy::role::Role;

/// Who has which mark.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Marks {
    minute_taker: Option<ParticipantId>,
    interpreters: BTreeSet<ParticipantId>,
    away: BTreeSet<ParticipantId>,
}

impl Marks {
    /// Has `target` take the minutes, or nobody. `role` is the target's; machines take none.
    pub(crate) fn decide_minute_taker(
        &self,
        by: ParticipantId,
        target: Option<(ParticipantId, Role)>,
    ) -> Result<Option<Event>, Denied> {
        if let Some((_, Role::Service)) = target {
            return Err(Denied::NotAPerson);
        }
        let participant = target.map(|(who, _)| who);
        let changes = self.minute_taker != participant;
        Ok(changes.then_some(Event::MinuteTakerChanged { participant, by }))
    }

    /// Marks `target` as an interpreter, or no longer. A machine may carry one's picture.
    pub(crate) fn decide_interpreter(
        &self,
        by: ParticipantId,
        target: ParticipantId,
        on: bool,
    ) -> Option<Event> {
        let changes = self.is_interpreter(target) != on;
        changes.then_some(Event::InterpreterChanged { participant: target, on, by })
    }

    /// Says of oneself that one is away, or back.
    pub(crate) fn decide_away(&self, participant: ParticipantId, on: bool) -> Option<Event> {
        (self.is_away(participant) != on).then_some(Event::AwayChanged { participant, on })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::MinuteTakerChanged { participant, .. } => self.minute_taker = participant,
            Event::InterpreterChanged { participant, on: true, .. } => {
                self.interpreters.insert(participant);
            }
            Event::InterpreterChanged { participant, on: false, .. } => {
                self.interpreters.remove(&participant);
            }
            Event::AwayChanged { participant, on: true } => {
                self.away.insert(participant);
            }
            Event::AwayChanged { participant, on: false } => {
                self.away.remove(&participant);
            }
            Event::Left { participant, .. } => {
                self.away.remove(&participant);
                self.interpreters.remove(&participant);
                self.minute_taker = self.minute_taker.filter(|who| *who != participant);
            }
            _ => {}
        }
    }

    pub(crate) fn minute_taker(&self) -> Option<ParticipantId> {
        self.minute_taker
    }

    pub(crate) fn is_away(&self, who: ParticipantId) -> bool {
        self.away.contains(&who)
    }

    pub(crate) fn interpreters(&self) -> impl Iterator<Item = ParticipantId> {
        self.interpreters.iter().copied()
    }

    pub(crate) fn is_interpreter(&self, who: ParticipantId) -> bool {
        self.interpreters.contains(&who)
    }
}
