//! One poll: what is asked, who chose what, and how far it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::collab::poll::answers::Answers;
use crate::collab::poll::chosen::Chosen;
use crate::collab::poll::key::{self, PollKey};
use crate::id::{ParticipantId, PollId};
use crate::personal::{Personal, PersonalField};
use crate::policy::role::Role;
use crate::text::PollQuestion;
use crate::time::Timestamp;
use crate::view::{PollStage, PollView, PollVote};

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Poll {
    pub(super) id: PollId,
    pub(super) by: ParticipantId,
    pub(super) at: Timestamp,
    pub(super) question: Personal<PollQuestion>,
    pub(super) answers: Answers,
    pub(super) several: bool,
    pub(super) votes: Votes,
    /// What is right, in a quiz.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(super) right: Option<BTreeSet<u8>>,
    pub(super) stage: PollStage,
    /// Whether what came of it is in front of everyone.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub(super) in_front: bool,
    /// Since when it is said in the chat, unless that was cleared.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(super) told_at: Option<Timestamp>,
}

/// What is known of the votes. Bounded by [`MOST_VOTES`](super::MOST_VOTES); who left is
/// still counted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(super) enum Votes {
    /// Who chose what.
    Named(BTreeMap<ParticipantId, BTreeSet<u8>>),
    /// Who is counted, what all of them together chose, and how many could not be counted. In
    /// a quiz the last count is of those who had it wholly right.
    Anonymous { voters: BTreeSet<ParticipantId>, counts: Vec<u32>, uncounted: u32 },
}

impl Poll {
    /// How many chose each, in the order of the choices.
    pub(super) fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.answers.count()];
        match &self.votes {
            Votes::Named(votes) => {
                for choice in votes.values().flatten() {
                    if let Some(count) = counts.get_mut(usize::from(*choice)) {
                        *count += 1;
                    }
                }
            }
            Votes::Anonymous { counts: counted, .. } => {
                add_up(&mut counts, counted.iter().copied().take(self.answers.count()));
            }
        }
        counts
    }

    /// An anonymous vote as it is counted: in a quiz with whether it is right.
    pub(super) fn judged(&self, chosen: Chosen) -> Chosen {
        match &self.right {
            Some(right) => key::judged(right, self.several, chosen),
            None => chosen,
        }
    }

    /// What is right in a quiz, and how many had it wholly right.
    pub(super) fn key_counted(&self) -> Option<PollKey> {
        let right = self.right.as_ref()?;
        let wholly = match &self.votes {
            Votes::Named(votes) => {
                let is_right =
                    |chosen: &&BTreeSet<u8>| key::is_wholly_right(right, self.several, chosen);
                u32::try_from(votes.values().filter(is_right).count()).unwrap_or(u32::MAX)
            }
            Votes::Anonymous { counts, .. } => {
                counts.get(self.answers.count()).copied().unwrap_or(0)
            }
        };
        Some(PollKey { right: right.iter().copied().collect(), wholly: Some(wholly) })
    }

    /// What is right in a quiz, for everyone once that is published, before for whoever asks.
    fn key_shown(&self, viewer: ParticipantId) -> Option<PollKey> {
        match self.stage {
            PollStage::Published => self.key_counted(),
            PollStage::Open | PollStage::Closed => {
                let key = self.key_counted().filter(|_| viewer == self.by);
                key.map(|key| PollKey { wholly: None, ..key })
            }
        }
    }

    /// How many have voted, as far as it is journaled.
    pub(super) fn turnout(&self) -> u32 {
        match &self.votes {
            Votes::Named(votes) => u32::try_from(votes.len()).unwrap_or(u32::MAX),
            Votes::Anonymous { voters, uncounted, .. } => {
                u32::try_from(voters.len()).unwrap_or(u32::MAX).saturating_add(*uncounted)
            }
        }
    }

    /// The poll as `viewer` may see it: moderators and whoever asks see who chose what,
    /// everyone else what they chose themself. Who chose what anonymously nobody sees.
    pub(super) fn view(&self, viewer: ParticipantId, role: Role) -> PollView {
        let sees_all = self.shows_all(viewer, role);
        let (votes, anonymous, cast, uncounted) = match &self.votes {
            Votes::Named(votes) => {
                let seen = votes.iter().filter(|(who, _)| sees_all || **who == viewer);
                let vote = |(who, choices): (&ParticipantId, &BTreeSet<u8>)| PollVote {
                    by: *who,
                    choices: choices.iter().copied().collect(),
                };
                (seen.map(vote).collect(), false, votes.contains_key(&viewer), 0)
            }
            Votes::Anonymous { voters, uncounted, .. } => {
                (Vec::new(), true, voters.contains(&viewer), *uncounted)
            }
        };
        let told = self.stage == PollStage::Closed && anonymous && sees_all;
        PollView {
            id: self.id,
            by: self.by,
            at: self.at,
            question: self.question.clone(),
            answers: self.answers.clone(),
            several: self.several,
            anonymous,
            quiz: self.right.is_some(),
            stage: self.stage,
            voted: self.turnout(),
            cast,
            votes,
            counts: (told || self.stage == PollStage::Published).then(|| self.counts()),
            uncounted,
            key: self.key_shown(viewer),
            in_front: self.in_front,
            told_at: self.told_at,
        }
    }

    /// Whether somebody sees what is not for everyone.
    fn shows_all(&self, viewer: ParticipantId, role: Role) -> bool {
        role == Role::Moderator || viewer == self.by
    }

    pub(super) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        visit(self.by, &mut self.question);
        self.answers.visit_personal(&mut |field| visit(self.by, field));
    }
}

/// Adds counts to counts, choice by choice.
pub(super) fn add_up(counts: &mut Vec<u32>, more: impl IntoIterator<Item = u32>) {
    for (at, more) in more.into_iter().enumerate() {
        match counts.get_mut(at) {
            Some(count) => *count = count.saturating_add(more),
            None => counts.push(more),
        }
    }
}
