//! People in a meeting: what they can do, and what nobody can.

use conf_core::policy::lock::Lock;
use conf_core::stage::source::Source;
use conf_core::{Role, Standing};
use conf_proto::{ByeReason, ClientBody, Resume, RoomEvent, ServerMessage};

use crate::client::Joined;
use crate::host::Host;

fn chat(text: &str) -> ClientBody {
    ClientBody::say(text)
}

#[tokio::test]
async fn two_people_meet_talk_and_part() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;

    let seen = bob.view();
    assert_eq!(seen.name, "Physics 101");
    let names: Vec<_> = seen.participants.iter().map(|p| p.name.as_deref()).collect();
    assert_eq!(names, [Some("Ann"), Some("Bob")]);
    assert_eq!(seen.participants[0].role, Role::Moderator);
    assert_eq!(seen.participants[1].standing, Standing::Guest);
    assert_eq!(seen.presenter, Some(ann.me));
    let joined = ann.client.event(|event| matches!(event, RoomEvent::Joined { .. })).await;
    assert!(joined.seq > ann.seq && joined.seq <= bob.seq);

    bob.client.must(chat("Good morning")).await;
    let said = ann.client.event(|event| matches!(event, RoomEvent::Chat { .. })).await;
    let RoomEvent::Chat { line } = said.event else { unreachable!("it is chat") };
    assert_eq!((line.name.as_deref(), line.text.as_deref()), (Some("Bob"), Some("Good morning")));

    bob.client.must(ClientBody::RaiseHand).await;
    ann.client.event(|event| matches!(event, RoomEvent::HandRaised { .. })).await;
    ann.client.must(ClientBody::LowerHand { target: bob.me }).await;
    let lowered = bob.client.event(|event| matches!(event, RoomEvent::HandLowered { .. })).await;
    assert!(lowered.event == RoomEvent::HandLowered { participant: bob.me, by: ann.me });

    bob.client.must(ClientBody::Leave).await;
    assert_eq!(bob.client.bye().await, Some(ByeReason::Left));
    ann.client
        .event(|event| *event == RoomEvent::Left { participant: bob.me, removed_by: None })
        .await;

    ann.client.must(ClientBody::End).await;
    assert_eq!(ann.client.bye().await, Some(ByeReason::Ended));

    let again = host.guest(&room, "Bob").await;
    assert_ne!(again.meeting, ann.meeting, "the room opens again as a new meeting");
    assert_eq!(again.view().chat.len(), 0);
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_participant_reaches_for_nothing_a_moderator_may_do() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    ann.client.must(ClientBody::Publish { source: Source::Microphone }).await;
    ann.client.must(ClientBody::Publish { source: Source::Camera }).await;
    ann.client.must(ClientBody::RaiseHand).await;

    for reach in [
        ClientBody::Mute { target: ann.me },
        ClientBody::Stop { target: ann.me, source: Source::Camera },
        ClientBody::LowerHand { target: ann.me },
        ClientBody::SetLock { lock: Lock::Chat, on: true },
        ClientBody::End,
    ] {
        let kind = reach.kind();
        assert_eq!(bob.client.must_not(reach).await.code, "not_allowed", "{kind}");
    }
    let seen = host.guest(&room, "Cleo").await;
    let ann_now = &seen.view().participants[0];
    assert_eq!(ann_now.sources, [Source::Microphone, Source::Camera]);
    assert!(!ann_now.muted);
    host.server.shutdown().await;
}

#[tokio::test]
async fn nobody_can_unmute_another_through_any_message() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    bob.client.must(ClientBody::Publish { source: Source::Microphone }).await;
    ann.client.must(ClientBody::Mute { target: bob.me }).await;
    bob.client.event(|event| *event == RoomEvent::Muted { participant: bob.me, by: ann.me }).await;

    // Everything a moderator can say about Bob, and about herself.
    for body in [
        ClientBody::Unmute,
        ClientBody::Publish { source: Source::Microphone },
        ClientBody::Mute { target: bob.me },
        ClientBody::Stop { target: bob.me, source: Source::Microphone },
        ClientBody::LowerHand { target: bob.me },
        ClientBody::GivePresenter { target: bob.me },
        ClientBody::SetLock { lock: Lock::Microphone, on: true },
        ClientBody::SetLock { lock: Lock::Microphone, on: false },
        ClientBody::Wish { wishes: Vec::new() },
    ] {
        // Done or refused: what counts is Bob's microphone.
        let _ = ann.client.ask(body).await;
    }
    // What is not a message at all.
    for text in [
        format!(r#"{{"id":900,"type":"unmute","target":"{}"}}"#, bob.me),
        format!(r#"{{"id":901,"type":"unmute","from":"{}","participant":"{}"}}"#, bob.me, bob.me),
    ] {
        ann.client.send_text(text).await;
        ann.client
            .until(|message| {
                matches!(message, ServerMessage::Refused { re, .. } | ServerMessage::Done { re }
                    if *re >= 900)
            })
            .await;
    }
    assert!(muted(&host.guest(&room, "Cleo").await, &bob), "only Bob opens it");

    bob.client.must(ClientBody::Unmute).await;
    assert!(!muted(&host.guest(&room, "Dora").await, &bob));
    host.server.shutdown().await;
}

fn muted(witness: &Joined, whom: &Joined) -> bool {
    let participants = &witness.view().participants;
    participants.iter().find(|p| p.id == whom.me).expect("he is here").muted
}

#[tokio::test]
async fn a_session_resumes_with_what_it_missed_or_the_whole_meeting() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let token = host.token(&room, &room.guest_key, "Bob").await;
    let bob = host.client().await.hello(&token).await;
    let (who, meeting, seq) = (bob.me, bob.meeting, bob.seq);
    drop(bob);
    ann.client.event(|event| *event == RoomEvent::LinkLost { participant: who }).await;
    ann.client.must(chat("Where is Bob?")).await;

    let resume = Some(Resume { meeting, seq });
    let bob = host.client().await.hello_with(&token, resume, None).await;
    assert_eq!(bob.me, who);
    assert!(bob.room.is_none());
    let missed: Vec<_> = bob.events.iter().map(|frame| &frame.event).collect();
    assert!(matches!(
        missed[..],
        [RoomEvent::LinkLost { .. }, RoomEvent::Chat { .. }, RoomEvent::Rejoined { .. }]
    ),);
    assert_eq!(bob.events.last().map(|frame| frame.seq), Some(bob.seq));
    assert!(!bob.media, "there was none to keep");

    // A number from another meeting's journal is no place to resume from.
    let resume = Some(Resume { meeting, seq: bob.seq + 100 });
    let mut newer = host.client().await.hello_with(&token, resume, None).await;
    assert_eq!(newer.view().chat.len(), 1);
    let mut older = bob.client;
    assert_eq!(older.bye().await, Some(ByeReason::Replaced), "the newest session wins");
    newer.client.must(ClientBody::RaiseHand).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn the_frames_of_a_session_have_growing_numbers_from_its_welcome_on() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut last = ann.seq;
    for name in ["Bob", "Cleo", "Dora"] {
        host.guest(&room, name).await;
    }
    ann.client.must(chat("All here?")).await;
    loop {
        match ann.client.until(|message| matches!(message, ServerMessage::Event(_))).await {
            ServerMessage::Event(frame) => {
                assert!(frame.seq > last, "{} after {last}", frame.seq);
                last = frame.seq;
                if matches!(frame.event, RoomEvent::Chat { .. }) {
                    break;
                }
            }
            other => unreachable!("only events fit: {other:?}"),
        }
    }
    host.server.shutdown().await;
}
