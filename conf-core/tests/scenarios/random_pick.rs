//! Somebody is picked at random, and nobody twice before all had their turn.

use std::collections::BTreeSet;

use conf_core::id::ParticipantId;
use conf_core::policy::action::Action;
use conf_core::{Command, Denied, Event, Role};

use crate::support::Room;

const PICK: Command = Command::Pick { moderators: false };

fn picked(room: &mut Room, who: &str, command: Command) -> (ParticipantId, bool) {
    match room.ask(who, command).as_slice() {
        [Event::Picked { participant, anew, .. }] => (*participant, *anew),
        other => panic!("expected one pick, found {other:?}"),
    }
}

#[test]
fn everyone_has_their_turn_before_anyone_has_a_second() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Participant);
    room.join("recorder", Role::Service);
    let everyone: BTreeSet<_> = ["bob", "cleo", "dan"].map(|name| room.id(name)).into();
    for round in 0..4 {
        let turns: Vec<_> = (0..3).map(|_| picked(&mut room, "ann", PICK)).collect();
        assert_eq!(turns.iter().map(|(who, _)| *who).collect::<BTreeSet<_>>(), everyone);
        let begins: Vec<_> = turns.iter().map(|(_, anew)| *anew).collect();
        assert_eq!(begins, [round > 0, false, false]);
        // A restart in the middle of it forgets nobody's turn.
        room.watched.restart();
        for (name, role) in [("ann", Role::Moderator), ("bob", Role::Participant)] {
            room.join(name, role);
        }
        for name in ["cleo", "dan"] {
            room.join(name, Role::Participant);
        }
    }
    let with_moderators = picked(&mut room, "ann", Command::Pick { moderators: true });
    assert_eq!(with_moderators, (room.id("ann"), false), "the only one without a turn");
}

#[test]
fn who_is_away_or_not_connected_is_not_picked() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", Command::SetAway { on: true });
    for _ in 0..3 {
        assert_eq!(picked(&mut room, "ann", PICK).0, room.id("cleo"));
    }
    assert_eq!(room.view("bob").picked.map(|pick| pick.participant), Some(room.id("cleo")));
    room.lose_link("cleo");
    assert_eq!(room.refused("ann", PICK), Denied::NobodyToPick);
    room.join("cleo", Role::Participant);
    room.ask("cleo", Command::Leave);
    assert_eq!(room.view("bob").picked, None, "who is gone is not shown");
}

#[test]
fn the_presenter_picks_and_other_participants_do_not() {
    let mut room = Room::with_ann_bob_and_cleo();
    let denied = room.refused("bob", PICK);
    assert_eq!(denied, Denied::NotAllowed { action: Action::Pick, role: Role::Participant });
    let target = room.id("bob");
    room.ask("ann", Command::GivePresenter { target });
    picked(&mut room, "bob", PICK);
}
