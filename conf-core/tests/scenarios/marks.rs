//! Who takes the minutes and who interprets: marks that moderators set and that show.

use conf_core::{Command, Denied, Role};

use crate::support::Room;

#[test]
fn one_person_takes_the_minutes_and_takes_the_mark_along() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    let machine = room.join("recorder", Role::Service);
    let taker = |target| Command::SetMinuteTaker { target };
    assert!(matches!(room.refused("bob", taker(Some(bob))), Denied::NotAllowed { .. }));
    assert_eq!(room.refused("ann", taker(Some(machine))), Denied::NotAPerson);
    room.ask("ann", taker(Some(bob)));
    assert_eq!(room.view("cleo").minute_taker, Some(bob));
    room.ask("ann", taker(Some(cleo)));
    assert_eq!(room.view("cleo").minute_taker, Some(cleo));
    room.ask("cleo", Command::Leave);
    assert_eq!(room.view("bob").minute_taker, None);
    assert_eq!(room.ask("ann", taker(None)), []);
}

#[test]
fn several_interpret_and_a_rejoin_keeps_the_mark() {
    let mut room = Room::with_ann_bob_and_cleo();
    for name in ["bob", "cleo"] {
        let target = room.id(name);
        room.ask("ann", Command::SetInterpreter { target, on: true });
    }
    room.lose_link("bob");
    room.join("bob", Role::Participant);
    assert!(room.see("bob").is_some_and(|bob| bob.interpreter));
    let target = room.id("cleo");
    room.ask("ann", Command::SetInterpreter { target, on: false });
    assert!(room.see("cleo").is_some_and(|cleo| !cleo.interpreter));
    room.ask("bob", Command::Leave);
    room.join("bob", Role::Participant);
    assert_eq!(room.watched.meeting.interpreters().count(), 0);
}

#[test]
fn one_says_of_oneself_that_one_is_away_and_back() {
    let mut room = Room::with_ann_bob_and_cleo();
    let away = |room: &Room| room.see("bob").is_some_and(|bob| bob.away);
    room.ask("bob", Command::SetAway { on: true });
    assert_eq!(room.ask("bob", Command::SetAway { on: true }), []);
    room.lose_link("bob");
    room.join("bob", Role::Participant);
    assert!(away(&room), "coming back by a new session is not being back");
    room.ask("bob", Command::SetAway { on: false });
    assert!(!away(&room));
}
