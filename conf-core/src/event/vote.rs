//! What happens in secret votes. Nothing here names a voter and a ballot at once.

use crate::collab::vote::opaque::VoteKey;
use crate::collab::vote::{Ballot, Voters};
use crate::id::{ParticipantId, VoteId};
use crate::personal::Personal;
use crate::text::{PollChoice, PollQuestion};
use crate::time::Timestamp;

/// A secret vote that began.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VoteOpened {
    /// The vote's id.
    pub vote: VoteId,
    /// Who asks.
    pub by: ParticipantId,
    /// What.
    pub question: Personal<PollQuestion>,
    /// What can be chosen, in words.
    pub choices: Vec<Personal<PollChoice>>,
    /// How many one may choose.
    pub most: u8,
    /// Who may take part.
    pub voters: Voters,
    /// The key ballots are signed with.
    pub key: VoteKey,
    /// Everyone who may take part, by who is here now.
    pub entitled: Vec<ParticipantId>,
}

/// A ballot that was given. Of what it is nothing is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BallotGiven {
    /// In which vote.
    pub vote: VoteId,
    /// To whom.
    pub participant: ParticipantId,
    /// How many were given by now.
    pub given: u32,
}

/// Ballots that came from nobody in particular and were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BallotsCounted {
    /// In which vote.
    pub vote: VoteId,
    /// Some that had come, in the order of their serials, which tells nothing of theirs.
    pub ballots: Vec<Ballot>,
}

/// A vote that gives no more ballots.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VoteClosing {
    /// Which.
    pub vote: VoteId,
    /// Who ended it.
    pub by: ParticipantId,
    /// When it is over at the latest.
    pub until: Timestamp,
}

/// A vote that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VoteClosed {
    /// Which.
    pub vote: VoteId,
    /// How many ballots were cast.
    pub cast: u32,
    /// How many of them chose each, in the order of the choices.
    pub counts: Vec<u32>,
}
