//! Everyone falls silent at once, but for the one who asked for it.

use conf_core::{Command, Denied, Role, Source};

use crate::support::{Room, publish};

fn speaking() -> Room {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Moderator);
    room.join("phone", Role::Service);
    for name in ["ann", "bob", "cleo", "dan", "phone"] {
        room.ask(name, publish(Source::Microphone));
    }
    room
}

fn heard(room: &Room) -> Vec<&'static str> {
    let names = ["ann", "bob", "cleo", "dan", "phone"];
    names.into_iter().filter(|name| room.passes(name, Source::Microphone)).collect()
}

#[test]
fn everyone_but_the_asker_is_muted_moderators_and_machines_too() {
    let mut room = speaking();
    let denied = room.refused("bob", Command::MuteAll { but_presenter: false });
    assert!(matches!(denied, Denied::NotAllowed { .. }));
    let bob = room.id("bob");
    room.ask("bob", Command::Mute { target: bob });
    assert_eq!(room.ask("ann", Command::MuteAll { but_presenter: false }).len(), 3);
    assert_eq!(heard(&room), ["ann"]);
    room.ask("dan", Command::Unmute);
    assert_eq!(heard(&room), ["ann", "dan"], "each opens their own again");
}

#[test]
fn the_presenter_can_be_spared() {
    let mut room = speaking();
    let target = room.id("bob");
    room.ask("ann", Command::GivePresenter { target });
    room.ask("dan", Command::MuteAll { but_presenter: true });
    assert_eq!(heard(&room), ["bob", "dan"]);
}
