//! Sound and picture from one participant to another, through the whole server.

use std::time::{Duration, Instant};

use conf_client::driver::{Api, Invite, JoinOptions, Participant};
use conf_core::id::ParticipantId;
use conf_core::stage::source::Source;
use tokio::time::timeout;

use crate::host::{Host, Room, make_room};
use crate::process::Process;

/// Media is there in well under a second; a loaded machine gets more.
const WITHIN: Duration = Duration::from_secs(30);

/// Packets that may be on their way between the sockets when a gate closes.
const IN_FLIGHT: u64 = 5;

fn options(base: &str, room: &Room, key: &str, name: &str) -> JoinOptions {
    let invite = Invite::parse(&format!("{base}/r/{}#{key}", room.id)).expect("a link");
    JoinOptions::new(Api::new(base), invite, name).publish([Source::Microphone, Source::Camera])
}

async fn join(options: JoinOptions) -> Participant {
    let joined = timeout(WITHIN, Participant::join(options)).await.expect("an answer in time");
    joined.expect("a participant")
}

fn packets(of: &Participant, from: ParticipantId, source: Source) -> u64 {
    of.stats(|reception| reception.source(from, source).packets)
}

/// Waits for `more` packets of a source beyond what is there now.
async fn receives(by: &Participant, from: ParticipantId, source: Source, more: u64) {
    let enough = packets(by, from, source) + more;
    let heard = by.until_received(|reception| reception.source(from, source).packets >= enough);
    assert!(timeout(WITHIN, heard).await.is_ok(), "{source:?} of {from} in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_stops_a_client_that_keeps_sending_and_only_he_opens_it() {
    let host = Host::start().await;
    let (base, room) = (host.url(""), host.room().await);
    let ann = join(options(&base, &room, &room.moderator_key, "Ann")).await;
    let bob = join(options(&base, &room, &room.guest_key, "Bob").hostile()).await;
    for source in [Source::Microphone, Source::Camera] {
        receives(&ann, bob.id(), source, 20).await;
        receives(&bob, ann.id(), source, 20).await;
    }

    ann.mute(bob.id()).await.expect("a moderator may");
    let heard = packets(&ann, bob.id(), Source::Microphone);
    // His camera shows that he is still there, and still sending.
    receives(&ann, bob.id(), Source::Camera, 40).await;
    let leaked = packets(&ann, bob.id(), Source::Microphone) - heard;
    assert!(leaked <= IN_FLIGHT, "{leaked} packets after the mute");

    ann.stop(bob.id(), Source::Camera).await.expect("a moderator may");
    let seen = packets(&ann, bob.id(), Source::Camera);
    bob.unmute().await.expect("it is his");
    receives(&ann, bob.id(), Source::Microphone, 40).await;
    let leaked = packets(&ann, bob.id(), Source::Camera) - seen;
    assert!(leaked <= IN_FLIGHT, "{leaked} packets after the stop");
    host.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_published_is_not_passed_on() {
    let host = Host::start().await;
    let (base, room) = (host.url(""), host.room().await);
    let ann = join(options(&base, &room, &room.moderator_key, "Ann")).await;
    let quiet = options(&base, &room, &room.guest_key, "Bob").hostile().publish([]);
    let bob = join(quiet).await;
    receives(&bob, ann.id(), Source::Camera, 60).await;
    assert_eq!(packets(&ann, bob.id(), Source::Microphone), 0);
    assert_eq!(packets(&ann, bob.id(), Source::Camera), 0);
    bob.publish(Source::Camera).await.expect("he may");
    receives(&ann, bob.id(), Source::Camera, 20).await;
    assert_eq!(packets(&ann, bob.id(), Source::Microphone), 0);
    host.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_people_see_each_other_again_without_doing_anything() {
    let folder = tempfile::tempdir().expect("a folder");
    let http = reqwest::Client::new();
    let server = Process::start(folder.path()).await;
    let (base, listen) = (server.url(), server.http.to_string());
    let room = make_room(&http, &base, None).await;
    let ann = join(options(&base, &room, &room.moderator_key, "Ann")).await;
    let bob = join(options(&base, &room, &room.guest_key, "Bob")).await;
    receives(&ann, bob.id(), Source::Camera, 20).await;
    receives(&bob, ann.id(), Source::Microphone, 20).await;
    server.kill();

    let _server = Process::start_at(folder.path(), &listen).await;
    let ready = Instant::now();
    receives(&ann, bob.id(), Source::Camera, 20).await;
    receives(&bob, ann.id(), Source::Microphone, 20).await;
    assert!(ready.elapsed() < Duration::from_secs(15), "{:?}", ready.elapsed());
    let room = ann.room().expect("a meeting");
    assert_eq!(room.participants.len(), 2, "the same two, in the same meeting");
}
