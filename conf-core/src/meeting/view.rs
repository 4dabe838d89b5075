//! What one participant may see: the snapshot a late joiner is shown.

use crate::id::ParticipantId;
use crate::meeting::glimpse;
use crate::meeting::roster::Member;
use crate::meeting::state::State;
use crate::policy::acquaintance::Acquaintance;
use crate::policy::lock::LockSet;
use crate::policy::role::Role;
use crate::stage::source::Source;
use crate::view::{ChatBody, ChatLine, OlderChat, ParticipantView, View};

impl State {
    /// The meeting as `viewer` may see it; `None` if they are not in it.
    ///
    /// What differs per person is decided here: the lobby is shown to moderators
    /// alone, the minutes to who may read them, exceptions and requests to moderators and whose they are, and who waits in it is shown nothing.
    pub(crate) fn view(&self, viewer: ParticipantId) -> Option<View> {
        let known = self.acquaintance();
        let view = self.whole_view(viewer)?;
        Some(if known.limits(viewer) { limited(view, viewer, &known) } else { view })
    }

    /// The meeting as `viewer` may see it if they know everyone.
    pub(crate) fn whole_view(&self, viewer: ParticipantId) -> Option<View> {
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
    pub(super) fn view_of(&self, member: &Member, close: bool) -> ParticipantView {
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

/// Leaves of `line` what its viewer may see, who knows only some of the others: who wrote it, and
/// of what others did with it to everyone nothing that names them.
pub(super) fn limit_line(line: &mut ChatLine, viewer: ParticipantId) {
    if let ChatBody::Deleted { by } = &mut line.body
        && *by != line.from
    {
        *by = glimpse::own(*by, viewer);
    }
    if line.to.is_none() {
        for sign in &mut line.reactions {
            sign.by.retain(|who| *who == viewer);
        }
        line.reactions.retain(|sign| !sign.by.is_empty());
    }
}

/// What of `view` its viewer may see, who knows only some of the others.
fn limited(mut view: View, viewer: ParticipantId, known: &Acquaintance) -> View {
    let knows = |who: &ParticipantId| known.knows(viewer, *who);
    let own = |author: &mut ParticipantId| *author = glimpse::own(*author, viewer);
    view.participants.retain(|person| knows(&person.id));
    view.hands.retain(knows);
    for line in view.chat.iter_mut().chain(&mut view.private) {
        limit_line(line, viewer);
    }
    view.caption_writers.retain(|writer| writer.participant == viewer);
    view.captions.iter_mut().for_each(|line| own(&mut line.by));
    for poll in &mut view.polls {
        own(&mut poll.by);
        poll.votes.retain(|vote| vote.by == viewer);
        poll.written.retain(|answer| answer.whose == viewer);
    }
    view.picked = view.picked.filter(|pick| pick.participant == viewer);
    for breakout in view.breakouts.iter_mut().flat_map(|round| &mut round.breakouts) {
        breakout.members.retain(|who| *who == viewer);
        breakout.inside.retain(|who| *who == viewer);
    }
    for vote in &mut view.votes {
        own(&mut vote.by);
        vote.entitled = None;
    }
    view.spotlight = view.spotlight.filter(knows);
    view.minute_taker = view.minute_taker.filter(|who| *who == viewer);
    if let Some(by) = view.minutes.as_mut().and_then(|minutes| minutes.by.as_mut()) {
        own(by);
    }
    view
}
