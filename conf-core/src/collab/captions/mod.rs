//! Captions: what is said, written along by people, in several languages at once.
//!
//! A moderator marks who writes in which language, one person each. While they type the
//! words are only told ([`Signal::Caption`](crate::signal::Signal::Caption)); a finished line is kept.

pub(crate) mod language;
mod line;

use std::collections::{BTreeMap, VecDeque};

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::{CaptionId, IdSource, ParticipantId};
use crate::personal::PersonalField;
use crate::policy::role::Role;
use crate::text::CaptionText;
use crate::time::{Span, Timestamp};
use crate::view::{CaptionLine, CaptionWriter};

use self::language::Language;
use self::line::Line;

/// Most languages written at a time: more than a large conference interprets into.
const MOST_LANGUAGES: usize = 12;

/// Lines of one language that a late joiner is shown: the last two or three minutes.
const SHOWN: usize = 40;

/// Most lines of one person within [`WINDOW`], over all languages.
const MOST_LINES: u32 = 20;

/// In which [`MOST_LINES`] are allowed.
const WINDOW: Span = Span::from_secs(10);

/// How long the last line of a language can still be corrected by its writer: long enough
/// to mend a name, too short to say something else than what people have read.
const CORRECTABLE: Span = Span::from_secs(60);

/// How often one line is corrected: what each correction adds to the journal has an end.
const MOST_CORRECTIONS: u8 = 10;

/// Who writes in which language, and the last lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Captions {
    /// At most [`MOST_LANGUAGES`]; a writer takes the mark along when they leave.
    writers: BTreeMap<Language, ParticipantId>,
    /// Oldest first, at most `caption_history`; the oldest go first.
    lines: VecDeque<Line>,
}

impl Captions {
    /// Has `target` write in `language`, or nobody. The role is the target's; machines write none.
    pub(crate) fn decide_writer(
        &self,
        by: ParticipantId,
        language: &Language,
        target: Option<(ParticipantId, Role)>,
    ) -> Result<Option<Event>, Denied> {
        let before = self.writer(language);
        let Some((participant, role)) = target else {
            return Ok(before.map(|participant| Event::CaptionWriterEnded {
                language: language.clone(),
                participant,
                by,
            }));
        };
        if role == Role::Service {
            return Err(Denied::NotAPerson);
        }
        if before.is_none() && self.writers.len() >= MOST_LANGUAGES {
            return Err(Denied::TooManyLanguages { max: MOST_LANGUAGES as u32 });
        }
        let changes = before != Some(participant);
        Ok(changes.then(|| Event::CaptionWriterSet { language: language.clone(), participant, by }))
    }

    /// Finishes a line; the table has allowed it to the writer alone.
    pub(crate) fn decide_write(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        by: ParticipantId,
        language: &Language,
        text: &CaptionText,
    ) -> Result<Event, Denied> {
        let lately = self.lines.iter().rev().take_while(|line| line.at + WINDOW > now);
        if lately.filter(|line| line.by == by).count() >= MOST_LINES as usize {
            return Err(Denied::TooFast { max: MOST_LINES });
        }
        let (line, language) = (CaptionId::from_number(ids.draw()), language.clone());
        Ok(Event::CaptionWritten { line, by, language, text: text.clone().into() })
    }

    /// Says `text` instead in the last line of a language, for a short while.
    pub(crate) fn decide_correct(
        &self,
        now: Timestamp,
        by: ParticipantId,
        line: CaptionId,
        text: &CaptionText,
    ) -> Result<Option<Event>, Denied> {
        let own = self.line(line).filter(|line| line.by == by).ok_or(Denied::NoSuchCaption)?;
        let last = self.lines.iter().rev().find(|line| line.language == own.language);
        let recent = own.at + CORRECTABLE > now && own.corrected < MOST_CORRECTIONS;
        if last.map(|last| last.id) != Some(line) || !recent {
            return Err(Denied::CaptionFinal);
        }
        Ok((own.text.as_ref() != Some(text)).then(|| Event::CaptionCorrected {
            line,
            by,
            text: text.clone().into(),
            held_in: own.held_in,
        }))
    }

    /// `kept`: most lines.
    pub(crate) fn apply(&mut self, entry: &Entry, kept: u32) {
        match &entry.event {
            Event::CaptionWriterSet { language, participant, .. } => {
                self.writers.insert(language.clone(), *participant);
            }
            Event::CaptionWriterEnded { language, .. } => {
                self.writers.remove(language);
            }
            Event::Left { participant, .. } => self.writers.retain(|_, who| who != participant),
            Event::CaptionWritten { .. } => {
                self.lines.extend(Line::written(entry));
                let most = usize::try_from(kept).unwrap_or(usize::MAX);
                self.lines.drain(..self.lines.len().saturating_sub(most));
            }
            Event::CaptionCorrected { line, text, .. } => {
                if let Some(said) = self.lines.iter_mut().find(|said| said.id == *line) {
                    said.correct(text.clone(), entry);
                }
            }
            _ => {}
        }
    }

    /// Who writes in `language`.
    pub(crate) fn writer(&self, language: &Language) -> Option<ParticipantId> {
        self.writers.get(language).copied()
    }

    /// Whether `who` writes in the language of `line`, which is their own; for a line that is
    /// not kept, in any.
    pub(crate) fn may_mend(&self, who: ParticipantId, line: CaptionId) -> bool {
        match self.line(line) {
            Some(line) => line.by == who && self.writer(&line.language) == Some(who),
            None => self.writers.values().any(|writer| *writer == who),
        }
    }

    /// Who writes, by language.
    pub(crate) fn writers_view(&self) -> Vec<CaptionWriter> {
        let writer = |(language, participant): (&Language, &ParticipantId)| CaptionWriter {
            language: language.clone(),
            participant: *participant,
        };
        self.writers.iter().map(writer).collect()
    }

    /// The last lines of each language, oldest first.
    pub(crate) fn view(&self) -> Vec<CaptionLine> {
        let mut shown: BTreeMap<&Language, usize> = BTreeMap::new();
        let mut last: Vec<CaptionLine> = Vec::new();
        for line in self.lines.iter().rev() {
            let count = shown.entry(&line.language).or_default();
            if *count < SHOWN && last.len() < SHOWN * MOST_LANGUAGES {
                *count += 1;
                last.push(line.view());
            }
        }
        last.reverse();
        last
    }

    /// Every kept line of `language`, oldest first.
    pub(crate) fn text(&self, language: &Language) -> impl Iterator<Item = CaptionLine> {
        self.lines.iter().filter(move |line| line.language == *language).map(Line::view)
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for line in &mut self.lines {
            line.visit_personal(visit);
        }
    }

    fn line(&self, line: CaptionId) -> Option<&Line> {
        self.lines.iter().find(|said| said.id == line)
    }
}
