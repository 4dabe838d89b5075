//! Hidden people over the wire: what a client learns that reads every frame and asks for more.

use conf_core::id::ParticipantId;
use conf_proto::view::RoomView;
use conf_proto::{ClientBody, Lock, Reaction, Resume, RoomEvent, ServerMessage, Source};

use crate::client::{Client, Joined};
use crate::host::{Host, make_room, token};
use crate::process::Process;

const HIDE: ClientBody = ClientBody::SetLock { lock: Lock::SeePeople, on: true };
const SHOW: ClientBody = ClientBody::SetLock { lock: Lock::SeePeople, on: false };

/// Whether somebody is named in anything that was said since this was asked last.
async fn named(who: &mut Joined, other: ParticipantId) -> bool {
    who.client.must(ClientBody::Ping).await;
    let other = other.to_string();
    let tells =
        |message: &ServerMessage| serde_json::to_string(message).expect("JSON").contains(&other);
    let found = who.client.has_heard(tells);
    who.client.forget_heard();
    found
}

async fn reshown(who: &mut Joined) -> RoomView {
    let told = who.client.until(|message| matches!(message, ServerMessage::Room { .. })).await;
    let ServerMessage::Room { room, .. } = told else { unreachable!("it is the room") };
    *room
}

fn people(view: &RoomView) -> Vec<ParticipantId> {
    view.participants.iter().map(|person| person.id).collect()
}

/// What was said of whom one knows.
async fn shown(who: &mut Joined) -> (Vec<ParticipantId>, Vec<ParticipantId>) {
    let frame = who.client.event(|event| matches!(event, RoomEvent::Shown(_))).await;
    let RoomEvent::Shown(shown) = frame.event else { unreachable!("it is who is shown") };
    (shown.appeared.iter().map(|person| person.id).collect(), shown.vanished)
}

