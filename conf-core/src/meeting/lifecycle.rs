//! Open, empty, ended: how long a meeting goes on.

use crate::event::{EndReason, Entry, Event};
use crate::id::ParticipantId;
use crate::time::Timestamp;

/// Where a meeting is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Lifecycle {
    pub(crate) opened_at: Timestamp,
    /// Since when no person has had a place; a kept place is a place.
    pub(crate) empty_since: Option<Timestamp>,
    pub(crate) ended: Option<EndReason>,
}

impl Lifecycle {
    /// Open, with nobody in it yet.
    pub(crate) fn opened(at: Timestamp) -> Self {
        Self { opened_at: at, empty_since: Some(at), ended: None }
    }

    /// Ends the meeting for all.
    pub(crate) fn decide_end(&self, by: ParticipantId) -> Option<Event> {
        let reason = EndReason::EndedByModerator;
        self.ended.is_none().then_some(Event::Ended { reason, by: Some(by) })
    }

    /// `occupied`: whether a person has a place now that the event holds.
    pub(crate) fn apply(&mut self, entry: &Entry, occupied: bool) {
        match entry.event {
            Event::Joined { .. } | Event::Left { .. } => {
                self.empty_since =
                    if occupied { None } else { self.empty_since.or(Some(entry.at)) };
            }
            Event::Ended { reason, .. } => self.ended = Some(reason),
            _ => {}
        }
    }
}
