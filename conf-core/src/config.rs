//! What an embedder sets for a meeting, with defaults.

use crate::policy::lock::LockSet;
use crate::text::RoomName;
use crate::time::Span;

/// How a meeting is set when it opens. Built with chained setters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct MeetingConfig {
    /// What the room is called.
    pub name: RoomName,
    /// Locks in force from the start. Default: none.
    pub locks: LockSet,
    /// How long a place is kept after a broken link. Default: 60 s.
    pub rejoin_grace: Span,
    /// How long a meeting with nobody in it goes on. Default: 5 min.
    pub empty_after: Span,
    /// How long a meeting may last at most. Default: no limit.
    pub duration: Option<Span>,
    /// Most participants at a time, kept places included. Default: 500.
    pub max_participants: u32,
    /// Chat messages kept for late joiners; the oldest go first. Default: 1000.
    pub chat_history: u32,
    /// Most chat messages per person within ten seconds. Default: 20.
    pub chat_burst: u32,
}

impl MeetingConfig {
    /// The defaults, under `name`.
    #[must_use]
    pub fn new(name: RoomName) -> Self {
        Self {
            name,
            locks: LockSet::NONE,
            rejoin_grace: Span::from_secs(60),
            empty_after: Span::from_mins(5),
            duration: None,
            max_participants: 500,
            chat_history: 1_000,
            chat_burst: 20,
        }
    }

    /// Starts with these locks on.
    #[must_use]
    pub fn locks(mut self, locks: LockSet) -> Self {
        self.locks = locks;
        self
    }

    /// Keeps a place this long after a broken link.
    #[must_use]
    pub fn rejoin_grace(mut self, grace: Span) -> Self {
        self.rejoin_grace = grace;
        self
    }

    /// Ends once nobody has been there for this long.
    #[must_use]
    pub fn empty_after(mut self, span: Span) -> Self {
        self.empty_after = span;
        self
    }

    /// Ends this long after opening, whoever is there.
    #[must_use]
    pub fn duration(mut self, span: Span) -> Self {
        self.duration = Some(span);
        self
    }

    /// Lets at most this many in at a time, kept places included.
    #[must_use]
    pub fn max_participants(mut self, max: u32) -> Self {
        self.max_participants = max;
        self
    }

    /// Keeps this many chat messages for late joiners.
    #[must_use]
    pub fn chat_history(mut self, messages: u32) -> Self {
        self.chat_history = messages;
        self
    }

    /// Lets each person send this many chat messages within ten seconds.
    #[must_use]
    pub fn chat_burst(mut self, messages: u32) -> Self {
        self.chat_burst = messages;
        self
    }
}

impl Default for MeetingConfig {
    fn default() -> Self {
        Self::new(RoomName::new("Meeting").expect("a fixed, valid name"))
    }
}
