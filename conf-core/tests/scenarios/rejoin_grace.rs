//! A broken link: the place is kept for a minute, with all that belongs to it.

use conf_core::event::LeaveReason;
use conf_core::{Command, Denied, Event, Input, Role, Source, SourceSet, Span};

use crate::support::{Room, publish};

#[test]
fn who_comes_back_within_the_grace_is_the_same_with_hand_and_camera() {
    let mut room = Room::with_ann_bob_and_cleo();
    let before = room.id("bob");
    room.ask("bob", publish(Source::Camera));
    room.ask("bob", Command::RaiseHand);

    room.lose_link("bob");
    assert!(!room.see("bob").expect("the place is kept").connected);
    assert!(room.passes("bob", Source::Camera), "the media may well be alive");
    room.pass(Span::from_secs(59));

    assert_eq!(room.join("bob", Role::Participant), before);
    assert!(room.see("bob").expect("here").connected);
    assert!(room.passes("bob", Source::Camera));
    assert_eq!(room.view("bob").hands, [before]);
    assert_eq!(room.pass(Span::from_mins(3)), [], "the grace of before is forgotten");
}

#[test]
fn who_does_not_come_back_leaves_and_everything_closes() {
    let mut room = Room::with_ann_bob_and_cleo();
    let bob = room.id("bob");
    room.ask("bob", publish(Source::Camera));
    room.ask("bob", publish(Source::Microphone));
    room.ask("bob", Command::RaiseHand);
    room.lose_link("bob");

    let left = Event::Left { participant: bob, reason: LeaveReason::LinkLost };
    assert_eq!(room.pass(Span::from_secs(60)), [left]);
    assert!(!room.passes("bob", Source::Camera));
    assert!(!room.passes("bob", Source::Microphone));
    assert_eq!(room.view("ann").hands, []);
    assert_ne!(room.join("bob", Role::Participant), bob, "a new place, a new id");
}

#[test]
fn nobody_speaks_for_a_kept_place() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.lose_link("bob");
    assert_eq!(room.refused("bob", Command::RaiseHand), Denied::NoSuchParticipant);
    assert_eq!(room.refused("bob", publish(Source::Camera)), Denied::NoSuchParticipant);
}

#[test]
fn a_moderator_can_close_the_camera_of_a_kept_place() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", publish(Source::Camera));
    room.lose_link("bob");
    let target = room.id("bob");
    room.ask("ann", Command::Stop { target, source: Source::Camera });
    assert!(!room.passes("bob", Source::Camera));

    // Back, the owner is shown that it is stopped, and need not guess.
    room.join("bob", Role::Participant);
    assert_eq!(room.see("bob").expect("here").sources, SourceSet::NONE);
}

#[test]
fn a_link_that_was_lost_or_replaced_before_breaks_nothing() {
    let mut room = Room::with_ann_bob_and_cleo();
    let old = room.session("bob");
    room.join("bob", Role::Participant);
    room.hand_in(Input::LinkLost { session: old }).expect("ignored");
    assert_eq!(room.happened(), []);
    assert!(room.see("bob").expect("here").connected);
}
