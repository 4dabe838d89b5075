//! One published track: what it sends, who is fed from it, and what has just arrived.

use std::time::{Duration, Instant};

use super::{clock::PeerClock, layers::Demand, links::Account};
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    endpoint::answer::SendLine,
    forward::Gate,
    relay::{Interest, Told},
    rtp::Codec,
    track::{Encoding, EncodingState, MAX_ENCODINGS, Track},
};

/// Packets of one track that may wait for the next drain; further ones stay in the ring only.
const FRESH: usize = 4_096;
/// A layer silent for longer is dead, if another of its track is alive. Shorter leaves slow
/// layers (a temporal base at 5 fps) at every hiccup; longer freezes the picture longer.
const LAYER_DEAD: Duration = Duration::from_millis(600);
/// What counts as alive for that.
const SIBLING_ALIVE: Duration = Duration::from_millis(200);

/// A track of the shard.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) id: TrackId,
    /// Whose it is.
    pub(crate) home: Home,
    /// Its endpoint's group, by index.
    pub(crate) group: u32,
    pub(crate) kind: MediaKind,
    /// It shows whoever publishes it.
    pub(crate) camera: bool,
    /// It shows a sign-language interpreter.
    pub(crate) interpreter: bool,
    pub(crate) codec: Codec,
    /// Its peer is asked to repeat what is missing.
    pub(crate) repairable: bool,
    pub(crate) track: Track,
    pub(crate) streams: Vec<Stream>,
    /// Endpoint and slot of everyone it feeds, by index.
    pub(crate) subscribers: Vec<(u32, u16)>,
    /// Whether each encoding lives and how high its pictures are, as last looked at.
    pub(crate) measured: [(bool, u16); MAX_ENCODINGS],
    /// Who needs which of them.
    pub(crate) demand: Demand,
    /// What other shards need of it, if it is at home here; what its home was told, if not.
    pub(crate) interests: Vec<(u8, Interest)>,
    /// Its publisher's wall clock, if that is on another shard.
    pub(crate) clock: PeerClock,
    /// When they were last looked at.
    pub(crate) looked: Option<Instant>,
    /// What arrived since the last drain, in order of arrival.
    pub(crate) fresh: Vec<Fresh>,
}

/// Where a track's publisher is. A closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// Here, by index.
    Here(u32),
    /// On another shard: its packets come through the relay.
    There {
        /// Which shard.
        shard: u8,
        /// Who it is.
        endpoint: EndpointId,
    },
}

impl Home {
    /// The publisher's index, if it is here.
    pub(crate) const fn here(self) -> Option<u32> {
        match self {
            Self::Here(at) => Some(at),
            Self::There { .. } => None,
        }
    }

    /// The other shard it is on, if it is on another.
    pub(crate) const fn there(self) -> Option<u8> {
        match self {
            Self::Here(_) => None,
            Self::There { shard, .. } => Some(shard),
        }
    }
}

/// What is known of an encoding beside its packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stream {
    pub(crate) ssrc: Option<u32>,
    /// The pair of its latest sender report: NTP time (32.32) and RTP timestamp.
    pub(crate) clock: Option<(u64, u32)>,
    /// Someone is fed from it or waits for it.
    pub(crate) watched: bool,
    /// What arrived, for judging the link.
    pub(crate) account: Account,
    /// When another shard was last asked for a keyframe of it.
    pub(crate) asked: Option<Instant>,
}

/// A packet that waits to be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fresh {
    pub(crate) encoding: u8,
    pub(crate) seq: u64,
}

impl Published {
    pub(crate) fn new(id: TrackId, endpoint: u32, group: u32, line: &SendLine) -> Self {
        let (kind, codec) = (line.kind, coded_with(line));
        let mut track =
            Self::empty(id, Home::Here(endpoint), group, (kind, codec), line.rids.len());
        // Sound is too short-lived for that.
        track.repairable = kind == MediaKind::Video;
        track
    }

    /// A track of another shard's: what it misses is asked for there.
    pub(crate) fn remote(shard: u8, group: u32, told: &Told) -> Self {
        let home = Home::There { shard, endpoint: told.endpoint };
        let coded = (told.kind, told.codec);
        let mut track = Self::empty(told.track, home, group, coded, told.encodings.into());
        (track.camera, track.interpreter) = (told.camera, told.interpreter);
        track.track.gate.set(told.open);
        track
    }

    fn empty(
        id: TrackId,
        home: Home,
        group: u32,
        (kind, codec): (MediaKind, Codec),
        encodings: usize,
    ) -> Self {
        let track = Track::new(codec, encodings.min(MAX_ENCODINGS));
        Self {
            id,
            home,
            group,
            kind,
            camera: false,
            interpreter: false,
            codec,
            repairable: false,
            streams: vec![Stream::default(); track.encodings.len()],
            track,
            subscribers: Vec::new(),
            measured: [(false, 0); MAX_ENCODINGS],
            demand: Demand::default(),
            interests: Vec::new(),
            clock: PeerClock::default(),
            looked: None,
            fresh: Vec::new(),
        }
    }

