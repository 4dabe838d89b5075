//! Broken links: a place is kept for a while, in the meeting and in the queue.

use crate::event::Event;
use crate::id::SessionId;
use crate::meeting::state::State;
use crate::time::Timestamp;

impl State {
    /// A broken link; a session that speaks for nobody breaks nothing.
    pub(crate) fn decide_link_lost(&self, now: Timestamp, session: SessionId) -> Option<Event> {
        let until = now + self.config.rejoin_grace;
        if let Some(participant) = self.roster.participant_of(session) {
            return Some(Event::LinkLost { participant, until });
        }
        let waiter = self.lobby.by_session(session)?;
        Some(Event::WaitLinkLost { participant: waiter.person.id, until })
    }

    /// After a restart no link of before is alive.
    pub(crate) fn decide_recovered(&self, now: Timestamp) -> Vec<Event> {
        let until = now + self.config.rejoin_grace;
        let members = self.roster.members().iter().filter(|member| member.is_connected());
        let lost = members.map(|member| Event::LinkLost { participant: member.id, until });
        let waiters = self.lobby.waiting().iter().filter(|waiter| waiter.person.is_connected());
        let waiting =
            waiters.map(|waiter| Event::WaitLinkLost { participant: waiter.person.id, until });
        lost.chain(waiting).collect()
    }
}
