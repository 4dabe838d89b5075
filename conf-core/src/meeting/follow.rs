//! What an event brings with it: further events, decided at once and journaled
//! beside it, so that replay need not know these rules.

use crate::event::Event;
use crate::id::ParticipantId;
use crate::meeting::state::State;
use crate::policy::lock::Lock;
use crate::policy::role::Role;
use crate::stage::source::Source;

impl State {
    /// What follows from `event`, seen from just before it is applied.
    ///
    /// After all of it holds, nobody publishes what the table would refuse
    /// them, and nobody's microphone is open whom a lock keeps silent.
    pub(crate) fn follow(&self, event: &Event) -> Vec<Event> {
        match *event {
            Event::Joined { participant, role, .. } => {
                self.presenter.follow_arrival(participant, role).into_iter().collect()
            }
            Event::Rejoined { participant, .. } => self
                .roster
                .get(participant)
                .and_then(|member| self.presenter.follow_arrival(participant, member.role))
                .into_iter()
                .collect(),
            Event::Left { participant, .. } => {
                let heir = self.roster.connected_moderator(Some(participant));
                let mark = self.presenter.follow_left(participant, heir);
                mark.into_iter().chain(self.spotlight.follow_left(participant)).collect()
            }
            Event::Published { participant, source: Source::Microphone } => {
                self.muting.follow_published(participant).into_iter().collect()
            }
            Event::Stopped { participant, source: Source::Screen, by } => self
                .publishing
                .decide_stop(by, participant, Source::ScreenAudio)
                .into_iter()
                .collect(),
            Event::PresenterChanged { presenter, by } => self.follow_mark(presenter, by),
            Event::LockChanged { lock, on: true, by } => self.follow_lock(lock, by),
            _ => Vec::new(),
        }
    }

    /// Whoever shared a screen only by virtue of the mark stops with it.
    fn follow_mark(&self, to: Option<ParticipantId>, by: Option<ParticipantId>) -> Vec<Event> {
        let before = self.presenter.holder().filter(|holder| Some(*holder) != to);
        before
            .filter(|holder| !self.is_moderator(*holder))
            .and_then(|holder| {
                self.publishing.decide_stop(by.unwrap_or(holder), holder, Source::Screen)
            })
            .into_iter()
            .collect()
    }

    /// A lock reaches what is already running.
    fn follow_lock(&self, lock: Lock, by: ParticipantId) -> Vec<Event> {
        let source = match lock {
            Lock::Microphone => Source::Microphone,
            Lock::Camera => Source::Camera,
            Lock::Screen => Source::Screen,
            Lock::Chat | Lock::Hands | Lock::Entry => return Vec::new(),
        };
        self.publishing
            .senders(source)
            .filter(|who| !self.is_moderator(*who))
            .filter_map(|who| match source {
                Source::Microphone => {
                    self.muting.decide_mute(&self.publishing, by, who).ok().flatten()
                }
                _ => self.publishing.decide_stop(by, who, source),
            })
            .collect()
    }

    fn is_moderator(&self, id: ParticipantId) -> bool {
        self.roster.get(id).is_some_and(|member| member.role == Role::Moderator)
    }
}
