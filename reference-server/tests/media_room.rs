//! People in a room hear and see each other through the real server, and only as they may.

mod meet;

use std::time::Duration;

use conf_client::link::{Engine, clock_us};
use conf_client::script::{self, Load};
use conf_client::session::Failure;
use conf_client::synthetic::CameraPlan;
use conf_proto::{ClientBody, Lock, Source, Wish, Wished};
use meet::{House, Process, heard, hears, join, plan, room, someone, within};

const BOTH: [Source; 2] = [Source::Microphone, Source::Camera];

async fn two_meet(engines: [Engine; 2]) {
    let house = House::open().await;
    let room = house.room().await;
    let options = someone(&house.api, &room.moderators, "Alice").publish(BOTH);
    let alice = join(options.engine(engines[0])).await;
    let options = someone(&house.api, &room.guests, "Bob").publish(BOTH);
    let bob = join(options.engine(engines[1])).await;
    for (listener, speaker) in [(&alice, &bob), (&bob, &alice)] {
        for source in BOTH {
            hears(listener, speaker.id(), source, 60).await;
        }
        let camera = listener.slot_of(speaker.id(), Source::Camera).expect("a slot for the camera");
        assert!(camera.keyframes >= 1 && camera.frames >= 10, "{camera:?}");
        assert_eq!((camera.height, camera.lost), (360, 0), "{camera:?}");
        assert_eq!((camera.gaps, camera.picture_breaks), (0, 0), "{camera:?}");
        assert_eq!(heard(listener, listener.id(), Source::Microphone), 0, "nobody hears himself");
    }
    within("leaving", bob.leave()).await.unwrap();
    assert!(within("bob is gone", alice.until(|room| room.participants.len() == 1)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_hear_and_see_each_other() {
    two_meet([Engine::Light, Engine::Light]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_with_different_webrtc_stacks_hear_and_see_each_other() {
    two_meet([Engine::Light, Engine::Webrtc]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_muted_is_heard_by_nobody_even_when_his_client_keeps_sending() {
    let house = House::open().await;
    let room = house.room().await;
    let alice = join(someone(&house.api, &room.moderators, "Alice")).await;
    let carol = join(someone(&house.api, &room.guests, "Carol")).await;
    let options = someone(&house.api, &room.guests, "Mallory").publish([Source::Microphone]);
    let mallory = join(options.hostile()).await;
    let him = mallory.id();
    hears(&alice, him, Source::Microphone, 25).await;
    hears(&carol, him, Source::Microphone, 25).await;

    within("muting", alice.mute(him)).await.unwrap();
    let muted_at = clock_us();
    let gated = house.metric("conf_media_gated_packets_total").await;
    within("the gate drops what he still sends", async {
        while house.metric("conf_media_gated_packets_total").await < gated + 100.0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    for listener in [&alice, &carol] {
        let last = listener.stats(|r| r.source(him, Source::Microphone).last_sent_us);
        assert!(last <= muted_at, "a packet sent {} us after the mute arrived", last - muted_at);
        assert_eq!(heard(listener, him, Source::Camera), 0, "his camera was never published");
    }

    // Nobody opens it but himself: what others can say opens their own, if any.
    for other in [&alice, &carol] {
        let refused = within("asking", other.unmute()).await;
        assert!(matches!(refused, Ok(()) | Err(Failure::Refused(_))), "{refused:?}");
    }
    let still = alice.room().and_then(|room| Some(room.participant(him)?.muted));
    assert_eq!(still, Some(true));
    let last = alice.stats(|r| r.source(him, Source::Microphone).last_sent_us);
    assert!(last <= muted_at);

    within("unmuting", mallory.unmute()).await.unwrap();
    hears(&alice, him, Source::Microphone, 25).await;
    hears(&carol, him, Source::Microphone, 25).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_camera_reaches_no_participant_whatever_they_wish_for() {
    let house = House::open().await;
    let room = house.room().await;
    let camera = [Source::Camera];
    let alice = join(someone(&house.api, &room.moderators, "Alice").publish(camera)).await;
    let bob = join(someone(&house.api, &room.guests, "Bob").publish(camera)).await;
    let mallory = join(someone(&house.api, &room.guests, "Mallory")).await;
    let him = bob.id();
    hears(&mallory, him, Source::Camera, 20).await;

    within("hiding", alice.set_lock(Lock::SeeCameras, true)).await.unwrap();
    let before = heard(&mallory, him, Source::Camera);
    let speaker = |speaker| Wish { of: Wished::Speaker { speaker }, height: 360 };
    let forged = vec![Wish::source(him, Source::Camera, 720), speaker(0), speaker(1)];
    within("wishing", mallory.wish(forged.clone())).await.unwrap();
    // A moderator sees that he still sends, and everyone sees a moderator.
    hears(&alice, him, Source::Camera, 60).await;
    hears(&mallory, alice.id(), Source::Camera, 60).await;
    let leaked = heard(&mallory, him, Source::Camera) - before;
    assert!(leaked <= 5, "{leaked} packets after what was on its way");
    let late = join(someone(&house.api, &room.guests, "Oscar")).await;
    within("wishing", late.wish(forged)).await.unwrap();
    hears(&late, alice.id(), Source::Camera, 60).await;
    assert_eq!(heard(&late, him, Source::Camera), 0, "nor does who comes later");

    let lift = ClientBody::SetException { target: late.id(), lock: Lock::SeeCameras, on: true };
    within("lifting", alice.ask(lift)).await.unwrap();
    hears(&late, him, Source::Camera, 20).await;
    within("giving", alice.give_presenter(him)).await.unwrap();
    hears(&mallory, him, Source::Camera, 20).await;
    within("taking", alice.ask(ClientBody::TakePresenter)).await.unwrap();
    within("showing", alice.set_lock(Lock::SeeCameras, false)).await.unwrap();
    hears(&mallory, him, Source::Camera, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_tiles_get_the_low_layer_and_large_ones_the_high_without_a_gap() {
    let house = House::open().await;
    let room = house.room().await;
    let camera = plan(CameraPlan::simulcast(1500, 20));
    let options = someone(&house.api, &room.moderators, "Alice").plan(camera);
    let alice = join(options.publish([Source::Camera])).await;
    let bob = join(someone(&house.api, &room.guests, "Bob")).await;
    let from = alice.id();
    hears(&bob, from, Source::Camera, 10).await;
    for (wanted, layer) in [(180, 0), (720, 2), (180, 0), (360, 1)] {
        let wish = Wish::source(from, Source::Camera, wanted);
        within("wishing", bob.wish(vec![wish])).await.unwrap();
        let arrives = bob.until_received(|reception| {
            reception.slots().values().any(|slot| slot.layer == layer && slot.height == wanted)
        });
        within(&format!("the layer of {wanted} lines arrives"), arrives).await;
        hears(&bob, from, Source::Camera, 20).await;
        let slot = bob.slot_of(from, Source::Camera).expect("a slot for the camera");
        assert_eq!((slot.layer, slot.height), (layer, wanted), "{slot:?}");
        assert_eq!((slot.lost, slot.gaps, slot.picture_breaks), (0, 0, 0), "{slot:?}");
        assert!(slot.longest_pause_us < 500_000, "a freeze: {slot:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_and_a_restart_everyone_is_back_by_himself() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path(), "127.0.0.1:0", "127.0.0.1:0");
    let (url, media) = (server.url.clone(), server.media.clone());
    let api = conf_client::driver::Api::new(&url);
    let room = room(&api).await;
    let alice = join(someone(&api, &room.moderators, "Alice").publish(BOTH)).await;
    let bob = join(someone(&api, &room.guests, "Bob").publish(BOTH)).await;
    hears(&bob, alice.id(), Source::Camera, 20).await;
    hears(&alice, bob.id(), Source::Microphone, 20).await;
    within("saying", bob.chat("still here?")).await.unwrap();
    within("raising", bob.raise_hand()).await.unwrap();
    let before = bob.meeting();

    server.kill();
    let mut happenings = bob.events();
    let listen = url.strip_prefix("http://").unwrap();
    let server = Process::start(data.path(), listen, &media);
    let restarted = std::time::Instant::now();
    hears(&bob, alice.id(), Source::Camera, 20).await;
    hears(&alice, bob.id(), Source::Microphone, 20).await;
    hears(&alice, bob.id(), Source::Camera, 20).await;
    // Five seconds is the promise; what runs beside this test may take its share.
    assert!(restarted.elapsed() < Duration::from_secs(10), "{:?}", restarted.elapsed());
    assert_eq!(bob.meeting(), before);
    let known = alice.room().unwrap();
    assert_eq!(known.hands, [bob.id()]);
    assert_eq!(known.chat.len(), 1);
    assert_eq!(known.participants.len(), 2);
    let mut joined = 0;
    while let Ok(happening) = happenings.try_recv() {
        joined += u32::from(matches!(happening, conf_client::driver::Happening::Joined { .. }));
    }
    assert_eq!(joined, 1, "bob came back once");
    server.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_small_crowd_nothing_is_lost_after_repair() {
    let house = House::open().await;
    let load = Load {
        api: house.api.clone(),
        operator_key: None,
        rooms: 1,
        publishers: 6,
        subscribers: 0,
        video_slots: 4,
        duration: Duration::from_secs(3),
        late: 0,
        late_within: Duration::ZERO,
        kbps: 300,
        simulcast: false,
        audio: true,
        engine: Engine::Light,
        server_pid: None,
    };
    let runtime = tokio::runtime::Handle::current();
    let story = script::run(&load, &runtime, |_| {});
    let report = within("the load story", story).await.unwrap();
    assert_eq!(report.participants, 6);
    assert!(report.packets > 3 * 6 * 4 * 25, "{report:?}");
    assert_eq!((report.lost, report.gaps, report.idle_slots), (0, 0, 0), "{report:?}");
}
