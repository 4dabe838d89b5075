//! A moderator closes a microphone; only its owner opens it again.

use conf_core::{Command, Denied, Event, Role, Source};

use crate::support::{Room, publish};

#[test]
fn a_moderator_mutes_and_the_gate_closes_once() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, target) = (room.id("ann"), room.id("bob"));
    room.ask("bob", publish(Source::Microphone));
    assert!(room.passes("bob", Source::Microphone), "a fresh microphone is open");

    let muted = Event::Muted { participant: target, by: ann };
    assert_eq!(room.ask("ann", Command::Mute { target }), [muted]);
    assert!(!room.passes("bob", Source::Microphone));
    assert_eq!(room.ask("ann", Command::Mute { target }), [], "already as asked");

    assert_eq!(room.ask("bob", Command::Unmute), [Event::Unmuted { participant: target }]);
    assert!(room.passes("bob", Source::Microphone));
}

#[test]
fn people_mute_themselves_and_nobody_else() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    room.ask("bob", publish(Source::Microphone));
    room.ask("cleo", publish(Source::Microphone));
    room.ask("bob", Command::Mute { target: bob });
    assert!(room.see("bob").expect("here").muted);
    let denied = room.refused("bob", Command::Mute { target: cleo });
    assert!(matches!(denied, Denied::NotAllowed { role: Role::Participant, .. }));
    assert!(room.passes("cleo", Source::Microphone));
}

#[test]
fn taking_the_microphone_up_again_is_no_way_around_a_mute() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    room.ask("bob", publish(Source::Microphone));
    room.ask("ann", Command::Mute { target: bob });
    room.ask("bob", Command::Stop { target: bob, source: Source::Microphone });
    assert!(!room.see("bob").expect("here").muted, "there is nothing to be muted");

    let happened = room.ask("bob", publish(Source::Microphone));
    let published = Event::Published { participant: bob, source: Source::Microphone };
    assert_eq!(happened, [published, Event::Muted { participant: bob, by: ann }]);
    assert!(!room.passes("bob", Source::Microphone));
    room.ask("bob", Command::Unmute);
    assert!(room.passes("bob", Source::Microphone));
}

#[test]
fn a_moderator_closes_a_camera_and_the_owner_may_start_it_again() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("bob", publish(Source::Camera));
    room.ask("ann", Command::Stop { target, source: Source::Camera });
    assert!(!room.passes("bob", Source::Camera));
    room.ask("bob", publish(Source::Camera));
    assert!(room.passes("bob", Source::Camera));
}

#[test]
fn what_is_not_published_can_be_neither_muted_nor_opened() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    let denied = Denied::NotPublished { found: Source::Microphone };
    assert_eq!(room.refused("ann", Command::Mute { target }), denied);
    assert_eq!(room.refused("bob", Command::Unmute), denied);
    assert_eq!(room.ask("bob", Command::Stop { target, source: Source::Camera }), []);
}
