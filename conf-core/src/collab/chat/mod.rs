//! What people say in writing: to everyone, or one to another.
//!
//! The public lines and the private ones are two lists, so that what is shown
//! to everyone is never filtered out of something that holds more.

mod line;
mod lines;
mod pace;
pub(crate) mod reaction;
mod shown;
pub(crate) mod write;

use crate::collab::reader::Reader;
use crate::config::MeetingConfig;
use crate::event::{Entry, Event};
use crate::id::{MessageId, ParticipantId};
use crate::output::Audience;
use crate::personal::{Personal, PersonalField};
use crate::text::DisplayName;
use crate::time::Timestamp;

use self::line::Line;
use self::lines::Lines;
use self::pace::Pace;

/// Most private lines kept of one pair of people; the oldest go first. Together
/// they are bounded by `private_history`, so that no pair crowds out all others.
const PER_PAIR: usize = 200;

/// The chat as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Chat {
    /// At most `chat_history`.
    public: Lines,
    /// At most `private_history`, and of one pair at most [`PER_PAIR`].
    private: Lines,
    /// When those who are here wrote lately.
    recent: Pace,
}

/// Whose a message is, as the one who asks may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theirs {
    /// The asker's own, to everyone.
    Own,
    /// The asker's own, to this one.
    OwnTo(ParticipantId),
    /// Another's, to everyone.
    Other,
    /// Another's, to the asker.
    OtherTo(ParticipantId),
}

impl Chat {
    /// `name_of` gives the name of someone who is here as the roster has it now.
    pub(crate) fn apply<'a>(
        &mut self,
        entry: &Entry,
        config: &MeetingConfig,
        name_of: impl Fn(ParticipantId) -> Option<&'a Personal<DisplayName>>,
    ) {
        self.recent.apply(entry);
        match &entry.event {
            Event::ChatSent { .. } => {
                let Some(line) = Line::said(entry, &name_of) else { return };
                match line.to() {
                    None => self.public.push(line, bound(config.chat_history)),
                    Some(_) => {
                        self.private.push_private(line, PER_PAIR, bound(config.private_history));
                    }
                }
            }
            Event::ChatEdited { message, text, .. } => {
                if let Some(line) = self.line_mut(*message) {
                    line.edit(text.clone(), entry);
                }
            }
            Event::ChatDeleted { message, by, .. } => {
                if let Some(line) = self.line_mut(*message) {
                    line.delete(*by);
                }
            }
            Event::ChatReacted { message, by, reaction, on } => {
                if let Some(line) = self.line_mut(*message) {
                    line.reactions_mut().set(*by, *reaction, *on);
                }
            }
            Event::ChatCleared { .. } => self.public.clear(),
            Event::Left { participant, .. } => {
                // Once both are gone nobody can be shown what they wrote each other.
                let gone = |who: ParticipantId| who == *participant || name_of(who).is_none();
                self.private.forget(|line| line.people().all(gone));
            }
            _ => {}
        }
    }

    /// The name under which someone wrote, or was written to, in the last line that is kept.
    pub(crate) fn name_of(&self, who: ParticipantId) -> Option<&Personal<DisplayName>> {
        self.public.name_of(who).or_else(|| self.private.name_of(who))
    }

    /// Who may be told of an event about `message`. `came_after` gives who is here and was not when something was said to everyone.
    pub(crate) fn audience(
        &self,
        message: MessageId,
        came_after: impl Fn(Timestamp) -> Vec<ParticipantId>,
    ) -> Audience {
        let line = self.public.get(message).or_else(|| self.private.get(message));
        line.map_or(Audience::Everyone, |line| {
            Audience::of(line.from(), line.to(), || came_after(line.at()))
        })
    }

    /// Whose `message` is; `None` if `asker` cannot see it, or it is not kept.
    pub(crate) fn whose(&self, message: MessageId, asker: Reader) -> Option<Theirs> {
        let line = self.seen_by(message, asker)?;
        Some(match (line.from() == asker.who, line.to()) {
            (true, None) => Theirs::Own,
            (true, Some(to)) => Theirs::OwnTo(to),
            (false, None) => Theirs::Other,
            (false, Some(_)) => Theirs::OtherTo(line.from()),
        })
    }

    /// Shows every personal field: of each line its names and its text, oldest first.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        self.public.visit_personal(visit);
        self.private.visit_personal(visit);
    }

    /// A kept line, if `reader` may see it.
    fn seen_by(&self, message: MessageId, reader: Reader) -> Option<&Line> {
        self.public.get(message).or_else(|| self.private.get(message)).filter(|l| l.is_for(reader))
    }

    fn line_mut(&mut self, message: MessageId) -> Option<&mut Line> {
        match self.public.get_mut(message) {
            Some(line) => Some(line),
            None => self.private.get_mut(message),
        }
    }
}

fn bound(lines: u32) -> usize {
    usize::try_from(lines).unwrap_or(usize::MAX)
}
