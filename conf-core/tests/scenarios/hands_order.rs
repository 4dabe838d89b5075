//! Hands stand in the order they were raised, whoever comes and goes.

use conf_core::{Command, Denied, Event};

use crate::support::Room;

#[test]
fn hands_keep_their_order_and_go_with_their_owner() {
    let mut room = Room::with_ann_bob_and_cleo();
    for name in ["cleo", "ann", "bob"] {
        room.ask(name, Command::RaiseHand);
    }
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    assert_eq!(room.ask("cleo", Command::RaiseHand), [], "raising twice keeps the place");
    assert_eq!(room.view("ann").hands, [cleo, ann, bob]);

    room.ask("cleo", Command::LowerHand { target: cleo });
    room.ask("cleo", Command::RaiseHand);
    assert_eq!(room.view("ann").hands, [ann, bob, cleo], "who comes again stands behind");

    room.ask("bob", Command::Leave);
    assert_eq!(room.view("ann").hands, [ann, cleo]);
}

#[test]
fn a_moderator_lowers_any_hand_and_others_only_their_own() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", Command::RaiseHand);
    let target = room.id("bob");
    let denied = room.refused("cleo", Command::LowerHand { target });
    assert!(matches!(denied, Denied::NotAllowed { .. }));
    room.ask("ann", Command::LowerHand { target });
    assert_eq!(room.view("ann").hands, []);
    assert_eq!(room.ask("ann", Command::LowerHand { target }), [], "already as asked");
}

#[test]
fn a_moderator_lowers_all_hands_at_once_and_nobody_else_does() {
    let mut room = Room::with_ann_bob_and_cleo();
    for name in ["cleo", "bob"] {
        room.ask(name, Command::RaiseHand);
    }
    assert!(matches!(room.refused("bob", Command::LowerAllHands), Denied::NotAllowed { .. }));
    let by = room.id("ann");
    let lowered = ["cleo", "bob"].map(|name| Event::HandLowered { participant: room.id(name), by });
    assert_eq!(room.ask("ann", Command::LowerAllHands), lowered);
    assert_eq!(room.ask("ann", Command::LowerAllHands), [], "none is up");
}
