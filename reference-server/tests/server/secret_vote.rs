//! Secret votes over the wire: one ballot each, cast without a session, and a list to count again.

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA384, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conf_proto::vote::{SecretBallot, VoteList, WantedVote};
use conf_proto::{ClientBody, RoomEvent, ServerMessage, VoteId, Voters};

use crate::client::{Client, Joined};
use crate::host::{Host, make_room, token};
use crate::process::Process;

fn open() -> ClientBody {
    ClientBody::OpenVote(WantedVote {
        question: "canary question".to_owned(),
        choices: vec!["Kim".to_owned(), "Lou".to_owned()],
        most: 1,
        voters: Voters::Everyone,
    })
}

/// The vote `who` is told of next, with its key.
async fn opened(who: &mut Client) -> (VoteId, String) {
    let told = who.event(|event| matches!(event, RoomEvent::VoteOpened { .. })).await;
    let RoomEvent::VoteOpened { vote } = told.event else { unreachable!("it is a vote") };
    (vote.id, vote.key.clone())
}

/// A number below the key: what a voter would have blinded.
fn number(first: u8) -> String {
    let mut bytes = [first; 256];
    bytes[0] = 0;
    STANDARD.encode(bytes)
}

async fn take(who: &mut Joined, vote: VoteId, blinded: String) -> ServerMessage {
    who.client.ask(ClientBody::TakeBallot { vote, blinded }).await
}

/// A good ballot of `who`. Nothing is blinded: that is the browser's part, and the server cannot tell.
async fn ballot(who: &mut Joined, vote: VoteId, key: &str, serial: u8, choice: u8) -> SecretBallot {
    let serial = format!("{serial:02x}").repeat(32);
    let message = format!("conf secret vote\n{vote}\n{serial}");
    let answer = take(who, vote, STANDARD.encode(encoded(message.as_bytes()))).await;
    let ServerMessage::Ballot { signature, .. } = answer else {
        panic!("expected a ballot, found {answer:?}")
    };
    let signed = STANDARD.decode(&signature).expect("Base64");
    let key = STANDARD.decode(key).expect("Base64");
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA384, key)
        .verify(message.as_bytes(), &signed)
        .expect("an ordinary signature");
    SecretBallot { serial, choices: vec![choice], signature }
}

/// EMSA-PSS with SHA-384 and a salt of zeros (RFC 8017, section 9.1.1), for keys of 2048 bits.
fn encoded(message: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA384, digest};
    let salt = [0_u8; 48];
    let inner = digest(&SHA384, message);
    let hash = digest(&SHA384, &[&[0_u8; 8], inner.as_ref(), &salt].concat());
    let mut block = vec![0_u8; 256 - 48 - 1];
    let one = block.len() - 49;
    block[one] = 1;
    let mask = (0_u32..5).flat_map(|count| {
        digest(&SHA384, &[hash.as_ref(), &count.to_be_bytes()].concat()).as_ref().to_vec()
    });
    block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    block[0] &= 0x7f;
    [block, hash.as_ref().to_vec(), vec![0xbc]].concat()
}

async fn list(http: &reqwest::Client, base: &str, room: &str, vote: VoteId) -> Option<VoteList> {
    let got = http.get(format!("{base}/api/v1/rooms/{room}/votes/{vote}")).send().await;
    let got = got.expect("an answer");
    if got.status() == 404 { None } else { Some(got.json().await.expect("a list")) }
}

