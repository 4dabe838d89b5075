//! One secret vote: what is asked, who may take part, and the ballots that were counted.
//!
//! Who was given a ballot and what the ballots say stand side by side here, and nothing
//! in either leads to the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::collab::vote::opaque::{Serial, VoteKey};
use crate::collab::vote::{Ballot, Cast, Voters};
use crate::denied::Denied;
use crate::event::VoteOpened;
use crate::id::{ParticipantId, VoteId};
use crate::personal::{Personal, PersonalField};
use crate::text::{PollChoice, PollQuestion};
use crate::time::Timestamp;
use crate::view::{VoteStage, VoteView};

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct SecretVote {
    pub(super) id: VoteId,
    pub(super) by: ParticipantId,
    pub(super) at: Timestamp,
    pub(super) question: Personal<PollQuestion>,
    pub(super) choices: Vec<Personal<PollChoice>>,
    pub(super) most: u8,
    pub(super) voters: Voters,
    pub(super) key: VoteKey,
    /// Bounded by the places of the meeting.
    pub(super) entitled: BTreeSet<ParticipantId>,
    /// A part of those entitled.
    pub(super) given: BTreeSet<ParticipantId>,
    /// At most as many as were given.
    pub(super) ballots: BTreeMap<Serial, Cast>,
    pub(super) stage: Stage,
}

/// How far a vote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(super) enum Stage {
    Open,
    /// Nobody is given a ballot any more; those on their way arrive.
    Closing {
        until: Timestamp,
    },
    Closed,
}

impl SecretVote {
    /// A vote that begins `at`: nobody was given a ballot yet.
    pub(super) fn opened(at: Timestamp, opened: &VoteOpened) -> Self {
        Self {
            id: opened.vote,
            by: opened.by,
            at,
            question: opened.question.clone(),
            choices: opened.choices.clone(),
            most: opened.most,
            voters: opened.voters,
            key: opened.key.clone(),
            entitled: opened.entitled.iter().copied().collect(),
            given: BTreeSet::new(),
            ballots: BTreeMap::new(),
            stage: Stage::Open,
        }
    }

    /// That `ballot` says something that can be chosen, as much as may be, each once in order.
    pub(super) fn check(&self, ballot: &Ballot) -> Result<(), Denied> {
        let chosen = &ballot.cast.choices;
        let ordered = chosen.is_sorted_by(|a, b| a < b);
        let known = chosen.iter().all(|choice| usize::from(*choice) < self.choices.len());
        if chosen.is_empty() || chosen.len() > usize::from(self.most) || !ordered || !known {
            return Err(Denied::BadBallot);
        }
        Ok(())
    }

    /// How many ballots chose each, in the order of the choices.
    pub(super) fn counts<'a>(&self, more: impl Iterator<Item = &'a Ballot>) -> Vec<u32> {
        let mut counts = vec![0; self.choices.len()];
        let casts = self.ballots.values().chain(more.map(|ballot| &ballot.cast));
        for choice in casts.flat_map(|cast| &cast.choices) {
            if let Some(count) = counts.get_mut(usize::from(*choice)) {
                *count += 1;
            }
        }
        counts
    }

    /// The vote as `viewer` may see it: what the ballots say is nobody's before the end.
    pub(super) fn view(&self, viewer: ParticipantId) -> VoteView {
        let (stage, until) = match self.stage {
            Stage::Open => (VoteStage::Open, None),
            Stage::Closing { until } => (VoteStage::Closing, Some(until)),
            Stage::Closed => (VoteStage::Closed, None),
        };
        let over = stage == VoteStage::Closed;
        VoteView {
            id: self.id,
            by: self.by,
            at: self.at,
            question: self.question.clone(),
            choices: self.choices.clone(),
            most: self.most,
            voters: self.voters,
            key: self.key.clone(),
            stage,
            until,
            entitled: Some(number(self.entitled.len())),
            given: number(self.given.len()),
            may: self.entitled.contains(&viewer),
            took: self.given.contains(&viewer),
            cast: over.then(|| number(self.ballots.len())),
            counts: over.then(|| self.counts(std::iter::empty())),
        }
    }

    pub(super) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        visit(self.by, &mut self.question);
        for choice in &mut self.choices {
            visit(self.by, choice);
        }
    }
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
