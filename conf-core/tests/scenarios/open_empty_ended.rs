//! A meeting opens, is empty, fills, and ends in one of three ways.

use conf_core::event::{EndReason, LeaveReason};
use conf_core::output::HangupReason;
use conf_core::{Command, Denied, Event, Input, Output, Role, Source, Span};

use crate::support::{Room, config, publish};

fn ended(reason: EndReason) -> Event {
    Event::Ended { reason, by: None }
}

#[test]
fn a_meeting_nobody_comes_to_ends_after_five_minutes() {
    let mut room = Room::open();
    assert_eq!(room.pass(Span(5 * 60_000 - 1)), []);
    assert_eq!(room.pass(Span(1)), [ended(EndReason::Empty)]);
    assert!(room.watched.meeting.is_ended());
    assert_eq!(room.watched.meeting.poll_timeout(), None);
}

#[test]
fn someone_who_comes_and_goes_starts_the_five_minutes_anew() {
    let mut room = Room::open();
    room.pass(Span::from_mins(4));
    room.join("ann", Role::Participant);
    assert_eq!(room.pass(Span::from_mins(60)), []);
    room.ask("ann", Command::Leave);
    assert_eq!(room.pass(Span(5 * 60_000 - 1)), []);
    assert_eq!(room.pass(Span(1)), [ended(EndReason::Empty)]);
}

#[test]
fn a_kept_place_keeps_the_meeting_and_a_machine_does_not() {
    let mut room = Room::open();
    room.join("recorder", Role::Service);
    let ann = room.join("ann", Role::Moderator);
    room.lose_link("ann");
    let left = Event::Left { participant: ann, reason: LeaveReason::LinkLost };
    let happened = room.pass(Span::from_mins(10));
    assert_eq!(happened[0], left);
    assert_eq!(happened.last(), Some(&ended(EndReason::Empty)));
    // A minute of grace, then five minutes with only the recorder.
    let at = room.watched.journal.last().expect("a journal").at;
    assert_eq!(at, crate::support::START + Span::from_mins(6));
}

#[test]
fn a_meeting_with_a_time_limit_ends_with_people_in_it() {
    let mut room = Room::open_with(config().duration(Span::from_mins(30)));
    room.join("ann", Role::Moderator);
    room.ask("ann", publish(Source::Camera));
    assert_eq!(room.pass(Span::from_mins(31)), [ended(EndReason::TimeLimit)]);
}

#[test]
fn a_moderator_ends_for_all_and_everyone_is_sent_home() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", publish(Source::Microphone));
    assert!(matches!(room.refused("bob", Command::End), Denied::NotAllowed { .. }));

    room.ask("ann", Command::End);
    assert!(!room.passes("bob", Source::Microphone));
    let reason = EndReason::EndedByModerator;
    for name in ["ann", "bob", "cleo"] {
        let session = room.session(name);
        let hangup = Output::Hangup { session, reason: HangupReason::Ended(reason) };
        assert!(room.watched.outputs.contains(&hangup), "{name} is told why");
    }
    assert_eq!(room.watched.outputs.last(), Some(&Output::Ended));
}

#[test]
fn after_the_end_everything_is_refused() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", Command::End);
    assert_eq!(room.refused("bob", Command::RaiseHand), Denied::Ended);
    assert_eq!(room.hand_in(Input::Tick), Err(Denied::Ended));
    assert_eq!(room.hand_in(Input::Recovered), Err(Denied::Ended));
    let late = room.try_join(crate::support::claim("dan", Role::Moderator));
    assert_eq!(late, Err(Denied::Ended));
}
