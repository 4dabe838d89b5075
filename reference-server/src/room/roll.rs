//! Which sessions are in a meeting or its lobby, for whom they speak, and how far they have come in.

use std::collections::BTreeMap;

use conf_core::Role;
use conf_core::id::{ParticipantId, SessionId};
use conf_core::output::Audience;
use conf_proto::Resume;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::signal::link::Link;

/// The sessions of one meeting.
#[derive(Default)]
pub(crate) struct Roll {
    sessions: BTreeMap<SessionId, Member>,
    waiting: BTreeMap<SessionId, Waiting>,
}

/// One session in the lobby. Nothing of the meeting is said to it.
pub(crate) struct Waiting {
    pub(crate) participant: ParticipantId,
    pub(crate) link: Link,
    /// The number of its `hello`, which the welcome will answer.
    pub(crate) re: u32,
}

/// One admitted session.
pub(crate) struct Member {
    pub(crate) participant: ParticipantId,
    /// As it is now.
    pub(crate) role: Role,
    pub(crate) link: Link,
    /// What the welcome will need, until it is sent. Nothing else is said before it.
    pub(crate) greeting: Option<Greeting>,
}

/// What a welcome answers.
pub(crate) struct Greeting {
    /// The number of the `hello`.
    pub(crate) re: u32,
    /// Where this participant's earlier session left off in this meeting.
    pub(crate) resume: Option<Resume>,
}

impl Roll {
    /// Adds a session that was admitted and not yet welcomed.
    pub(crate) fn admit(&mut self, session: SessionId, member: Member) {
        self.sessions.insert(session, member);
    }

    /// Whoever `participant` is here by is told what is for `role` from now on.
    pub(crate) fn set_role(&mut self, participant: ParticipantId, role: Role) {
        for member in self.sessions.values_mut().filter(|m| m.participant == participant) {
            member.role = role;
        }
    }

    /// Adds a session to the lobby.
    pub(crate) fn wait(&mut self, session: SessionId, waiting: Waiting) {
        self.waiting.insert(session, waiting);
    }

    /// Takes a session out of the lobby.
    pub(crate) fn stop_waiting(&mut self, session: SessionId) -> Option<Waiting> {
        self.waiting.remove(&session)
    }

    /// A session in the lobby.
    pub(crate) fn waiting(&self, session: SessionId) -> Option<&Waiting> {
        self.waiting.get(&session)
    }

    /// Takes a session out, wherever it is; the way to it.
    pub(crate) fn remove(&mut self, session: SessionId) -> Option<Link> {
        let member = self.sessions.remove(&session).map(|member| member.link);
        member.or_else(|| self.stop_waiting(session).map(|waiting| waiting.link))
    }

    /// A session, welcomed or not.
    pub(crate) fn member_mut(&mut self, session: SessionId) -> Option<&mut Member> {
        self.sessions.get_mut(&session)
    }

    /// A session that was welcomed: what it asks counts.
    pub(crate) fn welcomed(&self, session: SessionId) -> Option<&Member> {
        self.sessions.get(&session).filter(|member| member.greeting.is_none())
    }

    /// Tells every welcomed session that may know.
    pub(crate) fn tell(&self, audience: &Audience, text: &Utf8Bytes) {
        for member in self.told(audience) {
            // A broken link is reported by its own session, as `LinkLost`.
            let _ = member.link.send(text.clone());
        }
    }

    /// Tells every welcomed session that may know and is not behind.
    pub(crate) fn hint(&self, audience: &Audience, text: &Utf8Bytes) {
        for member in self.told(audience) {
            member.link.hint(text.clone());
        }
    }

    /// Tells every welcomed session what `say` has for its participant.
    pub(crate) fn tell_each(&self, mut say: impl FnMut(ParticipantId) -> Option<Utf8Bytes>) {
        for member in self.told(&Audience::Everyone) {
            if let Some(text) = say(member.participant) {
                // A broken link is reported by its own session, as `LinkLost`.
                let _ = member.link.send(text);
            }
        }
    }

    fn told(&self, audience: &Audience) -> impl Iterator<Item = &Member> {
        let welcomed = self.sessions.values().filter(|member| member.greeting.is_none());
        welcomed.filter(|member| audience.includes(member.participant, member.role))
    }

    /// The ways to everyone, leaving nobody.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = Link> {
        let members = std::mem::take(&mut self.sessions).into_values().map(|member| member.link);
        let waiting = std::mem::take(&mut self.waiting).into_values().map(|waiting| waiting.link);
        members.chain(waiting)
    }
}
