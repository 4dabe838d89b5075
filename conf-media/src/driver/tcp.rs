//! Media over TCP (RFC 6544, passive): connections accepted, their frames read and written.
//!
//! A connection is a way for datagrams and nothing else: what is in them the shard judges. All
//! that strangers can make grow here is bounded, and the answer at each bound is written at it.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, IoSlice, Read as _, Write as _},
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use socket2::SockRef;

use super::{
    SocketStats,
    backlog::Backlog,
    poll::{Ready, Watch, descriptor_limit},
};
use crate::{
    endpoint::frame::Frames,
    shard::{Datagram, Route, Shard, Transmit, Transport, slab::Slab},
};

/// How much may be held for TCP peers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Connections in all. A newcomer beyond it is refused.
    pub(super) connections: usize,
    /// Those among them whose peer has not proven itself by a STUN check. The oldest gives way
    /// to a newcomer: a peer of ours checks as soon as it is connected.
    pub(super) unproven: usize,
    /// Connections from one address (one /64 of IPv6). A newcomer beyond it is refused. A school
    /// may sit behind one address.
    pub(super) per_address: usize,
    /// Those among them that are not proven. A newcomer beyond it is refused.
    pub(super) unproven_per_address: usize,
    /// How long a connection may stay without being proven; it is closed then.
    pub(super) patience: Duration,
    /// How long a connection may stay without a byte from its peer; it is closed then. Peers
    /// check every few seconds.
    pub(super) idle: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        // Half of the process's descriptors are left to everything else in it.
        let connections = (descriptor_limit() / 2).clamp(16, 4_096);
        Self {
            connections,
            unproven: connections / 4,
            per_address: (connections / 2).min(512),
            unproven_per_address: (connections / 8).min(64),
            patience: Duration::from_secs(10),
            idle: Duration::from_secs(30),
        }
    }
}

/// Bytes read from one connection before the next has its turn.
const READ: usize = 16 * 1024;
/// Connections accepted before the media has its turn.
const ACCEPTS: usize = 64;
/// Asked of the kernel for what was written and not yet acknowledged. More lets media grow stale
/// in the queue, less starves long round trips: 128 kB carry 5 Mbit/s over 200 ms.
const SEND_BUFFER: usize = 128 * 1024;
/// How often connections are looked over, and how long accepting pauses after an error.
const ROUND: Duration = Duration::from_secs(1);
/// What the listener is watched under; connections have their place.
const LISTENER: u64 = u64::MAX;

/// The listening socket and everyone connected to it.
pub(super) struct TcpSide {
    listener: TcpListener,
    watch: Watch,
    bounds: Bounds,
    connections: Slab<Connection>,
    routes: HashMap<Route, u32>,
    held: HashMap<IpAddr, Held>,
    /// Unproven connections by age, with some that are no longer.
    newcomers: VecDeque<(u32, u64)>,
    unproven: usize,
    /// Numbers connections, because places are used again.
    serial: u64,
    /// Whether the listener is watched.
    accepting: bool,
    next_round: Option<Instant>,
    ready: Vec<Ready>,
    piece: Vec<u8>,
    /// Bytes all backlogs hold together.
    backlog: usize,
}

struct Connection {
    socket: TcpStream,
    route: Route,
    serial: u64,
    frames: Frames,
    backlog: Backlog,
    since: Instant,
    heard: Instant,
    proven: bool,
}

/// What one address holds.
#[derive(Default)]
struct Held {
    all: usize,
    unproven: usize,
}

/// Why a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// By its peer, or by the network.
    Closed,
    /// It sent what is no frame of ours.
    Malformed,
    /// Nobody of ours is at its other end.
    Unproven,
    /// Silent for too long.
    Idle,
}

impl TcpSide {
    pub(super) fn new(listener: TcpListener, bounds: Bounds) -> io::Result<Self> {
        let watch = Watch::new()?;
        watch.add(listener.as_fd(), LISTENER)?;
        Ok(Self {
            listener,
            watch,
            bounds,
            connections: Slab::new(),
            routes: HashMap::new(),
            held: HashMap::new(),
            newcomers: VecDeque::new(),
            unproven: 0,
            serial: 0,
            accepting: true,
            next_round: None,
            ready: Vec::new(),
            piece: vec![0; READ],
            backlog: 0,
        })
    }

