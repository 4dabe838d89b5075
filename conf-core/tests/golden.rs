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

/// A journal that is kept for ever.
struct Golden {
    /// What its files are called.
    name: &'static str,
    /// The version of its entries.
    version: u16,
    journal: &'static str,
}

const JOURNALS: &[Golden] = &[
    Golden { name: "v1", version: 1, journal: include_str!("golden/journal-v1.jsonl") },
    Golden { name: "v2", version: 2, journal: include_str!("golden/journal-v2.jsonl") },
    Golden { name: "v3-chat", version: 3, journal: include_str!("golden/journal-v3-chat.jsonl") },
    Golden { name: "v3-polls", version: 3, journal: include_str!("golden/journal-v3-polls.jsonl") },
    Golden {
        name: "v4-layouts",
        version: 4,
        journal: include_str!("golden/journal-v4-layouts.jsonl"),
    },
    Golden {
        name: "v4-captions",
        version: 4,
        journal: include_str!("golden/journal-v4-captions.jsonl"),
    },
    Golden {
        name: "v3-rights",
        version: 3,
        journal: include_str!("golden/journal-v3-rights.jsonl"),
    },
    Golden {
        name: "v4-ballots",
        version: 4,
        journal: include_str!("golden/journal-v4-ballots.jsonl"),
    },
    Golden {
        name: "v4-learning",
        version: 4,
        journal: include_str!("golden/journal-v4-learning.jsonl"),
    },
    Golden {
        name: "v4-charts",
        version: 4,
        journal: include_str!("golden/journal-v4-charts.jsonl"),
    },
    Golden {
        name: "v4-people",
        version: 4,
        journal: include_str!("golden/journal-v4-people.jsonl"),
    },
    Golden { name: "v4-quiz", version: 4, journal: include_str!("golden/journal-v4-quiz.jsonl") },
    Golden { name: "v4-texts", version: 4, journal: include_str!("golden/journal-v4-texts.jsonl") },
    Golden { name: "v4-tools", version: 4, journal: include_str!("golden/journal-v4-tools.jsonl") },
    Golden {
        name: "v4-breakouts",
        version: 4,
        journal: include_str!("golden/journal-v4-breakouts.jsonl"),
    },
    Golden {
        name: "v4-exceptions",
        version: 4,
        journal: include_str!("golden/journal-v4-exceptions.jsonl"),
    },
    Golden { name: "v4-files", version: 4, journal: include_str!("golden/journal-v4-files.jsonl") },
    Golden { name: "v4-votes", version: 4, journal: include_str!("golden/journal-v4-votes.jsonl") },
    Golden {
        name: "v4-papers",
        version: 4,
        journal: include_str!("golden/journal-v4-papers.jsonl"),
    },
];

/// What came with a version, and so is in none of the journals before it.
const CAME_WITH_2: [&str; 9] = [
    "wait_began",
    "wait_resumed",
    "wait_link_lost",
    "wait_ended",
    "guests_set",
    "lobby_message_set",
    "join_muted_set",
    "link_rotated",
    "spotlight_changed",
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
    for Golden { name, journal, .. } in JOURNALS {
        let meeting = Meeting::replay(Box::new(Seeded(1)), entries(journal)).expect("it replays");
        let state = serde_json::to_value(meeting.state()).expect("a state can be stored");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
        let path = format!("{folder}/state-{name}.json");
        if std::env::var("CONF_BLESS").is_ok() {
            let text = serde_json::to_string_pretty(&state).expect("a value can be printed");
            std::fs::write(&path, text + "\n").expect("the reviewed file can be written");
        }
        let golden = std::fs::read_to_string(&path).expect("the reviewed file is there");
        let golden: Value = serde_json::from_str(&golden).expect("it is JSON");
        assert_eq!(state, golden, "journal {name}");

        let stored: State = serde_json::from_value(golden).expect("a stored state loads");
        assert_eq!(&stored, meeting.state(), "journal {name}");
    }
}

#[test]
fn the_golden_journals_hold_every_event_there_is() {
    let mut known = BTreeSet::new();
    for Golden { name, version, journal } in JOURNALS {
        let entries = entries(journal);
        assert!(entries.iter().all(|entry| entry.version == *version), "journal {name}");
        let kinds: BTreeSet<_> = entries.iter().map(|entry| entry.event.kind()).collect();
        let early = CAME_WITH_2.iter().any(|kind| kinds.contains(kind));
        assert_eq!(early, *version > 1, "journal {name}");
        known.extend(kinds);
    }
    assert_eq!(known, Event::KINDS.iter().copied().collect::<BTreeSet<_>>());
}

#[test]
fn what_a_golden_journal_says_is_still_written_the_same_way() {
    for Golden { journal, .. } in JOURNALS {
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
