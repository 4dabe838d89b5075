//! Secret votes: who may take part is known, what they chose is not.
//!
//! Whoever may vote is given one ballot: a blind signature that the server makes once this
//! says so, of a number it does not see. The ballot comes back from nobody in particular,
//! and is counted if its signature is good (the caller checks that) and its number is new.

mod one;
pub(crate) mod opaque;
pub(crate) mod urn;

use std::collections::VecDeque;

use crate::collab::vote::one::{SecretVote, Stage, number};
use crate::collab::vote::opaque::{BallotSignature, Serial, VoteKey};
use crate::collab::vote::urn::Urn;
use crate::denied::Denied;
use crate::event::{BallotGiven, BallotsCounted, VoteClosed, VoteClosing, VoteOpened};
use crate::event::{Entry, Event};
use crate::id::{IdSource, ParticipantId, VoteId};
use crate::personal::{Personal, PersonalField};
use crate::text::{PollChoice, PollQuestion};
use crate::time::{Span, Timestamp};
use crate::view::{VoteResult, VoteView};

/// Most votes kept, the open one with them; the oldest go first.
const KEPT: usize = 5;

/// Fewest choices: with one there is nothing to choose.
const FEWEST: usize = 2;

/// Most choices: as many as a chart shows at a glance.
const MOST: u32 = 10;

/// How long ballots on their way may still arrive once nobody is given one any more.
/// Longer keeps everyone waiting for one that never comes, shorter loses a slow one.
const ARRIVAL: Span = Span::from_secs(30);

/// Who may take part in a secret vote. A closed set; services never may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Voters {
    /// Everyone who is here when it begins.
    Everyone,
    /// The members among them: no guests.
    Members,
}

/// What a ballot says, and why it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cast {
    /// What was chosen, by number from 0, each once in order.
    pub choices: Vec<u8>,
    /// The vote's signature of the serial.
    pub signature: BallotSignature,
}

/// A ballot as its voter sent it; whose it is nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ballot {
    /// The number the voter drew.
    pub serial: Serial,
    /// What it says.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub cast: Cast,
}

/// The secret votes of a meeting as far as they are kept, oldest first. At most the last is
/// not closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Votes(VecDeque<SecretVote>);

/// A vote on its way to everyone.
pub(crate) struct Put<'a> {
    pub(crate) question: &'a PollQuestion,
    pub(crate) choices: &'a [PollChoice],
    pub(crate) most: u8,
    pub(crate) voters: Voters,
    pub(crate) key: &'a VoteKey,
    /// Everyone who may take part.
    pub(crate) entitled: Vec<ParticipantId>,
}

impl Votes {
    /// Begins a vote, unless one is not over.
    pub(crate) fn decide_open(
        &self,
        ids: &mut dyn IdSource,
        by: ParticipantId,
        put: Put<'_>,
    ) -> Result<Event, Denied> {
        let Put { question, choices, most, voters, key, entitled } = put;
        if self.current().is_some() {
            return Err(Denied::VoteOpen);
        }
        let count = choices.len();
        if count < FEWEST || number(count) > MOST || most == 0 || usize::from(most) > count {
            return Err(Denied::VoteChoices { max: MOST });
        }
        if entitled.is_empty() {
            return Err(Denied::NoVoters);
        }
        Ok(Event::VoteOpened(VoteOpened {
            vote: VoteId::from_number(ids.draw()),
            by,
            question: question.clone().into(),
            choices: choices.iter().cloned().map(Personal::from).collect(),
            most,
            voters,
            key: key.clone(),
            entitled,
        }))
    }

    /// Gives `by` a ballot, once.
    pub(crate) fn decide_take(&self, by: ParticipantId, vote: VoteId) -> Result<Event, Denied> {
        let asked = self.require(vote)?;
        if asked.stage != Stage::Open {
            return Err(Denied::VoteOver);
        }
        if !asked.entitled.contains(&by) {
            return Err(Denied::NotEntitled);
        }
        if asked.given.contains(&by) {
            return Err(Denied::BallotGiven);
        }
        let given = number(asked.given.len()) + 1;
        Ok(Event::BallotGiven(BallotGiven { vote, participant: by, given }))
    }

    /// Gives no more ballots; those that were given may still arrive for a while.
    pub(crate) fn decide_close(
        &self,
        now: Timestamp,
        by: ParticipantId,
        vote: VoteId,
    ) -> Result<Option<Event>, Denied> {
        let open = self.require(vote)?.stage == Stage::Open;
        Ok(open.then(|| Event::VoteClosing(VoteClosing { vote, by, until: now + ARRIVAL })))
    }

