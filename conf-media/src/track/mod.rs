//! A published source: its encodings, each with everything known about the packets it sent.

pub mod arrival;
pub mod gaps;
pub mod keyframe;
pub mod layer;
pub mod monitor;
pub mod report;
pub mod ring;

use std::time::Instant;

pub use arrival::Arrivals;
pub use gaps::Gaps;
pub use keyframe::KeyframeRequests;
pub use layer::EncodingState;
pub use monitor::Monitor;
pub use report::Reception;
pub use ring::{Ring, RingLimits, Stored};

use crate::forward::Gate;
use crate::rtp::{
    AudioLevel, Codec, PacketFacts, PayloadError, PayloadFacts, RtpView, SeqExtender,
};

/// Most encodings one track can have; more are refused at the answer.
pub const MAX_ENCODINGS: usize = 4;

/// How far back what a packet repeats may lie: as many packets as a redundant payload may hold, and
/// those lost before them.
const REPEATED_MOST: u64 = 16;

/// A published source. Starts with a closed gate and no encoding.
#[derive(Debug)]
pub struct Track {
    /// Closed until opened: ask it before anything else looks at a packet.
    pub gate: Gate,
    /// Lowest quality first, as the offer's `rid`s are ordered; one for audio.
    pub encodings: Vec<Encoding>,
    codec: Codec,
}

impl Track {
    /// A track with `encodings` encodings, clamped to 1..=[`MAX_ENCODINGS`].
    #[must_use]
    pub fn new(codec: Codec, encodings: usize) -> Self {
        let count = encodings.clamp(1, MAX_ENCODINGS);
        Self {
            gate: Gate::default(),
            encodings: (0..count).map(|_| Encoding::new(codec)).collect(),
            codec,
        }
    }

    /// What it is coded with.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// What each encoding delivers now, lowest index first; for `allocate`.
    pub fn states(&self, now: Instant) -> impl Iterator<Item = EncodingState> + '_ {
        self.encodings.iter().zip(0u8..).map(move |(encoding, index)| {
            let monitor = &encoding.monitor;
            let (alive, (bitrate, frames)) = (monitor.alive(now), monitor.rates(now));
            let bitrate = if alive { bitrate } else { monitor.took(now) };
            EncodingState { index, height: monitor.height(), bitrate, frames, alive }
        })
    }
}

/// How a packet reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// As the source first sent it.
    Direct,
    /// As a repair (RTX, RFC 4588) that we had asked for.
    Repair,
    /// Repeated in a later packet (RED, RFC 2198).
    Redundancy,
}

/// What became of a packet an encoding was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Stored: read it from the ring by `seq`, and forward it.
    New {
        /// Its facts, also in the ring.
        facts: PacketFacts,
        /// More packets are missing than can be asked for: ask for a keyframe instead.
        hopeless: bool,
    },
    /// Seen before; drop it.
    Duplicate,
    /// Older than the ring reaches, or too long for it; drop it.
    Unusable,
}

/// One stream of packets from one SSRC.
#[derive(Debug)]
pub struct Encoding {
    /// Decrypted packets, for fan-out and for repairs.
    pub ring: Ring,
    /// What is missing and when to ask for it.
    pub gaps: Gaps,
    /// Statistics for receiver reports.
    pub reception: Reception,
    /// Whether it lives, how fast and how large.
    pub monitor: Monitor,
    /// When to ask the source for a keyframe.
    pub keyframes: KeyframeRequests,
    seq: SeqExtender,
    codec: Codec,
    /// The RTP timestamp with which it began, until nothing can repeat what was before.
    began: Began,
}

/// What is known of when an encoding began.
#[derive(Debug, Clone, Copy, Default)]
enum Began {
    #[default]
    Not,
    /// With this RTP timestamp.
    With(u32),
    /// Longer ago than a redundant payload reaches back.
    Long,
}

