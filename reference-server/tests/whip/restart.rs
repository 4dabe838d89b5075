//! Ways media can take: another socket after a restart, TCP, IPv6.

use conf_client::link::MediaPlan;
use conf_proto::Source;
use reqwest::{Method, StatusCode};
use tokio::task::block_in_place;

use crate::peer::Peer;
use crate::stream::{Answer, Ask, House, plays, sends};

async fn play(house: &House, peer: &mut Peer) -> String {
    let request = house.request(Method::POST, "/whep/r/peer");
    let request = request.header("content-type", "application/sdp").body(peer.offer.clone());
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let location = answer.header("location").to_owned();
    peer.accept(answer.body);
    location
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_peer_that_moved_to_another_network_restarts_and_goes_on() {
    let house = House::open().await;
    let _cam = house.stream(Ask::new("/whip/r/cam", sends()).marked(1)).await;
    let mut peer = Peer::udp();
    let location = play(&house, &mut peer).await;
    block_in_place(|| peer.run_until("media flows", |peer| peer.packets > 50));
    for version in [2, 3] {
        let fragment = peer.restart();
        let request = house.request(Method::PATCH, &location).header("if-match", "*");
        let request = request.header("content-type", "application/trickle-ice-sdpfrag");
        let answer = Answer::of(request.body(fragment).send().await.unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.header("etag"), format!("\"ice-{version}\""));
        peer.restarted(&answer.body);
        // Its old socket is closed: whatever comes now comes by the new one.
        let before = peer.packets;
        block_in_place(|| peer.run_until("it goes on", |peer| peer.packets > before + 50));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn media_is_played_over_tcp() {
    let house = House::open().await;
    let _cam = house.stream(Ask::new("/whip/r/cam", sends()).marked(1)).await;
    let mut peer = Peer::tcp();
    play(&house, &mut peer).await;
    block_in_place(|| peer.run_until("media flows", |peer| peer.packets > 50));
    assert!(peer.connected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_is_sent_and_played_over_ipv6() {
    let six = ["--open-rooms", "--listen", "[::1]:0", "--media-listen", "[::1]:0"];
    let house = House::with(&six).await;
    let at = |plan: MediaPlan| MediaPlan { local: std::net::Ipv6Addr::LOCALHOST.into(), ..plan };
    let _cam = house.stream(Ask::new("/whip/r/cam", at(sends())).marked(1)).await;
    let wall = house.stream(Ask::new("/whep/r/wall", at(plays(1)))).await;
    wall.hears(1, Source::Camera, 40).await;
    wall.hears(1, Source::Microphone, 40).await;
    assert_eq!(wall.broken(), (0, 0));
}
