//! Open rooms: what is sent arrives at those it is for.

use std::time::Duration;

use conf_client::link::{Engine, LinkState};
use conf_proto::Source;
use reqwest::{Method, StatusCode};

use crate::stream::{Answer, Ask, BOTH, House, plays, sends, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_send_reaches_a_third_by_either_stack() {
    let house = House::open().await;
    for (room, engines) in [
        ("mixed", [Engine::Light, Engine::Webrtc, Engine::Light]),
        ("other", [Engine::Webrtc, Engine::Light, Engine::Webrtc]),
    ] {
        let [a, b, c] = ["a", "b", "c"].map(|id| format!("/whip/{room}/{id}"));
        let _alice = house.stream(Ask::new(&a, sends()).marked(1).engine(engines[0])).await;
        let _bob = house.stream(Ask::new(&b, sends()).marked(2).engine(engines[1])).await;
        let play = c.replace("whip", "whep");
        let carol = house.stream(Ask::new(&play, plays(2)).engine(engines[2])).await;
        for from in [1, 2] {
            for source in BOTH {
                carol.hears(from, source, 40).await;
            }
        }
        assert_eq!(carol.broken(), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_sends_and_plays_and_never_hears_itself() {
    let house = House::apart();
    let _alice = house.stream(Ask::new("/whip/r/alice", sends()).marked(1)).await;
    let bob = house.stream(Ask::new("/whep/r/bob", plays(3))).await;
    let _bob = house.stream(Ask::new("/whip/r/bob", sends()).marked(2)).await;
    let alice = house.stream(Ask::new("/whep/r/alice", plays(3))).await;
    for source in BOTH {
        alice.hears(2, source, 40).await;
        bob.hears(1, source, 40).await;
        assert_eq!((alice.heard(1, source), bob.heard(2, source)), (0, 0), "{source:?}");
    }
    assert_eq!(house.metric("conf_room_participants").await, 2.0, "two people, four connections");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_played_alone_and_waited_for() {
    let house = House::open().await;
    let _alice = house.stream(Ask::new("/whip/r/alice", sends()).marked(1)).await;
    let missing = house.try_stream(Ask::new("/whep/r/c/bob", plays(1))).await;
    let missing = missing.err().expect("bob is not there");
    assert_eq!((missing.status, missing.code().as_str()), (StatusCode::NOT_FOUND, "no_such_feed"));

    let waiting = house.stream(Ask::new("/whep/r/c/bob?wait=10", plays(1)));
    let (carol, _bob) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.stream(Ask::new("/whip/r/bob", sends()).marked(2)).await
    });
    for source in BOTH {
        carol.hears(2, source, 40).await;
        assert_eq!(carol.heard(1, source), 0, "only bob");
    }
    // The same feed once more takes the place of the first, another stands beside it.
    let again = house.stream(Ask::new("/whep/r/c/bob", plays(1))).await;
    let other = house.stream(Ask::new("/whep/r/c/alice", plays(1))).await;
    again.hears(2, Source::Camera, 20).await;
    other.hears(1, Source::Camera, 20).await;
    let gone = house.request(Method::DELETE, &carol.location).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_comes_back_is_played_again() {
    let house = House::open().await;
    let alice = house.stream(Ask::new("/whip/r/alice", sends()).marked(1)).await;
    let carol = house.stream(Ask::new("/whep/r/carol/alice", plays(1))).await;
    carol.hears(1, Source::Camera, 20).await;
    let ended = house.request(Method::DELETE, &alice.location).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::OK);
    let _alice = house.stream(Ask::new("/whip/r/alice", sends()).marked(3)).await;
    carol.hears(3, Source::Camera, 20).await;
    carol.hears(3, Source::Microphone, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_id_hears_all_and_is_somebody_new_each_time() {
    let house = House::apart();
    let _one = house.stream(Ask::new("/whip/r", sends()).marked(1)).await;
    let _two = house.stream(Ask::new("/whip/r", sends()).marked(2)).await;
    let play = house.stream(Ask::new("/whep/r", plays(2))).await;
    for from in [1, 2] {
        play.hears(from, Source::Camera, 20).await;
    }
    assert_eq!(house.metric("conf_room_participants").await, 3.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_stream_is_over_and_its_room_with_the_last() {
    let house = House::apart();
    let alice = house.stream(Ask::new("/whip/r/alice", sends()).marked(1)).await;
    let bob = house.stream(Ask::new("/whep/r/bob", plays(1))).await;
    bob.hears(1, Source::Camera, 5).await;
    for stream in [&alice, &bob] {
        let ended = house.request(Method::DELETE, &stream.location).send().await.unwrap();
        assert_eq!(ended.status(), StatusCode::OK);
        let again = house.request(Method::DELETE, &stream.location).send().await.unwrap();
        let again = Answer::of(again).await;
        assert_eq!(again.code(), "no_such_stream");
    }
    let vanished = async {
        while house.metric("conf_room_meetings").await > 0.0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), vanished).await.expect("the room vanishes");
    until("the peers know", || bob.link.state() != LinkState::Waiting).await;
}
