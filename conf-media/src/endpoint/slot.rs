//! One receive slot: which source feeds it, and the stream of its own it sends.

use std::time::Instant;

use super::answer::{Codec as NegotiatedCodec, SlotLine};
use crate::{
    MediaKind,
    forward::{Lane, Outgoing, Rewrite, Select, Sent},
    prefetch::prefetch,
    rtp::{AudioLevel, Codec, PayloadFacts, Prefix, RtpHeader, write_header},
};

/// Packets a slot remembers for repairs. More answers later requests, at 16 bytes each; a second
/// of a 2.5 Mbit/s layer has about 280.
const VIDEO_MEMORY: usize = 1_024;
/// The same for audio, at fifty packets a second.
const AUDIO_MEMORY: usize = 128;

/// Bytes of the longest header a slot writes: fixed part, an audio level and a transport-wide
/// number.
pub(crate) const HEADER_MAX: usize = 24;

/// A slot line and the stream that leaves on it. Its SSRCs never change; what feeds it does.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) mid: String,
    pub(crate) kind: MediaKind,
    pub(crate) ssrc: u32,
    pub(crate) rtx: Option<Repairs>,
    codecs: Vec<NegotiatedCodec>,
    audio_level: Option<u8>,
    /// The id under which packets carry transport-wide numbers.
    transport: Option<u8>,
    /// The line still receives; what does not gets no track and keeps its numbers.
    pub(crate) active: bool,
    /// The track that feeds it now, by index.
    pub(crate) track: Option<u32>,
    /// The encoding it would show if all were sent.
    pub(crate) desired: u8,
    /// Loss and highest number of the latest receiver report.
    pub(crate) reported: Option<(i32, u32)>,
    pub(crate) select: Select,
    pub(crate) rewrite: Rewrite,
    pub(crate) sent: Sent,
    /// Where in its source's ring sending waits for credit.
    pub(crate) backlog: Option<Backlog>,
    /// What sender reports say.
    pub(crate) packets: u32,
    pub(crate) octets: u32,
    /// Outgoing minus incoming RTP timestamp of the current lane, after its first packet.
    pub(crate) shift: Option<(Lane, u32)>,
    /// When the next sender report is due; set with the first packet.
    pub(crate) report_due: Option<Instant>,
    /// Earlier packets that each packet of sound repeats, or how often each of a picture is repeated.
    pub(crate) repeats: u8,
}

/// The packets of a lane that wait: all from a number on, to the newest there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backlog {
    pub(crate) encoding: u8,
    /// The first that waits, by its number in the ring.
    pub(crate) next: u64,
    /// A keyframe of the encoding aimed at, which makes the rest of this one's needless.
    pub(crate) jump: Option<(u8, u64)>,
}

/// The stream that repairs a slot's packets (RFC 4588).
#[derive(Debug)]
pub(crate) struct Repairs {
    pub(crate) ssrc: u32,
    pub(crate) next: u64,
}

impl Slot {
    /// A slot for a negotiated line. `start` is random: sequence numbers begin in its lower
    /// half, so that a receiver cannot take a lost first packet for a wrap.
    pub(crate) fn new(line: &SlotLine, start: [u32; 3]) -> Self {
        let low = |number: u32| (number & 0x7fff) as u16;
        let codec = match line.kind {
            MediaKind::Audio => Codec::Opus,
            MediaKind::Video => Codec::Vp8,
        };
        Self {
            mid: line.mid.clone(),
            kind: line.kind,
            ssrc: line.ssrc,
            rtx: line.rtx_ssrc.map(|ssrc| Repairs { ssrc, next: low(start[2]).into() }),
            codecs: line.codecs.clone(),
            audio_level: line.extensions.audio_level,
            transport: line.extensions.transport_cc,
            active: true,
            track: None,
            desired: 0,
            reported: None,
            select: Select::default(),
            rewrite: Rewrite::new(codec, low(start[0]), start[1]),
            sent: Sent::new(memory(line.kind)),
            backlog: None,
            packets: 0,
            octets: 0,
            shift: None,
            report_due: None,
            repeats: 0,
        }
    }

    /// Asks for what is kept outside of it and a packet needs.
    #[inline]
    pub(crate) fn prefetch(&self) {
        if let Some(codec) = self.codecs.first() {
            prefetch(codec);
        }
        self.rewrite.prefetch();
        self.sent.prefetch();
    }

    /// The payload type this subscriber wants a codec under; none when it cannot take it.
    pub(crate) fn payload_type(&self, codec: Codec) -> Option<&NegotiatedCodec> {
        self.codecs.iter().find(|known| known.name == codec)
    }

