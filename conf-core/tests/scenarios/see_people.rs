//! Participants can be kept from knowing who else is there; who shows themselves is known.

use conf_core::id::ParticipantId;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Output, Role, Source};

use crate::support::{Room, publish, say};

/// Whom somebody sees on the list.
fn seen(room: &Room, viewer: &str) -> Vec<ParticipantId> {
    let view = room.watched.meeting.view(room.id(viewer)).expect("they are in");
    view.participants.iter().map(|person| person.id).collect()
}

/// What changed for those who know only some, by the last input.
fn shown(room: &Room) -> Vec<(Vec<ParticipantId>, Vec<ParticipantId>)> {
    let shown = room.watched.outputs.iter().filter_map(|output| match output {
        Output::Show { shown, .. } => {
            Some((shown.appeared.iter().map(|person| person.id).collect(), shown.vanished.clone()))
        }
        _ => None,
    });
    shown.collect()
}

fn hidden() -> Room {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", Command::SetLock { lock: Lock::SeePeople, on: true });
    room
}

#[test]
fn who_speaks_shows_a_picture_or_presents_is_known_and_nobody_else() {
    let mut room = hidden();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    assert_eq!(seen(&room, "bob"), [ann, bob]);
    assert_eq!(seen(&room, "ann"), [ann, bob, cleo]);
    room.ask("cleo", publish(Source::Microphone));
    assert_eq!(shown(&room), [(vec![cleo], vec![])]);
    assert_eq!(seen(&room, "bob"), [ann, bob, cleo]);
    room.ask("cleo", Command::Mute { target: cleo });
    assert_eq!(shown(&room), [(vec![], vec![cleo])]);
    room.ask("ann", Command::GivePresenter { target: cleo });
    assert_eq!(shown(&room), [(vec![cleo], vec![])]);
    room.ask("cleo", publish(Source::Camera));
    room.ask("ann", Command::GivePresenter { target: bob });
    assert_eq!(seen(&room, "bob"), [ann, bob, cleo], "she is seen");
    room.ask("cleo", Command::Leave);
    assert_eq!(shown(&room), [(vec![], vec![cleo])]);
    room.join("recorder", Role::Service);
    assert_eq!(shown(&room), []);
    assert_eq!(seen(&room, "recorder"), [ann, bob, room.id("recorder")]);
}

#[test]
fn a_line_names_its_writer_and_a_hidden_person_is_refused_like_one_who_never_was() {
    let mut room = hidden();
    room.ask("ann", Command::SetLock { lock: Lock::PrivateChat, on: false });
    room.ask("cleo", say("hello"));
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    let view = room.watched.meeting.view(bob).expect("he is in");
    assert_eq!((view.chat[0].from, seen(&room, "bob")), (cleo, vec![ann, bob]));
    for to in [cleo, ParticipantId::from_number(99)] {
        assert_eq!(
            room.refused("bob", Command::Typing { to: Some(to) }),
            Denied::NoSuchParticipant
        );
    }
    room.ask("bob", Command::Typing { to: Some(ann) });
}

#[test]
fn lifted_for_one_they_are_shown_everyone_and_so_are_all_once_it_is_off() {
    let mut room = hidden();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    let lift = |on| Command::SetException { target: bob, lock: Lock::SeePeople, on };
    room.ask("ann", lift(true));
    assert!(room.watched.outputs.contains(&Output::Reshow { participant: bob }));
    assert_eq!((seen(&room, "bob"), seen(&room, "cleo")), (vec![ann, bob, cleo], vec![ann, cleo]));
    room.ask("ann", lift(false));
    assert_eq!(seen(&room, "bob"), [ann, bob]);
    room.ask("ann", Command::SetLock { lock: Lock::SeePeople, on: false });
    assert!(room.watched.meeting.acquaintance().is_full());
    assert_eq!(seen(&room, "bob"), [ann, bob, cleo]);
}
