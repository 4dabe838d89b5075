//! The spotlight: at most one person is put in front of everyone.

use crate::event::{Entry, Event};
use crate::id::ParticipantId;

/// Who is put in front of everyone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Spotlight {
    on: Option<ParticipantId>,
}

impl Spotlight {
    /// Moves the spotlight to `target`, or turns it off.
    pub(crate) fn decide(&self, by: ParticipantId, target: Option<ParticipantId>) -> Option<Event> {
        (self.on != target).then_some(Event::SpotlightChanged { participant: target, by: Some(by) })
    }

    /// It goes out with the person it is on.
    pub(crate) fn follow_left(&self, gone: ParticipantId) -> Option<Event> {
        (self.on == Some(gone)).then_some(Event::SpotlightChanged { participant: None, by: None })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::SpotlightChanged { participant, .. } => self.on = participant,
            // The event that follows a leave names nobody who is gone.
            Event::Left { participant, .. } if self.on == Some(participant) => self.on = None,
            _ => {}
        }
    }

    pub(crate) fn on(&self) -> Option<ParticipantId> {
        self.on
    }
}
