//! What someone writes, changes, takes back or puts to a message; the table has allowed it.

use crate::collab::chat::line::Line;
use crate::collab::chat::reaction::{self, Reaction};
use crate::collab::chat::{Chat, Theirs};
use crate::collab::reader::Reader;
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::Event;
use crate::id::{IdSource, MessageId, ParticipantId};
use crate::text::ChatText;
use crate::time::Timestamp;

/// What is said, to whom, and what it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) text: &'a ChatText,
    pub(crate) to: Option<ParticipantId>,
    pub(crate) answers: Option<MessageId>,
}

impl Chat {
    /// Says something, unless `from` has said too much lately.
    ///
    /// What it answers must be kept and belong to the same conversation: an
    /// answer told to others would tell them of a private line.
    pub(crate) fn decide_send(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        config: &MeetingConfig,
        from: Reader,
        said: Said<'_>,
    ) -> Result<Event, Denied> {
        let Said { text, to, answers } = said;
        if let Some(answers) = answers {
            let with = match self.whose(answers, from).ok_or(Denied::NoSuchMessage)? {
                Theirs::Own | Theirs::Other => None,
                Theirs::OwnTo(other) | Theirs::OtherTo(other) => Some(other),
            };
            if with != to {
                return Err(Denied::NoSuchMessage);
            }
        }
        let from = from.who;
        self.recent.check(now, from, config.chat_burst)?;
        let message = MessageId::from_number(ids.draw());
        Ok(Event::ChatSent { message, from, text: text.clone().into(), to, answers })
    }

    /// Says `text` instead.
    pub(crate) fn decide_edit(
        &self,
        now: Timestamp,
        config: &MeetingConfig,
        by: Reader,
        message: MessageId,
        text: &ChatText,
    ) -> Result<Option<Event>, Denied> {
        let (before, held_in) = self.line(message, by)?.text().ok_or(Denied::NoSuchMessage)?;
        if before.as_ref() == Some(text) {
            return Ok(None);
        }
        let by = by.who;
        self.recent.check(now, by, config.chat_burst)?;
        Ok(Some(Event::ChatEdited { message, by, text: text.clone().into(), held_in }))
    }

    /// Takes a message back, or away.
    pub(crate) fn decide_delete(
        &self,
        by: Reader,
        message: MessageId,
    ) -> Result<Option<Event>, Denied> {
        let line = self.line(message, by)?;
        let by = by.who;
        let deleted = |(_, held_in)| Event::ChatDeleted { message, from: line.from(), by, held_in };
        Ok(line.text().map(deleted))
    }

    /// Puts a sign to a message, or takes one's own back.
    pub(crate) fn decide_react(
        &self,
        now: Timestamp,
        config: &MeetingConfig,
        by: Reader,
        message: MessageId,
        (reaction, on): (Reaction, bool),
    ) -> Result<Option<Event>, Denied> {
        let line = self.line(message, by)?;
        if line.text().is_none() {
            return Err(Denied::NoSuchMessage);
        }
        if line.reactions().has(by.who, reaction) == on {
            return Ok(None);
        }
        if on && line.reactions().count() >= reaction::MOST as usize {
            return Err(Denied::TooManyReactions { max: reaction::MOST });
        }
        let by = by.who;
        self.recent.check(now, by, config.chat_burst)?;
        Ok(Some(Event::ChatReacted { message, by, reaction, on }))
    }

    /// Empties the public chat, unless nothing was written there and nothing `told` either.
    pub(crate) fn decide_clear(&self, by: ParticipantId, told: bool) -> Option<Event> {
        if !told {
            self.public.iter().next()?;
        }
        let held_in = self.public.iter().filter_map(|line| line.text().map(|(_, seq)| seq));
        Some(Event::ChatCleared { by, held_in: held_in.collect() })
    }

    fn line(&self, message: MessageId, asker: Reader) -> Result<&Line, Denied> {
        self.seen_by(message, asker).ok_or(Denied::NoSuchMessage)
    }
}
