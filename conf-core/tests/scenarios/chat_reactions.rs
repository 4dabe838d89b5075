//! Signs under a message: each once a person, taken back by the same, bounded.

use conf_core::id::MessageId;
use conf_core::{Command, Denied, Event, Reaction, Role};

use crate::support::{Room, config, say, sent};

fn react(message: MessageId, reaction: Reaction, on: bool) -> Command {
    Command::ReactChat { message, reaction, on }
}

#[test]
fn a_sign_is_put_once_and_taken_back() {
    let mut room = Room::with_ann_bob_and_cleo();
    let message = sent(&room.ask("ann", say("lunch?")));
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    let (reaction, on) = (Reaction::ThumbsUp, true);
    let put = room.ask("bob", react(message, reaction, on));
    assert_eq!(put, [Event::ChatReacted { message, by: bob, reaction, on }]);
    assert_eq!(room.ask("bob", react(message, reaction, on)), []);
    room.ask("cleo", react(message, Reaction::Heart, true));
    room.ask("cleo", react(message, reaction, true));
    let shown = |room: &Room| {
        let line = room.view("ann").chat.remove(0);
        line.reactions.into_iter().map(|r| (r.reaction, r.by.len())).collect::<Vec<_>>()
    };
    assert_eq!(shown(&room), [(Reaction::ThumbsUp, 2), (Reaction::Heart, 1)]);
    room.ask("bob", react(message, reaction, false));
    room.ask("cleo", react(message, Reaction::Heart, false));
    assert_eq!(shown(&room), [(Reaction::ThumbsUp, 1)]);
    assert!(room.view("bob").chat[0].reactions[0].by.contains(&cleo));

    room.ask("ann", Command::DeleteChat { message });
    assert_eq!(shown(&room), [], "they go with the words");
    assert_eq!(room.refused("bob", react(message, reaction, true)), Denied::NoSuchMessage);
}

#[test]
fn a_message_takes_so_many_and_no_more() {
    let mut room = Room::open_with(config().chat_burst(1_000));
    room.join("ann", Role::Moderator);
    let message = sent(&room.ask("ann", say("lunch?")));
    for number in 0..100 {
        let name = format!("p{number}");
        room.join(&name, Role::Participant);
        room.ask(&name, react(message, Reaction::Clap, true));
    }
    let denied = room.refused("ann", react(message, Reaction::Clap, true));
    assert_eq!(denied, Denied::TooManyReactions { max: 100 });
    room.ask("p7", react(message, Reaction::Clap, false));
    room.ask("ann", react(message, Reaction::Clap, true));
}
