//! Packets and news between the shards of one process: a ring of records between each ordered
//! pair.
//!
//! Nothing is locked and nothing waits: a shard writes records into the rings that lead to the
//! others and reads those that lead to it. Three things cross: datagrams that reached the wrong
//! shard (all shards listen on one port, and the kernel chooses by the sender's address), which
//! addresses are whose, and what members of one group on several shards need of each other.

mod addresses;
pub(crate) mod record;
mod ring;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

pub(crate) use self::record::{Interest, PacketNote, Record, Told};
use self::{
    addresses::Addresses,
    ring::{Reader, Share, Writer, ring},
};
use crate::{EndpointId, shard::Route};

/// Shards that can be joined: what one character of a user name can tell apart.
pub const MAX_SHARDS: usize = 64;

/// Records read between two rounds of everything else.
const RECORDS: usize = 4_096;

/// One shard's ends of the rings, and what it heard through them.
///
/// Made for all shards of a process at once by [`Relay::connect`] and given to each with
/// [`Shard::joined`](crate::shard::Shard::joined).
pub struct Relay {
    me: u8,
    /// When all shards' time begins; none for a shard that is alone.
    epoch: Option<Instant>,
    /// By shard; none for the own place.
    links: Vec<Option<Link>>,
    pub(crate) addresses: Addresses,
    /// The tracks that other shards' endpoints publish here, by index.
    pub(crate) publishers: HashMap<EndpointId, Vec<u32>>,
    /// How many those are.
    pub(crate) tracks: u64,
    /// Whose handed-over datagram is being taken in.
    pub(crate) handing: Option<u8>,
    /// Where records are read to.
    record: Vec<u8>,
}

struct Link {
    writer: Writer,
    reader: Reader,
}

impl Relay {
    /// Joins `count` shards, at most [`MAX_SHARDS`]; the relay of shard 0 comes first. Their
    /// clocks all begin at `epoch`, which is before anything happens to any of them.
    ///
    /// # Panics
    ///
    /// If there are more shards than that.
    #[must_use]
    pub fn connect(count: usize, epoch: Instant) -> Vec<Self> {
        assert!(count <= MAX_SHARDS, "at most {MAX_SHARDS} shards can be joined, not {count}");
        let links = || (0..count).map(|_| None).collect();
        let mut relays: Vec<Self> =
            (0..count).map(|me| Self::with(me as u8, Some(epoch), links())).collect();
        for a in 0..count {
            for b in a + 1..count {
                let (there, here) = (ring(), ring());
                relays[a].links[b] = Some(Link { writer: there.0, reader: here.1 });
                relays[b].links[a] = Some(Link { writer: here.0, reader: there.1 });
            }
        }
        relays
    }

    /// The relay of a shard that has no others.
    pub(crate) fn alone() -> Self {
        Self::with(0, None, Vec::new())
    }

    fn with(me: u8, epoch: Option<Instant>, links: Vec<Option<Link>>) -> Self {
        Self {
            me,
            epoch,
            links,
            addresses: Addresses::default(),
            publishers: HashMap::new(),
            tracks: 0,
            handing: None,
            record: Vec::new(),
        }
    }

    /// The same ends for a shard that takes the place of one that was lost. The others are told
    /// to forget that one.
    pub(crate) fn anew(self) -> Self {
        let mut new = Self::with(self.me, self.epoch, self.links);
        new.tell_all(&Record::Begin);
        new
    }

    /// Which shard this is, counted from 0.
    #[must_use]
    pub const fn me(&self) -> u8 {
        self.me
    }

    /// When all shards' time begins.
    pub(crate) const fn epoch(&self) -> Option<Instant> {
        self.epoch
    }

