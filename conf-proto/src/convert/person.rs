//! Those who are here and those who wait, between the meeting and the wire.

use conf_core::Timestamp;
use conf_core::event::Newcomer;
use conf_core::view::{self, ParticipantView, WaitingView};

use super::text_of;
use crate::lobby::LobbyEntry;
use crate::view::{Participant, Shown};

/// Somebody who just came: nothing of theirs is on yet.
pub(super) fn arrived(who: &Newcomer) -> Participant {
    Participant {
        id: who.participant,
        name: text_of(&who.name, |n| n.as_str()),
        role: who.role,
        standing: who.standing,
        connected: true,
        sources: Vec::new(),
        muted: false,
        away: false,
        interpreter: false,
        exceptions: Vec::new(),
    }
}

/// Somebody as they are here.
pub(super) fn participant(p: &ParticipantView) -> Participant {
    Participant {
        id: p.id,
        name: text_of(&p.name, |n| n.as_str()),
        role: p.role,
        standing: p.standing,
        connected: p.connected,
        sources: p.sources.iter().collect(),
        muted: p.muted,
        away: p.away,
        interpreter: p.interpreter,
        exceptions: p.exceptions.iter().collect(),
    }
}

/// Of whom one knows from now on, and of whom no longer.
pub(super) fn shown(shown: &view::Shown) -> Shown {
    Shown {
        appeared: shown.appeared.iter().map(participant).collect(),
        hands: shown.hands.clone(),
        vanished: shown.vanished.clone(),
        presenter: shown.presenter,
        spotlight: shown.spotlight,
    }
}

/// Somebody who waits since just now.
pub(super) fn waits(who: &Newcomer, since: Timestamp) -> LobbyEntry {
    LobbyEntry {
        id: who.participant,
        name: text_of(&who.name, |n| n.as_str()),
        role: who.role,
        standing: who.standing,
        since: since.0,
        connected: true,
    }
}

/// Somebody as they wait.
pub(super) fn lobby_entry(waiting: &WaitingView) -> LobbyEntry {
    LobbyEntry {
        id: waiting.id,
        name: text_of(&waiting.name, |n| n.as_str()),
        role: waiting.role,
        standing: waiting.standing,
        since: waiting.since.0,
        connected: waiting.connected,
    }
}