    /// How a packet of a track coded with `codec` leaves: under which payload type, and in
    /// `outgoing` without what the subscriber cannot take. None when it cannot take any of it.
    ///
    /// Redundant sound goes as it is to whoever negotiated it under the same inner payload type,
    /// without its repeated packets to all others, and to all while some of those were said before
    /// its source was let be heard.
    #[inline]
    pub(crate) fn dress(
        &self,
        codec: Codec,
        payload: &PayloadFacts,
        outgoing: &mut Outgoing,
    ) -> Option<&NegotiatedCodec> {
        let plain = self.payload_type(codec)?;
        let PayloadFacts::Red(layout) = payload else { return Some(plain) };
        if layout.whole
            && layout.payload_type == plain.pt
            && let Some(red) = self.payload_type(Codec::Red)
        {
            return Some(red);
        }
        outgoing.prefix = Prefix::leaving_out(layout.primary_at);
        Some(plain)
    }

    /// The payload types of redundant sound and of what is inside, if the subscriber takes it.
    pub(crate) fn redundant(&self) -> Option<(u8, u8)> {
        let red = self.payload_type(Codec::Red)?;
        Some((red.pt, self.payload_type(Codec::Red.unwrapped())?.pt))
    }

    /// Gives the slot another track, or none. What was sent cannot be repaired any more.
    pub(crate) fn assign(&mut self, track: Option<u32>) {
        self.track = track;
        self.restart();
        self.select.aim(None);
    }

    /// Forgets what was sent and waits for its target to begin anew. What stood for a number
    /// must never be looked up in another source: the same number would be sealed twice with
    /// different bytes.
    pub(crate) fn restart(&mut self) {
        let target = self.select.target();
        self.shift = None;
        self.backlog = None;
        self.sent = Sent::new(memory(self.kind));
        self.select.aim(None);
        self.select.aim(target);
    }

    /// Leaves what it shows for the next keyframe of what it is to show: where that has to be
    /// asked for, if anywhere. What was sent can still be repaired.
    pub(crate) fn leave(&mut self) -> Option<Lane> {
        let target = self.select.target();
        self.backlog = None;
        self.select.aim(None);
        self.select.aim(target);
        self.select.awaiting()
    }

    /// Whether packets of this codec carry a transport-wide number.
    ///
    /// Not those of pictures that are repeated as they were, for want of RTX: a packet must not
    /// be sealed twice under one index with another number in its header. Sound is not repeated.
    pub(crate) fn is_numbered(&self, codec: &NegotiatedCodec) -> bool {
        self.transport.is_some() && (codec.rtx_pt.is_some() || self.kind == MediaKind::Audio)
    }

    /// Whether repeats of what it sent can tell what the link carries.
    pub(crate) fn pads(&self) -> bool {
        self.kind == MediaKind::Video
            && self.track.is_some()
            && self.rtx.is_some()
            && self.transport.is_some()
    }

    /// The extension a transport-wide number is written into.
    pub(crate) const fn transport(&self) -> Option<u8> {
        self.transport
    }

    /// Aims at an encoding of the track. True when a keyframe is needed to get there.
    pub(crate) fn aim(&mut self, encoding: u8) -> bool {
        let Some(track) = self.track else { return false };
        let lane = Lane { source: track, encoding };
        if self.select.target() == Some(lane) {
            return false;
        }
        self.select.aim(Some(lane));
        self.select.awaiting() == Some(lane)
    }

    /// Writes the header a packet leaves with, `number` being the transport-wide one; its length.
    pub(crate) fn write_header(
        &self,
        out: &mut [u8; HEADER_MAX],
        payload_type: u8,
        outgoing: &Outgoing,
        level: Option<AudioLevel>,
        number: Option<u16>,
    ) -> Option<usize> {
        let header = RtpHeader {
            marker: outgoing.marker,
            payload_type,
            seq: outgoing.seq as u16,
            timestamp: outgoing.timestamp,
            ssrc: self.ssrc,
        };
        let level = self.audio_level.zip(level.map(|level| [level.to_byte()]));
        let number = self.transport.zip(number.map(u16::to_be_bytes));
        match (&level, &number) {
            (Some((a, level)), Some((b, number))) => {
                write_header(out, &header, &[(*a, level), (*b, number)])
            }
            (Some((id, level)), None) => write_header(out, &header, &[(*id, level)]),
            (None, Some((id, number))) => write_header(out, &header, &[(*id, number)]),
            (None, None) => write_header(out, &header, &[]),
        }
    }

    /// Counts a packet for sender reports, and where its timestamps lie.
    pub(crate) fn count(&mut self, lane: Lane, incoming: u32, outgoing: &Outgoing, len: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(len as u32);
        self.shift = Some((lane, outgoing.timestamp.wrapping_sub(incoming)));
    }
}

fn memory(kind: MediaKind) -> usize {
    match kind {
        MediaKind::Audio => AUDIO_MEMORY,
        MediaKind::Video => VIDEO_MEMORY,
    }
}

/// The index an outgoing number has for SRTP, whose roll-over counter begins at zero while the
/// rewriter's numbers begin in their second cycle.
pub(crate) fn srtp_index(seq: u64) -> Option<u64> {
    seq.checked_sub(1 << 16)
}
