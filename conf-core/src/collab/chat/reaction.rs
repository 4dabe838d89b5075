//! What can be put to a message with one press: a few signs, each once a person.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::ParticipantId;
use crate::view::ChatReaction;

/// Most reactions a message takes, all kinds together: they are listed by
/// person wherever the message is shown. More are refused.
pub(crate) const MOST: u32 = 100;

/// A sign put to a message. A closed set, so that the bound on kinds is its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Reaction {
    /// Agreed.
    ThumbsUp,
    /// Not agreed.
    ThumbsDown,
    /// Liked.
    Heart,
    /// Applauded.
    Clap,
    /// Found funny.
    Laugh,
    /// Did not expect that.
    Surprise,
}

impl Reaction {
    /// Every reaction, in the order they are offered everywhere.
    pub const ALL: [Self; 6] =
        [Self::ThumbsUp, Self::ThumbsDown, Self::Heart, Self::Clap, Self::Laugh, Self::Surprise];
}

/// Who put what to one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Reactions(BTreeMap<Reaction, BTreeSet<ParticipantId>>);

impl Reactions {
    pub(crate) fn set(&mut self, who: ParticipantId, reaction: Reaction, on: bool) {
        let people = self.0.entry(reaction).or_default();
        if on {
            people.insert(who);
        } else {
            people.remove(&who);
        }
        if people.is_empty() {
            self.0.remove(&reaction);
        }
    }

    pub(crate) fn has(&self, who: ParticipantId, reaction: Reaction) -> bool {
        self.0.get(&reaction).is_some_and(|people| people.contains(&who))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    pub(crate) fn view(&self) -> Vec<ChatReaction> {
        let shown = |(reaction, people): (&Reaction, &BTreeSet<ParticipantId>)| ChatReaction {
            reaction: *reaction,
            by: people.iter().copied().collect(),
        };
        self.0.iter().map(shown).collect()
    }
}
