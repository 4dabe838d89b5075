//! Polls over the wire: what a forged client cannot do, and what a restart does not lose.

use conf_core::id::PollId;
use conf_core::view::PollStage;
use conf_proto::poll::{PollAnswers, PollVote};
use conf_proto::{ClientBody, Resume, RoomEvent, ServerMessage};

use crate::client::{Client, Joined};
use crate::host::Host;
use crate::process::Process;

fn start() -> ClientBody {
    ClientBody::StartPoll {
        question: "Is it clear?".to_owned(),
        answers: PollAnswers::YesNo,
        several: false,
        anonymous: false,
        right: Vec::new(),
    }
}

fn vote(poll: PollId, choices: &[u8]) -> ClientBody {
    ClientBody::Vote { poll, choices: choices.to_vec() }
}

/// The poll that `who` is asked next.
async fn asked(who: &mut Client) -> PollId {
    let told = who.event(|event| matches!(event, RoomEvent::PollStarted { .. })).await;
    let RoomEvent::PollStarted { poll } = told.event else { unreachable!("it is a poll") };
    poll.id
}

#[tokio::test]
async fn a_forged_client_neither_starts_nor_closes_a_poll_nor_sees_a_vote() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let eve_token = host.token(&room, &room.guest_key, "Eve").await;
    let mut eve = host.client().await.hello(&eve_token).await;
    assert_eq!(eve.client.must_not(start()).await.code, "not_allowed");
    ann.client.must(start()).await;
    let poll = asked(&mut eve.client).await;
    for (forged, code) in [
        (start(), "not_allowed"),
        (ClientBody::ClosePoll { poll }, "not_allowed"),
        (ClientBody::PublishPoll { poll }, "not_allowed"),
        (ClientBody::PutPollAway { poll }, "not_allowed"),
        (ClientBody::WithdrawPoll { poll }, "not_allowed"),
        (vote(poll, &[]), "bad_vote"),
        (vote(poll, &[0, 1]), "bad_vote"),
        (vote(poll, &[2]), "bad_vote"),
        (vote(PollId::from_number(1), &[0]), "no_such_poll"),
    ] {
        assert_eq!(eve.client.must_not(forged).await.code, code);
    }
    for texts in [vec![Some("a".to_owned()), None], vec![Some("x".repeat(101)); 2]] {
        let question = "Which?".to_owned();
        let answers = PollAnswers::Own { texts };
        let (several, anonymous, right) = (false, false, Vec::new());
        let body = ClientBody::StartPoll { question, answers, several, anonymous, right };
        assert!(ann.client.must_not(body).await.code.starts_with("text_"));
    }

    bob.client.must(vote(poll, &[1])).await;
    let voted = RoomEvent::Voted { poll, vote: PollVote { by: bob.me, choices: vec![1] } };
    ann.client.event(|event| *event == voted).await;
    bob.client.event(|event| *event == voted).await;
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    assert_eq!(eve.client.must_not(vote(poll, &[0])).await.code, "poll_closed");

    // Live, on resume and in full: that one voted is told, and not who or what.
    let told = |message: &ServerMessage, fits: fn(&RoomEvent) -> bool| matches!(message, ServerMessage::Event(frame) if fits(&frame.event));
    ann.client.must(ClientBody::say("after it")).await;
    eve.client.event(|event| matches!(event, RoomEvent::Chat { .. })).await;
    let heard = |fits| eve.client.has_heard(|message| told(message, fits));
    assert!(heard(|event| matches!(event, RoomEvent::PollTurnout { voted: 1, .. })));
    assert!(!heard(|event| matches!(event, RoomEvent::Voted { .. })), "told live");
    for resume in [Some(Resume { meeting: eve.meeting, seq: eve.seq }), None] {
        let back = host.client().await.hello_with(&eve_token, resume, None).await;
        let told = serde_json::to_string(&(&back.room, &back.events)).expect("JSON");
        assert!(told.contains("Is it clear?") && !told.contains("choices"), "{told}");
    }
    ann.client.must(ClientBody::PublishPoll { poll }).await;
    let published = |event: &RoomEvent| matches!(event, RoomEvent::PollPublished(told) if told.by == ann.me && told.counts == [0, 1] && told.key.is_none());
    bob.client.event(published).await;
    assert_eq!(bob.client.must_not(ClientBody::PutPollAway { poll }).await.code, "not_allowed");
    ann.client.must(ClientBody::PutPollAway { poll }).await;
    let away = RoomEvent::PollPutAway { poll, by: ann.me };
    bob.client.event(|event| *event == away).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn an_open_poll_outlives_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, mut bob) = server.ann_and_bob().await;
    ann.client.must(start()).await;
    let poll = asked(&mut bob.client).await;
    bob.client.must(vote(poll, &[0])).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    let own = PollVote { by: bob.me, choices: vec![0] };
    for joined in [&ann, &bob] {
        let seen = only_poll(joined);
        assert_eq!((seen.stage, seen.voted), (PollStage::Open, 1));
        assert!(seen.votes == [own.clone()]);
        assert_eq!(seen.question.as_deref(), Some("Is it clear?"));
    }
    bob.client.must(vote(poll, &[1])).await;
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    ann.client.must(ClientBody::PublishPoll { poll }).await;
    server.kill();

    // What was published is still in front of everyone, and in the chat.
    let server = Process::start(folder.path()).await;
    let bob = Client::connect(server.http).await.hello(&bob_token).await;
    let seen = only_poll(&bob);
    assert!(seen.in_front && seen.told_at.is_some());
}

fn only_poll(joined: &Joined) -> &conf_proto::poll::Poll {
    match joined.view().polls.as_slice() {
        [poll] => poll,
        other => panic!("expected one poll, found {}", other.len()),
    }
}
