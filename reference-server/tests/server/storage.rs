//! A store that takes nothing: the meeting says so and stays.

use std::path::Path;

use conf_core::stage::source::Source;
use conf_proto::{ClientBody, PROTOCOL, RoomEvent, ServerMessage};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::client::Client;
use crate::host::{Host, data_dir};

/// The database under the server's feet.
struct Disk(SqliteConnection);

impl Disk {
    async fn of(folder: &Path) -> Self {
        let file = SqliteConnectOptions::new().filename(data_dir(folder).join("conf.db"));
        Self(file.connect().await.expect("the database"))
    }

    /// As a full disk would, but reversible in one statement.
    async fn refuse_everything(&mut self) {
        let full = "CREATE TRIGGER full_disk BEFORE INSERT ON journal \
                    BEGIN SELECT RAISE(ABORT, 'disk full'); END";
        sqlx::query(full).execute(&mut self.0).await.expect("a trigger");
    }

    async fn take_everything(&mut self) {
        sqlx::query("DROP TRIGGER full_disk").execute(&mut self.0).await.expect("no trigger");
    }

    /// The numbers of the journal's entries, in order.
    async fn seqs(&mut self) -> Vec<i64> {
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT seq FROM journal ORDER BY seq")
            .fetch_all(&mut self.0)
            .await
            .expect("the journal");
        rows.into_iter().map(|(seq,)| seq).collect()
    }
}

fn chat(text: &str) -> ClientBody {
    ClientBody::say(text)
}

fn hello(token: &str) -> ClientBody {
    ClientBody::Hello { protocol: PROTOCOL, token: token.into(), resume: None, offer: None }
}

async fn told(client: &mut Client, wanted: bool) {
    client.until(|message| matches!(message, ServerMessage::Storage { ok } if *ok == wanted)).await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_done_and_everyone_stays() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    ann.client.must(ClientBody::RaiseHand).await;
    bob.client.must(ClientBody::Publish { source: Source::Microphone }).await;
    let mut disk = Disk::of(host.folder()).await;

    disk.refuse_everything().await;
    assert_eq!(ann.client.must_not(chat("lost")).await.code, "unavailable");
    told(&mut ann.client, false).await;
    told(&mut bob.client, false).await;
    // Not once more for each thing that is refused.
    for _ in 0..3 {
        assert_eq!(bob.client.must_not(ClientBody::RaiseHand).await.code, "unavailable");
        let mute = ClientBody::Mute { target: bob.me };
        assert_eq!(ann.client.must_not(mute).await.code, "unavailable");
    }
    let token = host.token(&room, &room.guest_key, "Late").await;
    let turned_away = host.client().await.must_not(hello(&token)).await;
    assert_eq!(turned_away.code, "unavailable");
    ann.client.must(ClientBody::Ping).await;

    disk.take_everything().await;
    told(&mut ann.client, true).await;
    told(&mut bob.client, true).await;
    ann.client.must(chat("kept")).await;
    let said = bob
        .client
        .until(|message| {
            !matches!(message, ServerMessage::Done { .. } | ServerMessage::Refused { .. })
                && !matches!(message, ServerMessage::Event(frame)
                    if matches!(frame.event, RoomEvent::Published { .. } | RoomEvent::HandRaised { .. }))
        })
        .await;
    assert!(
        matches!(&said, ServerMessage::Event(frame) if matches!(&frame.event,
            RoomEvent::Chat { line } if line.text.as_deref() == Some("kept"))),
        "of what was refused nobody heard, found {said:?}"
    );

    let late = host.client().await.hello(&token).await;
    let seen = late.view();
    assert_eq!(seen.hands, [ann.me], "what was kept is there");
    let lines: Vec<_> = seen.chat.iter().map(|line| line.text.as_deref()).collect();
    assert_eq!(lines, [Some("kept")], "what was refused is not");
    assert!(!seen.participants.iter().any(|who| who.id == bob.me && who.muted));
    let seqs = disk.seqs().await;
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>(), "no gap");
    host.server.shutdown().await;
}

#[tokio::test]
async fn who_went_away_meanwhile_is_missed_once_it_can_be_kept() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob = host.guest(&room, "Bob").await;
    let mut disk = Disk::of(host.folder()).await;
    disk.refuse_everything().await;
    let gone = bob.me;
    drop(bob);
    // Nobody asked for anything: his lost link is what could not be kept.
    told(&mut ann.client, false).await;
    disk.take_everything().await;
    told(&mut ann.client, true).await;
    ann.client.event(|event| *event == RoomEvent::LinkLost { participant: gone }).await;
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_store_that_cannot_even_be_read_sends_everyone_away_until_it_can() {
    let host = Host::start().await;
    let room = host.room().await;
    let token = host.token(&room, &room.moderator_key, "Ann").await;
    let mut ann = host.client().await.hello(&token).await;
    let mut disk = Disk::of(host.folder()).await;
    sqlx::query("ALTER TABLE journal RENAME TO gone").execute(&mut disk.0).await.expect("gone");
    assert_eq!(ann.client.must_not(ClientBody::RaiseHand).await.code, "unavailable");
    assert_eq!(ann.client.bye().await, Some(conf_proto::ByeReason::Shutdown), "come back later");

    sqlx::query("ALTER TABLE gone RENAME TO journal").execute(&mut disk.0).await.expect("back");
    let again = loop {
        match host.client().await.ask(hello(&token)).await {
            ServerMessage::Welcome { participant, .. } => break participant,
            // Still in its pause.
            ServerMessage::Refused { problem, .. } => assert_eq!(problem.code, "unavailable"),
            other => panic!("expected a welcome, found {other:?}"),
        }
    };
    assert_eq!(again, ann.me);
    host.server.shutdown().await;
}
