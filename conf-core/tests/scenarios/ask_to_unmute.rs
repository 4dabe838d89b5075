//! A moderator asks for a microphone; only its owner opens it, and nothing is kept of the asking.

use conf_core::output::Audience;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Output, Role, Signal, Source, Span};

use crate::support::{Room, publish};

fn told(room: &Room) -> Vec<(Audience, Signal)> {
    let signal = |output: &Output| match output {
        Output::Signal { to, signal } => Some((to.clone(), signal.clone())),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(signal).collect()
}

#[test]
fn the_one_asked_is_told_and_nothing_opens_by_itself() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    room.ask("bob", publish(Source::Microphone));
    room.ask("bob", Command::Mute { target: bob });
    let before = room.watched.meeting.state().clone();

    assert_eq!(room.ask("ann", Command::AskToUnmute { target: bob }), []);
    assert_eq!(told(&room), [(Audience::Only(bob), Signal::AskedToUnmute { by: ann })]);
    assert_eq!(&before, room.watched.meeting.state(), "nothing of it is kept");
    assert!(!room.passes("bob", Source::Microphone));

    room.ask("bob", Command::Unmute);
    assert!(room.passes("bob", Source::Microphone));
    room.pass(Span::from_secs(10));
    room.ask("ann", Command::AskToUnmute { target: bob });
    assert_eq!(told(&room), [], "an open microphone needs no asking");
}

#[test]
fn one_is_asked_again_only_after_ten_seconds_whoever_asks() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Moderator);
    let target = room.id("bob");
    room.ask("ann", Command::AskToUnmute { target });
    assert_eq!(room.refused("dan", Command::AskToUnmute { target }), Denied::AskedAlready);
    let other = room.id("cleo");
    room.ask("dan", Command::AskToUnmute { target: other });
    room.pass(Span::from_secs(10));
    room.ask("dan", Command::AskToUnmute { target });
}

#[test]
fn nobody_is_asked_for_what_they_may_not_do_or_cannot_hear() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    let machine = room.join("recorder", Role::Service);
    let denied = room.refused("bob", Command::AskToUnmute { target: cleo });
    assert!(matches!(denied, Denied::NotAllowed { .. }));
    let denied = room.refused("ann", Command::AskToUnmute { target: machine });
    assert_eq!(denied, Denied::NotAPerson);
    room.lose_link("bob");
    let denied = room.refused("ann", Command::AskToUnmute { target: bob });
    assert_eq!(denied, Denied::NotConnected);
    room.ask("ann", Command::SetLock { lock: Lock::Microphone, on: true });
    let denied = room.refused("ann", Command::AskToUnmute { target: cleo });
    assert!(matches!(denied, Denied::Locked { lock: Lock::Microphone, .. }));
}
