//! Breakouts: smaller meetings beside this one, who belongs to which, and who is in one now.
//!
//! What happens inside is a meeting's own matter, which obeys the [`rule`] that is made
//! here. The last breakouts are remembered, so that they can be opened again as they were.

pub(crate) mod judge;
pub(crate) mod plan;
pub(crate) mod report;
pub mod rule;

use std::collections::{BTreeMap, BTreeSet};

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::{ParticipantId, RoomId};
use crate::personal::{Personal, PersonalField};
use crate::policy::role::Role;
use crate::text::BreakoutName;
use crate::time::Timestamp;
use crate::view::{BreakoutView, BreakoutsView};

/// The breakouts that are open, or were last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Breakouts(Option<Round>);

/// All breakouts that were opened at once. Named by number, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Round {
    by: ParticipantId,
    open: bool,
    /// Whether everyone chooses for themself.
    choice: bool,
    until: Option<Timestamp>,
    /// Two to twenty.
    breakouts: Vec<Breakout>,
    /// At most one for each who has a place here.
    members: BTreeMap<ParticipantId, u8>,
    /// Who is in one now; of those who have a place here.
    inside: BTreeSet<(u8, ParticipantId)>,
    /// Which call for help, and who called.
    calls: BTreeMap<u8, ParticipantId>,
}

/// One breakout, as an opening names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Breakout {
    /// The room its meeting is held in. Nobody is told.
    pub room: RoomId,
    /// What it is called.
    pub name: Personal<BreakoutName>,
    /// Who belongs to it.
    pub members: Vec<ParticipantId>,
}

impl Breakouts {
    pub(crate) fn apply(&mut self, entry: &Entry) {
        if let Event::BreakoutsOpened { by, breakouts, choice, until } = &entry.event {
            self.0 = Some(Round::opened(*by, breakouts, *choice, *until));
            return;
        }
        let Some(round) = &mut self.0 else { return };
        match entry.event {
            Event::BreakoutAssigned { participant, breakout, .. } => {
                round.members.remove(&participant);
                round.members.extend(breakout.map(|number| (participant, number)));
            }
            Event::BreakoutEntered { participant, breakout } => {
                round.inside.insert((breakout, participant));
            }
            Event::BreakoutLeft { participant, breakout } => {
                round.inside.remove(&(breakout, participant));
            }
            Event::HelpCalled { participant, breakout } => {
                round.calls.insert(breakout, participant);
            }
            Event::HelpEnded { breakout, .. } => {
                round.calls.remove(&breakout);
            }
            Event::BreakoutsExtended { until, .. } => round.until = Some(until),
            Event::BreakoutsClosed { .. } => {
                round.open = false;
                round.inside.clear();
                round.calls.clear();
            }
            // Who comes anew comes under another id.
            Event::Left { participant, .. } => {
                round.members.remove(&participant);
                round.inside.retain(|(_, who)| *who != participant);
                round.calls.retain(|_, who| *who != participant);
            }
            _ => {}
        }
    }

    /// Those that are open.
    pub(crate) fn open(&self) -> Option<&Round> {
        self.0.as_ref().filter(|round| round.open)
    }

    /// When they close by themselves.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.open().and_then(|round| round.until)
    }

    /// Whether someone is in a breakout now.
    pub(crate) fn holds(&self, who: ParticipantId) -> bool {
        self.open().is_some_and(|round| round.inside.iter().any(|(_, inside)| *inside == who))
    }

    /// Who called for help from a breakout, if it still calls.
    pub(crate) fn caller(&self, breakout: u8) -> Option<ParticipantId> {
        self.open().and_then(|round| round.calls.get(&breakout).copied())
    }

    /// The breakouts as `viewer`, who is a `role`, may see them: moderators also what was last
    /// and who calls, everyone else what is open and their own call.
    pub(crate) fn view(&self, viewer: ParticipantId, role: Role) -> Option<BreakoutsView> {
        let moderates = role == Role::Moderator;
        let round = self.0.as_ref().filter(|round| round.open || moderates)?;
        let called = |number: u8| {
            let caller = round.calls.get(&number).copied();
            caller.filter(|caller| moderates || *caller == viewer)
        };
        let breakouts = (0_u8..).zip(&round.breakouts).map(|(number, breakout)| BreakoutView {
            name: breakout.name.clone(),
            members: round.members_of(number).collect(),
            inside: round.inside_of(number).collect(),
            called_by: called(number),
        });
        Some(BreakoutsView {
            open: round.open,
            choice: round.choice,
            until: round.until,
            breakouts: breakouts.collect(),
        })
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        let Some(round) = &mut self.0 else { return };
        for breakout in &mut round.breakouts {
            visit(round.by, &mut breakout.name);
        }
    }

    fn require(&self) -> Result<&Round, Denied> {
        self.open().ok_or(Denied::NoBreakouts)
    }
}

impl Round {
    fn opened(
        by: ParticipantId,
        breakouts: &[Breakout],
        choice: bool,
        until: Option<Timestamp>,
    ) -> Self {
        let numbered = (0_u8..).zip(breakouts);
        let members = numbered
            .flat_map(|(number, breakout)| breakout.members.iter().map(move |who| (*who, number)));
        Self {
            by,
            open: true,
            choice,
            until,
            members: members.collect(),
            // Who belongs where is kept in one place.
            breakouts: breakouts
                .iter()
                .map(|breakout| Breakout { members: Vec::new(), ..breakout.clone() })
                .collect(),
            inside: BTreeSet::new(),
            calls: BTreeMap::new(),
        }
    }

    fn number_of(&self, room: RoomId) -> Option<u8> {
        (0_u8..).zip(&self.breakouts).find(|(_, one)| one.room == room).map(|(number, _)| number)
    }

    /// One of them, by number.
    pub(crate) fn require(&self, breakout: u8) -> Result<&Breakout, Denied> {
        self.breakouts.get(usize::from(breakout)).ok_or(Denied::NoSuchBreakout)
    }

    fn members_of(&self, breakout: u8) -> impl Iterator<Item = ParticipantId> {
        let theirs = self.members.iter().filter(move |(_, number)| **number == breakout);
        theirs.map(|(who, _)| *who)
    }

    fn inside_of(&self, breakout: u8) -> impl Iterator<Item = ParticipantId> {
        let there = self.inside.iter().filter(move |(number, _)| *number == breakout);
        there.map(|(_, who)| *who)
    }
}
