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
    /// When those who are here wrote lately, at most `chat_burst` times each.
    recent: BTreeMap<ParticipantId, VecDeque<Timestamp>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Line {
    id: MessageId,
    from: ParticipantId,
    /// What they were called when they said it; they may have left or been renamed since.
    name: Personal<DisplayName>,
    text: Personal<ChatText>,
    at: Timestamp,
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
                self.lines.push_back(Line {
                    id: *message,
                    from: *from,
                    name: name_of(*from).cloned().unwrap_or(Personal::Erased),
                    text: text.clone(),
                    at: entry.at,
                });
                while self.lines.len() > usize::try_from(config.chat_history).unwrap_or(usize::MAX)
                {
                    self.lines.pop_front();
                }
            }
            Event::Left { participant, .. } => {
                self.recent.remove(participant);
            }
            _ => {}
        }
    }

    /// The name under which someone said the last of their lines that are kept.
    pub(crate) fn name_of(&self, author: ParticipantId) -> Option<&Personal<DisplayName>> {
        self.lines.iter().rev().find(|line| line.from == author).map(|line| &line.name)
    }

    /// What a late joiner is shown, oldest first.
    pub(crate) fn view(&self) -> Vec<ChatLine> {
        self.lines
            .iter()
            .map(|line| ChatLine {
                id: line.id,
                from: line.from,
                name: line.name.clone(),
                text: line.text.clone(),
                at: line.at,
            })
            .collect()
    }

    /// Shows every personal field: name and text of each line, oldest first.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for line in &mut self.lines {
            visit(line.from, &mut line.name);
            visit(line.from, &mut line.text);
        }
    }
}
