//! Whoever comes is shown the end of the chat, and asks for the rest part by part.

use conf_core::id::ParticipantId;
use conf_core::output::Audience;
use conf_core::view::{ChatLine, ChatPage};
use conf_core::{Command, Denied, Output, Role, Signal, Span};

use crate::support::{Room, config, say, sent, shown, whisper};

/// `name` says or whispers so many lines, as fast as one may.
fn write(room: &mut Room, name: &str, lines: usize, line: impl Fn(usize) -> Command) {
    for n in 0..lines {
        room.ask(name, line(n));
        room.pass(Span(600));
    }
}

/// What `name` is shown before the first line of `lines`.
fn page(room: &mut Room, name: &str, with: Option<ParticipantId>, lines: &[ChatLine]) -> ChatPage {
    room.ask(name, Command::ShowChat { with, before: lines[0].id });
    let told = room.watched.outputs.iter().find_map(|output| match output {
        Output::Signal { to, signal: Signal::Chat(page) } => Some((to.clone(), page.clone())),
        _ => None,
    });
    let (to, page) = told.expect("lines");
    assert_eq!((to, page.with), (Audience::Only(room.id(name)), with));
    page
}

/// All that `name` is shown of a conversation, asking until there is no more.
pub(crate) fn all(room: &mut Room, name: &str, with: Option<ParticipantId>) -> Vec<String> {
    let view = room.view(name);
    let mut older =
        with.map_or(view.older_chat.everyone, |with| view.older_chat.with.contains(&with));
    let mut lines = with.map_or(view.chat, |with| {
        let theirs = |line: &ChatLine| line.from == with || line.to == Some(with);
        view.private.into_iter().filter(theirs).collect()
    });
    while older {
        let before = page(room, name, with, &lines);
        assert!(!before.lines.is_empty(), "what is said to be there is there");
        older = before.older;
        lines.splice(0..0, before.lines);
    }
    lines.iter().map(shown).collect()
}

#[test]
fn a_late_joiner_reads_all_that_is_kept_part_by_part() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    write(&mut room, "ann", 130, |n| say(&format!("line {n}")));
    room.join("cleo", Role::Participant);
    let view = room.view("cleo");
    assert_eq!((view.chat.len(), view.older_chat.everyone), (50, true));
    assert_eq!(shown(&view.chat[49]), "ann: line 129");
    let written: Vec<_> = (0..130).map(|n| format!("ann: line {n}")).collect();
    assert_eq!(all(&mut room, "cleo", None), written);
}

#[test]
fn long_lines_are_fewer_at_a_time_and_one_is_always_shown() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    // Of four bytes each: two thousand characters are most of what goes out at once.
    let long = "\u{1f600}".repeat(2_000);
    write(&mut room, "ann", 9, |_| say(&long));
    assert_eq!(room.view("ann").chat.len(), 4);
    assert_eq!(all(&mut room, "ann", None).len(), 9);
}

#[test]
fn each_conversation_is_found_by_its_last_line_and_read_by_itself() {
    let mut room = Room::open_with(config());
    room.join("ann", Role::Moderator);
    let bob = room.join("bob", Role::Participant);
    let cleo = room.join("cleo", Role::Participant);
    write(&mut room, "ann", 60, |n| whisper(bob, &format!("to bob {n}")));
    write(&mut room, "ann", 70, |n| whisper(cleo, &format!("to cleo {n}")));
    let view = room.view("ann");
    let first = view.private.first().expect("the last one to bob");
    assert_eq!((shown(first), view.private.len()), ("ann: to bob 59".to_owned(), 51));
    assert_eq!(view.older_chat.with, [bob, cleo]);
    for (with, word, lines) in [(bob, "bob", 60), (cleo, "cleo", 70)] {
        let written: Vec<_> = (0..lines).map(|n| format!("ann: to {word} {n}")).collect();
        assert_eq!(all(&mut room, "ann", Some(with)), written);
    }
    // Neither of the two reads the other's, nor learns that it is there.
    assert_eq!(room.view("bob").older_chat.with, [room.id("ann")]);
    let before = view.private.last().expect("one to cleo").id;
    let ask = |with| Command::ShowChat { with, before };
    for with in [Some(cleo), Some(room.id("ann")), None] {
        assert_eq!(room.refused("bob", ask(with)), Denied::NoSuchMessage);
    }
}

#[test]
fn what_is_left_out_of_one_conversation_takes_no_room_from_another() {
    let mut room = Room::open_with(config());
    room.join("ann", Role::Moderator);
    let bob = room.join("bob", Role::Participant);
    let cleo = room.join("cleo", Role::Participant);
    write(&mut room, "ann", 10, |n| whisper(cleo, &format!("to cleo {n}")));
    write(&mut room, "ann", 60, |n| whisper(bob, &format!("to bob {n}")));
    // Four of them are nearly all that goes out at once.
    let long = "\u{1f600}".repeat(1_900);
    write(&mut room, "ann", 5, |_| whisper(bob, &long));
    let view = room.view("ann");
    let with = |who| view.private.iter().filter(move |line| line.to == Some(who)).count();
    assert_eq!((with(bob), with(cleo)), (4, 10));
    assert_eq!(view.older_chat.with, [bob]);
}

#[test]
fn a_line_that_is_kept_no_more_leads_nowhere_and_reading_has_a_pace() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let first = sent(&room.ask("ann", say("one")));
    let second = sent(&room.ask("ann", say("two")));
    let before = |message| Command::ShowChat { with: None, before: message };
    for _ in 0..60 {
        room.ask("ann", before(second));
    }
    assert_eq!(room.refused("ann", before(second)), Denied::TooFast { max: 60 });
    room.pass(Span::from_secs(10));
    room.ask("ann", before(first));
    room.ask("ann", Command::ClearChat);
    assert_eq!(room.refused("ann", before(second)), Denied::NoSuchMessage);
}
