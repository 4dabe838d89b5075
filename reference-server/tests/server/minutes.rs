//! The minutes over the wire: what a forged client cannot do, and what is told to nobody any more.

use conf_proto::{ClientBody, Resume, Role, RoomEvent, ServerMessage};

use crate::client::{Client, Joined};
use crate::host::Host;
use crate::process::Process;

const DRAFT: &str = "a canary among the drafts";
const SECOND: &str = "# Beginning\nWe begin.";

fn write(text: &str, over: u32) -> ClientBody {
    ClientBody::WriteMinutes { text: text.to_owned(), over }
}

/// Writes, as soon as the minutes may be written again.
async fn write_again(who: &mut Client, text: &str, over: u32) {
    loop {
        match who.ask(write(text, over)).await {
            ServerMessage::Refused { problem, .. } => {
                assert_eq!(problem.code, "minutes_too_soon");
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            _ => return,
        }
    }
}

/// What a welcome tells of the meeting, in whatever form.
fn told(back: &Joined) -> String {
    serde_json::to_string(&(&back.room, &back.events)).expect("JSON")
}

fn heard(who: &Client, text: &str) -> bool {
    who.has_heard(|message| serde_json::to_string(message).expect("JSON").contains(text))
}

async fn reshown(who: &mut Client) -> conf_proto::view::RoomView {
    let told = who.until(|message| matches!(message, ServerMessage::Room { .. })).await;
    let ServerMessage::Room { room, .. } = told else { unreachable!("it is the room") };
    *room
}

#[tokio::test]
async fn a_forged_client_neither_writes_nor_releases_nor_reads_what_is_not_released() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let eve_token = host.token(&room, &room.guest_key, "Eve").await;
    let mut eve = host.client().await.hello(&eve_token).await;
    let release = |on| ClientBody::ReleaseMinutes { on };
    assert!(eve.view().minutes.is_none());
    for forged in [
        write("I was here.", 0),
        write(" ", 0),
        release(true),
        ClientBody::SetMinuteTaker { target: Some(eve.me) },
    ] {
        let kind = forged.kind();
        assert_eq!(eve.client.must_not(forged).await.code, "not_allowed", "{kind}");
    }

    ann.client.must(ClientBody::SetMinuteTaker { target: Some(bob.me) }).await;
    let minutes = reshown(&mut bob.client).await.minutes.expect("what he is to write on");
    assert_eq!((minutes.text, minutes.version), (None, 0));
    assert_eq!(bob.client.must_not(write(&"x".repeat(50_001), 0)).await.code, "text_too_long");
    assert_eq!(bob.client.must_not(write(DRAFT, 1)).await.code, "minutes_changed");
    // As long as they may be, and longer than any other frame.
    let draft = format!("{DRAFT}{}", "ä".repeat(50_000 - DRAFT.len()));
    bob.client.must(write(&draft, 0)).await;
    ann.client.event(|event| matches!(event, RoomEvent::MinutesWritten { .. })).await;
    assert_eq!(bob.client.must_not(release(true)).await.code, "not_allowed");
    for resume in [Some(Resume { meeting: eve.meeting, seq: eve.seq }), None] {
        eve.client.must(ClientBody::Ping).await;
        assert!(!heard(&eve.client, DRAFT), "live");
        eve = host.client().await.hello_with(&eve_token, resume, None).await;
        assert!(!told(&eve).contains(DRAFT), "come back");
    }

    // What was written before is gone, and so is told to nobody once they are released.
    write_again(&mut bob.client, SECOND, 1).await;
    ann.client.must(release(true)).await;
    let minutes = reshown(&mut eve.client).await.minutes.expect("they are for all now");
    assert_eq!(minutes.text.as_deref(), Some(SECOND));
    assert_eq!(eve.client.must_not(write("mine", 2)).await.code, "not_allowed");
    for resume in [Some(Resume { meeting: eve.meeting, seq: 1 }), None] {
        let back = host.client().await.hello_with(&eve_token, resume, None).await;
        assert!(told(&back).contains("We begin.") && !told(&back).contains(DRAFT));
        let late = host.guest(&room, "Late").await;
        assert!(told(&late).contains("We begin.") && !told(&late).contains(DRAFT));
    }
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_killed_server_still_has_the_minutes_and_who_may_read_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let ([ann_token, bob_token], mut ann, bob) = server.ann_and_bob().await;
    ann.client.must(write(SECOND, 0)).await;
    drop(bob);
    server.kill();

    let server = Process::start(folder.path()).await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    assert_eq!(ann.view().participants[0].role, Role::Moderator);
    let minutes = ann.view().minutes.clone().expect("she moderates");
    assert_eq!((minutes.text.as_deref(), minutes.version), (Some(SECOND), 1));
    let bob = Client::connect(server.http).await.hello(&bob_token).await;
    assert!(!told(&bob).contains("We begin."));
    write_again(&mut ann.client, "", 1).await;
}