#[tokio::test]
async fn a_forged_client_votes_neither_twice_nor_without_a_ballot_nor_sees_a_tally() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    assert_eq!(bob.client.must_not(open()).await.code, "not_allowed");
    ann.client.must(open()).await;
    assert_eq!(ann.client.must_not(open()).await.code, "vote_open");
    let (vote, key) = opened(&mut bob.client).await;
    let mut late = host.guest(&room, "Late").await;
    let refused = |answer| match answer {
        ServerMessage::Refused { problem, .. } => problem.code,
        other => panic!("expected a refusal, found {other:?}"),
    };
    assert_eq!(refused(take(&mut late, vote, number(1)).await), "not_entitled");
    assert_eq!(refused(take(&mut bob, vote, "AAAA".to_owned()).await), "malformed");
    assert_eq!(bob.client.must_not(ClientBody::CloseVote { vote }).await.code, "not_allowed");

    let path = format!("/api/v1/rooms/{}/votes/{vote}/ballots", room.id);
    let forged = SecretBallot {
        serial: "0a".repeat(32),
        choices: vec![0],
        signature: STANDARD.encode([1; 256]),
    };
    assert_eq!(host.post(&path, &forged).await.1["code"], "bad_ballot", "without a ballot");
    let good = ballot(&mut bob, vote, &key, 1, 1).await;
    assert_eq!(refused(take(&mut bob, vote, number(1)).await), "ballot_given", "another one");
    let unreadable = SecretBallot { serial: "short".to_owned(), ..good.clone() };
    assert_eq!(host.post(&path, &unreadable).await.1["code"], "bad_ballot");
    let moved = SecretBallot { serial: "0b".repeat(32), ..good.clone() };
    assert_eq!(host.post(&path, &moved).await.1["code"], "bad_ballot", "of another number");
    for _ in 0..2 {
        let (status, receipt) = host.post(&path, &good).await;
        assert_eq!((status, receipt["serial"].as_str()), (200, Some(good.serial.as_str())));
    }
    let changed = SecretBallot { choices: vec![0], ..good.clone() };
    assert_eq!(host.post(&path, &changed).await.1["code"], "ballot_cast");
    assert!(list(&host.http, &host.url(""), &room.id, vote).await.is_none(), "no tally early");
    let elsewhere = format!("/api/v1/rooms/{}/votes/vote_0000000000000001/ballots", room.id);
    assert_eq!(host.post(&elsewhere, &good).await.1["code"], "no_such_vote");

    ann.client.must(ClientBody::CloseVote { vote }).await;
    let over = RoomEvent::VoteClosed { vote, cast: 1, counts: vec![0, 1] };
    late.client.event(|event| *event == over).await;
    let published = list(&host.http, &host.url(""), &room.id, vote).await.expect("it is over");
    assert!(published.ballots == [good] && published.key == key);
    assert_eq!((published.entitled, published.given), (Some(2), 1));
    let told = late.client.has_heard(|message| format!("{message:?}").contains("ballots_counted"));
    assert!(!told);
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_vote_outlives_the_server_and_a_lost_signature_is_given_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let http = reqwest::Client::new();
    let server = Process::start(folder.path()).await;
    let room = make_room(&http, &server.url(), None).await;
    let ann_token = token(&http, &server.url(), &room, &room.moderator_key, "Ann").await;
    let bob_token = token(&http, &server.url(), &room, &room.guest_key, "Bob").await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    ann.client.must(open()).await;
    let (vote, key) = opened(&mut bob.client).await;
    let ServerMessage::Ballot { signature, .. } = take(&mut bob, vote, number(7)).await else {
        panic!("expected a ballot")
    };
    server.kill();

    let server = Process::start(folder.path()).await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    let again = take(&mut bob, vote, number(7)).await;
    assert!(matches!(again, ServerMessage::Ballot { signature: same, .. } if same == signature));
    let path = format!("{}/api/v1/rooms/{}/votes/{vote}/ballots", server.url(), room.id);
    let good = ballot(&mut ann, vote, &key, 2, 0).await;
    let cast = http.post(&path).json(&good).send().await.expect("an answer");
    assert_eq!(cast.status(), 200);
    ann.client.must(ClientBody::CloseVote { vote }).await;
    let answer = take(&mut bob, vote, number(8)).await;
    assert!(
        matches!(answer, ServerMessage::Refused { problem, .. } if problem.code == "vote_over")
    );
}
