//! The learning view over the wire: who is told of it, who reads whose figures, and what is on
//! the disk.

use conf_proto::rest::NewRoom;
use conf_proto::{ClientBody, Figures, GuestPolicy, RoomSignal, ServerMessage};

use crate::client::{Client, Joined};
use crate::host::{Host, make_room_as};
use crate::process::Process;

const SHOW: ClientBody = ClientBody::ShowLearning { from: 0 };

fn room() -> NewRoom {
    NewRoom { guests: GuestPolicy::Accept, learning: true, ..NewRoom::named("Physics") }
}

fn told(message: &ServerMessage) -> Option<Vec<Figures>> {
    match message {
        ServerMessage::Signal { signal: RoomSignal::Learning { people, .. } } => {
            Some(people.clone())
        }
        ServerMessage::Signal { signal: RoomSignal::OwnLearning { figures } } => {
            Some(vec![figures.clone()])
        }
        _ => None,
    }
}

async fn shown(who: &mut Client, ask: ClientBody) -> Vec<Figures> {
    who.must(ask).await;
    let answer = who.until(|message| told(message).is_some()).await;
    told(&answer).expect("it was just found")
}

/// Who they are, and their hands and messages.
fn read(people: &[Figures]) -> Vec<(&str, u32, u32)> {
    people.iter().map(|p| (p.name.as_deref().unwrap_or("?"), p.hands, p.messages)).collect()
}

async fn say(who: &mut Client) {
    who.must(ClientBody::Chat { text: "a word".to_owned(), to: None, answers: None }).await;
}

#[tokio::test]
async fn everyone_is_told_before_they_come_in_and_reads_no_figures_but_their_own() {
    let host = Host::start().await;
    let plain = host.room().await;
    let (_, look) = host.look(&plain.id, &plain.guest_key).await;
    assert_eq!(look["learning"], false);
    let mut ann = host.moderator(&plain, "Ann").await;
    assert!(!ann.view().learning);
    for ask in [SHOW, ClientBody::ShowOwnLearning] {
        assert_eq!(ann.client.must_not(ask).await.code, "learning_off");
    }

    let http = reqwest::Client::new();
    let room = make_room_as(&http, &host.url(""), room()).await;
    let (_, look) = host.look(&room.id, &room.guest_key).await;
    assert_eq!(look["learning"], true);
    let mut ann = host.moderator(&room, "Ann").await;
    let mut eve = host.guest(&room, "Eve").await;
    assert!(eve.view().learning);
    assert_eq!(eve.client.must_not(SHOW).await.code, "not_allowed");
    assert!(!eve.client.has_heard(|message| told(message).is_some()));
    eve.client.must(ClientBody::RaiseHand).await;
    say(&mut eve.client).await;
    let all = shown(&mut ann.client, SHOW).await;
    assert_eq!(read(&all), [("Ann", 0, 0), ("Eve", 1, 1)]);
    assert!(!eve.client.has_heard(|message| told(message).is_some()), "nobody else is told");
    let own = shown(&mut eve.client, ClientBody::ShowOwnLearning).await;
    assert_eq!(read(&own), [("Eve", 1, 1)]);
    assert!(own[0].person == all[1].person);
}

#[tokio::test]
async fn a_killed_server_still_knows_what_each_did() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, mut bob) = server.ann_and_bob_in(room()).await;
    say(&mut ann.client).await;
    say(&mut bob.client).await;
    bob.client.must(ClientBody::RaiseHand).await;
    bob.client.send(ClientBody::Leave).await;
    ann.client.event(|event| matches!(event, conf_proto::RoomEvent::Left { .. })).await;
    server.kill();
    let server = Process::start(folder.path()).await;
    let Joined { mut client, .. } = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    say(&mut bob.client).await;
    let after = shown(&mut client, SHOW).await;
    assert_eq!(read(&after), [("Ann", 0, 1), ("Bob", 1, 2)], "he is the same as before");
    assert!(after.iter().all(|person| person.here));
}
