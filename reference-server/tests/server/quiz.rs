//! Quizzes over the wire: what is right a forged client does not learn, and a restart does not
//! lose.

use conf_core::id::PollId;
use conf_core::view::PollStage;
use conf_proto::poll::{PollAnswers, PollKey};
use conf_proto::{ClientBody, Resume, RoomEvent};

use crate::client::{Client, Joined};
use crate::host::Host;
use crate::process::Process;

/// A quiz with three letters.
fn quiz(right: &[u8], several: bool) -> ClientBody {
    ClientBody::StartPoll {
        question: "Which are prime?".to_owned(),
        answers: PollAnswers::Letters { count: 3 },
        several,
        anonymous: false,
        right: right.to_vec(),
    }
}

fn vote(poll: PollId, choices: &[u8]) -> ClientBody {
    ClientBody::Vote { poll, choices: choices.to_vec() }
}

/// The quiz that `who` is asked next.
async fn asked(who: &mut Client) -> PollId {
    let told = who.event(|event| matches!(event, RoomEvent::PollStarted { .. })).await;
    let RoomEvent::PollStarted { poll } = told.event else { unreachable!("it is a poll") };
    assert!(poll.quiz && poll.key.is_none(), "that it is one is known, and nothing more");
    poll.id
}

/// Whether any frame that `who` got says what is right.
fn has_learnt(who: &Joined) -> bool {
    let says = |text: String| text.contains("\"key\"") || text.contains("\"right\"");
    says(serde_json::to_string(&(&who.room, &who.events)).expect("JSON"))
        || who.client.has_heard(|frame| says(serde_json::to_string(frame).expect("JSON")))
}

#[tokio::test]
async fn a_forged_client_neither_starts_a_quiz_nor_learns_what_is_right() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mo = host.moderator(&room, "Mo").await;
    let eve_token = host.token(&room, &room.guest_key, "Eve").await;
    let mut eve = host.client().await.hello(&eve_token).await;
    assert_eq!(eve.client.must_not(quiz(&[0], false)).await.code, "not_allowed");
    assert_eq!(ann.client.must_not(quiz(&[3], false)).await.code, "bad_poll_key");

    ann.client.must(quiz(&[2, 0], true)).await;
    let poll = asked(&mut eve.client).await;
    eve.client.must(vote(poll, &[0, 2])).await;
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    eve.client.event(|event| matches!(event, RoomEvent::PollClosed { .. })).await;
    // On resume and in full too.
    let resume = Some(Resume { meeting: eve.meeting, seq: eve.seq });
    let back = host.client().await.hello_with(&eve_token, resume, None).await;
    assert!(back.events.iter().any(|told| matches!(told.event, RoomEvent::PollClosed { .. })));
    let mut anew = host.client().await.hello_with(&eve_token, None, None).await;
    let late = host.guest(&room, "Late").await;
    for other in [&mo, &eve, &back, &anew, &late] {
        assert!(!has_learnt(other), "nobody but who asks");
    }
    assert!(has_learnt(&ann));

    ann.client.must(ClientBody::PublishPoll { poll }).await;
    let key = Some(PollKey { right: vec![0, 2], wholly: Some(1) });
    let published = |event: &RoomEvent| matches!(event, RoomEvent::PollPublished(told) if told.counts == [1, 0, 1] && told.key == key);
    anew.client.event(published).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn what_is_right_outlives_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, mut bob) = server.ann_and_bob().await;
    ann.client.must(quiz(&[1], false)).await;
    let poll = asked(&mut bob.client).await;
    bob.client.must(vote(poll, &[1])).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let bob = Client::connect(server.http).await.hello(&bob_token).await;
    assert_eq!(key(&ann), Some(PollKey { right: vec![1], wholly: None }));
    assert_eq!(key(&bob), None);
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    ann.client.must(ClientBody::PublishPoll { poll }).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let bob = Client::connect(server.http).await.hello(&bob_token).await;
    assert_eq!(key(&bob), Some(PollKey { right: vec![1], wholly: Some(1) }));
    assert_eq!(bob.view().polls[0].stage, PollStage::Published);
}

fn key(joined: &Joined) -> Option<PollKey> {
    match joined.view().polls.as_slice() {
        [poll] => poll.key.clone(),
        other => panic!("expected one poll, found {}", other.len()),
    }
}
