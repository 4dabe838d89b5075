//! One peer: its handshakes, keys, sending lines and slots.

pub mod answer;
pub mod demux;
pub mod dtls;
pub mod frame;
#[doc(hidden)]
pub mod fuzzing;
pub mod ice;
pub mod srtp;
pub mod stun;

pub(crate) mod again;
pub(crate) mod downlink;
mod hold;
pub(crate) mod lines;
pub(crate) mod retransmit;
pub(crate) mod slot;
mod transactions;

use std::time::{Duration, Instant};

use self::{
    again::Again,
    answer::Negotiated,
    downlink::Downlink,
    dtls::Dtls,
    ice::{CONSENT, IceLite},
    lines::SendingLines,
    retransmit::RepairBudget,
    slot::Slot,
    srtp::{Opener, Sealer, SrtpKeys},
};
use crate::{
    EndpointId, MediaKind, TrackId,
    forward::redundancy::Redundancy,
    prefetch::prefetch,
    shard::{
        Route, Scope, Wish, Withheld,
        clock::{PeerClock, RoundTrip},
        links::Link,
        published::Published,
        slab::Slab,
    },
    track::Arrivals,
};

/// How long a lost peer may come back to its endpoint.
const KEEP: Duration = Duration::from_secs(60);

/// One peer of a shard.
///
/// In the order it is written: what sending a packet to it needs comes first and together
/// ([`HOT`]), because with hundreds of peers none of it is in a cache any more.
#[repr(C)]
pub(crate) struct Endpoint {
    pub(crate) slots: Vec<Slot>,
    /// None until the handshake is done.
    pub(crate) keys: Option<Keys>,
    pub(crate) repairs: RepairBudget,
    /// What its feedback tells of the way to it.
    pub(crate) downlink: Downlink,
    /// When it is to be looked at next; kept by the shard's wheel.
    pub(crate) due: Option<Instant>,
    /// Where to send: the nominated route, before that the one the handshake came by.
    pub(crate) destination: Option<Route>,
    pub(crate) state: State,
    // Up to here.
    /// Its group, by index.
    pub(crate) group: u32,
    pub(crate) id: EndpointId,
    pub(crate) link: Link,
    /// How much is said again of what it is sent.
    pub(crate) redundancy: Redundancy,
    /// Packets of pictures that are to be.
    pub(crate) again: Again,
    pub(crate) round_trip: RoundTrip,
    pub(crate) lines: SendingLines,
    /// What it publishes, by index.
    pub(crate) tracks: Vec<u32>,
    /// Transport-wide arrivals that were not yet reported.
    pub(crate) arrivals: Arrivals,
    /// One of its SSRCs, which the feedback has to name.
    pub(crate) feedback_media: u32,
    /// Who our reports to it come from.
    pub(crate) reporter: u32,
    pub(crate) feedback_due: Option<Instant>,
    /// When receiver reports are due.
    pub(crate) reports_due: Option<Instant>,
    /// When the state was entered.
    pub(crate) since: Instant,
    pub(crate) clock: PeerClock,
    pub(crate) local: Credentials,
    /// Large, and needed once in seconds.
    pub(crate) ice: Box<IceLite>,
    pub(crate) dtls: Dtls,
    pub(crate) negotiated: Negotiated,
    /// Routes authenticated checks came by, the latest last.
    pub(crate) proven: Vec<Route>,
    /// None: automatic.
    pub(crate) wishes: Option<Vec<Wish>>,
    /// What it was last told that its link does not carry.
    pub(crate) withheld: Vec<(TrackId, Withheld)>,
    /// What it may be given.
    pub(crate) scope: Scope,
    /// Which cameras it may be given; none: all.
    pub(crate) cameras: Option<Vec<TrackId>>,
    /// Height at which it is served without wishes, in pixels.
    pub(crate) automatic_height: u16,
}

/// The bytes of an [`Endpoint`] that sending needs.
pub(crate) const HOT: usize = std::mem::offset_of!(Endpoint, group);

