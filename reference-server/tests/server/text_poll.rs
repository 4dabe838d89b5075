//! Answers in words of one's own over the wire: whose ears they reach, and what a restart loses.

use conf_core::id::PollId;
use conf_proto::poll::{PollAnswers, PollSaid};
use conf_proto::{ClientBody, RoomEvent};

use crate::client::{Client, Joined};
use crate::host::Host;
use crate::process::Process;

fn start(anonymous: bool) -> ClientBody {
    ClientBody::StartPoll {
        question: "What helped you?".to_owned(),
        answers: PollAnswers::Text,
        several: false,
        anonymous,
        right: Vec::new(),
    }
}

fn answer(poll: PollId, text: &str) -> ClientBody {
    ClientBody::AnswerPoll { poll, text: text.to_owned() }
}

async fn asked(who: &mut Client) -> PollId {
    let told = who.event(|event| matches!(event, RoomEvent::PollStarted { .. })).await;
    let RoomEvent::PollStarted { poll } = told.event else { unreachable!("it is a poll") };
    poll.id
}

/// What came of the poll, as everyone is told it.
async fn published(who: &mut Client) -> Vec<PollSaid> {
    let told = who.event(|event| matches!(event, RoomEvent::PollPublished(_))).await;
    let RoomEvent::PollPublished(poll) = told.event else { unreachable!("it is published") };
    poll.said
}

fn said(text: &str, times: u32) -> PollSaid {
    PollSaid { text: Some(text.to_owned()), times }
}

#[tokio::test]
async fn a_forged_client_neither_reads_what_others_wrote_nor_writes_more_than_fits() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut eve = host.guest(&room, "Eve").await;
    ann.client.must(start(false)).await;
    let poll = asked(&mut eve.client).await;
    for (forged, code) in [
        (answer(poll, &"x".repeat(201)), "text_too_long"),
        (answer(poll, " \u{202e} "), "text_empty"),
        (answer(PollId::from_number(1), "words"), "no_such_poll"),
        (ClientBody::Vote { poll, choices: vec![0] }, "bad_vote"),
        (ClientBody::Vote { poll, choices: vec![] }, "bad_vote"),
        (start(false), "not_allowed"),
    ] {
        assert_eq!(eve.client.must_not(forged).await.code, code);
    }
    bob.client.must(answer(poll, "the canary's song")).await;
    let told = ann.client.event(|event| matches!(event, RoomEvent::PollAnswered { .. })).await;
    let RoomEvent::PollAnswered { answer: heard, .. } = told.event else { unreachable!("it is") };
    assert_eq!((heard.by, heard.text.as_deref()), (bob.me, Some("the canary's song")));
    eve.client.must(answer(poll, "a pause")).await;
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    assert_eq!(eve.client.must_not(answer(poll, "late")).await.code, "poll_closed");
    let late = host.guest(&room, "Late").await;
    let reads = |who: &Joined| {
        let heard = |text: String| text.contains("canary");
        heard(serde_json::to_string(&who.room).expect("JSON"))
            || who.client.has_heard(|frame| heard(serde_json::to_string(frame).expect("JSON")))
    };
    assert!(reads(&bob) && !reads(&eve) && !reads(&late));

    ann.client.must(ClientBody::PublishPoll { poll }).await;
    let expected = [said("a pause", 1), said("the canary's song", 1)];
    assert!(published(&mut eve.client).await == expected);
    host.server.shutdown().await;
}

#[tokio::test]
async fn an_anonymous_answer_is_nobodys_and_cannot_be_changed() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut pupils = Vec::new();
    for n in 0..5 {
        pupils.push(host.guest(&room, &format!("Pupil {n}")).await);
    }
    ann.client.must(start(true)).await;
    let poll = asked(&mut ann.client).await;
    for (pupil, text) in pupils.iter_mut().zip(["more", "less", "more", "as it is", "more"]) {
        pupil.client.must(answer(poll, text)).await;
        assert_eq!(pupil.client.must_not(answer(poll, "other")).await.code, "vote_cast");
    }
    assert!(
        !ann.client.has_heard(|frame| {
            serde_json::to_string(frame).expect("JSON").contains("as it is")
        })
    );
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    let told = ann.client.event(|event| matches!(event, RoomEvent::PollTallied { .. })).await;
    let RoomEvent::PollTallied { said: tallied, .. } = told.event else { unreachable!("it is") };
    let expected = [said("more", 3), said("as it is", 1), said("less", 1)];
    assert!(tallied == expected);
    ann.client.must(ClientBody::PublishPoll { poll }).await;
    assert!(published(&mut pupils[0].client).await == expected);
    host.server.shutdown().await;
}

#[tokio::test]
async fn what_was_written_outlives_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, mut bob) = server.ann_and_bob().await;
    ann.client.must(start(false)).await;
    let poll = asked(&mut bob.client).await;
    bob.client.must(answer(poll, "the first thought")).await;
    bob.client.must(answer(poll, "the second thought")).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    for joined in [&ann, &bob] {
        let [seen] = joined.view().polls.as_slice() else { panic!("one poll is kept") };
        let texts: Vec<Option<&str>> = seen.written.iter().map(|one| one.text.as_deref()).collect();
        assert_eq!(texts, [Some("the second thought")]);
    }
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    ann.client.must(ClientBody::PublishPoll { poll }).await;
    assert!(published(&mut bob.client).await == [said("the second thought", 1)]);
    server.kill();

    let server = Process::start(folder.path()).await;
    let bob = Client::connect(server.http).await.hello(&bob_token).await;
    assert!(bob.view().polls[0].said == [said("the second thought", 1)]);
}
