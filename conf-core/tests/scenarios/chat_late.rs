//! Where a room wants it so, whoever comes late has nothing of what was said to everyone before.

use conf_core::output::Audience;
use conf_core::{Command, Denied, Output, Reaction, Role, Span};

use crate::support::{Room, chat, config, offer, say, sent, shown};

fn told(room: &Room) -> Vec<Audience> {
    let audience = |output: &Output| match output {
        Output::Deliver { to, .. } => Some(to.clone()),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(audience).collect()
}

fn lines(room: &Room, viewer: &str) -> Vec<String> {
    room.view(viewer).chat.iter().map(shown).collect()
}

#[test]
fn who_comes_late_has_nothing_of_what_was_said_before() {
    let mut room = Room::open_with(config().late_chat(false));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    let first = sent(&room.ask("bob", say("among us")));
    let file = room.hand_on("bob", offer("plan.pdf", 10, None)).expect("handed to those there");
    room.pass(Span::from_secs(1));
    let cleo = room.join("cleo", Role::Participant);
    let dan = room.join("dan", Role::Moderator);
    let second = sent(&room.ask("bob", say("to all of us")));

    assert_eq!(lines(&room, "cleo"), ["bob: to all of us"]);
    assert_eq!(lines(&room, "dan").len(), 2, "who moderates reads all");
    assert!(room.view("cleo").files.is_empty() && room.view("dan").files.len() == 1);
    assert_eq!(room.watched.meeting.file(cleo, file), None);

    // Nor of what becomes of it, and nothing can be done with what is not there.
    room.ask("bob", Command::EditChat { message: first, text: chat("among us alone") });
    assert_eq!(told(&room), [Audience::EveryoneBut(vec![cleo])]);
    let heart = |message| Command::ReactChat { message, reaction: Reaction::Heart, on: true };
    for command in [
        heart(first),
        Command::DeleteChat { message: first },
        Command::ShowChat { with: None, before: first },
        Command::SendChat { text: chat("what?"), to: None, answers: Some(first) },
    ] {
        assert_eq!(room.refused("cleo", command), Denied::NoSuchMessage);
    }
    assert_eq!(room.refused("cleo", Command::DeleteFile { file }), Denied::NoSuchFile);
    room.ask("dan", Command::DeleteFile { file });
    assert_eq!(told(&room), [Audience::EveryoneBut(vec![cleo])]);
    room.ask("cleo", heart(second));
    assert_eq!(told(&room), [Audience::Everyone]);

    // A moderator who is one no longer reads what a participant reads.
    room.ask("ann", Command::Demote { target: dan });
    assert_eq!(lines(&room, "dan"), ["bob: to all of us"]);
    // Bob was there, and is there again after a broken link.
    room.lose_link("bob");
    room.join("bob", Role::Participant);
    assert_eq!(lines(&room, "bob").len(), 2);
}
