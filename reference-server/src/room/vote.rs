//! The secret vote that is on: who is given a ballot, and which ballots are good.
//!
//! That someone was given a ballot is journaled before anything is signed. A ballot comes
//! without a session; where it came from and when is kept nowhere and logged nowhere.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use conf_core::id::{MeetingId, ParticipantId, SessionId, VoteId};
use conf_core::{Ballot, Command, Denied, Event, Input, VoteKey};
use conf_proto::convert::denied_problem;
use conf_proto::vote::VoteList;
use conf_proto::{Problem, ServerMessage};
use tokio::sync::oneshot;

use super::ask::unavailable;
use super::owner::{Lost, Owner};
use super::recover::Keeping;
use super::storage::Unmet;
use crate::ballot::{self, SigningKey};
use crate::clock::utc_now;
use crate::signal::link::Link;
use crate::store::votes::Digest;
use crate::store::{Store, StoreError};

/// What the vote that is on signs with; nothing while none is.
#[derive(Default)]
pub(super) struct Booth {
    key: Option<SigningKey>,
    /// Whose blinded message was signed: asked for once more, it is signed once more.
    signed: BTreeMap<ParticipantId, Digest>,
}

/// One thing asked about a secret vote.
pub(crate) enum VoteAsk {
    /// Whether a session could begin one, before its key is made.
    May {
        /// By which session.
        session: SessionId,
        /// What it would ask, under no real key.
        command: Command,
        /// Told the refusal it would get.
        verdict: oneshot::Sender<Result<(), Problem>>,
    },
    /// Begins one.
    Open {
        /// By which session.
        session: SessionId,
        /// Under which number it is answered.
        re: u32,
        /// What, with the public half of the key.
        command: Command,
        /// The secret half.
        secret: Vec<u8>,
    },
    /// A ballot for whom a session speaks.
    Take {
        /// By which session.
        session: SessionId,
        /// Under which number it is answered.
        re: u32,
        /// In which vote.
        vote: VoteId,
        /// What is to be signed.
        blinded: Box<[u8; 256]>,
    },
    /// A ballot, from nobody in particular.
    Cast {
        /// In which vote.
        vote: VoteId,
        /// The ballot.
        ballot: Ballot,
        /// Told once it is taken.
        verdict: oneshot::Sender<Result<(), Problem>>,
    },
    /// The list of a vote that is over.
    List {
        /// Of which.
        vote: VoteId,
        /// Told the list, if there is one.
        verdict: oneshot::Sender<Option<VoteList>>,
    },
}

impl Booth {
    /// The key of the vote that was on, for a meeting that comes back; what none needs is destroyed.
    pub(super) async fn recovered(
        store: &Store,
        id: MeetingId,
        public: Option<&VoteKey>,
    ) -> Result<Self, StoreError> {
        let Some(public) = public else {
            store.vote_keys().destroy_vote_keys(id).await?;
            return Ok(Self::default());
        };
        let kept = store.vote_keys().vote_key(id, public).await?;
        let read = kept.and_then(|(secret, signed)| {
            Some(Self { key: Some(SigningKey::read(&secret).ok()?), signed })
        });
        Ok(read.unwrap_or_else(|| {
            tracing::error!(meeting = %id, "the key of a vote is not to be read: it gives no more ballots");
            Self::default()
        }))
    }
}

impl Owner {
    pub(super) async fn vote(&mut self, ask: VoteAsk) -> Result<(), Lost> {
        // Whoever went away no longer wants its answer.
        match ask {
            VoteAsk::May { session, command, verdict } => {
                let may = match self.asker(session) {
                    Some((from, _)) => self.meeting.would(utc_now(), from, &command),
                    None => Err(Denied::Waiting),
                };
                let _ = verdict.send(may.map_err(|denied| denied_problem(&denied)));
                Ok(())
            }
            VoteAsk::Open { session, re, command, secret } => {
                self.open_vote(session, re, command, secret).await
            }
            VoteAsk::Take { session, re, vote, blinded } => {
                self.take_ballot(session, re, vote, blinded).await
            }
            VoteAsk::Cast { vote, ballot, verdict } => {
                let cast = self.cast_ballot(vote, ballot).await;
                let told = cast.as_ref().map_or_else(|Lost| Err(unavailable()), Clone::clone);
                let _ = verdict.send(told);
                cast.map(|_| ())
            }
            VoteAsk::List { vote, verdict } => {
                let _ = verdict.send(self.meeting.vote_result(vote).as_ref().map(VoteList::of));
                Ok(())
            }
        }
    }

