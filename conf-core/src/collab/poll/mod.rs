//! Polls: one question at a time to everyone, and what came of the last ones.
//!
//! Who chose what is known to moderators and to whoever asks; everyone else knows
//! how many have voted, and the counts once they are published. Who chose what in an
//! anonymous poll is known to nobody: such votes are counted outside the state
//! (`ballots.rs`) and journaled in groups. What is right in a quiz only whoever asks knows
//! until it is published (`key.rs`).

pub(crate) mod answers;
pub(crate) mod ballots;
pub(crate) mod chosen;
pub(crate) mod key;
mod one;
mod votes;
pub(crate) mod written;

use std::collections::VecDeque;

use crate::denied::Denied;
use crate::event::{
    Entry, Event, PollAnswered, PollClosed, PollKeySet, PollPublished, PollPutAway, PollTallied,
    PollWithdrawn, TextsCounted,
};
use crate::id::{IdSource, ParticipantId, PollId};
use crate::personal::PersonalField;
use crate::policy::role::Role;
use crate::text::{PollQuestion, PollText};
use crate::view::{PollStage, PollView};

use self::answers::Answers;
use self::ballots::Cast;
use self::chosen::Chosen;
use self::one::{Poll, add_up};
use self::votes::{Answer, Votes};
use self::written::{MOST_BYTES, Written};

/// Most polls kept, the open one with them; the oldest go first.
const KEPT: usize = 20;

/// Most votes of one poll. Who leaves and comes again may vote again, so the number of
/// places bounds nothing; more are refused.
pub(crate) const MOST_VOTES: u32 = 5_000;

/// The polls of a meeting as far as they are kept, oldest first. At most the last is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Polls(VecDeque<Poll>);

/// A question on its way to everyone.
pub(crate) struct Asked<'a> {
    pub(crate) question: &'a PollQuestion,
    pub(crate) answers: &'a Answers,
    pub(crate) several: bool,
    pub(crate) anonymous: bool,
    /// What is right, by number; nothing where it is no quiz.
    pub(crate) right: &'a [u8],
}

/// What a vote comes to.
pub(crate) enum Vote {
    /// This happens.
    Named(Vec<Event>),
    /// It is counted where nobody keeps whose it is, unless it was already.
    Anonymous(Cast),
}

impl Polls {
    /// Asks everyone, unless something is being asked.
    pub(crate) fn decide_start(
        &self,
        ids: &mut dyn IdSource,
        by: ParticipantId,
        asked: Asked<'_>,
    ) -> Result<Vec<Event>, Denied> {
        let Asked { question, answers, several, anonymous, right } = asked;
        if self.0.iter().any(|poll| poll.stage == PollStage::Open) {
            return Err(Denied::PollOpen);
        }
        answers.check()?;
        let right: Vec<u8> = key::check(right, answers.count())?.into_iter().collect();
        let poll = PollId::from_number(ids.draw());
        let (question, answers) = (question.clone().into(), answers.clone());
        let quiz = !right.is_empty();
        let started = Event::PollStarted { poll, by, question, answers, several, anonymous, quiz };
        let key = quiz.then_some(Event::PollKeySet(PollKeySet { poll, by, right }));
        Ok(std::iter::once(started).chain(key).collect())
    }

    /// Votes, or votes differently; an anonymous vote cannot be changed.
    pub(crate) fn decide_vote(
        &self,
        by: ParticipantId,
        poll: PollId,
        choices: &[u8],
    ) -> Result<Vote, Denied> {
        let asked = self.require_open(poll)?;
        let chosen = Chosen::of(choices, asked.answers.count()).ok_or(Denied::BadVote)?;
        if chosen.count() == 0 || (chosen.count() > 1 && !asked.several) {
            return Err(Denied::BadVote);
        }
        let votes = match &asked.votes {
            Votes::Named(votes) => votes,
            Votes::Anonymous { voters, .. } if voters.contains(&by) => {
                return Err(Denied::VoteCast);
            }
            Votes::Anonymous { .. } => {
                return Ok(Vote::Anonymous(Cast::Chosen(asked.judged(chosen))));
            }
            Votes::Written(_) | Votes::WrittenAnonymously { .. } => return Err(Denied::BadVote),
        };
        let choices = chosen.numbers();
        let before = votes.get(&by);
        if before.is_some_and(|before| before.iter().eq(&choices)) {
            return Ok(Vote::Named(Vec::new()));
        }
        let turnout = asked.one_more(before.is_some())?;
        let voted = Event::Voted { poll, by, choices, to: asked.by };
        Ok(Vote::Named(std::iter::once(voted).chain(turnout).collect()))
    }

