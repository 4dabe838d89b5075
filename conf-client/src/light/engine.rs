//! The threads that drive all load peers: one wait for many sockets, one heap of deadlines.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use conf_proto::Source;
use hdrhistogram::Histogram;

use super::counts::Counts;
use super::peer::{Peer, PeerFigures, Shared};
use super::socket::{WOKEN, Waker, Watch};

/// Nothing is waited for longer than this.
const LONGEST: Duration = Duration::from_millis(500);
/// How long what arrives is let gather after anything happened, unless a deadline comes first.
/// Waking this thread would otherwise be charged, for every burst at least, to the server that
/// sent it: a cost of loopback that a network card does not have. Stamps are the kernel's, so that
/// no latency is measured wrongly.
const GATHER: Duration = Duration::from_millis(1);
/// Commands that may wait for a thread; who gives more waits.
const COMMANDS: usize = 1024;

/// Names a peer of an [`Engine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(u64);

/// Which peers a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// All there are.
    All,
    /// One.
    One(PeerId),
}

enum Command {
    Add(u64, Box<Peer>),
    Remove(u64),
    Switch(Whom, Source, bool),
    Speak(PeerId, u8),
    Reset,
    Count(SyncSender<Counted>),
    CountOne(u64, SyncSender<Option<PeerFigures>>),
    Stop,
}

/// What one thread counted.
struct Counted {
    peers: Vec<(PeerId, PeerFigures)>,
    latency_us: Histogram<u64>,
    gone: Counts,
}

/// What all peers did.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Each peer that is there.
    pub peers: Vec<(PeerId, PeerFigures)>,
    /// From sending to the receiver's kernel, in microseconds, of the packets that were opened.
    pub latency_us: Histogram<u64>,
    /// All peers together, those that were removed included.
    pub total: Counts,
    /// Packets missing now.
    pub lost: u64,
}

/// Drives peers on threads of its own; dropping it ends them.
pub struct Engine {
    threads: Vec<Thread>,
    next: AtomicU64,
}

struct Thread {
    commands: SyncSender<Command>,
    waker: Waker,
    handle: Option<JoinHandle<()>>,
}

impl Engine {
    /// Starts so many threads, at least one.
    ///
    /// # Errors
    /// When the kernel gives no descriptors or threads.
    pub fn start(threads: usize) -> io::Result<Self> {
        let thread = |number| {
            let watch = Watch::new()?;
            let waker = watch.waker()?;
            let (commands, given) = sync_channel(COMMANDS);
            let name = format!("peers-{number}");
            let work = move || Worker::new(watch, given).run();
            let handle = std::thread::Builder::new().name(name).spawn(work)?;
            Ok(Thread { commands, waker, handle: Some(handle) })
        };
        let threads: io::Result<Vec<_>> = (0..threads.max(1)).map(thread).collect();
        Ok(Self { threads: threads?, next: AtomicU64::new(0) })
    }

    /// Takes over a peer that has its answer.
    pub fn add(&self, peer: Peer) -> PeerId {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.tell(id, Command::Add(id, Box::new(peer)));
        PeerId(id)
    }

    /// Ends a peer without a word; what it counted stays counted.
    pub fn remove(&self, peer: PeerId) {
        self.tell(peer.0, Command::Remove(peer.0));
    }

    /// Switches a source on or off.
    pub fn switch(&self, whom: Whom, source: Source, on: bool) {
        match whom {
            Whom::One(peer) => self.tell(peer.0, Command::Switch(whom, source, on)),
            Whom::All => self.tell_all(|| Command::Switch(whom, source, on)),
        }
    }

    /// How loud a peer's microphone is, in dB below full scale.
    pub fn speak(&self, peer: PeerId, level: u8) {
        self.tell(peer.0, Command::Speak(peer, level));
    }

    /// Counts anew from here on.
    pub fn reset(&self) {
        self.tell_all(|| Command::Reset);
    }

    /// What was counted.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let (reply, counted) = sync_channel(self.threads.len());
        self.tell_all(|| Command::Count(reply.clone()));
        drop(reply);
        let mut all = Figures {
            peers: Vec::new(),
            latency_us: Shared::new_histogram(),
            total: Counts::default(),
            lost: 0,
        };
        for one in counted {
            all.total += &one.gone;
            for (_, figures) in &one.peers {
                all.total += &figures.counts;
                all.lost += figures.lost;
            }
            all.peers.extend(one.peers);
            all.latency_us += one.latency_us;
        }
        all.peers.sort_by_key(|(id, _)| *id);
        all
    }

    /// What one peer did; `None` when it is not there.
    #[must_use]
    pub fn figures_of(&self, peer: PeerId) -> Option<PeerFigures> {
        let (reply, counted) = sync_channel(1);
        self.tell(peer.0, Command::CountOne(peer.0, reply));
        counted.recv().ok().flatten()
    }

    fn tell(&self, id: u64, command: Command) {
        let Some(thread) = self.threads.get((id % self.threads.len() as u64) as usize) else {
            return;
        };
        // A thread that is gone has nothing left to do.
        let _ = thread.commands.send(command);
        thread.waker.wake();
    }

    fn tell_all(&self, command: impl Fn() -> Command) {
        for thread in &self.threads {
            let _ = thread.commands.send(command());
            thread.waker.wake();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.tell_all(|| Command::Stop);
        for thread in &mut self.threads {
            if let Some(handle) = thread.handle.take() {
                // A thread that failed has said so itself.
                let _ = handle.join();
            }
        }
    }
}

