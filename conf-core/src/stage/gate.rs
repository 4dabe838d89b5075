//! Which gates an event moves: a source passes while it is published, and a
//! microphone only while it is not muted.

use crate::event::Event;
use crate::id::ParticipantId;
use crate::stage::mute::Muting;
use crate::stage::publish::Publishing;
use crate::stage::source::Source;

/// One gate and where it shall stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) participant: ParticipantId,
    pub(crate) source: Source,
    pub(crate) open: bool,
}

/// Where the gate of a published source stands.
pub(crate) fn of_published(muting: &Muting, participant: ParticipantId, source: Source) -> Gate {
    let open = source != Source::Microphone || !muting.is_muted(participant);
    Gate { participant, source, open }
}

/// The gates `event` moves, seen from just before it.
pub(crate) fn moved_by(publishing: &Publishing, muting: &Muting, event: &Event) -> Vec<Gate> {
    let microphone = |participant: ParticipantId, open| {
        let sent = publishing.of(participant).contains(Source::Microphone);
        let gate = Gate { participant, source: Source::Microphone, open };
        if sent { vec![gate] } else { Vec::new() }
    };
    match *event {
        Event::Published { participant, source } => vec![of_published(muting, participant, source)],
        Event::Stopped { participant, source, .. } => {
            vec![Gate { participant, source, open: false }]
        }
        Event::Muted { participant, .. } => microphone(participant, false),
        Event::Unmuted { participant } => microphone(participant, true),
        Event::Left { participant, .. } => publishing
            .of(participant)
            .iter()
            .map(|source| Gate { participant, source, open: false })
            .collect(),
        Event::Ended { .. } => publishing
            .all()
            .map(|(participant, source)| Gate { participant, source, open: false })
            .collect(),
        _ => Vec::new(),
    }
}