    /// Answers in words of one's own, or in others; an anonymous answer cannot be changed.
    pub(crate) fn decide_answer(
        &self,
        by: ParticipantId,
        poll: PollId,
        text: &PollText,
    ) -> Result<Vote, Denied> {
        let asked = self.require_open(poll)?;
        let answers = match &asked.votes {
            Votes::Written(answers) => answers,
            Votes::WrittenAnonymously { voters, .. } if voters.contains(&by) => {
                return Err(Denied::VoteCast);
            }
            Votes::WrittenAnonymously { .. } => {
                return Ok(Vote::Anonymous(Cast::Text(text.clone())));
            }
            Votes::Named(_) | Votes::Anonymous { .. } => return Err(Denied::BadVote),
        };
        let before = answers.get(&by);
        if before.is_some_and(|before| before.text.as_ref() == Some(text)) {
            return Ok(Vote::Named(Vec::new()));
        }
        let turnout = asked.one_more(before.is_some())?;
        let replaced = before.map_or(0, |before| written::bytes(&before.text));
        if asked.votes.bytes() - replaced + text.as_str().len() > MOST_BYTES {
            return Err(Denied::PollTextsFull);
        }
        let answered = Event::PollAnswered(PollAnswered {
            poll,
            by,
            text: text.clone().into(),
            held_in: before.map(|before| before.held_in),
            to: asked.by,
        });
        Ok(Vote::Named(std::iter::once(answered).chain(turnout).collect()))
    }

    /// Takes no more votes.
    pub(crate) fn decide_close(
        &self,
        by: ParticipantId,
        poll: PollId,
    ) -> Result<Option<Event>, Denied> {
        let asked = self.require(poll)?;
        let open = asked.stage == PollStage::Open;
        Ok(open.then_some(Event::PollClosed(PollClosed { poll, from: asked.by, by, uncounted: 0 })))
    }

    /// What closing an anonymous poll brings with it: `last` is counted, `uncounted` are not.
    pub(crate) fn close_anonymous(
        &self,
        poll: PollId,
        last: Option<Event>,
        uncounted: u32,
        by: ParticipantId,
    ) -> Vec<Event> {
        let Ok(asked) = self.require(poll) else { return Vec::new() };
        let (mut counts, mut written) = (asked.counts(), asked.written());
        let voters = match &last {
            Some(Event::VotesCounted { voters, counts: more, .. }) => {
                add_up(&mut counts, more.iter().copied());
                voters.len()
            }
            Some(Event::TextsCounted(TextsCounted { asker, voters, texts, .. })) => {
                let mine = |text: &_| Written { whose: *asker, text: Clone::clone(text) };
                written.extend(texts.iter().map(mine));
                voters.len()
            }
            _ => 0,
        };
        let voted = asked.votes.turnout().saturating_add(uncounted);
        let voted = voted.saturating_add(u32::try_from(voters).unwrap_or(u32::MAX));
        // How many were right would show moderators what is.
        counts.truncate(asked.answers.count());
        let told = Event::PollTallied(PollTallied { poll, to: asked.by, counts, written });
        let closed = Event::PollClosed(PollClosed { poll, from: asked.by, by, uncounted });
        last.into_iter().chain([Event::PollTurnout { poll, voted }, closed, told]).collect()
    }

    /// Shows everyone what came of a closed poll.
    pub(crate) fn decide_publish(
        &self,
        by: ParticipantId,
        poll: PollId,
    ) -> Result<Option<Event>, Denied> {
        let asked = self.require(poll)?;
        match asked.stage {
            PollStage::Open => Err(Denied::PollOpen),
            PollStage::Closed => Ok(Some(Event::PollPublished(PollPublished {
                poll,
                from: asked.by,
                by,
                counts: asked.counts(),
                key: asked.key_counted(),
                written: asked.written(),
            }))),
            PollStage::Published => Ok(None),
        }
    }

    /// Takes what came of a poll from in front of everyone.
    pub(crate) fn decide_put_away(
        &self,
        by: ParticipantId,
        poll: PollId,
    ) -> Result<Option<Event>, Denied> {
        let in_front = self.require(poll)?.in_front;
        Ok(in_front.then_some(Event::PollPutAway(PollPutAway { poll, by })))
    }

