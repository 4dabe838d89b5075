//! Both peers as programs: two publish, one of them late, three receive both, in order and whole.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use conf_client::link::{Devices, Link, LinkState, MediaPlan};
use conf_client::str0m_peer;
use conf_client::synthetic::CameraPlan;
use conf_proto::{ParticipantId, Source};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use tokio::runtime::Handle;

const WITHIN: Duration = Duration::from_secs(30);
/// Packets of each source that everyone is to receive.
const ENOUGH: u64 = 100;

/// A running peer; ends with the test.
struct Peer {
    child: Child,
    http: String,
}

impl Peer {
    fn start(program: &str) -> Self {
        let mut child = Command::new(program).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let word = |name| line.split_whitespace().find_map(|word| word.strip_prefix(name));
        assert!(line.starts_with("peer ready ") && word("media=").is_some(), "{line}");
        let http = word("http=").unwrap().to_owned();
        Self { child, http }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Someone who publishes or plays.
struct Person {
    devices: Devices,
    link: Link,
    session: String,
}

impl Person {
    async fn join(peer: &Peer, way: &str, id: &str, plan: &MediaPlan) -> Self {
        let devices = Devices::new(plan, 0);
        let (offer, link) = str0m_peer::start(plan, devices.clone(), &Handle::current()).unwrap();
        let request = reqwest::Client::new().post(format!("{}/{way}/room/{id}", peer.http));
        let request = request.header(CONTENT_TYPE, "application/sdp").body(offer.sdp);
        let answer = request.send().await.unwrap();
        if answer.status() != StatusCode::CREATED {
            panic!("{}: {}", answer.status(), answer.text().await.unwrap());
        }
        let location = answer.headers()[LOCATION].to_str().unwrap();
        let session = format!("{}{location}", peer.http);
        assert!(link.accept(answer.text().await.unwrap()));
        let mut state = link.watch();
        let connected = state.wait_for(|state| *state == LinkState::Connected);
        tokio::time::timeout(WITHIN, connected).await.expect("connects in time").unwrap();
        Self { devices, link, session }
    }

    async fn publish(peer: &Peer, number: u64) -> Self {
        let plan = MediaPlan {
            camera: Some(CameraPlan::single(1500, 30)),
            audio_slots: 0,
            video_slots: 0,
            ..MediaPlan::default()
        };
        let person = Self::join(peer, "whip", &format!("publisher-{number}"), &plan).await;
        person.devices.studio(|studio| {
            studio.identify(ParticipantId::from_number(number.into()));
            studio.switch(Instant::now(), Source::Microphone, true);
            studio.switch(Instant::now(), Source::Camera, true);
        });
        person
    }

    async fn play(peer: &Peer, number: u64) -> Self {
        let plan = MediaPlan {
            microphone: false,
            camera: None,
            audio_slots: 2,
            video_slots: 2,
            ..MediaPlan::default()
        };
        Self::join(peer, "whep", &format!("player-{number}"), &plan).await
    }

    /// Waits until enough of what `publisher` sends has arrived.
    async fn hears(&self, publisher: u64) {
        let id = ParticipantId::from_number(publisher.into());
        let enough = async {
            let count = |source| self.devices.reception(|r| r.source(id, source).packets);
            while count(Source::Microphone) < ENOUGH || count(Source::Camera) < ENOUGH {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let slots = || self.devices.reception(|reception| reception.slots());
        assert!(tokio::time::timeout(WITHIN, enough).await.is_ok(), "{publisher}: {:?}", slots());
        assert_eq!(self.link.state(), LinkState::Connected);
        for (mid, slot) in slots() {
            assert_eq!((slot.gaps, slot.picture_breaks), (0, 0), "{mid}: {slot:?}");
        }
    }
}

async fn story(program: &str) {
    let peer = Peer::start(program);
    let first = Person::publish(&peer, 1).await;
    let mut players = Vec::new();
    for number in 1..=3 {
        players.push(Person::play(&peer, number).await);
    }
    for player in &players {
        player.hears(1).await;
    }
    let _second = Person::publish(&peer, 2).await;
    for player in &players {
        player.hears(2).await;
    }
    let client = reqwest::Client::new();
    let ended = client.delete(&first.session).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::OK);
    let again = client.delete(&first.session).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    let nonsense = client.post(format!("{}/whep/room/x", peer.http));
    let nonsense = nonsense.header(CONTENT_TYPE, "application/sdp").body("v=0").send().await;
    assert_eq!(nonsense.unwrap().status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn three_players_of_peer_str0m_receive_two_publishers_in_order() {
    story(env!("CARGO_BIN_EXE_peer-str0m")).await;
}

#[tokio::test]
async fn three_players_of_peer_webrtc_receive_two_publishers_in_order() {
    story(env!("CARGO_BIN_EXE_peer-webrtc")).await;
}
