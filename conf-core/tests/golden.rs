//! A journal written by the first version loads and replays for ever.
//!
//! `golden/journal-v1.jsonl` is never changed: a later vocabulary gets a file
//! of its own beside it. `golden/state-v1.json` is what it adds up to; when the
//! state gains a field, `CONF_BLESS=1` writes it anew for review.
// Writing the reviewed file is the one thing a test may do to a disk here.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;

use conf_core::fuzzing::Seeded;
use conf_core::{Entry, Event, Meeting, State};
use serde_json::Value;

const JOURNAL: &str = include_str!("golden/journal-v1.jsonl");

fn entries() -> Vec<Entry> {
    JOURNAL
        .lines()
        .enumerate()
        .map(|(line, text)| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("line {}: {error}", line + 1))
        })
        .collect()
}

#[test]
fn the_first_journal_adds_up_to_the_same_state_for_ever() {
    let meeting = Meeting::replay(Box::new(Seeded(1)), entries()).expect("it replays");
    let state = serde_json::to_value(meeting.state()).expect("a state can be stored");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/state-v1.json");
    if std::env::var("CONF_BLESS").is_ok() {
        let text = serde_json::to_string_pretty(&state).expect("a value can be printed");
        std::fs::write(path, text + "\n").expect("the reviewed file can be written");
    }
    let golden = std::fs::read_to_string(path).expect("the reviewed file is there");
    let golden: Value = serde_json::from_str(&golden).expect("it is JSON");
    assert_eq!(state, golden);

    let stored: State = serde_json::from_value(golden).expect("a stored state loads");
    assert_eq!(&stored, meeting.state());
}

#[test]
fn the_first_journal_holds_every_event() {
    let kinds: BTreeSet<_> = entries().iter().map(|entry| entry.event.kind()).collect();
    assert_eq!(kinds, BTreeSet::from(Event::KINDS));
    assert!(entries().iter().all(|entry| entry.version == 1));
}

#[test]
fn what_the_first_journal_says_is_still_written_the_same_way() {
    for (line, entry) in JOURNAL.lines().zip(entries()) {
        let golden: Value = serde_json::from_str(line).expect("it is JSON");
        let today = serde_json::to_value(&entry).expect("an entry can be stored");
        assert!(holds(&today, &golden), "written as\n{today}\nwas\n{golden}");
        assert_eq!(golden["event"]["type"], entry.event.kind());
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