    /// Forgets a closed poll, published or not.
    pub(crate) fn decide_withdraw(
        &self,
        by: ParticipantId,
        poll: PollId,
    ) -> Result<Option<Event>, Denied> {
        let asked = self.require(poll)?;
        match asked.stage {
            PollStage::Open => Err(Denied::PollOpen),
            PollStage::Closed | PollStage::Published => {
                Ok(Some(Event::PollWithdrawn(PollWithdrawn { poll, from: asked.by, by })))
            }
        }
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::PollStarted { poll, by, question, answers, several, anonymous, quiz } => {
                // A new question is not asked behind the answers to the last one.
                self.clear_front();
                self.0.push_back(Poll {
                    id: *poll,
                    by: *by,
                    at: entry.at,
                    question: question.clone(),
                    answers: answers.clone(),
                    several: *several,
                    votes: Votes::none(answers, *anonymous),
                    right: quiz.then(Default::default),
                    stage: PollStage::Open,
                    in_front: false,
                    told_at: None,
                });
                let excess = self.0.len().saturating_sub(KEPT);
                self.0.drain(..excess);
            }
            Event::PollKeySet(PollKeySet { poll, right, .. }) => {
                if let Some(asked) = self.get_mut(*poll) {
                    asked.right = Some(right.iter().copied().collect());
                }
            }
            Event::Voted { poll, by, choices, .. } => {
                if let Some(Votes::Named(votes)) = self.votes_mut(*poll) {
                    votes.insert(*by, choices.iter().copied().collect());
                }
            }
            Event::PollAnswered(PollAnswered { poll, by, text, .. }) => {
                if let Some(Votes::Written(answers)) = self.votes_mut(*poll) {
                    answers.insert(*by, Answer { text: text.clone(), held_in: entry.seq });
                }
            }
            Event::TextsCounted(TextsCounted { poll, voters: more, texts: theirs, .. }) => {
                if let Some(Votes::WrittenAnonymously { voters, texts, .. }) = self.votes_mut(*poll)
                {
                    voters.extend(more);
                    texts.extend_from_slice(theirs);
                }
            }
            Event::VotesCounted { poll, voters: more, counts: theirs } => {
                if let Some(Votes::Anonymous { voters, counts, .. }) = self.votes_mut(*poll) {
                    voters.extend(more);
                    add_up(counts, theirs.iter().copied());
                }
            }
            Event::PollClosed(PollClosed { poll, uncounted: left, .. }) => {
                if let Some(asked) = self.get_mut(*poll) {
                    asked.stage = PollStage::Closed;
                    asked.votes.leave_uncounted(*left);
                }
            }
            Event::PollPublished(PollPublished { poll, .. }) => {
                self.clear_front();
                if let Some(asked) = self.get_mut(*poll) {
                    asked.stage = PollStage::Published;
                    asked.in_front = true;
                    asked.told_at = Some(entry.at);
                }
            }
            Event::PollPutAway(_) => self.clear_front(),
            Event::ChatCleared { .. } => {
                self.0.iter_mut().for_each(|asked| asked.told_at = None);
            }
            Event::PollWithdrawn(PollWithdrawn { poll, .. }) => {
                self.0.retain(|asked| asked.id != *poll)
            }
            _ => {}
        }
    }

    /// Who asked, if the poll is kept.
    pub(crate) fn starter(&self, poll: PollId) -> Option<ParticipantId> {
        self.0.iter().find(|asked| asked.id == poll).map(|asked| asked.by)
    }

    /// Whether what came of one is said in the chat.
    pub(crate) fn are_told(&self) -> bool {
        self.0.iter().any(|asked| asked.told_at.is_some())
    }

    /// Every kept poll as `viewer`, who is a `role`, may see it, oldest first.
    pub(crate) fn view(&self, viewer: ParticipantId, role: Role) -> Vec<PollView> {
        self.0.iter().map(|poll| poll.view(viewer, role)).collect()
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for poll in &mut self.0 {
            poll.visit_personal(visit);
        }
    }

    fn require(&self, poll: PollId) -> Result<&Poll, Denied> {
        self.0.iter().find(|asked| asked.id == poll).ok_or(Denied::NoSuchPoll)
    }

    fn require_open(&self, poll: PollId) -> Result<&Poll, Denied> {
        let asked = self.require(poll)?;
        if asked.stage == PollStage::Open { Ok(asked) } else { Err(Denied::PollClosed) }
    }

    /// The anonymous poll that is open.
    pub(crate) fn open_anonymous(&self) -> Option<PollId> {
        let open = self.0.back().filter(|asked| asked.stage == PollStage::Open)?;
        open.votes.are_anonymous().then_some(open.id)
    }

    /// How many votes are journaled.
    pub(crate) fn turnout(&self, poll: PollId) -> u32 {
        self.require(poll).map_or(0, |asked| asked.votes.turnout())
    }

    /// How many bytes of answers are journaled.
    pub(crate) fn bytes(&self, poll: PollId) -> usize {
        self.require(poll).map_or(0, |asked| asked.votes.bytes())
    }

    fn votes_mut(&mut self, poll: PollId) -> Option<&mut Votes> {
        self.get_mut(poll).map(|asked| &mut asked.votes)
    }

    fn get_mut(&mut self, poll: PollId) -> Option<&mut Poll> {
        self.0.iter_mut().find(|asked| asked.id == poll)
    }

    fn clear_front(&mut self) {
        self.0.iter_mut().for_each(|asked| asked.in_front = false);
    }
}
