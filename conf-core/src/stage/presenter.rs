//! The presenter mark: held by one, given by moderators, never by a machine.

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::policy::role::Role;

/// Who presents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Presenter {
    holder: Option<ParticipantId>,
}

impl Presenter {
    /// Gives the mark to `target`.
    pub(crate) fn decide(
        &self,
        by: ParticipantId,
        target: ParticipantId,
        role: Role,
    ) -> Result<Option<Event>, Denied> {
        if role == Role::Service {
            return Err(Denied::CannotPresent { role });
        }
        Ok((self.holder != Some(target))
            .then_some(Event::PresenterChanged { presenter: Some(target), by: Some(by) }))
    }

    /// A moderator who comes when nobody presents does so from now on.
    pub(crate) fn follow_arrival(&self, newcomer: ParticipantId, role: Role) -> Option<Event> {
        (self.holder.is_none() && role == Role::Moderator)
            .then_some(Event::PresenterChanged { presenter: Some(newcomer), by: None })
    }

    /// When the presenter goes, the mark passes to `heir`.
    pub(crate) fn follow_left(
        &self,
        gone: ParticipantId,
        heir: Option<ParticipantId>,
    ) -> Option<Event> {
        (self.holder == Some(gone)).then_some(Event::PresenterChanged { presenter: heir, by: None })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::PresenterChanged { presenter, .. } => self.holder = presenter,
            Event::Left { participant, .. } if self.is(participant) => self.holder = None,
            _ => {}
        }
    }

    pub(crate) fn holder(&self) -> Option<ParticipantId> {
        self.holder
    }

    pub(crate) fn is(&self, participant: ParticipantId) -> bool {
        self.holder == Some(participant)
    }
}
