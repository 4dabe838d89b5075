//! A shard: endpoints, their tracks and slots, driven by commands, datagrams and time.

mod command;
mod output;

use std::{net::SocketAddr, time::Instant};

pub use self::{
    command::{Command, Offer, Wish},
    output::{Datagram, Event, OfferRefused, Transmit},
};
use crate::stats::Stats;

/// The shortest buffer [`Shard::poll_transmit`] accepts, in bytes.
pub const TRANSMIT_MIN: usize = 1_500;

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
        Self { endpoints: 4_000, group: 1_000, sources: 64, slots: 100, events: 65_536 }
    }
}

/// What a shard is made from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShardConfig {
    /// Where its random numbers come from: SSRCs, ICE credentials. Drawn by the caller from a
    /// source nobody can guess; never used twice.
    pub seed: [u8; 32],
    /// Where peers can reach the shard; written into every answer in this order.
    pub candidates: Vec<SocketAddr>,
    /// Bounds.
    pub limits: Limits,
}

impl ShardConfig {
    /// A shard reachable at these addresses, with default limits and a fresh certificate.
    pub fn new(seed: [u8; 32], candidates: Vec<SocketAddr>) -> Self {
        Self { seed, candidates, limits: Limits::default() }
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
#[derive(Debug)]
pub struct Shard {
    config: ShardConfig,
    stats: Stats,
}

impl Shard {
    /// A shard without endpoints.
    pub fn new(config: ShardConfig) -> Self {
        Self { config, stats: Stats::default() }
    }

    /// Carries out a command. Refusals come back as events or are counted.
    pub fn handle(&mut self, _now: Instant, _command: Command) {}

    /// Takes in one datagram. Media is opened and stored now and leaves with the next
    /// [`poll_transmit`](Self::poll_transmit): hand in a whole batch first, so that packets to
    /// one destination become one run.
    pub fn receive(&mut self, _now: Instant, datagram: Datagram<'_>) {
        self.stats.received_datagrams += 1;
        self.stats.received_bytes += datagram.bytes.len() as u64;
    }

    /// Does what is due: handshake repeats, reports, feedback, consent.
    pub fn tick(&mut self, _now: Instant) {}

    /// Writes the next run of datagrams to the beginning of `buffer`. None when nothing is left.
    ///
    /// # Panics
    ///
    /// If `buffer` is shorter than [`TRANSMIT_MIN`]. 64 kB let whole bursts leave in one call.
    pub fn poll_transmit(&mut self, _now: Instant, buffer: &mut [u8]) -> Option<Transmit> {
        assert!(buffer.len() >= TRANSMIT_MIN, "a send buffer holds at least one datagram");
        None
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        None
    }

    /// When [`tick`](Self::tick) is due; none while there is nothing to wait for.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// What it was made from.
    pub fn config(&self) -> &ShardConfig {
        &self.config
    }
}
