//! The small tools of a room over the wire, forged clients included.

use conf_core::Reaction;
use conf_core::policy::lock::Lock;
use conf_proto::{ClientBody, Resume, RoomEvent, RoomSignal, ServerMessage};

use crate::client::Client;
use crate::host::Host;

const CLAP: ClientBody = ClientBody::React { reaction: Reaction::Clap };

#[tokio::test]
async fn a_sign_is_told_to_all_who_are_there_and_refused_under_the_lock() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob_token = host.token(&room, &room.guest_key, "Bob").await;
    let mut bob = host.client().await.hello(&bob_token).await;

    bob.client.must(CLAP).await;
    let shown = RoomSignal::Reacted { by: bob.me, reaction: Reaction::Clap };
    assert_eq!(signal(&mut ann.client).await, shown);
    let late = host.guest(&room, "Late").await;
    let resume = Some(Resume { meeting: bob.meeting, seq: bob.seq });
    let back = host.client().await.hello_with(&bob_token, resume, None).await;
    for joined in [&late, &back] {
        let told = serde_json::to_string(&(&joined.room, &joined.events)).expect("JSON");
        assert!(!told.contains("clap"), "a sign is of its moment");
    }
    let mut bob = back;
    ann.client.must(ClientBody::SetLock { lock: Lock::Hands, on: true }).await;
    assert_eq!(bob.client.must_not(CLAP).await.code, "locked");
    ann.client.must(CLAP).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_forged_client_runs_no_timer_and_picks_nobody() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let set = |span| ClientBody::SetTimer { span, runs: true };
    ann.client.must(set(Some(60_000))).await;
    let pick = ClientBody::Pick { moderators: true };
    for forged in [
        set(None),
        ClientBody::PauseTimer,
        ClientBody::ResumeTimer,
        ClientBody::StopTimer,
        pick.clone(),
        ClientBody::LowerAllHands,
    ] {
        assert_eq!(bob.client.must_not(forged).await.code, "not_allowed");
    }
    for span in [0, 999, 86_400_001, u64::MAX] {
        assert_eq!(ann.client.must_not(set(Some(span))).await.code, "timer_span");
    }

    // Whoever comes later reckons the same time.
    let late = host.guest(&room, "Late").await;
    let timer = late.view().timer.expect("it runs");
    assert_eq!((timer.span, timer.passed), (Some(60_000), 0));
    assert!(timer.since.is_some());
    ann.client.must(pick).await;
    let told = bob.client.event(|event| matches!(event, RoomEvent::Picked { .. })).await;
    let RoomEvent::Picked { participant, by } = told.event else { unreachable!("it is a pick") };
    assert!(by == ann.me && [ann.me, bob.me, late.me].contains(&participant));
    host.server.shutdown().await;
}

/// The next signal that `who` is told.
async fn signal(who: &mut Client) -> RoomSignal {
    match who.until(|message| matches!(message, ServerMessage::Signal { .. })).await {
        ServerMessage::Signal { signal } => signal,
        other => unreachable!("only signals fit: {other:?}"),
    }
}
