//! The server was killed: the journal brings the meeting back, people rejoin by themselves.

use conf_core::{Command, Event, Role, Source, Span};

use crate::support::{Room, publish, say};

#[test]
fn roles_chat_hands_and_mutes_survive_and_gates_open_when_owners_publish_again() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    room.ask("bob", publish(Source::Camera));
    room.ask("bob", publish(Source::Microphone));
    room.ask("ann", Command::Mute { target: bob });
    room.ask("cleo", Command::RaiseHand);
    room.ask("cleo", say("still here?"));
    room.lose_link("cleo");
    room.pass(Span::from_secs(10));

    room.watched.restart();
    let until = room.watched.now + Span::from_secs(60);
    let lost = |participant| Event::LinkLost { participant, until };
    assert_eq!(room.happened(), [lost(ann), lost(bob)], "Cleo's link was lost before");
    assert!(!room.passes("bob", Source::Camera));

    assert_eq!(room.join("bob", Role::Participant), bob);
    let view = room.view("bob");
    assert_eq!(view.presenter, Some(ann));
    assert_eq!(view.hands, [cleo]);
    assert_eq!(view.chat.len(), 1);
    assert!(room.see("bob").expect("here").sources.contains(Source::Camera), "nothing stopped");

    assert_eq!(room.ask("bob", publish(Source::Camera)), []);
    assert_eq!(room.ask("bob", publish(Source::Microphone)), []);
    assert!(room.passes("bob", Source::Camera));
    assert!(!room.passes("bob", Source::Microphone), "muted before, muted after");
}

#[test]
fn who_does_not_come_back_after_a_restart_leaves_after_the_grace() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.watched.restart();
    room.join("ann", Role::Moderator);
    let happened = room.pass(Span::from_secs(60));
    assert_eq!(happened.len(), 2, "Bob and Cleo leave: {happened:?}");
    assert_eq!(room.view("ann").participants.len(), 1);
}

#[test]
fn an_ended_meeting_comes_back_ended() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", Command::End);
    room.watched.restart();
    assert!(room.watched.meeting.is_ended());
    assert_eq!(room.watched.meeting.poll_timeout(), None);
}