    async fn open_vote(
        &mut self,
        session: SessionId,
        re: u32,
        command: Command,
        secret: Vec<u8>,
    ) -> Result<(), Lost> {
        let Some((from, link)) = self.asker(session) else {
            self.refuse_waiting(session, re);
            return Ok(());
        };
        let Command::OpenVote { key: public, .. } = &command else { return Ok(()) };
        let meeting = self.meeting.identity().meeting;
        let kept = match self.keeping {
            Keeping::Journal => {
                let keys = self.ground.store.vote_keys();
                keys.put_vote_key(meeting, public, &secret).await.is_ok()
            }
            Keeping::Nothing => true,
        };
        let key = SigningKey::read(&secret).ok().filter(|_| kept);
        let Some(key) = key else {
            let _ = link.refuse(re, unavailable());
            return Ok(());
        };
        let judged = self.step(Input::Command { from, command }).await;
        if let Ok(Ok(())) = judged {
            self.booth = Booth { key: Some(key), signed: BTreeMap::new() };
        }
        self.answer_vote(&link, re, judged)
    }

    /// Signs for who may take part, once it is journaled that they were given a ballot.
    async fn take_ballot(
        &mut self,
        session: SessionId,
        re: u32,
        vote: VoteId,
        blinded: Box<[u8; 256]>,
    ) -> Result<(), Lost> {
        let Some((from, link)) = self.asker(session) else {
            self.refuse_waiting(session, re);
            return Ok(());
        };
        let hash = digest(&SHA256, &*blinded);
        let asked: Digest = hash.as_ref().try_into().expect("SHA-256 has 32 bytes");
        let command = Command::TakeBallot { vote };
        let judged = self.meeting.would(utc_now(), from, &command);
        let again =
            judged == Err(Denied::BallotGiven) && self.booth.signed.get(&from) == Some(&asked);
        if !again {
            if judged.is_ok() && self.keeping == Keeping::Journal {
                let meeting = self.meeting.identity().meeting;
                let keys = self.ground.store.vote_keys();
                if keys.put_vote_signed(meeting, from, &asked).await.is_err() {
                    let _ = link.refuse(re, unavailable());
                    return Ok(());
                }
            }
            let judged = self.step(Input::Command { from, command }).await;
            if !matches!(judged, Ok(Ok(()))) {
                return self.answer_vote(&link, re, judged);
            }
            self.booth.signed.insert(from, asked);
        }
        let Some(key) = self.booth.key.clone() else {
            let _ = link.refuse(re, unavailable());
            return Ok(());
        };
        // Some milliseconds of arithmetic that nobody else need wait for.
        tokio::task::spawn_blocking(move || {
            let _ = match key.sign(&blinded) {
                Ok(signature) => {
                    let signature = ballot::told(&signature);
                    link.say(&ServerMessage::Ballot { re, signature })
                }
                Err(error) => link.refuse(re, Problem::new("malformed", error.to_string())),
            };
        });
        Ok(())
    }

    async fn cast_ballot(
        &mut self,
        vote: VoteId,
        ballot: Ballot,
    ) -> Result<Result<(), Problem>, Lost> {
        let good = match self.meeting.vote_key(vote) {
            Some(key) if ballot::is_good(key, vote, &ballot) => Ok(()),
            Some(_) => Err(Denied::BadBallot),
            None => Err(Denied::NoSuchVote),
        };
        if let Err(denied) = good {
            return Ok(Err(denied_problem(&denied)));
        }
        let judged = self.step(Input::Ballot { vote, ballot }).await?;
        Ok(judged.map_err(|unmet| unmet.problem()))
    }

    /// What a vote's end means for its key.
    pub(super) async fn vote_happened(&mut self, event: &Event) {
        let over = matches!(event, Event::VoteClosed(_) | Event::Ended { .. });
        if !over || self.booth.key.is_none() {
            return;
        }
        self.booth = Booth::default();
        let meeting = self.meeting.identity().meeting;
        if self.keeping == Keeping::Journal
            && let Err(error) = self.ground.store.vote_keys().destroy_vote_keys(meeting).await
        {
            // Tried again when the meeting next comes back, and when its journal is deleted.
            let error = &error as &dyn std::error::Error;
            tracing::error!(%meeting, error, "the key of a vote is not destroyed");
        }
    }

    fn answer_vote(
        &self,
        link: &Link,
        re: u32,
        judged: Result<Result<(), Unmet>, Lost>,
    ) -> Result<(), Lost> {
        // A broken link is reported by its own session.
        let _ = match &judged {
            Ok(Ok(())) => link.say(&ServerMessage::Done { re }),
            Ok(Err(unmet)) => link.refuse(re, unmet.problem()),
            Err(Lost) => link.refuse(re, unavailable()),
        };
        judged.map(|_| ())
    }
}
