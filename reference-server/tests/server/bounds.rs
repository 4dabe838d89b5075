//! How much one address may take, and what it is told when that is too much.

use conf_proto::ClientBody;

use crate::host::{Host, Room};

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_back() {
    let host = Host::start_with(|settings| settings.address_requests_per_minute = Some(4)).await;
    let Room { id, guest_key, .. } = host.room().await;
    for _ in 0..3 {
        assert_eq!(host.look(&id, &guest_key).await.0, 200);
    }
    let body = conf_proto::rest::LookRequest { key: guest_key };
    let path = host.url(&format!("/api/v1/rooms/{id}/look"));
    let refused = host.http.post(path).json(&body).send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let again: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=16).contains(&again), "{again}");
    let problem: serde_json::Value = refused.json().await.expect("a problem");
    assert_eq!(problem["code"], "too_many");
    // What costs nothing is not counted.
    let about = host.http.get(host.url("/api/v1/about")).send().await.expect("an answer");
    assert_eq!(about.status(), 200);
    host.server.shutdown().await;
}

#[tokio::test]
async fn an_address_that_joins_too_often_is_refused_and_those_inside_stay() {
    let host = Host::start_with(|settings| settings.address_joins_per_minute = Some(2)).await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await.client;
    let mut bob = host.guest(&room, "Bob").await.client;
    let token = host.token(&room, &room.guest_key, "Cleo").await;
    let hello =
        ClientBody::Hello { protocol: conf_proto::PROTOCOL, token, resume: None, offer: None };
    assert_eq!(host.client().await.must_not(hello).await.code, "too_many");
    ann.must(ClientBody::RaiseHand).await;
    bob.must(ClientBody::RaiseHand).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_whole_school_behind_one_address_joins_at_once() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut inside = Vec::new();
    for _ in 0..6 {
        let joining = (0..50).map(|_| host.guest(&room, "Pupil"));
        inside.extend(futures_util::future::join_all(joining).await);
    }
    assert_eq!(inside.len(), 300);
    host.server.shutdown().await;
}
