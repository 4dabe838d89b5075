//! Many streams in one room: each join costs what it brings and not what is there.

#![allow(clippy::print_stdout, reason = "the figures are worth reading")]

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};

use crate::peer::Peer;
use crate::stream::{Ask, House, plays, sends};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_play_in_one_room() {
    let house = House::apart();
    let cam = house.stream(Ask::new("/whip/hall/cam", sends()).marked(1)).await;
    let offer = Peer::udp().offer;
    let started = Instant::now();
    // Fifty at a time, none of them ever connected: what is tried is how they are let in.
    let mut slowest = Duration::ZERO;
    for batch in 0..20 {
        let asked = (0..50).map(async |number| {
            let path = format!("/whep/hall/viewer-{}", batch * 50 + number);
            let asked = Instant::now();
            let request = house.request(Method::POST, &path);
            let request = request.header("content-type", "application/sdp").body(offer.clone());
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::CREATED, "{path}");
            asked.elapsed()
        });
        slowest = slowest.max(join_all(asked).await.into_iter().max().unwrap_or_default());
    }
    let took = started.elapsed();
    assert_eq!(house.metric("conf_room_participants").await, 1_001.0);
    println!("a thousand joins: {took:?}, the slowest of fifty at a time {slowest:?}");
    // Those who came first are still served.
    let wall = house.stream(Ask::new("/whep/hall/wall", plays(1))).await;
    wall.hears(1, conf_proto::Source::Camera, 20).await;
    drop(cam);
}