struct Worker {
    watch: Watch,
    commands: Receiver<Command>,
    places: Vec<Option<Place>>,
    free: Vec<usize>,
    deadlines: BinaryHeap<Reverse<(Instant, usize)>>,
    shared: Shared,
    gone: Counts,
}

struct Place {
    id: u64,
    peer: Box<Peer>,
    /// When it is looked at next, as the heap knows it.
    due: Option<Instant>,
}

impl Worker {
    fn new(watch: Watch, commands: Receiver<Command>) -> Self {
        Self {
            watch,
            commands,
            places: Vec::new(),
            free: Vec::new(),
            deadlines: BinaryHeap::new(),
            shared: Shared::new(),
            gone: Counts::default(),
        }
    }

    fn run(mut self) {
        let (mut ready, mut busy) = (Vec::new(), false);
        loop {
            let now = Instant::now();
            let next = self.deadlines.peek().map(|Reverse((at, _))| *at);
            let mut within = next.map_or(LONGEST, |at| at.saturating_duration_since(now));
            if busy {
                let gathering = within.min(GATHER);
                std::thread::sleep(gathering);
                within = within.saturating_sub(gathering);
            }
            ready.clear();
            self.watch.wait(within.min(LONGEST), |token| ready.push(token));
            for token in &ready {
                if *token == WOKEN {
                    if !self.obey() {
                        return;
                    }
                } else {
                    self.read(*token as usize);
                }
            }
            busy = self.tick() || !ready.is_empty();
        }
    }

    fn read(&mut self, at: usize) {
        if let Some(Some(place)) = self.places.get_mut(at) {
            // What is left stays ready.
            place.peer.read(&mut self.shared);
            self.schedule(at);
        }
    }

    /// Whether anything was due.
    fn tick(&mut self) -> bool {
        let now = Instant::now();
        let mut any = false;
        while let Some(Reverse((due, at))) = self.deadlines.peek().copied() {
            if due > now {
                break;
            }
            any = true;
            self.deadlines.pop();
            // An entry that is no longer the peer's was replaced by an earlier one.
            if let Some(Some(place)) = self.places.get_mut(at)
                && place.due == Some(due)
            {
                place.due = None;
                place.peer.tick(now, &mut self.shared);
                self.schedule(at);
            }
        }
        any
    }

    fn schedule(&mut self, at: usize) {
        let Some(Some(place)) = self.places.get_mut(at) else { return };
        let Some(due) = place.peer.poll_timeout() else { return };
        if place.due.is_none_or(|known| due < known) {
            place.due = Some(due);
            self.deadlines.push(Reverse((due, at)));
        }
    }

    /// Does as told; `false` to end.
    fn obey(&mut self) -> bool {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Add(id, peer) => self.add(id, peer),
                Command::Remove(id) => {
                    let at = self.place_of(id);
                    if let Some(place) = at.and_then(|at| self.places.get_mut(at)?.take()) {
                        let figures = place.peer.figures();
                        self.gone += &figures.counts;
                        self.free.extend(at);
                    }
                }
                Command::Switch(whom, source, on) => {
                    for at in 0..self.places.len() {
                        if let Some(Some(place)) = self.places.get_mut(at)
                            && (whom == Whom::All || whom == Whom::One(PeerId(place.id)))
                        {
                            place.peer.switch(source, on);
                            self.schedule(at);
                        }
                    }
                }
                Command::Speak(peer, level) => {
                    let at = self.place_of(peer.0);
                    if let Some(Some(place)) = at.and_then(|at| self.places.get_mut(at)) {
                        place.peer.speak(level);
                    }
                }
                Command::Reset => {
                    self.gone = Counts::default();
                    self.shared.latency_us.reset();
                    self.places.iter_mut().flatten().for_each(|place| place.peer.reset());
                }
                Command::Count(reply) => {
                    let places = self.places.iter().flatten();
                    let peers =
                        places.map(|place| (PeerId(place.id), place.peer.figures())).collect();
                    let latency_us = self.shared.latency_us.clone();
                    // Who no longer wants to know has gone.
                    let _ = reply.send(Counted { peers, latency_us, gone: self.gone });
                }
                Command::CountOne(id, reply) => {
                    let place = self.place_of(id).and_then(|at| self.places.get(at)?.as_ref());
                    let _ = reply.send(place.map(|place| place.peer.figures()));
                }
                Command::Stop => return false,
            }
        }
        true
    }

    fn add(&mut self, id: u64, peer: Box<Peer>) {
        let at = self.free.pop().unwrap_or(self.places.len());
        if self.watch.socket(peer.socket(), at as u64).is_err() {
            // Without a look at its socket it never connects, which is what the caller sees.
            self.free.push(at);
            return;
        }
        if at == self.places.len() {
            self.places.push(None);
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = Some(Place { id, peer, due: None });
        }
        self.read(at);
    }

    fn place_of(&self, id: u64) -> Option<usize> {
        self.places.iter().position(|place| place.as_ref().is_some_and(|place| place.id == id))
    }
}
