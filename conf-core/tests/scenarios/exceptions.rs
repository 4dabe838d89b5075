//! A lock is lifted for one person, and what ran only because of that ends with it.

use conf_core::policy::lock::{Lock, LockSet};
use conf_core::{Command, Denied, Event, Role, Source};

use crate::support::{Room, publish, say};

fn lock(lock: Lock, on: bool) -> Command {
    Command::SetLock { lock, on }
}

#[test]
fn one_person_is_heard_while_everyone_is_silent_and_no_longer_than_that() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    for name in ["bob", "cleo"] {
        room.ask(name, publish(Source::Microphone));
    }
    room.ask("ann", lock(Lock::Microphone, true));
    let lift = |on| Command::SetException { target: bob, lock: Lock::Microphone, on };
    assert!(matches!(room.refused("cleo", lift(true)), Denied::NotAllowed { .. }));
    room.ask("ann", lift(true));
    assert!(!room.passes("bob", Source::Microphone), "lifted, not opened");
    room.ask("bob", Command::Unmute);
    assert!(matches!(room.refused("cleo", Command::Unmute), Denied::Locked { .. }));

    let happened = room.ask("ann", lift(false));
    let ended =
        Event::ExceptionChanged { participant: bob, lock: Lock::Microphone, on: false, by: ann };
    assert_eq!(happened, [ended, Event::Muted { participant: bob, by: ann }]);
    assert!(!room.passes("bob", Source::Microphone));
}

#[test]
fn a_lock_that_is_set_again_spares_only_whom_it_is_lifted_for_then() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("ann", lock(Lock::Camera, true));
    room.ask("ann", Command::SetException { target, lock: Lock::Camera, on: true });
    room.ask("bob", publish(Source::Camera));
    room.ask("ann", lock(Lock::Chat, true));
    assert!(room.passes("bob", Source::Camera), "another lock is none of its business");
    room.ask("ann", lock(Lock::Camera, false));
    assert!(room.passes("bob", Source::Camera));
    room.ask("ann", lock(Lock::Camera, true));
    assert!(!room.passes("bob", Source::Camera), "it ended when the lock went off");
}

#[test]
fn it_is_shown_to_moderators_and_its_holder_and_survives_a_rejoin_but_not_a_leave() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("ann", lock(Lock::Chat, true));
    room.ask("ann", Command::SetException { target, lock: Lock::Chat, on: true });
    let seen_by = |room: &Room, name: &str| {
        let view = room.view(name);
        let bob = view.participants.iter().find(|person| person.id == target);
        bob.expect("he is here").exceptions
    };
    let chat = LockSet::NONE.set(Lock::Chat, true);
    assert_eq!(seen_by(&room, "ann"), chat);
    assert_eq!(seen_by(&room, "bob"), chat);
    assert_eq!(seen_by(&room, "cleo"), LockSet::NONE);

    room.lose_link("bob");
    room.join("bob", Role::Participant);
    room.ask("bob", say("I may"));
    room.ask("bob", Command::Leave);
    room.join("bob", Role::Participant);
    assert!(matches!(room.refused("bob", say("may I?")), Denied::Locked { .. }));
}

#[test]
fn what_is_not_locked_for_someone_is_not_lifted() {
    let mut room = Room::with_ann_bob_and_cleo();
    let bob = room.id("bob");
    let dan = room.join("dan", Role::Moderator);
    room.ask("ann", lock(Lock::Entry, true));
    for (target, lock) in [(bob, Lock::Chat), (bob, Lock::Entry)] {
        let denied = room.refused("ann", Command::SetException { target, lock, on: true });
        assert_eq!(denied, Denied::NotLocked { lock });
    }
    room.ask("ann", lock(Lock::Chat, true));
    let of_dan = Command::SetException { target: dan, lock: Lock::Chat, on: true };
    assert_eq!(room.refused("ann", of_dan), Denied::NotLocked { lock: Lock::Chat });
    let twice = Command::SetException { target: bob, lock: Lock::Chat, on: true };
    assert_eq!(room.ask("ann", twice.clone()).len(), 1);
    assert_eq!(room.ask("ann", twice), []);
}