    /// A time as records tell it.
    pub(crate) fn stamp(&self, at: Instant) -> u64 {
        let since = self.epoch.map_or(Duration::ZERO, |epoch| at.saturating_duration_since(epoch));
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    /// The time a record tells.
    pub(crate) fn instant(&self, stamp: u64, now: Instant) -> Instant {
        let at = self.epoch.and_then(|epoch| epoch.checked_add(Duration::from_nanos(stamp)));
        at.map_or(now, |at| at.min(now))
    }

    /// The other shard that a local user name fragment names, if one is there.
    pub(crate) fn named(&self, ufrag: &str) -> Option<u8> {
        shard_of(ufrag).filter(|shard| matches!(self.links.get(usize::from(*shard)), Some(Some(_))))
    }

    /// Hands a datagram on, unless there is no room: false.
    pub(crate) fn hand(&mut self, shard: u8, record: &Record<'_>) -> bool {
        self.write(shard, record, Share::All)
    }

    /// The same for one of which nobody knows yet whether it is authentic.
    pub(crate) fn hand_stranger(&mut self, shard: u8, record: &Record<'_>) -> bool {
        self.write(shard, record, Share::Half)
    }

    fn write(&mut self, shard: u8, record: &Record<'_>, share: Share) -> bool {
        self.links
            .get_mut(usize::from(shard))
            .and_then(Option::as_mut)
            .is_some_and(|link| link.writer.offer(&record.head(), record.body(), share))
    }

    /// Tells one shard something it must hear.
    pub(crate) fn tell(&mut self, shard: u8, record: &Record<'_>) {
        if let Some(Some(link)) = self.links.get_mut(usize::from(shard)) {
            link.writer.insist(&record.head());
        }
    }

    /// Tells all shards something they must hear.
    pub(crate) fn tell_all(&mut self, record: &Record<'_>) {
        for link in self.links.iter_mut().flatten() {
            link.writer.insist(&record.head());
        }
    }

    /// Tells all shards that a route is ours; what was told before is only repeated.
    pub(crate) fn claim(&mut self, route: Route) {
        let record = Record::Mine { route };
        if self.addresses.claim(route) {
            self.tell_all(&record);
        } else {
            for link in self.links.iter_mut().flatten() {
                link.writer.offer(&record.head(), &[], Share::All);
            }
        }
    }

    /// Takes back what was told of a route.
    pub(crate) fn disclaim(&mut self, route: &Route) {
        if self.addresses.disclaim(route) {
            self.tell_all(&Record::NotMine { route: *route });
        }
    }

    /// The shards that must be told everything anew, as bits.
    pub(crate) fn recovered(&mut self) -> u64 {
        let mut shards = 0;
        for (shard, link) in self.links.iter_mut().enumerate() {
            let Some(link) = link else { continue };
            link.writer.resume();
            if link.writer.recovered() {
                shards |= 1 << shard;
            }
        }
        shards
    }

    /// Reads what the others wrote, each in its order, at most so much that everything else has
    /// its turn. `each` is lent the relay without what it reads from, and the bytes of a record.
    /// Whether more may wait.
    pub(crate) fn read<S>(
        state: &mut S,
        mut relay: impl FnMut(&mut S) -> &mut Self,
        mut each: impl FnMut(&mut S, u8, &mut [u8]),
    ) -> bool {
        let count = relay(state).links.len();
        let mut more = false;
        let mut record = std::mem::take(&mut relay(state).record);
        for shard in 0..count {
            let mut left = RECORDS;
            while left > 0 {
                let Some(Some(link)) = relay(state).links.get_mut(shard) else { break };
                let Some(len) = link.reader.next(&mut record) else { break };
                each(state, shard as u8, &mut record[..len]);
                left -= 1;
            }
            more |= left == 0;
        }
        relay(state).record = record;
        more
    }

    /// Whether something that another shard must hear waits for room.
    pub(crate) fn is_behind(&self) -> bool {
        self.links.iter().flatten().any(|link| link.writer.is_behind())
    }

    /// Whether anything waits to be read.
    pub(crate) fn waits(&self) -> bool {
        self.links.iter().flatten().any(|link| link.reader.waits())
    }

    /// The shards that something was written to since this was asked last, as bits.
    pub(crate) fn take_written(&mut self) -> u64 {
        let mut shards = 0;
        for (shard, link) in self.links.iter_mut().enumerate() {
            if link.as_mut().is_some_and(|link| link.writer.take_written()) {
                shards |= 1 << shard;
            }
        }
        shards
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("me", &self.me).finish_non_exhaustive()
    }
}

/// ICE characters (RFC 8839, section 5.4), as numbers of shards.
const NUMBERS: &[u8; MAX_SHARDS] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a shard's local user name fragments begin with.
pub(crate) fn initial(shard: u8) -> char {
    NUMBERS[usize::from(shard) % MAX_SHARDS] as char
}

/// The shard a local user name fragment names.
fn shard_of(ufrag: &str) -> Option<u8> {
    let initial = ufrag.as_bytes().first()?;
    NUMBERS.iter().position(|number| number == initial).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_names_the_shard_it_was_given_by() {
        let relays = Relay::connect(3, Instant::now());
        for shard in 0..MAX_SHARDS as u8 {
            let ufrag = format!("{}rest", initial(shard));
            assert_eq!(shard_of(&ufrag), Some(shard));
            assert_eq!(relays[1].named(&ufrag), [0, 2].contains(&shard).then_some(shard));
        }
        assert_eq!((shard_of(""), shard_of("-")), (None, None));
        assert_eq!(Relay::alone().named("Arest"), None);
    }

    #[test]
    fn times_cross_as_they_are() {
        let epoch = Instant::now();
        let relay = &Relay::connect(2, epoch)[0];
        let at = epoch + Duration::from_nanos(123_456_789);
        assert_eq!(relay.instant(relay.stamp(at), at), at);
        assert_eq!(relay.instant(u64::MAX, at), at, "never later than now");
    }
}
