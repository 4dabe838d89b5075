//! Who knows of whom: everyone of everyone, unless a lock hides the list of participants.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::id::ParticipantId;
use crate::policy::Actor;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::Role;

/// Whether `viewer` knows of `other`, while `locks` are in force for the viewer; `shows` is
/// whether the other publishes a picture or an open microphone.
///
/// Where the list is locked, moderators know everyone, and everyone knows moderators, the
/// presenter and whoever shows themselves. Machines know no more than a participant: what they
/// are told may be shown to anyone.
#[must_use]
pub const fn knows(viewer: Actor, locks: LockSet, other: Actor, shows: bool) -> bool {
    !is_limited(viewer, locks) || is_shown(other, shows)
}

/// Whether `viewer` knows only those who are shown to everyone.
const fn is_limited(viewer: Actor, locks: LockSet) -> bool {
    locks.contains(Lock::SeePeople) && !matches!(viewer.role, Role::Moderator)
}

/// Whether everyone knows of `other`.
const fn is_shown(other: Actor, shows: bool) -> bool {
    shows || other.presenter || matches!(other.role, Role::Moderator)
}

/// Somebody who is here, as far as it counts for who knows whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    pub(crate) who: ParticipantId,
    pub(crate) actor: Actor,
    /// The locks in force for them.
    pub(crate) locks: LockSet,
    /// Whether they publish a picture or an open microphone.
    pub(crate) shows: bool,
}

/// Who knows of whom in one meeting, just now: [`knows`] for everyone at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acquaintance {
    /// Who knows only some; `None` for nobody, so that nothing is made while all know all.
    limited: Option<Arc<BTreeSet<ParticipantId>>>,
    /// Of whom those know; nobody while all know all.
    shown: BTreeSet<ParticipantId>,
}

impl Acquaintance {
    /// What [`knows`] says of each of `people`.
    pub(crate) fn of(people: impl Iterator<Item = Present>) -> Self {
        let (mut limited, mut shown) = (BTreeSet::new(), BTreeSet::new());
        for Present { who, actor, locks, shows } in people {
            if is_limited(actor, locks) {
                limited.insert(who);
            }
            if is_shown(actor, shows) {
                shown.insert(who);
            }
        }
        if limited.is_empty() {
            // Nobody is hidden from anyone: that is always the same.
            return Self::default();
        }
        Self { limited: Some(Arc::new(limited)), shown }
    }

    /// Whether `viewer` knows of `other`. Of oneself one always does.
    #[must_use]
    pub fn knows(&self, viewer: ParticipantId, other: ParticipantId) -> bool {
        viewer == other || !self.limits(viewer) || self.shown.contains(&other)
    }

    /// Whether `viewer` knows only some.
    #[must_use]
    pub fn limits(&self, viewer: ParticipantId) -> bool {
        self.limited().contains(&viewer)
    }

    /// Whether everyone knows everyone.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.limited.is_none()
    }

    /// Who knows only some.
    pub(crate) fn limited(&self) -> &BTreeSet<ParticipantId> {
        static NOBODY: BTreeSet<ParticipantId> = BTreeSet::new();
        self.limited.as_deref().unwrap_or(&NOBODY)
    }

    /// The same, to be handed on.
    pub(crate) fn limited_shared(&self) -> Arc<BTreeSet<ParticipantId>> {
        self.limited.clone().unwrap_or_default()
    }

    /// Of whom everyone knows; nobody while all know all.
    pub(crate) fn shown(&self) -> &BTreeSet<ParticipantId> {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::role::Standing;

    const HIDING: LockSet = LockSet::NONE.set(Lock::SeePeople, true);

    fn everyone() -> Vec<Actor> {
        let mut actors = Vec::new();
        for role in [Role::Moderator, Role::Participant, Role::Service] {
            for presenter in [false, true] {
                actors.push(Actor { role, standing: Standing::Member, presenter });
            }
        }
        actors
    }

    #[test]
    fn everyone_at_once_is_the_same_as_one_by_one() {
        let [one, two] = [1, 2].map(ParticipantId::from_number);
        for locks in [LockSet::NONE, HIDING] {
            for actor in everyone() {
                for other in everyone() {
                    for shows in [false, true] {
                        let viewer = Present { who: one, actor, locks, shows: false };
                        let seen = Present { who: two, actor: other, locks: HIDING, shows };
                        let acquaintance = Acquaintance::of([viewer, seen].into_iter());
                        assert_eq!(
                            acquaintance.knows(one, two),
                            knows(actor, locks, other, shows),
                            "{actor:?} {locks:?} {other:?} {shows}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn participants_and_machines_know_moderators_the_presenter_and_who_shows_themselves() {
        let actor = |role| Actor { role, standing: Standing::Member, presenter: false };
        let person = actor(Role::Participant);
        for viewer in [person, actor(Role::Service)] {
            assert!(!knows(viewer, HIDING, person, false));
            assert!(!knows(viewer, HIDING, actor(Role::Service), false));
            assert!(knows(viewer, HIDING, person, true));
            assert!(knows(viewer, HIDING, actor(Role::Moderator), false));
            assert!(knows(viewer, HIDING, Actor { presenter: true, ..person }, false));
            assert!(knows(viewer, LockSet::NONE, person, false));
        }
        assert!(knows(actor(Role::Moderator), HIDING, person, false));
    }
}
