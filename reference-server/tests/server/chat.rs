//! What is said in writing, over the wire: changed, taken back, and between two alone.

use conf_core::id::{MessageId, ParticipantId};
use conf_core::policy::lock::Lock;
use conf_core::{GuestPolicy, Reaction};
use conf_proto::rest::NewRoom;
use conf_proto::{ClientBody, Resume, RoomEvent, RoomSignal, ServerMessage};

use crate::client::{Client, Joined};
use crate::host::{Host, make_room_as};
use crate::process::Process;

const SECRET: &str = "the canary sings to one alone";

fn whisper(to: ParticipantId, text: &str) -> ClientBody {
    ClientBody::Chat { text: text.to_owned(), to: Some(to), answers: None }
}

fn react(message: MessageId) -> ClientBody {
    ClientBody::ReactChat { message, reaction: Reaction::Heart, on: true }
}

fn edit(message: MessageId, text: &str) -> ClientBody {
    ClientBody::EditChat { message, text: text.to_owned() }
}

/// The id of the next message that `who` is told of.
async fn message(who: &mut Client) -> MessageId {
    let said = who.event(|event| matches!(event, RoomEvent::Chat { .. })).await;
    let RoomEvent::Chat { line } = said.event else { unreachable!("it is chat") };
    line.id
}

#[tokio::test]
async fn what_two_write_each_other_reaches_no_third_whatever_they_try() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob_token = host.token(&room, &room.guest_key, "Bob").await;
    let eve_token = host.token(&room, &room.moderator_key, "Eve").await;
    let mut bob = host.client().await.hello(&bob_token).await;
    let mut eve = host.client().await.hello(&eve_token).await;
    let mut cleo = host.guest(&room, "Cleo").await;

    let locked = cleo.client.must_not(whisper(bob.me, SECRET)).await;
    assert_eq!(locked.code, "locked", "closed unless a moderator opens it");
    let open = ClientBody::SetLock { lock: Lock::PrivateChat, on: false };
    ann.client.must(open).await;
    cleo.client.must(whisper(bob.me, SECRET)).await;
    let secret = message(&mut bob.client).await;
    bob.client.must(react(secret)).await;
    cleo.client.must(edit(secret, &format!("{SECRET} again"))).await;
    bob.client.event(|event| matches!(event, RoomEvent::ChatEdited { .. })).await;

    // Eve moderates and knows the number, and still there is no such message for her.
    for forged in [
        react(secret),
        ClientBody::DeleteChat { message: secret },
        edit(secret, "mine"),
        ClientBody::Chat { text: "so?".to_owned(), to: None, answers: Some(secret) },
        ClientBody::Chat { text: "so?".to_owned(), to: Some(bob.me), answers: Some(secret) },
        ClientBody::ShowChat { with: None, before: secret },
        ClientBody::ShowChat { with: Some(bob.me), before: secret },
        ClientBody::ShowChat { with: Some(cleo.me), before: secret },
    ] {
        assert_eq!(eve.client.must_not(forged).await.code, "no_such_message");
    }
    ann.client.must(ClientBody::say("for everyone")).await;
    hears_no_secret(&mut eve.client, secret).await;

    // Back with what she saw last, or as if she had seen nothing.
    for resume in [Some(Resume { meeting: eve.meeting, seq: eve.seq }), None] {
        let back = host.client().await.hello_with(&eve_token, resume, None).await;
        assert_eq!(back.me, eve.me);
        assert!(back.room.is_some() || !back.events.is_empty(), "something is told");
        assert_eq!(holds_secret(&back, secret), (false, false));
    }
    // Who it was for has it again, either way.
    for resume in [Some(Resume { meeting: bob.meeting, seq: bob.seq }), None] {
        let back = host.client().await.hello_with(&bob_token, resume, None).await;
        assert_eq!(holds_secret(&back, secret), (true, true));
    }
    host.server.shutdown().await;
}

#[tokio::test]
async fn that_somebody_writes_is_told_at_once_and_kept_nowhere() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob_token = host.token(&room, &room.guest_key, "Bob").await;
    let mut bob = host.client().await.hello(&bob_token).await;
    let mut cleo = host.guest(&room, "Cleo").await;

    bob.client.must(ClientBody::Typing { to: Some(ann.me) }).await;
    bob.client.must(ClientBody::LiveText { text: Some(SECRET.to_owned()) }).await;
    assert_eq!(signal(&mut ann.client).await, RoomSignal::Typing { by: bob.me, to: Some(ann.me) });
    let growing = RoomSignal::LiveText { by: bob.me, text: Some(SECRET.to_owned()) };
    assert_eq!(signal(&mut ann.client).await, growing);
    assert_eq!(signal(&mut cleo.client).await, growing, "that he writes to Ann is not for Cleo");
    let long = ClientBody::LiveText { text: Some("x".repeat(2_001)) };
    assert_eq!(bob.client.must_not(long).await.code, "text_too_long");

    // Whoever comes later, or comes back, has nothing of it.
    cleo.client.must(ClientBody::say("after it")).await;
    let dan = host.guest(&room, "Dan").await;
    let resume = Some(Resume { meeting: bob.meeting, seq: bob.seq });
    let back = host.client().await.hello_with(&bob_token, resume, None).await;
    for joined in [&dan, &back] {
        let told = serde_json::to_string(&(&joined.room, &joined.events)).expect("JSON");
        assert!(told.contains("after it") && !told.contains(SECRET));
    }
    ann.client.must(ClientBody::SetLock { lock: Lock::Chat, on: true }).await;
    let grow = ClientBody::LiveText { text: Some("but".to_owned()) };
    assert_eq!(cleo.client.must_not(grow).await.code, "locked");
    assert_eq!(cleo.client.must_not(ClientBody::Typing { to: None }).await.code, "locked");
    host.server.shutdown().await;
}

