//! Muting: who may close whose microphone, and who may open it again.
//!
//! A moderator may mute anyone and can unmute nobody: [`Event::Unmuted`] names
//! only its owner, and only the owner's own command leads to it. A mute
//! outlives stopping the microphone, so taking it up again is no way around it.
//! Where newcomers start muted, they count as muted by themselves before they speak.

use std::collections::BTreeMap;

use crate::denied::Denied;
use crate::event::{Entry, Event, Newcomer};
use crate::id::ParticipantId;
use crate::stage::publish::Publishing;
use crate::stage::source::Source;

/// Whose microphone is closed, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Muting {
    muted: BTreeMap<ParticipantId, ParticipantId>,
}

impl Muting {
    /// Closes `target`'s microphone, which must be published.
    pub(crate) fn decide_mute(
        &self,
        publishing: &Publishing,
        by: ParticipantId,
        target: ParticipantId,
    ) -> Result<Option<Event>, Denied> {
        microphone_of(publishing, target)?;
        Ok((!self.is_muted(target)).then_some(Event::Muted { participant: target, by }))
    }

    /// Closes every open microphone but the asker's own, and perhaps the presenter's.
    pub(crate) fn decide_mute_all(
        &self,
        publishing: &Publishing,
        by: ParticipantId,
        spared: Option<ParticipantId>,
    ) -> Vec<Event> {
        let others = publishing
            .senders(Source::Microphone)
            .filter(|who| *who != by && Some(*who) != spared && !self.is_muted(*who));
        others.map(|participant| Event::Muted { participant, by }).collect()
    }

    /// Opens the asker's own microphone, which must be published.
    pub(crate) fn decide_unmute(
        &self,
        publishing: &Publishing,
        owner: ParticipantId,
    ) -> Result<Option<Event>, Denied> {
        microphone_of(publishing, owner)?;
        Ok(self.is_muted(owner).then_some(Event::Unmuted { participant: owner }))
    }

    /// What a microphone that is taken up again must say: it is still closed.
    pub(crate) fn follow_published(&self, participant: ParticipantId) -> Option<Event> {
        self.muted.get(&participant).map(|by| Event::Muted { participant, by: *by })
    }

    /// `join_muted`: whether microphones of newcomers start closed.
    pub(crate) fn apply(&mut self, entry: &Entry, join_muted: bool) {
        match entry.event {
            Event::Joined(Newcomer { participant, .. }) if join_muted => {
                self.muted.insert(participant, participant);
            }
            Event::Muted { participant, by } => {
                self.muted.insert(participant, by);
            }
            Event::Unmuted { participant } | Event::Left { participant, .. } => {
                self.muted.remove(&participant);
            }
            _ => {}
        }
    }

    pub(crate) fn is_muted(&self, participant: ParticipantId) -> bool {
        self.muted.contains_key(&participant)
    }
}

fn microphone_of(publishing: &Publishing, who: ParticipantId) -> Result<(), Denied> {
    if publishing.of(who).contains(Source::Microphone) {
        Ok(())
    } else {
        Err(Denied::NotPublished { found: Source::Microphone })
    }
}
