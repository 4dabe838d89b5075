//! A quiz: what is right nobody but who asks learns before it is published, then everyone.

use conf_core::event::{PollKeySet, PollPublished, PollTallied};
use conf_core::id::PollId;
use conf_core::output::{Audience, Output};
use conf_core::view::PollStage;
use conf_core::{Answers, Command, Denied, Event, PollKey, Role};

use crate::support::{Room, ask_all, started};

/// Asks about three letters, of which the first and the last are right.
fn quiz(several: bool, anonymous: bool) -> Command {
    quiz_of(&[2, 0, 2], several, anonymous)
}

fn quiz_of(right: &[u8], several: bool, anonymous: bool) -> Command {
    let Command::StartPoll { question, answers, .. } = ask_all(Answers::Letters { count: 3 })
    else {
        unreachable!("it asks")
    };
    Command::StartPoll { question, answers, several, anonymous, right: right.to_vec() }
}

/// A lesson: who teaches, who helps to moderate, and so many pupils.
fn lesson(pupils: usize) -> (Room, Vec<String>) {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    room.join("mo", Role::Moderator);
    let names: Vec<String> = (0..pupils).map(|n| format!("pupil {n}")).collect();
    for name in &names {
        room.join(name, Role::Participant);
    }
    (room, names)
}

fn vote(room: &mut Room, name: &str, poll: PollId, choices: &[u8]) {
    room.ask(name, Command::Vote { poll, choices: choices.to_vec() });
}

fn key(room: &Room, name: &str) -> Option<PollKey> {
    let poll = room.view(name).polls.pop().expect("a poll is shown");
    assert!(poll.quiz, "everyone knows that it is a quiz");
    poll.key
}

#[test]
fn what_is_right_is_told_to_who_asks_and_to_everyone_once_published() {
    let (mut room, names) = lesson(3);
    let ann = room.id("ann");
    let happened = room.ask("ann", quiz(true, false));
    let poll = started(&happened);
    assert_eq!(happened[1], Event::PollKeySet(PollKeySet { poll, by: ann, right: vec![0, 2] }));
    let told: Vec<&Audience> = room.watched.outputs.iter().filter_map(told_of_the_key).collect();
    assert_eq!(told, [&Audience::Only(ann)]);

    vote(&mut room, &names[0], poll, &[0, 2]);
    vote(&mut room, &names[1], poll, &[0]);
    vote(&mut room, &names[2], poll, &[0, 1, 2]);
    room.join("late", Role::Participant);
    let known = Some(PollKey { right: vec![0, 2], wholly: None });
    for closed in [false, true] {
        if closed {
            room.ask("mo", Command::ClosePoll { poll });
        }
        assert_eq!(key(&room, "ann"), known);
        for other in ["mo", "late", &names[0]] {
            assert_eq!(key(&room, other), None, "{other} does not know what is right");
        }
    }

    let published = room.ask("mo", Command::PublishPoll { poll });
    let counted = PollKey { right: vec![0, 2], wholly: Some(1) };
    let [Event::PollPublished(PollPublished { key: told, .. })] = &published[..] else {
        panic!("it is published: {published:?}")
    };
    assert_eq!(told.as_ref(), Some(&counted), "the exact choices of several, no fewer, no more");
    assert_eq!(key(&room, "late"), Some(counted));
    room.ask("ann", Command::WithdrawPoll { poll });
    assert_eq!(room.view("late").polls, [], "the key goes with the poll");
}

fn told_of_the_key(output: &Output) -> Option<&Audience> {
    match output {
        Output::Deliver { to, entry } if matches!(entry.event, Event::PollKeySet(_)) => Some(to),
        _ => None,
    }
}

#[test]
fn where_one_chooses_one_each_of_what_is_right_is_wholly_right() {
    let (mut room, names) = lesson(3);
    let poll = started(&room.ask("ann", quiz(false, false)));
    for (name, choice) in names.iter().zip(0..) {
        vote(&mut room, name, poll, &[choice]);
    }
    room.ask("ann", Command::ClosePoll { poll });
    room.ask("ann", Command::PublishPoll { poll });
    assert_eq!(key(&room, "mo").and_then(|key| key.wholly), Some(2));
}

#[test]
fn an_anonymous_quiz_counts_who_was_right_as_it_counts_choices() {
    let (mut room, names) = lesson(11);
    let ann = room.id("ann");
    let poll = started(&room.ask("ann", quiz(true, true)));
    for (name, nth) in names.iter().zip(0..) {
        let choices: &[u8] = if nth % 3 == 0 { &[2, 0] } else { &[0, nth % 3] };
        vote(&mut room, name, poll, choices);
        assert_eq!(room.happened(), [], "one vote is no entry, right or wrong");
    }
    let closed = room.ask("ann", Command::ClosePoll { poll });
    let counts = |event: &Event| match event {
        Event::VotesCounted { voters, counts, .. } => Some((voters.len(), counts.clone())),
        _ => None,
    };
    let groups: Vec<(usize, Vec<u32>)> =
        room.watched.journal.iter().filter_map(|entry| counts(&entry.event)).collect();
    assert!(groups.iter().all(|(voters, counts)| *voters >= 5 && counts.len() == 4), "{groups:?}");
    let sum = |at: usize| groups.iter().map(|(_, counts)| counts[at]).sum::<u32>();
    assert_eq!([sum(0), sum(1), sum(2), sum(3)], [11, 4, 7, 7]);
    let tallied =
        Event::PollTallied(PollTallied { poll, to: ann, counts: vec![11, 4, 7], written: vec![] });
    assert!(closed.contains(&tallied), "moderators do not learn how many were right: {closed:?}");

    room.ask("ann", Command::PublishPoll { poll });
    let seen = room.view(&names[0]).polls.remove(0);
    assert_eq!((seen.stage, seen.counts), (PollStage::Published, Some(vec![11, 4, 7])));
    assert_eq!(seen.key, Some(PollKey { right: vec![0, 2], wholly: Some(7) }));
    assert_eq!(seen.votes, []);
}

#[test]
fn what_is_right_is_among_the_choices() {
    let (mut room, _) = lesson(0);
    assert_eq!(room.refused("ann", quiz_of(&[0, 3], true, false)), Denied::BadPollKey);
    room.ask("ann", quiz_of(&[0, 1, 2], true, false));
}
