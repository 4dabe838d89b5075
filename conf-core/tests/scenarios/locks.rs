//! Locks reach what is running and refuse what would begin, for all but moderators.

use conf_core::policy::lock::{Lock, LockSet};
use conf_core::{Command, Denied, Event, Role, Source};

use crate::support::{Room, config, publish, say};

fn set(lock: Lock, on: bool) -> Command {
    Command::SetLock { lock, on }
}

#[test]
fn locking_microphones_mutes_everyone_but_moderators_at_once() {
    let mut room = Room::with_ann_bob_and_cleo();
    for name in ["ann", "bob", "cleo"] {
        room.ask(name, publish(Source::Microphone));
    }
    let cleo = room.id("cleo");
    room.ask("cleo", Command::Mute { target: cleo });

    let happened = room.ask("ann", set(Lock::Microphone, true));
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    let locked = Event::LockChanged { lock: Lock::Microphone, on: true, by: ann };
    assert_eq!(happened, [locked, Event::Muted { participant: bob, by: ann }]);
    assert!(room.passes("ann", Source::Microphone));
    assert!(!room.passes("bob", Source::Microphone));

    assert!(matches!(room.refused("bob", Command::Unmute), Denied::Locked { .. }));
    room.ask("ann", set(Lock::Microphone, false));
    assert!(!room.passes("bob", Source::Microphone), "released, not opened");
    room.ask("bob", Command::Unmute);
    assert!(room.passes("bob", Source::Microphone));
}

#[test]
fn a_locked_microphone_can_be_published_again_after_a_rejoin_and_stays_closed() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", publish(Source::Microphone));
    room.ask("ann", set(Lock::Microphone, true));
    room.join("bob", Role::Participant);
    assert_eq!(room.ask("bob", publish(Source::Microphone)), []);
    assert!(!room.passes("bob", Source::Microphone));
}

#[test]
fn locking_cameras_and_screens_stops_them_with_their_sound() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("ann", Command::GivePresenter { target });
    room.ask("ann", publish(Source::Camera));
    for source in [Source::Camera, Source::Screen, Source::ScreenAudio] {
        room.ask("bob", publish(source));
    }
    room.ask("ann", set(Lock::Camera, true));
    assert!(!room.passes("bob", Source::Camera));
    assert!(room.passes("ann", Source::Camera));

    room.ask("ann", set(Lock::Screen, true));
    assert!(!room.passes("bob", Source::Screen));
    assert!(!room.passes("bob", Source::ScreenAudio));
    assert!(matches!(room.refused("bob", publish(Source::Camera)), Denied::Locked { .. }));
    assert!(matches!(room.refused("bob", publish(Source::Screen)), Denied::Locked { .. }));
}

#[test]
fn chat_and_hands_can_be_locked_and_moderators_still_write() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("bob", Command::RaiseHand);
    room.ask("ann", set(Lock::Chat, true));
    room.ask("ann", set(Lock::Hands, true));
    room.ask("ann", say("silence, please"));
    assert!(matches!(room.refused("bob", say("but")), Denied::Locked { .. }));
    assert!(matches!(room.refused("cleo", Command::RaiseHand), Denied::Locked { .. }));
    let target = room.id("bob");
    room.ask("bob", Command::LowerHand { target });
}

#[test]
fn a_room_can_begin_locked_and_setting_a_lock_twice_is_nothing_new() {
    let locked = LockSet::NONE.set(Lock::Camera, true);
    let mut room = Room::open_with(config().locks(locked));
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    assert_eq!(room.view("bob").locks, locked);
    assert!(matches!(room.refused("bob", publish(Source::Camera)), Denied::Locked { .. }));
    assert_eq!(room.ask("ann", set(Lock::Camera, true)), []);
}
