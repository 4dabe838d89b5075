//! Attendance over the wire: who is told that it is kept, who reads it, and that a restart loses none of it.

use conf_proto::rest::NewRoom;
use conf_proto::{ClientBody, GuestPolicy, RoomSignal, ServerMessage, Stay};

use crate::client::{Client, Joined};
use crate::host::{Host, make_room_as};
use crate::process::Process;

const SHOW: ClientBody = ClientBody::ShowAttendance { from: 0 };

fn room() -> NewRoom {
    NewRoom { guests: GuestPolicy::Accept, attendance: true, ..NewRoom::named("Physics") }
}

async fn shown(who: &mut Client) -> Vec<Stay> {
    who.must(SHOW).await;
    let told = who.until(|message| attendance(message).is_some()).await;
    attendance(&told).expect("it was just found").to_vec()
}

fn attendance(message: &ServerMessage) -> Option<&[Stay]> {
    match message {
        ServerMessage::Signal { signal: RoomSignal::Attendance { stays, .. } } => Some(stays),
        _ => None,
    }
}

fn names(stays: &[Stay]) -> Vec<&str> {
    stays.iter().map(|stay| stay.name.as_deref().unwrap_or("?")).collect()
}

#[tokio::test]
async fn everyone_is_told_before_they_come_in_and_only_moderators_read_it() {
    let host = Host::start().await;
    let plain = host.room().await;
    let mut ann = host.moderator(&plain, "Ann").await;
    assert_eq!(ann.client.must_not(SHOW).await.code, "attendance_off");
    assert!(!ann.view().attendance);

    let http = reqwest::Client::new();
    let room = make_room_as(&http, &host.url(""), room()).await;
    let (_, look) = host.look(&room.id, &room.guest_key).await;
    assert_eq!(look["attendance"], true);
    let mut ann = host.moderator(&room, "Ann").await;
    let mut eve = host.guest(&room, "Eve").await;
    assert!(eve.view().attendance);
    assert_eq!(eve.client.must_not(SHOW).await.code, "not_allowed");
    assert!(!eve.client.has_heard(|message| attendance(message).is_some()));
    assert_eq!(names(&shown(&mut ann.client).await), ["Ann", "Eve"]);
    assert!(!eve.client.has_heard(|message| attendance(message).is_some()));
}

#[tokio::test]
async fn a_killed_server_still_knows_who_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, _], mut ann, mut bob) = server.ann_and_bob_in(room()).await;
    bob.client.send(ClientBody::Leave).await;
    ann.client.event(|event| matches!(event, conf_proto::RoomEvent::Left { .. })).await;
    let before = shown(&mut ann.client).await;
    server.kill();
    let server = Process::start(folder.path()).await;
    let Joined { mut client, .. } = Client::connect(server.http).await.hello(&ann_token).await;
    let after = shown(&mut client).await;
    assert_eq!(names(&after), ["Ann", "Bob"]);
    assert!(after == before, "she is there again, and he left when he left");
}
