//! Newcomers start muted, and open their microphones themselves.

use conf_core::{Command, GuestPolicy, Role, Source};

use crate::support::{Room, claim, config, guest, publish};

#[test]
fn a_newcomers_microphone_is_published_closed_until_they_open_it() {
    let mut room = Room::open_with(config().join_muted(true));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    assert!(room.view("bob").join_muted);
    for name in ["ann", "bob"] {
        room.ask(name, publish(Source::Microphone));
        assert!(!room.passes(name, Source::Microphone), "{name}");
        assert!(room.see(name).expect("here").muted);
        room.ask(name, Command::Unmute);
        assert!(room.passes(name, Source::Microphone), "{name}");
    }
    room.ask("bob", Command::Stop { target: room.id("bob"), source: Source::Microphone });
    room.ask("bob", publish(Source::Microphone));
    assert!(room.passes("bob", Source::Microphone), "once opened it is their own affair");
}

#[test]
fn it_concerns_those_who_come_from_then_on() {
    let mut room = Room::open_with(config().guests(GuestPolicy::Accept));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    room.ask("ann", Command::SetJoinMuted { on: true });
    assert_eq!(room.ask("ann", Command::SetJoinMuted { on: true }), []);
    room.try_join(guest("cleo")).expect("straight in");
    for name in ["bob", "cleo"] {
        room.ask(name, publish(Source::Microphone));
    }
    assert!(room.passes("bob", Source::Microphone));
    assert!(!room.passes("cleo", Source::Microphone));

    // A reload does not open what is closed, nor the other way round.
    room.join("bob", Role::Participant);
    room.ask("bob", publish(Source::Microphone));
    assert!(room.passes("bob", Source::Microphone));
    room.ask("ann", Command::SetJoinMuted { on: false });
    room.try_join(claim("dan", Role::Participant)).expect("in");
    room.ask("dan", publish(Source::Microphone));
    assert!(room.passes("dan", Source::Microphone));
}

#[test]
fn nobody_else_opens_it() {
    let mut room = Room::open_with(config().join_muted(true));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    room.ask("bob", publish(Source::Microphone));
    room.ask("ann", Command::SetJoinMuted { on: false });
    assert!(!room.passes("bob", Source::Microphone));
}
