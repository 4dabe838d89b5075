//! Every codec a room can ask for, with and without simulcast, between two WebRTC stacks
//! that the server does not contain.

mod meet;

use conf_client::link::Engine;
use conf_client::synthetic::CameraPlan;
use conf_proto::{Source, VideoCodec, Wish};
use meet::{House, hears, join, plan, room_with, someone, within};

/// Alice plays with `str0m` and three layers, Bob with `webrtc` and one; both see each
/// other, and Bob gets the layer he has room for, without a break.
async fn two_meet_in(codec: VideoCodec) {
    let house = House::open().await;
    let room = room_with(&house.api, codec).await;
    let three = plan(CameraPlan::simulcast(1500, 20).codec(codec));
    let options = someone(&house.api, &room.moderators, "Alice").plan(three);
    let alice = join(options.publish([Source::Camera])).await;
    let one = plan(CameraPlan::single(300, 20).codec(codec));
    let options = someone(&house.api, &room.guests, "Bob").plan(one).engine(Engine::Webrtc);
    let bob = join(options.publish([Source::Camera])).await;

    hears(&alice, bob.id(), Source::Camera, 40).await;
    let slot = alice.slot_of(bob.id(), Source::Camera).expect("a slot for the camera");
    assert!(slot.keyframes >= 1 && slot.frames >= 10, "{slot:?}");
    assert_eq!((slot.height, slot.lost), (360, 0), "{slot:?}");

    let from = alice.id();
    hears(&bob, from, Source::Camera, 10).await;
    for (wanted, layer) in [(180, 0), (720, 2), (360, 1)] {
        let wish = Wish::source(from, Source::Camera, wanted);
        within("wishing", bob.wish(vec![wish])).await.unwrap();
        let arrives = bob.until_received(|reception| {
            reception.slots().values().any(|slot| slot.layer == layer && slot.height == wanted)
        });
        within(&format!("the layer of {wanted} lines arrives in {codec:?}"), arrives).await;
        hears(&bob, from, Source::Camera, 20).await;
    }
    for (who, of) in [(&alice, &bob), (&bob, &alice)] {
        let slot = who.slot_of(of.id(), Source::Camera).expect("a slot for the camera");
        let broken = (slot.lost, slot.gaps, slot.picture_breaks, slot.timestamp_breaks);
        assert_eq!(broken, (0, 0, 0, 0), "{codec:?}: {slot:?}");
        assert_eq!(who.stats(|reception| reception.unmarked()), 0, "everything was readable");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vp8_is_forwarded_between_different_stacks() {
    two_meet_in(VideoCodec::Vp8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h264_is_forwarded_between_different_stacks() {
    two_meet_in(VideoCodec::H264).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vp9_is_forwarded_between_different_stacks() {
    two_meet_in(VideoCodec::Vp9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn av1_is_forwarded_between_different_stacks() {
    two_meet_in(VideoCodec::Av1).await;
}
