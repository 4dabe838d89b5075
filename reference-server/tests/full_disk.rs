//! A disk that is really full: a small file system under the data folder, filled up during a meeting.

mod meet;
mod small_disk;

use std::path::Path;

use conf_client::driver::{Api, Happening, JoinError, Participant};
use conf_client::session::{Failure, Over};
use conf_proto::Source;
use meet::{Process, hears, join, room, someone, within};
use small_disk::SmallDisk;
use sqlx::ConnectOptions as _;
use tokio::sync::broadcast::Receiver;

const BOTH: [Source; 2] = [Source::Microphone, Source::Camera];

async fn storage(happenings: &mut Receiver<Happening>, wanted: bool) {
    within(&format!("storage {wanted} is told"), async {
        loop {
            if matches!(happenings.recv().await, Ok(Happening::Storage(ok)) if ok == wanted) {
                return;
            }
        }
    })
    .await;
}

async fn refused(what: &str, asked: impl Future<Output = Result<(), Failure>>) {
    let answer = within(what, asked).await;
    assert!(
        matches!(&answer, Err(Failure::Refused(problem)) if problem.code == "unavailable"),
        "{what}: {answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_the_meeting_says_so_and_sound_and_pictures_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder.path().join("data"), "size=6m");
    let server = Process::start(folder.path(), "127.0.0.1:0", "127.0.0.1:0");
    let (url, media) = (server.url.clone(), server.media.clone());
    let api = Api::new(&url);
    let room = room(&api).await;
    let alice = join(someone(&api, &room.moderators, "Alice").publish(BOTH)).await;
    let bob = join(someone(&api, &room.guests, "Bob").publish(BOTH)).await;
    hears(&bob, alice.id(), Source::Camera, 20).await;
    hears(&alice, bob.id(), Source::Microphone, 20).await;
    within("saying", bob.chat("before")).await.unwrap();
    let (mut at_alice, mut at_bob) = (alice.events(), bob.events());

    disk.fill();
    refused("chat", bob.chat("lost")).await;
    storage(&mut at_alice, false).await;
    storage(&mut at_bob, false).await;
    refused("a hand", alice.raise_hand()).await;
    // The gate that closed ahead of the journal opens again: nobody was muted.
    refused("muting", alice.mute(bob.id())).await;
    let late = within("knocking", Participant::join(someone(&api, &room.guests, "Late"))).await;
    assert!(
        matches!(&late, Err(JoinError::Over(Over::Refused(problem))) if problem.code == "unavailable"),
        "{:?}",
        late.err()
    );
    for source in BOTH {
        hears(&alice, bob.id(), source, 100).await;
        hears(&bob, alice.id(), source, 100).await;
    }
    let camera = bob.slot_of(alice.id(), Source::Camera).expect("a slot for the camera");
    assert_eq!((camera.lost, camera.gaps), (0, 0), "{camera:?}");
    assert!(camera.longest_pause_us < 500_000, "a freeze: {camera:?}");

    disk.free();
    storage(&mut at_alice, true).await;
    storage(&mut at_bob, true).await;
    within("saying", bob.chat("after")).await.unwrap();
    within("raising", alice.raise_hand()).await.unwrap();
    let knows = |room: &conf_client::room::Room| room.chat.len() == 2 && room.hands.len() == 1;
    assert!(within("both are told", alice.until(knows)).await);

    let meeting = alice.meeting();
    server.kill();
    let listen = url.strip_prefix("http://").unwrap();
    let mut happenings = alice.events();
    let server = Process::start(folder.path(), listen, &media);
    within("alice is back", async {
        while !matches!(happenings.recv().await, Ok(Happening::Joined { .. })) {}
    })
    .await;
    hears(&alice, bob.id(), Source::Microphone, 20).await;
    let known = alice.room().unwrap();
    assert_eq!(alice.meeting(), meeting);
    let said: Vec<_> = known.chat.iter().map(|line| line.text.as_deref()).collect();
    assert_eq!(said, [Some("before"), Some("after")]);
    assert_eq!(known.hands, [alice.id()]);
    no_gap(&folder.path().join("data/conf.db")).await;
    server.kill();
    drop(disk);
}

async fn no_gap(database: &Path) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut database = options.connect().await.unwrap();
    let seqs: Vec<(i64,)> = sqlx::query_as("SELECT seq FROM journal ORDER BY seq")
        .fetch_all(&mut database)
        .await
        .unwrap();
    let expected: Vec<(i64,)> = (1..=seqs.len() as i64).map(|seq| (seq,)).collect();
    assert_eq!(seqs, expected);
}
