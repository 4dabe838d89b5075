//! A bounded list of messages, oldest first.

use std::collections::VecDeque;

use crate::collab::chat::line::Line;
use crate::id::{MessageId, ParticipantId};
use crate::personal::{Personal, PersonalField};
use crate::text::DisplayName;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Lines(VecDeque<Line>);

impl Lines {
    /// Keeps `line`, and at most `max`.
    pub(crate) fn push(&mut self, line: Line, max: usize) {
        self.0.push_back(line);
        let excess = self.0.len().saturating_sub(max);
        self.0.drain(..excess);
    }

    /// Keeps `line`, of its two people at most `per_pair`, and at most `max` of all together.
    pub(crate) fn push_private(&mut self, line: Line, per_pair: usize, max: usize) {
        let pair = pair_of(&line);
        let mut theirs = self.0.iter().enumerate().filter(|(_, kept)| pair_of(kept) == pair);
        let oldest = theirs.next().map(|(at, _)| at);
        let full = oldest.is_some() && theirs.count() + 1 >= per_pair;
        if let Some(at) = oldest.filter(|_| full) {
            self.0.remove(at);
        }
        self.push(line, max);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Forgets what `gone` names.
    pub(crate) fn forget(&mut self, gone: impl Fn(&Line) -> bool) {
        self.0.retain(|line| !gone(line));
    }

    pub(crate) fn get(&self, message: MessageId) -> Option<&Line> {
        // What is asked about is mostly new.
        self.0.iter().rev().find(|line| line.id() == message)
    }

    pub(crate) fn get_mut(&mut self, message: MessageId) -> Option<&mut Line> {
        self.0.iter_mut().rev().find(|line| line.id() == message)
    }

    /// What `who` was called in the last line they wrote or that was to them.
    pub(crate) fn name_of(&self, who: ParticipantId) -> Option<&Personal<DisplayName>> {
        self.0.iter().rev().find_map(|line| line.name_of(who))
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.0.iter()
    }

    /// What was kept before `message`; nothing if that is not kept.
    pub(crate) fn before(&self, message: MessageId) -> impl DoubleEndedIterator<Item = &Line> {
        let at = self.0.iter().rposition(|line| line.id() == message);
        self.0.range(..at.unwrap_or(0))
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for line in &mut self.0 {
            line.visit_personal(visit);
        }
    }
}

/// The two people of a private line, whichever of them wrote it.
fn pair_of(line: &Line) -> (ParticipantId, Option<ParticipantId>) {
    match line.to() {
        Some(to) if to < line.from() => (to, Some(line.from())),
        to => (line.from(), to),
    }
}
