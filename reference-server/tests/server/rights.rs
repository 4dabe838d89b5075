//! Roles and rights over the wire: what a moderator hands on, and what a forged client does not get.

use conf_core::stage::source::Source;
use conf_proto::{ClientBody, RoomSignal, ServerMessage};

use crate::host::Host;

#[tokio::test]
async fn who_is_asked_to_unmute_alone_hears_of_it_and_nothing_opens() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut cleo = host.guest(&room, "Cleo").await;
    bob.client.must(ClientBody::Publish { source: Source::Microphone }).await;
    bob.client.must(ClientBody::Mute { target: bob.me }).await;
    let ask = |target| ClientBody::AskToUnmute { target };
    assert_eq!(cleo.client.must_not(ask(bob.me)).await.code, "not_allowed");
    ann.client.must(ask(bob.me)).await;
    let told = bob.client.until(|message| matches!(message, ServerMessage::Signal { .. })).await;
    let signal = RoomSignal::AskedToUnmute { by: ann.me };
    assert_eq!(
        serde_json::to_value(told).ok(),
        serde_json::to_value(ServerMessage::Signal { signal }).ok()
    );
    assert_eq!(ann.client.must_not(ask(bob.me)).await.code, "asked_already");

    let seen = host.guest(&room, "Dora").await;
    let bob_now = seen.view().participants.iter().find(|p| p.id == bob.me).expect("he is here");
    assert!(bob_now.muted, "only Bob opens it");
    cleo.client.must(ClientBody::RaiseHand).await;
    bob.client.must(ClientBody::Unmute).await;
    // Cleo was told of what happened after it, so she would have been told of it.
    cleo.client.event(|event| matches!(event, conf_proto::RoomEvent::Unmuted { .. })).await;
    assert!(!cleo.client.has_heard(|message| matches!(message, ServerMessage::Signal { .. })));
    host.server.shutdown().await;
}
