//! A journal written by any version loads and replays for ever.
//!
//! `golden/journal-vN.jsonl` is never changed: a later vocabulary gets a file
//! of its own beside it. `golden/state-vN.json` is what it adds up to; when the
//! state gains a field, `CONF_BLESS=1` writes it anew for review.
// Writing the reviewed file is the one thing a test may do to a disk here.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;

use conf_core::fuzzing::Seeded;
use conf_core::{Entry, Event, Meeting, State};
use serde_json::Value;

/// Each version's journal, the state it adds up to, and the vocabulary it had:
/// every event of [`Event::KINDS`] but those that came later.
const JOURNALS: [(u16, &str, &[&str]); 2] = [
    (
        1,
        include_str!("golden/journal-v1.jsonl"),
        &[
            "wait_began",
            "wait_resumed",
            "wait_link_lost",
            "wait_ended",
            "guests_set",
            "lobby_message_set",
            "join_muted_set",
            "link_rotated",
            "spotlight_changed",
        ],
    ),
    (2, include_str!("golden/journal-v2.jsonl"), &[]),
];

fn entries(journal: &str) -> Vec<Entry> {
    journal
        .lines()
        .enumerate()
        .map(|(line, text)| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("line {}: {error}", line + 1))
        })
        .collect()
}

#[test]
fn a_journal_adds_up_to_the_same_state_for_ever() {
    for (version, journal, _) in JOURNALS {
        let meeting = Meeting::replay(Box::new(Seeded(1)), entries(journal)).expect("it replays");
        let state = serde_json::to_value(meeting.state()).expect("a state can be stored");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
        let path = format!("{folder}/state-v{version}.json");
        if std::env::var("CONF_BLESS").is_ok() {
            let text = serde_json::to_string_pretty(&state).expect("a value can be printed");
            std::fs::write(&path, text + "\n").expect("the reviewed file can be written");
        }
        let golden = std::fs::read_to_string(&path).expect("the reviewed file is there");
        let golden: Value = serde_json::from_str(&golden).expect("it is JSON");
        assert_eq!(state, golden, "journal {version}");

        let stored: State = serde_json::from_value(golden).expect("a stored state loads");
        assert_eq!(&stored, meeting.state(), "journal {version}");
    }
}

#[test]
fn a_golden_journal_holds_every_event_there_was() {
    for (version, journal, later) in JOURNALS {
        let kinds: BTreeSet<_> = entries(journal).iter().map(|entry| entry.event.kind()).collect();
        let known = Event::KINDS.into_iter().filter(|kind| !later.contains(kind));
        assert_eq!(kinds, known.collect(), "journal {version}");
        assert!(entries(journal).iter().all(|entry| entry.version == version));
    }
}

#[test]
fn what_a_golden_journal_says_is_still_written_the_same_way() {
    for (_, journal, _) in JOURNALS {
        for (line, entry) in journal.lines().zip(entries(journal)) {
            let golden: Value = serde_json::from_str(line).expect("it is JSON");
            let today = serde_json::to_value(&entry).expect("an entry can be stored");
            assert!(holds(&today, &golden), "written as\n{today}\nwas\n{golden}");
            assert_eq!(golden["event"]["type"], entry.event.kind());
        }
    }
}

/// Whether `today` has everything `golden` has; it may have more fields.
fn holds(today: &Value, golden: &Value) -> bool {
    match (today, golden) {
        (Value::Object(today), Value::Object(golden)) => golden
            .iter()
            .all(|(key, value)| today.get(key).is_some_and(|today| holds(today, value))),
        _ => today == golden,
    }
}
