//! Breakouts over the wire: who gets into which, what a forged client does not get there, and
//! what a restart does not lose.

use conf_core::stage::source::Source;
use conf_proto::breakout::{InheritedExceptions, PlannedBreakout};
use conf_proto::rest::GrantRequest;
use conf_proto::{
    ByeReason, ClientBody, Lock, PROTOCOL, ParticipantId, Resume, Role, RoomEvent, ServerMessage,
};

use crate::client::{Client, Joined};
use crate::host::Host;
use crate::process::Process;

fn divide(first: &[ParticipantId], second: &[ParticipantId]) -> ClientBody {
    let planned = |name: &str, members: &[ParticipantId]| PlannedBreakout {
        name: name.to_owned(),
        members: members.to_vec(),
    };
    let breakouts = vec![planned("Group 1", first), planned("Group 2", second)];
    ClientBody::OpenBreakouts { breakouts, choice: false, minutes: Some(15) }
}

/// What lets `who` into a breakout.
async fn pass(who: &mut Joined, breakout: u8) -> String {
    match who.client.ask(ClientBody::EnterBreakout { breakout }).await {
        ServerMessage::BreakoutPass { token, .. } => token,
        other => panic!("expected a pass, found {other:?}"),
    }
}

/// Why a `hello` with this token is refused.
async fn refused(client: Client, token: &str) -> String {
    let mut client = client;
    let token = token.to_owned();
    let hello = ClientBody::Hello { protocol: PROTOCOL, token, resume: None, offer: None };
    client.must_not(hello).await.code
}

async fn in_breakout(who: &mut Joined, participant: ParticipantId, breakout: u8) {
    let entered = RoomEvent::BreakoutEntered { participant, breakout };
    who.client.event(|event| *event == entered).await;
}

#[tokio::test]
async fn a_forged_client_in_a_breakout_gets_what_its_role_gets_and_what_is_locked_stays_so() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let cleo = host.guest(&room, "Cleo").await;
    for forged in [
        divide(&[bob.me], &[]),
        ClientBody::CloseBreakouts,
        ClientBody::ExtendBreakouts { minutes: 5 },
        ClientBody::TellBreakouts { text: "all out".to_owned() },
        ClientBody::AssignBreakout { target: cleo.me, breakout: Some(0) },
    ] {
        let kind = forged.kind();
        assert_eq!(bob.client.must_not(forged).await.code, "not_allowed", "{kind}");
    }
    ann.client.must(ClientBody::SetLock { lock: Lock::Camera, on: true }).await;
    ann.client.must(divide(&[bob.me], &[cleo.me])).await;
    let other = bob.client.must_not(ClientBody::EnterBreakout { breakout: 1 }).await;
    assert_eq!(other.code, "not_their_breakout");

    let token = pass(&mut bob, 0).await;
    let mut bob_within = host.client().await.hello(&token).await;
    assert_eq!(bob_within.view().participants[0].role, Role::Participant);
    in_breakout(&mut ann, bob.me, 0).await;
    let ann_token = pass(&mut ann, 0).await;
    let mut ann_within = host.client().await.hello(&ann_token).await;
    let me = ann_within.me;
    for reach in [
        divide(&[], &[]),
        ClientBody::CloseBreakouts,
        ClientBody::End,
        ClientBody::Mute { target: me },
        ClientBody::MuteAll { but_presenter: false },
        ClientBody::AskToUnmute { target: me },
        ClientBody::LowerHand { target: me },
        ClientBody::ClearChat,
        ClientBody::GivePresenter { target: bob_within.me },
        ClientBody::TakePresenter,
        ClientBody::Promote { target: bob_within.me },
        ClientBody::Demote { target: me },
        ClientBody::SetException { target: bob_within.me, lock: Lock::Camera, on: true },
        ClientBody::SetLock { lock: Lock::Camera, on: false },
        ClientBody::AdmitAll,
        ClientBody::SetJoinMuted { on: true },
        ClientBody::Rename { target: me, name: "Nobody".to_owned() },
        ClientBody::Remove { target: me, ban: true },
        ClientBody::RotateLink,
        ClientBody::Spotlight { target: Some(bob_within.me) },
    ] {
        let kind = reach.kind();
        assert_eq!(bob_within.client.must_not(reach).await.code, "not_allowed", "{kind}");
    }
    let camera = || ClientBody::Publish { source: Source::Camera };
    assert_eq!(bob_within.client.must_not(camera()).await.code, "locked");
    assert_eq!(ann_within.client.must_not(ClientBody::RotateLink).await.code, "in_breakout");
    assert_eq!(ann_within.client.must_not(divide(&[], &[])).await.code, "in_breakout");
    bob_within.client.must(ClientBody::Publish { source: Source::Microphone }).await;
    ann.client.must(ClientBody::SetLock { lock: Lock::Microphone, on: true }).await;
    let inherited = |event: &RoomEvent| matches!(event, RoomEvent::LocksInherited { .. });
    bob_within.client.event(inherited).await;
    assert_eq!(bob_within.client.must_not(ClientBody::Unmute).await.code, "locked");
    assert_eq!(bob.client.must_not(camera()).await.code, "locked", "and in the main room");
    host.server.shutdown().await;
}

