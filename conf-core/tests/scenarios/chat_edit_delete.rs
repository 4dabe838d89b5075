//! People change and take back their own words; a moderator takes away another's.

use conf_core::audit::{AuditKind, audit_worthy};
use conf_core::id::MessageId;
use conf_core::policy::action::Action;
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied, Event, Role, Span};

use crate::support::{Room, chat, config, say, sent, shown};

fn edit(message: MessageId, text: &str) -> Command {
    Command::EditChat { message, text: chat(text) }
}

fn delete(message: MessageId) -> Command {
    Command::DeleteChat { message }
}

fn read(room: &Room, viewer: &str) -> Vec<String> {
    room.view(viewer).chat.iter().map(shown).collect()
}

#[test]
fn words_are_changed_by_their_writer_alone() {
    let mut room = Room::with_ann_bob_and_cleo();
    let message = sent(&room.ask("bob", say("helo")));
    room.pass(Span::from_secs(5));
    let held_in = room.watched.meeting.seq();
    let by = room.id("bob");
    let text = chat("hello").into();
    let edited = room.ask("bob", edit(message, "hello"));
    assert_eq!(edited, [Event::ChatEdited { message, by, text, held_in }]);
    assert_eq!(read(&room, "cleo"), ["bob: hello (edited)"]);
    assert_eq!(room.ask("bob", edit(message, "hello")), [], "it says so already");

    for (name, role) in [("ann", Role::Moderator), ("cleo", Role::Participant)] {
        let denied = room.refused(name, edit(message, "mine now"));
        assert_eq!(denied, Denied::NotAllowed { action: Action::EditChatOfOther, role });
    }
    room.ask("ann", Command::SetLock { lock: Lock::Chat, on: true });
    let locked = Denied::Locked { action: Action::EditOwnChat, lock: Lock::Chat };
    assert_eq!(room.refused("bob", edit(message, "hello?")), locked);
}

#[test]
fn what_is_taken_back_is_gone_and_leaves_a_trace() {
    let mut room = Room::with_ann_bob_and_cleo();
    let first = sent(&room.ask("bob", say("secret")));
    let second = sent(&room.ask("cleo", say("rude")));
    // Taking something back is never locked.
    room.ask("ann", Command::SetLock { lock: Lock::Chat, on: true });
    room.ask("bob", delete(first));
    room.ask("ann", delete(second));
    assert_eq!(read(&room, "cleo"), ["bob took it back", "cleo's was taken away"]);
    assert_eq!(room.ask("bob", delete(first)), [], "it is gone already");
    assert_eq!(room.refused("bob", edit(first, "again")).code(), "locked");

    room.ask("ann", Command::SetLock { lock: Lock::Chat, on: false });
    assert_eq!(room.refused("bob", edit(first, "again")), Denied::NoSuchMessage);
    let mut texts = 0;
    room.watched.meeting.state().clone().visit_personal(&mut |_, field| {
        texts += usize::from(field.take().is_some_and(|t| t == "secret" || t == "rude"));
    });
    assert_eq!(texts, 0, "the state has it no more");
}

#[test]
fn the_journal_names_what_is_to_be_forgotten() {
    let mut room = Room::with_ann_bob_and_cleo();
    let message = sent(&room.ask("bob", say("helo")));
    let said = room.watched.meeting.seq();
    let edited = room.ask("bob", edit(message, "hello"));
    let then = room.watched.meeting.seq();
    let deleted = room.ask("ann", delete(message));
    assert_eq!(edited[0].forgets(), [said]);
    assert_eq!(deleted[0].forgets(), [then]);
    // Who took away whose words is in the audit, the words are not.
    let (by, target) = (room.id("ann"), room.id("bob"));
    assert_eq!(audit_worthy(&deleted[0]), Some(AuditKind::ChatDeleted { by, target }));
    assert_eq!(audit_worthy(&edited[0]), None);
}

#[test]
fn another_cannot_take_away_what_they_did_not_write() {
    let mut room = Room::with_ann_bob_and_cleo();
    let message = sent(&room.ask("ann", say("listen")));
    let action = Action::DeleteChatOfOther;
    let role = Role::Participant;
    assert_eq!(room.refused("bob", delete(message)), Denied::NotAllowed { action, role });
    let unknown = MessageId::from_number(1);
    assert_eq!(room.refused("bob", delete(unknown)), Denied::NoSuchMessage);
    assert_eq!(room.refused("ann", delete(unknown)), Denied::NoSuchMessage);
}

#[test]
fn who_edits_too_fast_waits_and_may_take_back_meanwhile() {
    let mut room = Room::open_with(config().chat_burst(2));
    room.join("ann", Role::Moderator);
    let message = sent(&room.ask("ann", say("a")));
    room.ask("ann", edit(message, "b"));
    assert_eq!(room.refused("ann", edit(message, "c")), Denied::TooFast { max: 2 });
    room.ask("ann", delete(message));
}
