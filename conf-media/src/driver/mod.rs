//! Threads and sockets around the shards (feature `driver`).
//!
//! One thread owns one shard and its port, UDP and TCP; commands reach it over a bounded queue,
//! events come back through a callback on that thread. Nothing here decides anything about media.

mod backlog;
mod bind;
mod candidates;
mod clock;
mod outgoing;
mod poll;
mod tcp;
mod thread;
mod udp;

use std::{
    fs::File,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr},
    os::fd::AsFd,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use thiserror::Error;

use self::{
    tcp::{Bounds, TcpSide},
    thread::Worker,
};
use crate::{
    shard::{Command, Event, Shard, ShardConfig},
    stats::Stats,
};

/// Commands that may wait for a shard; beyond it [`MediaPool::send`] says busy.
const QUEUE: usize = 4096;

/// How a pool listens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriverConfig {
    /// The address and port for all media. Port 0 takes a free one; `0.0.0.0` takes every
    /// IPv4 address of the machine, `[::]` every IPv4 and IPv6 one (on a machine without IPv6
    /// it is taken as `0.0.0.0`).
    pub listen: SocketAddr,
    /// Further addresses under which peers reach that port (behind a port forwarding), put first.
    pub advertise: Vec<IpAddr>,
    /// Whether TCP is listened on as well, on the same port (RFC 6544): for peers whose network
    /// lets no UDP out. On unless said otherwise.
    pub tcp: bool,
}

impl DriverConfig {
    /// Listens on `listen` and advertises what can be found out by itself.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, advertise: Vec::new(), tcp: true }
    }

    /// Adds an address under which peers reach the port.
    #[must_use]
    pub fn advertise(mut self, address: IpAddr) -> Self {
        self.advertise.push(address);
        self
    }

    /// Listens on UDP only.
    #[must_use]
    pub fn without_tcp(mut self) -> Self {
        self.tcp = false;
        self
    }
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Busy {
    /// The queue is full: try again later or refuse the asker.
    #[error("{QUEUE} commands wait for the media thread, no more are taken")]
    Full,
    /// The thread has ended, because it could not go on or the callback panicked.
    #[error("the media thread has ended")]
    Stopped,
}

/// What the sockets counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketStats {
    /// Messages given to the kernel; one may carry up to 64 datagrams.
    pub sent_messages: u64,
    /// Datagrams given to the kernel.
    pub sent_datagrams: u64,
    /// Datagrams dropped because the kernel's send queue was full.
    pub dropped_datagrams: u64,
    /// Datagrams the kernel refused: no route, a packet too large.
    pub failed_datagrams: u64,
    /// Messages that had to be sent datagram by datagram after all.
    pub unsegmented_messages: u64,
    /// Received datagrams longer than any we speak.
    pub oversized_datagrams: u64,
    /// Failed receive calls, and failed attempts to accept a connection.
    pub receive_errors: u64,
    /// TCP connections open now.
    pub tcp_connections: u64,
    /// TCP connections refused because too many were open, in all or from one address.
    pub refused_tcp_connections: u64,
    /// TCP connections closed because nobody of ours was at their other end in time.
    pub unproven_tcp_connections: u64,
    /// TCP connections closed because they sent something else than our frames.
    pub malformed_tcp_connections: u64,
    /// TCP connections closed because they were silent.
    pub idle_tcp_connections: u64,
    /// Datagrams dropped because their TCP connection was behind.
    pub dropped_tcp_datagrams: u64,
    /// Shards that panicked and were made anew.
    pub panics: u64,
}

/// What the pool and its thread both hold.
struct Shared {
    wake: File,
    stop: AtomicBool,
    /// Written once a turn, read by whoever exports metrics. A channel would have to be drained.
    stats: Mutex<(Stats, SocketStats)>,
    /// Makes the next turn panic, as a bug in the shard would.
    #[cfg(test)]
    broken: AtomicBool,
}

/// The media threads of this process and their sockets. Dropping it stops and joins them.
pub struct MediaPool {
    commands: SyncSender<Command>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    local: SocketAddr,
    candidates: Vec<SocketAddr>,
}

impl MediaPool {
    /// Binds the port and starts the thread.
    ///
    /// `on_event` is called on the media thread: it hands the event on and returns at once. If it
    /// panics, that thread ends and [`MediaPool::send`] says so.
    pub fn start(
        config: DriverConfig,
        on_event: impl FnMut(Event) + Send + 'static,
    ) -> io::Result<Self> {
        let (socket, listener) = bind::bind(config.listen, config.tcp)?;
        let local = socket.local_addr()?;
        // Without stamps the batch's time is used: worse estimates, nothing else.
        if let Err(error) = udp::enable_stamps(socket.as_fd()) {
            tracing::warn!(%error, "the kernel does not stamp datagrams");
        }
        if local.ip().is_unspecified()
            && let Err(error) = udp::enable_local(socket.as_fd(), local)
        {
            tracing::warn!(%error, "replies leave from whichever address the kernel chooses");
        }
        let interfaces =
            if local.ip().is_unspecified() { udp::interface_addresses()? } else { Vec::new() };
        let candidates = candidates::candidates(local, &config.advertise, &interfaces);
        let tcp = listener.map(|listener| TcpSide::new(listener, Bounds::default())).transpose()?;
        let tcp_candidates = if tcp.is_some() { candidates.clone() } else { Vec::new() };
        let shard = shard(ShardConfig::new(seed()?, candidates.clone()).tcp(tcp_candidates))?;
        let shared = Arc::new(Shared {
            wake: poll::event_counter()?,
            stop: AtomicBool::new(false),
            stats: Mutex::default(),
            #[cfg(test)]
            broken: AtomicBool::new(false),
        });
        let (sender, receiver) = sync_channel(QUEUE);
        let worker =
            Worker { shard, socket, tcp, commands: receiver, shared: shared.clone(), on_event };
        let thread =
            std::thread::Builder::new().name("media-0".to_owned()).spawn(move || worker.run())?;
        Ok(Self { commands: sender, shared, thread: Some(thread), local, candidates })
    }

    /// The address and port that are listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// What answers tell peers to send to.
    pub fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
    }

    /// Queues a command. Never blocks; commands of one thread are carried out in order.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => Busy::Full,
            TrySendError::Disconnected(_) => Busy::Stopped,
        })?;
        self.wake();
        Ok(())
    }

    /// What the shard counted, as of its latest turn.
    pub fn stats(&self) -> Stats {
        self.shown().0
    }

    /// What the sockets counted, as of the latest turn.
    pub fn socket_stats(&self) -> SocketStats {
        self.shown().1
    }

    fn shown(&self) -> (Stats, SocketStats) {
        *self.shared.stats.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn wake(&self) {
        // It fails only when the counter is at its end, and then the thread is awake anyway.
        let _ = (&self.shared.wake).write(&1u64.to_ne_bytes());
    }
}

impl Drop for MediaPool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.wake();
        let Some(thread) = self.thread.take() else { return };
        // Dropped from within the callback, it cannot wait for itself.
        if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
            tracing::error!("the media thread ended with a panic of its event callback");
        }
    }
}

impl std::fmt::Debug for MediaPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaPool").field("local", &self.local).finish_non_exhaustive()
    }
}

fn seed() -> io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(seed)
}

fn shard(config: ShardConfig) -> io::Result<Shard> {
    Shard::new(config).map_err(io::Error::other)
}

#[cfg(test)]
mod tests;
