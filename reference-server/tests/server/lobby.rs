//! The lobby over the wire: who waits hears their place and nothing of the meeting.

use std::time::Duration;

use conf_core::GuestPolicy;
use conf_core::policy::lock::Lock;
use conf_proto::rest::{NewRoom, TokenRequest};
use conf_proto::{ByeReason, ClientBody, PROTOCOL, Resume, RoomEvent, ServerMessage, WaitReason};

use crate::client::{Client, Joined};
use crate::host::{Host, Room, make_room_as, token};
use crate::process::Process;

fn hello(token: &str) -> ClientBody {
    ClientBody::Hello { protocol: PROTOCOL, token: token.to_owned(), resume: None, offer: None }
}

/// A room where guests are asked about.
async fn asking(host: &Host) -> Room {
    make_room_as(&host.http, &host.url(""), NewRoom::named("Physics 101")).await
}

/// Whoever comes with `token` and waits: the client, its id and place.
async fn wait(client: Client, token: &str) -> (Client, conf_core::id::ParticipantId, u32) {
    let mut client = client;
    match client.ask(hello(token)).await {
        ServerMessage::Waiting { participant, position, reason, .. } => {
            assert_eq!(reason, WaitReason::Guest);
            (client, participant, position)
        }
        other => panic!("expected to wait, found {other:?}"),
    }
}

#[tokio::test]
async fn one_is_admitted_one_denied_and_one_goes_on_waiting() {
    let host = Host::start().await;
    let room = asking(&host).await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob_token = host.token(&room, &room.guest_key, "Bob").await;
    let cleo_token = host.token(&room, &room.guest_key, "Cleo").await;
    let dan_token = host.token(&room, &room.guest_key, "Dan").await;
    let (mut bob, bob_id, first) = wait(host.client().await, &bob_token).await;
    let (mut cleo, cleo_id, second) = wait(host.client().await, &cleo_token).await;
    let (mut dan, dan_id, third) = wait(host.client().await, &dan_token).await;
    assert_eq!([first, second, third], [1, 2, 3]);
    for (id, name) in [(bob_id, "Bob"), (cleo_id, "Cleo"), (dan_id, "Dan")] {
        let told = ann.client.event(|event| matches!(event, RoomEvent::Waiting { .. })).await;
        let RoomEvent::Waiting { entry } = told.event else { unreachable!("just matched") };
        assert_eq!((entry.id, entry.name.as_deref()), (id, Some(name)));
    }

    // Only to stay alive and to leave is taken from those who wait.
    dan.must(ClientBody::Ping).await;
    for body in [
        ClientBody::RaiseHand,
        ClientBody::say("hello"),
        ClientBody::Wish { wishes: Vec::new() },
        ClientBody::Admit { target: dan_id },
    ] {
        assert_eq!(dan.must_not(body).await.code, "waiting");
    }

    ann.client.must(ClientBody::say("among ourselves")).await;
    ann.client.must(ClientBody::Admit { target: bob_id }).await;
    let welcome = bob.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
    let ServerMessage::Welcome { re, participant, room: Some(view), media, .. } = welcome else {
        panic!("expected the meeting in full");
    };
    assert_eq!((re, participant, media), (1, bob_id, false));
    assert!(view.lobby.is_empty() && view.lobby_message.is_none(), "for moderators alone");
    assert_eq!(view.chat.len(), 1);
    bob.must(ClientBody::RaiseHand).await;

    ann.client.must(ClientBody::Deny { target: cleo_id }).await;
    assert_eq!(cleo.bye().await, Some(ByeReason::Denied));
    assert_eq!(host.client().await.must_not(hello(&cleo_token)).await.code, "denied");

    let text = Some("soon".to_owned());
    ann.client.must(ClientBody::SetLobbyMessage { text: text.clone() }).await;
    // All Dan ever heard: his place, twice moved up, and the message.
    let mut heard = Vec::new();
    while heard.last() != Some(&(1, text.clone())) {
        match dan.hear().await.expect("an open socket") {
            ServerMessage::Lobby { reason: WaitReason::Guest, position, message } => {
                heard.push((position, message));
            }
            other => panic!("told {other:?} in the lobby"),
        }
    }
    assert_eq!(heard, [(2, None), (1, None), (1, text)]);
    assert!(bob_hears_nothing_of_the_lobby(&mut bob).await);
}

