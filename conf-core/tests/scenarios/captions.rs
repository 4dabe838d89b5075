//! Captions in two languages: who writes, what is read, what can still be mended.

use conf_core::id::{CaptionId, ParticipantId};
use conf_core::output::Audience;
use conf_core::policy::action::Action;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Event, Language, Output, Role, Signal, Span};

use crate::support::{Room, caption, config, defaults, german, words};

fn english() -> Language {
    Language::new("EN").expect("a valid tag")
}

fn have_write(language: Language, target: Option<ParticipantId>) -> Command {
    Command::SetCaptionWriter { language, target }
}

fn correct(line: CaptionId, text: &str) -> Command {
    Command::CorrectCaption { line, text: words(text) }
}

fn written(happened: &[Event]) -> CaptionId {
    match happened {
        [Event::CaptionWritten { line, .. }] => *line,
        other => panic!("expected one line, found {other:?}"),
    }
}

/// What `name` is shown when they come, with its language.
fn read(room: &Room, name: &str) -> Vec<String> {
    let view = room.view(name);
    let text = |line: &conf_core::view::CaptionLine| {
        let text = line.text.as_ref().map_or("?", |text| text.as_str());
        format!("{}: {text}", line.language.as_str())
    };
    view.captions.iter().map(text).collect()
}

/// What was told last, and to whom.
fn told(room: &Room) -> Option<(&Audience, &Signal)> {
    room.watched.outputs.iter().find_map(|output| match output {
        Output::Signal { to, signal } => Some((to, signal)),
        _ => None,
    })
}

#[test]
fn two_people_write_in_two_languages_and_a_late_joiner_reads_both() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    room.ask("ann", have_write(german(), Some(bob)));
    room.ask("ann", have_write(english(), Some(cleo)));

    let draft = Command::DraftCaption { language: german(), text: Some(words("Guten M")) };
    assert_eq!(room.ask("bob", draft), [], "nothing is kept of what is being typed");
    let shown = Signal::Caption { by: bob, language: german(), text: Some(words("Guten M")) };
    assert_eq!(told(&room), Some((&Audience::Everyone, &shown)));
    room.ask("bob", caption("Guten Morgen."));
    let language = english();
    room.ask("cleo", Command::WriteCaption { language, text: words("Good morning.") });

    room.join("dora", Role::Participant);
    assert_eq!(read(&room, "dora"), ["de: Guten Morgen.", "en: Good morning."]);
    let view = room.view("dora");
    let writers: Vec<_> =
        view.caption_writers.iter().map(|w| (w.language.as_str(), w.participant)).collect();
    assert_eq!(writers, [("de", bob), ("en", cleo)]);

    // Another takes over; who goes takes the mark along.
    room.ask("ann", have_write(german(), Some(ann)));
    let unasked =
        Denied::NotAllowed { action: Action::WriteCaptionUnasked, role: Role::Participant };
    assert_eq!(room.refused("bob", caption("Noch etwas")), unasked);
    assert_eq!(room.refused("cleo", caption("Auf Deutsch")), unasked);
    room.ask("cleo", Command::Leave);
    assert_eq!(room.view("dora").caption_writers.len(), 1);
    assert_eq!(read(&room, "dora").len(), 2, "what they wrote stays");
}

#[test]
fn a_writer_may_stop_and_cannot_make_another_write() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    room.ask("ann", have_write(german(), Some(bob)));
    let action = Action::SetCaptionWriter;
    let denied = Denied::NotAllowed { action, role: Role::Participant };
    assert_eq!(room.refused("bob", have_write(german(), Some(cleo))), denied);
    assert_eq!(room.refused("cleo", have_write(german(), None)), denied);
    let ended = room.ask("bob", have_write(german(), None));
    assert!(matches!(ended[..], [Event::CaptionWriterEnded { by, .. }] if by == bob));
    let recorder = room.join("recorder", Role::Service);
    let denied = room.refused("ann", have_write(german(), Some(recorder)));
    assert_eq!(denied, Denied::NotAPerson);
}

#[test]
fn the_last_line_is_corrected_for_a_while() {
    let mut room = Room::with_ann_bob_and_cleo();
    let bob = room.id("bob");
    room.ask("ann", have_write(german(), Some(bob)));
    let first = written(&room.ask("bob", caption("Frau Maier spricht")));
    room.ask("bob", correct(first, "Frau Meyer spricht"));
    assert_eq!(read(&room, "cleo"), ["de: Frau Meyer spricht"]);
    let second = written(&room.ask("bob", caption("Sie ist Arztin")));
    assert_eq!(
        room.refused("bob", correct(first, "x")),
        Denied::CaptionFinal,
        "no longer the last"
    );
    for n in 0..10 {
        room.ask("bob", correct(second, &format!("Sie ist Ärztin {n}")));
    }
    assert_eq!(room.refused("bob", correct(second, "x")), Denied::CaptionFinal, "often enough");
    let third = written(&room.ask("bob", caption("und Autorin")));
    room.pass(Span::from_secs(60));
    assert_eq!(room.refused("bob", correct(third, "x")), Denied::CaptionFinal, "a minute ago");
    let nothing = CaptionId::from_number(1);
    assert_eq!(room.refused("bob", correct(nothing, "x")), Denied::NoSuchCaption);
    let action = Action::WriteCaptionUnasked;
    let denied = Denied::NotAllowed { action, role: Role::Moderator };
    assert_eq!(room.refused("ann", correct(third, "x")), denied, "words are one's own");
}

#[test]
fn the_text_is_taken_along_by_moderators_and_by_all_where_the_room_allows_it() {
    let mut room = Room::of_three(defaults());
    let bob = room.id("bob");
    room.ask("ann", have_write(german(), Some(bob)));
    for n in 0..45 {
        room.ask("bob", caption(&format!("Zeile {n}")));
        room.pass(Span::from_secs(1));
    }
    assert_eq!(read(&room, "cleo").len(), 40, "who comes is shown the last ones");
    let save = Command::SaveCaptions { language: german() };
    let (action, lock) = (Action::SaveCaptions, Lock::SaveCaptions);
    assert_eq!(room.refused("cleo", save.clone()), Denied::Locked { action, lock });
    room.ask("ann", Command::SetLock { lock, on: false });
    for name in ["ann", "cleo"] {
        room.ask(name, save.clone());
        let Some((to, Signal::CaptionText { lines, .. })) = told(&room) else { panic!("the text") };
        assert_eq!((to, lines.len()), (&Audience::Only(room.id(name)), 45));
    }
}

#[test]
fn lines_languages_and_haste_have_a_bound() {
    let mut room = Room::of_three(config().caption_history(25));
    let bob = room.id("bob");
    for n in 0..12u8 {
        let language = Language::new(&format!("de-x-{n}")).expect("a valid tag");
        room.ask("ann", have_write(language, Some(bob)));
    }
    let full = Denied::TooManyLanguages { max: 12 };
    assert_eq!(room.refused("ann", have_write(german(), Some(bob))), full);
    room.ask("ann", have_write(Language::new("de-x-0").expect("a valid tag"), None));
    room.ask("ann", have_write(german(), Some(bob)));
    for n in 0..20 {
        room.ask("bob", caption(&format!("Zeile {n}")));
    }
    assert_eq!(room.refused("bob", caption("zu schnell")), Denied::TooFast { max: 20 });
    room.pass(Span::from_secs(10));
    for n in 20..30 {
        room.ask("bob", caption(&format!("Zeile {n}")));
    }
    assert_eq!(read(&room, "cleo").first().map(String::as_str), Some("de: Zeile 5"));
}
