//! A client that sends as fast as it can: it is slowed, then dropped, and the others notice nothing.
//!
//! `CONF_FLOOD_S` says how many seconds it lasts; `cargo xtask soak flood` runs the long form.
#![allow(clippy::print_stderr, reason = "figures for whoever runs it")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use conf_proto::{ClientBody, PROTOCOL, RoomEvent, ServerMessage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

use crate::client::{Client, Joined};
use crate::host::{make_room, token};
use crate::process::Process;

/// What one participant's request may take beside a flood, in 99 of 100 cases.
const P99: Duration = Duration::from_millis(100);

/// How much memory the server may take for its hostile clients, in kB: 400 sockets
/// that say nothing, and a few that say too much.
const MAX_GROWTH_KB: u64 = 96 * 1024;

/// What the flooders did to themselves.
#[derive(Default)]
struct Flood {
    over: AtomicBool,
    messages: AtomicU64,
    dropped: AtomicU64,
    large: AtomicU64,
    refused: AtomicU64,
    waiting: AtomicU64,
}

impl Flood {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }
}

fn seconds() -> u64 {
    std::env::var("CONF_FLOOD_S").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_flood_is_slowed_then_dropped_and_the_others_notice_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let http = reqwest::Client::new();
    let room = make_room(&http, &server.url(), None).await;
    let enter = async |key: &str, name: &str| {
        let token = token(&http, &server.url(), &room, key, name).await;
        Client::connect(server.http).await.hello(&token).await
    };
    let ann = enter(&room.moderator_key, "Ann").await;
    let bob = enter(&room.guest_key, "Bob").await;
    let before = memory_kb(server.pid(), "VmRSS:");

    let flood = Arc::new(Flood::default());
    let mallory = token(&http, &server.url(), &room, &room.guest_key, "Mallory").await;
    let trudy = token(&http, &server.url(), &room, &room.guest_key, "Trudy").await;
    let flooders = [
        tokio::spawn(flood_messages(Arc::clone(&flood), server.http, mallory)),
        tokio::spawn(flood_frames(Arc::clone(&flood), server.http, trudy)),
        tokio::spawn(flood_sockets(Arc::clone(&flood), server.http)),
    ];
    let asked = tokio::spawn(ask_on(ann, Duration::from_secs(seconds())));
    let heard = tokio::spawn(hear_on(bob));
    let (mut latencies, chats) = asked.await.expect("Ann was not sent away");
    flood.over.store(true, Ordering::Relaxed);
    assert_eq!(heard.await.expect("Bob was not sent away"), chats, "every line, in order");
    let peak = memory_kb(server.pid(), "VmHWM:");
    let sent_away = metric(&http, &server, "conf_signal_dropped_sessions_total").await;
    for flooder in flooders {
        flooder.await.expect("the flooders found what they expected");
    }

    latencies.sort_unstable();
    let at = |share: usize| latencies[(latencies.len() * share).div_ceil(100) - 1];
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let figures = format!(
        "{} requests beside the flood: median {:?}, p99 {:?}, longest {:?}; flooder: {} messages \
         taken from it, dropped {} times, {} frames of 10 MB cut, {} sockets waiting, {} refused; \
         memory {} kB before, {} kB at most",
        latencies.len(),
        at(50),
        at(99),
        at(100),
        count(&flood.messages),
        count(&flood.dropped),
        count(&flood.large),
        count(&flood.waiting),
        count(&flood.refused),
        before,
        peak
    );
    // Tests print to stderr what a person may want to write down.
    eprintln!("{figures}");
    assert!(at(99) < P99, "{figures}");
    assert!(count(&flood.dropped) >= 1 && count(&flood.large) >= 1, "{figures}");
    assert!(sent_away >= count(&flood.dropped), "{sent_away} sent away: {figures}");
    assert!(count(&flood.waiting) <= 400 && count(&flood.refused) >= 500, "{figures}");
    assert!(peak < before + MAX_GROWTH_KB, "{figures}");
    assert!(server.terminate().await.success());
}

/// Asks for something every 25 ms, and says how long each answer took and how
/// many lines of chat were among them.
async fn ask_on(person: Joined, lasting: Duration) -> (Vec<Duration>, u32) {
    let Joined { mut client, me, .. } = person;
    let (mut latencies, mut chats) = (Vec::new(), 0);
    let mut due = interval(Duration::from_millis(25));
    let started = Instant::now();
    for turn in 0_u32.. {
        due.tick().await;
        let over = started.elapsed() >= lasting;
        let body = match turn % 40 {
            _ if over => ClientBody::say("over"),
            // As often as one may say something.
            39 => {
                chats += 1;
                ClientBody::say(format!("line {chats}"))
            }
            turn if turn % 3 == 0 => ClientBody::Ping,
            turn if turn % 3 == 1 => ClientBody::RaiseHand,
            _ => ClientBody::LowerHand { target: me },
        };
        let asked = Instant::now();
        client.must(body).await;
        latencies.push(asked.elapsed());
        client.forget_heard();
        if over {
            break;
        }
    }
    (latencies, chats)
}

