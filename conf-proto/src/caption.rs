//! Captions as clients see them.

use conf_core::id::{CaptionId, ParticipantId};
use conf_core::text::CaptionText;
use conf_core::{Language, Signal, view};
use serde::{Deserialize, Serialize};

use crate::convert::text_problem;
use crate::error::Problem;
use crate::signal::RoomSignal;

/// Somebody who writes captions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CaptionWriter {
    /// In which language, a BCP 47 tag.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub language: Language,
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub participant: ParticipantId,
}

/// One finished line of captions.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CaptionLine {
    /// The line's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: CaptionId,
    /// Who wrote it; they may have left since.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub by: ParticipantId,
    /// In which language, a BCP 47 tag.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub language: Language,
    /// When it was finished, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// What was said; `null` once erased.
    pub text: Option<String>,
}

impl CaptionWriter {
    /// Somebody who writes in `language`.
    #[must_use]
    pub fn new(language: &Language, participant: ParticipantId) -> Self {
        Self { language: language.clone(), participant }
    }
}

impl From<&view::CaptionWriter> for CaptionWriter {
    fn from(writer: &view::CaptionWriter) -> Self {
        Self::new(&writer.language, writer.participant)
    }
}

impl From<&view::CaptionLine> for CaptionLine {
    fn from(line: &view::CaptionLine) -> Self {
        Self {
            id: line.id,
            by: line.by,
            language: line.language.clone(),
            at: line.at.0,
            text: line.text.as_ref().map(|text| text.as_str().to_owned()),
        }
    }
}

/// A client's words as a line, or why they are none.
pub(crate) fn words(text: &str) -> Result<CaptionText, Problem> {
    CaptionText::new(text).map_err(text_problem)
}

/// A signal about captions as clients see it; `None` for any other.
pub(crate) fn signal(signal: &Signal) -> Option<RoomSignal> {
    match signal {
        Signal::Caption { by, language, text } => Some(RoomSignal::Caption {
            by: *by,
            language: language.clone(),
            text: text.as_ref().map(|text| text.as_str().to_owned()),
        }),
        Signal::CaptionText { language, lines } => Some(RoomSignal::CaptionText {
            language: language.clone(),
            lines: lines.iter().map(CaptionLine::from).collect(),
        }),
        _ => None,
    }
}
