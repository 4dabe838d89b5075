//! Open, empty, unattended, ended: how long a meeting goes on.

use crate::admission::lobby::Lobby;
use crate::event::{EndReason, Entry, Event};
use crate::id::ParticipantId;
use crate::meeting::roster::Roster;
use crate::time::Timestamp;

/// Where a meeting is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Lifecycle {
    pub(crate) opened_at: Timestamp,
    /// Since when no person has had a place or waited for one; a kept place is a place.
    pub(crate) empty_since: Option<Timestamp>,
    /// Whether a moderator ever came.
    pub(crate) moderator_came: bool,
    /// Since when no moderator has been connected, there having been one.
    pub(crate) unattended_since: Option<Timestamp>,
    pub(crate) ended: Option<EndReason>,
}

impl Lifecycle {
    /// Open, with nobody in it yet.
    pub(crate) fn opened(at: Timestamp) -> Self {
        Self {
            opened_at: at,
            empty_since: Some(at),
            moderator_came: false,
            unattended_since: None,
            ended: None,
        }
    }

    /// Ends the meeting for all.
    pub(crate) fn decide_end(&self, by: ParticipantId) -> Option<Event> {
        let reason = EndReason::EndedByModerator;
        self.ended.is_none().then_some(Event::Ended { reason, by: Some(by) })
    }

    /// Comes after the roster and the lobby: `entry` holds in them already.
    pub(crate) fn apply(&mut self, entry: &Entry, roster: &Roster, lobby: &Lobby) {
        let since = |before: Option<Timestamp>| before.or(Some(entry.at));
        if matches!(
            entry.event,
            Event::Joined { .. }
                | Event::Left { .. }
                | Event::WaitBegan { .. }
                | Event::WaitEnded { .. }
        ) {
            let occupied = roster.has_people() || lobby.has_people();
            self.empty_since = if occupied { None } else { since(self.empty_since) };
        }
        match entry.event {
            Event::Joined { .. }
            | Event::Rejoined { .. }
            | Event::LinkLost { .. }
            | Event::RoleChanged { .. }
            | Event::Left { .. } => {
                let attended = roster.connected_moderator(None).is_some();
                self.moderator_came |= attended;
                self.unattended_since = if attended || !self.moderator_came {
                    None
                } else {
                    since(self.unattended_since)
                };
            }
            Event::Ended { reason, .. } => self.ended = Some(reason),
            _ => {}
        }
    }
}
