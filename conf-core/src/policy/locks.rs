//! Setting and releasing locks, for all or for one; what a lock does to what is
//! already running is decided by the parts it concerns.

use std::collections::BTreeMap;

use crate::denied::Denied;
use crate::event::{Entry, Event};
use crate::id::ParticipantId;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::Role;

/// The locks in force, and who is excepted from which.
///
/// An exception is from a lock that is on, so it ends when the lock goes off
/// for all, and when its holder leaves. Whoever is in the meeting has at most one a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Locks {
    on: LockSet,
    /// In a breakout: what was last locked in the meeting it belongs to.
    inherited: LockSet,
    excepted: BTreeMap<ParticipantId, LockSet>,
}

impl Locks {
    pub(crate) fn new(set: LockSet) -> Self {
        Self { on: set, inherited: set, excepted: BTreeMap::new() }
    }

    /// Whether `lock` changes, and by whom.
    pub(crate) fn decide(&self, by: ParticipantId, lock: Lock, on: bool) -> Option<Event> {
        (self.on.contains(lock) != on).then_some(Event::LockChanged { lock, on, by })
    }

    /// Takes over what was locked or released in the meeting a breakout belongs to; what did
    /// not change there stays as it was set here.
    pub(crate) fn decide_inherited(&self, inherited: LockSet) -> Option<Event> {
        let changed = |lock: &Lock| self.inherited.contains(*lock) != inherited.contains(*lock);
        let locks = Lock::ALL
            .into_iter()
            .filter(changed)
            .fold(self.on, |set, lock| set.set(lock, inherited.contains(lock)));
        (self.inherited != inherited).then_some(Event::LocksInherited { inherited, locks })
    }

    /// Excepts `target`, who is `role`, from `lock`, or no longer.
    pub(crate) fn decide_exception(
        &self,
        by: ParticipantId,
        target: ParticipantId,
        role: Role,
        lock: Lock,
        on: bool,
    ) -> Result<Option<Event>, Denied> {
        // Who is in has come in, and moderators are never locked out.
        let keeps = self.on.contains(lock) && lock != Lock::Entry && role != Role::Moderator;
        if on && !keeps {
            return Err(Denied::NotLocked { lock });
        }
        let changes = self.exceptions_of(target).contains(lock) != on;
        Ok(changes.then_some(Event::ExceptionChanged { participant: target, lock, on, by }))
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry.event {
            Event::LockChanged { lock, on, .. } => {
                self.on = self.on.set(lock, on);
                if !on {
                    self.excepted.retain(|_, set| {
                        *set = set.set(lock, false);
                        *set != LockSet::NONE
                    });
                }
            }
            Event::LocksInherited { inherited, locks } => {
                self.inherited = inherited;
                self.on = locks;
                self.excepted.retain(|_, set| {
                    *set = set
                        .iter()
                        .filter(|lock| locks.contains(*lock))
                        .fold(LockSet::NONE, |kept, lock| kept.set(lock, true));
                    *set != LockSet::NONE
                });
            }
            Event::ExceptionChanged { participant, lock, on, .. } => {
                let set = self.exceptions_of(participant).set(lock, on);
                if set == LockSet::NONE {
                    self.excepted.remove(&participant);
                } else {
                    self.excepted.insert(participant, set);
                }
            }
            Event::Left { participant, .. } => {
                self.excepted.remove(&participant);
            }
            _ => {}
        }
    }

    /// What is locked for all.
    pub(crate) fn set(&self) -> LockSet {
        self.on
    }

    /// What is locked for one person.
    pub(crate) fn in_force_for(&self, who: ParticipantId) -> LockSet {
        self.exceptions_of(who).iter().fold(self.on, |set, lock| set.set(lock, false))
    }

    /// What one person is excepted from.
    pub(crate) fn exceptions_of(&self, who: ParticipantId) -> LockSet {
        self.excepted.get(&who).copied().unwrap_or_default()
    }
}
