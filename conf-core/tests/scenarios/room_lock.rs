//! The lock of the room: nobody new comes in, who has a place may return.

use conf_core::policy::lock::Lock;
use conf_core::{Command, GuestPolicy, Role, Starter};

use crate::support::{Room, claim, config, guest};

const LOCK: Command = Command::SetLock { lock: Lock::Entry, on: true };
const UNLOCK: Command = Command::SetLock { lock: Lock::Entry, on: false };

#[test]
fn newcomers_are_refused_but_not_moderators_nor_who_has_a_place() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", LOCK);
    room.lose_link("bob");
    for refused in [claim("dan", Role::Participant), guest("eve"), claim("bot", Role::Service)] {
        let denied = room.try_arrive(refused).expect_err("the room is locked");
        assert_eq!(denied.code(), "room_locked");
    }
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Ok(true));
    assert_eq!(room.try_arrive(claim("fay", Role::Moderator)), Ok(true));
    room.ask("cleo", Command::Leave);
    assert!(room.try_arrive(claim("cleo", Role::Participant)).is_err(), "she gave up her place");
    room.ask("ann", UNLOCK);
    assert_eq!(room.try_arrive(claim("cleo", Role::Participant)), Ok(true));
}

#[test]
fn those_who_wait_keep_their_place_and_can_still_be_let_in() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let target = room.wait("bob");
    room.ask("ann", LOCK);
    assert_eq!(room.wait("bob"), target, "a reload is no arrival");
    room.ask("ann", Command::Admit { target });
    assert!(room.is_in("bob"));
}

#[test]
fn a_locked_room_lets_nobody_in_by_itself() {
    let open = config().starter(Starter::Moderator).guests(GuestPolicy::Accept);
    let mut room = Room::open_with(open);
    room.try_arrive(claim("ann", Role::Moderator)).expect("a moderator");
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Ask });
    room.wait("bob");
    room.ask("ann", LOCK);
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Accept });
    assert!(!room.is_in("bob"));
    room.ask("ann", UNLOCK);
    assert!(room.is_in("bob"), "the lock was all that kept him");
}
