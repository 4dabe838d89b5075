//! What a packet costs on two media threads beside what it costs on one, and how evenly two share
//! the work.
//!
//! Two threads take both cores of a small machine, so that the load has none to itself: whatever
//! shares a core with it pays more for each packet, sharded or not. Therefore two threads of one
//! pool are compared with two pools of one thread each, which do the same work on the same cores
//! beside the same load and share nothing. One thread alone is measured too, for orientation.
//!
//! Real sockets on loopback, no handshakes; everything is measured in turns, and the medians of
//! the rounds are judged with `--judge`; a lost packet fails anyway. In full: `cargo xtask soak
//! shards`; otherwise `cargo run --release -p conf-media --all-features --example shards --
//! [--judge] [SUBSCRIBERS [SECONDS [ROUNDS]]]`
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program for people to look at")]

use std::{
    net::{SocketAddr, UdpSocket},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use conf_media::{
    EndpointId, GroupId, MediaKind, TrackId,
    driver::{DriverConfig, MediaPool},
    endpoint::srtp::MAX_OVERHEAD,
    rtp::{RtpHeader, write_header},
    shard::{
        Command,
        wired::{MID_EXTENSION, TRANSPORT_EXTENSION, VP8, WiredPeer, offer},
    },
};

const FRAME: Duration = Duration::from_millis(33);
/// Packets of a frame, and bytes of each: 1.5 Mbit/s.
const PARTS: u16 = 5;
const BYTES: usize = 1_200;
/// Peers here never check, and consent lasts 10 s.
const LONGEST: u64 = 8;

/// Most times the cost of pools that share nothing.
const MOST: f64 = 1.15;
/// The share of the processor time either thread may have, in percent.
const SHARE: std::ops::RangeInclusive<f64> = 45.0..=55.0;

/// Who forwards, and what.
struct Arrangement {
    name: &'static str,
    pools: u64,
    threads: usize,
    spread_at: usize,
    /// Rooms of each pool, cameras of each room.
    rooms: u64,
    cameras: u64,
    /// Which arrangement it is judged beside.
    beside: Option<usize>,
}

const ARRANGEMENTS: [Arrangement; 6] = [
    Arrangement {
        name: "two pools of 1 thread, a room of 2 cameras each ",
        ..Arrangement::new(2, 1, 1, 2)
    },
    Arrangement {
        name: "one pool of 2 threads, 2 rooms of 2 cameras each",
        beside: Some(0),
        ..Arrangement::new(1, 2, 2, 2)
    },
    Arrangement {
        name: "two pools of 1 thread, a room of 4 cameras each ",
        ..Arrangement::new(2, 1, 1, 4)
    },
    Arrangement {
        name: "one pool of 2 threads, 1 room of 4 over both    ",
        spread_at: 1,
        beside: Some(2),
        ..Arrangement::new(1, 2, 1, 4)
    },
    Arrangement {
        name: "one pool of 1 thread, 2 rooms of 2 cameras each ",
        ..Arrangement::new(1, 1, 2, 2)
    },
    Arrangement {
        name: "one pool of 1 thread, 1 room of 4 cameras       ",
        ..Arrangement::new(1, 1, 1, 4)
    },
];

impl Arrangement {
    const fn new(pools: u64, threads: usize, rooms: u64, cameras: u64) -> Self {
        Self { name: "", pools, threads, spread_at: usize::MAX, rooms, cameras, beside: None }
    }
}

/// What one measurement found.
#[derive(Clone)]
struct Taken {
    /// Microseconds of processor time for a forwarded packet.
    cost: f64,
    /// The first thread's share of it, in percent.
    share: f64,
    lost: u64,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let judge = words.iter().any(|word| word == "--judge");
    let mut numbers = words.iter().filter_map(|word| word.parse::<u64>().ok());
    let subscribers = numbers.next().unwrap_or(200).max(2);
    let span = Duration::from_secs(numbers.next().unwrap_or(5).clamp(1, LONGEST));
    let rounds = numbers.next().unwrap_or(5).max(1);
    println!(
        "cameras of 1.5 Mbit/s, {subscribers} subscribers in all, {rounds} rounds of {span:?}"
    );
    let mut taken = vec![Vec::new(); ARRANGEMENTS.len()];
    for round in 1..=rounds {
        let mut order: Vec<usize> = (0..ARRANGEMENTS.len()).collect();
        if round % 2 == 0 {
            order.reverse();
        }
        for at in order {
            print!("{round} {}: ", ARRANGEMENTS[at].name);
            taken[at].push(measure(&ARRANGEMENTS[at], subscribers, span));
        }
    }
    let (mut kept, mut whole) = (true, true);
    println!("\nmedians");
    for (arrangement, found) in ARRANGEMENTS.iter().zip(&taken) {
        let share = median(found.iter().map(|one| one.share));
        let lost: u64 = found.iter().map(|one| one.lost).sum();
        print!("{}: {:.3} us", arrangement.name, median(found.iter().map(|one| one.cost)));
        whole &= lost == 0;
        if let Some(beside) = arrangement.beside {
            let pairs = found.iter().zip(&taken[beside]);
            let ratio = median(pairs.map(|(ours, theirs)| ours.cost / theirs.cost));
            print!(", {ratio:.2} times (at most {MOST}), {share:.1} % on the first (45 to 55)");
            kept &= ratio <= MOST && SHARE.contains(&share);
        }
        println!(", {lost} lost");
    }
    if !whole || (judge && !kept) {
        println!("{}", if whole { "bounds are exceeded" } else { "packets were lost" });
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure(arrangement: &Arrangement, subscribers: u64, span: Duration) -> Taken {
    let Arrangement { pools: count, rooms, cameras, .. } = *arrangement;
    let pools: Vec<MediaPool> = (0..count)
        .map(|_| {
            let config = DriverConfig::new(([127, 0, 0, 1], 0).into())
                .threads(arrangement.threads)
                .spread_at(arrangement.spread_at);
            MediaPool::start(config, |_| {}).expect("a port is free")
        })
        .collect();
    let viewers = subscribers / count;
    let (mut publishing, mut viewing) = (Vec::new(), Vec::new());
    for pool in &pools {
        let all = rooms * cameras;
        for n in 0..all {
            let peer = Peer::join(pool, n, GroupId(n % rooms), Some(TrackId(n)), 0);
            // Cameras know nothing of each other: no two show a frame at the same time.
            publishing.push(Camera { peer, phase: FRAME * n as u32 / all as u32, frames: 0 });
        }
        for n in 0..viewers {
            viewing.push(Peer::join(pool, 100 + n, GroupId(n % rooms), None, cameras as usize));
        }
        for n in 0..rooms * cameras {
            let open = Command::Gate { track: TrackId(n), open: true };
            pool.send(open).expect("there is room");
        }
        let settled = Instant::now();
        while pool.stats().slot_changes < viewers * cameras {
            assert!(settled.elapsed() < Duration::from_secs(5), "slots are given at once");
            std::thread::yield_now();
        }
    }
    let forwarded = || pools.iter().map(|pool| pool.stats().forwarded_packets).sum::<u64>();
    let spent = || -> Vec<Duration> {
        pools.iter().flat_map(|pool| pool.shards()).map(|shard| shard.cpu).collect()
    };
    let (packets_before, cpu_before) = (forwarded(), spent());
    // Half of the load on each core, as far as the kernel sees to it: neither thread is to be the
    // one with the neighbour.
    let second = (publishing.split_off(publishing.len() / 2), viewing.split_off(viewing.len() / 2));
    let ended = AtomicBool::new(false);
    let (sent, received) = std::thread::scope(|scope| {
        let halves = [(publishing, viewing), second];
        let threads = halves.map(|(publishers, viewers)| {
            let ended = &ended;
            scope.spawn(move || play(publishers, &viewers, ended))
        });
        std::thread::sleep(span);
        ended.store(true, Ordering::Release);
        threads.map(|thread| thread.join().expect("the load does not panic")).into_iter().fold(
            (0, 0),
            |(sent, received), (also_sent, also_received)| {
                (sent + also_sent, received + also_received)
            },
        )
    });
    let packets = forwarded() - packets_before;
    let cpu: Vec<f64> =
        spent().iter().zip(&cpu_before).map(|(now, then)| (*now - *then).as_secs_f64()).collect();
    let total: f64 = cpu.iter().sum();
    // A packet goes to everyone in its room.
    let expected = sent * (viewers / rooms);
    let taken = Taken {
        cost: total * 1e6 / packets.max(1) as f64,
        share: 100.0 * cpu[0] / total,
        lost: expected.saturating_sub(received),
    };
    let count = |of: fn(&MediaPool) -> u64| pools.iter().map(of).sum::<u64>();
    println!(
        "{:.3} us a packet, {:.1} % on the first, {packets} packets, {} lost; crossed {}, handed \
         over {}, woken {}",
        taken.cost,
        taken.share,
        taken.lost,
        count(|pool| pool.stats().relayed_packets),
        count(|pool| pool.stats().handed_datagrams),
        count(|pool| pool.socket_stats().wakes),
    );
    taken
}

/// Publishes and receives until `ended`: packets sent, packets received.
fn play(mut cameras: Vec<Camera>, viewers: &[Peer], ended: &AtomicBool) -> (u64, u64) {
    let begin = Instant::now();
    let mut received = 0;
    let mut buffer = vec![0; 2_048];
    while !ended.load(Ordering::Acquire) {
        for camera in &mut cameras {
            camera.show_until(begin.elapsed());
        }
        received += viewers.iter().map(|viewer| viewer.drain(&mut buffer)).sum::<u64>();
        std::thread::sleep(Duration::from_millis(2));
    }
    // The last frame is on its way, and the other half's may be.
    std::thread::sleep(Duration::from_millis(200));
    received += viewers.iter().map(|viewer| viewer.drain(&mut buffer)).sum::<u64>();
    let frames: u32 = cameras.iter().map(|camera| camera.frames).sum();
    (u64::from(frames) * u64::from(PARTS), received)
}

/// A publisher with a clock of its own.
struct Camera {
    peer: Peer,
    phase: Duration,
    frames: u32,
}

impl Camera {
    /// Sends the frames that are due.
    fn show_until(&mut self, now: Duration) {
        while self.phase + FRAME * self.frames <= now {
            self.peer.show(self.frames);
            self.frames += 1;
        }
    }
}

struct Peer {
    wired: WiredPeer,
    socket: UdpSocket,
    to: SocketAddr,
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
        Self { wired, socket, to: pool.local_addr(), seq: 0, index: 0 }
    }

    /// Sends a frame, the first of which can be begun with.
    fn show(&mut self, frame: u32) {
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
            let _ = self.socket.send_to(&out[..used], self.to);
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