/// The next signal that `who` is told.
async fn signal(who: &mut Client) -> RoomSignal {
    match who.until(|message| matches!(message, ServerMessage::Signal { .. })).await {
        ServerMessage::Signal { signal } => signal,
        other => unreachable!("only signals fit: {other:?}"),
    }
}

/// All that is told until something is said to everyone has neither the secret nor its number.
async fn hears_no_secret(who: &mut Client, secret: MessageId) {
    loop {
        let told = who.hear().await.expect("an open socket");
        let text = serde_json::to_string(&told).expect("JSON");
        assert!(!text.contains(SECRET) && !text.contains(&secret.to_string()), "told live");
        if text.contains("for everyone") {
            break;
        }
    }
}

/// Whether a welcome has the words, and whether it has the message's id.
fn holds_secret(back: &Joined, secret: MessageId) -> (bool, bool) {
    let told = serde_json::to_string(&(&back.room, &back.events)).expect("JSON");
    (told.contains(SECRET), told.contains(&secret.to_string()))
}

#[tokio::test]
async fn nobody_changes_or_takes_away_what_is_not_theirs() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut cleo = host.guest(&room, "Cleo").await;
    bob.client.must(ClientBody::say("helo")).await;
    let said = message(&mut cleo.client).await;

    assert_eq!(cleo.client.must_not(edit(said, "mine")).await.code, "not_allowed");
    assert_eq!(ann.client.must_not(edit(said, "mine")).await.code, "not_allowed");
    let delete = ClientBody::DeleteChat { message: said };
    assert_eq!(cleo.client.must_not(delete.clone()).await.code, "not_allowed");
    assert_eq!(cleo.client.must_not(ClientBody::ClearChat).await.code, "not_allowed");
    assert_eq!(bob.client.must_not(edit(said, " ")).await.code, "text_empty");

    bob.client.must(edit(said, "hello")).await;
    let edited = cleo.client.event(|event| matches!(event, RoomEvent::ChatEdited { .. })).await;
    let text = Some("hello".to_owned());
    assert!(edited.event == RoomEvent::ChatEdited { message: said, text });
    ann.client.must(delete).await;
    let gone = RoomEvent::ChatDeleted { message: said, by: ann.me };
    cleo.client.event(|event| *event == gone).await;
    ann.client.must(ClientBody::ClearChat).await;
    cleo.client.event(|event| *event == RoomEvent::ChatCleared { by: ann.me }).await;
    assert!(host.guest(&room, "Dan").await.view().chat.is_empty());
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_latecomer_is_told_nothing_of_what_was_said_before_where_the_room_wants_it_so() {
    let host = Host::start().await;
    let new = NewRoom { late_chat: false, guests: GuestPolicy::Accept, ..NewRoom::named("Staff") };
    let room = make_room_as(&reqwest::Client::new(), &host.url(""), new).await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    bob.client.must(ClientBody::say(SECRET)).await;
    let said = message(&mut ann.client).await;
    let token = host.token(&room, &room.guest_key, "Cleo").await;
    let mut cleo = host.client().await.hello(&token).await;
    assert!(cleo.view().chat.is_empty());

    bob.client.must(edit(said, &format!("{SECRET} again"))).await;
    for forged in [react(said), ClientBody::ShowChat { with: None, before: said }] {
        assert_eq!(cleo.client.must_not(forged).await.code, "no_such_message");
    }
    bob.client.must(ClientBody::say("for everyone")).await;
    hears_no_secret(&mut cleo.client, said).await;
    // Back as if she had missed it all, she still has nothing of it; who moderates has.
    let resume = Some(Resume { meeting: cleo.meeting, seq: cleo.seq });
    let back = host.client().await.hello_with(&token, resume, None).await;
    assert_eq!(holds_secret(&back, said), (false, false));
    assert_eq!(host.moderator(&room, "Eve").await.view().chat.len(), 2);
    host.server.shutdown().await;
}

#[tokio::test]
async fn after_a_restart_the_chat_is_as_it_stood_and_deleted_words_are_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([_, bob_token], mut ann, mut bob) = server.ann_and_bob().await;
    bob.client.must(ClientBody::say("helo")).await;
    let first = message(&mut ann.client).await;
    bob.client.must(edit(first, "hello")).await;
    ann.client.must(react(first)).await;
    bob.client.must(ClientBody::say("rude")).await;
    let second = message(&mut ann.client).await;
    ann.client.must(ClientBody::DeleteChat { message: second }).await;
    ann.client.must(whisper(bob.me, "mind your words")).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let bob = Client::connect(server.http).await.hello(&bob_token).await;
    let seen = bob.view();
    assert_eq!(seen.chat.len(), 2);
    assert_eq!(seen.chat[0].text.as_deref(), Some("hello"));
    assert!(seen.chat[0].edited_at.is_some());
    assert_eq!(seen.chat[0].reactions[0].by, [ann.me]);
    assert_eq!((seen.chat[1].text.as_deref(), seen.chat[1].deleted_by), (None, Some(ann.me)));
    assert_eq!(seen.private[0].text.as_deref(), Some("mind your words"));
    assert_eq!(seen.private[0].to_name.as_deref(), Some("Bob"));
}
