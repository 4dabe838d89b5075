//! Several threads on one port, with real sockets: what lands on the wrong one is not lost.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::{atomic::Ordering, mpsc},
    time::Duration,
};

use super::{
    DriverConfig, MediaPool,
    tests::{Stream, checks, eventually, is_success},
};
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    endpoint::srtp::MAX_OVERHEAD,
    rtp::{RtpHeader, write_header},
    shard::{
        Command, Event,
        wired::{LEVEL_EXTENSION, MID_EXTENSION, OPUS, WiredPeer, offer},
    },
};

const GROUP: GroupId = GroupId(1);

fn pool(threads: usize, spread_at: usize) -> (MediaPool, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel();
    let config = DriverConfig::new("127.0.0.1:0".parse().unwrap());
    let config = config.threads(threads).spread_at(spread_at);
    let pool = MediaPool::start(config, move |event| {
        let _ = sender.send(event);
    });
    (pool.unwrap(), events)
}

/// A peer with a socket of its own.
struct Peer {
    wired: WiredPeer,
    socket: UdpSocket,
}

/// Connects a peer that sends so many voices.
fn join(pool: &MediaPool, number: u64, group: GroupId, voices: &[TrackId]) -> Peer {
    let tracks: Vec<_> = voices.iter().map(|track| (*track, MediaKind::Audio)).collect();
    let (endpoint, offer) = (EndpointId(number), offer(&tracks, (4, 0), 1));
    pool.send(Command::Connect { endpoint, group, offer }).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let wired = pool.wire(endpoint, socket.local_addr().unwrap()).expect("it is answered");
    Peer { wired, socket }
}

impl Peer {
    fn speak(&mut self, to: SocketAddr, seq: u16) {
        let header = RtpHeader {
            marker: true,
            payload_type: OPUS,
            seq,
            timestamp: u32::from(seq) * 960,
            ssrc: self.wired.id.0 as u32 + 1,
        };
        let mut plain = [0; 64];
        let extensions: [(u8, &[u8]); 2] = [(MID_EXTENSION, b"0"), (LEVEL_EXTENSION, &[30])];
        let len = write_header(&mut plain, &header, &extensions).unwrap();
        let payload = seq.to_be_bytes();
        let mut out = [0; 128];
        let used = self
            .wired
            .sealer
            .seal_rtp(seq.into(), &plain[..len], &[0xf8, payload[0], payload[1]], &mut out)
            .unwrap();
        assert!(used <= len + 3 + MAX_OVERHEAD);
        self.socket.send_to(&out[..used], to).unwrap();
    }

    /// The numbers of the next so many packets of sound.
    fn heard(&mut self, count: usize) -> Vec<u16> {
        let mut found = Vec::new();
        let mut buffer = [0; 2_048];
        while found.len() < count {
            let len = self.socket.recv(&mut buffer).expect("nothing is lost");
            let packet = &mut buffer[..len];
            if packet[1] & 0x7f == OPUS {
                let opened = self.wired.opener.open_rtp(packet).expect("sealed for it");
                let payload = &packet[opened.header_len..opened.len];
                found.push(u16::from_be_bytes([payload[1], payload[2]]));
            }
        }
        found
    }
}

impl Peer {
    /// The number of a packet of sound that arrives shortly, if one does.
    fn heard_soon(&mut self) -> Option<u16> {
        self.socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut buffer = [0; 2_048];
        while let Ok(len) = self.socket.recv(&mut buffer) {
            let packet = &mut buffer[..len];
            if packet[1] & 0x7f == OPUS {
                let opened = self.wired.opener.open_rtp(packet).expect("sealed for it");
                return Some(u16::from(packet[opened.header_len + 2]));
            }
        }
        None
    }
}

#[test]
fn one_room_on_two_threads_loses_nothing_whichever_socket_it_lands_on() {
    let (pool, _events) = pool(2, 1);
    let to = pool.local_addr();
    let voices: Vec<TrackId> = (1..=4).map(TrackId).collect();
    let mut speakers: Vec<Peer> = voices
        .iter()
        .map(|voice| join(&pool, voice.0, GROUP, std::slice::from_ref(voice)))
        .collect();
    let mut listeners: Vec<Peer> =
        (0..40).map(|number| join(&pool, 100 + number, GROUP, &[])).collect();
    for track in voices {
        pool.send(Command::Gate { track, open: true }).unwrap();
    }
    assert!(eventually(|| pool.stats().open_tracks == 4));
    // Every listener has a slot for everyone before the first word.
    assert!(eventually(|| pool.stats().slot_changes == 4 * 40 + 4 * 3));
    for seq in 1..=100 {
        for speaker in &mut speakers {
            speaker.speak(to, seq);
        }
        for listener in &mut listeners {
            assert_eq!(listener.heard(4), [seq; 4]);
        }
    }
    assert!(eventually(|| pool.stats().forwarded_packets == 100 * 4 * (40 + 3)));
    let stats = pool.stats();
    assert_eq!(stats.relayed_packets, 400, "each crosses once");
    assert_eq!((stats.dropped_relay_full, stats.dropped_unknown_address), (0, 0));
    assert_eq!(stats.endpoints, 44);
    let shards = pool.shards();
    assert!(shards.iter().all(|shard| shard.stats.endpoints == 22), "{shards:?}");
    assert!(shards.iter().all(|shard| shard.stats.forwarded_packets > 8_000), "{shards:?}");
    assert!(shards.iter().all(|shard| !shard.cpu.is_zero()), "{shards:?}");
}