    /// Whether `ballot`, whose signature is good, is a new one; the same once more is no news.
    pub(crate) fn decide_cast(
        &self,
        urn: &Urn,
        vote: VoteId,
        ballot: &Ballot,
    ) -> Result<bool, Denied> {
        let asked = self.require(vote)?;
        asked.check(ballot)?;
        let known = asked.ballots.get(&ballot.serial).or_else(|| urn.get(&ballot.serial));
        if let Some(known) = known {
            return if *known == ballot.cast { Ok(false) } else { Err(Denied::BallotCast) };
        }
        if asked.stage == Stage::Closed {
            return Err(Denied::VoteOver);
        }
        if asked.ballots.len() + urn.len() >= asked.given.len() {
            return Err(Denied::BadBallot);
        }
        Ok(true)
    }

    /// The vote that is not over, if one is not.
    pub(crate) fn current(&self) -> Option<VoteId> {
        self.0.iter().find(|vote| vote.stage != Stage::Closed).map(|vote| vote.id)
    }

    /// The vote that ends once every ballot has arrived, and when it does at the latest.
    pub(crate) fn closing(&self) -> Option<(VoteId, Timestamp)> {
        self.0.iter().find_map(|vote| match vote.stage {
            Stage::Closing { until } => Some((vote.id, until)),
            Stage::Open | Stage::Closed => None,
        })
    }

    /// Whether every ballot that was given has arrived.
    pub(crate) fn all_arrived(&self, urn: &Urn, vote: VoteId) -> bool {
        self.require(vote).is_ok_and(|asked| asked.ballots.len() + urn.len() >= asked.given.len())
    }

    /// Counts the last ballots and ends the vote.
    pub(crate) fn close(&self, vote: VoteId, last: Vec<Ballot>) -> Vec<Event> {
        let Ok(asked) = self.require(vote) else { return Vec::new() };
        let cast = number(asked.ballots.len() + last.len());
        let counts = asked.counts(last.iter());
        let counted = BallotsCounted { vote, ballots: last };
        let counted = (!counted.ballots.is_empty()).then_some(Event::BallotsCounted(counted));
        let closed = Event::VoteClosed(VoteClosed { vote, cast, counts });
        counted.into_iter().chain([closed]).collect()
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::VoteOpened(opened) => {
                self.0.push_back(SecretVote::opened(entry.at, opened));
                let excess = self.0.len().saturating_sub(KEPT);
                self.0.drain(..excess);
            }
            Event::BallotGiven(BallotGiven { vote, participant, .. }) => {
                self.change(*vote, |asked| {
                    asked.given.insert(*participant);
                });
            }
            Event::BallotsCounted(BallotsCounted { vote, ballots }) => {
                self.change(*vote, |asked| {
                    let counted = ballots.iter().cloned();
                    asked.ballots.extend(counted.map(|ballot| (ballot.serial, ballot.cast)));
                });
            }
            Event::VoteClosing(VoteClosing { vote, until, .. }) => {
                self.change(*vote, |asked| asked.stage = Stage::Closing { until: *until });
            }
            Event::VoteClosed(VoteClosed { vote, .. }) => {
                self.change(*vote, |asked| asked.stage = Stage::Closed);
            }
            _ => {}
        }
    }

    /// Every kept vote as `viewer` may see it, oldest first.
    pub(crate) fn view(&self, viewer: ParticipantId) -> Vec<VoteView> {
        self.0.iter().map(|vote| vote.view(viewer)).collect()
    }

    /// The key that ballots of a kept vote are signed with.
    pub(crate) fn key(&self, vote: VoteId) -> Option<&VoteKey> {
        self.require(vote).ok().map(|asked| &asked.key)
    }

    /// Everything about a vote that is over.
    pub(crate) fn result(&self, vote: VoteId) -> Option<VoteResult> {
        let asked = self.require(vote).ok().filter(|asked| asked.stage == Stage::Closed)?;
        let ballots = asked.ballots.iter();
        Some(VoteResult {
            vote,
            question: asked.question.clone(),
            choices: asked.choices.clone(),
            most: asked.most,
            key: asked.key.clone(),
            entitled: Some(number(asked.entitled.len())),
            given: number(asked.given.len()),
            ballots: ballots
                .map(|(serial, cast)| Ballot { serial: serial.clone(), cast: cast.clone() })
                .collect(),
        })
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for vote in &mut self.0 {
            vote.visit_personal(visit);
        }
    }

    fn require(&self, vote: VoteId) -> Result<&SecretVote, Denied> {
        self.0.iter().find(|asked| asked.id == vote).ok_or(Denied::NoSuchVote)
    }

    fn change(&mut self, vote: VoteId, change: impl FnOnce(&mut SecretVote)) {
        if let Some(asked) = self.0.iter_mut().find(|asked| asked.id == vote) {
            change(asked);
        }
    }
}
