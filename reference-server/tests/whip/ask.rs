//! What a request must be, and what it is answered when it is not.

use conf_core::Role;
use conf_proto::GuestPolicy;
use reqwest::{Method, StatusCode};

use crate::stream::{Answer, Ask, House, plays, sends};

/// An offer nobody made: enough of one to be read.
const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
                     m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n";

async fn post(house: &House, path: &str, kind: &str, token: Option<&str>, body: &str) -> Answer {
    let request = house.request(Method::POST, path).header("content-type", kind);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    Answer::of(request.body(body.to_owned()).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_was_made_wants_a_token_of_its_own() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Accept).await;
    let path = format!("/whip/{}/cam", made.room);
    let ask = async |token: Option<String>| {
        post(&house, &path, "application/sdp", token.as_deref(), OFFER).await
    };
    let none = ask(None).await;
    assert_eq!((none.status, none.code().as_str()), (StatusCode::UNAUTHORIZED, "token_needed"));
    assert_eq!(none.header("www-authenticate"), "Bearer");
    let wrong = ask(Some("x.y.z".to_owned())).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNAUTHORIZED, "token_invalid"));
    let other = house.room(GuestPolicy::Accept).await;
    let other = ask(Some(house.grant(&other.room, Role::Service).await)).await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::FORBIDDEN, "token_other_room"));
    // A guest's own token names its holder and nobody else.
    let guest = house.guest_token(&made, "Mallory").await;
    let posed = ask(Some(guest)).await;
    assert_eq!((posed.status, posed.code().as_str()), (StatusCode::FORBIDDEN, "other_id"));
    let fitting = ask(Some(house.grant(&made.room, Role::Service).await)).await;
    assert_eq!(fitting.status, StatusCode::UNPROCESSABLE_ENTITY, "only the offer is no good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_rooms_that_are_there_or_open_are_found() {
    let house = House::with(&[]).await;
    let closed = post(&house, "/whip/hall/cam", "application/sdp", None, OFFER).await;
    assert_eq!((closed.status, closed.code().as_str()), (StatusCode::NOT_FOUND, "no_such_room"));
    let house = House::open().await;
    let page =
        house.request(Method::POST, "/whip/hall/cam").header("content-type", "application/sdp");
    let page = page.header("origin", "https://evil.example").body(OFFER).send().await.unwrap();
    assert_eq!(Answer::of(page).await.code(), "no_such_room", "a page of another site");
    let made = "/whip/room_0000000000000000000000000000000b/cam";
    let made = post(&house, made, "application/sdp", None, OFFER).await;
    assert_eq!(made.code(), "token_needed", "a room that is made is not open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_offer_is_refused_by_what_is_wrong_with_it() {
    let house = House::open().await;
    for (kind, body, status, code) in [
        ("application/json", OFFER, 415, "malformed"),
        ("application/sdp", "hello", 400, "malformed"),
        ("application/sdp", OFFER, 422, "offer_refused"),
        ("application/sdp", "v=0\r\nm=audio 9 X 0\r\na=recvonly\r\n", 422, "offer_refused"),
        ("application/sdp; charset=utf-8", "v=0\r\n", 422, "offer_refused"),
    ] {
        let answer = post(&house, "/whip/r/cam", kind, None, body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let play = post(&house, "/whep/r/cam", "application/sdp", None, OFFER).await;
    assert_eq!((play.status.as_u16(), play.code().as_str()), (422, "offer_refused"));
    // The last of all: what is not read ends the connection, which a client may yet try to take again.
    let long = format!("v=0\r\n{}", "a=x\r\n".repeat(100_000));
    let answer = post(&house, "/whip/r/cam", "application/sdp", None, &long).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_origins_may_ask_and_read_the_answer() {
    let house = House::open().await;
    for path in ["/whip/r/a", "/whep/r", "/whep/r/a/b", "/streams/r/k"] {
        let asked = house.request(Method::OPTIONS, path).header("origin", "https://x.example");
        let answer = Answer::of(asked.send().await.unwrap()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        for method in ["POST", "PATCH", "DELETE"] {
            assert!(answer.header("access-control-allow-methods").contains(method));
        }
        for name in ["Authorization", "Content-Type", "If-Match"] {
            assert!(answer.header("access-control-allow-headers").contains(name));
        }
        for name in ["Location", "ETag", "Link"] {
            assert!(answer.header("access-control-expose-headers").contains(name));
        }
        assert_eq!(answer.header("accept-post"), "application/sdp");
    }
    let got = Answer::of(house.request(Method::GET, "/whip/r/a").send().await.unwrap()).await;
    assert_eq!(
        (got.status, got.code().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "no_such_method")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_names_the_ice_session_it_is_for() {
    let house = House::open().await;
    let stream = house.stream(Ask::new("/whip/r/cam", sends())).await;
    assert_eq!(stream.etag, "\"ice-1\"");
    let fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n";
    let candidates = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n";
    let kind = "application/trickle-ice-sdpfrag";
    let change = async |kind: &str, version: Option<&str>, body: &str| {
        let request = house.request(Method::PATCH, &stream.location).header("content-type", kind);
        let request = match version {
            Some(version) => request.header("if-match", version),
            None => request,
        };
        Answer::of(request.body(body.to_owned()).send().await.unwrap()).await
    };
    assert_eq!(change(kind, Some("\"ice-1\""), candidates).await.status, StatusCode::NO_CONTENT);
    for (kind, version, body, status) in [
        ("application/sdp", Some("*"), fragment, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (kind, None, candidates, StatusCode::PRECONDITION_REQUIRED),
        (kind, Some("\"ice-2\""), candidates, StatusCode::PRECONDITION_FAILED),
        (kind, Some("\"else\""), candidates, StatusCode::PRECONDITION_FAILED),
        (kind, Some("*"), "{}", StatusCode::BAD_REQUEST),
    ] {
        let answer = change(kind, version, body).await;
        assert_eq!(answer.status, status, "{version:?} {body}");
        assert!(!answer.code().is_empty());
    }
    let short = change(kind, Some("*"), "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n").await;
    assert_eq!((short.status.as_u16(), short.code().as_str()), (422, "offer_refused"));
    let restarted = change(kind, Some("*"), fragment).await;
    assert_eq!(restarted.status, StatusCode::OK);
    assert_eq!(restarted.header("content-type"), kind);
    assert_eq!(restarted.header("etag"), "\"ice-2\"");
    for part in ["a=ice-lite", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=mid:"] {
        assert!(restarted.body.contains(part), "{part} in {}", restarted.body);
    }
    let late = change(kind, Some("\"ice-1\""), candidates).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    let unknown = format!("{}0", &stream.location[..stream.location.len() - 1]);
    let unknown = house.request(Method::DELETE, &unknown).send().await.unwrap();
    let known = unknown.status() == StatusCode::OK;
    assert!(known == stream.location.ends_with('0'), "another key opens nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_a_made_room_is_changed_by_a_holder_of_a_token_only() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Accept).await;
    let token = house.grant(&made.room, Role::Participant).await;
    let path = format!("/whep/{}/wall", made.room);
    let stream = house.stream(Ask::new(&path, plays(1)).token(&token)).await;
    let none = house.request(Method::DELETE, &stream.location).send().await.unwrap();
    assert_eq!(Answer::of(none).await.code(), "token_needed");
    let ended = house.request(Method::DELETE, &stream.location).bearer_auth(&token);
    assert_eq!(ended.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn open_rooms_want_loopback_and_no_proxy() {
    for flags in [
        &["--listen", "0.0.0.0:0", "--tls-self-signed"][..],
        &["--media-listen", "[::]:0"],
        &["--behind-proxy", "127.0.0.1/32"],
    ] {
        let all: Vec<&str> =
            ["conf-server", "serve", "--open-rooms"].iter().chain(flags).copied().collect();
        let error = crate::stream::load(&all).expect_err("not here").to_string();
        assert!(error.contains("open_rooms"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_makes_a_token_that_admits() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Deny).await;
    let token = house.cli_token(&made.room, "participant");
    let path = format!("/whip/{}/cam", made.room);
    house.stream(Ask::new(&path, sends()).token(&token)).await;
}
