//! Threads and sockets around the shards (feature `driver`).
//!
//! Each thread owns one shard and a UDP socket of its own on the one port; the first has the TCP
//! side as well. Commands reach a thread over a bounded queue, events come back through a callback
//! on that thread, and what shards have to tell each other crosses the rings of
//! [`relay`](crate::relay). Nothing here decides anything about media.

mod backlog;
mod bind;
mod candidates;
mod clock;
mod counted;
mod outgoing;
mod placement;
mod poll;
mod tcp;
mod thread;
mod udp;

use std::{
    fs::File,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::fd::AsFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use thiserror::Error;

pub use self::counted::{ShardReport, SocketStats};
use self::{
    placement::Placement,
    tcp::{Bounds, TcpSide},
    thread::{Order, Worker},
};
use crate::{
    EndpointId,
    endpoint::dtls::Certificate,
    relay::{MAX_SHARDS, Relay},
    shard::{Command, Event, Route, Shard, ShardConfig, wired::WiredPeer},
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
    /// Threads, each with a shard; at most [`MAX_SHARDS`]. One unless said otherwise: more pay
    /// where there are as many cores to spare.
    pub threads: usize,
    /// Endpoints of one group that share a thread. Beyond it the next go to another one, at the
    /// price that the group's media crosses to that one once. 150 unless said otherwise.
    pub spread_at: usize,
}

impl DriverConfig {
    /// Listens on `listen` and advertises what can be found out by itself.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, advertise: Vec::new(), tcp: true, threads: 1, spread_at: 150 }
    }

    /// Adds an address under which peers reach the port.
    #[must_use]
    pub fn advertise(mut self, address: IpAddr) -> Self {
        self.advertise.push(address);
        self
    }

    /// Runs so many threads, at least one.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.clamp(1, MAX_SHARDS);
        self
    }

    /// Lets so many endpoints of one group share a thread, at least one.
    #[must_use]
    pub fn spread_at(mut self, endpoints: usize) -> Self {
        self.spread_at = endpoints.max(1);
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
    /// Its thread has ended, because it could not go on or the callback panicked.
    #[error("the media thread has ended")]
    Stopped,
}

/// What the pool and all threads hold of one of them.
struct Shared {
    wake: File,
    /// It waits, or is about to: what is written for it now must wake it.
    asleep: AtomicBool,
    stop: AtomicBool,
    /// Written once a turn, read by whoever exports metrics. A channel would have to be drained.
    stats: Mutex<(Stats, SocketStats)>,
    /// Makes the next turn panic, as a bug in the shard would.
    #[cfg(test)]
    broken: AtomicBool,
}

impl Shared {
    fn new() -> io::Result<Self> {
        Ok(Self {
            wake: poll::event_counter()?,
            asleep: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            stats: Mutex::default(),
            #[cfg(test)]
            broken: AtomicBool::new(false),
        })
    }

    fn wake(&self) {
        // It fails only when the counter is at its end, and then the thread is awake anyway.
        let _ = (&self.wake).write(&1u64.to_ne_bytes());
    }

