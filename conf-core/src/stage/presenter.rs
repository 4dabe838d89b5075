//! The presenter mark: held by one, asked for by participants, given and taken
//! by moderators, never a machine's.

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::policy::role::Role;

/// Who presents, and who asks to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Presenter {
    holder: Option<ParticipantId>,
    /// Whether a moderator took the mark away: then nobody gets it by merely coming.
    taken: bool,
    /// Who asks for it, first asked first; each at most once.
    asking: Vec<ParticipantId>,
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

    /// Takes the mark away: nobody presents.
    pub(crate) fn decide_take(&self, by: ParticipantId) -> Option<Event> {
        let held = self.holder.is_some();
        held.then_some(Event::PresenterChanged { presenter: None, by: Some(by) })
    }

    /// Asks for the mark; who holds it or asks already goes on doing so.
    pub(crate) fn decide_ask(&self, participant: ParticipantId) -> Option<Event> {
        let new = !self.is(participant) && !self.asking.contains(&participant);
        new.then_some(Event::PresenterAsked { participant })
    }

    /// Ends a request, one's own or another's.
    pub(crate) fn decide_decline(&self, by: ParticipantId, target: ParticipantId) -> Option<Event> {
        let asks = self.asking.contains(&target);
        asks.then_some(Event::PresenterAskEnded { participant: target, by })
    }

    /// A moderator who comes when nobody presents does so from now on, unless
    /// that is how a moderator wants it.
    pub(crate) fn follow_arrival(&self, newcomer: ParticipantId, role: Role) -> Option<Event> {
        (self.holder.is_none() && !self.taken && role == Role::Moderator)
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

    /// A request ends when it is granted, when it is declined or withdrawn, when its
    /// asker becomes a moderator, and when they leave.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::PresenterChanged { presenter, by } => {
                self.holder = presenter;
                self.taken = presenter.is_none() && by.is_some();
                self.asking.retain(|who| Some(*who) != presenter);
            }
            Event::PresenterAsked { participant } => self.asking.push(participant),
            Event::PresenterAskEnded { participant, .. }
            | Event::RoleChanged { participant, role: Role::Moderator, .. } => {
                self.asking.retain(|who| *who != participant);
            }
            Event::Left { participant, .. } => {
                self.asking.retain(|who| *who != participant);
                if self.is(participant) {
                    self.holder = None;
                }
            }
            _ => {}
        }
    }

    pub(crate) fn holder(&self) -> Option<ParticipantId> {
        self.holder
    }

    pub(crate) fn is(&self, participant: ParticipantId) -> bool {
        self.holder == Some(participant)
    }

    /// Who asks for the mark, first asked first.
    pub(crate) fn asking(&self) -> &[ParticipantId] {
        &self.asking
    }
}
