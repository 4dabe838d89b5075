//! Workloads against the smallest server that speaks WHIP and WHEP: `str0m` behind hand-made HTTP.
#![cfg(feature = "load")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conf_client::load::party::{Options, RunError};
use conf_client::load::run;
use conf_client::load::whip::{Whip, WhipError};
use conf_client::load::workload::Workload;
use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{broadcast, oneshot};

const WITHIN: Duration = Duration::from_secs(60);

/// A media packet on its way from the one who sends to all who watch.
#[derive(Clone)]
struct Passing {
    video: bool,
    number: u64,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// One room for all; what was ended is counted.
struct Server {
    base: String,
    ended: Arc<Mutex<u32>>,
}

impl Server {
    /// Every `loses`-th packet is left out on the way, without a number.
    async fn start(loses: Option<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let ended = Arc::new(Mutex::new(0));
        let (passing, _) = broadcast::channel(4096);
        let counting = ended.clone();
        tokio::spawn(async move {
            let mut endings = BTreeMap::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                exchange(stream, &passing, &mut endings, &counting, loses).await;
            }
        });
        Self { base, ended }
    }

    fn options(&self, scale: f64) -> Options {
        Options {
            whip: Whip::new(&self.base, None).unwrap(),
            room: "room".to_owned(),
            scale,
            server_pid: Some(std::process::id()),
            server: "the test itself".to_owned(),
            local: "127.0.0.1".parse().unwrap(),
            threads: 1,
            open_every: 4,
        }
    }
}

/// Answers one request; the connection is closed behind it.
async fn exchange(
    mut stream: TcpStream,
    passing: &broadcast::Sender<Passing>,
    endings: &mut BTreeMap<String, oneshot::Sender<()>>,
    ended: &Mutex<u32>,
    loses: Option<u64>,
) {
    let mut request = Vec::new();
    let (head, body) = loop {
        let mut piece = [0; 4096];
        let len = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..len]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_ascii_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.map_or(0, |length| length.trim().parse().unwrap());
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        }
        assert!(len > 0, "the request ends early");
    };
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap(), words.next().unwrap().to_owned());
    let (status, answer) = match method {
        "DELETE" => {
            *ended.lock().unwrap() += 1;
            drop(endings.remove(&path));
            ("200 OK", String::new())
        }
        _ if path.contains("/closed-") => ("403 Forbidden", "not here".to_owned()),
        _ => {
            let (end, until) = oneshot::channel();
            let resource = format!("{path}/session");
            let publishes = path.starts_with("/whip/");
            let (passing, watched) = (passing.clone(), passing.subscribe());
            let watched = (!publishes).then_some(watched);
            let (session, answer) = Session::answer(&body, passing, watched, loses).await;
            tokio::spawn(session.run(until));
            endings.insert(resource, end);
            ("201 Created", answer)
        }
    };
    let length = answer.len();
    let reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/sdp\r\nContent-Length: {length}\r\n\
         Location: {path}/session\r\nConnection: close\r\n\r\n{answer}"
    );
    stream.write_all(reply.as_bytes()).await.unwrap();
}

/// One peer of the server.
struct Session {
    rtc: Rtc,
    socket: UdpSocket,
    lines: Vec<(MediaKind, Mid)>,
    passing: broadcast::Sender<Passing>,
    watched: Option<broadcast::Receiver<Passing>>,
    loses: Option<u64>,
    /// The next number of sound and of video.
    numbers: [u64; 2],
}

impl Session {
    async fn answer(
        offer: &str,
        passing: broadcast::Sender<Passing>,
        watched: Option<broadcast::Receiver<Passing>>,
        loses: Option<u64>,
    ) -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let offer = SdpOffer::from_sdp_string(offer).unwrap();
        let answer = rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string();
        let (lines, numbers) = (Vec::new(), [1; 2]);
        (Self { rtc, socket, lines, passing, watched, loses, numbers }, answer)
    }

    async fn run(mut self, mut until: oneshot::Receiver<()>) {
        let mut buffer = [0; 2048];
        let here = self.socket.local_addr().unwrap();
        loop {
            let due = self.drain().await;
            tokio::select! {
                _ = &mut until => return,
                received = self.socket.recv_from(&mut buffer) => {
                    let Ok((len, from)) = received else { continue };
                    let Ok(receive) = Receive::new(Protocol::Udp, from, here, &buffer[..len]) else {
                        continue;
                    };
                    self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
                }
                packet = next(self.watched.as_mut()) => self.write(packet),
                () = tokio::time::sleep_until(due.into()) => {
                    self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
                }
            }
        }
    }

    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(t) => {
                    self.socket.send_to(&t.contents, t.destination).await.unwrap();
                }
                Output::Event(Event::MediaAdded(added)) => {
                    if added.direction == Direction::SendOnly {
                        self.lines.push((added.kind, added.mid));
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    let pt = packet.header.payload_type;
                    let known = self.rtc.codec_config().find(|params| params.pt() == pt);
                    let passing = Passing {
                        video: known.is_some_and(|params| params.spec().codec == Codec::Vp8),
                        number: *packet.seq_no,
                        timestamp: packet.header.timestamp,
                        marker: packet.header.marker,
                        payload: packet.payload.to_vec(),
                    };
                    // Nobody may be watching yet.
                    let _ = self.passing.send(passing);
                }
                Output::Event(_) => {}
            }
        }
    }

    fn write(&mut self, packet: Passing) {
        if self.loses.is_some_and(|every| packet.number.is_multiple_of(every)) {
            return;
        }
        let kind = if packet.video { MediaKind::Video } else { MediaKind::Audio };
        let codec = if packet.video { Codec::Vp8 } else { Codec::Opus };
        let Some((_, mid)) = self.lines.iter().find(|(of, _)| *of == kind) else { return };
        let pt = self.rtc.codec_config().find(|p| p.spec().codec == codec).unwrap().pt();
        let number = &mut self.numbers[usize::from(packet.video)];
        let write =
            RtpWrite::new(pt, (*number).into(), packet.timestamp, Instant::now(), packet.payload);
        *number += 1;
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(*mid, None) else { return };
        stream.write_rtp(write.marker(packet.marker).nackable(packet.video));
        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
    }
}

