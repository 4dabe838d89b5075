//! A member is made a moderator and a participant again; the claim stays what it was.

use conf_core::policy::lock::Lock;
use conf_core::{Claim, Command, Denied, Event, GuestPolicy, Output, Role, Source};

use crate::support::{Room, claim, guest, publish, say};

#[test]
fn who_is_promoted_moderates_and_sees_what_moderators_see() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    let waiting = room.wait("gus");
    assert!(room.view("bob").lobby.is_empty());
    let happened = room.ask("ann", Command::Promote { target: bob });
    let role = Role::Moderator;
    assert_eq!(happened, [Event::RoleChanged { participant: bob, role, by: ann }]);
    let shown = |output: &Output| *output == Output::Reshow { participant: bob };
    assert!(room.watched.outputs.iter().any(shown));
    assert_eq!(room.view("bob").lobby.len(), 1);
    room.ask("bob", Command::Admit { target: waiting });
    assert_eq!(room.ask("ann", Command::Promote { target: bob }), []);

    room.wait("hal");
    room.ask("bob", Command::Demote { target: bob });
    assert!(room.view("bob").lobby.is_empty());
    let denied = room.refused("bob", Command::AdmitAll);
    assert!(matches!(denied, Denied::NotAllowed { .. }));
}

#[test]
fn a_rejoin_keeps_the_role_as_it_stands_and_another_claim_does_not() {
    let mut room = Room::with_ann_bob_and_cleo();
    let bob = room.id("bob");
    room.ask("ann", Command::Promote { target: bob });
    assert_eq!(room.join("bob", Role::Participant), bob, "the same person under the same claim");
    assert_eq!(room.see("bob").map(|bob| bob.role), Some(Role::Moderator));
    let dan = room.join("dan", Role::Moderator);
    room.ask("ann", Command::Demote { target: dan });
    room.lose_link("dan");
    assert_eq!(room.join("dan", Role::Moderator), dan);
    assert_eq!(room.see("dan").map(|dan| dan.role), Some(Role::Participant));

    let anew = room.try_join(claim("bob", Role::Moderator)).expect("taken in");
    assert_ne!(anew, bob, "rights of a claim never change under an id");
}

#[test]
fn guests_and_machines_are_not_promoted_and_someone_always_moderates() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Accept });
    let gus = room.try_join(guest("gus")).expect("taken in");
    let machine = room.join("recorder", Role::Service);
    assert_eq!(room.refused("ann", Command::Promote { target: gus }), Denied::GuestNotPromoted);
    for command in [Command::Promote { target: machine }, Command::Demote { target: machine }] {
        assert_eq!(room.refused("ann", command), Denied::NotAPerson);
    }
    assert_eq!(room.refused("ann", Command::Demote { target: ann }), Denied::LastModerator);
    room.ask("ann", Command::Promote { target: bob });
    room.lose_link("bob");
    assert_eq!(room.refused("ann", Command::Demote { target: ann }), Denied::LastModerator);
    room.join("bob", Role::Participant);
    room.ask("ann", Command::Demote { target: ann });
    assert_eq!(room.refused("bob", Command::Demote { target: bob }), Denied::LastModerator);
}

#[test]
fn demotion_stops_what_the_table_no_longer_allows() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Moderator);
    let dan = room.id("dan");
    for source in [Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio] {
        room.ask("dan", publish(source));
    }
    for lock in [Lock::Microphone, Lock::Chat] {
        room.ask("ann", Command::SetLock { lock, on: true });
    }
    assert!(room.passes("dan", Source::Microphone));
    room.ask("ann", Command::Demote { target: dan });
    for source in [Source::Microphone, Source::Screen, Source::ScreenAudio] {
        assert!(!room.passes("dan", source), "{source:?}");
    }
    assert!(room.passes("dan", Source::Camera));
    assert!(matches!(room.refused("dan", say("but")), Denied::Locked { .. }));
    assert!(matches!(room.refused("dan", Command::Unmute), Denied::Locked { .. }));
}

#[test]
fn who_becomes_a_moderator_no_longer_asks_to_present() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("bob", Command::AskToPresent);
    room.ask("ann", Command::Promote { target });
    assert_eq!(room.view("ann").asking_to_present, []);
}

#[test]
fn a_second_claim_with_the_same_rights_is_the_same_person() {
    let mut room = Room::with_ann_bob_and_cleo();
    let bob = room.id("bob");
    room.ask("ann", Command::Promote { target: bob });
    let other = claim("another", Role::Participant).id;
    let again = Claim { id: other, ..claim("bob", Role::Participant) };
    assert_eq!(room.try_join(again), Ok(bob));
}
