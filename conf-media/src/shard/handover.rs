//! Datagrams on the wrong shard: handed to the one they are for, which says which addresses are
//! its own.
//!
//! All shards listen on one port and the kernel chooses among them by the sender's address. A
//! check names the shard it is for in its user name; everything else is known by its address,
//! once that shard has authenticated a check from there.

use std::time::Instant;

use super::{Datagram, Route, Shard, ShardConfig, Transmit};
use crate::{
    endpoint::dtls::DtlsError,
    relay::{Record, Relay},
};

impl Shard {
    /// A shard without endpoints that works together with others.
    ///
    /// # Errors
    /// When no certificate could be made.
    pub fn joined(config: ShardConfig, relay: Relay) -> Result<Self, DtlsError> {
        let mut shard = Self::new(config)?;
        shard.epoch = relay.epoch();
        shard.relay = relay;
        Ok(shard)
    }

    /// Begins anew after a panic, with nothing but the rings: the other shards are told to forget
    /// what this one told them.
    ///
    /// # Errors
    /// When no certificate could be made; it is then as good as gone.
    pub fn replace(&mut self, config: ShardConfig) -> Result<(), DtlsError> {
        let relay = std::mem::replace(&mut self.relay, Relay::alone());
        *self = Self::joined(config, relay.anew())?;
        Ok(())
    }

    /// Takes in what other shards wrote. To be called whenever they may have, and after commands
    /// were taken from their queue and before they are carried out: what a command's sender knew
    /// of other shards is known here then. Whether more may wait.
    pub fn read_relay(&mut self, now: Instant) -> bool {
        let recovered = self.relay.recovered();
        for shard in (0..64u8).filter(|shard| recovered >> shard & 1 == 1) {
            self.relay.tell(shard, &Record::Begin);
            self.restate_to(shard);
        }
        let more = Relay::read(
            self,
            |shard| &mut shard.relay,
            |shard, from, bytes| shard.take_record(now, from, bytes),
        );
        self.settle(now);
        more
    }

    /// Whether other shards have written something.
    pub fn relay_waits(&self) -> bool {
        self.relay.waits()
    }

    /// Whether something that another shard must hear waits for that one to read: look again
    /// soon, nobody says when it has.
    pub fn relay_is_behind(&self) -> bool {
        self.relay.is_behind()
    }

    /// The shards that something was written to since this was asked last, as bits by number:
    /// they are to be woken.
    pub fn take_written(&mut self) -> u64 {
        self.relay.take_written()
    }

    /// Sends a run over the shard that has the streams' sockets, which is the first.
    pub fn send_by_first(&mut self, run: &Transmit, bytes: &[u8]) {
        let segment = u16::try_from(run.segment).unwrap_or(u16::MAX);
        let record = Record::Stream { destination: run.destination, segment, bytes };
        if !self.relay.hand(0, &record) {
            self.stats.dropped_relay_full += 1;
        }
    }

    fn take_record(&mut self, now: Instant, from: u8, bytes: &mut [u8]) {
        let len = bytes.len();
        match Record::read(bytes) {
            Some(Record::Datagram { source, arrived, bytes: body }) => {
                let body = len - body.len();
                let arrived = self.relay.instant(arrived, now);
                let Some(bytes) = bytes.get_mut(body..) else { return };
                self.relay.handing = Some(from);
                self.receive(now, Datagram { source, arrived, bytes });
                self.relay.handing = None;
            }
            Some(Record::Stream { destination, segment, bytes }) => {
                for datagram in bytes.chunks(usize::from(segment).max(1)) {
                    self.queue(destination, datagram);
                }
            }
            Some(Record::Mine { route }) => {
                self.demux.yield_route(&route);
                if !self.relay.addresses.learn(route, from) {
                    self.stats.dropped_over_limit += 1;
                }
            }
            Some(Record::NotMine { route }) => self.relay.addresses.unlearn(&route, from),
            Some(record) => self.take_news(now, from, record),
            None => self.stats.dropped_malformed += 1,
        }
    }

    /// Hands a datagram from an address that none of our endpoints has to the shard that has it.
    pub(super) fn unknown_address(&mut self, arrived: Instant, source: Route, bytes: &[u8]) {
        let owner = self.relay.addresses.owner(&source);
        // What was handed over once is not handed on: two shards may both think it the other's.
        let Some(shard) = owner.filter(|_| self.relay.handing.is_none()) else {
            self.stats.dropped_unknown_address += 1;
            return;
        };
        let arrived = self.relay.stamp(arrived);
        let fits = self.relay.hand(shard, &Record::Datagram { source, arrived, bytes });
        self.handed(fits);
    }

    /// Hands a check that names another shard to it; false when it names none.
    pub(super) fn unknown_name(
        &mut self,
        now: Instant,
        source: Route,
        ufrag: Option<&str>,
        bytes: &[u8],
    ) -> bool {
        let named = ufrag.and_then(|ufrag| self.relay.named(ufrag));
        let Some(shard) = named.filter(|_| self.relay.handing.is_none()) else { return false };
        let arrived = self.relay.stamp(now);
        let record = Record::Datagram { source, arrived, bytes };
        let fits = self.relay.hand_stranger(shard, &record);
        self.handed(fits);
        true
    }

    /// Says that a route is ours, if another shard gets what comes by it or thinks it its own.
    /// `lost` is a route that was given up for it.
    pub(super) fn proved(&mut self, route: Route, lost: Option<Route>) {
        if let Some(lost) = lost {
            self.relay.disclaim(&lost);
        }
        if self.relay.addresses.take(&route) || self.relay.handing.is_some() {
            self.relay.claim(route);
        }
    }

    fn handed(&mut self, fits: bool) {
        if fits {
            self.stats.handed_datagrams += 1;
        } else {
            self.stats.dropped_relay_full += 1;
        }
    }
}
