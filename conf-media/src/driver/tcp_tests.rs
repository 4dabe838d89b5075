use std::net::TcpStream as Client;

use super::*;
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    endpoint::{dtls::Certificate, frame::prefix},
    shard::{Command, ShardConfig, wired::offer},
};

/// A listener on loopback with small bounds, a shard behind it, and virtual time.
struct Port {
    side: TcpSide,
    shard: Shard,
    stats: SocketStats,
    now: Instant,
}

const SMALL: Bounds = Bounds {
    connections: 6,
    unproven: 3,
    per_address: 6,
    unproven_per_address: 6,
    patience: Duration::from_secs(10),
    idle: Duration::from_secs(30),
};

impl Port {
    fn new(bounds: Bounds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let certificate = Certificate::generate().unwrap();
        let config = ShardConfig::new([3; 32], Vec::new()).certificate(certificate);
        Self {
            side: TcpSide::new(listener, bounds).unwrap(),
            shard: Shard::new(config).unwrap(),
            stats: SocketStats::default(),
            now: Instant::now(),
        }
    }

    fn connect(&mut self) -> Client {
        let client = Client::connect(self.side.listener.local_addr().unwrap()).unwrap();
        client.set_nonblocking(true).unwrap();
        let before = self.side.serial + self.stats.refused_tcp_connections;
        self.turn_until(|port| port.side.serial + port.stats.refused_tcp_connections > before);
        client
    }

    fn turn(&mut self) {
        self.side.turn(self.now, &mut self.shard, &mut self.stats);
    }

    /// Loopback delivers at once, but not in no time.
    fn turn_until(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..5_000 {
            self.turn();
            if done(self) {
                return;
            }
            super::super::poll::wait([Some(self.side.as_fd())], Duration::from_millis(1));
        }
        panic!("it never happens: {:?}", self.stats);
    }

    /// Makes an endpoint of the shard be at the other end of a connection.
    fn prove(&mut self, client: &mut Client) -> Route {
        let id = EndpointId(self.side.serial);
        let track = (TrackId(self.side.serial), MediaKind::Audio);
        let offer = offer(&[track], (0, 0), 1);
        let group = GroupId(1);
        self.shard.handle(self.now, Command::Connect { endpoint: id, group, offer });
        let route = Route {
            local: Some([127, 0, 0, 1].into()),
            ..Route::tcp(client.local_addr().unwrap())
        };
        self.shard.wire_route(self.now, id, route).expect("it is known");
        let unproven = self.side.unproven;
        client.write_all(&[&prefix(1).unwrap()[..], b"x"].concat()).unwrap();
        self.turn_until(|port| port.side.unproven == unproven - 1);
        route
    }

    fn drive(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(due) = self.side.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.turn();
        }
        self.now = end;
        self.turn();
    }
}

fn is_open(client: &mut Client) -> bool {
    for _ in 0..500 {
        match client.read(&mut [0; 16]) {
            Ok(0) => return false,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                super::super::poll::wait([Some(client.as_fd())], Duration::from_millis(1));
            }
            Err(_) => return false,
            Ok(_) => {}
        }
    }
    true
}

#[test]
fn a_flood_of_silent_connections_makes_the_oldest_give_way() {
    let mut port = Port::new(SMALL);
    let mut ours = port.connect();
    port.prove(&mut ours);
    let mut strangers: Vec<Client> = (0..40).map(|_| port.connect()).collect();
    assert_eq!((port.side.connections.len(), port.side.unproven), (4, 3));
    assert_eq!(port.stats.unproven_tcp_connections, 37);
    assert!(port.side.newcomers.len() <= 2 * SMALL.unproven);
    assert_eq!(port.side.held.len(), 1);
    assert!(!is_open(&mut strangers[0]));
    assert!(is_open(&mut ours), "who has proven himself notices nothing");
    let mut late = port.connect();
    port.prove(&mut late);
}