#[tokio::test]
async fn a_forged_client_learns_nothing_of_hidden_people_whatever_it_asks_and_whenever_it_comes() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob_token = host.token(&room, &room.guest_key, "Bob").await;
    let mut bob = host.client().await.hello(&bob_token).await;
    let mut cleo = host.guest(&room, "Cleo").await;
    let before = bob.seq;
    ann.client.must(HIDE).await;
    assert_eq!(people(&reshown(&mut bob).await), [ann.me, bob.me]);
    bob.client.must(ClientBody::Ping).await;
    bob.client.forget_heard();

    // What Cleo does, and what is done with her.
    for body in [
        ClientBody::RaiseHand,
        ClientBody::SetAway { on: true },
        ClientBody::React { reaction: Reaction::Clap },
        ClientBody::Typing { to: None },
        ClientBody::Publish { source: Source::Microphone },
    ] {
        if matches!(body, ClientBody::Publish { .. }) {
            cleo.client.must(body).await;
            let (appeared, vanished) = shown(&mut bob).await;
            assert_eq!((appeared, vanished), (vec![cleo.me], Vec::new()), "she is heard");
            cleo.client.must(ClientBody::Mute { target: cleo.me }).await;
            assert_eq!(shown(&mut bob).await, (Vec::new(), vec![cleo.me]));
            continue;
        }
        cleo.client.must(body).await;
        assert!(!named(&mut bob, cleo.me).await);
    }
    for body in [
        ClientBody::Spotlight { target: Some(cleo.me) },
        ClientBody::Rename { target: cleo.me, name: "Cleopatra".to_owned() },
        ClientBody::SetInterpreter { target: cleo.me, on: true },
        ClientBody::SetMinuteTaker { target: Some(cleo.me) },
        ClientBody::LowerHand { target: cleo.me },
        ClientBody::Pick { moderators: false },
    ] {
        let kind = body.kind();
        ann.client.must(body).await;
        assert!(!named(&mut bob, cleo.me).await, "{kind}");
    }
    let dan = host.guest(&room, "Dan").await;
    assert!(!named(&mut bob, dan.me).await);

    for lock in [Lock::PrivateChat, Lock::Files] {
        ann.client.must(ClientBody::SetLock { lock, on: false }).await;
    }
    // Who is hidden is refused like somebody who never was.
    let nobody = ParticipantId::from_number(77);
    for target in [cleo.me, nobody] {
        let text = "psst".to_owned();
        for body in [
            ClientBody::Chat { text: text.clone(), to: Some(target), answers: None },
            ClientBody::Typing { to: Some(target) },
            ClientBody::Report { target, text },
            ClientBody::OfferFile { name: "a.txt".to_owned(), bytes: 3, to: Some(target) },
        ] {
            let kind = body.kind();
            let found = bob.client.must_not(body).await.code;
            assert_eq!(found, "no_such_participant", "{kind}");
        }
    }
    for body in [ClientBody::ShowAttendance { from: 0 }, ClientBody::ShowLearning { from: 0 }] {
        assert_eq!(bob.client.must_not(body).await.code, "not_allowed");
    }
    assert!(!named(&mut bob, cleo.me).await);

    // What was said meanwhile to others is not told to who comes back.
    let resume = Some(Resume { meeting: bob.meeting, seq: before });
    let mut bob = host.client().await.hello_with(&bob_token, resume, None).await;
    assert!(bob.events.is_empty(), "the whole meeting, as they may see it");
    let view = bob.view();
    assert_eq!(people(view), [ann.me, bob.me]);
    let text = serde_json::to_string(view).expect("JSON");
    assert!(!text.contains(&cleo.me.to_string()) && !text.contains(&dan.me.to_string()));

    // A line to everyone names its writer, and does not put them on the list.
    cleo.client.must(ClientBody::say("hello")).await;
    let said = bob.client.event(|event| matches!(event, RoomEvent::Chat { .. })).await;
    let RoomEvent::Chat { line } = said.event else { unreachable!("it is a line") };
    assert_eq!((line.from, line.name.as_deref()), (cleo.me, Some("Cleopatra")));

    // Everyone sees everyone again.
    ann.client.must(SHOW).await;
    let view = reshown(&mut bob).await;
    assert_eq!(people(&view), [ann.me, bob.me, cleo.me, dan.me]);
    host.server.shutdown().await;
}

#[tokio::test]
async fn who_was_away_while_people_were_hidden_is_shown_all_of_them_again() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob_token = host.token(&room, &room.guest_key, "Bob").await;
    let mut bob = host.client().await.hello(&bob_token).await;
    let cleo = host.guest(&room, "Cleo").await;
    ann.client.must(HIDE).await;
    let hidden = bob.client.until(|message| matches!(message, ServerMessage::Room { .. })).await;
    let ServerMessage::Room { seq, .. } = hidden else { unreachable!("it is the room") };
    let lift = |on| ClientBody::SetException { target: bob.me, lock: Lock::SeePeople, on };
    ann.client.must(lift(true)).await;
    let resume = Some(Resume { meeting: bob.meeting, seq });
    let mut again = host.client().await.hello_with(&bob_token, resume, None).await;
    assert_eq!(people(again.view()), [ann.me, bob.me, cleo.me], "lifted for him");
    ann.client.must(lift(false)).await;
    assert_eq!(people(&reshown(&mut again).await), [ann.me, bob.me]);
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_killed_server_hides_the_same_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let http = reqwest::Client::new();
    let room = make_room(&http, &server.url(), None).await;
    let ([_, bob_token], mut ann, bob) = server.both_in(&http, &room).await;
    ann.client.must(HIDE).await;
    let cleo_token = token(&http, &server.url(), &room, &room.guest_key, "Cleo").await;
    let cleo = Client::connect(server.http).await.hello(&cleo_token).await;
    assert_eq!(people(cleo.view()), [ann.me, cleo.me]);
    server.kill();
    let server = Process::start(folder.path()).await;
    let again = Client::connect(server.http).await.hello(&bob_token).await;
    assert_eq!(people(again.view()), [ann.me, bob.me]);
}
