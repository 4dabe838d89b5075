//! People are called what they or a moderator say; what was said keeps the name it was said under.

use conf_core::policy::lock::Lock;
use conf_core::text::DisplayName;
use conf_core::{Command, Denied, Role};

use crate::support::{Room, defaults, say};

fn call(room: &Room, whom: &str, name: &str) -> Command {
    Command::Rename { target: room.id(whom), name: DisplayName::new(name).expect("a valid name") }
}

fn name_of(room: &Room, whom: &str) -> String {
    let seen = room.see(whom).expect("they are here");
    seen.name.as_ref().expect("it is known").as_str().to_owned()
}

#[test]
fn ones_own_name_is_locked_until_a_moderator_opens_it() {
    let mut room = Room::open_with(defaults());
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    let own = call(&room, "bob", "Bobby");
    let denied = room.refused("bob", own.clone());
    assert!(matches!(denied, Denied::Locked { lock: Lock::Rename, .. }));
    room.ask("ann", Command::SetLock { lock: Lock::Rename, on: false });
    room.ask("bob", own.clone());
    assert_eq!(name_of(&room, "bob"), "Bobby");
    assert_eq!(room.ask("bob", own), []);
    let of_ann = call(&room, "ann", "Anna");
    assert!(matches!(room.refused("bob", of_ann.clone()), Denied::NotAllowed { .. }));
    room.ask("ann", of_ann);
}

#[test]
fn a_moderator_renames_people_and_no_machine_and_a_rejoin_changes_nothing() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("recorder", Role::Service);
    let command = call(&room, "recorder", "Nobody");
    assert_eq!(room.refused("ann", command), Denied::NotAPerson);
    let command = call(&room, "bob", "Robert");
    room.ask("ann", command);
    room.lose_link("bob");
    room.join("bob", Role::Participant);
    assert_eq!(name_of(&room, "bob"), "Robert");
}

#[test]
fn what_was_said_keeps_the_name_it_was_said_under() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", say("before"));
    let command = call(&room, "bob", "Robert");
    room.ask("ann", command);
    room.ask("bob", say("after"));
    room.ask("bob", Command::Leave);
    let chat = room.view("ann").chat;
    let names = chat.iter().filter_map(|line| line.name.as_ref()).map(|name| name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["bob", "Robert"]);
}
