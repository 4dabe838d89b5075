//! Who may see whose picture: everyone everyone's, unless a lock hides participants' cameras.

use std::collections::BTreeSet;

use crate::id::ParticipantId;
use crate::policy::Actor;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::{Role, Standing};
use crate::stage::source::Source;

/// Whether `viewer` may see `source` of `owner`, who is another, while `locks` are in
/// force for the viewer.
///
/// Where others' cameras are locked, moderators see everyone, and everyone sees
/// moderators, the presenter and what machines send. Machines see no more than a
/// participant: what they see may be shown to anyone. Sound and screens are not hidden.
#[must_use]
pub const fn may_watch(viewer: Actor, locks: LockSet, owner: Actor, source: Source) -> bool {
    !matches!(source, Source::Camera)
        || !locks.contains(Lock::SeeCameras)
        || matches!(viewer.role, Role::Moderator)
        || !matches!(owner.role, Role::Participant)
        || owner.presenter
}

/// Who may see whom in one meeting, just now: [`may_watch`] for everyone at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sight {
    /// Who sees only some cameras.
    limited: BTreeSet<ParticipantId>,
    /// Whose camera those see; nobody while all see all.
    shown: BTreeSet<ParticipantId>,
}

impl Sight {
    /// What [`may_watch`] says of each of `people`: who, what authority judges them by,
    /// and the locks in force for them.
    pub(crate) fn of(people: impl Iterator<Item = (ParticipantId, Actor, LockSet)>) -> Self {
        let mut sight = Self::default();
        for (who, actor, locks) in people {
            if !may_watch(actor, locks, PARTICIPANT, Source::Camera) {
                sight.limited.insert(who);
            }
            if may_watch(PARTICIPANT, HIDING, actor, Source::Camera) {
                sight.shown.insert(who);
            }
        }
        if sight.limited.is_empty() {
            // Nothing is hidden from anyone: that is always the same.
            sight.shown.clear();
        }
        sight
    }

    /// Whether `viewer` may see `source` of `owner`. One's own is never hidden from oneself.
    #[must_use]
    pub fn may_watch(&self, viewer: ParticipantId, owner: ParticipantId, source: Source) -> bool {
        viewer == owner
            || source != Source::Camera
            || !self.limited.contains(&viewer)
            || self.shown.contains(&owner)
    }

    /// Whose cameras `viewer` may see at most; `None` for everyone's.
    #[must_use]
    pub fn cameras_for(
        &self,
        viewer: ParticipantId,
    ) -> Option<impl Iterator<Item = ParticipantId>> {
        self.limited.contains(&viewer).then(|| self.shown.iter().copied())
    }
}

/// Somebody who only takes part: the rule asks no more of either side than whether they are it.
const PARTICIPANT: Actor =
    Actor { role: Role::Participant, standing: Standing::Member, presenter: false };

/// Others' cameras locked, and nothing else.
const HIDING: LockSet = LockSet::NONE.set(Lock::SeeCameras, true);

#[cfg(test)]
mod tests {
    use super::*;

    fn everyone() -> Vec<Actor> {
        let mut actors = Vec::new();
        for role in [Role::Moderator, Role::Participant, Role::Service] {
            for standing in [Standing::Member, Standing::Guest] {
                for presenter in [false, true] {
                    actors.push(Actor { role, standing, presenter });
                }
            }
        }
        actors
    }

    #[test]
    fn everyone_at_once_is_the_same_as_one_by_one() {
        for viewer_locks in [LockSet::NONE, HIDING] {
            for viewer in everyone() {
                for owner in everyone() {
                    let (one, other) =
                        (ParticipantId::from_number(1), ParticipantId::from_number(2));
                    let people = [(one, viewer, viewer_locks), (other, owner, HIDING)];
                    let sight = Sight::of(people.into_iter());
                    for source in Source::ALL {
                        assert_eq!(
                            sight.may_watch(one, other, source),
                            may_watch(viewer, viewer_locks, owner, source),
                            "{viewer:?} {viewer_locks:?} {owner:?} {source:?}"
                        );
                    }
                }
            }
        }
    }
}