#[tokio::test]
async fn what_is_lifted_for_one_person_goes_with_them_and_nobody_forges_it() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut cleo = host.guest(&room, "Cleo").await;
    let lift = |target, on| ClientBody::SetException { target, lock: Lock::Camera, on };
    ann.client.must(ClientBody::SetLock { lock: Lock::Camera, on: true }).await;
    ann.client.must(lift(bob.me, true)).await;
    ann.client.must(divide(&[bob.me, cleo.me], &[])).await;
    let mut bob_within = host.client().await.hello(&pass(&mut bob, 0).await).await;
    let mut cleo_within = host.client().await.hello(&pass(&mut cleo, 0).await).await;
    let camera = || ClientBody::Publish { source: Source::Camera };
    bob_within.client.must(camera()).await;
    assert_eq!(cleo_within.client.must_not(camera()).await.code, "locked");
    let forged = cleo.client.must_not(lift(cleo.me, true)).await;
    assert_eq!(forged.code, "not_allowed", "not even for oneself");

    // It changes in the main room, and in the group at once.
    let exceptions = |participant, exceptions: &[Lock]| {
        let exceptions = exceptions.to_vec();
        RoomEvent::ExceptionsInherited(InheritedExceptions { participant, exceptions })
    };
    ann.client.must(lift(cleo.me, true)).await;
    let lifted = exceptions(cleo_within.me, &[Lock::Camera]);
    cleo_within.client.event(|event| *event == lifted).await;
    cleo_within.client.must(camera()).await;
    ann.client.must(lift(bob.me, false)).await;
    let over = exceptions(bob_within.me, &[]);
    bob_within.client.event(|event| *event == over).await;
    assert_eq!(bob_within.client.must_not(camera()).await.code, "locked");
    let others = |message: &ServerMessage| match message {
        ServerMessage::Event(frame) => frame.event == over,
        _ => false,
    };
    assert!(!cleo_within.client.has_heard(others), "what is lifted for others is not told");
    host.server.shutdown().await;
}

#[tokio::test]
async fn nobody_gets_into_a_breakout_but_by_the_main_room() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    ann.client.must(divide(&[bob.me], &[])).await;
    let token = pass(&mut bob, 0).await;
    let within = host.client().await.hello(&token).await;
    let breakout = within.view().room.to_string();
    let grant = GrantRequest { role: Role::Participant, name: None, hours: None };
    let (status, _) = host.post(&format!("/api/v1/rooms/{breakout}/grants"), &grant).await;
    assert_eq!(status, 404, "no machine is let in");
    let (status, _) = host.look(&breakout, &room.moderator_key).await;
    assert_eq!(status, 404, "there is no link");

    // Moved: out of the one, into the other, and the old token is no good.
    let assign = ClientBody::AssignBreakout { target: bob.me, breakout: Some(1) };
    ann.client.must(assign).await;
    let mut within = within;
    assert_eq!(within.client.bye().await, Some(ByeReason::Left));
    assert_eq!(refused(host.client().await, &token).await, "not_their_breakout");
    let token = pass(&mut bob, 1).await;
    let mut within = host.client().await.hello(&token).await;
    assert_ne!(within.view().room.to_string(), breakout);

    // Out of the main room is out of everything.
    in_breakout(&mut ann, bob.me, 1).await;
    ann.client.must(ClientBody::Remove { target: bob.me, ban: false }).await;
    assert_eq!(within.client.bye().await, Some(ByeReason::Left));
    assert_eq!(refused(host.client().await, &token).await, "not_their_breakout");
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_ban_in_a_breakout_reaches_the_main_room_and_the_end_reaches_the_breakouts() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut cleo = host.guest(&room, "Cleo").await;
    ann.client.must(divide(&[bob.me, cleo.me], &[])).await;
    let bob_within = host.client().await.hello(&pass(&mut bob, 0).await).await;
    let mut cleo_within = host.client().await.hello(&pass(&mut cleo, 0).await).await;
    let mut ann_within = host.client().await.hello(&pass(&mut ann, 0).await).await;
    ann_within.client.must(ClientBody::Remove { target: bob_within.me, ban: true }).await;
    assert_eq!(bob.client.bye().await, Some(ByeReason::Removed));
    ann.client.must(ClientBody::End).await;
    assert_eq!(cleo_within.client.bye().await, Some(ByeReason::Ended));
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_killed_server_brings_breakouts_back_and_none_outlives_the_main_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, _], mut ann, mut bob) = server.ann_and_bob().await;
    ann.client.must(divide(&[bob.me], &[])).await;
    let early = pass(&mut ann, 1).await;
    let inner_token = pass(&mut bob, 0).await;
    let mut within = Client::connect(server.http).await.hello(&inner_token).await;
    within.client.must(ClientBody::say("two and two is four")).await;
    in_breakout(&mut ann, bob.me, 0).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let resume = Some(Resume { meeting: within.meeting, seq: within.seq });
    let again = Client::connect(server.http).await.hello_with(&inner_token, resume, None).await;
    assert_eq!((again.me, again.meeting), (within.me, within.meeting));
    assert_eq!(again.view().chat.len(), 1);
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let seen = ann.view().breakouts.clone().expect("they are open");
    assert_eq!(seen.breakouts[0].inside, [bob.me]);
    // What was given out before is good for a breakout nobody was in yet.
    Client::connect(server.http).await.hello(&early).await;

    ann.client.must(ClientBody::CloseBreakouts).await;
    let mut within = again;
    assert_eq!(within.client.bye().await, Some(ByeReason::Ended));
    server.kill();
    let server = Process::start(folder.path()).await;
    let late = refused(Client::connect(server.http).await, &inner_token).await;
    assert_eq!(late, "no_such_room");
}
