//! One peer: its library state, what it publishes and what it receives.

use std::time::Instant;

use str0m::bwe::Bitrate;
use str0m::change::SdpOffer;
use str0m::format::CodecSpec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt, Rid};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Candidate, Rtc, RtcConfig};

use conf_peers::lines::{Kind, LineId};

use crate::forward::Line;

/// What a line is believed to need before the estimator knows better.
const START_VIDEO: Bitrate = Bitrate::mbps(2);
const START_AUDIO: Bitrate = Bitrate::kbps(100);

/// One stream a publisher sends.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) mid: Mid,
    pub(crate) kind: MediaKind,
    /// Of several layers, the one that is forwarded.
    rid: Option<Rid>,
    /// Who receives it.
    pub(crate) routes: Vec<LineId>,
    /// What the current receive batch brought, with its codec.
    pub(crate) batch: Vec<(RtpPacket, CodecSpec)>,
    /// Bytes since the rates were last looked at, and the rate then.
    pub(crate) bytes: u64,
    pub(crate) rate: Bitrate,
    /// Someone waits for a keyframe.
    pub(crate) keyframe_wanted: bool,
    pub(crate) keyframe_asked: Option<Instant>,
}

/// One peer.
pub(crate) struct Session {
    pub(crate) rtc: Rtc,
    pub(crate) room: String,
    /// When the library wants to be called next.
    pub(crate) due: Instant,
    pub(crate) connected: bool,
    /// Has something to be polled out before the loop waits again.
    pub(crate) dirty: bool,
    pub(crate) sources: Vec<Source>,
    pub(crate) lines: Vec<Line>,
    /// Which source an incoming stream belongs to; `None` for layers not forwarded.
    streams: Vec<(Ssrc, Option<usize>)>,
    codecs: Vec<(Pt, CodecSpec)>,
}

impl Session {
    /// Answers an offer.
    pub(crate) fn answer(
        room: &str,
        offer: &str,
        here: std::net::SocketAddr,
        estimation: bool,
    ) -> Result<(Self, String), String> {
        let now = Instant::now();
        let start = start_rate(offer);
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .set_ice_lite(true)
            .enable_bwe(estimation.then_some(start))
            .build(now);
        let candidate = Candidate::host(here, "udp").map_err(|error| error.to_string())?;
        rtc.add_local_candidate(candidate);
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| error.to_string())?;
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| error.to_string())?;
        let answer = answer.to_sdp_string();
        let mut session = Self {
            rtc,
            room: room.to_owned(),
            due: now,
            connected: false,
            dirty: true,
            sources: Vec::new(),
            lines: Vec::new(),
            streams: Vec::new(),
            codecs: Vec::new(),
        };
        // The library tells its lines as events too, but only once media can flow.
        described(&answer).into_iter().for_each(|(mid, rid)| session.add(mid, rid));
        Ok((session, answer))
    }

    /// Takes up a line that was negotiated.
    fn add(&mut self, mid: Mid, rid: Option<Rid>) {
        let Some(media) = self.rtc.media(mid) else { return };
        let (kind, direction) = (media.kind(), media.direction());
        if direction.is_receiving() {
            self.sources.push(Source {
                mid,
                kind,
                rid,
                routes: Vec::new(),
                batch: Vec::new(),
                bytes: 0,
                rate: Bitrate::ZERO,
                keyframe_wanted: false,
                keyframe_asked: None,
            });
        }
        if direction == Direction::SendOnly {
            let ssrc = self.rtc.direct_api().stream_tx_by_mid(mid, None).map(|s| s.ssrc());
            self.lines.extend(ssrc.map(|ssrc| Line::new(mid, kind, ssrc)));
        }
    }

    /// Keeps a packet until the batch is forwarded; gives the source it belongs to.
    pub(crate) fn received(&mut self, packet: RtpPacket) -> Option<usize> {
        let source = self.source_of(packet.header.ssrc)?;
        let spec = self.codec(packet.header.payload_type)?;
        let batch = &mut self.sources[source];
        batch.bytes += packet.payload.len() as u64;
        batch.batch.push((packet, spec));
        Some(source)
    }

    fn source_of(&mut self, ssrc: Ssrc) -> Option<usize> {
        if let Some((_, source)) = self.streams.iter().find(|(known, _)| *known == ssrc) {
            return *source;
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let forwarded = |source: &Source| source.mid == mid && (rid.is_none() || rid == source.rid);
        let source = self.sources.iter().position(forwarded);
        self.streams.push((ssrc, source));
        source
    }

    fn codec(&mut self, pt: Pt) -> Option<CodecSpec> {
        if let Some((_, spec)) = self.codecs.iter().find(|(known, _)| *known == pt) {
            return Some(*spec);
        }
        let params = self.rtc.codec_config().params();
        let spec = params.iter().find(|params| params.pt() == pt)?.spec();
        self.codecs.push((pt, spec));
        Some(spec)
    }

    /// Asks the publisher for a keyframe of one source.
    pub(crate) fn ask_keyframe(&mut self, source: usize, now: Instant) {
        let Source { mid, rid, .. } = self.sources[source];
        let mut direct = self.rtc.direct_api();
        // Before its first packet a stream is not known and needs no request.
        if let Some(stream) = direct.stream_rx_by_mid(mid, rid) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.dirty = true;
        }
        let source = &mut self.sources[source];
        source.keyframe_wanted = false;
        source.keyframe_asked = Some(now);
    }

    /// The kinds of what is published, and of what can be received.
    pub(crate) fn kinds(&self) -> (Vec<Kind>, Vec<Kind>) {
        let sources = self.sources.iter().map(|source| kind(source.kind)).collect();
        (sources, self.lines.iter().map(|line| kind(line.kind)).collect())
    }
}

fn kind(kind: MediaKind) -> Kind {
    if kind.is_audio() { Kind::Audio } else { Kind::Video }
}

/// The lines of an answer, and of each the layer that is forwarded: the last one it names. Layers
/// are named lowest first, so a browser's last one is its best.
fn described(answer: &str) -> Vec<(Mid, Option<Rid>)> {
    let mut lines: Vec<(Mid, Option<Rid>)> = Vec::new();
    for line in answer.lines().map(str::trim_end) {
        if let Some(mid) = line.strip_prefix("a=mid:") {
            lines.push((Mid::from(mid), None));
        } else if let Some(rids) = line.strip_prefix("a=simulcast:recv ") {
            let last = rids.rsplit([';', ',']).next().map(Rid::from);
            if let Some((_, rid)) = lines.last_mut() {
                *rid = last;
            }
        }
    }
    lines
}

/// A start for the estimator at which all lines of an offer flow.
fn start_rate(offer: &str) -> Bitrate {
    let lines = |start: &str| offer.lines().filter(|line| line.starts_with(start)).count() as u64;
    let video = lines("m=video") * START_VIDEO.as_u64();
    Bitrate::bps(video + lines("m=audio") * START_AUDIO.as_u64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_their_best_layers_are_read() {
        let answer = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=recvonly\r\nm=video 9 X 96\r\n\
                      a=mid:v1\r\na=rid:q recv\r\na=simulcast:recv q;h;f\r\n";
        let lines = [(Mid::from("0"), None), (Mid::from("v1"), Some(Rid::from("f")))];
        assert_eq!(described(answer), lines);
        assert_eq!(start_rate(answer).as_u64(), 2_100_000);
    }
}
