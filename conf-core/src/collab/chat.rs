//! The public chat: the last messages for late joiners, and how fast one may write.

use std::collections::{BTreeMap, VecDeque};

use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::{IdSource, MessageId, ParticipantId};
use crate::personal::{Personal, PersonalField};
use crate::text::{ChatText, DisplayName};
use crate::time::{Span, Timestamp};
use crate::view::ChatLine;

/// In which `chat_burst` messages are allowed.
const BURST_WINDOW: Span = Span::from_secs(10);

/// The chat as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Chat {
    /// Oldest first, at most `chat_history`.
    lines: VecDeque<Line>,
    /// Who wrote the kept lines; they may have left since.
    authors: BTreeMap<ParticipantId, Author>,
    /// When those who are here wrote lately, at most `chat_burst` times each.
    recent: BTreeMap<ParticipantId, VecDeque<Timestamp>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Line {
    id: MessageId,
    from: ParticipantId,
    text: Personal<ChatText>,
    at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Author {
    name: Personal<DisplayName>,
    /// How many of the kept lines are theirs; at none they are forgotten.
    lines: u32,
}

impl Chat {
    /// Says `text`, unless `from` has said too much lately.
    pub(crate) fn decide(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        config: &MeetingConfig,
        from: ParticipantId,
        text: &ChatText,
    ) -> Result<Option<Event>, Denied> {
        let lately = self.recent.get(&from).map_or(0, |times| {
            times.iter().rev().take_while(|at| **at + BURST_WINDOW > now).count()
        });
        let max = config.chat_burst;
        if lately >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Denied::TooFast { max });
        }
        let message = MessageId::from_number(ids.draw());
        Ok(Some(Event::ChatSent { message, from, text: text.clone().into() }))
    }

    /// `name_of` gives the writer's name as the roster has it now.
    pub(crate) fn apply<'a>(
        &mut self,
        entry: &Entry,
        config: &MeetingConfig,
        name_of: impl FnOnce(ParticipantId) -> Option<&'a Personal<DisplayName>>,
    ) {
        match &entry.event {
            Event::ChatSent { message, from, text } => {
                let times = self.recent.entry(*from).or_default();
                times.push_back(entry.at);
                while times.front().is_some_and(|at| *at + BURST_WINDOW <= entry.at) {
                    times.pop_front();
                }
                let author = self.authors.entry(*from).or_insert_with(|| Author {
                    name: name_of(*from).cloned().unwrap_or(Personal::Erased),
                    lines: 0,
                });
                author.lines += 1;
                self.lines.push_back(Line {
                    id: *message,
                    from: *from,
                    text: text.clone(),
                    at: entry.at,
                });
                while self.lines.len() > usize::try_from(config.chat_history).unwrap_or(usize::MAX)
                {
                    self.forget_oldest();
                }
            }
            Event::Left { participant, .. } => {
                self.recent.remove(participant);
            }
            _ => {}
        }
    }

    /// The name of someone whose lines are kept.
    pub(crate) fn name_of(&self, author: ParticipantId) -> Option<&Personal<DisplayName>> {
        self.authors.get(&author).map(|author| &author.name)
    }

    /// What a late joiner is shown, oldest first.
    pub(crate) fn view(&self) -> Vec<ChatLine> {
        self.lines
            .iter()
            .map(|line| ChatLine {
                id: line.id,
                from: line.from,
                name: self.name_of(line.from).cloned().unwrap_or(Personal::Erased),
                text: line.text.clone(),
                at: line.at,
            })
            .collect()
    }

    /// Shows every personal field: names by author, then texts, oldest first.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for (who, author) in &mut self.authors {
            visit(*who, &mut author.name);
        }
        for line in &mut self.lines {
            visit(line.from, &mut line.text);
        }
    }

    fn forget_oldest(&mut self) {
        let Some(line) = self.lines.pop_front() else { return };
        if let Some(author) = self.authors.get_mut(&line.from) {
            author.lines = author.lines.saturating_sub(1);
            if author.lines == 0 {
                self.authors.remove(&line.from);
            }
        }
    }
}
