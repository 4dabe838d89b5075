//! What a server asks of a meeting beside the views it shows: who somebody is, what they may see.

use crate::collab::file::upload::Upload;
use crate::denied::Denied;
use crate::id::{FileId, ParticipantId, SessionId};
use crate::input::Command;
use crate::meeting::Meeting;
use crate::personal::Personal;
use crate::policy::acquaintance::Acquaintance;
use crate::policy::action::Action;
use crate::policy::lock::Lock;
use crate::policy::role::Role;
use crate::policy::watch::Sight;
use crate::text::DisplayName;
use crate::time::Timestamp;
use crate::view::{FileView, Place};

impl Meeting {
    /// Who a session speaks for now.
    #[must_use]
    pub fn participant_of(&self, session: SessionId) -> Option<ParticipantId> {
        self.state.roster.participant_of(session)
    }

    /// Who waits in the lobby by a session now.
    #[must_use]
    pub fn waiting_of(&self, session: SessionId) -> Option<ParticipantId> {
        self.state.lobby.by_session(session).map(|waiter| waiter.person.id)
    }

    /// Where someone stands in the lobby; `None` if they do not wait.
    #[must_use]
    pub fn place_of(&self, participant: ParticipantId) -> Option<Place> {
        self.state.place_of(participant)
    }

    /// What someone who is here may be told as; `None` for anyone else.
    #[must_use]
    pub fn role_of(&self, participant: ParticipantId) -> Option<Role> {
        self.state.roster.get(participant).map(|member| member.role)
    }

    /// The name the chat shows: of someone who is here, or whose messages are
    /// kept. `None` for anyone else.
    #[must_use]
    pub fn name_of(&self, participant: ParticipantId) -> Option<&Personal<DisplayName>> {
        self.state.name_of(participant)
    }

    /// Who may see whose pictures just now: what the media side is held to.
    #[must_use]
    pub fn sight(&self) -> Sight {
        let state = &self.state;
        if !state.locks.set().contains(Lock::SeeCameras) {
            return Sight::default();
        }
        Sight::of(
            state.roster.members().iter().map(|member| {
                (member.id, state.actor_of(member), state.locks.in_force_for(member.id))
            }),
        )
    }

    /// Who knows of whom just now: what is told and shown is held to it.
    #[must_use]
    pub fn acquaintance(&self) -> Acquaintance {
        self.state.acquaintance()
    }

    /// Whether nobody who is here is kept from knowing of `who`.
    #[must_use]
    pub fn is_shown_to_all(&self, who: ParticipantId) -> bool {
        let known = self.acquaintance();
        known.is_full() || known.shown().contains(&who)
    }

    /// Whether `command` would be done now; nothing changes.
    ///
    /// # Errors
    /// The refusal it would get.
    pub fn would(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        command: &Command,
    ) -> Result<(), Denied> {
        if self.is_ended() {
            return Err(Denied::Ended);
        }
        self.state.decide(now.max(self.state.at), self.ids.as_mut(), from, command).map(|_| ())
    }

    /// Who is marked as a sign-language interpreter.
    pub fn interpreters(&self) -> impl Iterator<Item = ParticipantId> {
        self.state.marks.interpreters()
    }

    /// The files that are kept.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.state.files.ids()
    }

    /// A file, if `viewer` is in the meeting and may see it.
    #[must_use]
    pub fn file(&self, viewer: ParticipantId, file: FileId) -> Option<FileView> {
        self.state.files.view_one(self.state.reader(viewer).ok()?, file)
    }

    /// Files on their way.
    pub fn uploads(&self) -> impl DoubleEndedIterator<Item = &Upload> {
        self.uploads.all()
    }

    /// What `command` amounts to when `from` asks for it now.
    #[must_use]
    pub fn action_of(&self, command: &Command, from: ParticipantId) -> Action {
        self.state.action_of(command, from)
    }
}
