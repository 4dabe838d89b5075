//! One finished line of captions.

use crate::collab::captions::language::Language;
use crate::event::{Entry, Event};
use crate::id::{CaptionId, ParticipantId};
use crate::personal::{Personal, PersonalField};
use crate::text::CaptionText;
use crate::time::Timestamp;
use crate::view::CaptionLine;

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Line {
    pub(super) id: CaptionId,
    pub(super) by: ParticipantId,
    pub(super) language: Language,
    pub(super) at: Timestamp,
    pub(super) text: Personal<CaptionText>,
    /// How often it was corrected.
    pub(super) corrected: u8,
    /// The number of the journal's entry that holds `text`.
    pub(super) held_in: u64,
}

impl Line {
    /// What `entry` says, if it is a line.
    pub(super) fn written(entry: &Entry) -> Option<Self> {
        let Event::CaptionWritten { line, by, language, text } = &entry.event else { return None };
        Some(Self {
            id: *line,
            by: *by,
            language: language.clone(),
            at: entry.at,
            text: text.clone(),
            corrected: 0,
            held_in: entry.seq,
        })
    }

    /// Says `text` from now on.
    pub(super) fn correct(&mut self, text: Personal<CaptionText>, entry: &Entry) {
        self.text = text;
        self.corrected = self.corrected.saturating_add(1);
        self.held_in = entry.seq;
    }

    pub(super) fn view(&self) -> CaptionLine {
        CaptionLine {
            id: self.id,
            by: self.by,
            language: self.language.clone(),
            at: self.at,
            text: self.text.clone(),
        }
    }

    pub(super) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        visit(self.by, &mut self.text);
    }
}
