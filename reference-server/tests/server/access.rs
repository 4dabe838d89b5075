//! Who may make rooms, come in, and look at the machine.

use std::fs;

use conf_proto::GuestPolicy;
use conf_proto::rest::NewRoom;
use reference_server::config::Config;
use reference_server::{Server, StartError};
use reqwest::header::HOST;

use crate::host::{Host, make_room, settings};

fn new_room() -> NewRoom {
    NewRoom { guests: GuestPolicy::Accept, ..NewRoom::named("Physics 101") }
}

#[tokio::test]
async fn behind_a_proxy_making_a_room_needs_the_operators_key() {
    let host =
        Host::start_with(|s| s.behind_proxy = vec!["127.0.0.1/32".parse().expect("a net")]).await;
    let about = host.http.get(host.url("/api/v1/about")).send().await.expect("an answer");
    let about: serde_json::Value = about.json().await.expect("JSON");
    assert_eq!(about["key_needed"], true);

    let (status, problem) = host.post("/api/v1/rooms", &new_room()).await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("key_needed")));

    let file = host.folder().join("data.keys/operator.key");
    let key = fs::read_to_string(file).expect("the operator's key");
    make_room(&host.http, &host.url(""), Some(key.trim())).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn on_loopback_a_room_is_free_to_make_but_not_under_a_foreign_name() {
    let host = Host::start().await;
    host.room().await;
    let rebound = host.http.post(host.url("/api/v1/rooms")).header(HOST, "evil.example");
    let answer = rebound.json(&new_room()).send().await.expect("an answer");
    assert_eq!(answer.status(), 401);

    // What a form of a foreign page could send without asking.
    let form = host.http.post(host.url("/api/v1/rooms")).body(r#"{"name":"x"}"#);
    let answer = form.header("content-type", "text/plain").send().await.expect("an answer");
    assert_eq!(answer.status(), 415);
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_room_are_the_same_answer() {
    let host = Host::start().await;
    let room = host.room().await;
    let (status, look) = host.look(&room.id, &room.guest_key).await;
    assert_eq!((status, look["name"].as_str()), (200, Some("Physics 101")));
    assert_eq!(
        (look["role"].as_str(), look["standing"].as_str()),
        (Some("participant"), Some("guest"))
    );

    let wrong_key = host.look(&room.id, "wrong").await;
    assert_eq!(wrong_key.0, 404);
    assert_eq!(wrong_key.1["code"], "no_such_link");
    let other = format!("room_{}", "0".repeat(32));
    for wrong_room in [other.as_str(), "room_7", "..%2f", "mtg_0"] {
        assert_eq!(host.look(wrong_room, &room.guest_key).await, wrong_key, "{wrong_room}");
    }
    let (status, problem) = host
        .post(
            &format!("/api/v1/rooms/{}/tokens", room.id),
            &serde_json::json!({ "key": room.guest_key, "name": " \u{202e} " }),
        )
        .await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("text_empty")));
    let (status, _) =
        host.post("/api/v1/rooms", &serde_json::json!({ "name": "x".repeat(20_000) })).await;
    assert_eq!(status, 413);
    host.server.shutdown().await;
}

#[tokio::test]
async fn plain_http_on_an_open_address_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut open = settings(folder.path());
    open.listen = Some("0.0.0.0:0".parse().expect("an address"));
    let refused = match Config::load(&open) {
        Err(error) => error.to_string(),
        Ok(config) => match Server::start(config).await.err() {
            Some(error @ StartError::PlainHttp { .. }) => error.to_string(),
            other => panic!("expected a refusal, found {other:?}"),
        },
    };
    assert!(refused.contains("behind"), "{refused}");

    // With a proxy named it starts, and talks to that proxy only.
    let host = Host::start_with(|s| {
        s.listen = Some("0.0.0.0:0".parse().expect("an address"));
        s.behind_proxy = vec!["192.0.2.0/24".parse().expect("a net")];
    })
    .await;
    let page = host.http.get(host.url("/")).send().await.expect("an answer");
    assert_eq!(page.status(), 403);
    let check = host.http.get(host.url("/healthz")).send().await.expect("an answer");
    assert_eq!(check.status(), 200);
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_self_signed_certificate_serves_https() {
    let host = Host::start_with(|s| s.tls_self_signed = true).await;
    assert!(host.server.url().starts_with("https://"), "{}", host.server.url());
    // The client trusts no such certificate: that it says so shows TLS is spoken.
    let plain = host.http.get(host.url("/")).send().await;
    assert!(plain.is_err() || plain.is_ok_and(|answer| answer.status() == 400));
    host.server.shutdown().await;
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let host = Host::start().await;
    for path in ["/", "/r/room_0", "/api/v1/about", "/healthz", "/nothing", "/api/v1/nothing"] {
        let answer = host.http.get(host.url(path)).send().await.expect("an answer");
        let header = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        assert!(header("content-security-policy").contains("trusted-types"), "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(header("strict-transport-security"), "", "{path}: not over plain HTTP");
        if path.starts_with("/api") {
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
    let missing = host.http.get(host.url("/assets/no.js")).send().await.expect("an answer");
    assert_eq!(missing.status(), 404);
    host.server.shutdown().await;
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_with_the_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    fs::write(&file, "correct-horse-battery\n").expect("a token file");
    let host = Host::start_with(|s| s.metrics_token_file = Some(file)).await;
    let room = host.room().await;
    let _ann = host.moderator(&room, "Ann").await;

    let here = host.http.get(host.url("/metrics")).send().await.expect("an answer");
    assert_eq!(here.status(), 200);
    let text = here.text().await.expect("metrics");
    for name in ["conf_signal_sessions", "conf_room_participants", "conf_journal_append_seconds"] {
        assert!(text.contains(name), "{name}");
    }
    let away = || host.http.get(host.url("/metrics")).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(away().send().await.expect("an answer").status(), 401);
    let wrong = away().bearer_auth("correct-horse-batterie").send().await.expect("an answer");
    assert_eq!(wrong.status(), 401);
    let right = away().bearer_auth("correct-horse-battery").send().await.expect("an answer");
    assert_eq!(right.status(), 200);
    host.server.shutdown().await;
}
