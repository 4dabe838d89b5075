//! What two people write each other nobody else is told, moderators included.

use conf_core::audit::audit_worthy;
use conf_core::id::MessageId;
use conf_core::output::Audience;
use conf_core::policy::action::Action;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Output, Reaction, Role};

use crate::chat_older::all;
use crate::support::{Room, chat, config, defaults, say, sent, shown, whisper};

fn private(room: &Room, viewer: &str) -> Vec<String> {
    room.view(viewer).private.iter().map(shown).collect()
}

/// Who was told of the last input.
fn told(room: &Room) -> Vec<Audience> {
    let audience = |output: &Output| match output {
        Output::Deliver { to, .. } => Some(to.clone()),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(audience).collect()
}

#[test]
fn a_private_line_and_all_that_becomes_of_it_is_told_to_two() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    let message = sent(&room.ask("bob", whisper(cleo, "helo")));
    let two = [Audience::Between(bob, cleo)];
    assert_eq!(told(&room), two);
    room.ask("bob", Command::EditChat { message, text: chat("hello") });
    assert_eq!(told(&room), two);
    let heart = Command::ReactChat { message, reaction: Reaction::Heart, on: true };
    room.ask("cleo", heart.clone());
    assert_eq!(told(&room), two);
    assert_eq!(private(&room, "bob"), ["bob: hello (edited)"]);
    assert_eq!(private(&room, "cleo"), ["bob: hello (edited)"]);
    assert!(private(&room, "ann").is_empty());
    assert!(room.view("ann").chat.is_empty() && room.view("cleo").chat.is_empty());

    // Whoever cannot see it learns not even that it exists.
    for command in [heart, Command::DeleteChat { message }] {
        assert_eq!(room.refused("ann", command), Denied::NoSuchMessage);
    }
    let deleted = room.ask("bob", Command::DeleteChat { message });
    assert_eq!(told(&room), two);
    assert_eq!(audit_worthy(&deleted[0]), None);
    assert_eq!(private(&room, "cleo"), ["bob took it back"]);
}

#[test]
fn locked_it_still_leads_to_moderators_and_from_them() {
    let mut room = Room::of_three(defaults());
    assert!(room.view("bob").locks.contains(Lock::PrivateChat), "locked unless opened");
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    let denied = room.refused("bob", whisper(cleo, "psst"));
    let lock = Lock::PrivateChat;
    assert_eq!(denied, Denied::Locked { action: Action::SendPrivateChat, lock });
    room.ask("bob", whisper(ann, "help"));
    let message = sent(&room.ask("ann", whisper(bob, "how?")));
    room.ask("bob", Command::ReactChat { message, reaction: Reaction::ThumbsUp, on: true });
    assert_eq!(private(&room, "bob"), ["bob: help", "ann: how?"]);

    // The moderator cannot take away what was written to them.
    let help = room.view("bob").private[0].id;
    let denied = room.refused("ann", Command::DeleteChat { message: help });
    let action = Action::DeletePrivateChatOfOther;
    assert_eq!(denied, Denied::NotAllowed { action, role: Role::Moderator });
}

#[test]
fn one_does_not_write_to_oneself_to_machines_or_to_nobody() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    let recorder = room.join("recorder", Role::Service);
    assert_eq!(room.refused("ann", whisper(ann, "note")), Denied::NotWritable);
    assert_eq!(room.refused("ann", whisper(recorder, "note")), Denied::NotWritable);
    room.ask("bob", Command::Leave);
    assert_eq!(room.refused("ann", whisper(bob, "note")), Denied::NoSuchParticipant);
}

#[test]
fn the_one_who_stays_keeps_the_lines_and_nobody_does_once_both_are_gone() {
    let mut room = Room::with_ann_bob_and_cleo();
    let ann = room.id("ann");
    let bob = room.id("bob");
    room.ask("bob", whisper(ann, "see you"));
    room.ask("bob", Command::Leave);
    assert_eq!(private(&room, "ann"), ["bob: see you"]);
    assert!(room.watched.meeting.name_of(bob).is_some());
    room.ask("ann", Command::Leave);
    assert!(room.watched.meeting.name_of(bob).is_none(), "nobody is left to read it");
}

#[test]
fn no_pair_crowds_out_the_others_and_together_they_are_bounded() {
    let mut room = Room::open_with(config().chat_burst(1_000).private_history(202));
    for (name, role) in
        [("ann", Role::Moderator), ("bob", Role::Participant), ("cleo", Role::Participant)]
    {
        room.join(name, role);
    }
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    room.ask("cleo", whisper(ann, "first"));
    for number in 0..=200 {
        let (from, to) = if number % 2 == 0 { ("ann", bob) } else { ("bob", ann) };
        room.ask(from, whisper(to, &format!("line {number}")));
    }
    let bobs = all(&mut room, "bob", Some(ann));
    assert_eq!((bobs.len(), bobs[0].as_str()), (200, "bob: line 1"));
    assert_eq!(private(&room, "cleo"), ["cleo: first"]);

    room.ask("ann", whisper(cleo, "second"));
    assert_eq!(private(&room, "cleo").len(), 2, "200 and 2 are what is kept");
    room.ask("cleo", whisper(ann, "third"));
    assert_eq!(private(&room, "cleo"), ["ann: second", "cleo: third"], "the oldest of all went");
}

#[test]
fn the_public_chat_does_not_count_private_lines() {
    let mut room = Room::open_with(config().chat_history(1));
    room.join("ann", Role::Moderator);
    let bob = room.join("bob", Role::Participant);
    room.ask("ann", say("for all"));
    room.ask("ann", whisper(bob, "for you"));
    assert_eq!(room.view("bob").chat.len(), 1);
    assert_eq!(room.view("bob").private.len(), 1);
    assert_ne!(room.view("bob").private[0].id, MessageId::from_number(0));
}
