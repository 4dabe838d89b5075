//! A lesson in which people talk, raise hands, answer and write: its teacher reads what each
//! did, and each reads the same of themself.

use std::collections::BTreeMap;

use conf_core::output::Audience;
use conf_core::personal::PersonalField;
use conf_core::signal::Signal;
use conf_core::view::{FiguresView, LearningPage};
use conf_core::{Answers, Command, Denied, Entry, Event, Input, Output, Role, Span};

use crate::support::{
    Room, ask_all, claim, config, divide, divided, guest, report, say, started, whisper,
};

const SHOW: Command = Command::ShowLearning { from: 0 };

fn signal(room: &Room) -> &Signal {
    match room.watched.outputs.as_slice() {
        [Output::Signal { to: Audience::Only(_), signal }] => signal,
        other => panic!("who asks is told, and nothing happens: {other:?}"),
    }
}

fn lesson(room: &mut Room, name: &str) -> LearningPage {
    room.ask(name, SHOW);
    match signal(room) {
        Signal::Learning(page) => page.clone(),
        other => panic!("{other:?}"),
    }
}

fn own(room: &mut Room, name: &str) -> FiguresView {
    room.ask(name, Command::ShowOwnLearning);
    match signal(room) {
        Signal::OwnLearning(own) => own.clone(),
        other => panic!("{other:?}"),
    }
}

/// Who talked for how many seconds since it was last told; what is journaled of it.
fn heard(room: &mut Room, heard: &[(&str, u64)]) -> Vec<Event> {
    let spans = heard.iter().map(|(name, seconds)| (room.id(name), Span::from_secs(*seconds)));
    let heard = spans.collect::<BTreeMap<_, _>>();
    room.hand_in(Input::Talked(heard)).expect("a live meeting can be told");
    assert!(
        !room.watched.outputs.iter().any(|output| matches!(output, Output::Deliver { .. })),
        "nobody is told who talked"
    );
    room.happened()
}

fn vote(room: &mut Room, name: &str, poll: conf_core::id::PollId, choice: u8) {
    room.ask(name, Command::Vote { poll, choices: vec![choice] });
}

/// A row as a teacher reads it: name, here, seconds there and talked, hands, polls, messages.
type Row = (String, bool, u64, u64, u32, u32, u32);

fn read(person: &FiguresView) -> Row {
    let name = person.name.as_ref().map_or("?", |name| name.as_str()).to_owned();
    let seconds = |span: Span| span.0 / 1_000;
    let FiguresView { here, present, talked, hands, polls, messages, .. } = *person;
    (name, here, seconds(present), seconds(talked), hands, polls, messages)
}

fn row(name: &str, here: bool, [present, talked]: [u64; 2], counts: [u32; 3]) -> Row {
    let [hands, polls, messages] = counts;
    (name.to_owned(), here, present, talked, hands, polls, messages)
}

fn taught() -> Room {
    let mut room = Room::open_with(config().learning(true));
    room.join("ann", Role::Moderator);
    room.join("recorder", Role::Service);
    let bob = room.join("bob", Role::Participant);
    room.wait("gil");
    room.ask("ann", Command::AdmitAll);
    room.pass(Span::from_secs(60));
    heard(&mut room, &[("ann", 40), ("bob", 5)]);
    for command in [Command::RaiseHand, Command::LowerHand { target: bob }, Command::RaiseHand] {
        room.ask("bob", command);
    }
    let asked = started(&room.ask("ann", ask_all(Answers::YesNo)));
    vote(&mut room, "bob", asked, 0);
    vote(&mut room, "bob", asked, 1);
    vote(&mut room, "gil", asked, 1);
    room.ask("bob", say("a question"));
    room.ask("bob", whisper(room.id("gil"), "between us"));
    room.ask("gil", say("an answer"));
    room.ask("bob", Command::Leave);
    room.pass(Span::from_secs(30));
    room.join("bob", Role::Participant);
    vote(&mut room, "bob", asked, 1);
    room.ask("ann", Command::ClosePoll { poll: asked });
    room.pass(Span::from_secs(10));
    heard(&mut room, &[("bob", 4)]);
    room
}

#[test]
fn what_each_did_is_read_by_the_teacher_and_by_themself() {
    let mut room = taught();
    room.lose_link("gil");
    room.pass(Span::from_secs(20));
    let expected = [
        row("ann", true, [120, 40], [0, 0, 0]),
        row("bob", true, [90, 9], [2, 1, 1]),
        row("gil", false, [100, 0], [0, 1, 1]),
    ];
    let page = lesson(&mut room, "ann");
    assert_eq!(page.people.iter().map(read).collect::<Vec<_>>(), expected);
    assert_eq!((page.from, page.total, page.left_out), (0, 3, 0));
    assert_eq!(own(&mut room, "bob"), page.people[1], "he sees what she sees of him");
    room.try_join(guest("gil")).expect("back in time");
    let back = own(&mut room, "gil");
    assert_eq!(read(&back), row("gil", true, [120, 0], [0, 1, 1]), "there all along");

    room.watched.restart();
    room.join("ann", Role::Moderator);
    let after = lesson(&mut room, "ann");
    let figures = |page: &LearningPage| -> Vec<_> {
        page.people.iter().map(|p| (p.talked, p.hands, p.polls, p.messages)).collect()
    };
    assert_eq!(figures(&after), figures(&page), "a restart loses nothing that was kept");
}

