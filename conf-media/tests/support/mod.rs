//! A world of peers around one shard, in virtual time. The peers are a WebRTC stack we did not
//! write.
#![allow(dead_code, unreachable_pub, reason = "each story uses its part")]

pub mod check;
pub mod codecs;
pub mod decoder;
pub mod peer;
pub mod picture;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use conf_media::{
    EndpointId, GroupId, TrackId,
    rtp::Codec,
    shard::{Command, Datagram, Event, Offer, Route, Shard, ShardConfig, Transport, Wish, Wished},
    stats::Stats,
};
use conf_sim::{Clock, Delivery, Link, Net};

pub use self::peer::{Peer, Plan, Received};

pub const GROUP: GroupId = GroupId(1);

pub fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// Peers, the shard between them, and the links.
pub struct World {
    pub clock: Clock,
    pub net: Net<SocketAddr>,
    pub shard: Shard,
    pub peers: Vec<Peer>,
    pub events: Vec<Event>,
    pub server: SocketAddr,
    /// With what senders are asked to code pictures.
    pub video: Codec,
    /// Datagrams that left over TCP.
    pub streamed: u64,
    /// Reads how much memory this thread holds; with it, `held` is what the shard holds.
    pub meter: Option<fn() -> isize>,
    pub held: isize,
    /// Places that are not scheduled until then, and what waits there.
    asleep: BTreeMap<SocketAddr, Instant>,
    waiting: Vec<Delivery<SocketAddr>>,
    /// When set, what reaches the server is kept here, with where it came from.
    pub tap: Option<Vec<(SocketAddr, Vec<u8>)>>,
    /// Bytes that left, by where to.
    pub sent: BTreeMap<SocketAddr, u64>,
    /// Number of the latest further offer; a first one is 1.
    offers: u32,
    buffer: Vec<u8>,
}

impl World {
    pub fn seeded(seed: u64) -> Self {
        let server: SocketAddr = "192.0.2.1:50000".parse().unwrap();
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let shard = Shard::new(ShardConfig::new(bytes, vec![server]).tcp(vec![server])).unwrap();
        Self {
            clock: Clock::new(),
            net: Net::seeded(seed),
            shard,
            peers: Vec::new(),
            events: Vec::new(),
            server,
            video: Codec::Vp8,
            streamed: 0,
            meter: None,
            held: 0,
            asleep: BTreeMap::new(),
            waiting: Vec::new(),
            tap: None,
            sent: BTreeMap::new(),
            offers: 1,
            buffer: vec![0; 64 * 1024],
        }
    }

    /// Adds a peer, hands its offer in and takes its answer back. Its tracks stay closed.
    pub fn join(&mut self, plan: Plan) -> usize {
        self.join_changed(plan, |_| {})
    }

    /// The same with a description that was changed on its way.
    pub fn join_changed(&mut self, plan: Plan, change: impl FnOnce(&mut String)) -> usize {
        let number = self.peers.len();
        let address = SocketAddr::from(([10, 0, (number >> 8) as u8, number as u8], 40_000));
        let mut peer = Peer::new(number, address, plan, self.clock.now());
        let (mut sdp, tracks) = peer.offer();
        change(&mut sdp);
        self.link(address, Link::new().delay(ms(10)));
        self.link(peer.stream, Link::new().delay(ms(10)));
        let cameras = peer.cameras();
        let offer = Offer { number: 1, sdp, tracks, cameras, video: self.video };
        self.command(Command::Connect { endpoint: peer.id, group: GROUP, offer });
        let answer = self.answer(peer.id, 1);
        peer.accept(&answer);
        self.peers.push(peer);
        number
    }

    /// Offers again with more slots.
    pub fn more_slots(&mut self, peer: usize, video: usize) {
        let at = &mut self.peers[peer];
        let (id, (sdp, tracks)) = (at.id, at.offer_more(video));
        self.reoffer(peer, id, sdp, tracks);
    }

    /// Offers again with the slot `mid` taken back, or given again.
    pub fn set_slot(&mut self, peer: usize, mid: &str, receives: bool) {
        let at = &mut self.peers[peer];
        let (id, (sdp, tracks)) = (at.id, at.offer_slot(mid, receives));
        self.reoffer(peer, id, sdp, tracks);
    }

