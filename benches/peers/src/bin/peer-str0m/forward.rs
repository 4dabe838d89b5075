//! A receive line: which outgoing packet an incoming one becomes.

use str0m::Rtc;
use str0m::format::CodecSpec;
use str0m::media::{MediaKind, Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc};

/// The first outgoing sequence number: small, so that the roll-over counter begins at 0.
const FIRST: u64 = 1;

/// One line a player receives on.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) mid: Mid,
    pub(crate) kind: MediaKind,
    pub(crate) ssrc: Ssrc,
    /// Where the current source's numbering lies in the line's; from its first packet.
    offset: Option<Offset>,
    /// The next sequence number no packet has had yet.
    next: u64,
    last_timestamp: u32,
    /// The player's payload type for the source's.
    types: Vec<(Pt, Option<Pt>)>,
}

#[derive(Debug, Clone, Copy)]
struct Offset {
    first: u64,
    sequence: u64,
    timestamp: u32,
}

impl Line {
    pub(crate) fn new(mid: Mid, kind: MediaKind, ssrc: Ssrc) -> Self {
        Self { mid, kind, ssrc, offset: None, next: FIRST, last_timestamp: 0, types: Vec::new() }
    }

    /// Another source comes; numbering goes on where it was.
    pub(crate) fn switch(&mut self) {
        self.offset = None;
        self.types.clear();
    }

    /// Writes a source's packet, whose codec is `spec`, to the player.
    pub(crate) fn forward(&mut self, rtc: &mut Rtc, packet: &RtpPacket, spec: CodecSpec) {
        let Some(pt) = self.payload_type(rtc, packet.header.payload_type, spec) else { return };
        let incoming = *packet.seq_no;
        let (next, last, audio) = (self.next, self.last_timestamp, self.kind == MediaKind::Audio);
        let offset = *self.offset.get_or_insert_with(|| Offset {
            first: incoming,
            sequence: next,
            // The first source keeps its clock; a later one goes on a frame after the last.
            timestamp: if next == FIRST {
                0
            } else {
                let step = if audio { 960 } else { 3000 };
                last.wrapping_add(step).wrapping_sub(packet.header.timestamp)
            },
        });
        // Repaired from before this line's time: nobody waits for it.
        let Some(ahead) = incoming.checked_sub(offset.first) else { return };
        let sequence = offset.sequence + ahead;
        let timestamp = packet.header.timestamp.wrapping_add(offset.timestamp);
        if sequence >= self.next {
            self.next = sequence + 1;
            self.last_timestamp = timestamp;
        }
        let values = &packet.header.ext_vals;
        let extensions = ExtensionValues {
            audio_level: values.audio_level,
            voice_activity: values.voice_activity,
            video_orientation: values.video_orientation,
            ..ExtensionValues::default()
        };
        let write =
            RtpWrite::new(pt, sequence.into(), timestamp, packet.timestamp, packet.payload.clone());
        if let Some(stream) = rtc.direct_api().stream_tx(&self.ssrc) {
            let write = write.marker(packet.header.marker).nackable(!audio).ext_vals(extensions);
            stream.write_rtp(write);
        }
    }

    fn payload_type(&mut self, rtc: &Rtc, incoming: Pt, spec: CodecSpec) -> Option<Pt> {
        if let Some((_, known)) = self.types.iter().find(|(pt, _)| *pt == incoming) {
            return *known;
        }
        let wanted = rtc.media(self.mid)?.remote_pts();
        let mut offered = rtc.codec_config().params().iter().filter(|p| wanted.contains(&p.pt()));
        let same = offered.clone().find(|p| p.spec() == spec);
        let found = same.or_else(|| offered.find(|p| p.spec().codec == spec.codec));
        let pt = found.map(|params| params.pt());
        self.types.push((incoming, pt));
        pt
    }
}
