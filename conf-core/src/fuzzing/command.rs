//! Arbitrary commands: every one there is, as often as it teaches something.

use super::poll::start_poll;
use super::{Watched, captions, files, vote};
use crate::admission::policy::GuestPolicy;
use crate::collab::chat::reaction::Reaction;
use crate::event::Event;
use crate::id::{MessageId, ParticipantId};
use crate::input::Command;
use crate::policy::lock::Lock;
use crate::stage::source::Source;
use crate::text::{ChatText, DisplayName, ReportText};

impl Watched {
    /// A command by three bytes of a step: what, to whom, and a pinch more.
    ///
    /// What a number stands for is free; a number nothing stands for publishes a microphone.
    pub(super) fn command(&self, [what, whom, more]: [u8; 3]) -> Command {
        let target = self.someone(whom);
        let waiting = self.someone_waiting(whom);
        let source = Source::ALL[usize::from(more) % 4];
        let lock = Lock::ALL[usize::from(more) % Lock::ALL.len()];
        match what {
            6..=11 => Command::Publish { source },
            12..=14 => Command::Stop { target, source },
            15 if more < 24 => Command::MuteAll { but_presenter: more % 2 == 0 },
            15..=17 => Command::Mute { target },
            18 if more < 64 => Command::AskToUnmute { target },
            18..=19 => Command::Unmute,
            21 if more < 128 => Command::LowerHand { target },
            20..=21 => Command::RaiseHand,
            22 => Command::Promote { target },
            23 if more < 128 => Command::Demote { target },
            24 if more < 96 => Command::AskToPresent,
            25 if more < 96 => Command::DeclinePresenter { target: self.some_asker(whom) },
            26 if more < 160 => Command::SetException { target, lock, on: whom % 4 > 0 },
            27 if more < 32 => Command::TakePresenter,
            23..=26 => {
                let to = (whom % 3 == 0).then_some(target);
                let answers = more.is_multiple_of(4).then(|| self.some_message(whom));
                Command::SendChat { text: text_of(what, more), to, answers }
            }
            27..=28 => Command::GivePresenter { target },
            29 if whom % 4 == 0 => Command::SetInterpreter { target, on: more % 2 == 0 },
            29..=30 => Command::SetLock { lock, on: whom % 3 == 0 },
            31 if more == 0 => Command::End,
            32..=34 => Command::Admit { target: waiting },
            35 => Command::AdmitAll,
            36..=37 => Command::Deny { target: waiting },
            38..=39 => Command::SetGuests { policy: GuestPolicy::ALL[usize::from(more) % 3] },
            40 => {
                let text = ChatText::new("please wait").expect("a fixed, valid text");
                Command::SetLobbyMessage { text: (more % 3 > 0).then_some(text) }
            }
            41 => Command::SetJoinMuted { on: more % 2 == 0 },
            42 => Command::Remove { target, ban: more < 8 },
            43 if more % 4 > 0 => {
                let name = DisplayName::new(&format!("Person called {more}"));
                Command::Rename { target, name: name.expect("a fixed, valid name") }
            }
            43 => Command::RotateLink,
            46 if more < 64 => Command::SetAway { on: more % 2 == 0 },
            44 if more < 64 => {
                let text = ReportText::new("they disturb").expect("a fixed, valid text");
                Command::Report { target, text }
            }
            45 if more < 96 => Command::SetMinuteTaker { target: (more % 4 > 0).then_some(target) },
            44..=45 => Command::SetSpotlight { target: (more % 4 > 0).then_some(target) },
            47..=49 => {
                let message = self.some_message(whom);
                Command::EditChat { message, text: text_of(what, more) }
            }
            50..=51 => Command::DeleteChat { message: self.some_message(whom) },
            52..=55 => {
                let reaction = Reaction::ALL[usize::from(more) % Reaction::ALL.len()];
                let message = self.some_message(whom);
                Command::ReactChat { message, reaction, on: more % 3 > 0 }
            }
            56 if more < 64 => Command::ClearChat,
            56 if more < 128 => Command::Typing { to: (whom % 2 == 0).then_some(target) },
            56 if more < 160 => {
                let with = (whom % 3 == 0).then_some(self.someone(more));
                Command::ShowChat { with, before: self.some_message(whom) }
            }
            56 => Command::LiveText { text: (more % 3 > 0).then(|| text_of(what, more)) },
            57 if more < 128 => start_poll(whom, more),
            58..=60 => {
                let choices = if more % 3 == 0 { vec![whom % 4] } else { vec![0, more % 4] };
                let own = usize::from(more % 2 == 0);
                self.answer_command(choices[own..].to_vec(), more)
            }
            61 if more < 90 => Command::ClosePoll { poll: self.some_poll(whom) },
            61 if more < 110 => Command::PutPollAway { poll: self.some_poll(whom) },
            61 => Command::PublishPoll { poll: self.some_poll(whom) },
            62 if more < 128 => Command::Leave,
            63 => Command::WithdrawPoll { poll: self.some_poll(whom) },
            84 => self.papers_command([what, whom, more]),
            80..=83 => self.tools_command([what, whom, more]),
            what if captions::STEPS.contains(&what) => self.captions_command([what, whom, more]),
            what if files::STEPS.contains(&what) => self.file_command([what, whom, more]),
            vote::STEP => self.vote_command([whom, more]),
            _ => Command::Publish { source: Source::Microphone },
        }
    }

    /// A message anybody ever sent here, mostly one of the last, or now and then none.
    fn some_message(&self, byte: u8) -> MessageId {
        let sent = self.journal.iter().rev().filter_map(|entry| match entry.event {
            Event::ChatSent { message, .. } => Some(message),
            _ => None,
        });
        sent.take(16).nth(usize::from(byte) % 17).unwrap_or(MessageId::from_number(0))
    }

    /// Somebody who asks to present, or now and then anybody.
    fn some_asker(&self, byte: u8) -> ParticipantId {
        let asking = self.meeting.state().presenter.asking();
        asking.get(usize::from(byte) % (asking.len() + 1)).copied().unwrap_or(self.someone(byte))
    }
}

fn text_of(what: u8, more: u8) -> ChatText {
    ChatText::new(&format!("message {what} {more}")).expect("a fixed, valid text")
}
