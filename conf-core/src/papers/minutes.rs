//! The minutes: one text, written by whoever takes them and by moderators, read by moderators
//! until it is released to everyone.

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::personal::{Personal, PersonalField};
use crate::text::MinutesText;
use crate::time::{Span, Timestamp};
use crate::view::MinutesView;

/// How soon the text may be written anew: it is journaled, and told to all who may read it.
const AGAIN: Span = Span::from_secs(2);

/// The same for a long text.
const LONG_AGAIN: Span = Span::from_secs(10);

/// From how many bytes on a text is long.
const LONG: usize = 16 * 1024;

/// The minutes as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Minutes {
    written: Option<Written>,
    /// How often they were written.
    version: u32,
    released: bool,
}

/// The text, and how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Written {
    by: ParticipantId,
    at: Timestamp,
    /// `None` where everything was struck.
    text: Option<Personal<MinutesText>>,
    /// The entry that holds the text.
    held_in: Option<u64>,
}

impl Minutes {
    /// Writes the minutes anew, over version `over` of them.
    pub(crate) fn decide_write(
        &self,
        now: Timestamp,
        by: ParticipantId,
        text: Option<&MinutesText>,
        over: u32,
    ) -> Result<Option<Event>, Denied> {
        if over != self.version {
            return Err(Denied::MinutesChanged);
        }
        let before = self.written.as_ref().and_then(|written| written.text.as_ref());
        // An erased text is not the same as none: striking it is a change.
        if before.map(Personal::as_ref) == text.map(Some) {
            return Ok(None);
        }
        let long = text.is_some_and(|text| text.as_str().len() >= LONG);
        let pause = if long { LONG_AGAIN } else { AGAIN };
        if self.written.as_ref().is_some_and(|written| written.at + pause > now) {
            return Err(Denied::MinutesTooSoon);
        }
        Ok(Some(Event::MinutesWritten {
            by,
            text: text.cloned().map(Personal::from),
            version: self.version.saturating_add(1),
            held_in: self.written.as_ref().and_then(|written| written.held_in),
        }))
    }

    /// Shows the minutes to everyone, or to those alone who write them.
    pub(crate) fn decide_release(&self, by: ParticipantId, on: bool) -> Option<Event> {
        (self.released != on).then_some(Event::MinutesReleased { on, by })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::MinutesWritten { by, text, version, .. } => {
                self.version = *version;
                self.written = Some(Written {
                    by: *by,
                    at: entry.at,
                    text: text.clone(),
                    held_in: text.is_some().then_some(entry.seq),
                });
            }
            Event::MinutesReleased { on, .. } => self.released = *on,
            _ => {}
        }
    }

    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    pub(crate) const fn released(&self) -> bool {
        self.released
    }

    pub(crate) fn view(&self) -> MinutesView {
        let written = self.written.as_ref();
        MinutesView {
            text: written.and_then(|written| written.text.clone()),
            by: written.map(|written| written.by),
            version: self.version,
            released: self.released,
        }
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        if let Some(Written { by, text: Some(text), .. }) = &mut self.written {
            visit(*by, text);
        }
    }
}
