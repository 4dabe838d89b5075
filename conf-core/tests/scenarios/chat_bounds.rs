//! The chat keeps so much for late joiners, and nobody floods it.

use conf_core::{Command, Denied, Role, Span};

use crate::support::{Room, config, say, shown};

fn texts(room: &Room, viewer: &str) -> Vec<String> {
    room.view(viewer).chat.iter().map(shown).collect()
}

#[test]
fn a_late_joiner_reads_the_last_messages_with_the_names_of_who_has_left() {
    let mut room = Room::open_with(config().chat_history(2));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    room.ask("ann", say("one"));
    room.ask("bob", say("two"));
    room.ask("bob", say("three"));
    room.ask("bob", Command::Leave);
    room.join("cleo", Role::Participant);
    assert_eq!(texts(&room, "cleo"), ["bob: two", "bob: three"]);

    let bob = room.id("bob");
    assert!(room.watched.meeting.name_of(bob).is_some(), "as the chat shows it");
    room.ask("ann", say("four"));
    room.ask("ann", say("five"));
    assert_eq!(texts(&room, "cleo"), ["ann: four", "ann: five"]);
    assert!(room.watched.meeting.name_of(bob).is_none(), "forgotten with the last message");
}

#[test]
fn who_writes_too_fast_waits_and_others_do_not() {
    let mut room = Room::open_with(config().chat_burst(3));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    for text in ["a", "b", "c"] {
        room.ask("bob", say(text));
        room.pass(Span::from_secs(2));
    }
    assert_eq!(room.refused("bob", say("d")), Denied::TooFast { max: 3 });
    room.ask("ann", say("slowly"));
    // The first of the three is ten seconds old.
    room.pass(Span(3_999));
    assert_eq!(room.refused("bob", say("d")), Denied::TooFast { max: 3 });
    room.pass(Span(1));
    room.ask("bob", say("d"));
    assert_eq!(room.refused("bob", say("e")), Denied::TooFast { max: 3 });
}

#[test]
fn a_room_that_keeps_no_chat_still_delivers_it() {
    let mut room = Room::open_with(config().chat_history(0));
    room.join("ann", Role::Moderator);
    assert_eq!(room.ask("ann", say("hello")).len(), 1);
    assert_eq!(texts(&room, "ann"), Vec::<String>::new());
}