    /// Takes over what a later answer settled on. True when that is another codec: everything
    /// received so far is dropped then.
    pub(crate) fn resettle(&mut self, line: &SendLine) -> bool {
        self.recode(coded_with(line))
    }

    /// Takes another codec; true when it is one.
    pub(crate) fn recode(&mut self, codec: Codec) -> bool {
        if codec == self.codec {
            return false;
        }
        let gate = self.track.gate;
        self.codec = codec;
        self.track = Track::new(codec, self.track.encodings.len());
        self.track.gate = gate;
        self.fresh.clear();
        true
    }

    pub(crate) fn gate(&mut self) -> &mut Gate {
        &mut self.track.gate
    }

    pub(crate) fn is_open(&self) -> bool {
        self.track.gate.is_open()
    }

    /// What each encoding delivers. One that fell silent while another goes on counts as dead
    /// sooner than a track that fell silent as a whole: publishers stop single layers when
    /// their link or processor is short.
    pub(crate) fn states(&self, now: Instant) -> impl Iterator<Item = EncodingState> + '_ {
        let silent = move |last: Option<Instant>| {
            last.map_or(Duration::MAX, |last| now.saturating_duration_since(last))
        };
        let lasts = self.track.encodings.iter().map(|encoding| encoding.monitor.last());
        let freshest = lasts.map(silent).min().unwrap_or(Duration::MAX);
        let dead = move |encoding: &Encoding| {
            freshest < SIBLING_ALIVE && silent(encoding.monitor.last()) > LAYER_DEAD
        };
        let states = self.track.states(now).zip(&self.track.encodings);
        states.map(move |(state, encoding)| {
            let alive = state.alive && !dead(encoding);
            let bitrate = if alive { state.bitrate } else { encoding.monitor.took(now) };
            EncodingState { alive, bitrate, ..state }
        })
    }

    /// Drops everything that was received, for a track that was closed: what was said before
    /// the gate closed is not sent after it opens.
    pub(crate) fn close(&mut self) {
        self.fresh.clear();
        for encoding in &mut self.track.encodings {
            *encoding = Encoding::new(self.codec);
        }
        for stream in &mut self.streams {
            stream.account = Account::default();
        }
    }

    /// Notes which SSRC an encoding is sent from now. True when it had another one before: its
    /// packets then have nothing to do with those received so far, which are dropped.
    pub(crate) fn sent_from(&mut self, encoding: u8, ssrc: u32) -> bool {
        let at = usize::from(encoding);
        let (Some(stream), Some(received)) =
            (self.streams.get_mut(at), self.track.encodings.get_mut(at))
        else {
            return false;
        };
        if stream.ssrc == Some(ssrc) {
            return false;
        }
        let restarted = stream.ssrc.is_some();
        *stream = Stream { ssrc: Some(ssrc), watched: stream.watched, ..Stream::default() };
        if restarted {
            *received = Encoding::new(self.codec);
            self.fresh.retain(|fresh| fresh.encoding != encoding);
        }
        restarted
    }

    /// Drops what was received of one encoding, whose source is another from now on.
    pub(crate) fn begin_anew(&mut self, encoding: u8) {
        if let Some(received) = self.track.encodings.get_mut(usize::from(encoding)) {
            *received = Encoding::new(self.codec);
            self.fresh.retain(|fresh| fresh.encoding != encoding);
        }
    }

    /// What other shards are told of it.
    pub(crate) fn told(&self, group: GroupId, endpoint: EndpointId) -> Told {
        Told {
            track: self.id,
            group,
            endpoint,
            kind: self.kind,
            camera: self.camera,
            interpreter: self.interpreter,
            codec: self.codec,
            // At most `MAX_ENCODINGS`.
            encodings: self.streams.len() as u8,
            open: self.is_open(),
        }
    }

    /// What other shards need of it, together.
    pub(crate) fn interest(&self) -> Interest {
        let mut sum = Interest::default();
        for (_, interest) in &self.interests {
            sum.watched |= interest.watched;
            sum.needed |= interest.needed;
        }
        sum
    }

    /// Notes what a shard needs; false when that was known.
    pub(crate) fn note_interest(&mut self, shard: u8, interest: Interest) -> bool {
        match self.interests.iter_mut().find(|(known, _)| *known == shard) {
            Some((_, known)) if *known == interest => return false,
            Some((_, known)) => *known = interest,
            None => self.interests.push((shard, interest)),
        }
        true
    }

    /// Queues a packet for the next drain. False when too many wait.
    pub(crate) fn queue(&mut self, fresh: Fresh) -> bool {
        let fits = self.fresh.len() < FRESH;
        if fits {
            self.fresh.push(fresh);
        }
        fits
    }
}

/// What a line's packets are coded with, without their wrapper; never without a codec.
fn coded_with(line: &SendLine) -> Codec {
    let preferred = line.codecs.first().map(|codec| codec.name.unwrapped());
    preferred.unwrap_or(match line.kind {
        MediaKind::Audio => Codec::Opus,
        MediaKind::Video => Codec::Vp8,
    })
}