/// Hears every line of chat, in order, until the last.
async fn hear_on(person: Joined) -> u32 {
    let mut client = person.client;
    for line in 1.. {
        let frame = client.event(|event| matches!(event, RoomEvent::Chat { .. })).await;
        let RoomEvent::Chat { line: said } = frame.event else { unreachable!("it is chat") };
        if said.text.as_deref() == Some("over") {
            return line - 1;
        }
        assert_eq!(said.text, Some(format!("line {line}")));
        client.forget_heard();
    }
    unreachable!("it is over before");
}

/// Sends messages without a pause; comes back each time it is sent away.
async fn flood_messages(flood: Arc<Flood>, server: SocketAddr, token: String) {
    let chunk = text_frame(br#"{"id":1,"type":"ping"}"#).repeat(1_000);
    while flood.goes_on() {
        let Some(stream) = enter_again(&flood, server, &token).await else { continue };
        let (mut read, mut write) = stream.into_split();
        let sending = async {
            loop {
                let Ok(sent) = write.write(&chunk).await else { return };
                flood.messages.fetch_add((sent / 28) as u64, Ordering::Relaxed);
            }
        };
        let listening = async {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(1..) = read.read(&mut buffer).await {}
        };
        // It ends when the server closes; at the latest when the test does.
        let ended = timeout(Duration::from_secs(20), async {
            tokio::join!(sending, listening);
        });
        tokio::select! {
            ended = ended => ended.expect("a flooder is sent away within 20 s"),
            () = until_over(&flood) => return,
        }
        // The goodbye itself is lost where the kernel resets what was not read.
        flood.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Joins; who has joined too often from one address is refused and waits a moment.
async fn enter_again(flood: &Flood, server: SocketAddr, token: &str) -> Option<TcpStream> {
    let mut client = Client::connect(server).await;
    let token = token.to_owned();
    let hello = ClientBody::Hello { protocol: PROTOCOL, token, resume: None, offer: None };
    match client.ask(hello).await {
        ServerMessage::Welcome { .. } => Some(client.into_stream()),
        ServerMessage::Refused { problem, .. } if problem.code == "too_many" => {
            flood.refused.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
            None
        }
        other => panic!("expected a welcome or `too_many`, found {other:?}"),
    }
}

/// Sends frames of 10 MB; each ends its session long before it is through.
async fn flood_frames(flood: Arc<Flood>, server: SocketAddr, token: String) {
    const LENGTH: usize = 10_000_000;
    while flood.goes_on() {
        let Some(stream) = enter_again(&flood, server, &token).await else { continue };
        let (mut read, mut write) = stream.into_split();
        // A masked text frame with a length of 64 bits (RFC 6455, section 5.2).
        let mut frame = vec![0x81, 0x80 | 127];
        frame.extend_from_slice(&(LENGTH as u64).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.resize(frame.len() + LENGTH, b'x');
        let sent = write.write_all(&frame);
        let mut rest = Vec::new();
        let closed = read.read_to_end(&mut rest);
        let both = timeout(Duration::from_secs(20), async { tokio::join!(sent, closed) });
        let (sent, _) = both.await.expect("cut within 20 s");
        assert!(sent.is_err(), "all of it was taken");
        flood.large.fetch_add(1, Ordering::Relaxed);
    }
}

/// Opens a thousand sockets that never say hello, and holds those it gets.
async fn flood_sockets(flood: Arc<Flood>, server: SocketAddr) {
    let mut held = Vec::new();
    for _ in 0..1_000 {
        // From an address of its own: the others' hellos do not stand in its crowd.
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.2:0".parse().expect("an address")).expect("loopback");
        let Ok(mut stream) = socket.connect(server).await else { continue };
        let upgrade = format!(
            "GET /api/v1/signal HTTP/1.1\r\nHost: {server}\r\nConnection: upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(upgrade.as_bytes()).await.expect("a connection");
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.expect("a status");
        match &status[9..] {
            b"101" => {
                held.push(stream);
                flood.waiting.store(held.len() as u64, Ordering::Relaxed);
            }
            b"429" => {
                flood.refused.fetch_add(1, Ordering::Relaxed);
            }
            other => panic!("status {}", String::from_utf8_lossy(other)),
        }
    }
    until_over(&flood).await;
}

async fn until_over(flood: &Flood) {
    while flood.goes_on() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A short text frame, masked with zeros (RFC 6455, section 5.2).
fn text_frame(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a short text");
    assert!(length < 126);
    [&[0x81, 0x80 | length, 0, 0, 0, 0], text].concat()
}

/// A counter of the server, over all its labels.
async fn metric(http: &reqwest::Client, server: &Process, name: &str) -> u64 {
    let text = http.get(format!("{}/metrics", server.url())).send().await.expect("an answer");
    let text = text.text().await.expect("metrics");
    let values = text.lines().filter(|line| line.starts_with(name));
    values.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

fn memory_kb(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field");
    line.trim().trim_end_matches(" kB").parse().expect("a number of kB")
}