    fn reoffer(
        &mut self,
        peer: usize,
        endpoint: EndpointId,
        sdp: String,
        tracks: BTreeMap<String, TrackId>,
    ) {
        self.offers += 1;
        let number = self.offers;
        let cameras = self.peers[peer].cameras();
        let offer = Offer { number, sdp, tracks, cameras, video: self.video };
        self.command(Command::Reoffer { endpoint, offer });
        let answer = self.answer(endpoint, number);
        self.peers[peer].accept(&answer);
    }

    /// Offers again with fresh ICE credentials. The answer takes its time.
    pub fn restart_ice(&mut self, peer: usize, number: u32, signalling: Duration) {
        let at = &mut self.peers[peer];
        let (id, (sdp, tracks)) = (at.id, at.offer_restart());
        let cameras = self.peers[peer].cameras();
        self.run_for(signalling);
        self.command(Command::Reoffer {
            endpoint: id,
            offer: Offer { number, sdp, tracks, cameras, video: self.video },
        });
        let answer = self.answer(id, number);
        self.run_for(signalling);
        self.peers[peer].accept(&answer);
    }

    /// The server sees a peer's UDP come from another address from now on, and what is sent to
    /// the old one is lost.
    pub fn translate(&mut self, peer: usize) {
        let outside = &mut self.peers[peer].outside;
        outside.set_port(outside.port() + 100);
        let outside = *outside;
        self.link(outside, Link::new().delay(ms(10)));
    }

    /// Wishes of every sort.
    pub fn wish_for(&mut self, peer: usize, wishes: &[(Wished, u16)]) {
        let wishes = wishes.iter().map(|&(of, height)| Wish { of, height }).collect();
        self.command(Command::Wish { endpoint: self.peers[peer].id, wishes });
    }

    /// Lays both directions between a peer and the server.
    pub fn link(&mut self, address: SocketAddr, link: Link) {
        self.net.connect(address, self.server, link.clone());
        self.net.connect(self.server, address, link);
    }

    /// Has a place not scheduled for a while: it neither receives nor sends until then.
    pub fn doze(&mut self, place: SocketAddr, span: Duration) {
        self.asleep.insert(place, self.clock.now() + span);
    }

    pub fn open(&mut self, track: TrackId) {
        self.command(Command::Gate { track, open: true });
    }

    pub fn close(&mut self, track: TrackId) {
        self.command(Command::Gate { track, open: false });
    }

    /// Opens everything a peer publishes.
    pub fn open_all(&mut self, peer: usize) {
        for track in self.peers[peer].tracks() {
            self.open(track);
        }
    }

    pub fn wish(&mut self, peer: usize, wishes: &[(TrackId, u16)]) {
        let wishes = wishes
            .iter()
            .map(|&(track, height)| Wish { of: Wished::Track(track), height })
            .collect();
        self.command(Command::Wish { endpoint: self.peers[peer].id, wishes });
    }

    /// Says that a track shows a sign-language interpreter, or that it does not.
    pub fn mark(&mut self, track: TrackId, interpreter: bool) {
        self.command(Command::Mark { track, interpreter });
    }

    pub fn command(&mut self, command: Command) {
        let now = self.clock.now();
        self.weighed(|shard| shard.handle(now, command));
        self.drain();
    }

    /// Hands the server a datagram that no peer sent, from any address.
    pub fn inject(&mut self, from: SocketAddr, bytes: &[u8]) {
        let now = self.clock.now();
        let bytes = &mut bytes.to_vec()[..];
        self.shard.receive(now, Datagram { source: Route::udp(from), arrived: now, bytes });
        self.drain();
    }

    /// Bytes that ever left for an address.
    pub fn sent_to(&self, address: SocketAddr) -> u64 {
        self.sent.get(&address).copied().unwrap_or(0)
    }

    pub fn stats(&self) -> Stats {
        self.shard.stats()
    }

    pub fn run_for(&mut self, span: Duration) {
        let end = self.clock.now() + span;
        while self.clock.now() < end {
            self.step(end);
        }
    }

    /// Runs until `done`, at most `span`; says how long it took.
    pub fn run_until(&mut self, span: Duration, done: impl Fn(&Self) -> bool) -> Duration {
        let begin = self.clock.now();
        while !done(self) {
            assert!(self.clock.now() < begin + span, "not within {span:?}: {:#?}", self.stats());
            self.step(begin + span);
        }
        self.clock.now() - begin
    }

    pub fn connected(&self, peer: usize) -> bool {
        let id = self.peers[peer].id;
        self.events.contains(&Event::Connected { endpoint: id })
    }

