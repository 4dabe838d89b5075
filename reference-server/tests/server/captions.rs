//! Captions over the wire: what a forged client cannot do, and what a restart does not lose.

use conf_core::Language;
use conf_core::id::CaptionId;
use conf_core::policy::lock::Lock;
use conf_proto::{ClientBody, Resume, RoomEvent, RoomSignal, ServerMessage};

use crate::client::Client;
use crate::host::Host;
use crate::process::Process;

fn german() -> Language {
    Language::new("de").expect("a valid tag")
}

fn write(text: &str) -> ClientBody {
    ClientBody::WriteCaption { language: german(), text: text.to_owned() }
}

fn draft(text: &str) -> ClientBody {
    ClientBody::DraftCaption { language: german(), text: Some(text.to_owned()) }
}

/// The line that `who` reads next.
async fn read(who: &mut Client) -> (CaptionId, Option<String>) {
    let told = who.event(|event| matches!(event, RoomEvent::Caption { .. })).await;
    let RoomEvent::Caption { line } = told.event else { unreachable!("it is a line") };
    (line.id, line.text)
}

fn text_told(message: &ServerMessage) -> Option<usize> {
    match message {
        ServerMessage::Signal { signal: RoomSignal::CaptionText { lines, .. } } => {
            Some(lines.len())
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_forged_client_neither_writes_nor_gives_the_mark_nor_takes_the_text() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let eve_token = host.token(&room, &room.guest_key, "Eve").await;
    let mut eve = host.client().await.hello(&eve_token).await;
    let mark = |target| ClientBody::SetCaptionWriter { language: german(), target };
    ann.client.must(mark(Some(bob.me))).await;
    bob.client.must(draft("Guten M")).await;
    bob.client.must(write("Guten Morgen")).await;
    let (line, _) = read(&mut eve.client).await;
    let drafted = |message: &ServerMessage| matches!(message, ServerMessage::Signal { signal: RoomSignal::Caption { text, .. } } if text.as_deref() == Some("Guten M"));
    assert!(eve.client.has_heard(drafted), "words are told while they are typed");

    let correct = ClientBody::CorrectCaption { line, text: "Gute Nacht".to_owned() };
    for (forged, code) in [
        (mark(Some(eve.me)), "not_allowed"),
        (mark(None), "not_allowed"),
        (draft("Gute N"), "not_allowed"),
        (write("Gute Nacht"), "not_allowed"),
        (correct.clone(), "not_allowed"),
        (ClientBody::SaveCaptions { language: german() }, "locked"),
    ] {
        assert_eq!(eve.client.must_not(forged).await.code, code);
    }
    assert_eq!(bob.client.must_not(write(" ")).await.code, "text_empty");
    assert_eq!(bob.client.must_not(write(&"x".repeat(301))).await.code, "text_too_long");

    // What was corrected is told to nobody any more as it was.
    bob.client.must(correct).await;
    for resume in [Some(Resume { meeting: eve.meeting, seq: eve.seq }), None] {
        let back = host.client().await.hello_with(&eve_token, resume, None).await;
        let told = serde_json::to_string(&(&back.room, &back.events)).expect("JSON");
        assert!(told.contains("Gute Nacht") && !told.contains("Guten Morgen"), "{told}");
        eve = back;
    }
    ann.client.must(ClientBody::SetLock { lock: Lock::SaveCaptions, on: false }).await;
    eve.client.must(ClientBody::SaveCaptions { language: german() }).await;
    assert!(eve.client.has_heard(|message| text_told(message) == Some(1)));
    assert!(!bob.client.has_heard(|message| text_told(message).is_some()), "who did not ask");
    host.server.shutdown().await;
}

#[tokio::test]
async fn captions_outlive_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, mut bob) = server.ann_and_bob().await;
    let mark = ClientBody::SetCaptionWriter { language: german(), target: Some(bob.me) };
    ann.client.must(mark).await;
    bob.client.must(write("Guten Morgen")).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let ann = Client::connect(server.http).await.hello(&ann_token).await;
    let mut bob = Client::connect(server.http).await.hello(&bob_token).await;
    let lines: Vec<_> = ann.view().captions.iter().map(|line| line.text.as_deref()).collect();
    assert_eq!(lines, [Some("Guten Morgen")]);
    bob.client.must(write("Es geht weiter")).await;
}
