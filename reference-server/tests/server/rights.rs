//! Roles and rights over the wire: what a moderator hands on, and what a forged client does not get.

use conf_core::stage::source::Source;
use conf_proto::rest::NewRoom;
use conf_proto::{
    ClientBody, GuestPolicy, Lock, Resume, Role, RoomEvent, RoomSignal, ServerMessage,
};

use crate::client::Joined;
use crate::host::{Host, make_room_as};

/// The meeting as somebody is shown it anew.
async fn reshown(who: &mut Joined) -> conf_proto::view::RoomView {
    let told = who.client.until(|message| matches!(message, ServerMessage::Room { .. })).await;
    let ServerMessage::Room { room, .. } = told else { unreachable!("it is the room") };
    *room
}

#[tokio::test]
async fn a_forged_client_hands_nothing_on() {
    let host = Host::start().await;
    let room = host.room().await;
    let ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let cleo = host.guest(&room, "Cleo").await;
    let lock = Lock::Screen;
    for reach in [
        ClientBody::MuteAll { but_presenter: false },
        ClientBody::TakePresenter,
        ClientBody::DeclinePresenter { target: cleo.me },
        ClientBody::Promote { target: bob.me },
        ClientBody::Demote { target: ann.me },
        ClientBody::SetException { target: bob.me, lock, on: true },
        ClientBody::Rename { target: cleo.me, name: "Nobody".to_owned() },
        ClientBody::Report { target: bob.me, text: "me".to_owned() },
        ClientBody::SetMinuteTaker { target: Some(bob.me) },
        ClientBody::SetInterpreter { target: bob.me, on: true },
    ] {
        let kind = reach.kind();
        assert_eq!(bob.client.must_not(reach).await.code, "not_allowed", "{kind}");
    }
    let own = ClientBody::Rename { target: bob.me, name: "Bobby".to_owned() };
    assert_eq!(bob.client.must_not(own).await.code, "locked");
    let long = ClientBody::Report { target: ann.me, text: "x".repeat(501) };
    assert_eq!(bob.client.must_not(long).await.code, "text_too_long");
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_presenter_shares_after_a_release_of_which_others_hear_nothing() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut cleo = host.guest(&room, "Cleo").await;
    bob.client.must(ClientBody::AskToPresent).await;
    let asked = |event: &RoomEvent| matches!(event, RoomEvent::PresenterAsked { .. });
    ann.client.event(asked).await;
    ann.client.must(ClientBody::GivePresenter { target: bob.me }).await;
    let share = || ClientBody::Publish { source: Source::Screen };
    assert_eq!(bob.client.must_not(share()).await.code, "locked");
    let (target, lock) = (bob.me, Lock::Screen);
    ann.client.must(ClientBody::SetException { target, lock, on: true }).await;
    bob.client.event(|event| matches!(event, RoomEvent::Exception { on: true, .. })).await;
    bob.client.must(share()).await;
    ann.client.must(ClientBody::SetException { target, lock, on: false }).await;
    let stopped = RoomEvent::Stopped { participant: bob.me, source: Source::Screen, by: ann.me };
    cleo.client.event(|event| *event == stopped).await;
    let others = |message: &ServerMessage| match message {
        ServerMessage::Event(frame) => {
            asked(&frame.event) || matches!(frame.event, RoomEvent::Exception { .. })
        }
        _ => false,
    };
    assert!(!cleo.client.has_heard(others), "neither who asks nor what is lifted");
    host.server.shutdown().await;
}

#[tokio::test]
async fn what_moderators_alone_are_told_comes_and_goes_with_the_role() {
    let host = Host::start().await;
    let ask = NewRoom { guests: GuestPolicy::Ask, ..NewRoom::named("Physics 101") };
    let room = make_room_as(&host.http, &host.url(""), ask).await;
    let mut ann = host.moderator(&room, "Ann").await;
    let token = host.token(&room, &room.moderator_key, "Dan").await;
    let mut dan = host.client().await.hello(&token).await;
    let knock = async |name: &str| {
        let token = host.token(&room, &room.guest_key, name).await;
        let protocol = conf_proto::PROTOCOL;
        let hello = ClientBody::Hello { protocol, token, resume: None, offer: None };
        let mut client = host.client().await;
        assert!(matches!(client.ask(hello).await, ServerMessage::Waiting { .. }));
        client
    };
    let _gus = knock("Gus").await;
    let waits = |event: &RoomEvent| matches!(event, RoomEvent::Waiting { .. });
    dan.client.event(waits).await;

    ann.client.must(ClientBody::Demote { target: dan.me }).await;
    let view = reshown(&mut dan).await;
    assert!(view.lobby.is_empty(), "a participant is told nothing of those who wait");
    let own = view.participants.iter().find(|person| person.id == dan.me).expect("he is in");
    assert_eq!(own.role, Role::Participant);
    let _hal = knock("Hal").await;
    ann.client.event(waits).await;
    ann.client.event(waits).await;
    assert_eq!(dan.client.must_not(ClientBody::AdmitAll).await.code, "not_allowed");
    let told = |message: &ServerMessage| matches!(message, ServerMessage::Event(frame) if waits(&frame.event));
    assert!(!dan.client.has_heard(told));

    ann.client.must(ClientBody::Promote { target: dan.me }).await;
    let view = reshown(&mut dan).await;
    assert_eq!(view.lobby.len(), 2);
    dan.client.must(ClientBody::AdmitAll).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn who_comes_back_in_another_role_is_shown_the_whole_meeting() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let token = host.token(&room, &room.moderator_key, "Dan").await;
    let dan = host.client().await.hello(&token).await;
    let resume = Resume { meeting: dan.meeting, seq: dan.seq };
    drop(dan.client);
    ann.client.event(|event| matches!(event, RoomEvent::LinkLost { .. })).await;
    ann.client.must(ClientBody::Demote { target: dan.me }).await;
    let again = host.client().await.hello_with(&token, Some(resume.clone()), None).await;
    assert_eq!(again.me, dan.me);
    let own = again.view().participants.iter().find(|person| person.id == dan.me).expect("in");
    assert_eq!(own.role, Role::Participant, "the same claim, the role as it stands");
    let resume = Resume { seq: again.seq, ..resume };
    let later = host.client().await.hello_with(&token, Some(resume), None).await;
    assert!(later.room.is_none(), "and after that what was missed is enough");
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_report_is_the_operators_and_a_new_name_is_everyones() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    bob.client.must(ClientBody::Chat { text: "Hello".to_owned(), to: None, answers: None }).await;
    bob.client.must(ClientBody::Report { target: ann.me, text: "They shout.".to_owned() }).await;
    let again = ClientBody::Report { target: ann.me, text: "Again.".to_owned() };
    assert_eq!(bob.client.must_not(again).await.code, "too_fast");
    let name = "Robert".to_owned();
    ann.client.must(ClientBody::Rename { target: bob.me, name: name.clone() }).await;
    let renamed = bob.client.event(|event| matches!(event, RoomEvent::Renamed { .. })).await;
    let name = Some(name);
    assert!(renamed.event == RoomEvent::Renamed { participant: bob.me, name, by: ann.me });
    let cleo = host.guest(&room, "Cleo").await;
    assert_eq!(cleo.view().chat[0].name.as_deref(), Some("Bob"), "said under that name");
    assert_eq!(cleo.view().participants[1].name.as_deref(), Some("Robert"));
    host.server.shutdown().await;
}

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
