//! An answer names what it answers, within one conversation, and outlives it.

use conf_core::id::{MessageId, ParticipantId};
use conf_core::policy::lock::Lock;
use conf_core::{Command, Denied};

use crate::support::{Room, chat, say, sent, shown, whisper};

fn answer(answers: MessageId, to: Option<ParticipantId>) -> Command {
    Command::SendChat { text: chat("so it is"), to, answers: Some(answers) }
}

#[test]
fn an_answer_outlives_what_it_answers() {
    let mut room = Room::with_ann_bob_and_cleo();
    let question = sent(&room.ask("bob", say("is it?")));
    room.ask("cleo", answer(question, None));
    room.ask("bob", Command::DeleteChat { message: question });
    let view = room.view("ann");
    assert_eq!(view.chat[1].answers, Some(question));
    assert_eq!(shown(&view.chat[1]), "cleo: so it is");
    // A line that says "deleted" can be pointed to still.
    room.ask("ann", answer(question, None));
}

#[test]
fn an_answer_stays_in_the_conversation() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", Command::SetLock { lock: Lock::PrivateChat, on: false });
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    let public = sent(&room.ask("ann", say("everyone")));
    let private = sent(&room.ask("bob", whisper(cleo, "you")));
    room.ask("cleo", answer(private, Some(bob)));
    for (name, answers, to) in [
        ("cleo", private, None),
        ("cleo", private, Some(ann)),
        ("cleo", public, Some(bob)),
        ("ann", private, None),
        ("ann", MessageId::from_number(9), None),
    ] {
        assert_eq!(room.refused(name, answer(answers, to)), Denied::NoSuchMessage);
    }
}
