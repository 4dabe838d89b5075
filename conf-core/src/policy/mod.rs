//! Who may do what: the one place authority is decided.

pub mod acquaintance;
pub mod action;
pub mod lock;
pub(crate) mod locks;
pub mod role;
mod table;
pub mod watch;

use crate::denied::Denied;
use crate::policy::action::Action;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::{Role, Standing};

/// What authority is judged by: nothing else about a person counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// Role: the claim's, unless a moderator changed it since.
    pub role: Role,
    /// Guest or member, from the claim.
    pub standing: Standing,
    /// Whether they hold the presenter mark.
    pub presenter: bool,
}

/// What the table says. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// Not for this role.
    NotAllowed,
    /// Yes, but for the lock that is on.
    Locked(Lock),
}

/// Whether `actor` may do `action` while `locks` are in force for them.
///
/// Locks close things for everyone who is not a moderator; moderators are
/// never locked out.
pub const fn verdict(actor: Actor, locks: LockSet, action: Action) -> Verdict {
    let row = table::row_of(action);
    if !row.allows(actor.role, actor.standing, actor.presenter) {
        return Verdict::NotAllowed;
    }
    match row.lock {
        Some(lock) if locks.contains(lock) && !matches!(actor.role, Role::Moderator) => {
            Verdict::Locked(lock)
        }
        _ => Verdict::Allowed,
    }
}

/// The lock that can take `action` away, if there is one.
#[must_use]
pub const fn lock_on(action: Action) -> Option<Lock> {
    table::row_of(action).lock
}

/// The verdict as an answer to the one who asked.
pub(crate) fn check(actor: Actor, locks: LockSet, action: Action) -> Result<(), Denied> {
    match verdict(actor, locks, action) {
        Verdict::Allowed => Ok(()),
        Verdict::NotAllowed => Err(Denied::NotAllowed { action, role: actor.role }),
        Verdict::Locked(lock) => Err(Denied::Locked { action, lock }),
    }
}
