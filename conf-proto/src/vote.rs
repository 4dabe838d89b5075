//! A secret vote as clients see it, the ballot they cast, and the list anyone counts again.

use conf_core::event::VoteOpened;
use conf_core::id::{ParticipantId, VoteId};
use conf_core::text::{PollChoice, PollQuestion};
use conf_core::view::{VoteResult, VoteStage, VoteView};
use conf_core::{
    Ballot, BallotSignature, Cast, Command, OpaqueError, Personal, Serial, Timestamp, VoteKey,
    Voters,
};
use serde::{Deserialize, Serialize};

use crate::convert::{text_of, text_problem};
use crate::error::Problem;

/// What somebody wants to put to a secret vote.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WantedVote {
    /// What about; 1 to 300 characters.
    pub question: String,
    /// What can be chosen: two to ten, of 1 to 100 characters.
    pub choices: Vec<String>,
    /// How many one may choose.
    pub most: u8,
    /// Who may take part.
    #[cfg_attr(feature = "typescript", ts(type = "Voters"))]
    pub voters: Voters,
}

/// One secret vote.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SecretVote {
    /// The vote's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: VoteId,
    /// Who asks; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub by: ParticipantId,
    /// When it began, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// What is asked; `null` once erased.
    pub question: Option<String>,
    /// What can be chosen, named by number from 0; `null` once erased.
    pub choices: Vec<Option<String>>,
    /// How many one may choose.
    pub most: u8,
    /// Who may take part.
    #[cfg_attr(feature = "typescript", ts(type = "Voters"))]
    pub voters: Voters,
    /// The key ballots are signed with: a `SubjectPublicKeyInfo` in Base64.
    pub key: String,
    /// How far it is.
    #[cfg_attr(feature = "typescript", ts(type = "VoteStage"))]
    pub stage: VoteStage,
    /// When it is over at the latest, in UTC milliseconds, while it is closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub until: Option<u64>,
    /// How many may take part; absent for who is not told how many are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub entitled: Option<u32>,
    /// How many were given a ballot.
    pub given: u32,
    /// Whether one may take part oneself; absent where it is told to everyone alike, then
    /// those may who are here and whom `voters` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub may: Option<bool>,
    /// Whether one was given a ballot oneself.
    pub took: bool,
    /// How many ballots were cast, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub cast: Option<u32>,
    /// How many of them chose each, in the order of the choices, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub counts: Option<Vec<u32>>,
}

/// One ballot, as it is cast and as it is published.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SecretBallot {
    /// The number the voter drew: 32 bytes in lower-case hex.
    pub serial: String,
    /// What was chosen, by number from 0, each once in order.
    pub choices: Vec<u8>,
    /// The vote's signature of the serial, in Base64.
    pub signature: String,
}

/// The answer to a ballot: it will be counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct BallotReceipt {
    /// Its number.
    pub serial: String,
}

/// Everything about a secret vote that is over, for whoever wants to count again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VoteList {
    /// The vote's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub vote: VoteId,
    /// What was asked; `null` once erased.
    pub question: Option<String>,
    /// What could be chosen; `null` once erased.
    pub choices: Vec<Option<String>>,
    /// How many one could choose.
    pub most: u8,
    /// The key ballots were signed with: a `SubjectPublicKeyInfo` in Base64.
    pub key: String,
    /// How many could take part; absent while participants are not told how many are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub entitled: Option<u32>,
    /// How many were given a ballot.
    pub given: u32,
    /// Every ballot, in the order of the serials.
    pub ballots: Vec<SecretBallot>,
}

impl WantedVote {
    /// The command that begins the vote under `key`.
    ///
    /// # Errors
    /// When a text is empty or too long.
    pub fn command(&self, key: VoteKey) -> Result<Command, Problem> {
        let question = PollQuestion::new(&self.question).map_err(text_problem)?;
        let choices: Result<_, _> = self.choices.iter().map(|text| PollChoice::new(text)).collect();
        let choices = choices.map_err(text_problem)?;
        Ok(Command::OpenVote { question, choices, most: self.most, voters: self.voters, key })
    }
}

impl SecretVote {
    /// The vote as everyone is told that it began.
    #[must_use]
    pub fn opened(at: Timestamp, opened: &VoteOpened) -> Self {
        let told = !opened.entitled.contains(&ParticipantId::SOMEBODY);
        let entitled = u32::try_from(opened.entitled.len()).unwrap_or(u32::MAX);
        Self {
            id: opened.vote,
            by: opened.by,
            at: at.0,
            question: text_of(&opened.question, |text| text.as_str()),
            choices: texts(&opened.choices),
            most: opened.most,
            voters: opened.voters,
            key: opened.key.as_str().to_owned(),
            stage: VoteStage::Open,
            until: None,
            entitled: told.then_some(entitled),
            given: 0,
            may: None,
            took: false,
            cast: None,
            counts: None,
        }
    }

    /// The vote as one participant sees it.
    #[must_use]
    pub fn seen(vote: &VoteView) -> Self {
        Self {
            id: vote.id,
            by: vote.by,
            at: vote.at.0,
            question: text_of(&vote.question, |text| text.as_str()),
            choices: texts(&vote.choices),
            most: vote.most,
            voters: vote.voters,
            key: vote.key.as_str().to_owned(),
            stage: vote.stage,
            until: vote.until.map(|at| at.0),
            entitled: vote.entitled,
            given: vote.given,
            may: Some(vote.may),
            took: vote.took,
            cast: vote.cast,
            counts: vote.counts.clone(),
        }
    }
}

impl VoteList {
    /// The list of a vote that is over.
    #[must_use]
    pub fn of(result: &VoteResult) -> Self {
        let ballot = |ballot: &Ballot| SecretBallot {
            serial: ballot.serial.as_str().to_owned(),
            choices: ballot.cast.choices.clone(),
            signature: ballot.cast.signature.as_str().to_owned(),
        };
        Self {
            vote: result.vote,
            question: text_of(&result.question, |text| text.as_str()),
            choices: texts(&result.choices),
            most: result.most,
            key: result.key.as_str().to_owned(),
            entitled: result.entitled,
            given: result.given,
            ballots: result.ballots.iter().map(ballot).collect(),
        }
    }
}

impl SecretBallot {
    /// The ballot, if it could be one.
    ///
    /// # Errors
    /// When the serial or the signature is none.
    pub fn read(&self) -> Result<Ballot, Problem> {
        let serial = Serial::new(&self.serial).map_err(opaque_problem)?;
        let signature = BallotSignature::new(&self.signature).map_err(opaque_problem)?;
        Ok(Ballot { serial, cast: Cast { choices: self.choices.clone(), signature } })
    }
}

fn texts(choices: &[Personal<PollChoice>]) -> Vec<Option<String>> {
    choices.iter().map(|text| text_of(text, |text| text.as_str())).collect()
}

fn opaque_problem(error: OpaqueError) -> Problem {
    Problem::new("bad_ballot", error.to_string())
}