    /// What each slot of a peer carries, by its events.
    pub fn slots(&self, peer: usize) -> BTreeMap<String, TrackId> {
        let mut now = BTreeMap::new();
        for event in &self.events {
            match event {
                Event::Slots { endpoint, slots } if *endpoint == self.peers[peer].id => {
                    for (mid, track) in slots {
                        match track {
                            Some(track) => now.insert(mid.clone(), *track),
                            None => now.remove(mid),
                        };
                    }
                }
                _ => {}
            }
        }
        now
    }

    /// The slot a track is in at a peer.
    pub fn slot_of(&self, peer: usize, track: TrackId) -> Option<String> {
        self.slots(peer).into_iter().find(|(_, carried)| *carried == track).map(|(mid, _)| mid)
    }

    fn answer(&self, endpoint: EndpointId, wanted: u32) -> String {
        self.events
            .iter()
            .find_map(|event| match event {
                Event::Answered { endpoint: at, number, result }
                    if *at == endpoint && *number == wanted =>
                {
                    Some(result.clone().expect("the offer is answered"))
                }
                _ => None,
            })
            .expect("an answer comes at once")
    }

    /// Jumps to the next thing that happens and lets it happen.
    fn step(&mut self, end: Instant) {
        let mut next = end;
        let mut sooner = |at: Option<Instant>| next = at.map_or(next, |at| at.min(next));
        sooner(self.net.next_arrival());
        if !self.asleep.contains_key(&self.server) {
            sooner(self.shard.poll_timeout());
        }
        for peer in self.peers.iter().filter(|peer| !self.asleep.contains_key(&peer.outside)) {
            sooner(Some(peer.next()));
        }
        self.asleep.values().for_each(|until| sooner(Some(*until)));
        self.clock.advance_to(next);
        let now = self.clock.now();
        self.asleep.retain(|_, until| *until > now);
        let woken = |d: &mut Delivery<SocketAddr>| !self.asleep.contains_key(&d.to);
        let mut arrived: Vec<_> = self.waiting.extract_if(.., woken).collect();
        arrived.extend(std::iter::from_fn(|| self.net.receive(now)));
        for mut delivery in arrived {
            if self.asleep.contains_key(&delivery.to) {
                self.waiting.push(delivery);
            } else if delivery.to == self.server {
                let (from, arrived) = (delivery.from, delivery.at);
                if let Some(tap) = &mut self.tap {
                    tap.push((from, delivery.bytes.clone()));
                }
                let stream = self.peers.iter().any(|peer| peer.stream == from);
                let source = if stream { Route::tcp(from) } else { Route::udp(from) };
                let bytes = &mut delivery.bytes[..];
                self.weighed(|shard| shard.receive(now, Datagram { source, arrived, bytes }));
            } else if let Some(peer) =
                self.peers.iter_mut().find(|p| [p.outside, p.stream].contains(&delivery.to))
            {
                peer.receive(now, delivery.from, delivery.to, &delivery.bytes);
            }
        }
        let awake = !self.asleep.contains_key(&self.server);
        if awake {
            self.weighed(|shard| shard.tick(now));
        }
        for peer in self.peers.iter_mut().filter(|p| !self.asleep.contains_key(&p.outside)) {
            let server = self.server;
            let net = &mut self.net;
            peer.turn(now, |from, to, bytes| {
                assert_eq!(to, server);
                net.send(now, from, to, bytes);
            });
        }
        if awake {
            self.drain();
        }
    }

    fn drain(&mut self) {
        let now = self.clock.now();
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(run) = self.weighed(|shard| shard.poll_transmit(now, &mut buffer)) {
            for datagram in run.datagrams(&buffer) {
                let Route { transport, remote, .. } = run.destination;
                let stream = self.peers.iter().any(|peer| peer.stream == remote);
                assert_eq!(stream, transport == Transport::Tcp, "answers take the way back");
                if transport == Transport::Tcp {
                    self.streamed += 1;
                }
                *self.sent.entry(remote).or_default() += datagram.len() as u64;
                self.net.send(now, self.server, remote, datagram.to_vec());
            }
        }
        self.buffer = buffer;
        while let Some(event) = self.shard.poll_event() {
            self.events.push(event);
        }
    }

    /// Lets the shard do something and notes what it keeps of the memory it takes.
    fn weighed<T>(&mut self, act: impl FnOnce(&mut Shard) -> T) -> T {
        let meter = self.meter.unwrap_or(|| 0);
        let before = meter();
        let done = act(&mut self.shard);
        self.held += meter() - before;
        done
    }
}
