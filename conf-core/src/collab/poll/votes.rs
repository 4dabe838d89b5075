//! What is known of the votes in one poll.

use std::collections::{BTreeMap, BTreeSet};

use crate::collab::poll::answers::Answers;
use crate::collab::poll::written::{Written, bytes};
use crate::id::ParticipantId;
use crate::personal::Personal;
use crate::text::PollText;

/// Bounded by [`MOST_VOTES`](super::MOST_VOTES) and [`MOST_BYTES`](super::written::MOST_BYTES);
/// who left is still counted.
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
    /// Who wrote what.
    Written(BTreeMap<ParticipantId, Answer>),
    /// Who is counted, what all of them together wrote, and how many could not be counted.
    WrittenAnonymously {
        voters: BTreeSet<ParticipantId>,
        texts: Vec<Personal<PollText>>,
        uncounted: u32,
    },
}

/// What one person wrote under their name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Answer {
    pub(super) text: Personal<PollText>,
    /// The entry that holds it.
    pub(super) held_in: u64,
}

impl Votes {
    /// Those of a poll that was just started.
    pub(super) fn none(answers: &Answers, anonymous: bool) -> Self {
        let voters = BTreeSet::new();
        match (answers, anonymous) {
            (Answers::Text, false) => Self::Written(BTreeMap::new()),
            (Answers::Text, true) => {
                Self::WrittenAnonymously { voters, texts: Vec::new(), uncounted: 0 }
            }
            (_, false) => Self::Named(BTreeMap::new()),
            (_, true) => Self::Anonymous { voters, counts: Vec::new(), uncounted: 0 },
        }
    }

    pub(super) const fn are_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous { .. } | Self::WrittenAnonymously { .. })
    }

    /// Whether somebody's is among those that are journaled.
    pub(super) fn has(&self, voter: ParticipantId) -> bool {
        match self {
            Self::Named(votes) => votes.contains_key(&voter),
            Self::Written(answers) => answers.contains_key(&voter),
            Self::Anonymous { voters, .. } | Self::WrittenAnonymously { voters, .. } => {
                voters.contains(&voter)
            }
        }
    }

    /// How many there are, as far as they are journaled.
    pub(super) fn turnout(&self) -> u32 {
        let counted = match self {
            Self::Named(votes) => votes.len(),
            Self::Written(answers) => answers.len(),
            Self::Anonymous { voters, .. } | Self::WrittenAnonymously { voters, .. } => {
                voters.len()
            }
        };
        u32::try_from(counted).unwrap_or(u32::MAX).saturating_add(self.uncounted())
    }

    /// How many could not be counted without showing them.
    pub(super) const fn uncounted(&self) -> u32 {
        match self {
            Self::Named(_) | Self::Written(_) => 0,
            Self::Anonymous { uncounted, .. } | Self::WrittenAnonymously { uncounted, .. } => {
                *uncounted
            }
        }
    }

    pub(super) fn leave_uncounted(&mut self, left: u32) {
        match self {
            Self::Named(_) | Self::Written(_) => {}
            Self::Anonymous { uncounted, .. } | Self::WrittenAnonymously { uncounted, .. } => {
                *uncounted = left;
            }
        }
    }

    /// How many bytes were written.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Named(_) | Self::Anonymous { .. } => 0,
            Self::Written(answers) => answers.values().map(|answer| bytes(&answer.text)).sum(),
            Self::WrittenAnonymously { texts, .. } => texts.iter().map(bytes).sum(),
        }
    }

    /// What was written; anonymous answers are `asker`'s, who may show them.
    pub(super) fn written(&self, asker: ParticipantId) -> Vec<Written> {
        match self {
            Self::Named(_) | Self::Anonymous { .. } => Vec::new(),
            Self::Written(answers) => answers
                .iter()
                .map(|(whose, answer)| Written { whose: *whose, text: answer.text.clone() })
                .collect(),
            Self::WrittenAnonymously { texts, .. } => {
                texts.iter().map(|text| Written { whose: asker, text: text.clone() }).collect()
            }
        }
    }
}
