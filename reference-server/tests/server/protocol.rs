//! Clients that do not do as they should.

use conf_proto::{ByeReason, ClientBody, PROTOCOL, RoomEvent, ServerMessage};
use reqwest::header::{
    CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};

use crate::client::{Client, Joined};
use crate::host::Host;

fn hello(protocol: u16, token: &str) -> ClientBody {
    ClientBody::Hello { protocol, token: token.to_owned(), resume: None, offer: None }
}

#[tokio::test]
async fn malformed_frames_are_answered_by_name_and_not_for_ever() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await.client;
    let bad = [
        "hello?",
        r#"{"id":7}"#,
        r#"{"id":8,"type":"dance"}"#,
        r#"{"id":9,"type":"mute","target":"room_01"}"#,
        r#"{"id":-1,"type":"ping"}"#,
        "[]",
        r#"{"id":10,"type":"publish","source":"kitchen"}"#,
        "\u{0}",
    ];
    let mut answered = Vec::new();
    for text in bad {
        ann.send_text(text.to_owned()).await;
        match ann.until(|message| matches!(message, ServerMessage::Refused { .. })).await {
            ServerMessage::Refused { re, problem } => {
                assert_eq!(problem.code, "malformed", "{text}");
                assert!(!problem.detail.is_empty());
                answered.push(re);
            }
            other => unreachable!("only refusals fit: {other:?}"),
        }
    }
    assert_eq!(answered, [0, 7, 8, 9, 0, 0, 10, 0]);
    ann.must(ClientBody::RaiseHand).await;

    ann.send_binary().await;
    ann.send_text("x".repeat(20_000)).await;
    assert_eq!(ann.bye().await, Some(ByeReason::Protocol), "ten are enough");
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_session_begins_with_a_valid_hello() {
    let host = Host::start().await;
    let room = host.room().await;
    let token = host.token(&room, &room.guest_key, "Bob").await;

    let mut early = host.client().await;
    assert_eq!(early.must_not(ClientBody::RaiseHand).await.code, "malformed");
    assert_eq!(early.must_not(hello(PROTOCOL + 1, &token)).await.code, "protocol");
    assert_eq!(early.bye().await, None, "the refusal was the last word");

    let mut forged = host.client().await;
    let broken = format!("{}x", &token[..token.len() - 2]);
    assert_eq!(forged.must_not(hello(PROTOCOL, &broken)).await.code, "token_invalid");
    assert_eq!(forged.bye().await, None);

    let mut twice = host.client().await.hello(&token).await.client;
    assert_eq!(twice.must_not(hello(PROTOCOL, &token)).await.code, "already_open");
    twice.must(ClientBody::Ping).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_frame_beyond_the_limit_ends_the_session_only_it_was_in() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await.client;
    let mut bob = host.guest(&room, "Bob").await.client;
    ann.send_text("x".repeat(300_000)).await;
    ann.bye().await;
    bob.must(ClientBody::RaiseHand).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn requests_beyond_the_rate_are_refused_and_change_nothing() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await.client;
    for _ in 0..300 {
        ann.send(ClientBody::Ping).await;
    }
    let refused = ann.until(|message| matches!(message, ServerMessage::Refused { .. })).await;
    assert!(
        matches!(refused, ServerMessage::Refused { problem, .. } if problem.code == "too_fast")
    );
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_slow_reader_is_sent_away_and_the_others_do_not_notice() {
    let host = Host::start().await;
    let room = host.room().await;
    let token = host.token(&room, &room.guest_key, "Slow").await;
    let slow = Client::connect_narrow(host.server.http_addr()).await.hello(&token).await;
    let mut witness = host.moderator(&room, "Witness").await.client;

    // More than the kernels on the way take, then more frames than are kept for it.
    let mut talkers = Vec::new();
    for name in ["Ann", "Bob", "Cleo", "Dora", "Emil", "Finn"] {
        let Joined { mut client, me, .. } = host.moderator(&room, name).await;
        talkers.push(tokio::spawn(async move {
            for _ in 0..20 {
                client.must(ClientBody::say("\u{1f4ac}".repeat(2_000))).await;
            }
            for _ in 0..35 {
                client.must(ClientBody::RaiseHand).await;
                client.must(ClientBody::LowerHand { target: me }).await;
            }
        }));
    }
    witness.event(|event| *event == RoomEvent::LinkLost { participant: slow.me }).await;
    for talker in talkers {
        talker.await.expect("nobody else is sent away");
    }
    let mut slow = slow.client;
    // The goodbye is tried, and given up on a socket that takes nothing at all.
    assert!(matches!(slow.bye().await, Some(ByeReason::Slow) | None));
    let mut again = host.client().await.hello(&token).await.client;
    again.must(ClientBody::RaiseHand).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_page_of_another_origin_opens_no_session() {
    let host = Host::start().await;
    for (origin, expected) in [("https://evil.example", 403), ("http://meet.example", 101)] {
        let asked = host
            .http
            .get(host.url("/api/v1/signal"))
            .header(HOST, "meet.example")
            .header(ORIGIN, origin)
            .header(CONNECTION, "upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(asked.send().await.expect("an answer").status().as_u16(), expected, "{origin}");
    }
    host.server.shutdown().await;
}
