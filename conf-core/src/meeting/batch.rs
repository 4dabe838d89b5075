//! What one input asks of the world, in the order it must be done.

use std::collections::VecDeque;

use crate::event::{Entry, Event, LeaveReason};
use crate::id::{ParticipantId, SessionId};
use crate::meeting::state::State;
use crate::output::{Audience, HangupReason, Output};
use crate::stage::gate::{self, Gate};

/// The outputs of one input, by kind: gates that close, then the journal, then
/// who was admitted, gates that open, the news, the farewells.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    closing: Vec<Output>,
    journal: Vec<Output>,
    admitted: Vec<Output>,
    opening: Vec<Output>,
    news: Vec<Output>,
    farewells: Vec<Output>,
}

impl Batch {
    /// What `entry` asks for, seen from just before it is applied.
    pub(crate) fn add(&mut self, before: &State, entry: &Entry) {
        for gate in gate::moved_by(&before.publishing, &before.muting, &entry.event) {
            self.gate(gate);
        }
        self.journal.push(Output::Journal(entry.clone()));
        self.news.push(Output::Deliver { to: Audience::Everyone, entry: entry.clone() });
        let session_of = |who: ParticipantId| before.roster.get(who).and_then(|m| m.session());
        match entry.event {
            Event::Joined { participant, session, .. } => self.admit(session, participant),
            Event::Rejoined { participant, session } => {
                self.admit(session, participant);
                self.hang_up(session_of(participant), HangupReason::Replaced);
            }
            Event::Left { participant, reason } => {
                let reason = match reason {
                    LeaveReason::Replaced => HangupReason::Replaced,
                    LeaveReason::Left | LeaveReason::LinkLost => HangupReason::Left,
                };
                self.hang_up(session_of(participant), reason);
            }
            Event::Ended { reason, .. } => {
                for member in before.roster.members() {
                    self.hang_up(member.session(), HangupReason::Ended(reason));
                }
                self.farewells.push(Output::Ended);
            }
            _ => {}
        }
    }

    pub(crate) fn admit(&mut self, session: SessionId, participant: ParticipantId) {
        self.admitted.push(Output::Admitted { session, participant });
    }

    pub(crate) fn gate(&mut self, Gate { participant, source, open }: Gate) {
        // A microphone taken up while muted would close twice.
        let gate = Output::Gate { participant, source, open };
        let list = if open { &mut self.opening } else { &mut self.closing };
        if !list.contains(&gate) {
            list.push(gate);
        }
    }

    /// Appends everything to `queue` in the order it must be done.
    pub(crate) fn flush(self, queue: &mut VecDeque<Output>) {
        let Self { closing, journal, admitted, opening, news, farewells } = self;
        for list in [closing, journal, admitted, opening, news, farewells] {
            queue.extend(list);
        }
    }

    fn hang_up(&mut self, session: Option<SessionId>, reason: HangupReason) {
        self.farewells.extend(session.map(|session| Output::Hangup { session, reason }));
    }
}
