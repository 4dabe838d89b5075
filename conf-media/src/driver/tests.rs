use std::{
    io::Read as _,
    net::{TcpStream, UdpSocket},
    sync::mpsc,
    time::Duration,
};

use super::*;
use crate::{
    EndpointId, GroupId,
    endpoint::{
        frame::{Frames, prefix},
        stun::{IntegrityKey, write_request},
    },
    rtp::Codec,
    shard::Offer,
};

const OFFER: &str = include_str!("../../fixtures/sdp/chromium-offer.sdp");

fn pool(listen: &str) -> (MediaPool, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel();
    let config = DriverConfig::new(listen.parse().unwrap());
    let pool = MediaPool::start(config, move |event| {
        let _ = sender.send(event);
    });
    (pool.unwrap(), events)
}

pub(super) fn connect(endpoint: u64) -> Command {
    let offer = Offer {
        number: 1,
        sdp: OFFER.to_owned(),
        tracks: Default::default(),
        cameras: Default::default(),
        video: Codec::Vp8,
    };
    Command::Connect { endpoint: EndpointId(endpoint), group: GroupId(1), offer }
}

/// Waits until `condition` holds, at most five seconds.
pub(super) fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    let (_keep, never) = mpsc::channel::<()>();
    for _ in 0..500 {
        if condition() {
            return true;
        }
        let _ = never.recv_timeout(Duration::from_millis(10));
    }
    false
}

#[test]
fn a_command_is_answered_with_the_real_port() {
    let (pool, events) = pool("127.0.0.1:0");
    assert_ne!(pool.local_addr().port(), 0);
    pool.send(connect(1)).unwrap();
    let event = events.recv_timeout(Duration::from_secs(10)).unwrap();
    let Event::Answered { endpoint, number: 1, result: Ok(sdp) } = event else {
        panic!("{event:?}")
    };
    assert_eq!(endpoint, EndpointId(1));
    let candidate = format!(" 127.0.0.1 {} typ host", pool.local_addr().port());
    assert!(sdp.contains(&candidate), "{sdp}");
}

#[test]
fn datagrams_reach_the_shard_on_both_families() {
    for (listen, from) in [
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("0.0.0.0:0", "127.0.0.1:0"),
        ("[::]:0", "127.0.0.1:0"),
        ("[::]:0", "[::1]:0"),
        ("[::1]:0", "[::1]:0"),
    ] {
        let (pool, _events) = pool(listen);
        let Ok(client) = UdpSocket::bind(from) else {
            // A machine without IPv6 has nothing to show here.
            assert!(from.starts_with("[::1]"), "{from}");
            continue;
        };
        let to = SocketAddr::new(client.local_addr().unwrap().ip(), pool.local_addr().port());
        for _ in 0..100 {
            client.send_to(b"neither STUN nor DTLS nor RTP", to).unwrap();
        }
        client.send_to(&[0x80; 3000], to).unwrap();
        assert!(eventually(|| pool.stats().received_datagrams == 100), "{listen} from {from}");
        assert!(eventually(|| pool.socket_stats().oversized_datagrams == 1));
    }
}