/// What Bob, a guest, was told until now names nobody who waits.
async fn bob_hears_nothing_of_the_lobby(bob: &mut Client) -> bool {
    let id = bob.send(ClientBody::Ping).await;
    loop {
        match bob.hear().await.expect("an open socket") {
            ServerMessage::Done { re } if re == id => return true,
            ServerMessage::Event(frame) => {
                let kept = matches!(
                    frame.event,
                    RoomEvent::Waiting { .. }
                        | RoomEvent::WaitEnded { .. }
                        | RoomEvent::WaitingLink { .. }
                        | RoomEvent::LobbyMessage { .. }
                        | RoomEvent::LinkRotated { .. }
                );
                if kept {
                    return false;
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_reload_in_the_lobby_keeps_the_place_and_the_newest_session_wins() {
    let host = Host::start().await;
    let room = asking(&host).await;
    let mut ann = host.moderator(&room, "Ann").await;
    let token = host.token(&room, &room.guest_key, "Bob").await;
    let (mut old, id, _) = wait(host.client().await, &token).await;
    let cleo_token = host.token(&room, &room.guest_key, "Cleo").await;
    wait(host.client().await, &cleo_token).await;

    let (mut new, again, position) = wait(host.client().await, &token).await;
    assert_eq!((again, position), (id, 1));
    assert_eq!(old.bye().await, Some(ByeReason::Replaced));
    ann.client.must(ClientBody::AdmitAll).await;
    new.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
    new.must(ClientBody::Leave).await;
    assert_eq!(new.bye().await, Some(ByeReason::Left));
}

#[tokio::test]
async fn a_guest_who_resumes_is_not_told_what_was_for_moderators() {
    let host = Host::start().await;
    let room = asking(&host).await;
    let mut ann = host.moderator(&room, "Ann").await;
    let token = host.token(&room, &room.guest_key, "Bob").await;
    let (mut bob, id, _) = wait(host.client().await, &token).await;
    ann.client.must(ClientBody::Admit { target: id }).await;
    let welcome = bob.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
    let ServerMessage::Welcome { seq, .. } = welcome else { unreachable!("just matched") };
    drop(bob);

    let cleo = host.token(&room, &room.guest_key, "Cleo").await;
    wait(host.client().await, &cleo).await;
    ann.client.must(ClientBody::RaiseHand).await;
    let resume = Some(Resume { meeting: ann.meeting, seq });
    let bob = host.client().await.hello_with(&token, resume, None).await;
    assert!(bob.room.is_none(), "resumed");
    let mut hand = false;
    for frame in &bob.events {
        let for_moderators =
            matches!(frame.event, RoomEvent::Waiting { .. } | RoomEvent::WaitEnded { .. });
        assert!(!for_moderators, "{:?}", frame.seq);
        hand |= matches!(frame.event, RoomEvent::HandRaised { .. });
    }
    assert!(hand, "but what is for everyone");

    let resume = Some(Resume { meeting: ann.meeting, seq });
    let again = host.token(&room, &room.moderator_key, "Eve").await;
    let eve = host.client().await.hello_with(&again, resume, None).await;
    assert_eq!(eve.view().lobby.len(), 1, "a moderator who comes is shown the lobby");
}

#[tokio::test]
async fn who_is_banned_cannot_return_not_even_after_the_server_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let http = reqwest::Client::new();
    let server = Process::start(folder.path()).await;
    let open = NewRoom { guests: GuestPolicy::Accept, ..NewRoom::named("Physics 101") };
    let room = make_room_as(&http, &server.url(), open).await;
    let ann_token = token(&http, &server.url(), &room, &room.moderator_key, "Ann").await;
    let bob_token = token(&http, &server.url(), &room, &room.guest_key, "Bob").await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    ann.client.must(ClientBody::Remove { target: bob.me, ban: true }).await;
    assert_eq!(bob.client.bye().await, Some(ByeReason::Removed));
    let left = ann.client.event(|event| matches!(event, RoomEvent::Left { .. })).await;
    let removed_by = Some(ann.me);
    assert!(left.event == RoomEvent::Left { participant: bob.me, removed_by });
    let refused = Client::connect(server.http).await.must_not(hello(&bob_token)).await;
    assert_eq!(refused.code, "removed");
    server.kill();

    let server = Process::start(folder.path()).await;
    let refused = Client::connect(server.http).await.must_not(hello(&bob_token)).await;
    assert_eq!(refused.code, "removed", "the journal remembers");
    let ann = Client::connect(server.http).await.hello(&ann_token).await;
    // By the guests' link, even with an open lobby, everyone is asked about now.
    let again = token(&http, &server.url(), &room, &room.guest_key, "Bob").await;
    wait(Client::connect(server.http).await, &again).await;
    drop(ann);
}

#[tokio::test]
async fn a_replaced_guest_link_gives_no_tokens_and_its_tokens_admit_no_newcomer() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let unused = host.token(&room, &room.guest_key, "Cleo").await;
    let in_use = host.token(&room, &room.guest_key, "Dan").await;
    host.client().await.hello(&in_use).await;

    assert_eq!(bob.client.must_not(ClientBody::RotateLink).await.code, "not_allowed");
    let new_key = rotate(&mut ann).await;
    assert_ne!(new_key, room.guest_key);
    let (status, problem) = host.look(&room.id, &room.guest_key).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("no_such_link")));
    let body = TokenRequest { key: room.guest_key.clone(), name: "Eve".to_owned() };
    let (status, _) = host.post(&format!("/api/v1/rooms/{}/tokens", room.id), &body).await;
    assert_eq!(status, 404);
    assert_eq!(host.look(&room.id, &room.moderator_key).await.0, 200, "the other link stays");

    let refused = host.client().await.must_not(hello(&unused)).await;
    assert_eq!(refused.code, "link_replaced");
    host.client().await.hello(&in_use).await;
    let by_the_new = host.token(&room, &new_key, "Eve").await;
    host.client().await.hello(&by_the_new).await;

    // The next meeting in this room knows the link that counts as well.
    ann.client.must(ClientBody::End).await;
    assert_eq!(ann.client.bye().await, Some(ByeReason::Ended));
    let refused = host.client().await.must_not(hello(&in_use)).await;
    assert_eq!(refused.code, "link_replaced", "in the next meeting they are newcomers");
    host.client().await.hello(&by_the_new).await;
}

async fn rotate(moderator: &mut Joined) -> String {
    let id = moderator.client.send(ClientBody::RotateLink).await;
    let answer = moderator
        .client
        .until(|message| matches!(message, ServerMessage::GuestLink { re, .. } if *re == id))
        .await;
    let ServerMessage::GuestLink { path, .. } = answer else { unreachable!("just matched") };
    path.split_once('#').expect("a key").1.to_owned()
}

#[tokio::test]
async fn a_locked_room_refuses_newcomers_and_takes_back_who_has_a_place() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let token = host.token(&room, &room.guest_key, "Bob").await;
    let bob = host.client().await.hello(&token).await;
    ann.client.must(ClientBody::SetLock { lock: Lock::Entry, on: true }).await;
    let newcomer = host.token(&room, &room.guest_key, "Cleo").await;
    let refused = host.client().await.must_not(hello(&newcomer)).await;
    assert_eq!(refused.code, "room_locked");
    let again = host.client().await.hello(&token).await;
    assert_eq!(again.me, bob.me);
}

