//! Somebody takes the minutes: who writes, who reads, and what of it is kept.

use conf_core::output::Audience;
use conf_core::text::MinutesText;
use conf_core::{Command, Denied, Event, Output, Role, Span};

use crate::support::Room;

fn write(text: &str, over: u32) -> Command {
    let text = MinutesText::new(text).ok();
    Command::WriteMinutes { text, over }
}

/// What `name` reads; `None` where the minutes are not for them.
fn read(room: &Room, name: &str) -> Option<String> {
    let text = room.view(name).minutes?.text;
    Some(
        text.and_then(|text| text.as_ref().map(|text| text.as_str().to_owned()))
            .unwrap_or_default(),
    )
}

fn told(room: &Room) -> Vec<Audience> {
    let to = |output: &Output| match output {
        Output::Deliver { to, .. } => Some(to.clone()),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(to).collect()
}

fn reshown(room: &Room) -> usize {
    room.watched.outputs.iter().filter(|output| matches!(output, Output::Reshow { .. })).count()
}

#[test]
fn who_takes_the_minutes_writes_them_and_everyone_reads_them_once_released() {
    let mut room = Room::with_ann_bob_and_cleo();
    let bob = room.id("bob");
    assert!(matches!(room.refused("bob", write("I was here.", 0)), Denied::NotAllowed { .. }));
    assert_eq!(read(&room, "bob"), None);
    room.ask("ann", Command::SetMinuteTaker { target: Some(bob) });
    assert_eq!(reshown(&room), 1, "he is shown what he is to write on");
    assert_eq!(read(&room, "bob").as_deref(), Some(""));
    room.ask("bob", write("# Beginning", 0));
    assert_eq!(told(&room), [Audience::ModeratorsAnd(bob)]);
    assert_eq!((read(&room, "ann").as_deref(), read(&room, "cleo")), (Some("# Beginning"), None));
    assert!(matches!(
        room.refused("bob", Command::ReleaseMinutes { on: true }),
        Denied::NotAllowed { .. }
    ));

    room.ask("ann", Command::ReleaseMinutes { on: true });
    assert_eq!(reshown(&room), 1, "she reads them now; the others did before");
    assert_eq!(read(&room, "cleo").as_deref(), Some("# Beginning"));
    room.pass(Span::from_secs(2));
    room.ask("ann", write("# Beginning\nWe begin.", 1));
    assert_eq!(told(&room), [Audience::Everyone]);
    room.watched.restart();
    room.join("cleo", Role::Participant);
    assert_eq!(read(&room, "cleo").as_deref(), Some("# Beginning\nWe begin."));
    room.join("ann", Role::Moderator);
    room.ask("ann", Command::ReleaseMinutes { on: false });
    assert_eq!(read(&room, "cleo"), None);
}

#[test]
fn two_who_write_at_once_do_not_write_over_each_other() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", write("a", 0));
    assert_eq!(room.refused("ann", write("b", 0)), Denied::MinutesChanged);
    assert_eq!(room.refused("ann", write("b", 1)), Denied::MinutesTooSoon);
    assert_eq!(room.ask("ann", write("a", 1)), [], "what it says already is not written again");
    room.pass(Span::from_secs(2));
    assert_eq!(room.refused("ann", write(&"x".repeat(20_000), 1)), Denied::MinutesTooSoon);
    room.pass(Span::from_secs(8));
    room.ask("ann", write(&"x".repeat(20_000), 1));
}

#[test]
fn what_the_minutes_said_before_is_forgotten() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", write("a", 0));
    let held = room.watched.meeting.seq();
    room.pass(Span::from_secs(2));
    let happened = room.ask("ann", write("b", 1));
    assert_eq!(happened[0].forgets(), [held]);
    let held = room.watched.meeting.seq();
    room.pass(Span::from_secs(2));
    let happened = room.ask("ann", write("", 2));
    assert!(matches!(happened[..], [Event::MinutesWritten { text: None, version: 3, .. }]));
    assert_eq!(happened[0].forgets(), [held]);
    room.pass(Span::from_secs(2));
    let happened = room.ask("ann", write("c", 3));
    assert!(happened[0].forgets().is_empty(), "nothing was said in between");
}