#[test]
fn beyond_the_bounds_newcomers_are_refused() {
    let mut port = Port::new(SMALL);
    let mut ours: Vec<Client> = Vec::new();
    for _ in 0..SMALL.connections {
        let mut client = port.connect();
        port.prove(&mut client);
        ours.push(client);
    }
    let mut refused = port.connect();
    assert!(!is_open(&mut refused));
    assert_eq!(port.stats.refused_tcp_connections, 1);
    drop(ours.pop());
    port.turn_until(|port| port.stats.tcp_connections == SMALL.connections as u64 - 1);
    let mut client = port.connect();
    port.prove(&mut client);

    let mut port = Port::new(Bounds { unproven_per_address: 2, ..SMALL });
    let _two = [port.connect(), port.connect()];
    let mut third = port.connect();
    assert!(!is_open(&mut third), "one address does not get more, however much room there is");
}

#[test]
fn who_proves_nothing_or_says_nothing_is_closed_in_time() {
    let mut port = Port::new(SMALL);
    let mut ours = port.connect();
    port.prove(&mut ours);
    // A byte now and then, never a frame: slow, not silent.
    let mut slow = port.connect();
    slow.write_all(&[0]).unwrap();
    port.drive(Duration::from_secs(9));
    assert_eq!(port.stats.tcp_connections, 2);
    port.drive(Duration::from_secs(2));
    assert_eq!((port.stats.tcp_connections, port.stats.unproven_tcp_connections), (1, 1));
    assert!(!is_open(&mut slow));
    port.drive(Duration::from_secs(18));
    assert_eq!(port.stats.tcp_connections, 1);
    port.drive(Duration::from_secs(2));
    assert_eq!((port.stats.tcp_connections, port.stats.idle_tcp_connections), (0, 1));
    assert!(port.side.held.is_empty() && port.side.routes.is_empty());
    assert_eq!(port.side.poll_timeout(), None, "nobody is left to look after");
}

#[test]
fn a_connection_whose_endpoint_is_gone_does_not_stay() {
    let mut port = Port::new(SMALL);
    let mut ours = port.connect();
    port.prove(&mut ours);
    port.shard.handle(port.now, Command::Remove { endpoint: EndpointId(port.side.serial) });
    port.drive(Duration::from_secs(11));
    assert_eq!(port.stats.tcp_connections, 0);
}

#[test]
fn who_does_not_read_gets_whole_frames_and_the_rest_is_dropped() {
    let mut port = Port::new(SMALL);
    let mut ours = port.connect();
    let destination = port.prove(&mut ours);
    let mut run = vec![0; 1_000 * 60];
    let mut sent = 0u64;
    while port.stats.dropped_tcp_datagrams == 0 {
        for (n, datagram) in run.chunks_mut(1_000).enumerate() {
            datagram[..8].copy_from_slice(&(sent + n as u64).to_be_bytes());
        }
        sent += 60;
        assert!(sent < 60_000, "the kernel takes no end");
        let transmit = Transmit { destination, len: run.len(), segment: 1_000 };
        port.side.send(&transmit, &run, &mut port.stats);
    }
    assert!(port.side.backlog > 0);
    let taken = port.stats.sent_datagrams;
    assert_eq!(taken + port.stats.dropped_tcp_datagrams, sent);

    let (mut frames, mut numbers) = (Frames::default(), Vec::new());
    let mut buffer = vec![0; 64 * 1024];
    while (numbers.len() as u64) < taken {
        port.turn();
        match ours.read(&mut buffer) {
            Ok(0) => panic!("closed"),
            Ok(len) => frames
                .take(&mut buffer[..len], |datagram| {
                    assert_eq!(datagram.len(), 1_000);
                    numbers.push(u64::from_be_bytes(*datagram.first_chunk().unwrap()));
                })
                .unwrap(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                super::super::poll::wait([Some(ours.as_fd())], Duration::from_millis(1));
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((numbers.len() as u64, frames.waiting(), port.side.backlog), (taken, 0, 0));
    assert!(numbers.is_sorted(), "in order");
}