async fn next(watched: Option<&mut broadcast::Receiver<Passing>>) -> Passing {
    let Some(watched) = watched else { return std::future::pending().await };
    match watched.recv().await {
        Ok(packet) => packet,
        Err(error) => panic!("a viewer fell behind: {error}"),
    }
}

fn small_lecture() -> Workload {
    let mut lecture = Workload::named("lecture").unwrap().scale(0.015);
    assert_eq!(lecture.viewers, 3);
    lecture.seconds = 2;
    lecture
}

#[tokio::test]
async fn a_small_lecture_reaches_everyone_and_its_report_says_so() {
    let server = Server::start(None).await;
    let (lecture, options) = (small_lecture(), server.options(0.015));
    let mut seconds = 0;
    let running = run::run(&lecture, &options, |progress| {
        seconds += u32::from(matches!(progress, run::Progress::Second(_)));
    });
    let report = tokio::time::timeout(WITHIN, running).await.unwrap().unwrap();
    assert!(report.valid, "{:?}", report.notes);
    assert_eq!((seconds, report.participants), (2, 4));
    // 50 of sound, 30 frames of 6 packets, three viewers, two seconds.
    // Less where the machine was busy elsewhere: what is late by more than a frame is skipped.
    assert!((600..1600).contains(&report.delivered_packets), "{}", report.delivered_packets);
    assert!(report.undelivered.unwrap() <= 8, "{:?} {:?}", report.undelivered, report.counts);
    assert_eq!((report.lost, report.auth_failures, report.duplicates), (0, 0, 0));
    assert!(report.checked > 100 && report.latency_ms.p50 > 0.0);
    let trace = &report.trace;
    assert_eq!((trace.video_streams, trace.audio_streams, trace.receivers), (3, 3, 3));
    assert!((trace.packets_per_frame - 6.0).abs() < 0.2, "{trace:?}");
    assert!((15.0..32.0).contains(&trace.frames_per_second), "{trace:?}");
    assert_eq!(*server.ended.lock().unwrap(), 4, "everyone said goodbye");

    let json = serde_json::to_value(&report).unwrap();
    for field in [
        "workload",
        "participants",
        "seconds",
        "delivered_packets",
        "payload_bytes",
        "lost",
        "repaired",
        "duplicates",
        "auth_failures",
        "server_cpu_seconds",
        "us_per_packet",
        "latency_ms",
        "join_ms",
        "pss_before",
        "pss_after",
        "generator_cpu_seconds",
        "machine",
        "versions",
        "date",
        "trace",
    ] {
        assert!(json.get(field).is_some_and(|value| !value.is_null()), "{field}");
    }
    let table = report.markdown();
    assert!(table.contains("| lost after repair | 0 |"), "{table}");
    assert!(table.contains("| figures count | yes |"), "{table}");
}

#[tokio::test]
async fn a_server_that_leaves_packets_out_is_found_out_though_its_numbers_have_no_gap() {
    let server = Server::start(Some(10)).await;
    let (lecture, options) = (small_lecture(), server.options(0.015));
    let running = run::run(&lecture, &options, |_| {});
    let report = tokio::time::timeout(WITHIN, running).await.unwrap().unwrap();
    assert_eq!(report.lost, 0, "{:?}", report.counts);
    assert!(!report.valid);
    assert!(report.counts.withheld > 50, "{:?}", report.counts);
    assert!(report.undelivered.unwrap() > 50);
    assert!(report.markdown().contains("left out by the server at scale 0.015"));
}

#[tokio::test]
async fn who_is_refused_is_told_why() {
    let server = Server::start(None).await;
    let mut options = server.options(1.0);
    options.room = "closed".to_owned();
    let refused = run::run(&small_lecture(), &options, |_| {}).await;
    let Err(RunError::Join { source: WhipError::Refused { status, said, .. }, .. }) = refused
    else {
        panic!("not refused");
    };
    assert_eq!((status, said.as_str()), (403, "not here"));
}

#[tokio::test]
async fn a_workload_without_its_subject_refuses_to_run() {
    let server = Server::start(None).await;
    let recorded = Workload::named("recorder-on").unwrap();
    let refused = run::run(&recorded, &server.options(1.0), |_| {}).await;
    assert!(matches!(refused, Err(RunError::NotThereYet(_))));
}
