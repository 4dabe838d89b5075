//! Raised hands, in the order they were raised.

use crate::event::{Entry, Event};
use crate::id::ParticipantId;

/// Raised hands, first raised first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Hands {
    raised: Vec<ParticipantId>,
}

impl Hands {
    /// Raises a hand; one already up keeps its place.
    pub(crate) fn decide_raise(&self, participant: ParticipantId) -> Option<Event> {
        (!self.raised.contains(&participant)).then_some(Event::HandRaised { participant })
    }

    /// Lowers a hand, one's own or another's.
    pub(crate) fn decide_lower(&self, by: ParticipantId, target: ParticipantId) -> Option<Event> {
        let up = self.raised.contains(&target);
        up.then_some(Event::HandLowered { participant: target, by })
    }

    /// Lowers every hand, first raised first.
    pub(crate) fn decide_lower_all(&self, by: ParticipantId) -> Vec<Event> {
        self.raised.iter().map(|who| Event::HandLowered { participant: *who, by }).collect()
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::HandRaised { participant } => self.raised.push(participant),
            Event::HandLowered { participant, .. } | Event::Left { participant, .. } => {
                self.raised.retain(|who| *who != participant);
            }
            _ => {}
        }
    }

    /// Who has raised a hand, first raised first.
    pub(crate) fn raised(&self) -> &[ParticipantId] {
        &self.raised
    }
}
