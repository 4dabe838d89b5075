//! Breakouts between the wire and the meeting.

use conf_core::text::{BreakoutName, TextError};
use conf_core::view::{BreakoutView, BreakoutsView};
use conf_core::{Planned, Timestamp};

use super::text_of;
use crate::breakout::{Breakout, Breakouts, PlannedBreakout};

pub(super) fn planned(one: PlannedBreakout) -> Result<Planned, TextError> {
    Ok(Planned { name: BreakoutName::new(&one.name)?, members: one.members })
}

/// Breakouts as they are opened: nobody is in them yet.
pub(super) fn breakouts_opened(
    breakouts: &[conf_core::Breakout],
    choice: bool,
    until: Option<Timestamp>,
) -> Breakouts {
    let seen = |one: &conf_core::Breakout| Breakout {
        name: text_of(&one.name, |n| n.as_str()),
        members: one.members.clone(),
        inside: Vec::new(),
        called_by: None,
    };
    let until = until.map(|until| until.0);
    Breakouts { open: true, choice, until, breakouts: breakouts.iter().map(seen).collect() }
}

pub(super) fn breakouts_seen(view: &BreakoutsView) -> Breakouts {
    let seen = |one: &BreakoutView| Breakout {
        name: text_of(&one.name, |n| n.as_str()),
        members: one.members.clone(),
        inside: one.inside.clone(),
        called_by: one.called_by,
    };
    Breakouts {
        open: view.open,
        choice: view.choice,
        until: view.until.map(|until| until.0),
        breakouts: view.breakouts.iter().map(seen).collect(),
    }
}
