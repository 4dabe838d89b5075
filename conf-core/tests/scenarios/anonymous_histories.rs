//! Random histories of anonymous polls: nothing that is journaled, remembered or asked of the
//! world has fewer than five voters beside what they chose.

use std::collections::BTreeSet;

use conf_core::event::{Newcomer, PollClosed};
use conf_core::fuzzing::Seeded;
use conf_core::id::{IdSource, ParticipantId, PollId};
use conf_core::output::Output;
use conf_core::{Answers, Command, Denied, Event, Input, Role, Span};
use serde_json::Value;

use crate::support::{Room, ask_all, started};

const FEWEST: usize = 5;

const HISTORIES: u64 = 60;

const STEPS: usize = 90;

#[test]
fn nothing_joins_fewer_than_five_voters_and_their_choices() {
    let mut all = Story::default();
    for seed in 0..HISTORIES {
        let story = play(seed);
        all.groups += story.groups;
        all.closed += story.closed;
        all.uncounted += story.uncounted;
        all.refused += story.refused;
        all.restarts += story.restarts;
    }
    assert!(all.groups > 100 && all.closed > 100, "{all:?}");
    assert!(all.uncounted > 50 && all.refused > 50 && all.restarts > 50, "{all:?}");
}

/// What there was of each in a history.
#[derive(Debug, Default)]
struct Story {
    groups: usize,
    closed: usize,
    uncounted: u32,
    refused: usize,
    restarts: usize,
}

fn play(seed: u64) -> Story {
    let mut dice = Seeded(seed);
    let mut die = |sides: u128| ((dice.draw() >> 9) % sides) as usize;
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let mut names: Vec<String> = (0..14).map(|n| format!("voter {n}")).collect();
    for name in &names {
        room.join(name, Role::Participant);
    }
    let mut story = Story::default();
    let mut open: Option<PollId> = None;
    for _ in 0..STEPS {
        let name = names[die(14)].clone();
        match (die(32), open) {
            (_, None) => open = Some(ask(&mut room)),
            (0, Some(poll)) => {
                room.ask("ann", Command::ClosePoll { poll });
                story.closed += 1;
                open = None;
            }
            (1, Some(_)) => {
                room.watched.restart();
                room.join("ann", Role::Moderator);
                for name in &names {
                    room.join(name, Role::Participant);
                }
                story.restarts += 1;
                continue;
            }
            (2, Some(_)) => {
                room.ask(&name, Command::Leave);
                let at = names.iter().position(|one| *one == name).expect("one of them");
                names[at] = format!("voter {}", 1_000 + room.watched.journal.len());
                room.join(&names[at], Role::Participant);
            }
            (3..8, Some(_)) => {
                room.pass(Span::from_secs(1));
            }
            (_, Some(poll)) => {
                let choices = vec![die(3) as u8];
                match room.try_ask(&name, Command::Vote { poll, choices }) {
                    Ok(happened) => {
                        assert_eq!(happened, [], "a vote is no entry");
                        let voter = room.id(&name).to_string();
                        let outputs = format!("{:?}", room.watched.outputs);
                        assert!(!outputs.contains(&voter), "a vote names nobody: {outputs}");
                        assert!(room.view(&name).polls.last().is_some_and(|poll| poll.cast));
                    }
                    Err(denied) => {
                        assert_eq!(denied, Denied::VoteCast);
                        story.refused += 1;
                    }
                }
            }
        }
        check_told(&room);
        check_debug(&room);
    }
    check_kept(&room, &mut story);
    story
}

fn ask(room: &mut Room) -> PollId {
    let answers = Answers::Letters { count: 3 };
    let Command::StartPoll { question, answers, several, .. } = ask_all(answers) else {
        unreachable!("it asks")
    };
    started(&room.ask(
        "ann",
        Command::StartPoll { question, answers, several, anonymous: true, right: vec![] },
    ))
}

/// Who voted is told to nobody.
fn check_told(room: &Room) {
    for output in &room.watched.outputs {
        if let Output::Deliver { entry, .. } = output {
            assert_ne!(entry.event.kind(), "votes_counted");
            assert_ne!(entry.event.kind(), "voted");
        }
    }
}

/// What waits is not shown by accident either.
fn check_debug(room: &Room) {
    let shown = format!("{:?}", room.watched.meeting);
    assert!(!shown.contains("Ballots") && !shown.contains("Chosen"), "{shown}");
}

/// The journal and the state, read as whoever has the disk reads them.
fn check_kept(room: &Room, story: &mut Story) {
    let voters: BTreeSet<String> = room
        .watched
        .journal
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Joined(Newcomer { participant, role: Role::Participant, .. }) => {
                Some(participant)
            }
            _ => None,
        })
        .map(|voter: ParticipantId| voter.to_string())
        .collect();
    for entry in &room.watched.journal {
        if let Event::VotesCounted { voters, .. } = &entry.event {
            story.groups += 1;
            assert!(voters.is_sorted(), "not in the order they came");
        }
        if let Event::PollClosed(PollClosed { uncounted, .. }) = entry.event {
            story.uncounted += uncounted;
        }
        check_value(&serde_json::to_value(&entry.event).expect("an event is JSON"), &voters);
    }
    let state = serde_json::to_value(room.watched.meeting.state()).expect("a state is JSON");
    check_value(&state["polls"], &voters);
    let shown = serde_json::to_string(&state["polls"]).expect("a value is text");
    assert!(!shown.contains("named"), "every poll here is anonymous");
    room.watched.check_replay(room.watched.journal.len() / 2);
}

/// No part of `value` that says something of choices names one to four voters.
fn check_value(value: &Value, voters: &BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let text = value.to_string();
            let named = voters.iter().filter(|voter| text.contains(voter.as_str())).count();
            if fields.contains_key("counts") || fields.contains_key("choices") {
                assert!(named == 0 || named >= FEWEST, "{named} voters beside counts: {text}");
            }
            fields.values().for_each(|field| check_value(field, voters));
        }
        Value::Array(items) => items.iter().for_each(|item| check_value(item, voters)),
        _ => {}
    }
}

/// The meeting wakes itself for what is due.
#[test]
fn a_group_is_journaled_without_anybody_asking() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let poll = ask(&mut room);
    for n in 0..10 {
        let name = format!("voter {n}");
        room.join(&name, Role::Participant);
        room.ask(&name, Command::Vote { poll, choices: vec![0] });
    }
    let happened = room.pass(Span::from_secs(1));
    assert!(matches!(happened[..], [Event::VotesCounted { .. }]), "{happened:?}");
    room.hand_in(Input::Tick).expect("a live meeting can be woken");
    assert_eq!(room.happened(), []);
}
