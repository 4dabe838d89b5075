//! Setting and releasing locks; what a lock does to what is already running
//! is decided by the parts it concerns.

use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::policy::lock::{Lock, LockSet};

/// The locks in force.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Locks(LockSet);

impl Locks {
    pub(crate) fn new(set: LockSet) -> Self {
        Self(set)
    }

    /// Whether `lock` changes, and by whom.
    pub(crate) fn decide(&self, by: ParticipantId, lock: Lock, on: bool) -> Option<Event> {
        (self.0.contains(lock) != on).then_some(Event::LockChanged { lock, on, by })
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        if let Event::LockChanged { lock, on, .. } = entry.event {
            self.0 = self.0.set(lock, on);
        }
    }

    pub(crate) fn set(&self) -> LockSet {
        self.0
    }
}
