//! Reports to the operator: somebody in the meeting should be looked at from outside it.
//!
//! Nobody in the meeting is told. The journal keeps the text, sealed like everything
//! personal; the audit keeps who reported whom.

use std::collections::BTreeMap;

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::text::ReportText;
use crate::time::{Span, Timestamp};

/// How soon one person may report again. Shorter fills the journal, longer keeps a
/// second thing untold.
const AGAIN: Span = Span::from_secs(30);

/// When those who are here reported last; the reports themselves are the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Reports {
    last: BTreeMap<ParticipantId, Timestamp>,
}

impl Reports {
    /// Reports `target`, unless `by` reported somebody a moment ago.
    pub(crate) fn decide(
        &self,
        now: Timestamp,
        by: ParticipantId,
        target: ParticipantId,
        text: &ReportText,
    ) -> Result<Option<Event>, Denied> {
        if self.last.get(&by).is_some_and(|at| *at + AGAIN > now) {
            return Err(Denied::TooFast { max: 1 });
        }
        let text = text.clone().into();
        Ok(Some(Event::Reported { participant: target, by, text }))
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::Reported { by, .. } => {
                self.last.insert(by, entry.at);
            }
            Event::Left { participant, .. } => {
                self.last.remove(&participant);
            }
            _ => {}
        }
    }
}
