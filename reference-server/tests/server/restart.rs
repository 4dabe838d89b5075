//! A server that ends, well or badly, and starts again on the same folders.

use std::path::Path;
use std::time::{Duration, Instant};

use conf_core::Role;
use conf_core::stage::source::Source;
use conf_proto::{ByeReason, ClientBody, Resume};

use crate::client::Client;
use crate::host::{files_below, make_room, token};
use crate::process::Process;

const NAME: &str = "Xanthippe-Canary";
const WORDS: &str = "the canary sings at midnight";

#[tokio::test]
async fn a_killed_server_brings_its_meetings_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, mut bob) = server.ann_and_bob().await;
    bob.client.must(ClientBody::Publish { source: Source::Microphone }).await;
    ann.client.must(ClientBody::Mute { target: bob.me }).await;
    bob.client.must(ClientBody::RaiseHand).await;
    bob.client.must(ClientBody::say(WORDS)).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let resume = |seq| Some(Resume { meeting: ann.meeting, seq });
    let ann_again = Client::connect(server.http).await;
    let ann_again = ann_again.hello_with(&ann_token, resume(ann.seq), None).await;
    let bob_again = Client::connect(server.http).await;
    let bob_again = bob_again.hello_with(&bob_token, resume(bob.seq), None).await;
    assert_eq!((ann_again.me, ann_again.meeting), (ann.me, ann.meeting));
    assert_eq!((bob_again.me, bob_again.meeting), (bob.me, bob.meeting));
    assert!(!bob_again.media, "a fresh offer is due");

    let seen = bob_again.view();
    assert_eq!(seen.participants.len(), 2);
    assert_eq!(seen.participants[0].role, Role::Moderator);
    assert_eq!(seen.participants[1].name.as_deref(), Some("Bob"));
    assert_eq!(seen.participants[1].sources, [Source::Microphone]);
    assert!(seen.participants[1].muted, "a restart opens no microphone");
    assert_eq!(seen.hands, [bob.me]);
    assert_eq!(seen.chat.len(), 1);
    assert_eq!(seen.chat[0].text.as_deref(), Some(WORDS));
    assert_eq!(seen.presenter, Some(ann.me));

    let mut ann = ann_again;
    ann.client.must(ClientBody::End).await;
    assert_eq!(ann.client.bye().await, Some(ByeReason::Ended));
}

#[tokio::test]
async fn a_terminated_server_says_goodbye_and_ends_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let http = reqwest::Client::new();
    let server = Process::start(folder.path()).await;
    let words: Vec<_> = server.line.split(' ').collect();
    assert_eq!(words[..2], ["conf", "ready"]);
    assert!(words[2].starts_with("http=http://127.0.0.1:"), "{}", server.line);
    assert!(words[3].starts_with("media=127.0.0.1:"), "{}", server.line);
    assert!(!server.line.contains(":0 "), "{}: the real ports", server.line);
    assert_eq!(words[4], format!("pid={}", server.pid()));

    let room = make_room(&http, &server.url(), None).await;
    let bob = token(&http, &server.url(), &room, &room.guest_key, "Bob").await;
    let mut bob = Client::connect(server.http).await.hello(&bob).await;
    let asked = Instant::now();
    let (status, bye) = tokio::join!(server.terminate(), bob.client.bye());
    assert_eq!(bye, Some(ByeReason::Shutdown));
    assert!(status.success());
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn no_name_and_no_chat_is_left_on_disk_or_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let http = reqwest::Client::new();
    let server = Process::start(folder.path()).await;
    let room = make_room(&http, &server.url(), None).await;
    let token = token(&http, &server.url(), &room, &room.moderator_key, NAME).await;
    let mut person = Client::connect(server.http).await.hello(&token).await;
    person.client.must(ClientBody::say(WORDS)).await;
    // Refusals and malformed frames are where texts leak from.
    person.client.must_not(ClientBody::say(WORDS.repeat(100))).await;
    person
        .client
        .send_text(format!(r#"{{"id":5,"type":"chat","text":"{WORDS}","x":"{NAME}"#))
        .await;
    person.client.send_text(format!(r#"{{"id":6,"type":"{WORDS}"}}"#)).await;
    person.client.must(ClientBody::Ping).await;
    scan(folder.path(), &token);
    // What the database writes when it closes is scanned as well.
    assert!(server.terminate().await.success());
    scan(folder.path(), &token);
}

fn scan(folder: &Path, token: &str) {
    let files = files_below(folder);
    for (path, bytes) in &files {
        for canary in [NAME, WORDS, token] {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{path} holds `{canary}`");
        }
    }
    assert!(files.len() > 3, "a database, keys and a log");
}
