//! What a breakout tells the meeting it belongs to, and what comes of it there.

use std::collections::BTreeSet;

use super::rule;
use crate::event::{Event, LeaveReason};
use crate::id::{ParticipantId, RoomId};
use crate::meeting::state::State;
use crate::policy::action::Action;
use crate::policy::{Verdict, verdict};

/// How things stand in a breakout, by the ids people have in the meeting it belongs to.
/// Told whole each time, so that one that was missed is no loss.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Who is there.
    pub inside: BTreeSet<ParticipantId>,
    /// Who was banned there, and by whom.
    pub banned: BTreeSet<(ParticipantId, ParticipantId)>,
}

impl State {
    /// How things stand here, for the meeting this one is a breakout of.
    pub(crate) fn report(&self) -> Report {
        let members = self.roster.members().iter();
        Report {
            inside: members.filter_map(|m| rule::id_of(m.subject.as_ref()?)).collect(),
            banned: self
                .door
                .banned()
                .filter_map(|(who, by)| Some((rule::id_of(who)?, by)))
                .collect(),
        }
    }

    /// Who has come to a breakout or gone from it since, and who was banned there.
    ///
    /// A ban counts here if whoever decided it may ban here too.
    pub(crate) fn decide_report(&self, room: RoomId, report: &Report) -> Vec<Event> {
        let Some(round) = self.breakouts.open() else { return Vec::new() };
        let Some(breakout) = round.number_of(room) else { return Vec::new() };
        let before: BTreeSet<_> = round.inside_of(breakout).collect();
        let gone = before.difference(&report.inside);
        let gone = gone.map(|who| Event::BreakoutLeft { participant: *who, breakout });
        let come = report.inside.difference(&before);
        let come = come.filter(|who| self.roster.get(**who).is_some());
        let come = come.map(|who| Event::BreakoutEntered { participant: *who, breakout });
        let may = |by| {
            let locks = self.locks.in_force_for(by);
            let actor = self.actor(by).ok();
            actor.is_some_and(|a| verdict(a, locks, Action::RemoveOther) == Verdict::Allowed)
        };
        let banned = report.banned.iter();
        let banned = banned.filter(|(who, by)| self.roster.get(*who).is_some() && may(*by));
        let banned = banned.map(|(who, by)| Event::Left {
            participant: *who,
            reason: LeaveReason::Removed { by: *by, ban: true },
        });
        gone.chain(come).chain(banned).collect()
    }
}
