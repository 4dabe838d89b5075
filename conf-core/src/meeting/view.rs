//! What one participant may see: the snapshot a late joiner is shown.

use crate::id::ParticipantId;
use crate::meeting::roster::Member;
use crate::meeting::state::State;
use crate::stage::source::Source;
use crate::view::{ParticipantView, View};

impl State {
    /// The meeting as `viewer` may see it; `None` if they are not in it.
    ///
    /// Today everyone in the roster sees the same. What differs per person
    /// (private chat, a lobby) is decided here.
    pub(crate) fn view(&self, viewer: ParticipantId) -> Option<View> {
        self.roster.get(viewer)?;
        Some(View {
            meeting: self.identity.meeting,
            room: self.identity.room,
            name: self.config.name.clone(),
            seq: self.seq,
            opened_at: self.lifecycle.opened_at,
            participants: self.roster.members().iter().map(|m| self.view_of(m)).collect(),
            presenter: self.presenter.holder(),
            hands: self.hands.raised().to_vec(),
            chat: self.chat.view(),
            locks: self.locks.set(),
            guests: self.config.guests,
            join_muted: self.config.join_muted,
            spotlight: None,
            lobby: Vec::new(),
            lobby_message: None,
        })
    }

    fn view_of(&self, member: &Member) -> ParticipantView {
        let sources = self.publishing.of(member.id);
        ParticipantView {
            id: member.id,
            name: member.name.clone(),
            role: member.role,
            standing: member.standing,
            connected: member.is_connected(),
            sources,
            muted: sources.contains(Source::Microphone) && self.muting.is_muted(member.id),
        }
    }
}