#[tokio::test]
async fn minutes_without_a_moderator_have_a_range() {
    let host = Host::start().await;
    for (minutes, status) in [(0, 400), (1, 201), (1_440, 201), (1_441, 400)] {
        let body = serde_json::json!({
            "name": "Physics 101",
            "unattended": { "close_after_minutes": minutes },
        });
        let (found, answer) = host.post("/api/v1/rooms", &body).await;
        assert_eq!(found, status, "{minutes}: {answer}");
        if status == 400 {
            assert_eq!(answer["code"], "minutes_out_of_range");
        }
    }
}

#[tokio::test]
async fn without_their_moderator_a_room_that_waits_lets_nobody_in_until_one_comes() {
    let host = Host::start().await;
    let set = NewRoom {
        starter: conf_core::Starter::Moderator,
        guests: GuestPolicy::Accept,
        ..NewRoom::named("Physics 101")
    };
    let room = make_room_as(&host.http, &host.url(""), set).await;
    let token = host.token(&room, &room.guest_key, "Bob").await;
    let mut bob = host.client().await;
    let ServerMessage::Waiting { reason, .. } = bob.ask(hello(&token)).await else {
        panic!("expected to wait");
    };
    assert_eq!(reason, WaitReason::NoModerator);
    let _ann = host.moderator(&room, "Ann").await;
    let welcome = bob.until(|message| matches!(message, ServerMessage::Welcome { .. }));
    tokio::time::timeout(Duration::from_secs(20), welcome).await.expect("let in by itself");
}
