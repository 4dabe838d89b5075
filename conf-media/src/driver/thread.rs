//! The loop around one shard: receive a batch, carry out commands, tick, send, tell.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Read as _},
    net::UdpSocket,
    os::fd::AsFd,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{Ordering, fence},
        mpsc::{Receiver, SyncSender},
    },
    time::{Duration, Instant},
};

use super::{
    Shared, SocketStats,
    clock::Now,
    outgoing::{Outgoing, RUNS, Run},
    poll,
    tcp::TcpSide,
    udp::{BATCH, DATAGRAM, ReceiveBatch},
};
use crate::{
    EndpointId, TrackId,
    shard::{
        Command, Datagram, Event, Route, Shard, ShardConfig, TRANSMIT_MIN, Transport,
        wired::WiredPeer,
    },
};

/// Bytes written before they are sent. A run may take 64 kB, so several fit.
const SEND_BUFFER: usize = 256 * 1024;
/// The least room worth asking the shard to fill before a flush: half a segmented message.
const WORTHWHILE: usize = 32 * 1024;
/// Commands carried out between two receives: a flood of them must not hold up the media.
const COMMANDS: usize = 64;
/// The longest wait; nothing depends on it but a missed wake-up.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How late deadlines may be met, so that most are met in a turn that happens anyway: waking costs
/// more than what is due. Nothing is due more often than every few milliseconds.
const SLACK: Duration = Duration::from_millis(1);
/// How soon to look again whether another shard has made room for what it must hear.
const RETRY: Duration = Duration::from_millis(5);
/// How long to leave a socket alone that reports an error.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// Whether an endpoint was ever answered; one that was not is forgotten with its refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Asked,
    Answered,
}

/// What a thread is handed.
pub(super) enum Order {
    /// A command, and tracks it names that were opened before.
    Command { opened: Vec<TrackId>, command: Command },
    /// Connect an endpoint without handshakes, and give its peer's end back.
    Wire { endpoint: EndpointId, route: Route, peer: SyncSender<Option<WiredPeer>> },
}

/// A shard with its socket, on its own thread.
pub(super) struct Worker<F> {
    pub(super) shard: Shard,
    pub(super) socket: UdpSocket,
    pub(super) tcp: Option<TcpSide>,
    pub(super) orders: Receiver<Order>,
    pub(super) shared: Arc<Shared>,
    /// Those of all threads, by the number of their shard.
    pub(super) others: Vec<Arc<Shared>>,
    pub(super) on_event: F,
}

impl<F: Fn(Event)> Worker<F> {
    /// Runs until the pool says stop.
    pub(super) fn run(self) {
        let Self { shard, socket, tcp, orders, shared, others, on_event } = self;
        let local = match socket.local_addr() {
            Ok(local) => local,
            Err(error) => {
                tracing::error!(%error, "media socket without an address, media stops");
                return;
            }
        };
        let mut machine = Machine {
            look: Look::everywhere(),
            shard,
            socket,
            tcp,
            orders,
            taken: VecDeque::with_capacity(COMMANDS),
            shared,
            others,
            incoming: ReceiveBatch::new(),
            outgoing: Outgoing::new(local),
            buffer: vec![0; SEND_BUFFER],
            runs: Vec::with_capacity(RUNS),
            events: Vec::new(),
            endpoints: BTreeMap::new(),
            stats: SocketStats::default(),
        };
        while !machine.shared.stop.load(Ordering::Acquire) {
            // The shard is thrown away when it panics, so nothing half done is seen again; the
            // rest of the machine is valid after every statement.
            let turn = catch_unwind(AssertUnwindSafe(|| machine.turn()));
            let idle = match turn {
                Ok(idle) => idle,
                Err(_) => {
                    if let Err(error) = machine.rebuild() {
                        tracing::error!(%error, "no new shard could be made, media stops");
                        return;
                    }
                    false
                }
            };
            for event in machine.events.drain(..) {
                on_event(event);
            }
            machine.publish();
            machine.look = if idle { machine.wait() } else { Look::everywhere() };
        }
    }
}

