//! A shard: endpoints, their tracks and slots, driven by commands, datagrams and time.

mod abroad;
mod assign;
mod audience;
pub(crate) mod clock;
mod command;
mod connect;
mod demux;
mod downlink;
#[cfg(test)]
mod downlink_tests;
mod draw;
mod fanout;
mod feedback;
#[doc(hidden)]
pub mod fuzzing;
mod handover;
#[cfg(test)]
mod handover_tests;
mod handshake;
mod ingress;
pub(crate) mod layers;
pub(crate) mod links;
mod outbox;
mod output;
#[cfg(test)]
mod pair;
pub(crate) mod published;
mod remote;
mod repairs;
mod reports;
mod restart;
mod route;
pub(crate) mod slab;
#[cfg(test)]
mod spanning_tests;
mod voices;
mod wheel;
#[doc(hidden)]
pub mod wired;
mod withheld;

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use self::{
    abroad::Abroad, demux::Demux, draw::Draw, fanout::Fanout, outbox::Outbox, published::Published,
    reports::Compound, slab::Slab, wheel::Wheel,
};
pub use self::{
    command::{Command, Offer, Scope, Wish, Wished},
    output::{Datagram, Event, OfferRefused, Transmit},
    route::{Route, Transport},
    withheld::Withheld,
};
use crate::{
    EndpointId, GroupId, TrackId,
    endpoint::{
        Endpoint,
        dtls::{Certificate, DtlsConfig, DtlsError},
    },
    relay::Relay,
    rtcp::ReportBlock,
    speaker::Speakers,
    stats::Stats,
};

/// The shortest buffer [`Shard::poll_transmit`] accepts, in bytes.
pub const TRANSMIT_MIN: usize = 1_500;

/// Datagrams of one run at most: what the kernel segments from one message.
const RUN_MAX: usize = 64;

/// How much of everything a shard keeps at most. Beyond a limit the newcomer is refused or
/// dropped, and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Endpoints of one shard.
    pub endpoints: usize,
    /// Endpoints of one group.
    pub group: usize,
    /// SSRCs one endpoint may send from.
    pub sources: usize,
    /// Slots of one endpoint.
    pub slots: usize,
    /// Events waiting to be polled; beyond it the oldest are kept and new `Speaking` dropped.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { endpoints: 8_000, group: 4_000, sources: 64, slots: 100, events: 65_536 }
    }
}

/// What a shard is made from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShardConfig {
    /// Where its random numbers come from: SSRCs, ICE credentials. Drawn by the caller from a
    /// source nobody can guess; never used twice.
    pub seed: [u8; 32],
    /// Where peers can reach the shard over UDP; written into every answer in this order.
    pub candidates: Vec<SocketAddr>,
    /// The same over TCP (RFC 6544, passive); written after those, to be used where UDP fails.
    pub tcp_candidates: Vec<SocketAddr>,
    /// What it presents in handshakes; several shards of one process share it. None: it makes
    /// one itself.
    pub certificate: Option<Certificate>,
    /// Bounds.
    pub limits: Limits,
}

impl ShardConfig {
    /// A shard reachable at these addresses over UDP, with default limits and a fresh
    /// certificate.
    pub fn new(seed: [u8; 32], candidates: Vec<SocketAddr>) -> Self {
        Self {
            seed,
            candidates,
            tcp_candidates: Vec::new(),
            certificate: None,
            limits: Limits::default(),
        }
    }

    /// Sets where it can be reached over TCP.
    #[must_use]
    pub fn tcp(mut self, candidates: Vec<SocketAddr>) -> Self {
        self.tcp_candidates = candidates;
        self
    }