#[test]
fn rooms_of_their_own_stay_apart_and_share_the_threads() {
    let (pool, _events) = pool(2, 150);
    let to = pool.local_addr();
    let mut rooms: Vec<(Peer, Vec<Peer>)> = (0..8u64)
        .map(|room| {
            let (group, voice) = (GroupId(room + 1), TrackId(room + 1));
            let speaker = join(&pool, room * 100 + 1, group, &[voice]);
            let listeners = (2..5).map(|n| join(&pool, room * 100 + n, group, &[])).collect();
            pool.send(Command::Gate { track: voice, open: true }).unwrap();
            (speaker, listeners)
        })
        .collect();
    assert!(eventually(|| pool.stats().slot_changes == 8 * 3));
    for seq in 1..=50 {
        for (speaker, listeners) in &mut rooms {
            speaker.speak(to, seq);
            for listener in listeners {
                assert_eq!(listener.heard(1), [seq]);
            }
        }
    }
    assert!(eventually(|| pool.stats().forwarded_packets == 8 * 3 * 50));
    assert_eq!(pool.stats().relayed_packets, 0);
    assert!(pool.shards().iter().all(|shard| shard.stats.endpoints == 16));
}

#[test]
fn checks_find_their_shard_over_both_transports() {
    let (pool, events) = pool(2, 1);
    let to = pool.local_addr();
    for endpoint in 1..=16 {
        let check = checks(&pool, &events, endpoint);
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        udp.send_to(&check(1), to).unwrap();
        let mut reply = [0; 256];
        let (len, from) = udp.recv_from(&mut reply).unwrap();
        assert!(is_success(&reply[..len]));
        assert_eq!(from, to);
        let mut stream = Stream::connect("127.0.0.1", &pool).unwrap();
        stream.send(&[&check(2)]);
        assert!(is_success(&stream.receive()));
        // From then on the stream counts as proven, whichever shard its peer is on.
        stream.send(&[&check(3)]);
        assert!(is_success(&stream.receive()));
    }
    assert!(pool.shards().iter().all(|shard| shard.stats.endpoints == 8));
    let stats = pool.stats();
    assert!(stats.handed_datagrams >= 16, "half of the streams at least: {stats:?}");
    assert_eq!((stats.dropped_stun, stats.dropped_relay_full), (0, 0));
    assert!(eventually(|| pool.socket_stats().tcp_connections == 0), "their peers closed them");
}

#[test]
fn a_shard_that_panics_is_made_anew_and_the_other_goes_on() {
    let (pool, events) = pool(2, 1);
    let to = pool.local_addr();
    let voice = TrackId(1);
    let mut speaker = join(&pool, 1, GROUP, &[voice]);
    let mut there = join(&pool, 2, GROUP, &[]);
    let mut here = join(&pool, 3, GROUP, &[]);
    pool.send(Command::Gate { track: voice, open: true }).unwrap();
    assert!(eventually(|| pool.stats().slot_changes == 2));
    speaker.speak(to, 1);
    assert_eq!((here.heard(1), there.heard(1)), (vec![1], vec![1]));

    pool.threads[1].shared.broken.store(true, Ordering::Release);
    pool.threads[1].shared.wake();
    let gone = |id| Event::Gone { endpoint: EndpointId(id) };
    assert!(events.iter().any(|event| event == gone(2)));
    assert!(eventually(|| pool.socket_stats().panics == 1));
    assert_eq!(pool.shards()[0].stats.endpoints, 2);
    // Where the speaker's datagrams land on the new shard, it has to hear first whose they are.
    let mut seq = 1;
    assert!(eventually(|| {
        seq += 1;
        speaker.speak(to, seq);
        here.heard_soon().is_some()
    }));
    let mut again = join(&pool, 4, GROUP, &[]);
    assert!(eventually(|| pool.shards()[1].stats.endpoints == 1));
    assert!(eventually(|| pool.shards()[1].stats.slot_changes == 1));
    speaker.speak(to, seq + 1);
    assert_eq!(again.heard(1), [seq + 1], "the new shard works with the old one");
}

#[test]
fn a_stream_that_is_nobodys_is_still_closed() {
    let (pool, _events) = pool(2, 1);
    let mut stream = TcpStream::connect(pool.local_addr()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert!(eventually(|| pool.socket_stats().malformed_tcp_connections == 1));
}
