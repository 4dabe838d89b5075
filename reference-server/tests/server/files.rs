//! Files handed on, over the wire: who may send, who may fetch, and what forged clients get.

use conf_core::id::FileId;
use conf_core::policy::lock::Lock;
use conf_proto::breakout::PlannedBreakout;
use conf_proto::{ClientBody, RoomEvent, ServerMessage};
use reqwest::StatusCode;

use crate::client::Client;
use crate::desk::{Desk, PDF, code, granted, offer, reader, stored};
use crate::host::{Host, Room, make_room, token};
use crate::process::Process;

#[tokio::test]
async fn a_file_is_handed_on_fetched_and_taken_away() {
    let host = Host::start().await;
    let room = host.room().await;
    let desk = Desk { http: &host.http, base: host.url(""), room: &room };
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let refused = bob.client.must_not(offer("plan.pdf", PDF.len(), None)).await;
    assert_eq!(refused.code, "locked", "closed unless a moderator opens it");
    let file = desk.hand_on(&mut ann.client, offer("Plan ü.pdf", PDF.len(), None), PDF).await;
    let told = bob.client.event(|event| matches!(event, RoomEvent::FileShared { .. })).await;
    let RoomEvent::FileShared { file: told } = told.event else { unreachable!("it is a file") };
    assert_eq!((told.id, told.from, told.bytes), (file, ann.me, PDF.len() as u64));

    let late = host.guest(&room, "Late").await;
    assert_eq!(late.view().files[0].file_name.as_deref(), Some("Plan ü.pdf"));
    let key = reader(&mut bob.client).await;
    let answer = desk.get(file, &key).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''Plan%20%C3%BC.pdf");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(answer.bytes().await.expect("the file"), PDF);

    let lying = std::fs::read(&stored(host.folder())[0]).expect("a file");
    assert!(!lying.windows(6).any(|window| window == b"canary"), "sealed");
    let gone = ClientBody::DeleteFile { file };
    assert_eq!(bob.client.must_not(gone.clone()).await.code, "not_allowed");
    ann.client.must(gone).await;
    bob.client.event(|event| *event == RoomEvent::FileDeleted { file, by: ann.me }).await;
    assert!(stored(host.folder()).is_empty(), "gone from the disk at once");
    assert_eq!(code(desk.get(file, &key).await).await, (404, "no_such_file".to_owned()));
    host.server.shutdown().await;
}