impl Began {
    /// Takes in a timestamp; whether something so many ticks older came after the beginning.
    fn after(&mut self, timestamp: u32, age: u16) -> bool {
        let since = match *self {
            Self::Not => 0,
            Self::With(first) => timestamp.wrapping_sub(first) as i32,
            Self::Long => return true,
        };
        if matches!(self, Self::Not) {
            *self = Self::With(timestamp);
        } else if since > 1 << 14 {
            *self = Self::Long;
        }
        since >= i32::from(age)
    }
}

impl Encoding {
    /// An encoding nothing was received of; its ring takes no memory yet.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        let limits = if codec.is_video() { RingLimits::VIDEO } else { RingLimits::AUDIO };
        Self {
            ring: Ring::new(limits),
            gaps: Gaps::new(),
            reception: Reception::new(codec.clock_rate()),
            monitor: Monitor::default(),
            keyframes: KeyframeRequests::default(),
            seq: SeqExtender::default(),
            codec,
            began: Began::Not,
        }
    }

    /// Takes in one decrypted packet: parses its descriptor, stores it, and notes it in every
    /// account kept here. Cost: one copy of the payload into the ring.
    ///
    /// `codec` is what its payload type says: the encoding's own, or a wrapper around it.
    /// For a repair, `view` must show the original's sequence number and a payload without the
    /// two-byte original number.
    ///
    /// # Errors
    /// When the payload is cut short or not what its codec allows; nothing but the arrival was
    /// noted then.
    pub fn receive(
        &mut self,
        now: Instant,
        codec: Codec,
        view: &RtpView<'_>,
        audio_level: Option<AudioLevel>,
        path: Path,
    ) -> Result<Received, PayloadError> {
        let seq = match path {
            Path::Direct => self.seq.extend(view.seq),
            // A repair never moves the newest number: it cannot be ahead of what it repairs.
            Path::Repair | Path::Redundancy => match self.seq.peek(view.seq) {
                Some(seq) => seq,
                None => return Ok(Received::Unusable),
            },
        };
        let mut facts = PacketFacts::read(codec, seq, view)?;
        facts.audio_level = audio_level;
        if let PayloadFacts::Red(layout) = &mut facts.payload {
            layout.whole = self.began.after(view.timestamp, layout.oldest);
        } else if !codec.is_video() {
            self.began.after(view.timestamp, 0);
        }
        match self.ring.insert(now, &facts, view.payload()) {
            ring::Insert::Stored => {}
            ring::Insert::Duplicate => return Ok(Received::Duplicate),
            ring::Insert::TooOld | ring::Insert::TooLong => return Ok(Received::Unusable),
        }
        if path == Path::Direct {
            self.reception.received(now, seq, view.timestamp);
        }
        self.monitor.received(now, view.header_len() + view.payload().len(), &facts);
        if facts.is_entry() {
            self.keyframes.arrived();
        }
        let hopeless = self.gaps.received(now, seq);
        Ok(Received::New { facts, hopeless })
    }

    /// The number of a packet that is not there, `age` ticks before the one that arrived as `seq` at
    /// `timestamp`. None where it is there, or numbers and time do not go in equal steps from the
    /// latest packet before: a pause cannot be told from a loss then.
    #[must_use]
    pub fn lost_before(&self, seq: u16, timestamp: u32, age: u32) -> Option<u16> {
        let newest = self.seq.peek(seq)?;
        let known = (1..=REPEATED_MOST)
            .filter_map(|back| self.ring.get(newest.checked_sub(back)?))
            .next()?;
        let numbers = u32::try_from(newest - known.facts.seq).ok()?;
        let ticks = timestamp.wrapping_sub(known.facts.timestamp);
        let step =
            ticks.checked_div(numbers).filter(|step| *step > 0 && ticks.is_multiple_of(numbers))?;
        let back = age.is_multiple_of(step).then_some(age / step)?;
        // Between the two, neither of them.
        (1..numbers).contains(&back).then(|| seq.wrapping_sub(back as u16))
    }

    /// Starts its accounts anew, after a time in which its packets were turned away at the gate:
    /// what was not let in is neither lost nor missing. The ring's contents go as well.
    pub fn resume(&mut self) {
        self.ring.release();
        self.gaps.clear();
        self.began = Began::Not;
        self.reception = Reception::new(self.codec.clock_rate());
    }

    /// The newest extended sequence number.
    #[must_use]
    pub const fn newest(&self) -> Option<u64> {
        self.seq.highest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::{RtpHeader, write_header};

    fn receive(encoding: &mut Encoding, now: Instant, seq: u16, path: Path) -> Received {
        let header = RtpHeader { marker: false, payload_type: 96, seq, timestamp: 0, ssrc: 1 };
        let mut bytes = [0; 20];
        let len = write_header(&mut bytes, &header, &[]).unwrap();
        bytes[len] = 0x10;
        let view = RtpView::parse(&bytes).unwrap();
        encoding.receive(now, Codec::Vp8, &view, None, path).unwrap()
    }

    #[test]
    fn a_track_is_closed_until_opened_and_has_at_least_one_encoding() {
        let mut track = Track::new(Codec::Vp8, 0);
        assert!(!track.gate.admit());
        assert_eq!(track.encodings.len(), 1);
        assert_eq!(Track::new(Codec::Vp8, 99).encodings.len(), MAX_ENCODINGS);
        assert!(track.states(Instant::now()).all(|state| !state.alive));
    }

    #[test]
    fn a_repair_fills_its_gap_and_counts_once() {
        let now = Instant::now();
        let mut encoding = Encoding::new(Codec::Vp8);
        assert!(matches!(receive(&mut encoding, now, 9, Path::Repair), Received::Unusable));
        receive(&mut encoding, now, 10, Path::Direct);
        receive(&mut encoding, now, 12, Path::Direct);
        assert_eq!(encoding.gaps.missing(), 1);
        assert!(matches!(receive(&mut encoding, now, 11, Path::Repair), Received::New { .. }));
        assert_eq!(encoding.gaps.missing(), 0);
        assert_eq!(receive(&mut encoding, now, 11, Path::Repair), Received::Duplicate);
        let block = encoding.reception.block(now, 1).unwrap();
        assert_eq!(block.packets_lost, 1);
    }

    #[test]
    fn a_lost_packet_is_placed_by_its_age_and_a_pause_is_no_loss() {
        let mut encoding = Encoding::new(Codec::Opus);
        let mut at = |seq: u16, timestamp| {
            let header = RtpHeader { marker: false, payload_type: 111, seq, timestamp, ssrc: 1 };
            let mut bytes = [7; 20];
            write_header(&mut bytes, &header, &[]).unwrap();
            let view = RtpView::parse(&bytes).unwrap();
            encoding.receive(Instant::now(), Codec::Opus, &view, None, Path::Direct).unwrap();
            let lost = |age| encoding.lost_before(seq, timestamp, age);
            [lost(960), lost(1_920), lost(2_880), lost(480)]
        };
        assert_eq!(at(65_534, 0), [None; 4], "there is nothing before it");
        assert_eq!(at(65_535, 960), [None; 4], "nothing is missing");
        assert_eq!(at(2, 3 * 960 + 960), [Some(1), Some(0), None, None]);
        assert_eq!(at(4, 30 * 960), [None; 4], "a packet was lost, or none was sent");
    }

    #[test]
    fn what_was_turned_away_at_the_gate_is_not_missing_afterwards() {
        let now = Instant::now();
        let mut encoding = Encoding::new(Codec::Vp8);
        receive(&mut encoding, now, 10, Path::Direct);
        encoding.resume();
        let Received::New { hopeless: false, facts } =
            receive(&mut encoding, now, 5000, Path::Direct)
        else {
            panic!("the first packet after the gate opened is an ordinary one");
        };
        assert_eq!(facts.seq as u16, 5000);
        assert_eq!(encoding.gaps.missing(), 0);
        assert_eq!(encoding.reception.block(now, 1).unwrap().packets_lost, 0);
    }
}
