//! Arbitrary polls: enough who vote in one for their votes to be journaled together.

use super::Watched;
use super::command::{answers_of, right_of};
use crate::id::ParticipantId;
use crate::input::{Command, Input};
use crate::text::PollQuestion;
use crate::time::Timestamp;

impl Watched {
    /// Somebody asks anonymously, everybody who is here votes, and now and then the poll
    /// closes, and what came of it is shown and put away. Refusals are as good an answer as any: `handle` checks both.
    pub(super) fn everybody_votes(&mut self, now: Timestamp, from: ParticipantId, byte: u8) {
        let question = PollQuestion::new("message of all").expect("a fixed, valid text");
        let answers = answers_of(byte);
        let ask = Command::StartPoll {
            question,
            answers,
            several: false,
            anonymous: true,
            right: right_of(byte),
        };
        let _ = self.handle(now, Input::Command { from, command: ask });
        let poll = self.some_poll(0);
        let members = self.meeting.state().roster.members();
        let members: Vec<ParticipantId> = members.iter().map(|member| member.id).collect();
        for from in members {
            let command = Command::Vote { poll, choices: vec![byte % 2] };
            let _ = self.handle(now, Input::Command { from, command });
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
}
