//! What a packet costs on one media thread and on two, and how evenly two share the work.
//!
//! Real sockets on loopback, no handshakes; each arrangement is measured for some seconds, twice,
//! in turn. `cargo run --release -p conf-media --all-features --example shards [SUBSCRIBERS]`
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program for people to look at")]

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use conf_media::{
    EndpointId, GroupId, MediaKind, TrackId,
    driver::{DriverConfig, MediaPool, ShardReport},
    endpoint::srtp::MAX_OVERHEAD,
    rtp::{RtpHeader, write_header},
    shard::{
        Command,
        wired::{MID_EXTENSION, TRANSPORT_EXTENSION, VP8, WiredPeer, offer},
    },
};

/// Shorter than consent lasts: these peers never check.
const SPAN: Duration = Duration::from_secs(6);
const FRAME: Duration = Duration::from_millis(33);
/// Packets of a frame, and bytes of each: 1.5 Mbit/s.
const PARTS: u16 = 5;
const BYTES: usize = 1_200;

struct Arrangement {
    name: &'static str,
    threads: usize,
    spread_at: usize,
    rooms: u64,
}

const ARRANGEMENTS: [Arrangement; 4] = [
    Arrangement { name: "1 thread,  1 room ", threads: 1, spread_at: 150, rooms: 1 },
    Arrangement { name: "1 thread,  2 rooms", threads: 1, spread_at: 150, rooms: 2 },
    Arrangement { name: "2 threads, 2 rooms", threads: 2, spread_at: usize::MAX, rooms: 2 },
    Arrangement { name: "2 threads, 1 room ", threads: 2, spread_at: 1, rooms: 1 },
];

/// Publishers in all.
const PUBLISHERS: u64 = 4;

fn main() {
    let subscribers = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    println!("{PUBLISHERS} cameras of 1.5 Mbit/s, {subscribers} subscribers in all");
    for round in 1..=2 {
        for arrangement in &ARRANGEMENTS {
            measure(round, arrangement, subscribers);
        }
    }
}

fn measure(round: u32, arrangement: &Arrangement, subscribers: u64) {
    let config = DriverConfig::new(([127, 0, 0, 1], 0).into())
        .threads(arrangement.threads)
        .spread_at(arrangement.spread_at);
    let pool = MediaPool::start(config, |_| {}).expect("a port is free");
    let each = PUBLISHERS / arrangement.rooms;
    let mut publishers: Vec<Peer> = (0..PUBLISHERS)
        .map(|n| Peer::join(&pool, n, GroupId(n % arrangement.rooms), Some(TrackId(n)), 0))
        .collect();
    let viewers: Vec<Peer> = (0..subscribers)
        .map(|n| Peer::join(&pool, 100 + n, GroupId(n % arrangement.rooms), None, each as usize))
        .collect();
    for n in 0..PUBLISHERS {
        pool.send(Command::Gate { track: TrackId(n), open: true }).expect("there is room");
    }
    let settled = Instant::now();
    while pool.stats().slot_changes < subscribers * each {
        assert!(settled.elapsed() < Duration::from_secs(5), "slots are given at once");
        std::thread::yield_now();
    }
    let to = pool.local_addr();
    let (before, cpu_before) = (pool.stats(), pool.shards());
    let begin = Instant::now();
    let (mut frames, mut received) = (0u32, 0u64);
    let mut buffer = vec![0; 2_048];
    while begin.elapsed() < SPAN {
        for publisher in &mut publishers {
            publisher.show(to, frames);
        }
        frames += 1;
        while begin.elapsed() < FRAME * frames {
            for viewer in &viewers {
                received += viewer.drain(&mut buffer);
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    }
    std::thread::sleep(Duration::from_millis(100));
    received += viewers.iter().map(|viewer| viewer.drain(&mut buffer)).sum::<u64>();
    let (after, cpu_after) = (pool.stats(), pool.shards());
    let packets = after.forwarded_packets - before.forwarded_packets;
    let expected = u64::from(frames) * u64::from(PARTS) * each * subscribers;
    let spent = |(after, before): (&ShardReport, &ShardReport)| after.cpu - before.cpu;
    let spent: Vec<Duration> = cpu_after.iter().zip(&cpu_before).map(spent).collect();
    let total: Duration = spent.iter().sum();
    let shares: Vec<String> = spent
        .iter()
        .map(|cpu| format!("{:.1} %", 100.0 * cpu.as_secs_f64() / total.as_secs_f64()))
        .collect();
    let cost = total.as_secs_f64() * 1e6 / packets.max(1) as f64;
    println!(
        "{round} {}: {cost:.3} us a packet, {} of cpu, {packets} packets, lost {}, crossed {}, \
         handed over {}, woken {}",
        arrangement.name,
        shares.join(" + "),
        expected.saturating_sub(received),
        after.relayed_packets,
        after.handed_datagrams,
        pool.socket_stats().wakes,
    );
}

struct Peer {
    wired: WiredPeer,
    socket: UdpSocket,
    seq: u16,
    index: u64,
}

impl Peer {
    fn join(
        pool: &MediaPool,
        number: u64,
        group: GroupId,
        camera: Option<TrackId>,
        slots: usize,
    ) -> Self {
        let tracks: Vec<_> = camera.map(|track| (track, MediaKind::Video)).into_iter().collect();
        let (endpoint, offer) = (EndpointId(number), offer(&tracks, (0, slots), 1));
        pool.send(Command::Connect { endpoint, group, offer }).expect("there is room");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        socket.set_nonblocking(true).expect("a socket can do that");
        let address = socket.local_addr().expect("it is bound");
        let wired = pool.wire(endpoint, address).expect("it was answered");
        Self { wired, socket, seq: 0, index: 0 }
    }

    /// Sends a frame, the first of which can be begun with.
    fn show(&mut self, to: SocketAddr, frame: u32) {
        for part in 0..PARTS {
            let header = RtpHeader {
                marker: part + 1 == PARTS,
                payload_type: VP8,
                seq: self.seq,
                timestamp: frame * 2_970,
                ssrc: self.wired.id.0 as u32 + 1,
            };
            let start = if part == 0 { 0x90 } else { 0x80 };
            let later = u8::from(frame > 0);
            let mut payload = vec![start, 0x80, 0x80, frame as u8, later, 2, 0, 0x9d, 1, 0x2a];
            payload.extend([0x80, 2, 0x68, 1]);
            payload.resize(BYTES, 0);
            let mut plain = [0; 64];
            let transport = self.seq.to_be_bytes();
            let extensions: [(u8, &[u8]); 2] =
                [(MID_EXTENSION, b"0"), (TRANSPORT_EXTENSION, &transport)];
            let len = write_header(&mut plain, &header, &extensions).expect("it fits");
            let mut out = vec![0; len + payload.len() + MAX_OVERHEAD];
            let sealer = &mut self.wired.sealer;
            let used =
                sealer.seal_rtp(self.index, &plain[..len], &payload, &mut out).expect("it fits");
            // What the kernel has no room for shows as a loss.
            let _ = self.socket.send_to(&out[..used], to);
            self.index += 1;
            self.seq = self.index as u16;
        }
    }

    /// Media packets that wait.
    fn drain(&self, buffer: &mut [u8]) -> u64 {
        let mut count = 0;
        while let Ok(len) = self.socket.recv(buffer) {
            count += u64::from(len > 500);
        }
        count
    }
}
