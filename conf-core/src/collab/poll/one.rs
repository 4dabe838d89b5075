//! One poll: what is asked, who chose what, and how far it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::collab::poll::answers::Answers;
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
    /// Bounded by [`MOST_VOTES`](super::MOST_VOTES); who left is still counted.
    pub(super) votes: BTreeMap<ParticipantId, BTreeSet<u8>>,
    pub(super) stage: PollStage,
}

impl Poll {
    /// How many chose each, in the order of the choices.
    pub(super) fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.answers.count()];
        for choice in self.votes.values().flatten() {
            if let Some(count) = counts.get_mut(usize::from(*choice)) {
                *count += 1;
            }
        }
        counts
    }

    /// How many have voted.
    pub(super) fn turnout(&self) -> u32 {
        u32::try_from(self.votes.len()).unwrap_or(u32::MAX)
    }

    /// The poll as `viewer` may see it: moderators and whoever asks see who chose what,
    /// everyone else what they chose themself.
    pub(super) fn view(&self, viewer: ParticipantId, role: Role) -> PollView {
        let sees_all = role == Role::Moderator || viewer == self.by;
        let seen = self.votes.iter().filter(|(who, _)| sees_all || **who == viewer);
        PollView {
            id: self.id,
            by: self.by,
            at: self.at,
            question: self.question.clone(),
            answers: self.answers.clone(),
            several: self.several,
            stage: self.stage,
            voted: self.turnout(),
            votes: seen
                .map(|(who, choices)| PollVote {
                    by: *who,
                    choices: choices.iter().copied().collect(),
                })
                .collect(),
            counts: (self.stage == PollStage::Published).then(|| self.counts()),
        }
    }

    pub(super) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        visit(self.by, &mut self.question);
        self.answers.visit_personal(&mut |field| visit(self.by, field));
    }
}
