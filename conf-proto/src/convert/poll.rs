//! Polls between the wire and the meeting.

use conf_core::event::{
    PollAnswered, PollClosed, PollKeySet, PollPublished, PollPutAway, PollTallied, PollWithdrawn,
};
use conf_core::id::ParticipantId;
use conf_core::text::{PollChoice, PollText, TextError};
use conf_core::view::{self, PollStage, PollView};
use conf_core::{Answers, Entry, Event, Personal, Said};

use super::text_of;
use crate::poll::{Poll, PollAnswers, PollKey, PollSaid, PollVote, PollWritten, PublishedPoll};
use crate::server::RoomEvent;

/// What a client offers to choose from; nothing is as good as an empty text.
pub(super) fn answers_meant(answers: PollAnswers) -> Result<Answers, TextError> {
    Ok(match answers {
        PollAnswers::YesNo => Answers::YesNo,
        PollAnswers::YesNoAbstain => Answers::YesNoAbstain,
        PollAnswers::Letters { count } => Answers::Letters { count },
        PollAnswers::Text => Answers::Text,
        PollAnswers::Own { texts } => {
            let choice = |text: Option<String>| PollChoice::new(&text.unwrap_or_default());
            let choices = texts.into_iter().map(|text| choice(text).map(Personal::from));
            Answers::Own { texts: choices.collect::<Result<_, _>>()? }
        }
    })
}

/// What clients are told of an entry about a poll; `None` if it is about something else.
pub(super) fn poll_event(entry: &Entry) -> Option<RoomEvent> {
    Some(match &entry.event {
        Event::PollStarted { poll, by, question, answers, several, anonymous, quiz } => {
            RoomEvent::PollStarted {
                poll: Box::new(Poll {
                    id: *poll,
                    by: *by,
                    at: entry.at.0,
                    question: text_of(question, |q| q.as_str()),
                    answers: poll_answers(answers),
                    several: *several,
                    anonymous: *anonymous,
                    quiz: *quiz,
                    stage: PollStage::Open,
                    voted: 0,
                    cast: false,
                    votes: Vec::new(),
                    written: Vec::new(),
                    counts: None,
                    said: Vec::new(),
                    uncounted: 0,
                    key: None,
                    in_front: false,
                    told_at: None,
                }),
            }
        }
        Event::Voted { poll, by, choices, .. } => {
            RoomEvent::Voted { poll: *poll, vote: PollVote { by: *by, choices: choices.clone() } }
        }
        Event::PollKeySet(PollKeySet { poll, right, .. }) => {
            let key = PollKey { right: right.clone(), wholly: None };
            RoomEvent::PollKeySet { poll: *poll, key }
        }
        Event::PollAnswered(PollAnswered { poll, by, text, .. }) => {
            RoomEvent::PollAnswered { poll: *poll, answer: answer_of(*by, text) }
        }
        Event::PollTurnout { poll, voted } => RoomEvent::PollTurnout { poll: *poll, voted: *voted },
        Event::PollClosed(PollClosed { poll, by, uncounted, .. }) => {
            RoomEvent::PollClosed { poll: *poll, by: *by, uncounted: *uncounted }
        }
        Event::PollTallied(PollTallied { poll, counts, written, .. }) => {
            let said = said_in(&Said::together(written));
            RoomEvent::PollTallied { poll: *poll, counts: counts.clone(), said }
        }
        Event::PollPublished(PollPublished { poll, by, counts, key, written, .. }) => {
            RoomEvent::PollPublished(PublishedPoll {
                poll: *poll,
                by: *by,
                counts: counts.clone(),
                key: key.as_ref().map(poll_key),
                said: said_in(&Said::together(written)),
            })
        }
        Event::PollPutAway(PollPutAway { poll, by }) => {
            RoomEvent::PollPutAway { poll: *poll, by: *by }
        }
        Event::PollWithdrawn(PollWithdrawn { poll, by, .. }) => {
            RoomEvent::PollWithdrawn { poll: *poll, by: *by }
        }
        _ => return None,
    })
}

pub(super) fn poll_seen(poll: &PollView) -> Poll {
    let vote = |vote: &view::PollVote| PollVote { by: vote.by, choices: vote.choices.clone() };
    Poll {
        id: poll.id,
        by: poll.by,
        at: poll.at.0,
        question: text_of(&poll.question, |q| q.as_str()),
        answers: poll_answers(&poll.answers),
        several: poll.several,
        anonymous: poll.anonymous,
        quiz: poll.quiz,
        stage: poll.stage,
        voted: poll.voted,
        cast: poll.cast,
        votes: poll.votes.iter().map(vote).collect(),
        written: poll.written.iter().map(|one| answer_of(one.whose, &one.text)).collect(),
        counts: poll.counts.clone(),
        said: poll.said.as_deref().map(said_in).unwrap_or_default(),
        uncounted: poll.uncounted,
        key: poll.key.as_ref().map(poll_key),
        in_front: poll.in_front,
        told_at: poll.told_at.map(|at| at.0),
    }
}

fn answer_of(by: ParticipantId, text: &Personal<PollText>) -> PollWritten {
    PollWritten { by, text: text_of(text, |text| text.as_str()) }
}

fn said_in(said: &[Said]) -> Vec<PollSaid> {
    let one = |said: &Said| PollSaid {
        text: text_of(&said.text, |text| text.as_str()),
        times: said.times,
    };
    said.iter().map(one).collect()
}

fn poll_key(key: &conf_core::PollKey) -> PollKey {
    PollKey { right: key.right.clone(), wholly: key.wholly }
}

fn poll_answers(answers: &Answers) -> PollAnswers {
    match answers {
        Answers::YesNo => PollAnswers::YesNo,
        Answers::YesNoAbstain => PollAnswers::YesNoAbstain,
        Answers::Letters { count } => PollAnswers::Letters { count: *count },
        Answers::Text => PollAnswers::Text,
        Answers::Own { texts } => {
            PollAnswers::Own { texts: texts.iter().map(|t| text_of(t, |t| t.as_str())).collect() }
        }
    }
}
