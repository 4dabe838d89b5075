//! The spotlight: one person or nobody, and out with who leaves.

use conf_core::{Command, Denied, Event, Role};

use crate::support::Room;

#[test]
fn it_moves_goes_out_and_never_stays_on_who_left() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    let on = |target| Command::SetSpotlight { target };
    room.ask("ann", on(Some(bob)));
    assert_eq!(room.view("cleo").spotlight, Some(bob));
    room.ask("ann", on(Some(cleo)));
    assert_eq!(room.view("bob").spotlight, Some(cleo));
    assert_eq!(room.ask("ann", on(Some(cleo))), []);

    room.lose_link("cleo");
    assert_eq!(room.view("bob").spotlight, Some(cleo), "a kept place keeps it");
    room.join("cleo", Role::Participant);
    let out = Event::SpotlightChanged { participant: None, by: None };
    assert_eq!(room.ask("cleo", Command::Leave).last(), Some(&out));
    assert_eq!(room.view("bob").spotlight, None);

    room.ask("ann", on(Some(ann)));
    let off = Event::SpotlightChanged { participant: None, by: Some(ann) };
    assert_eq!(room.ask("ann", on(None)), [off]);
    let gone = room.refused("ann", on(Some(cleo)));
    assert_eq!(gone, Denied::NoSuchParticipant);
    assert_eq!(room.refused("bob", on(Some(bob))).code(), "not_allowed");
}
