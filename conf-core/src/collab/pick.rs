//! Picking somebody at random, nobody twice before all had their turn.

use std::collections::BTreeSet;

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::{IdSource, ParticipantId};
use crate::time::Timestamp;
use crate::view::PickView;

/// Who was picked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Picks {
    /// Who is here and had their turn in this round.
    had: BTreeSet<ParticipantId>,
    /// Who was picked last, and when.
    last: Option<(ParticipantId, Timestamp)>,
}

impl Picks {
    /// Picks one of `among`: of those who had no turn yet, or, once all had theirs, of all.
    pub(crate) fn decide(
        &self,
        ids: &mut dyn IdSource,
        by: ParticipantId,
        among: &[ParticipantId],
    ) -> Result<Event, Denied> {
        let waiting: Vec<_> = among.iter().filter(|who| !self.had.contains(who)).copied().collect();
        let anew = waiting.is_empty();
        let from = if anew { among } else { &waiting };
        let places = u128::try_from(from.len()).unwrap_or(u128::MAX);
        let place = ids.draw().checked_rem(places).ok_or(Denied::NobodyToPick)?;
        let participant = usize::try_from(place).ok().and_then(|place| from.get(place));
        let participant = *participant.ok_or(Denied::NobodyToPick)?;
        Ok(Event::Picked { participant, anew, by })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::Picked { participant, anew, .. } => {
                if anew {
                    self.had.clear();
                }
                self.had.insert(participant);
                self.last = Some((participant, entry.at));
            }
            Event::Left { participant, .. } => {
                self.had.remove(&participant);
                self.last = self.last.filter(|(who, _)| *who != participant);
            }
            _ => {}
        }
    }

    pub(crate) fn view(&self) -> Option<PickView> {
        self.last.map(|(participant, at)| PickView { participant, at })
    }
}
