//! How fast one may write.

use std::collections::{BTreeMap, VecDeque};

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::time::{Span, Timestamp};

/// In which `chat_burst` messages, edits and reactions together are allowed.
const BURST_WINDOW: Span = Span::from_secs(10);

/// When those who are here wrote lately, at most `chat_burst` times each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Pace(BTreeMap<ParticipantId, VecDeque<Timestamp>>);

impl Pace {
    /// Refuses whoever has written `max` times lately.
    pub(crate) fn check(&self, now: Timestamp, who: ParticipantId, max: u32) -> Result<(), Denied> {
        let lately = self.0.get(&who).map_or(0, |times| {
            times.iter().rev().take_while(|at| **at + BURST_WINDOW > now).count()
        });
        if lately >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Denied::TooFast { max });
        }
        Ok(())
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::ChatSent { from: who, .. }
            | Event::ChatEdited { by: who, .. }
            | Event::ChatReacted { by: who, .. } => {
                let times = self.0.entry(who).or_default();
                times.push_back(entry.at);
                while times.front().is_some_and(|at| *at + BURST_WINDOW <= entry.at) {
                    times.pop_front();
                }
            }
            Event::Left { participant, .. } => {
                self.0.remove(&participant);
            }
            _ => {}
        }
    }
}
