//! What may be asked of breakouts, and by whom where the table leaves it open.

use std::collections::BTreeMap;

use super::plan::{FEWEST, MOST, MOST_MINUTES, Planned};
use super::{Breakout, Breakouts};
use crate::denied::Denied;
use crate::event::Event;
use crate::id::{ClaimId, IdSource, ParticipantId, RoomId};
use crate::meeting::roster::Roster;
use crate::policy::role::Role;
use crate::text::ChatText;
use crate::time::{Span, Timestamp};

impl Breakouts {
    /// Opens breakouts, unless some are open.
    pub(crate) fn decide_open(
        &self,
        ids: &mut dyn IdSource,
        by: ParticipantId,
        roster: &Roster,
        planned: &[Planned],
        choice: bool,
        until: Option<Timestamp>,
    ) -> Result<Event, Denied> {
        if self.open().is_some() {
            return Err(Denied::BreakoutsOpen);
        }
        if !(FEWEST..=MOST).contains(&planned.len()) {
            return Err(Denied::BreakoutCount { max: MOST as u32 });
        }
        let mut members = BTreeMap::new();
        for (number, one) in planned.iter().enumerate() {
            for who in &one.members {
                require_person(roster, *who)?;
                members.insert(*who, number);
            }
        }
        let breakouts = planned.iter().enumerate().map(|(number, one)| Breakout {
            room: RoomId::from_number(ids.draw()),
            name: one.name.clone().into(),
            members: members.iter().filter(|(_, at)| **at == number).map(|(who, _)| *who).collect(),
        });
        Ok(Event::BreakoutsOpened { by, breakouts: breakouts.collect(), choice, until })
    }

    /// Has `target` belong to a breakout, or to none. Oneself only where everyone chooses.
    pub(crate) fn decide_assign(
        &self,
        by: (ParticipantId, Role),
        roster: &Roster,
        target: ParticipantId,
        breakout: Option<u8>,
    ) -> Result<Option<Event>, Denied> {
        let round = self.require()?;
        require_person(roster, target)?;
        if by.1 != Role::Moderator && !round.choice {
            return Err(Denied::NoChoice);
        }
        breakout.map(|number| round.require(number)).transpose()?;
        let changes = round.members.get(&target).copied() != breakout;
        let by = by.0;
        Ok(changes.then_some(Event::BreakoutAssigned { participant: target, breakout, by }))
    }

    /// Lets someone into a breakout: theirs, or, for a moderator, any.
    pub(crate) fn decide_enter(
        &self,
        ids: &mut dyn IdSource,
        who: (ParticipantId, Role),
        breakout: u8,
    ) -> Result<Event, Denied> {
        let round = self.require()?;
        round.require(breakout)?;
        let (participant, role) = who;
        if role != Role::Moderator && round.members.get(&participant) != Some(&breakout) {
            return Err(Denied::NotTheirBreakout);
        }
        let claim = ClaimId::from_number(ids.draw());
        Ok(Event::BreakoutPassed { participant, breakout, claim })
    }

    /// Calls a moderator into the breakout one is in.
    pub(crate) fn decide_help(&self, participant: ParticipantId) -> Result<Event, Denied> {
        let round = self.require()?;
        let within = round.inside.iter().find(|(_, inside)| *inside == participant);
        let (breakout, _) = *within.ok_or(Denied::NotTheirBreakout)?;
        if round.calls.contains_key(&breakout) {
            return Err(Denied::AskedAlready);
        }
        Ok(Event::HelpCalled { participant, breakout })
    }

    /// Gives all breakouts more time, or an end where they had none.
    pub(crate) fn decide_extend(
        &self,
        now: Timestamp,
        by: ParticipantId,
        minutes: u16,
    ) -> Result<Event, Denied> {
        let round = self.require()?;
        let until = span(minutes).map(|more| round.until.unwrap_or(now).max(now) + more)?;
        Ok(Event::BreakoutsExtended { until, by })
    }

    /// Says something to everyone in all breakouts.
    pub(crate) fn decide_tell(&self, by: ParticipantId, text: &ChatText) -> Result<Event, Denied> {
        self.require()?;
        Ok(Event::BreakoutsTold { by, text: text.clone().into() })
    }

    /// Calls everyone back.
    pub(crate) fn decide_close(&self, by: ParticipantId) -> Option<Event> {
        self.open().map(|_| Event::BreakoutsClosed { by: Some(by) })
    }
}

/// When breakouts of so many minutes close.
pub(crate) fn until(now: Timestamp, minutes: Option<u16>) -> Result<Option<Timestamp>, Denied> {
    minutes.map(|minutes| span(minutes).map(|span| now + span)).transpose()
}

fn span(minutes: u16) -> Result<Span, Denied> {
    if (1..=MOST_MINUTES).contains(&minutes) {
        Ok(Span::from_mins(u64::from(minutes)))
    } else {
        Err(Denied::BreakoutMinutes { max: u32::from(MOST_MINUTES) })
    }
}

fn require_person(roster: &Roster, who: ParticipantId) -> Result<(), Denied> {
    match roster.require(who)?.role {
        Role::Service => Err(Denied::NotAPerson),
        Role::Moderator | Role::Participant => Ok(()),
    }
}
