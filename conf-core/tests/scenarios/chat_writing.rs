//! That somebody writes, and what, is told while it happens and never kept.

use conf_core::output::Audience;
use conf_core::policy::action::Action;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Output, Role, Signal};

use crate::support::{Room, chat, defaults};

/// What was signalled by the last input, and to whom.
fn signalled(room: &Room) -> Vec<(Audience, Signal)> {
    let signal = |output: &Output| match output {
        Output::Signal { to, signal } => Some((to.clone(), signal.clone())),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(signal).collect()
}

#[test]
fn who_writes_is_told_and_nothing_is_kept() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    let before = room.watched.journal.len();
    room.ask("bob", Command::Typing { to: None });
    assert_eq!(signalled(&room), [(Audience::Everyone, Signal::Typing { by: bob, to: None })]);
    let to = Some(ann);
    room.ask("bob", Command::Typing { to });
    assert_eq!(signalled(&room), [(Audience::Only(ann), Signal::Typing { by: bob, to })]);
    for text in [Some(chat("I can")), Some(chat("I cannot speak")), None] {
        room.ask("bob", Command::LiveText { text: text.clone() });
        assert_eq!(signalled(&room), [(Audience::Everyone, Signal::LiveText { by: bob, text })]);
    }
    assert_eq!(room.watched.journal.len(), before);
}

#[test]
fn who_may_not_write_does_not_show_that_they_write() {
    let mut room = Room::of_three(defaults());
    let (ann, cleo) = (room.id("ann"), room.id("cleo"));
    room.join("recorder", Role::Service);
    let role = Role::Service;
    let denied = room.refused("recorder", Command::LiveText { text: Some(chat("beep")) });
    assert_eq!(denied, Denied::NotAllowed { action: Action::SendChat, role });
    let denied = room.refused("bob", Command::Typing { to: Some(cleo) });
    let (action, lock) = (Action::SendPrivateChat, Lock::PrivateChat);
    assert_eq!(denied, Denied::Locked { action, lock });

    room.ask("ann", Command::SetLock { lock: Lock::Chat, on: true });
    let locked = Denied::Locked { action: Action::SendChat, lock: Lock::Chat };
    assert_eq!(room.refused("bob", Command::Typing { to: None }), locked);
    assert_eq!(room.refused("bob", Command::LiveText { text: Some(chat("but")) }), locked);
    room.ask("bob", Command::Typing { to: Some(ann) });
    room.lose_link("ann");
    room.ask("bob", Command::Typing { to: Some(ann) });
    assert_eq!(signalled(&room), [], "nobody is there to be told");
}

#[test]
fn a_growing_text_is_shown_so_fast_and_no_faster() {
    let mut room = Room::with_ann_bob_and_cleo();
    let grow = |number: u32| Command::LiveText { text: Some(chat(&format!("line {number}"))) };
    for number in 0..30 {
        room.ask("bob", grow(number));
    }
    assert_eq!(room.refused("bob", grow(30)), Denied::TooFast { max: 30 });
    room.ask("cleo", grow(0));
}