#[tokio::test]
async fn a_part_of_a_file_is_fetched_alone_and_by_nobody_else() {
    let host = Host::start().await;
    let room = host.room().await;
    let desk = Desk { http: &host.http, base: host.url(""), room: &room };
    let mut ann = host.moderator(&room, "Ann").await;
    // Longer than two of the pieces that are sealed at once.
    let bytes: Vec<u8> =
        PDF.iter().copied().chain((0..150_000_u32).map(|at| (at % 251) as u8)).collect();
    let file = desk.hand_on(&mut ann.client, offer("long.pdf", bytes.len(), None), &bytes).await;
    let key = reader(&mut ann.client).await;
    let whole = desk.get(file, &key).await;
    let tag = whole.headers()["etag"].to_str().expect("text").to_owned();
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert!(!whole.headers().contains_key("content-range"));
    assert_eq!(whole.bytes().await.expect("the file"), bytes);

    let all = bytes.len();
    for (asked, part) in [
        ("bytes=0-9".to_owned(), 0..10),
        ("bytes=65530-65545".to_owned(), 65_530..65_546),
        ("bytes=140000-".to_owned(), 140_000..all),
        ("bytes=-7".to_owned(), all - 7..all),
        (format!("bytes=70000-{}", u64::MAX), 70_000..all),
    ] {
        let answer = desk.get_part(file, &key, &asked, Some(&tag)).await;
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{asked}");
        let range = format!("bytes {}-{}/{all}", part.start, part.end - 1);
        assert_eq!(answer.headers()["content-range"], range.as_str());
        assert_eq!(answer.headers()["content-length"], part.len().to_string().as_str());
        assert_eq!(answer.headers()["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(answer.bytes().await.expect("a part"), bytes[part], "{asked}");
    }
    let beyond = desk.get_part(file, &key, &format!("bytes={all}-"), None).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{all}").as_str());
    for (range, tag) in [("bytes=0-1,5-6", None), ("bytes=0-1", Some("\"another\""))] {
        let answer = desk.get_part(file, &key, range, tag).await;
        assert_eq!(answer.status(), StatusCode::OK, "{range}: the whole");
        assert_eq!(answer.bytes().await.expect("the file").len(), all);
    }
    let forged = desk.get_part(file, &"0".repeat(32), "bytes=0-1", None).await;
    assert_eq!(forged.status(), StatusCode::UNAUTHORIZED);
    host.server.shutdown().await;
}

#[tokio::test]
async fn what_one_gives_another_no_third_fetches_whatever_they_try() {
    let host = Host::start().await;
    let room = host.room().await;
    let desk = Desk { http: &host.http, base: host.url(""), room: &room };
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let mut eve = host.moderator(&room, "Eve").await;
    let private = offer("secret.pdf", PDF.len(), Some(bob.me));
    let (file, up) = granted(&mut ann.client, private).await;
    let (eves, bobs) = (reader(&mut eve.client).await, reader(&mut bob.client).await);
    // Not even to send it: the grant is another's.
    for forged in [&eves, &"0".repeat(32), &String::new()] {
        assert!(desk.put(file, forged, PDF).await.status().is_client_error());
    }
    assert_eq!(desk.put(file, &up, PDF).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(code(desk.put(file, &up, PDF).await).await.1, "no_such_file", "once");
    assert_eq!(code(desk.get(file, &eves).await).await, (404, "no_such_file".to_owned()));
    assert_eq!(code(desk.get(file, &up).await).await, (401, "file_token_over".to_owned()));
    let unknown = FileId::from_number(7);
    assert_eq!(code(desk.get(unknown, &bobs).await).await, (404, "no_such_file".to_owned()));
    let taken = eve.client.must_not(ClientBody::DeleteFile { file }).await;
    assert_eq!(taken.code, "no_such_file");
    assert_eq!(desk.get(file, &bobs).await.bytes().await.expect("the file"), PDF);
    ann.client.must(ClientBody::say("for everyone")).await;
    loop {
        let told = eve.client.hear().await.expect("an open socket");
        let text = serde_json::to_string(&told).expect("JSON");
        assert!(!text.contains("secret") && !text.contains(&file.to_string()), "told live");
        if text.contains("for everyone") {
            break;
        }
    }
    // Another room's tokens open nothing here, and who left has none.
    let other = host.room().await;
    let mut dan = host.moderator(&other, "Dan").await;
    let dans = reader(&mut dan.client).await;
    assert_eq!(code(desk.get(file, &dans).await).await.0, 401);
    bob.client.send(ClientBody::Leave).await;
    bob.client.bye().await;
    assert_eq!(code(desk.get(file, &bobs).await).await.0, 401);
    host.server.shutdown().await;
}

#[tokio::test]
async fn what_is_not_as_it_was_said_is_refused_and_leaves_nothing() {
    let host = Host::start().await;
    let room = host.room().await;
    let desk = Desk { http: &host.http, base: host.url(""), room: &room };
    let mut ann = host.moderator(&room, "Ann").await;
    for (name, bytes, code) in [
        ("run.exe", 10, "file_type"),
        ("a.html", 10, "file_type"),
        ("../a.pdf", 10, "file_type"),
        ("a.zip", 10, "file_type"),
        ("a.pdf", 0, "file_empty"),
        ("a.pdf", 30_000_001, "file_too_large"),
        (" ", 10, "text_empty"),
    ] {
        assert_eq!(ann.client.must_not(offer(name, bytes, None)).await.code, code, "{name}");
    }
    let program = [b"MZ\x90\0".as_slice(), &[0; 100]].concat();
    let longer = [PDF, b"!"].concat();
    for (sent, expected) in [
        (program.as_slice(), "file_content"),
        (longer.as_slice(), "file_size"),
        (&PDF[..10], "file_size"),
    ] {
        let said = if expected == "file_size" { PDF.len() } else { sent.len() };
        let (file, up) = granted(&mut ann.client, offer("a.pdf", said, None)).await;
        assert_eq!(code(desk.put(file, &up, sent).await).await.1, expected);
        assert!(stored(host.folder()).is_empty(), "{expected}");
    }
    // A place is given back each time; three at a time are there.
    let mut ups = Vec::new();
    for _ in 0..3 {
        ups.push(granted(&mut ann.client, offer("a.pdf", PDF.len(), None)).await);
    }
    let more = ann.client.must_not(offer("a.pdf", PDF.len(), None)).await;
    assert_eq!(more.code, "uploads_running");

    // What was granted and is locked meanwhile is not handed on.
    let mut bob = host.guest(&room, "Bob").await;
    let lock = |on| ClientBody::SetLock { lock: Lock::Files, on };
    ann.client.must(lock(false)).await;
    let (file, up) = granted(&mut bob.client, offer("a.pdf", PDF.len(), None)).await;
    ann.client.must(lock(true)).await;
    assert_eq!(code(desk.put(file, &up, PDF).await).await, (403, "locked".to_owned()));
    assert!(stored(host.folder()).is_empty());
    // Neither is what was granted to somebody who is gone.
    let (file, up) = ups.pop().expect("a grant");
    ann.client.send(ClientBody::Leave).await;
    ann.client.bye().await;
    assert_eq!(code(desk.put(file, &up, PDF).await).await, (404, "no_such_file".to_owned()));
    assert!(stored(host.folder()).is_empty());
    host.server.shutdown().await;
}

#[tokio::test]
async fn after_a_crash_what_was_handed_on_is_there_and_half_a_file_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let http = reqwest::Client::new();
    let server = Process::start(folder.path()).await;
    let room = make_room(&http, &server.url(), None).await;
    let ann_token = token(&http, &server.url(), &room, &room.moderator_key, "Ann").await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    let desk = Desk { http: &http, base: server.url(), room: &room };
    let file = desk.hand_on(&mut ann.client, offer("plan.pdf", PDF.len(), None), PDF).await;
    server.kill();
    // As a crash in the middle of one would leave it, and a meeting nobody knows.
    let whole = stored(folder.path()).pop().expect("the file");
    std::fs::write(whole.with_extension("part"), "half").expect("a file");
    let unknown = whole.parent().expect("a folder").with_file_name("mtg_0");
    std::fs::create_dir(&unknown).expect("a folder");
    std::fs::write(unknown.join("file"), "x").expect("a file");

    let server = Process::start(folder.path()).await;
    let mut ann = Client::connect(server.http).await.hello(&ann_token).await;
    assert_eq!(ann.view().files[0].id, file);
    assert_eq!(stored(folder.path()), [whole]);
    assert!(!unknown.exists());
    let key = reader(&mut ann.client).await;
    let desk = Desk { http: &http, base: server.url(), room: &room };
    assert_eq!(desk.get(file, &key).await.bytes().await.expect("the file"), PDF);
    // With the meeting its files go.
    ann.client.send(ClientBody::End).await;
    ann.client.bye().await;
    assert!(stored(folder.path()).is_empty());
}

#[tokio::test]
async fn a_breakout_has_the_limits_of_a_room_and_the_lock_of_the_main_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("conf.toml");
    std::fs::write(&file, "files_count = 2\nfile_types = 'documents'").expect("a file");
    let host = Host::start_with(|settings| settings.config = Some(file)).await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let mut bob = host.guest(&room, "Bob").await;
    let planned = |name: &str, members| PlannedBreakout { name: name.to_owned(), members };
    let breakouts = vec![planned("Group 1", vec![bob.me]), planned("Group 2", vec![])];
    let open = ClientBody::OpenBreakouts { breakouts, choice: false, minutes: None };
    ann.client.must(open).await;
    let answer = bob.client.ask(ClientBody::EnterBreakout { breakout: 0 }).await;
    let ServerMessage::BreakoutPass { token, .. } = answer else { panic!("found {answer:?}") };
    let mut within = host.client().await.hello(&token).await;
    let group = Room { id: within.view().room.to_string(), ..host.room().await };
    let desk = Desk { http: &host.http, base: host.url(""), room: &group };
    let one = || offer("plan.pdf", PDF.len(), None);
    assert_eq!(within.client.must_not(one()).await.code, "locked", "as in the main room");

    let lock = |on| ClientBody::SetLock { lock: Lock::Files, on };
    ann.client.must(lock(false)).await;
    let inherited = |event: &RoomEvent| matches!(event, RoomEvent::LocksInherited { .. });
    within.client.event(inherited).await;
    let text = offer("notes.txt", 10, None);
    assert_eq!(within.client.must_not(text).await.code, "file_type");
    let file = desk.hand_on(&mut within.client, one(), PDF).await;
    // What is on its way counts.
    let (second, up) = granted(&mut within.client, one()).await;
    assert_eq!(within.client.must_not(one()).await.code, "too_many_files");
    // The main room counts for itself, and sees nothing of it.
    let main = Desk { http: &host.http, base: host.url(""), room: &room };
    main.hand_on(&mut bob.client, one(), PDF).await;
    let bobs = reader(&mut bob.client).await;
    assert_eq!(code(main.get(file, &bobs).await).await, (404, "no_such_file".to_owned()));
    assert_eq!(code(desk.get(file, &bobs).await).await.0, 401, "another room's token");
    let inside = reader(&mut within.client).await;
    assert_eq!(desk.get(file, &inside).await.bytes().await.expect("the file"), PDF);

    // Locked again while one is on its way.
    ann.client.must(lock(true)).await;
    within.client.event(inherited).await;
    assert_eq!(code(desk.put(second, &up, PDF).await).await, (403, "locked".to_owned()));
    assert_eq!(stored(host.folder()).len(), 2, "one here, one there");
    ann.client.must(ClientBody::CloseBreakouts).await;
    within.client.bye().await;
    let left = stored(host.folder());
    assert_eq!(left.len(), 1, "with the breakout its files go: {left:?}");
    host.server.shutdown().await;
}
