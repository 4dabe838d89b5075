//! The timer everyone sees: counting down from a length of time, or up.
//!
//! Nothing ticks. It is known since when it runs and what had passed before, and
//! whoever shows it reckons the rest, on every clock and after every restart.

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::time::{Span, Timestamp};
use crate::view::TimerView;

/// The shortest length it counts down from.
const LEAST: Span = Span::from_secs(1);

/// The longest.
const MOST: Span = Span::from_mins(24 * 60);

/// The one timer of a meeting, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Timer(Option<Clock>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Clock {
    /// From what it counts down; `None` counts up.
    span: Option<Span>,
    /// What had passed when it last came to rest.
    passed: Span,
    /// Since when it runs; `None` at rest.
    since: Option<Timestamp>,
}

impl Timer {
    /// Sets the timer anew, whatever it showed, running or at rest.
    pub(crate) fn decide_set(
        by: ParticipantId,
        span: Option<Span>,
        runs: bool,
    ) -> Result<Event, Denied> {
        if span.is_some_and(|span| !(LEAST..=MOST).contains(&span)) {
            return Err(Denied::TimerSpan);
        }
        Ok(Event::TimerSet { span, runs, by })
    }

    /// Brings the timer to rest; what has passed is kept.
    pub(crate) fn decide_pause(&self, by: ParticipantId) -> Result<Option<Event>, Denied> {
        let clock = self.0.ok_or(Denied::NoTimer)?;
        Ok(clock.since.is_some().then_some(Event::TimerPaused { by }))
    }

    /// Lets the timer go on.
    pub(crate) fn decide_resume(&self, by: ParticipantId) -> Result<Option<Event>, Denied> {
        let clock = self.0.ok_or(Denied::NoTimer)?;
        Ok(clock.since.is_none().then_some(Event::TimerResumed { by }))
    }

    /// Takes the timer away.
    pub(crate) fn decide_stop(&self, by: ParticipantId) -> Option<Event> {
        self.0.is_some().then_some(Event::TimerStopped { by })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::TimerSet { span, runs, .. } => {
                let since = runs.then_some(entry.at);
                self.0 = Some(Clock { span, passed: Span(0), since });
            }
            Event::TimerPaused { .. } => {
                if let Some(clock) = &mut self.0
                    && let Some(since) = clock.since.take()
                {
                    clock.passed = Span(clock.passed.0.saturating_add((entry.at - since).0));
                }
            }
            Event::TimerResumed { .. } => {
                if let Some(clock) = &mut self.0 {
                    clock.since = Some(entry.at);
                }
            }
            Event::TimerStopped { .. } => self.0 = None,
            _ => {}
        }
    }

    pub(crate) fn view(&self) -> Option<TimerView> {
        self.0.map(|Clock { span, passed, since }| TimerView { span, passed, since })
    }
}
