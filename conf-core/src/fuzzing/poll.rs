//! Arbitrary polls: enough who vote in one for their votes to be journaled together.

use super::Watched;
use crate::collab::poll::answers::Answers;
use crate::event::Event;
use crate::id::{ParticipantId, PollId};
use crate::input::{Command, Input};
use crate::text::{PollChoice, PollQuestion, PollText};
use crate::time::Timestamp;

impl Watched {
    /// Somebody asks anonymously, everybody who is here votes, and now and then the poll
    /// closes, and what came of it is shown and put away. Refusals are as good an answer as any: `handle` checks both.
    pub(super) fn everybody_votes(&mut self, now: Timestamp, from: ParticipantId, byte: u8) {
        let question = PollQuestion::new("message of all").expect("a fixed, valid text");
        let answers = answers_of(byte);
        let right = right_of(&answers, byte);
        let ask = Command::StartPoll { question, answers, several: false, anonymous: true, right };
        let _ = self.handle(now, Input::Command { from, command: ask });
        let poll = self.some_poll(0);
        let members = self.meeting.state().roster.members();
        let members: Vec<ParticipantId> = members.iter().map(|member| member.id).collect();
        for (voter, nth) in members.into_iter().zip(0..) {
            let command = self.answer_command(vec![byte % 2], byte.wrapping_add(nth));
            let _ = self.handle(now, Input::Command { from: voter, command });
        }
        let close = Command::ClosePoll { poll };
        let further = [
            (128, close),
            (96, Command::PublishPoll { poll }),
            (64, Command::PutPollAway { poll }),
        ];
        for (_, command) in further.into_iter().filter(|(below, _)| byte < *below) {
            let _ = self.handle(now, Input::Command { from, command });
        }
    }

    /// A vote in the last poll, mostly of its kind.
    pub(super) fn answer_command(&self, choices: Vec<u8>, byte: u8) -> Command {
        let poll = self.some_poll(0);
        let asked = self.journal.iter().rev().find_map(|entry| match &entry.event {
            Event::PollStarted { poll: one, answers, .. } if *one == poll => Some(answers),
            _ => None,
        });
        if (asked == Some(&Answers::Text)) == (byte < 250) {
            let text = PollText::new(&format!("message {}", byte % 4)).expect("a valid text");
            Command::AnswerPoll { poll, text }
        } else {
            Command::Vote { poll, choices }
        }
    }

    /// One of the last polls, mostly the last, or now and then none.
    pub(super) fn some_poll(&self, byte: u8) -> PollId {
        let started = self.journal.iter().rev().filter_map(|entry| match entry.event {
            Event::PollStarted { poll, .. } => Some(poll),
            _ => None,
        });
        let nth = usize::from((byte % 8).saturating_sub(4));
        started.take(3).nth(nth).unwrap_or(PollId::from_number(0))
    }
}

/// Some choices; now and then too many.
fn answers_of(byte: u8) -> Answers {
    match byte % 5 {
        0 => Answers::YesNo,
        1 => Answers::YesNoAbstain,
        2 => Answers::Letters { count: byte / 32 },
        3 => Answers::Text,
        _ => {
            let text = |n| PollChoice::new(&format!("message {n}")).expect("a fixed, valid text");
            Answers::Own { texts: (0..byte / 20).map(|n| text(n).into()).collect() }
        }
    }
}

/// What is right, where it is a quiz; now and then what is no choice.
fn right_of(answers: &Answers, byte: u8) -> Vec<u8> {
    let quiz = !byte.is_multiple_of(3) && (*answers != Answers::Text || byte > 250);
    if quiz { vec![byte % 2, byte % 5 / 4 * 2] } else { Vec::new() }
}

/// Asks something.
pub(super) fn start_poll(whom: u8, more: u8) -> Command {
    let answers = answers_of(whom);
    Command::StartPoll {
        question: PollQuestion::new(&format!("message {more}")).expect("a valid text"),
        right: right_of(&answers, more),
        answers,
        several: more.is_multiple_of(2),
        anonymous: more % 8 > 4,
    }
}
