//! Properties over random histories: replay equals live, state plus tail
//! equals replay, whoever is erased; a refused input changes nothing.
//!
//! 500 histories by default, the same every time; `CONF_HISTORIES` asks for
//! another number, freshly drawn.
// Tests may ask the environment; the meeting may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::cell::RefCell;
use std::collections::BTreeSet;

use conf_core::event::{EVENT_VERSION, Newcomer};
use conf_core::fuzzing::{Seeded, Watched, hidden_meeting, small_meeting};
use conf_core::id::ParticipantId;
use conf_core::personal::PersonalField;
use conf_core::{Entry, Event, Meeting};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Steps per history; about four in five are commands.
const STEPS: usize = 290;

/// Commands every history has at least.
const COMMANDS: usize = 200;

/// Runs `property` on as many random histories as asked for.
fn for_all_histories(property: impl Fn(Watched, &[u8])) {
    for_all_histories_of(500, small_meeting, property);
}

fn for_all_histories_of(cases: u32, open: fn() -> Watched, property: impl Fn(Watched, &[u8])) {
    let asked = std::env::var("CONF_HISTORIES").ok().and_then(|text| text.parse().ok());
    let config =
        Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() };
    let mut seed = [0; 32];
    if asked.is_some() {
        // Any fresh bytes do: what fails is printed and kept as a test of its own.
        let salt = std::collections::hash_map::RandomState::new();
        let number = std::hash::BuildHasher::hash_one(&salt, 0);
        seed[..8].copy_from_slice(&number.to_le_bytes());
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let histories = (vec(any::<[u8; 4]>(), STEPS), vec(any::<u8>(), 16));
    TestRunner::new_with_rng(config, rng)
        .run(&histories, |(steps, dice)| {
            let mut watched = open();
            let commands = steps.iter().filter(|step| watched.step(**step)).count();
            if commands < COMMANDS {
                return Err(TestCaseError::reject("too few commands"));
            }
            property(watched, &dice);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn replay_equals_live_and_so_does_any_snapshot_with_its_tail() {
    let seen = RefCell::new(BTreeSet::new());
    for_all_histories(|watched, dice| {
        let cut = dice.iter().fold(0, |sum, die| sum * 7 + usize::from(*die));
        watched.check_replay(cut % watched.journal.len());
        watched.check_replay(watched.journal.len());
        seen.borrow_mut().extend(watched.journal.iter().map(|entry| entry.event.kind()));
    });
    let every = Event::KINDS.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(seen.into_inner(), every, "every event occurs in random histories");
}

#[test]
fn replay_equals_live_whoever_is_erased() {
    for_all_histories(|watched, dice| {
        let everyone: BTreeSet<_> = watched.journal.iter().filter_map(newcomer).collect();
        let mut dice = dice.iter().cycle();
        let erased: BTreeSet<_> =
            everyone.into_iter().filter(|_| dice.next().is_some_and(|die| die % 3 == 0)).collect();

        let mut live = watched.meeting.state().clone();
        live.visit_personal(&mut forget(&erased));
        let mut journal = watched.journal.clone();
        for entry in &mut journal {
            entry.event.visit_personal(&mut forget(&erased));
        }
        assert_eq!(Watched::replay(&journal), live, "replay without them is live without them");

        let (head, tail) = journal.split_at(journal.len() / 2);
        let restored =
            Meeting::restore(Box::new(Seeded(3)), Watched::replay(head), tail.iter().cloned())
                .expect("a snapshot takes its own tail");
        assert_eq!(restored.state(), &live, "and so is a snapshot with its tail");
    });
}

#[test]
fn replay_equals_live_once_deleted_texts_are_forgotten() {
    for_all_histories(|watched, _| {
        let mut journal = watched.journal.clone();
        let gone: BTreeSet<u64> =
            journal.iter().flat_map(|entry| entry.event.forgets().to_vec()).collect();
        for entry in journal.iter_mut().filter(|entry| gone.contains(&entry.seq)) {
            entry.event.visit_personal(&mut |_, field| {
                assert!(field.take().is_some(), "a text is forgotten once");
            });
        }
        assert_eq!(&Watched::replay(&journal), watched.meeting.state());
    });
}

#[test]
fn who_is_hidden_is_named_to_nobody_who_may_not_know_them() {
    // Every step of a watched meeting checks it, and that live is as fresh.
    let hidden = RefCell::new(0_u32);
    // Fewer, since each of them is looked at through many eyes.
    for_all_histories_of(100, hidden_meeting, |watched, _| {
        watched.check_replay(watched.journal.len());
        *hidden.borrow_mut() += u32::from(!watched.meeting.acquaintance().is_full());
    });
    assert!(hidden.into_inner() > 0, "and somebody is hidden at the end of some");
}

#[test]
fn what_is_taken_out_of_a_state_can_be_put_back() {
    let mut watched = small_meeting();
    let mut dice = Seeded(5);
    for _ in 0..STEPS {
        watched.step((conf_core::id::IdSource::draw(&mut dice) as u32).to_le_bytes());
    }
    let live = watched.meeting.state();
    let mut sealed = live.clone();
    let mut kept = Vec::new();
    sealed.visit_personal(&mut |_, field| kept.push(field.take()));
    assert!(kept.iter().flatten().count() > 0, "the history has people in it");
    let stored = serde_json::to_string(&sealed).expect("a state can be stored");
    assert!(
        !stored.contains("Person") && !stored.contains("message 2"),
        "nothing personal is left"
    );

    let mut opened: conf_core::State = serde_json::from_str(&stored).expect("and read again");
    let mut kept = kept.into_iter();
    opened.visit_personal(&mut |_, field| {
        if let Some(text) = kept.next().flatten() {
            field.restore(text);
        }
    });
    assert_eq!(&opened, live);
}

#[test]
fn a_journal_with_a_gap_or_from_the_future_is_refused() {
    let mut watched = small_meeting();
    for step in [[0, 0, 0, 1], [8, 0, 0, 1], [20, 0, 0, 1]] {
        watched.step(step);
    }
    let replay = |journal: Vec<Entry>| {
        Meeting::replay(Box::new(Seeded(1)), journal).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(replay(Vec::new()), "the journal is empty");
    assert_eq!(
        replay(watched.journal[1..].to_vec()),
        "a journal begins with `opened`, found entry 2"
    );
    let mut gap = watched.journal.clone();
    gap.remove(1);
    assert_eq!(replay(gap), "expected journal entry 2, found 3");
    let mut future = watched.journal.clone();
    future[2].version = EVENT_VERSION + 1;
    let found =
        format!("journal entry of version {}, at most {EVENT_VERSION} is known", EVENT_VERSION + 1);
    assert_eq!(replay(future), found);
}

fn newcomer(entry: &Entry) -> Option<ParticipantId> {
    match entry.event {
        Event::Joined(Newcomer { participant, .. }) => Some(participant),
        _ => None,
    }
}

fn forget(
    erased: &BTreeSet<ParticipantId>,
) -> impl FnMut(ParticipantId, &mut dyn PersonalField) + '_ {
    |who, field| {
        if erased.contains(&who) {
            field.take();
        }
    }
}
