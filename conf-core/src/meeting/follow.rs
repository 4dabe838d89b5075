//! What an event brings with it: further events, decided at once and journaled
//! beside it, so that replay need not know these rules.

use crate::event::{Event, ExceptionsInherited, Newcomer};
use crate::id::ParticipantId;
use crate::input::Command;
use crate::meeting::state::State;
use crate::policy::action::Action;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::Role;
use crate::policy::{Actor, Verdict, verdict};
use crate::stage::source::Source;

impl State {
    /// What follows from `event`, seen from just before it is applied.
    ///
    /// After all of it holds, nobody publishes what the table would refuse
    /// them, and nobody's microphone is open whom a lock keeps silent.
    pub(crate) fn follow(&self, event: &Event) -> Vec<Event> {
        match *event {
            Event::Joined(Newcomer { participant, role, .. }) => {
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
            Event::RoleChanged { participant, role, by } => {
                let locks = self.locks.in_force_for(participant);
                self.follow_rights(participant, |actor| (Actor { role, ..actor }, locks), by)
            }
            Event::Published { participant, source: Source::Microphone } => {
                self.muting.follow_published(participant).into_iter().collect()
            }
            Event::Stopped { participant, source: Source::Screen, by } => self
                .publishing
                .decide_stop(by, participant, Source::ScreenAudio)
                .into_iter()
                .collect(),
            Event::BreakoutEntered { participant, breakout } => {
                self.follow_entered(participant, breakout)
            }
            Event::LocksInherited { locks, .. } => self.follow_inherited(locks),
            Event::ExceptionsInherited(ExceptionsInherited { participant, exceptions, .. }) => {
                let locks = self.locks.set().without(exceptions);
                self.follow_rights(participant, |actor| (actor, locks), participant)
            }
            Event::PresenterChanged { presenter, by } => self.follow_mark(presenter, by),
            Event::LockChanged { lock, on: true, by } => self.follow_lock(lock, by),
            Event::ExceptionChanged { participant, lock, on: false, by } => {
                let locks =
                    self.locks.in_force_for(participant).set(lock, self.locks.set().contains(lock));
                self.follow_rights(participant, |actor| (actor, locks), by)
            }
            _ => Vec::new(),
        }
    }

    /// Whoever shared a screen only by virtue of the mark stops with it.
    fn follow_mark(&self, to: Option<ParticipantId>, by: Option<ParticipantId>) -> Vec<Event> {
        let Some(before) = self.presenter.holder().filter(|holder| Some(*holder) != to) else {
            return Vec::new();
        };
        let locks = self.locks.in_force_for(before);
        let without = |actor| (Actor { presenter: false, ..actor }, locks);
        self.follow_rights(before, without, by.unwrap_or(before))
    }

    /// A lock reaches what is already running, of everyone it is not lifted for.
    fn follow_lock(&self, lock: Lock, by: ParticipantId) -> Vec<Event> {
        let everyone = self.publishing.everyone();
        everyone
            .flat_map(|who| {
                let locks = self.locks.in_force_for(who).set(lock, true);
                self.follow_rights(who, |actor| (actor, locks), by)
            })
            .collect()
    }

    /// Who is in a breakout is seen and heard there and not here; a moderator who comes to
    /// one that called is the answer.
    fn follow_entered(&self, participant: ParticipantId, breakout: u8) -> Vec<Event> {
        // The sound of a screen goes with it.
        let sources = self.publishing.of(participant).without(Source::ScreenAudio).iter();
        let stopped = sources
            .filter_map(|source| self.publishing.decide_stop(participant, participant, source));
        let moderates =
            self.roster.get(participant).is_some_and(|member| member.role == Role::Moderator);
        let caller = self.breakouts.caller(breakout).filter(|_| moderates);
        let answered = caller.map(|caller| Event::HelpEnded {
            participant: caller,
            breakout,
            by: participant,
        });
        stopped.chain(answered).collect()
    }

    /// What was locked in the meeting a breakout belongs to reaches what is running here.
    fn follow_inherited(&self, locks: LockSet) -> Vec<Event> {
        let everyone = self.publishing.everyone();
        everyone
            .flat_map(|who| {
                let locks = locks.without(self.locks.exceptions_of(who));
                self.follow_rights(who, |actor| (actor, locks), who)
            })
            .collect()
    }

    /// What `who` may go on with once authority is judged by what `then` makes of
    /// them: a microphone is closed, everything else stops.
    fn follow_rights(
        &self,
        who: ParticipantId,
        then: impl FnOnce(Actor) -> (Actor, LockSet),
        by: ParticipantId,
    ) -> Vec<Event> {
        let Ok(actor) = self.actor(who) else { return Vec::new() };
        let (actor, locks) = then(actor);
        // The sound of a screen goes with it.
        let sources = self.publishing.of(who).without(Source::ScreenAudio).iter();
        let refused = sources.filter(|source| {
            let action = Action::of(&Command::Publish { source: *source }, who);
            verdict(actor, locks, action) != Verdict::Allowed
        });
        refused
            .filter_map(|source| match source {
                Source::Microphone => {
                    self.muting.decide_mute(&self.publishing, by, who).ok().flatten()
                }
                _ => self.publishing.decide_stop(by, who, source),
            })
            .collect()
    }
}
