//! One published track: what it sends, who is fed from it, and what has just arrived.

use std::time::{Duration, Instant};

use super::{layers::Demand, links::Account};
use crate::{
    MediaKind, TrackId,
    endpoint::answer::SendLine,
    forward::Gate,
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
    /// Whose it is, by index.
    pub(crate) endpoint: u32,
    /// Its endpoint's group, by index.
    pub(crate) group: u32,
    pub(crate) kind: MediaKind,
    /// It shows whoever publishes it.
    pub(crate) camera: bool,
    pub(crate) codec: Codec,
    /// Its peer repeats what we ask for: sound is too short-lived for that.
    pub(crate) repairable: bool,
    pub(crate) track: Track,
    pub(crate) streams: Vec<Stream>,
    /// Endpoint and slot of everyone it feeds, by index.
    pub(crate) subscribers: Vec<(u32, u16)>,
    /// Whether each encoding lives and how high its pictures are, as last looked at.
    pub(crate) measured: [(bool, u16); MAX_ENCODINGS],
    /// Who needs which of them.
    pub(crate) demand: Demand,
    /// When they were last looked at.
    pub(crate) looked: Option<Instant>,
    /// What arrived since the last drain, in order of arrival.
    pub(crate) fresh: Vec<Fresh>,
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
}

/// A packet that waits to be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fresh {
    pub(crate) encoding: u8,
    pub(crate) seq: u64,
}

impl Published {
    pub(crate) fn new(id: TrackId, endpoint: u32, group: u32, line: &SendLine) -> Self {
        let codec = coded_with(line);
        let track = Track::new(codec, line.rids.len().min(MAX_ENCODINGS));
        Self {
            id,
            endpoint,
            group,
            kind: line.kind,
            camera: false,
            codec,
            repairable: line.kind == MediaKind::Video,
            streams: vec![Stream::default(); track.encodings.len()],
            track,
            subscribers: Vec::new(),
            measured: [(false, 0); MAX_ENCODINGS],
            demand: Demand::default(),
            looked: None,
            fresh: Vec::new(),
        }
    }

    /// Takes over what a later answer settled on. True when that is another codec: everything
    /// received so far is dropped then.
    pub(crate) fn resettle(&mut self, line: &SendLine) -> bool {
        let codec = coded_with(line);
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
        states.map(move |(state, encoding)| EncodingState {
            alive: state.alive && !dead(encoding),
            ..state
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