/// Where something may be waiting, of what costs a system call to look at.
#[derive(Clone, Copy)]
struct Look {
    tcp: bool,
}

impl Look {
    const fn everywhere() -> Self {
        Self { tcp: true }
    }
}

struct Machine {
    look: Look,
    shard: Shard,
    socket: UdpSocket,
    tcp: Option<TcpSide>,
    orders: Receiver<Order>,
    /// Taken from the queue and not yet carried out.
    taken: VecDeque<Order>,
    shared: Arc<Shared>,
    others: Vec<Arc<Shared>>,
    incoming: ReceiveBatch,
    outgoing: Outgoing,
    buffer: Vec<u8>,
    runs: Vec<Run>,
    events: Vec<Event>,
    endpoints: BTreeMap<EndpointId, Known>,
    stats: SocketStats,
}

impl Machine {
    /// One round of everything; true when nothing more is waiting.
    fn turn(&mut self) -> bool {
        let received = self.receive();
        let now = Now::read().instant;
        if let Some(tcp) = &mut self.tcp
            && (self.look.tcp || tcp.poll_timeout().is_some_and(|due| due <= now))
        {
            tcp.turn(now, &mut self.shard, &mut self.stats);
        }
        let commands = self.take_orders();
        // After the orders were taken: what their sender knew of other shards is known here then.
        let more = self.shard.read_relay(now);
        self.carry_out(now);
        #[cfg(test)]
        assert!(!self.shared.broken.swap(false, Ordering::AcqRel), "broken by a test");
        if self.shard.poll_timeout().is_some_and(|due| due <= now) {
            self.shard.tick(now);
        }
        self.transmit(now);
        self.wake_others();
        while let Some(event) = self.shard.poll_event() {
            self.note(&event);
            self.events.push(event);
        }
        received < BATCH && commands < COMMANDS && !more
    }