#[test]
fn dropping_the_pool_ends_the_thread_at_once() {
    let (pool, events) = pool("127.0.0.1:0");
    drop(pool);
    // The callback, and with it the sender, went with the thread.
    assert_eq!(
        events.recv_timeout(Duration::from_millis(1)),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn a_callback_that_panics_ends_the_thread_and_send_says_so() {
    let config = DriverConfig::new("127.0.0.1:0".parse().unwrap());
    let pool = MediaPool::start(config, |_| panic!("by the test")).unwrap();
    pool.send(connect(1)).unwrap();
    assert!(eventually(
        || pool.send(Command::Remove { endpoint: EndpointId(2) }) == Err(Busy::Stopped)
    ));
}

#[test]
fn a_taken_port_is_an_error() {
    let (pool, _events) = pool("127.0.0.1:0");
    let taken = MediaPool::start(DriverConfig::new(pool.local_addr()), |_| {});
    assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn a_shard_that_panics_is_made_anew_and_its_endpoints_are_gone() {
    let (pool, events) = pool("127.0.0.1:0");
    let next = || events.recv_timeout(Duration::from_secs(10)).unwrap();
    let answered = |event| matches!(event, Event::Answered { result: Ok(_), .. });
    for endpoint in [1, 2, 3] {
        pool.send(connect(endpoint)).unwrap();
        assert!(answered(next()));
    }
    pool.send(Command::Remove { endpoint: EndpointId(2) }).unwrap();
    let bad = Offer {
        number: 1,
        sdp: "hello".to_owned(),
        tracks: Default::default(),
        cameras: Default::default(),
        video: Codec::Vp8,
    };
    let (endpoint, group) = (EndpointId(4), GroupId(1));
    pool.send(Command::Connect { endpoint, group, offer: bad }).unwrap();
    assert!(matches!(next(), Event::Answered { result: Err(_), .. }));

    pool.threads[0].shared.broken.store(true, Ordering::Release);
    pool.threads[0].shared.wake();
    assert_eq!(next(), Event::Gone { endpoint: EndpointId(1) });
    assert_eq!(next(), Event::Gone { endpoint: EndpointId(3) });
    assert!(eventually(|| pool.socket_stats().panics == 1));

    pool.send(connect(5)).unwrap();
    assert!(answered(next()), "the new shard works");
}

/// A peer on a TCP connection, as far as a driver can tell one.
pub(super) struct Stream {
    socket: TcpStream,
    frames: Frames,
    read: Vec<Vec<u8>>,
}

impl Stream {
    pub(super) fn connect(from: &str, pool: &MediaPool) -> Option<Self> {
        let to = SocketAddr::new(from.parse().unwrap(), pool.local_addr().port());
        let socket = TcpStream::connect(to).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Some(Self { socket, frames: Frames::default(), read: Vec::new() })
    }

    pub(super) fn send(&mut self, datagrams: &[&[u8]]) {
        let bytes: Vec<u8> = datagrams
            .iter()
            .flat_map(|datagram| [&prefix(datagram.len()).unwrap()[..], datagram].concat())
            .collect();
        // In pieces that respect no frame.
        for piece in bytes.chunks(7) {
            self.socket.write_all(piece).unwrap();
        }
    }

    pub(super) fn receive(&mut self) -> Vec<u8> {
        let mut buffer = [0; 2048];
        while self.read.is_empty() {
            let len = self.socket.read(&mut buffer).unwrap();
            assert!(len > 0, "the connection is open");
            let read = &mut self.read;
            self.frames.take(&mut buffer[..len], |datagram| read.push(datagram.to_vec())).unwrap();
        }
        self.read.remove(0)
    }

    fn is_closed(&mut self) -> bool {
        match self.socket.read(&mut [0; 64]) {
            Ok(len) => len == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

/// Connects an endpoint and gives checks of its peer's; each number is another transaction.
pub(super) fn checks(
    pool: &MediaPool,
    events: &mpsc::Receiver<Event>,
    endpoint: u64,
) -> impl Fn(u8) -> Vec<u8> {
    pool.send(connect(endpoint)).unwrap();
    let event = events.recv_timeout(Duration::from_secs(10)).unwrap();
    let Event::Answered { result: Ok(sdp), .. } = event else { panic!("{event:?}") };
    let value = |text: &str, key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)).expect("it is there");
        line.trim().to_owned()
    };
    let username = format!("{}:{}", value(&sdp, "a=ice-ufrag:"), value(OFFER, "a=ice-ufrag:"));
    let key = IntegrityKey::new(&value(&sdp, "a=ice-pwd:"));
    // Controlling, and nominating.
    move |number| write_request(&[number; 12], &username, &[(0x802a, &[0; 8]), (0x0025, &[])], &key)
}

pub(super) fn is_success(reply: &[u8]) -> bool {
    reply.starts_with(&[1, 1]) && reply[8..20] == [reply[8]; 12]
}

#[test]
fn checks_are_answered_over_both_transports_and_families() {
    for (listen, at) in [
        ("127.0.0.1:0", "127.0.0.1"),
        ("[::]:0", "127.0.0.1"),
        ("[::]:0", "::1"),
        ("[::1]:0", "::1"),
        ("0.0.0.0:0", "127.0.0.1"),
    ] {
        if UdpSocket::bind((at, 0)).is_err() {
            // A machine without IPv6 has nothing to show here.
            assert_eq!(at, "::1");
            continue;
        }
        let (pool, events) = pool(listen);
        let check = checks(&pool, &events, 1);
        let mut stream = Stream::connect(at, &pool).unwrap();
        stream.send(&[&check(1), b"", &check(2)]);
        assert!(is_success(&stream.receive()) && is_success(&stream.receive()), "{listen} {at}");

        let udp = UdpSocket::bind((at, 0)).unwrap();
        udp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        udp.send_to(&check(3), (at, pool.local_addr().port())).unwrap();
        let mut reply = [0; 256];
        let (len, from) = udp.recv_from(&mut reply).unwrap();
        assert!(is_success(&reply[..len]));
        assert_eq!(from, SocketAddr::new(at.parse().unwrap(), pool.local_addr().port()));
        assert!(eventually(|| pool.socket_stats().tcp_connections == 1));
    }
}

#[test]
fn a_reply_leaves_from_the_address_that_was_asked() {
    // On Linux all of 127.0.0.0/8 is this machine: as good as several interfaces.
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let (pool, events) = pool(listen);
        let check = checks(&pool, &events, 1);
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        for (number, at) in [(1, "127.0.0.3"), (2, "127.0.0.2")] {
            udp.send_to(&check(number), (at, pool.local_addr().port())).unwrap();
            let mut reply = [0; 256];
            let (_, from) = udp.recv_from(&mut reply).unwrap();
            assert_eq!(from.ip(), at.parse::<IpAddr>().unwrap(), "{listen}");
        }
        assert_eq!(pool.socket_stats().failed_datagrams, 0);
    }
}

#[test]
fn an_answer_names_tcp_after_udp_unless_it_is_off() {
    for (config, lines) in [
        (DriverConfig::new("127.0.0.1:0".parse().unwrap()), 1),
        (DriverConfig::new("127.0.0.1:0".parse().unwrap()).without_tcp(), 0),
    ] {
        let (sender, events) = mpsc::channel();
        let pool = MediaPool::start(config, move |event| {
            let _ = sender.send(event);
        })
        .unwrap();
        pool.send(connect(1)).unwrap();
        let Event::Answered { result: Ok(sdp), .. } =
            events.recv_timeout(Duration::from_secs(10)).unwrap()
        else {
            panic!()
        };
        let port = pool.local_addr().port();
        let tcp = format!(" 127.0.0.1 {port} typ host tcptype passive");
        assert_eq!(sdp.matches(&tcp).count(), lines, "{sdp}");
        assert_eq!(TcpStream::connect(pool.local_addr()).is_ok(), lines == 1);
    }
}

#[test]
fn a_stream_of_something_else_is_closed() {
    let (pool, _events) = pool("127.0.0.1:0");
    let mut stream = Stream::connect("127.0.0.1", &pool).unwrap();
    stream.socket.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert!(stream.is_closed());
    assert!(eventually(|| pool.socket_stats().malformed_tcp_connections == 1));
    assert_eq!(pool.socket_stats().tcp_connections, 0);
}
