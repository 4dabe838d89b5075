//! Streams beside people: they are seen, and every rule of the meeting holds for them.

use std::time::Duration;

use conf_client::driver::{Invite, JoinOptions, Participant};
use conf_client::link::LinkState;
use conf_core::Role;
use conf_proto::rest::RoomMade;
use conf_proto::{ClientBody, GuestPolicy, Lock, Source};
use reqwest::StatusCode;

use crate::stream::{Ask, BOTH, House, plays, sends, until};

async fn moderator(house: &House, made: &RoomMade) -> Participant {
    let invite = Invite::parse(&made.moderator_path).unwrap();
    Participant::join(JoinOptions::new(house.api(), invite, "Ann").publish(BOTH)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_a_participant_who_is_seen_heard_muted_and_removed() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Accept).await;
    let ann = moderator(&house, &made).await;
    let token = house.grant(&made.room, Role::Service).await;
    let path = format!("/whip/{}/hall camera", made.room);
    let camera = house.stream(Ask::new(&path, sends()).marked(7).token(&token)).await;
    let play = format!("/whep/{}/hall camera", made.room);
    let screen = house.stream(Ask::new(&play, plays(2)).token(&token)).await;

    let theirs = |room: &conf_client::room::Room| {
        room.participants.iter().find(|p| p.name.as_deref() == Some("hall camera")).cloned()
    };
    ann.until(|room| theirs(room).is_some_and(|p| p.sources.len() == 2)).await;
    let who = ann.room().as_ref().and_then(theirs).unwrap();
    assert_eq!(who.role, Role::Service);
    for source in BOTH {
        ann.until_received(|r| r.source(crate::stream::mark(7), source).packets > 20).await;
        let of = ann.id();
        until("she is played", || screen.devices.reception(|r| r.source(of, source).packets) > 20)
            .await;
    }

    ann.mute(who.id).await.unwrap();
    let muted_at = conf_client::link::clock_us();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let last = ann.stats(|r| r.source(crate::stream::mark(7), Source::Microphone).last_sent_us);
    assert!(last <= muted_at, "sent {} us after the mute", last.saturating_sub(muted_at));

    let remove = ClientBody::Remove { target: who.id, ban: false };
    ann.ask(remove).await.unwrap();
    ann.until(|room| theirs(room).is_none()).await;
    for stream in [&camera, &screen] {
        let gone = house.request(reqwest::Method::DELETE, &stream.location).bearer_auth(&token);
        assert_eq!(gone.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
    let again = house.try_stream(Ask::new(&path, sends()).token(&token)).await.err().unwrap();
    assert_eq!((again.status, again.code().as_str()), (StatusCode::FORBIDDEN, "removed"));
    let other = path.replace("hall", "yard");
    house.stream(Ask::new(&other, sends()).token(&token)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_hold_for_streams_and_nothing_is_left_of_a_refused_one() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Accept).await;
    let ann = moderator(&house, &made).await;
    ann.set_lock(Lock::Camera, true).await.unwrap();
    let token = house.grant(&made.room, Role::Service).await;
    let path = format!("/whip/{}/cam", made.room);
    let locked = house.try_stream(Ask::new(&path, sends()).token(&token)).await.err().unwrap();
    assert_eq!((locked.status, locked.code().as_str()), (StatusCode::FORBIDDEN, "locked"));
    ann.until(|room| room.participants.len() == 1).await;
    ann.set_lock(Lock::Camera, false).await.unwrap();
    house.stream(Ask::new(&path, sends()).token(&token)).await;
    ann.until(|room| room.participants.len() == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_stream_waits_in_the_lobby_and_asks_again() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Ask).await;
    let ann = moderator(&house, &made).await;
    let token = house.guest_token(&made, "Bob").await;
    let path = format!("/whip/{}", made.room);
    let waits = house.try_stream(Ask::new(&path, sends()).token(&token)).await.err().unwrap();
    assert_eq!((waits.status, waits.code().as_str()), (StatusCode::FORBIDDEN, "waiting"));
    assert_eq!(waits.header("retry-after"), "5");
    ann.ask(ClientBody::AdmitAll).await.unwrap();
    let stream = house.stream(Ask::new(&path, sends()).marked(3).token(&token)).await;
    ann.until_received(|r| r.source(crate::stream::mark(3), Source::Camera).packets > 20).await;
    // The same person by a browser: the newest session wins.
    assert_eq!(stream.link.state(), LinkState::Connected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_whose_peer_dies_is_ended() {
    let house = House::with(&[]).await;
    let made = house.room(GuestPolicy::Accept).await;
    let ann = moderator(&house, &made).await;
    let token = house.grant(&made.room, Role::Service).await;
    let path = format!("/whip/{}/cam", made.room);
    let stream = house.stream(Ask::new(&path, sends()).token(&token)).await;
    ann.until(|room| room.participants.len() == 2).await;
    // It says no goodbye: half a minute of silence is one.
    drop(stream);
    let left = ann.until(|room| room.participants.len() == 1);
    tokio::time::timeout(Duration::from_secs(90), left).await.expect("it is ended");
}
