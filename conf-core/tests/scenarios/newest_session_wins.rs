//! One person, two windows: the newest speaks, the older is told and closed.

use conf_core::event::LeaveReason;
use conf_core::output::HangupReason;
use conf_core::{Command, Denied, Event, Input, Output, Role, Source, SourceSet};

use crate::support::{Room, claim, publish};

#[test]
fn the_older_session_is_hung_up_and_the_person_stays_the_same() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, old) = (room.id("bob"), room.session("bob"));
    room.ask("bob", publish(Source::Microphone));

    assert_eq!(room.join("bob", Role::Participant), bob);
    let new = room.session("bob");
    assert_eq!(
        room.happened(),
        [Event::Rejoined {
            participant: bob,
            session: new,
            claim: Some(claim("bob", Role::Participant).id)
        }]
    );
    let hangup = Output::Hangup { session: old, reason: HangupReason::Replaced };
    assert!(room.watched.outputs.contains(&hangup));
    assert_eq!(room.watched.meeting.participant_of(old), None);
    assert!(room.passes("bob", Source::Microphone), "gates stay as they are");
}

#[test]
fn publishing_again_after_a_rejoin_says_where_the_gate_stands() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("bob", publish(Source::Microphone));
    room.join("bob", Role::Participant);

    assert_eq!(room.ask("bob", publish(Source::Microphone)), [], "nothing new to journal");
    let gate = |open| Output::Gate { participant: target, source: Source::Microphone, open };
    assert_eq!(room.watched.outputs, [gate(true)]);

    room.ask("ann", Command::Mute { target });
    room.ask("bob", publish(Source::Microphone));
    assert_eq!(room.watched.outputs, [gate(false)]);
}

#[test]
fn the_same_session_joining_twice_is_only_shown_the_meeting_again() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (session, participant) = (room.session("bob"), room.id("bob"));
    let its_claim = claim("bob", Role::Participant);
    room.hand_in(Input::Join { session, claim: its_claim }).expect("admitted");
    assert_eq!(room.watched.outputs, [Output::Admitted { session, participant }]);

    let taken = room.hand_in(Input::Join { session, claim: claim("dan", Role::Participant) });
    assert_eq!(taken, Err(Denied::ClaimRefused { reason: "session" }));
}

#[test]
fn the_same_person_with_other_rights_comes_in_anew() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, old) = (room.id("ann"), room.session("ann"));
    room.ask("ann", publish(Source::Camera));

    // Her issuer no longer calls her a moderator.
    let again = room.join("ann", Role::Participant);
    assert_ne!(again, ann);
    let left = Event::Left { participant: ann, reason: LeaveReason::Replaced };
    assert_eq!(room.happened()[0], left);
    let hangup = Output::Hangup { session: old, reason: HangupReason::Replaced };
    assert!(room.watched.outputs.contains(&hangup));
    assert!(!room.watched.open_gates.contains(&(ann, Source::Camera)));
    assert!(matches!(room.refused("ann", Command::End), Denied::NotAllowed { .. }));
    assert_eq!(room.view("ann").presenter, None);
}

#[test]
fn a_claim_bounds_what_its_holder_can_publish() {
    let mut room = Room::open();
    let mut listening = claim("ann", Role::Moderator);
    listening.sources = SourceSet::NONE.with(Source::Microphone);
    room.try_join(listening).expect("admitted");
    room.ask("ann", publish(Source::Microphone));
    let denied = room.refused("ann", publish(Source::Camera));
    assert_eq!(denied, Denied::SourceNotClaimed { found: Source::Camera });
}