    /// When [`turn`](Self::turn) is due without anything being ready.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.next_round
    }

    /// Reads, writes and accepts what is ready, each within its bound.
    pub(super) fn turn(&mut self, now: Instant, shard: &mut Shard, stats: &mut SocketStats) {
        let mut ready = std::mem::take(&mut self.ready);
        self.watch.look(&mut ready);
        let mut knocking = false;
        for event in &ready {
            if event.token == LISTENER {
                knocking = true;
                continue;
            }
            let Ok(at) = u32::try_from(event.token) else { continue };
            if event.write {
                self.resume(at, stats);
            }
            if event.read {
                self.read(now, at, shard, stats);
            }
        }
        self.ready = ready;
        if knocking {
            // After the reads: a place that is used again must not get its predecessor's events.
            self.accept(now, stats);
        }
        if self.next_round.is_some_and(|due| due <= now) {
            self.look_over(now, shard, stats);
        }
        stats.tcp_connections = self.connections.len() as u64;
    }

    /// Writes a run to its connection, datagram by datagram, in one call. What it has no room
    /// for is dropped whole and counted.
    pub(super) fn send(&mut self, run: &Transmit, bytes: &[u8], stats: &mut SocketStats) {
        let Some(&at) = self.routes.get(&run.destination) else {
            // Its peer has gone; the shard will notice by its silence.
            stats.dropped_datagrams += run.datagrams(bytes).count() as u64;
            return;
        };
        let Some(connection) = self.connections.get_mut(at) else { return };
        let before = connection.backlog.len();
        let socket = &connection.socket;
        let sent = connection.backlog.write(
            run.datagrams(bytes),
            &mut self.backlog,
            |slices: &[IoSlice<'_>]| (&mut &*socket).write_vectored(slices),
        );
        stats.sent_messages += sent.calls;
        stats.sent_datagrams += sent.taken;
        stats.dropped_tcp_datagrams += sent.dropped;
        if sent.failed {
            self.end(at, Ended::Closed, stats);
        } else if before == 0 && connection.backlog.len() > 0 {
            self.await_room(at, true, stats);
        }
    }

    /// Writes what was left over.
    fn resume(&mut self, at: u32, stats: &mut SocketStats) {
        let Some(connection) = self.connections.get_mut(at) else { return };
        let socket = &connection.socket;
        let drained =
            connection.backlog.resume(&mut self.backlog, |bytes| (&mut &*socket).write(bytes));
        match drained {
            Ok(true) => self.await_room(at, false, stats),
            Ok(false) => {}
            Err(_) => self.end(at, Ended::Closed, stats),
        }
    }

    fn await_room(&mut self, at: u32, room: bool, stats: &mut SocketStats) {
        let Some(connection) = self.connections.get(at) else { return };
        if self.watch.await_room(connection.socket.as_fd(), u64::from(at), room).is_err() {
            self.end(at, Ended::Closed, stats);
        }
    }

    fn read(&mut self, now: Instant, at: u32, shard: &mut Shard, stats: &mut SocketStats) {
        let Some(connection) = self.connections.get_mut(at) else { return };
        let count = match (&mut &connection.socket).read(&mut self.piece) {
            Ok(0) => return self.end(at, Ended::Closed, stats),
            Ok(count) => count,
            Err(error) if is_passing(&error) => return,
            Err(_) => return self.end(at, Ended::Closed, stats),
        };
        connection.heard = now;
        let source = connection.route;
        let read = connection.frames.take(&mut self.piece[..count], |bytes| {
            shard.receive(now, Datagram { source, arrived: now, bytes });
        });
        if read.is_err() {
            self.end(at, Ended::Malformed, stats);
        } else if !connection.proven && shard.knows(&source) {
            connection.proven = true;
            self.unproven -= 1;
            if let Some(held) = self.held.get_mut(&block(source.remote.ip())) {
                held.unproven -= 1;
            }
        }
    }

    fn accept(&mut self, now: Instant, stats: &mut SocketStats) {
        for _ in 0..ACCEPTS {
            match self.listener.accept() {
                Ok((socket, remote)) => {
                    if !self.admit(now, socket, remote, stats) {
                        stats.refused_tcp_connections += 1;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if is_passing(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    // No descriptors left, most likely. Who waits would wake us for nothing.
                    tracing::warn!(%error, "no media connections are accepted for a while");
                    stats.receive_errors += 1;
                    self.accepting = self.watch.remove(self.listener.as_fd()).is_err();
                    self.next_round.get_or_insert(now + ROUND);
                    return;
                }
            }
        }
    }

    /// Takes a connection in, unless a bound speaks against it.
    fn admit(
        &mut self,
        now: Instant,
        socket: TcpStream,
        remote: SocketAddr,
        stats: &mut SocketStats,
    ) -> bool {
        let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
        let block = block(remote.ip());
        let held = self.held.get(&block);
        if self.connections.len() >= self.bounds.connections
            || held.is_some_and(|held| {
                held.all >= self.bounds.per_address
                    || held.unproven >= self.bounds.unproven_per_address
            })
        {
            return false;
        }
        if self.unproven >= self.bounds.unproven {
            self.give_way(stats);
        }
        let Ok(local) = socket.local_addr() else { return false };
        // As much as the system's limits allow.
        let _ = SockRef::from(&socket).set_send_buffer_size(SEND_BUFFER);
        if socket.set_nonblocking(true).is_err() || socket.set_nodelay(true).is_err() {
            return false;
        }
        let local = Some(local.ip().to_canonical());
        let route = Route { transport: Transport::Tcp, local, remote };
        self.serial += 1;
        let at = self.connections.insert(Connection {
            socket,
            route,
            serial: self.serial,
            frames: Frames::default(),
            backlog: Backlog::default(),
            since: now,
            heard: now,
            proven: false,
        });
        let held = self.held.entry(block).or_default();
        held.all += 1;
        held.unproven += 1;
        self.unproven += 1;
        self.newcomers.push_back((at, self.serial));
        if self.newcomers.len() > 2 * self.bounds.unproven {
            let connections = &self.connections;
            self.newcomers.retain(|(at, serial)| {
                connections.get(*at).is_some_and(|c| c.serial == *serial && !c.proven)
            });
        }
        // Where the same pair of addresses is used again, its predecessor is dead.
        if let Some(old) = self.routes.insert(route, at) {
            self.end(old, Ended::Closed, stats);
            self.routes.insert(route, at);
        }
        let watched = self
            .connections
            .get(at)
            .is_some_and(|c| self.watch.add(c.socket.as_fd(), u64::from(at)).is_ok());
        if !watched {
            self.end(at, Ended::Closed, stats);
        }
        self.next_round.get_or_insert(now + ROUND);
        watched
    }

    /// Ends the oldest connection that is not proven.
    fn give_way(&mut self, stats: &mut SocketStats) {
        while let Some((at, serial)) = self.newcomers.pop_front() {
            if self.connections.get(at).is_some_and(|c| c.serial == serial && !c.proven) {
                return self.end(at, Ended::Unproven, stats);
            }
        }
    }

    /// Ends what has been silent or unknown for too long, and accepts again after an error.
    fn look_over(&mut self, now: Instant, shard: &Shard, stats: &mut SocketStats) {
        let mut over = Vec::new();
        for &at in self.routes.values() {
            let Some(connection) = self.connections.get(at) else { continue };
            if now >= connection.heard + self.bounds.idle {
                over.push((at, Ended::Idle));
            } else if now >= connection.since + self.bounds.patience
                && !shard.knows(&connection.route)
            {
                over.push((at, Ended::Unproven));
            }
        }
        for (at, why) in over {
            self.end(at, why, stats);
        }
        if !self.accepting {
            self.accepting = self.watch.add(self.listener.as_fd(), LISTENER).is_ok();
        }
        let idle = self.accepting && self.connections.len() == 0;
        self.next_round = (!idle).then_some(now + ROUND);
    }

    fn end(&mut self, at: u32, why: Ended, stats: &mut SocketStats) {
        let Some(connection) = self.connections.remove(at) else { return };
        self.routes.remove(&connection.route);
        self.backlog -= connection.backlog.len();
        self.unproven -= usize::from(!connection.proven);
        let block = block(connection.route.remote.ip());
        if let Some(held) = self.held.get_mut(&block) {
            held.all -= 1;
            held.unproven -= usize::from(!connection.proven);
            if held.all == 0 {
                self.held.remove(&block);
            }
        }
        match why {
            Ended::Closed => {}
            Ended::Malformed => stats.malformed_tcp_connections += 1,
            Ended::Unproven => stats.unproven_tcp_connections += 1,
            Ended::Idle => stats.idle_tcp_connections += 1,
        }
    }
}

impl AsFd for TcpSide {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.watch.as_fd()
    }
}

/// What counts as one address: whoever has one of IPv6 has 2^64.
fn block(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

/// Nothing is wrong, there is only nothing now.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
#[path = "tcp_tests.rs"]
mod tests;
