//! Publishing: what each participant sends, within their claim, with one screen at a time.

use std::collections::BTreeMap;

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::stage::source::{Source, SourceSet};

/// What is being sent. Kept over a lost link: the media may well be alive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Publishing {
    sources: BTreeMap<ParticipantId, SourceSet>,
}

impl Publishing {
    /// Starts a source the table allows. `claimed` is what the claim allows.
    pub(crate) fn decide_publish(
        &self,
        participant: ParticipantId,
        claimed: SourceSet,
        source: Source,
    ) -> Result<Option<Event>, Denied> {
        if !claimed.contains(source) {
            return Err(Denied::SourceNotClaimed { found: source });
        }
        let own = self.of(participant);
        match source {
            Source::Screen if self.sharer().is_some_and(|who| who != participant) => {
                return Err(Denied::ScreenTaken);
            }
            // Sound without its screen would be a second microphone no mute reaches.
            Source::ScreenAudio if !own.contains(Source::Screen) => {
                return Err(Denied::NotPublished { found: Source::Screen });
            }
            _ => {}
        }
        Ok((!own.contains(source)).then_some(Event::Published { participant, source }))
    }

    /// Stops a source; one that is not sent is already as asked.
    pub(crate) fn decide_stop(
        &self,
        by: ParticipantId,
        participant: ParticipantId,
        source: Source,
    ) -> Option<Event> {
        let sent = self.of(participant).contains(source);
        sent.then_some(Event::Stopped { participant, source, by })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::Published { participant, source } => {
                let own = self.sources.entry(participant).or_default();
                *own = own.with(source);
            }
            Event::Stopped { participant, source, .. } => {
                let left = self.of(participant).without(source);
                if left == SourceSet::NONE {
                    self.sources.remove(&participant);
                } else {
                    self.sources.insert(participant, left);
                }
            }
            Event::Left { participant, .. } => {
                self.sources.remove(&participant);
            }
            _ => {}
        }
    }

    /// What one participant sends.
    pub(crate) fn of(&self, participant: ParticipantId) -> SourceSet {
        self.sources.get(&participant).copied().unwrap_or_default()
    }

    /// Who sends `source`.
    pub(crate) fn senders(&self, source: Source) -> impl Iterator<Item = ParticipantId> {
        self.sources.iter().filter(move |(_, set)| set.contains(source)).map(|(who, _)| *who)
    }

    /// Everyone who sends anything.
    pub(crate) fn everyone(&self) -> impl Iterator<Item = ParticipantId> {
        self.sources.keys().copied()
    }

    /// Everything that is sent.
    pub(crate) fn all(&self) -> impl Iterator<Item = (ParticipantId, Source)> {
        self.sources.iter().flat_map(|(who, set)| set.iter().map(|source| (*who, source)))
    }

    /// Who shares their screen.
    fn sharer(&self) -> Option<ParticipantId> {
        self.senders(Source::Screen).next()
    }
}
