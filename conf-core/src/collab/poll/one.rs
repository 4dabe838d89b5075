//! One poll: what is asked, who chose what, and how far it is.

use std::collections::BTreeSet;

use crate::collab::poll::MOST_VOTES;
use crate::collab::poll::answers::Answers;
use crate::collab::poll::chosen::Chosen;
use crate::collab::poll::key::{self, PollKey};
use crate::collab::poll::votes::Votes;
use crate::collab::poll::written::{Said, Written};
use crate::denied::Denied;
use crate::event::Event;
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
            Votes::Written(_) | Votes::WrittenAnonymously { .. } => {}
        }
        counts
    }

    /// What was written, and by whom as far as that is known.
    pub(super) fn written(&self) -> Vec<Written> {
        self.votes.written(self.by)
    }

    /// What is told of one vote more; nothing where one is `changed`, so that what is told to
    /// all cannot be read out of who voted what.
    pub(super) fn one_more(&self, changed: bool) -> Result<Option<Event>, Denied> {
        let turnout = self.votes.turnout();
        match changed {
            true => Ok(None),
            false if turnout >= MOST_VOTES => Err(Denied::PollFull { max: MOST_VOTES }),
            false => Ok(Some(Event::PollTurnout { poll: self.id, voted: turnout + 1 })),
        }
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
            Votes::Written(_) | Votes::WrittenAnonymously { .. } => 0,
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

    /// The poll as `viewer` may see it: moderators and whoever asks see who chose what,
    /// everyone else what they chose themself. Who chose what anonymously nobody sees.
    pub(super) fn view(&self, viewer: ParticipantId, role: Role) -> PollView {
        let sees_all = self.shows_all(viewer, role);
        let anonymous = self.votes.are_anonymous();
        let votes = match &self.votes {
            Votes::Named(votes) => {
                let seen = votes.iter().filter(|(who, _)| sees_all || **who == viewer);
                let vote = |(who, choices): (&ParticipantId, &BTreeSet<u8>)| PollVote {
                    by: *who,
                    choices: choices.iter().copied().collect(),
                };
                seen.map(vote).collect()
            }
            _ => Vec::new(),
        };
        let mut written = if anonymous { Vec::new() } else { self.written() };
        written.retain(|answer| sees_all || answer.whose == viewer);
        let told = self.stage == PollStage::Closed && anonymous && sees_all;
        let known = told || self.stage == PollStage::Published;
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
            voted: self.votes.turnout(),
            cast: self.votes.has(viewer),
            votes,
            written,
            counts: known.then(|| self.counts()),
            said: known.then(|| Said::together(&self.written())),
            uncounted: self.votes.uncounted(),
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
        match &mut self.votes {
            Votes::Named(_) | Votes::Anonymous { .. } => {}
            Votes::Written(answers) => {
                answers.iter_mut().for_each(|(whose, answer)| visit(*whose, &mut answer.text));
            }
            Votes::WrittenAnonymously { texts, .. } => {
                texts.iter_mut().for_each(|text| visit(self.by, text));
            }
        }
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