#[test]
fn nothing_is_counted_unless_the_room_wants_it_and_only_moderators_read_of_others() {
    let mut room = Room::with_ann_bob_and_cleo();
    assert!(!room.view("bob").learning);
    assert_eq!(room.refused("ann", SHOW), Denied::LearningOff);
    assert_eq!(room.refused("bob", Command::ShowOwnLearning), Denied::LearningOff);
    room.pass(Span::from_secs(10));
    assert_eq!(heard(&mut room, &[("bob", 5)]), [], "no talk is kept");

    let mut room = taught();
    assert!(room.view("bob").learning, "everyone is told");
    assert!(matches!(room.refused("bob", SHOW), Denied::NotAllowed { .. }));
    assert!(matches!(
        room.refused("recorder", Command::ShowOwnLearning),
        Denied::NotAllowed { .. }
    ));
}

#[test]
fn nobody_talks_for_longer_than_they_are_there() {
    let mut room = taught();
    let before = own(&mut room, "bob");
    room.ask("bob", Command::Leave);
    // What was heard until then may be told after it.
    heard(&mut room, &[("bob", 500)]);
    let again = room.try_join(claim("bob", Role::Participant)).expect("he comes again");
    assert_eq!(own(&mut room, "bob").talked, Span(before.talked.0 + 6_000), "of ten since he came");
    assert_eq!(heard(&mut room, &[("bob", 3), ("recorder", 3)]), [], "he has just come");
    room.ask("ann", Command::Remove { target: again, ban: true });
    room.pass(Span::from_secs(10));
    assert_eq!(heard(&mut room, &[("bob", 3)]), []);
}

#[test]
fn an_anonymous_vote_leaves_no_figure() {
    let mut room = Room::of_three(config().learning(true));
    let Command::StartPoll { question, answers, several, .. } = ask_all(Answers::YesNo) else {
        unreachable!("it asks")
    };
    let ask = Command::StartPoll { question, answers, several, anonymous: true, right: vec![] };
    let poll = started(&room.ask("ann", ask));
    let others: Vec<String> = (0..4).map(|n| format!("voter {n}")).collect();
    for name in &others {
        room.join(name, Role::Participant);
    }
    for name in others.iter().map(String::as_str).chain(["bob", "cleo"]) {
        vote(&mut room, name, poll, 0);
    }
    room.hand_in(Input::Tick).expect("votes are counted");
    room.ask("ann", Command::ClosePoll { poll });
    let page = lesson(&mut room, "ann");
    assert!(page.people.iter().all(|person| person.polls == 0));
}

#[test]
fn a_breakout_counts_nothing_and_time_in_it_is_time_here() {
    let mut room = Room::of_three(config().learning(true).attendance(true));
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    let rooms = divided(&room.ask("ann", divide(&[bob], &[cleo], false)));
    let passed = room.ask("bob", Command::EnterBreakout { breakout: 0 });
    let meeting = &room.watched.meeting;
    let pass = meeting.pass(&passed[0], room.watched.now + Span::from_mins(1));
    assert!(!pass.expect("he may go in").config.learning);
    room.hand_in(report(rooms[0], &[bob])).expect("it is told");
    room.pass(Span::from_secs(60));
    assert_eq!(read(&own(&mut room, "bob")), row("bob", true, [60, 0], [0, 0, 0]));
}

#[test]
fn an_erased_person_has_no_figures_and_no_talk_is_left_of_them() {
    let mut room = taught();
    let ids: Vec<_> = room
        .watched
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Joined(who) => (who.name.as_ref()?.as_str() == "bob").then_some(who.participant),
            _ => None,
        })
        .collect();
    let mut erase = |entry: &mut Entry| {
        entry.event.visit_personal(&mut |who, field: &mut dyn PersonalField| {
            if ids.contains(&who) {
                field.take();
            }
        });
    };
    room.watched.journal.iter_mut().for_each(&mut erase);
    let talked = room.watched.journal.iter().find_map(|entry| match &entry.event {
        Event::Talked(talked) => Some(talked.clone()),
        _ => None,
    });
    let talked = talked.expect("they talked");
    let left: Vec<_> = talked.people.iter().map(|talk| talk.time.is_erased()).collect();
    assert_eq!(left.iter().filter(|erased| **erased).count(), 1, "his is gone, hers is not");

    let state = conf_core::fuzzing::Watched::replay(&room.watched.journal);
    let ids = Box::new(conf_core::fuzzing::Seeded(4));
    room.watched.meeting = conf_core::Meeting::restore(ids, state, []).expect("it is its own");
    let page = lesson(&mut room, "ann");
    let names: Vec<_> = page.people.iter().map(|person| read(person).0).collect();
    assert_eq!(names, ["ann", "gil"]);
    assert_eq!(room.refused("bob", Command::ShowOwnLearning), Denied::NotCounted);
}
