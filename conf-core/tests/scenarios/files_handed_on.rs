//! Files go to everyone, or from one to another; who may not see one learns nothing of it.

use conf_core::audit::{AuditKind, audit_worthy};
use conf_core::event::FileTaken;
use conf_core::output::Audience;
use conf_core::policy::action::Action;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Event, Output, Role};

use crate::support::{Room, defaults, offer, say};

/// The names of the files `viewer` sees, and whose they are.
fn seen(room: &Room, viewer: &str) -> Vec<String> {
    let text = |file: &conf_core::view::FileView| {
        let from = file.from_name.as_ref().map_or("?", |name| name.as_str());
        let name = file.name.as_ref().map_or("?", |name| name.as_str());
        format!("{from}: {name}")
    };
    room.view(viewer).files.iter().map(text).collect()
}

fn told(room: &Room) -> Vec<Audience> {
    let audience = |output: &Output| match output {
        Output::Deliver { to, .. } => Some(to.clone()),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(audience).collect()
}

#[test]
fn a_file_is_there_once_it_has_arrived_and_for_those_who_come_later() {
    let mut room = Room::with_ann_bob_and_cleo();
    let file = room.offer("bob", offer("plan.pdf", 10, None)).expect("granted");
    assert_eq!(room.happened(), [], "nothing has happened yet");
    assert!(seen(&room, "ann").is_empty());
    assert_eq!(room.refused("cleo", Command::ShareFile { file }), Denied::NoSuchFile);
    room.ask("bob", Command::ShareFile { file });
    assert_eq!(told(&room), [Audience::Everyone]);
    room.join("dan", Role::Participant);
    assert_eq!(seen(&room, "dan"), ["bob: plan.pdf"]);
    assert_eq!(room.refused("bob", Command::ShareFile { file }), Denied::NoSuchFile, "once");

    // Whoever sent it may be gone; moderators take it away all the same.
    let bob = room.id("bob");
    room.ask("bob", Command::Leave);
    assert_eq!(seen(&room, "dan"), ["bob: plan.pdf"]);
    let action = Action::DeleteFileOfOther;
    let denied = room.refused("dan", Command::DeleteFile { file });
    assert_eq!(denied, Denied::NotAllowed { action, role: Role::Participant });
    let held_in = 6;
    let gone = room.ask("ann", Command::DeleteFile { file });
    let ann = room.id("ann");
    assert_eq!(gone, [Event::FileDeleted(FileTaken { file, from: bob, by: ann, held_in })]);
    assert_eq!(audit_worthy(&gone[0]), Some(AuditKind::FileDeleted { by: ann, target: bob }));
    assert!(seen(&room, "dan").is_empty());
}

#[test]
fn what_one_gives_another_no_third_sees_and_it_goes_when_both_are_gone() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    let file = room.hand_on("bob", offer("secret.txt", 5, Some(cleo))).expect("handed on");
    let two = [Audience::Between(bob, cleo)];
    assert_eq!(told(&room), two);
    assert!(seen(&room, "ann").is_empty());
    assert_eq!(room.refused("ann", Command::DeleteFile { file }), Denied::NoSuchFile);
    assert!(room.watched.meeting.file(room.id("ann"), file).is_none());
    assert!(room.watched.meeting.file(cleo, file).is_some());
    let action = Action::DeletePrivateFileOfOther;
    let denied = room.refused("cleo", Command::DeleteFile { file });
    assert_eq!(denied, Denied::NotAllowed { action, role: Role::Participant });
    room.ask("bob", Command::Leave);
    assert_eq!(seen(&room, "cleo"), ["bob: secret.txt"]);
    assert!(room.watched.meeting.file(bob, file).is_none(), "who is gone gets nothing");
    room.ask("cleo", Command::Leave);
    assert_eq!(room.watched.meeting.files().count(), 0);

    let dan = room.join("dan", Role::Participant);
    let eve = room.join("eve", Role::Participant);
    let file = room.hand_on("dan", offer("own.txt", 5, Some(eve))).expect("handed on");
    room.ask("dan", Command::DeleteFile { file });
    assert_eq!(told(&room), [Audience::Between(dan, eve)]);
}

#[test]
fn locked_they_are_refused_also_those_on_their_way() {
    let mut room = Room::of_three(defaults());
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    assert!(room.view("bob").locks.contains(Lock::Files), "locked unless opened");
    let locked = Denied::Locked { action: Action::ShareFile, lock: Lock::Files };
    assert_eq!(room.refused("bob", offer("a.pdf", 1, None)), locked);
    assert_eq!(room.refused("bob", offer("a.pdf", 1, Some(ann))), locked);
    room.hand_on("ann", offer("a.pdf", 1, None)).expect("moderators may");

    let lift = |on| Command::SetException { target: bob, lock: Lock::Files, on };
    room.ask("ann", lift(true));
    let lock = Lock::PrivateChat;
    let private = Denied::Locked { action: Action::SendPrivateChat, lock };
    assert_eq!(room.refused("bob", offer("a.pdf", 1, Some(cleo))), private);
    room.hand_on("bob", offer("a.pdf", 1, Some(ann))).expect("to a moderator");
    let file = room.offer("bob", offer("b.pdf", 1, None)).expect("granted");
    room.ask("ann", lift(false));
    assert_eq!(room.refused("bob", Command::ShareFile { file }), locked);
}

#[test]
fn an_emptied_chat_takes_public_files_along() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    room.hand_on("bob", offer("a.pdf", 1, None)).expect("handed on");
    room.hand_on("bob", offer("b.pdf", 1, Some(ann))).expect("handed on");
    room.ask("bob", say("there"));
    let kinds: Vec<_> =
        room.ask("ann", Command::ClearChat).iter().map(|event| event.kind()).collect();
    assert_eq!(kinds, ["chat_cleared", "file_deleted"]);
    assert!(seen(&room, "cleo").is_empty());
    assert_eq!(seen(&room, "ann"), ["bob: b.pdf"]);
    assert_eq!(room.view("bob").files[0].from, bob);
}