    /// Sets the certificate.
    #[must_use]
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Sets the bounds.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// The forwarding machine: no socket, no clock, no thread of its own.
///
/// The loop around it: hand in what happened ([`handle`](Self::handle),
/// [`receive`](Self::receive) for every datagram of a batch, [`tick`](Self::tick) when
/// [`poll_timeout`](Self::poll_timeout) is due), then drain
/// [`poll_transmit`](Self::poll_transmit) and [`poll_event`](Self::poll_event), then wait.
/// Time never goes backwards.
pub struct Shard {
    config: ShardConfig,
    dtls: DtlsConfig,
    draw: Draw,
    /// The first instant it was told of: where its wall clock begins.
    epoch: Option<Instant>,
    endpoints: Slab<Endpoint>,
    ids: HashMap<EndpointId, u32>,
    tracks: Slab<Published>,
    track_ids: HashMap<TrackId, u32>,
    groups: Slab<Group>,
    group_ids: HashMap<GroupId, u32>,
    /// Gates opened for tracks that are not there yet.
    early_gates: HashMap<TrackId, bool>,
    demux: Demux,
    wheel: Wheel,
    outbox: Outbox,
    fanout: Fanout,
    /// The way to other shards.
    relay: Relay,
    /// Groups whose slots are to be decided, each once.
    unsettled: Vec<u32>,
    /// Endpoints of settled groups of which alone the slots are to be decided.
    newcomers: Vec<u32>,
    /// Tracks of which other encodings are needed than before, each once.
    redemanded: Vec<u32>,
    events: VecDeque<Event>,
    compound: Compound,
    missing: Vec<u64>,
    blocks: Vec<ReportBlock>,
    stats: Stats,
}

/// Endpoints that may receive each other's open tracks.
#[derive(Debug)]
struct Group {
    id: GroupId,
    endpoints: Vec<u32>,
    /// In the order they came.
    tracks: Vec<u32>,
    /// Its open audio tracks.
    speakers: Speakers<u32>,
    /// When it was last judged who speaks.
    judged: Option<Instant>,
    unsettled: bool,
    /// Since when it has endpoints here.
    since: u64,
    /// The other shards that have some.
    abroad: Vec<Abroad>,
}

impl Group {
    fn new(id: GroupId, since: u64) -> Self {
        Self {
            id,
            endpoints: Vec::new(),
            tracks: Vec::new(),
            speakers: Speakers::default(),
            judged: None,
            unsettled: false,
            since,
            abroad: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shard").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl Shard {
    /// A shard without endpoints.
    ///
    /// # Errors
    /// When no certificate could be made.
    pub fn new(config: ShardConfig) -> Result<Self, DtlsError> {
        let certificate = match &config.certificate {
            Some(certificate) => certificate.clone(),
            None => Certificate::generate()?,
        };
        Ok(Self {
            dtls: DtlsConfig::new(certificate)?,
            draw: Draw::new(&config.seed),
            config,
            epoch: None,
            endpoints: Slab::new(),
            ids: HashMap::new(),
            tracks: Slab::new(),
            track_ids: HashMap::new(),
            groups: Slab::new(),
            group_ids: HashMap::new(),
            early_gates: HashMap::new(),
            demux: Demux::default(),
            wheel: Wheel::default(),
            outbox: Outbox::default(),
            fanout: Fanout::default(),
            relay: Relay::alone(),
            unsettled: Vec::new(),
            newcomers: Vec::new(),
            redemanded: Vec::new(),
            events: VecDeque::new(),
            compound: Compound::default(),
            missing: Vec::new(),
            blocks: Vec::new(),
            stats: Stats::default(),
        })
    }

    /// Writes the next run of datagrams to the beginning of `buffer`. None when nothing is left.
    ///
    /// # Panics
    ///
    /// If `buffer` is shorter than [`TRANSMIT_MIN`]. 64 kB let whole bursts leave in one call.
    pub fn poll_transmit(&mut self, now: Instant, buffer: &mut [u8]) -> Option<Transmit> {
        assert!(buffer.len() >= TRANSMIT_MIN, "a send buffer holds at least one datagram");
        self.tick(now);
        self.outbox.poll(buffer).or_else(|| self.fan_out(now, buffer))
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`tick`](Self::tick) is due; none while there is nothing to wait for.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wheel.next()
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        Stats {
            endpoints: self.endpoints.len() as u64,
            tracks: self.tracks.len() as u64 - self.relay.tracks,
            ..self.stats
        }
    }

    /// Whether one of its endpoints, or of those of the shards it is joined to, has proven to be at the end of this route, and not moved far
    /// away since: a connection of anybody else need not be kept.
    pub fn knows(&self, route: &Route) -> bool {
        self.demux.by_route(route).is_some() || self.relay.addresses.owner(route).is_some()
    }

    /// What it was made from.
    pub fn config(&self) -> &ShardConfig {
        &self.config
    }

    /// Puts a small datagram into the outbox.
    fn queue(&mut self, destination: Route, bytes: &[u8]) {
        let fits = self.outbox.push(destination, bytes.len(), |out| {
            out.copy_from_slice(bytes);
            Some(bytes.len())
        });
        if !fits {
            self.stats.dropped_over_limit += 1;
        }
    }

    /// Brings an endpoint's deadline forward to what it wants now; never moves it back.
    fn reschedule(&mut self, now: Instant, at: u32) {
        if let Some(endpoint) = self.endpoints.get_mut(at) {
            let next = endpoint.next_due(&self.tracks, now);
            if endpoint.due.is_none_or(|due| next < due) {
                self.wheel.set(at, &mut endpoint.due, Some(next));
            }
        }
    }
}
