//! Arbitrary captions and layouts, and what always holds of them.

use std::ops::RangeInclusive;

use super::Watched;
use crate::collab::captions::language::Language;
use crate::event::Event;
use crate::id::{CaptionId, ParticipantId};
use crate::input::Command;
use crate::policy::role::Role;
use crate::stage::layout::Layout;
use crate::text::CaptionText;

/// The kinds of step that are about captions.
pub(super) const STEPS: RangeInclusive<u8> = 85..=88;

impl Watched {
    /// A command about captions.
    pub(super) fn captions_command(&self, [what, whom, more]: [u8; 3]) -> Command {
        let language = self.some_language(whom);
        let text = CaptionText::new(&format!("message {what} {more}")).expect("a valid text");
        match what - STEPS.start() {
            0 => Command::SetCaptionWriter {
                language,
                target: (more % 6 > 0).then_some(self.someone(more)),
            },
            1 if more < 64 => {
                Command::DraftCaption { language, text: (more % 3 > 0).then_some(text) }
            }
            1 if more < 96 => Command::SaveCaptions { language },
            2 if more < 64 => {
                let layout = Layout::ALL[usize::from(more) % Layout::ALL.len()];
                Command::ShareLayout { layout: (more % 3 > 0).then_some(layout) }
            }
            1 | 2 => Command::WriteCaption { language, text },
            _ => Command::CorrectCaption { line: self.some_caption(whom), text },
        }
    }

    /// Somebody who writes captions, mostly: arbitrary people seldom may.
    pub(super) fn some_writer(&self, byte: u8) -> Option<ParticipantId> {
        let writers = self.meeting.state().captions.writers_view();
        let nth = usize::from(byte) % (writers.len() + 1);
        writers.get(nth).map(|writer| writer.participant)
    }

    /// One that is written, mostly, or one of three.
    fn some_language(&self, byte: u8) -> Language {
        let writers = self.meeting.state().captions.writers_view();
        let written = writers.get(usize::from(byte) % (writers.len() + 1));
        let tag = ["de", "en", "zh-Hant"][usize::from(byte / 16) % 3];
        let other = Language::new(tag).expect("a fixed, valid tag");
        written.map_or(other, |writer| writer.language.clone())
    }

    /// One of the last lines, mostly the last, or now and then none.
    fn some_caption(&self, byte: u8) -> CaptionId {
        let written = self.journal.iter().rev().filter_map(|entry| match entry.event {
            Event::CaptionWritten { line, .. } => Some(line),
            _ => None,
        });
        let nth = usize::from((byte % 8).saturating_sub(4));
        written.take(3).nth(nth).unwrap_or(CaptionId::from_number(0))
    }

    /// What holds of captions between any two inputs.
    pub(super) fn check_captions(&self) {
        let state = self.meeting.state();
        for writer in state.captions.writers_view() {
            let member = state.roster.get(writer.participant).expect("who writes is here");
            assert_ne!(member.role, Role::Service, "no machine writes captions");
        }
        let lines = state.captions.view();
        assert!(lines.len() <= state.config.caption_history as usize);
        assert!(lines.is_sorted_by_key(|line| line.at), "oldest first");
    }
}
