//! Participants' cameras can be kept from each other's eyes, not from the moderators'.

use conf_core::policy::lock::Lock;
use conf_core::{Command, Role, Source};

use crate::support::Room;

fn sees(room: &Room, viewer: &str, owner: &str) -> bool {
    room.watched.meeting.sight().may_watch(room.id(viewer), room.id(owner), Source::Camera)
}

#[test]
fn only_moderators_see_participants_and_everyone_sees_moderators_and_the_presenter() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Participant);
    room.join("recorder", Role::Service);
    assert!(sees(&room, "bob", "cleo"));
    room.ask("ann", Command::SetLock { lock: Lock::SeeCameras, on: true });
    assert!(!sees(&room, "bob", "cleo") && !sees(&room, "recorder", "cleo"));
    assert!(sees(&room, "ann", "cleo") && sees(&room, "bob", "ann") && sees(&room, "bob", "bob"));
    let sight = room.watched.meeting.sight();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    assert!(sight.may_watch(bob, cleo, Source::Screen), "only cameras are hidden");

    room.ask("ann", Command::GivePresenter { target: cleo });
    assert!(sees(&room, "bob", "cleo") && !sees(&room, "cleo", "bob"));
    room.ask("ann", Command::SetException { target: bob, lock: Lock::SeeCameras, on: true });
    assert!(sees(&room, "bob", "dan") && !sees(&room, "cleo", "dan"));
    room.ask("ann", Command::Promote { target: cleo });
    assert!(sees(&room, "cleo", "dan"));
    room.ask("ann", Command::SetLock { lock: Lock::SeeCameras, on: false });
    assert_eq!(room.watched.meeting.sight(), Default::default());
}