    fn receive(&mut self) -> usize {
        let count = match self.incoming.receive(self.socket.as_fd()) {
            Ok(count) => count,
            Err(error) => {
                if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) {
                    self.stats.receive_errors += 1;
                    tracing::debug!(%error, "media socket");
                    std::thread::sleep(AFTER_ERROR);
                }
                return 0;
            }
        };
        let now = Now::read();
        for (envelope, bytes) in self.incoming.parts() {
            let Some(envelope) = envelope.filter(|envelope| !envelope.truncated) else {
                self.stats.oversized_datagrams += 1;
                continue;
            };
            let source =
                Route { transport: Transport::Udp, local: envelope.local, remote: envelope.source };
            let arrived = now.arrived(envelope.stamp);
            self.stats.coalesced_messages += u64::from(envelope.segment < envelope.len);
            for bytes in bytes[..envelope.len].chunks_mut(envelope.segment.max(1)) {
                if bytes.len() > DATAGRAM {
                    self.stats.oversized_datagrams += 1;
                    continue;
                }
                self.shard.receive(now.instant, Datagram { source, arrived, bytes });
            }
        }
        count
    }

    fn take_orders(&mut self) -> usize {
        while self.taken.len() < COMMANDS
            && let Ok(order) = self.orders.try_recv()
        {
            self.taken.push_back(order);
        }
        self.taken.len()
    }

    fn carry_out(&mut self, now: Instant) {
        // One that makes the shard panic does not take the others with it.
        while let Some(order) = self.taken.pop_front() {
            let (opened, command) = match order {
                Order::Command { opened, command } => (opened, command),
                Order::Wire { endpoint, route, peer } => {
                    // Whoever asked has gone away, or takes it.
                    let _ = peer.try_send(self.shard.wire_route(now, endpoint, route));
                    continue;
                }
            };
            match &command {
                Command::Connect { endpoint, .. } => {
                    self.endpoints.insert(*endpoint, Known::Asked);
                }
                Command::Remove { endpoint } => {
                    self.endpoints.remove(endpoint);
                }
                _ => {}
            }
            for track in opened {
                self.shard.handle(now, Command::Gate { track, open: true });
            }
            self.shard.handle(now, command);
        }
    }

    /// Wakes the threads that wait and for which something was written, once.
    fn wake_others(&mut self) {
        let written = self.shard.take_written();
        if written == 0 {
            return;
        }
        // What was written comes before the look at who waits, and there the other way round:
        // one of the two sees the other.
        fence(Ordering::SeqCst);
        for (number, other) in self.others.iter().enumerate() {
            if written >> number & 1 == 1 && other.asleep.swap(false, Ordering::SeqCst) {
                other.wake();
                self.stats.wakes += 1;
            }
        }
    }

    fn transmit(&mut self, now: Instant) {
        let mut used = 0;
        loop {
            let room = &mut self.buffer[used..];
            debug_assert!(room.len() >= TRANSMIT_MIN);
            let Some(transmit) = self.shard.poll_transmit(now, room) else { break };
            self.runs.push(Run { offset: used, transmit });
            used += transmit.len;
            if self.buffer.len() - used < WORTHWHILE || self.runs.len() == RUNS {
                self.flush();
                used = 0;
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        if !self.runs.is_empty() {
            self.outgoing.send(&self.socket, &self.buffer, &self.runs, &mut self.stats);
            let over_tcp = |run: &&Run| run.transmit.destination.transport == Transport::Tcp;
            for run in self.runs.iter().filter(over_tcp) {
                let bytes = &self.buffer[run.offset..run.offset + run.transmit.len];
                match &mut self.tcp {
                    Some(tcp) => tcp.send(&run.transmit, bytes, &mut self.stats),
                    None => self.shard.send_by_first(&run.transmit, bytes),
                }
            }
            self.runs.clear();
        }
    }

    /// Keeps the list of endpoints that would have to be told if the shard were lost.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Gone { endpoint } => {
                self.endpoints.remove(endpoint);
            }
            Event::Answered { endpoint, result: Ok(_), .. } => {
                if let Some(known) = self.endpoints.get_mut(endpoint) {
                    *known = Known::Answered;
                }
            }
            Event::Answered { endpoint, result: Err(_), .. }
                if self.endpoints.get(endpoint) == Some(&Known::Asked) =>
            {
                self.endpoints.remove(endpoint);
            }
            _ => {}
        }
    }

    /// A new shard in the place of one that panicked; its endpoints are gone.
    fn rebuild(&mut self) -> io::Result<()> {
        self.stats.panics += 1;
        self.runs.clear();
        let mut config: ShardConfig = self.shard.config().clone();
        config.seed = super::seed()?;
        self.shard.replace(config).map_err(io::Error::other)?;
        let lost = std::mem::take(&mut self.endpoints);
        tracing::error!(endpoints = lost.len(), "a shard panicked (a bug) and was made anew");
        self.events.extend(lost.into_keys().map(|endpoint| Event::Gone { endpoint }));
        Ok(())
    }

    fn publish(&self) {
        // Held for the copy of two small structs; a reader never holds it longer either.
        let mut shown = self.shared.stats.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *shown = (self.shard.stats(), self.stats);
    }

    /// Waits for something to do; where it may be.
    fn wait(&mut self) -> Look {
        let now = Now::read().instant;
        let due = [self.shard.poll_timeout(), self.tcp.as_ref().and_then(TcpSide::poll_timeout)];
        let within = due
            .into_iter()
            .flatten()
            .map(|due| due.saturating_duration_since(now) + SLACK)
            .fold(LONGEST_WAIT, Duration::min);
        let within = if self.shard.relay_is_behind() { within.min(RETRY) } else { within };
        self.shared.asleep.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let [_, woken, tcp] = if self.shard.relay_waits() {
            [true; 3]
        } else {
            let tcp = self.tcp.as_ref().map(AsFd::as_fd);
            poll::wait([Some(self.socket.as_fd()), Some(self.shared.wake.as_fd()), tcp], within)
        };
        self.shared.asleep.store(false, Ordering::SeqCst);
        if woken {
            // Reset before the queue is looked at again, so that no later command is missed.
            let mut count = [0; 8];
            let _ = (&self.shared.wake).read(&mut count);
        }
        Look { tcp }
    }
}
