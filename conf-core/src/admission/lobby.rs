//! The lobby: who waits, in which order, and what they are told.
//!
//! A waiter has the id they will have once let in. A broken link keeps the
//! place in the queue as long as it would keep a place in the meeting.

use crate::event::{Entry, Event};
use crate::id::{ParticipantId, SessionId};
use crate::meeting::roster::{Link, Member};
use crate::personal::{Personal, PersonalField};
use crate::policy::role::Role;
use crate::text::ChatText;
use crate::time::Timestamp;
use crate::view::WaitingView;

/// Everyone who waits, first come first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Lobby {
    waiting: Vec<Waiter>,
    message: Option<Message>,
}

/// Someone who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Waiter {
    pub(crate) person: Member,
    pub(crate) since: Timestamp,
    /// The session they came by last, also once its link is lost.
    pub(crate) last: SessionId,
}

/// What those who wait are told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Message {
    by: ParticipantId,
    text: Personal<ChatText>,
}

impl Lobby {
    /// Tells those who wait something else, or nothing.
    pub(crate) fn decide_message(
        &self,
        by: ParticipantId,
        text: Option<&ChatText>,
    ) -> Option<Event> {
        (self.message() != text).then(|| {
            let text = text.cloned().map(Personal::from);
            Event::LobbyMessageSet { text, by }
        })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::WaitBegan(who) => {
                let (person, last) = (Member::from(who), who.session);
                self.waiting.push(Waiter { person, since: entry.at, last });
            }
            Event::WaitResumed { participant, session, claim } => {
                if let Some(waiter) = self.get_mut(*participant) {
                    waiter.person.link = Link::Alive { session: *session };
                    waiter.person.presents(*claim);
                    waiter.last = *session;
                }
            }
            Event::WaitLinkLost { participant, until } => {
                if let Some(waiter) = self.get_mut(*participant) {
                    waiter.person.link = Link::Lost { until: *until };
                }
            }
            Event::WaitEnded { participant, .. } => {
                self.waiting.retain(|waiter| waiter.person.id != *participant);
            }
            Event::LobbyMessageSet { text, by } => {
                self.message = text.clone().map(|text| Message { by: *by, text });
            }
            _ => {}
        }
    }

    /// Everyone, first come first.
    pub(crate) fn waiting(&self) -> &[Waiter] {
        &self.waiting
    }

    pub(crate) fn get(&self, id: ParticipantId) -> Option<&Waiter> {
        self.waiting.iter().find(|waiter| waiter.person.id == id)
    }

    /// Who waits by `session`.
    pub(crate) fn by_session(&self, session: SessionId) -> Option<&Waiter> {
        self.waiting.iter().find(|waiter| waiter.person.session() == Some(session))
    }

    /// Whether a person waits; machines alone hold no meeting.
    pub(crate) fn has_people(&self) -> bool {
        self.waiting.iter().any(|waiter| waiter.person.role != Role::Service)
    }

    /// What those who wait are told; nothing once it is erased.
    pub(crate) fn message(&self) -> Option<&ChatText> {
        self.message.as_ref().and_then(|message| message.text.as_ref())
    }

    /// What moderators are shown.
    pub(crate) fn view(&self) -> Vec<WaitingView> {
        self.waiting
            .iter()
            .map(|Waiter { person, since, .. }| WaitingView {
                id: person.id,
                name: person.name.clone(),
                role: person.role,
                standing: person.standing,
                since: *since,
                connected: person.is_connected(),
            })
            .collect()
    }

    /// Shows every personal field: in the order people came, then the message.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for Waiter { person, .. } in &mut self.waiting {
            visit(person.id, &mut person.subject);
            visit(person.id, &mut person.name);
        }
        if let Some(message) = &mut self.message {
            visit(message.by, &mut message.text);
        }
    }

    fn get_mut(&mut self, id: ParticipantId) -> Option<&mut Waiter> {
        self.waiting.iter_mut().find(|waiter| waiter.person.id == id)
    }
}
