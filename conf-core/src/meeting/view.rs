//! What one participant may see: the snapshot a late joiner is shown.

use crate::id::ParticipantId;
use crate::meeting::roster::Member;
use crate::meeting::state::State;
use crate::policy::lock::LockSet;
use crate::policy::role::Role;
use crate::stage::source::Source;
use crate::view::{OlderChat, ParticipantView, View};

impl State {
    /// The meeting as `viewer` may see it; `None` if they are not in it.
    ///
    /// What differs per person is decided here: the lobby is shown to moderators
    /// alone, the minutes to who may read them, exceptions and requests to moderators and whose they are, and who waits in it is shown nothing.
    pub(crate) fn view(&self, viewer: ParticipantId) -> Option<View> {
        let member = self.roster.get(viewer)?;
        let (role, reader) = (member.role, self.reader_of(member));
        let moderates = role == Role::Moderator;
        let members = self.roster.members().iter();
        let asking = self.presenter.asking().iter().copied();
        let (chat, older_public) = self.chat.view(reader);
        let (private, older_with) = self.chat.private_view(viewer);
        Some(View {
            meeting: self.identity.meeting,
            room: self.identity.room,
            name: self.config.name.clone(),
            seq: self.seq,
            opened_at: self.lifecycle.opened_at,
            participants: members.map(|m| self.view_of(m, moderates || m.id == viewer)).collect(),
            presenter: self.presenter.holder(),
            asking_to_present: asking.filter(|who| moderates || *who == viewer).collect(),
            hands: self.hands.raised().to_vec(),
            chat,
            private,
            older_chat: OlderChat { everyone: older_public, with: older_with },
            caption_writers: self.captions.writers_view(),
            captions: self.captions.view(),
            files: self.files.view(reader),
            file_limits: self.config.files.clone(),
            polls: self.polls.view(viewer, role),
            timer: self.timer.view(),
            picked: self.picks.view(),
            breakouts: self.breakouts.view(viewer, role),
            votes: self.votes.view(viewer),
            locks: self.locks.set(),
            guests: self.door.guests(),
            join_muted: self.door.join_muted(),
            spotlight: self.spotlight.on(),
            layout: self.layouts.shared(),
            minute_taker: self.marks.minute_taker(),
            minutes: self.reads_minutes(viewer, role).then(|| self.minutes.view()),
            attendance: self.config.attendance,
            learning: self.config.learning,
            lobby: if moderates { self.lobby.view() } else { Vec::new() },
            lobby_message: self.lobby.message().filter(|_| moderates).cloned(),
        })
    }

    /// `close`: to a moderator, or to themself.
    fn view_of(&self, member: &Member, close: bool) -> ParticipantView {
        let sources = self.publishing.of(member.id);
        ParticipantView {
            id: member.id,
            name: member.name.clone(),
            role: member.role,
            standing: member.standing,
            connected: member.is_connected(),
            sources,
            away: self.marks.is_away(member.id),
            interpreter: self.marks.is_interpreter(member.id),
            exceptions: if close { self.locks.exceptions_of(member.id) } else { LockSet::NONE },
            muted: sources.contains(Source::Microphone) && self.muting.is_muted(member.id),
        }
    }
}
