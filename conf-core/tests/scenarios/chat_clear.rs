//! A moderator empties the public chat; what people wrote each other stays.

use conf_core::audit::{AuditKind, audit_worthy};
use conf_core::{Command, Event};

use crate::support::{Room, chat, say, sent, whisper};

#[test]
fn the_public_chat_is_emptied_and_the_texts_are_named_for_forgetting() {
    let mut room = Room::with_ann_bob_and_cleo();
    assert_eq!(room.ask("ann", Command::ClearChat), [], "there is nothing to clear");
    let ann = room.id("ann");
    let first = sent(&room.ask("bob", say("one")));
    room.ask("bob", Command::EditChat { message: first, text: chat("two") });
    let edited = room.watched.meeting.seq();
    let second = sent(&room.ask("cleo", say("three")));
    room.ask("cleo", Command::DeleteChat { message: second });
    room.ask("bob", whisper(ann, "between us"));

    let happened = room.ask("ann", Command::ClearChat);
    assert_eq!(happened, [Event::ChatCleared { by: ann, held_in: vec![edited] }]);
    assert_eq!(audit_worthy(&happened[0]), Some(AuditKind::ChatCleared { by: ann }));
    assert!(room.view("cleo").chat.is_empty());
    assert_eq!(room.view("bob").private.len(), 1);
}