    fn shown(&self) -> (Stats, SocketStats) {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where everything is. A lock and not a channel: whoever hands a command in must know where to,
/// and threads touch it only when an offer was answered or an endpoint is gone. Never held while
/// anything is waited for.
type Places = Arc<Mutex<Placement>>;

fn lock(places: &Places) -> MutexGuard<'_, Placement> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The media threads of this process and their sockets. Dropping it stops and joins them.
pub struct MediaPool {
    threads: Vec<Thread>,
    places: Places,
    local: SocketAddr,
    candidates: Vec<SocketAddr>,
}

struct Thread {
    orders: SyncSender<Order>,
    shared: Arc<Shared>,
    handle: Option<JoinHandle<()>>,
}

impl MediaPool {
    /// Binds the port and starts the threads.
    ///
    /// `on_event` is called on the media threads, by several at once where there are several: it
    /// hands the event on and returns at once. Events of one endpoint come in order. If it
    /// panics, that thread ends and [`MediaPool::send`] says so.
    pub fn start(
        config: DriverConfig,
        on_event: impl Fn(Event) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let count = config.threads.clamp(1, MAX_SHARDS);
        let (first, listener) = bind::bind(config.listen, config.tcp)?;
        let local = first.local_addr()?;
        let mut sockets = vec![first];
        bind::join(&mut sockets, count)?;
        for socket in &sockets {
            ready(socket, local);
        }
        let interfaces =
            if local.ip().is_unspecified() { udp::interface_addresses()? } else { Vec::new() };
        let candidates = candidates::candidates(local, &config.advertise, &interfaces);
        let mut tcp =
            listener.map(|listener| TcpSide::new(listener, Bounds::default())).transpose()?;
        let tcp_candidates = if tcp.is_some() { candidates.clone() } else { Vec::new() };
        let certificate = Certificate::generate().map_err(io::Error::other)?;
        let shared =
            (0..count).map(|_| Shared::new().map(Arc::new)).collect::<io::Result<Vec<_>>>()?;
        let places = Arc::new(Mutex::new(Placement::new(count, config.spread_at)));
        let on_event = Arc::new(on_event);
        let mut pool = Self { threads: Vec::new(), places, local, candidates };
        let relays = Relay::connect(count, clock::Now::read().instant);
        for (relay, socket) in relays.into_iter().zip(sockets) {
            let me = usize::from(relay.me());
            let config = ShardConfig::new(seed()?, pool.candidates.clone())
                .tcp(tcp_candidates.clone())
                .certificate(certificate.clone());
            let (sender, receiver) = sync_channel(QUEUE);
            let (tell, places) = (Arc::clone(&on_event), Arc::clone(&pool.places));
            let worker = Worker {
                shard: Shard::joined(config, relay).map_err(io::Error::other)?,
                socket,
                // The streams' sockets stay with the first; others' frames cross the rings.
                tcp: tcp.take(),
                orders: receiver,
                shared: Arc::clone(&shared[me]),
                others: shared.clone(),
                on_event: move |event| {
                    if matches!(event, Event::Answered { .. } | Event::Gone { .. }) {
                        lock(&places).told(&event);
                    }
                    tell(event);
                },
            };
            let handle = std::thread::Builder::new()
                .name(format!("media-{me}"))
                .spawn(move || worker.run())?;
            let shared = Arc::clone(&shared[me]);
            pool.threads.push(Thread { orders: sender, shared, handle: Some(handle) });
        }
        Ok(pool)
    }

    /// The address and port that are listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// What answers tell peers to send to.
    pub fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
    }

    /// Queues a command. Never blocks; commands for one endpoint and its tracks are carried out
    /// in order.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        let mut places = lock(&self.places);
        let Some(shard) = places.shard(&command) else {
            // A gate of a track that is not there yet.
            return if places.sent(&command, None) { Ok(()) } else { Err(Busy::Full) };
        };
        let Some(thread) = self.threads.get(shard) else { return Err(Busy::Stopped) };
        let opened = places.opened(&command);
        // Kept beside the queue, because what is queued cannot be asked any more.
        let order = Order::Command { opened, command: command.clone() };
        thread.orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => Busy::Full,
            TrySendError::Disconnected(_) => Busy::Stopped,
        })?;
        places.sent(&command, Some(shard));
        drop(places);
        thread.shared.wake();
        Ok(())
    }

    /// Connects an endpoint that was answered to a peer at `remote`, without handshakes: for
    /// tests and measurements of what is behind them. Waits for its thread.
    #[doc(hidden)]
    pub fn wire(&self, endpoint: EndpointId, remote: SocketAddr) -> Option<WiredPeer> {
        let shard = lock(&self.places).shard(&Command::Restate { endpoint })?;
        let thread = self.threads.get(shard)?;
        let (peer, wired) = sync_channel(1);
        let route = Route::udp(remote);
        thread.orders.try_send(Order::Wire { endpoint, route, peer }).ok()?;
        thread.shared.wake();
        wired.recv().ok().flatten()
    }

    /// What all shards counted, as of their latest turns.
    pub fn stats(&self) -> Stats {
        let mut sum = Stats::default();
        self.threads.iter().for_each(|thread| sum.add(&thread.shared.shown().0));
        sum
    }

    /// What all sockets counted, as of the latest turns.
    pub fn socket_stats(&self) -> SocketStats {
        let mut sum = SocketStats::default();
        self.threads.iter().for_each(|thread| sum.add(&thread.shared.shown().1));
        sum
    }

    /// What each shard counted and what its thread has cost so far, in the order of their
    /// numbers.
    pub fn shards(&self) -> Vec<ShardReport> {
        let report = |thread: &Thread| {
            let (stats, sockets) = thread.shared.shown();
            let cpu = thread.handle.as_ref().and_then(poll::cpu_time).unwrap_or_default();
            ShardReport { stats, sockets, cpu }
        };
        self.threads.iter().map(report).collect()
    }
}

impl Drop for MediaPool {
    fn drop(&mut self) {
        for thread in &self.threads {
            thread.shared.stop.store(true, Ordering::Release);
            thread.shared.wake();
        }
        for thread in &mut self.threads {
            let Some(handle) = thread.handle.take() else { continue };
            // Dropped from within the callback, it cannot wait for itself.
            if handle.thread().id() != std::thread::current().id() && handle.join().is_err() {
                tracing::error!("a media thread ended with a panic of its event callback");
            }
        }
    }
}

/// Asks the kernel to tell what it knows of every datagram, as far as it does.
fn ready(socket: &UdpSocket, local: SocketAddr) {
    // Without stamps the batch's time is used: worse estimates, nothing else.
    if let Err(error) = udp::enable_stamps(socket.as_fd()) {
        tracing::warn!(%error, "the kernel does not stamp datagrams");
    }
    if local.ip().is_unspecified()
        && let Err(error) = udp::enable_local(socket.as_fd(), local)
    {
        tracing::warn!(%error, "replies leave from whichever address the kernel chooses");
    }
    if let Err(error) = udp::enable_coalescing(socket.as_fd()) {
        tracing::debug!(%error, "the kernel does not join datagrams");
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

#[cfg(test)]
mod tests;
#[cfg(test)]
mod threads_tests;
