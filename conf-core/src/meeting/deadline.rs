//! Everything a meeting wants to be woken for, with its time.

use crate::admission::policy::Unattended;
use crate::collab::vote::urn::Urn;
use crate::event::{EndReason, Event, LeaveReason, WaitEnd};
use crate::id::{ParticipantId, VoteId};
use crate::meeting::roster::Link;
use crate::meeting::state::State;
use crate::time::{Span, Timestamp};

/// Why a meeting wants to be woken. A closed set. The order is that in which
/// reasons of the same moment are dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deadline {
    /// The longest allowed duration is over.
    TimeLimit,
    /// Nobody came back in time.
    Empty,
    /// No moderator came back in time.
    Unattended,
    /// The time of the breakouts is over.
    BreakoutsOver,
    /// The place of someone whose link broke is given up.
    GraceOver(ParticipantId),
    /// The place in the queue of someone whose link broke is given up.
    WaitGraceOver(ParticipantId),
    /// Ballots of this vote that have not arrived do not any more.
    VoteOver(VoteId),
}

impl Deadline {
    /// What follows when its time has come.
    pub(crate) fn events(self, state: &State, urn: &mut Urn) -> Vec<Event> {
        let event = match self {
            Self::TimeLimit => Event::Ended { reason: EndReason::TimeLimit, by: None },
            Self::Empty => Event::Ended { reason: EndReason::Empty, by: None },
            Self::Unattended => Event::Ended { reason: EndReason::Unattended, by: None },
            Self::BreakoutsOver => Event::BreakoutsClosed { by: None },
            Self::GraceOver(participant) => {
                Event::Left { participant, reason: LeaveReason::LinkLost }
            }
            Self::WaitGraceOver(participant) => {
                Event::WaitEnded { participant, reason: WaitEnd::LinkLost }
            }
            Self::VoteOver(vote) => return state.votes.close(vote, urn.take_all()),
        };
        vec![event]
    }
}

/// The earliest deadline; `None` once the meeting has ended.
pub(crate) fn next(state: &State) -> Option<(Timestamp, Deadline)> {
    if state.lifecycle.ended.is_some() {
        return None;
    }
    let limit = state.config.duration.map(|span| state.lifecycle.opened_at + span);
    let empty = state.lifecycle.empty_since.map(|since| since + state.config.empty_after);
    let graces = state.roster.members().iter().filter_map(|member| match member.link {
        Link::Lost { until } => Some((until, Deadline::GraceOver(member.id))),
        Link::Alive { .. } => None,
    });
    let waits = state.lobby.waiting().iter().filter_map(|waiter| match waiter.person.link {
        Link::Lost { until } => Some((until, Deadline::WaitGraceOver(waiter.person.id))),
        Link::Alive { .. } => None,
    });
    let unattended = match state.config.unattended {
        Unattended::CloseAfterMinutes(minutes) => {
            let wait = Span::from_mins(u64::from(minutes));
            state.lifecycle.unattended_since.map(|since| since + wait)
        }
        Unattended::Continue | Unattended::Wait => None,
    };
    let vote = state.votes.closing().map(|(vote, until)| (until, Deadline::VoteOver(vote)));
    graces
        .chain(waits)
        .chain(state.breakouts.until().map(|at| (at, Deadline::BreakoutsOver)))
        .chain(vote)
        .chain(unattended.map(|at| (at, Deadline::Unattended)))
        .chain(limit.map(|at| (at, Deadline::TimeLimit)))
        .chain(empty.map(|at| (at, Deadline::Empty)))
        .min()
}
