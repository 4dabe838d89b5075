//! A sign is shown to all for a moment and kept nowhere; it is locked with the hands.

use conf_core::output::Audience;
use conf_core::policy::action::Action;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Output, Reaction, Role, Signal};

use crate::support::Room;

const CLAP: Command = Command::React { reaction: Reaction::Clap };

#[test]
fn a_sign_is_told_to_all_and_kept_nowhere() {
    let mut room = Room::with_ann_bob_and_cleo();
    let by = room.id("bob");
    let (view, before) = (room.view("ann"), room.watched.journal.len());
    room.ask("bob", CLAP);
    let signal = Signal::Reacted { by, reaction: Reaction::Clap };
    assert_eq!(room.watched.outputs, [Output::Signal { to: Audience::Everyone, signal }]);
    assert_eq!((room.view("ann"), room.watched.journal.len()), (view, before));
}

#[test]
fn signs_are_locked_with_the_hands_and_not_for_machines() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("recorder", Role::Service);
    let denied = room.refused("recorder", CLAP);
    assert_eq!(denied, Denied::NotAllowed { action: Action::React, role: Role::Service });

    room.ask("ann", Command::SetLock { lock: Lock::Hands, on: true });
    let locked = Denied::Locked { action: Action::React, lock: Lock::Hands };
    assert_eq!(room.refused("bob", CLAP), locked);
    room.ask("ann", CLAP);
    let target = room.id("bob");
    room.ask("ann", Command::SetException { target, lock: Lock::Hands, on: true });
    room.ask("bob", CLAP);
    assert_eq!(room.refused("cleo", CLAP), locked);
}

#[test]
fn one_person_shows_only_so_many_signs() {
    let mut room = Room::with_ann_bob_and_cleo();
    for _ in 0..10 {
        room.ask("ann", CLAP);
    }
    assert_eq!(room.refused("ann", CLAP), Denied::TooFast { max: 10 });
    room.ask("bob", CLAP);
    // Applause refuses nobody a question.
    let target = room.id("bob");
    room.ask("ann", Command::AskToUnmute { target });
}
