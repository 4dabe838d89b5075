//! Setting and releasing locks, for all or for one; what a lock does to what is
//! already running is decided by the parts it concerns.

use std::collections::BTreeMap;

use crate::denied::Denied;
use crate::event::{Entry, Event, ExceptionsInherited};
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
    /// In a breakout: what was last lifted for whom in the meeting it belongs to.
    #[cfg_attr(feature = "serde", serde(default))]
    lifted_above: BTreeMap<ParticipantId, LockSet>,
}

impl Locks {
    pub(crate) fn new(set: LockSet) -> Self {
        Self { on: set, inherited: set, excepted: BTreeMap::new(), lifted_above: BTreeMap::new() }
    }

    /// Whether `lock` changes, and by whom.
    pub(crate) fn decide(&self, by: ParticipantId, lock: Lock, on: bool) -> Option<Event> {
        (self.on.contains(lock) != on).then_some(Event::LockChanged { lock, on, by })
    }

    /// Takes over what was locked or released in the meeting a breakout belongs to; what did
    /// not change there stays as it was set here.
    pub(crate) fn decide_inherited(&self, inherited: LockSet) -> Option<Event> {
        let locks = follow_changes(self.on, self.inherited, inherited);
        (self.inherited != inherited).then_some(Event::LocksInherited { inherited, locks })
    }

    /// Takes over what was lifted for `who` in the meeting a breakout belongs to, or is in
    /// force for them again there; of what is open here for all, nobody is excepted.
    pub(crate) fn decide_inherited_exceptions(
        &self,
        who: ParticipantId,
        inherited: LockSet,
    ) -> Option<Event> {
        let before = self.lifted_above.get(&who).copied().unwrap_or_default();
        let exceptions = follow_changes(self.exceptions_of(who), before, inherited).and(self.on);
        let event = ExceptionsInherited { participant: who, inherited, exceptions };
        (before != inherited).then_some(Event::ExceptionsInherited(event))
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
                    self.end_exceptions();
                }
            }
            Event::LocksInherited { inherited, locks } => {
                self.inherited = inherited;
                self.on = locks;
                self.end_exceptions();
            }
            Event::ExceptionChanged { participant, lock, on, .. } => {
                let set = self.exceptions_of(participant).set(lock, on);
                note(&mut self.excepted, participant, set);
            }
            Event::ExceptionsInherited(ExceptionsInherited {
                participant,
                inherited,
                exceptions,
            }) => {
                note(&mut self.excepted, participant, exceptions);
                note(&mut self.lifted_above, participant, inherited);
            }
            Event::Left { participant, .. } => {
                self.excepted.remove(&participant);
                self.lifted_above.remove(&participant);
            }
            _ => {}
        }
    }

    /// Of what is not locked any more, nobody is excepted.
    fn end_exceptions(&mut self) {
        let on = self.on;
        self.excepted.retain(|_, set| {
            *set = set.and(on);
            *set != LockSet::NONE
        });
    }

    /// What is locked for all.
    pub(crate) fn set(&self) -> LockSet {
        self.on
    }

    /// What is locked for one person.
    pub(crate) fn in_force_for(&self, who: ParticipantId) -> LockSet {
        self.on.without(self.exceptions_of(who))
    }

    /// What one person is excepted from.
    pub(crate) fn exceptions_of(&self, who: ParticipantId) -> LockSet {
        self.excepted.get(&who).copied().unwrap_or_default()
    }
}

/// `here`, with what differs between `before` and `now` as it is `now`.
fn follow_changes(here: LockSet, before: LockSet, now: LockSet) -> LockSet {
    let changed = |lock: &Lock| before.contains(*lock) != now.contains(*lock);
    let changed = Lock::ALL.into_iter().filter(changed);
    changed.fold(here, |set, lock| set.set(lock, now.contains(lock)))
}

/// Whoever is excepted from nothing is not named.
fn note(of: &mut BTreeMap<ParticipantId, LockSet>, who: ParticipantId, set: LockSet) {
    if set == LockSet::NONE {
        of.remove(&who);
    } else {
        of.insert(who, set);
    }
}
