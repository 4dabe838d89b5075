//! An anonymous poll on a real server: no vote is found beside its voter, wherever one looks.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use conf_core::id::PollId;
use conf_proto::poll::{Poll, PollAnswers};
use conf_proto::{ClientBody, Resume, RoomEvent};

use crate::client::{Client, Joined};
use crate::host::{Room, files_below, make_room, token};
use crate::process::Process;

/// What can be chosen; found wherever the poll itself is kept.
const CHOICES: [&str; 2] = ["canary-of-the-left-hand", "canary-of-the-right-hand"];

fn start(anonymous: bool) -> ClientBody {
    let texts = CHOICES.iter().map(|text| Some((*text).to_owned())).collect();
    ClientBody::StartPoll {
        question: "Which hand?".to_owned(),
        answers: PollAnswers::Own { texts },
        several: false,
        anonymous,
        right: Vec::new(),
    }
}

async fn asked(who: &mut Client) -> PollId {
    let told = who.event(|event| matches!(event, RoomEvent::PollStarted { .. })).await;
    let RoomEvent::PollStarted { poll } = told.event else { unreachable!("it is a poll") };
    poll.id
}

fn seen(joined: &Joined) -> &Poll {
    joined.view().polls.last().expect("a poll")
}

/// A room with a moderator and so many who vote, and their tokens.
async fn class(server: &Process, voters: usize) -> (Room, Joined, Vec<(Joined, String)>) {
    let http = reqwest::Client::new();
    let room = make_room(&http, &server.url(), None).await;
    let ann = token(&http, &server.url(), &room, &room.moderator_key, "Ann").await;
    let ann = Client::connect(server.http).await.hello(&ann).await;
    let mut class = Vec::new();
    for n in 0..voters {
        let token =
            token(&http, &server.url(), &room, &room.guest_key, &format!("Voter {n}")).await;
        class.push((Client::connect(server.http).await.hello(&token).await, token));
    }
    (room, ann, class)
}

#[tokio::test]
async fn no_vote_is_found_beside_its_voter_on_disk_in_the_log_or_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (_, mut ann, mut class) = class(&server, 12).await;
    ann.client.must(start(true)).await;
    let poll = asked(&mut ann.client).await;
    for (n, (voter, _)) in class.iter_mut().enumerate() {
        voter.client.must(ClientBody::Vote { poll, choices: vec![u8::from(n % 3 == 0)] }).await;
        let again = ClientBody::Vote { poll, choices: vec![0] };
        assert_eq!(voter.client.must_not(again).await.code, "vote_cast");
    }
    first_group_kept(folder.path(), &mut ann.client).await;
    ann.client.must(ClientBody::ClosePoll { poll }).await;
    let tallied = RoomEvent::PollTallied { poll, counts: vec![8, 4], said: vec![] };
    ann.client.event(|event| *event == tallied).await;

    // As a vote is said on the wire, and as the journal keeps a vote that is not anonymous.
    let said = format!(r#""poll":"{poll}","choices":["#);
    let voted = format!(r#""type":"voted","poll":"{poll}""#);
    let memory = Memory::of(&server);
    // That the search finds what is there: the question, and the votes as they are kept.
    assert!(memory.count(CHOICES[0]) > 0, "the memory is read");
    for vote in [&said, &voted] {
        assert_eq!(memory.count(vote), 0, "in memory: {vote}");
    }
    for (voter, _) in &class {
        let me = voter.me.to_string();
        assert!(!voter.client.has_heard(|message| {
            let told = serde_json::to_string(message).expect("JSON");
            told.contains("choices") && told.contains(&me)
        }));
    }
    assert!(server.terminate().await.success());
    let kept = files_below(folder.path());
    for vote in [&said, &voted, r#""choices":["#] {
        assert!(kept.iter().all(|(_, bytes)| count(bytes, vote) == 0), "on disk: {vote}");
    }
    let groups = kept.iter().map(|(_, bytes)| count(bytes, "votes_counted")).sum::<usize>();
    assert!(groups >= 2, "twelve are kept as five and seven");
}

#[tokio::test]
async fn the_same_search_finds_a_vote_that_is_not_anonymous() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (_, mut ann, mut class) = class(&server, 1).await;
    ann.client.must(start(false)).await;
    let poll = asked(&mut ann.client).await;
    class[0].0.client.must(ClientBody::Vote { poll, choices: vec![1] }).await;
    assert!(server.terminate().await.success());
    let voted = format!(r#""type":"voted","poll":"{poll}""#);
    assert!(files_below(folder.path()).iter().any(|(_, bytes)| count(bytes, &voted) > 0));
}

#[tokio::test]
async fn who_is_not_counted_yet_is_asked_again_after_a_crash_also_on_resume() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (_, mut ann, mut class) = class(&server, 11).await;
    ann.client.must(start(true)).await;
    let poll = asked(&mut ann.client).await;
    for (voter, _) in &mut class {
        voter.client.must(ClientBody::Vote { poll, choices: vec![0] }).await;
    }
    first_group_kept(folder.path(), &mut ann.client).await;
    server.kill();

    let server = Process::start(folder.path()).await;
    let (mut cast, mut counted) = (Vec::new(), 0);
    for (voter, token) in &class {
        let resume = Some(Resume { meeting: voter.meeting, seq: voter.seq });
        let back = Client::connect(server.http).await.hello_with(token, resume, None).await;
        assert_eq!(back.me, voter.me);
        cast.push(seen(&back).cast);
        counted = seen(&back).voted;
    }
    assert_eq!(cast.iter().filter(|cast| **cast).count(), 5, "{cast:?}");
    assert_eq!(counted, 5);
}

/// Waits until the meeting has kept the first group of votes, which it does by itself, soon.
async fn first_group_kept(folder: &Path, client: &mut Client) {
    // More than it ever takes: who asks so often is slowed down to fifty a second.
    for _ in 0..1_000 {
        if files_below(folder).iter().any(|(_, bytes)| count(bytes, "votes_counted") > 0) {
            return;
        }
        client.must(ClientBody::Ping).await;
    }
    panic!("no group of votes was kept");
}

/// Everything a process can write to, read by its parent.
struct Memory(Vec<Vec<u8>>);

impl Memory {
    fn of(process: &Process) -> Self {
        let pid = process.pid();
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("its map");
        let memory = File::open(format!("/proc/{pid}/mem")).expect("its memory, for its parent");
        let regions = maps.lines().filter_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (from, to) = range.split_once('-')?;
            let from = u64::from_str_radix(from, 16).ok()?;
            let to = u64::from_str_radix(to, 16).ok()?;
            // What it cannot write to holds nothing anybody said.
            if !rest.starts_with("rw") {
                return None;
            }
            let mut bytes = vec![0; usize::try_from(to - from).ok()?];
            memory.read_exact_at(&mut bytes, from).ok().map(|()| bytes)
        });
        Self(regions.collect())
    }

    fn count(&self, text: &str) -> usize {
        self.0.iter().map(|bytes| count(bytes, text)).sum()
    }
}

fn count(bytes: &[u8], text: &str) -> usize {
    let (first, text) = (text.as_bytes()[0], text.as_bytes());
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.filter(|(at, _)| bytes[*at..].starts_with(text)).count()
}
