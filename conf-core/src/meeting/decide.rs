//! What an input would mean: which part judges it, and with what authority.

use crate::denied::Denied;
use crate::event::{Event, LeaveReason};
use crate::id::{IdSource, ParticipantId};
use crate::input::Command;
use crate::meeting::state::State;
use crate::policy::action::Action;
use crate::policy::{self, Actor};
use crate::time::Timestamp;

impl State {
    /// Answers `command` without changing anything.
    ///
    /// `Ok(None)` means the meeting is already as asked. Authority is judged
    /// before anything that could tell an unauthorised asker about others.
    pub(crate) fn decide(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        from: ParticipantId,
        command: &Command,
    ) -> Result<Option<Event>, Denied> {
        let member = self.roster.require(from)?;
        if !member.is_connected() {
            // Nobody speaks for a kept place: what arrives is from a link that is gone.
            return Err(Denied::NoSuchParticipant);
        }
        policy::check(self.actor(from)?, self.locks.set(), Action::of(command, from))?;

        match command {
            Command::Leave => {
                Ok(Some(Event::Left { participant: from, reason: LeaveReason::Left }))
            }
            Command::End => Ok(self.lifecycle.decide_end(from)),
            Command::Publish { source } => {
                self.publishing.decide_publish(from, member.claimed, *source)
            }
            Command::Stop { target, source } => {
                self.roster.require(*target)?;
                Ok(self.publishing.decide_stop(from, *target, *source))
            }
            Command::Mute { target } => {
                self.roster.require(*target)?;
                self.muting.decide_mute(&self.publishing, from, *target)
            }
            Command::Unmute => self.muting.decide_unmute(&self.publishing, from),
            Command::RaiseHand => Ok(self.hands.decide_raise(from)),
            Command::LowerHand { target } => {
                self.roster.require(*target)?;
                Ok(self.hands.decide_lower(from, *target))
            }
            Command::SendChat { text } => self.chat.decide(now, ids, &self.config, from, text),
            Command::GivePresenter { target } => {
                let role = self.roster.require(*target)?.role;
                self.presenter.decide(from, *target, role)
            }
            Command::SetLock { lock, on } => Ok(self.locks.decide(from, *lock, *on)),
        }
    }

    /// What authority judges `id` by.
    pub(crate) fn actor(&self, id: ParticipantId) -> Result<Actor, Denied> {
        let member = self.roster.require(id)?;
        Ok(Actor { role: member.role, standing: member.standing, presenter: self.presenter.is(id) })
    }
}
