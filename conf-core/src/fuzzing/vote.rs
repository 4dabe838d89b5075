//! Arbitrary secret votes: begun, taken part in, and ended.

use super::Watched;
use crate::collab::vote::opaque::{BallotSignature, Serial, VoteKey};
use crate::collab::vote::{Ballot, Cast, Voters};
use crate::event::{Event, VoteOpened};
use crate::id::{ParticipantId, VoteId};
use crate::input::{Command, Input};
use crate::policy::role::Role;
use crate::text::{PollChoice, PollQuestion};
use crate::time::Timestamp;
use crate::view::{VoteStage, VoteView};

/// The kind of step that is a command about a secret vote.
pub(super) const STEP: u8 = 93;

/// The kind of step that casts a ballot.
pub(super) const BALLOT: u8 = 94;

impl Watched {
    /// A command about a secret vote.
    pub(super) fn vote_command(&self, [whom, more]: [u8; 2]) -> Command {
        let vote = self.some_vote(whom);
        match more {
            0..=95 => {
                let choice = |n| PollChoice::new(&format!("message {n}")).expect("a valid text");
                Command::OpenVote {
                    question: PollQuestion::new("message for all").expect("a valid text"),
                    choices: (0..1 + whom % 12).map(choice).collect(),
                    most: more % 4,
                    voters: if more < 32 { Voters::Members } else { Voters::Everyone },
                    key: VoteKey::new("AAAA").expect("a valid key"),
                }
            }
            96..=159 => Command::CloseVote { vote },
            _ => Command::TakeBallot { vote },
        }
    }

    /// Who begins votes and ends them, mostly: arbitrary people seldom may.
    pub(super) fn some_chair(&self, what: u8, more: u8) -> Option<ParticipantId> {
        let mut members = self.meeting.state().roster.members().iter();
        let chair = members.find(|member| member.role == Role::Moderator).map(|member| member.id);
        chair.filter(|_| what == STEP && more < 160 && !more.is_multiple_of(4))
    }

    /// A ballot comes, often one that came before; now and then everybody takes one and casts
    /// one. Refusals are as good an answer as any: `handle` checks both.
    pub(super) fn ballot_step(&mut self, now: Timestamp, [whom, more]: [u8; 2]) {
        let vote = self.some_vote(0);
        if more >= 128 {
            let _ = self.handle(now, ballot(vote, more.into(), whom));
            return;
        }
        let members = self.meeting.state().roster.members();
        let members: Vec<ParticipantId> = members.iter().map(|member| member.id).collect();
        for from in members {
            let command = Command::TakeBallot { vote };
            let _ = self.handle(now, Input::Command { from, command });
            let _ = self.handle(now, ballot(vote, self.journal.len(), whom));
        }
    }

    /// One of the last votes, mostly the last, or now and then none.
    fn some_vote(&self, byte: u8) -> VoteId {
        let opened = self.journal.iter().rev().filter_map(|entry| match entry.event {
            Event::VoteOpened(VoteOpened { vote, .. }) => Some(vote),
            _ => None,
        });
        let nth = usize::from((byte % 8).saturating_sub(5));
        opened.take(2).nth(nth).unwrap_or(VoteId::from_number(0))
    }

    /// What holds of secret votes between any two inputs.
    pub(super) fn check_votes(&self) {
        let state = self.meeting.state();
        let mut seen = None;
        for member in state.roster.members() {
            let mut public = state.votes.view(member.id);
            let over = |vote: &VoteView| vote.stage == VoteStage::Closed;
            assert!(public.len() <= 5 && public.iter().filter(|v| !over(v)).count() <= 1);
            for vote in &mut public {
                assert_eq!(vote.counts.is_some(), over(vote), "no tally before the end");
                assert!(!vote.took || vote.may, "only the entitled are given a ballot");
                assert!(vote.entitled.is_none_or(|most| vote.given <= most));
                assert!(vote.cast.unwrap_or(0) <= vote.given);
                // What is seen differs in what one knows of oneself anyway.
                (vote.may, vote.took) = (false, false);
            }
            assert_eq!(*seen.get_or_insert_with(|| public.clone()), public);
        }
    }
}

/// A ballot by numbers: which, and what it says.
fn ballot(vote: VoteId, number: usize, choice: u8) -> Input {
    let ballot = Ballot {
        serial: Serial::new(&format!("{number:064x}")).expect("a valid serial"),
        cast: Cast {
            choices: vec![choice % 3],
            signature: BallotSignature::new("AAAA").expect("a valid signature"),
        },
    };
    Input::Ballot { vote, ballot }
}