/// Our half of an ICE session, with what names it in descriptions.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) ufrag: String,
    pub(crate) pwd: String,
    pub(crate) session_id: u64,
    pub(crate) session_version: u64,
}

/// Both directions' SRTP.
pub(crate) struct Keys {
    pub(crate) sealer: Sealer,
    pub(crate) opener: Opener,
}

impl Keys {
    pub(crate) fn new(keys: &SrtpKeys) -> Self {
        Self {
            opener: Opener::new(keys.profile, &keys.remote),
            sealer: Sealer::new(keys.profile, &keys.local),
        }
    }
}

/// How far a peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not heard of, or in its handshake.
    Connecting,
    /// Keys are in place and its consent is fresh.
    Connected,
    /// It was connected; its consent has run out.
    Lost,
}

/// What time has done to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// Its consent has just run out.
    Lost,
    /// It will not be waited for any longer.
    Gone,
}

impl Endpoint {
    /// Whether it may be given a track, whose index is `at`.
    pub(crate) fn may_have(&self, at: u32, tracks: &Slab<Published>) -> bool {
        let shown = |track: &Published| {
            !track.camera || self.cameras.as_ref().is_none_or(|shown| shown.contains(&track.id))
        };
        !self.tracks.contains(&at)
            && tracks.get(at).is_some_and(|track| self.scope.holds(track.id) && shown(track))
    }

    /// Asks for what it points to and sending to one of its slots takes.
    #[inline]
    pub(crate) fn prefetch(&self, slot: usize) {
        self.downlink.history.prefetch();
        if let Some(keys) = &self.keys {
            keys.sealer.prefetch();
        }
        if let Some(slot) = self.slots.get(slot) {
            prefetch(slot);
        }
    }

    /// Whether media may be sent to it now.
    pub(crate) fn is_reachable(&self) -> bool {
        self.state == State::Connected
    }

    pub(crate) fn enter(&mut self, state: State, now: Instant) {
        self.state = state;
        self.since = now;
    }

    /// When the peer's silence next changes something.
    pub(crate) fn patience(&self) -> Instant {
        match self.state {
            State::Connected => self.ice.consented().unwrap_or(self.since) + CONSENT,
            State::Connecting | State::Lost => self.since + KEEP,
        }
    }

    /// What the peer's silence means by now.
    pub(crate) fn overdue(&self, now: Instant) -> Option<Overdue> {
        (now >= self.patience()).then_some(match self.state {
            State::Connected => Overdue::Lost,
            State::Connecting | State::Lost => Overdue::Gone,
        })
    }

    /// Sends no packet of a picture a second time unasked, until that is decided anew.
    pub(crate) fn send_pictures_once(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.kind == MediaKind::Video) {
            slot.repeats = 0;
        }
    }

    /// When it has to be looked at next; may be past.
    pub(crate) fn next_due(&self, tracks: &Slab<Published>, now: Instant) -> Instant {
        let mut next = self.patience();
        let mut sooner = |at: Option<Instant>| next = at.map_or(next, |at| at.min(next));
        sooner(self.dtls.poll_timeout());
        if self.state != State::Connected {
            return next;
        }
        sooner(self.feedback_due);
        sooner(self.link.due);
        sooner(self.downlink.due);
        sooner(self.again.due());
        let round_trip = self.round_trip.get();
        for track in self.tracks.iter().filter_map(|at| tracks.get(*at)) {
            sooner(Some(self.reports_due.unwrap_or(now)));
            for (encoding, stream) in track.track.encodings.iter().zip(&track.streams) {
                if stream.ssrc.is_none() {
                    continue;
                }
                sooner(encoding.gaps.poll_timeout(round_trip));
                if stream.watched && track.is_open() {
                    sooner(encoding.keyframes.poll_timeout(now, round_trip));
                }
            }
        }
        for slot in self.slots.iter().filter(|slot| slot.packets > 0) {
            sooner(Some(slot.report_due.unwrap_or(now)));
        }
        next
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
