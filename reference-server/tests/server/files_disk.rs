//! Files on a disk that has no room for them: said in a word of its own, nothing is left behind,
//! and the meeting goes on.

use std::path::Path;
use std::time::Duration;

use conf_core::id::FileId;
use conf_proto::ClientBody;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use reqwest::{Body, StatusCode};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::client::Joined;
use crate::desk::{Desk, PDF, code, granted, offer, stored};
use crate::host::{Room, data_dir, make_room, token};
use crate::process::Process;
use crate::small_disk::SmallDisk;

const MEGABYTE: usize = 1_000_000;

/// A server whose data lies on a disk of 80 MiB, of which files may have 16.
struct Small {
    // In the order they are to end.
    server: Process,
    disk: SmallDisk,
    folder: tempfile::TempDir,
    http: reqwest::Client,
    room: Room,
}

impl Small {
    async fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = SmallDisk::mount(&data_dir(folder.path()), &format!("size=80m{more}"));
        let server = Process::start(folder.path()).await;
        let http = reqwest::Client::new();
        let room = make_room(&http, &server.url(), None).await;
        Self { server, disk, folder, http, room }
    }

    async fn ann(&self) -> Joined {
        let key = &self.room.moderator_key;
        let token = token(&self.http, &self.server.url(), &self.room, key, "Ann").await;
        crate::client::Client::connect(self.server.http).await.hello(&token).await
    }

    fn desk(&self) -> Desk<'_> {
        Desk { http: &self.http, base: self.server.url(), room: &self.room }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn pdf(bytes: usize) -> Vec<u8> {
    let mut file = PDF.to_vec();
    file.resize(bytes, b'x');
    file
}

fn full() -> (u16, String) {
    (507, "disk_full".to_owned())
}

#[tokio::test]
async fn a_file_that_would_take_what_journals_need_is_refused_and_one_that_is_deleted_makes_room() {
    let small = Small::start("").await;
    let mut ann = small.ann().await;
    let desk = small.desk();
    let long = pdf(10 * MEGABYTE);
    let first = desk.hand_on(&mut ann.client, offer("first.pdf", long.len(), None), &long).await;
    let (second, up) = granted(&mut ann.client, offer("b.pdf", long.len(), None)).await;
    assert_eq!(code(desk.put(second, &up, &long).await).await, full());
    assert_eq!(stored(small.path()).len(), 1, "nothing of the second is left");
    ann.client.must(ClientBody::say("it goes on")).await;

    ann.client.must(ClientBody::DeleteFile { file: first }).await;
    desk.hand_on(&mut ann.client, offer("third.pdf", long.len(), None), &long).await;
}

#[tokio::test]
async fn a_disk_that_others_fill_meanwhile_ends_an_upload() {
    let small = Small::start("").await;
    let mut ann = small.ann().await;
    let bytes = 5 * MEGABYTE;
    let (file, up) = granted(&mut ann.client, offer("long.pdf", bytes, None)).await;
    let (pieces, sent) = mpsc::channel::<Vec<u8>>(1);
    let desk = small.desk();
    let put = desk.put_body(file, &up, body(sent));
    let fill = async {
        let (begun, rest) = (pdf(MEGABYTE), vec![b'x'; bytes - MEGABYTE]);
        pieces.send(begun).await.expect("a request that is sent");
        arrives(small.path(), file).await;
        small.disk.take(13 * MEGABYTE);
        // All of it is still taken, so that who sends hears the answer.
        let _ = pieces.send(rest).await;
        drop(pieces);
    };
    let (answer, ()) = tokio::join!(put, fill);
    assert_eq!(code(answer).await, full());
    assert!(stored(small.path()).is_empty());
    ann.client.must(ClientBody::say("it goes on")).await;

    small.disk.free();
    desk.hand_on(&mut ann.client, offer("long.pdf", bytes, None), &pdf(bytes)).await;
}

#[tokio::test]
async fn a_disk_that_takes_no_more_files_says_so_too() {
    let small = Small::start(",nr_inodes=400").await;
    let mut ann = small.ann().await;
    small.disk.take_names();
    let (file, up) = granted(&mut ann.client, offer("a.pdf", PDF.len(), None)).await;
    assert_eq!(code(small.desk().put(file, &up, PDF).await).await, full());
    assert!(stored(small.path()).is_empty());
    ann.client.must(ClientBody::say("it goes on")).await;
    let answer = small.desk().get(FileId::from_number(1), &"0".repeat(32)).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "and so does what is asked of files");
}

/// A body of what is sent, for as long as something may be.
fn body(sent: mpsc::Receiver<Vec<u8>>) -> Body {
    let frames = stream::unfold(sent, |mut sent| async {
        let frame = Frame::data(Bytes::from(sent.recv().await?));
        Some((Ok::<_, std::convert::Infallible>(frame), sent))
    });
    Body::wrap(StreamBody::new(frames))
}

/// Waits until the server has written something of a file.
async fn arrives(folder: &Path, file: FileId) {
    let part = format!("{file}.part");
    let begun = async {
        while !stored(folder).iter().any(|path| {
            let some = path.metadata().is_ok_and(|known| known.len() > MEGABYTE as u64 / 2);
            some && path.file_name().is_some_and(|name| *name == *part)
        }) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), begun).await.expect("it begins to arrive");
}
