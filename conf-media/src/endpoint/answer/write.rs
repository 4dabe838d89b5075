//! The text of an answer.

use std::{fmt, fmt::Write as _, net::SocketAddr};

use rtc_sdp::{SessionDescription, description::common::Attribute};

use super::{
    Bundle, Codec, CodecName, ExtensionIds, Line, LineRole, LocalParameters, Negotiated, SendLine,
    SlotLine,
    codecs::baseline_profile,
    line::{OfferedLine, extensions, format_parameters, has_feedback},
};
use crate::MediaKind;

/// What is asked of Opus (RFC 7587, section 6.1): packets as short as 10 ms, loss protection
/// inside the stream, and nothing sent in silence.
const OPUS_ASKED: &str = "minptime=10;useinbandfec=1;usedtx=1";
/// Parameters that are repeated as offered.
const OPUS_ECHOED: [&str; 2] = ["stereo", "maxaveragebitrate"];
/// Level and tier must come back as they were offered (AV1 payload format, section 7.2.3), or
/// browsers take it for another codec.
const AV1_ECHOED: [&str; 3] = ["level-idx", "profile", "tier"];

/// Direction preference of a passive TCP host candidate (RFC 6544, section 4.2).
const PASSIVE: u32 = 4;

/// Writes the answer to `offer` with one section per offered line, in order.
pub(super) fn answer(
    offer: &SessionDescription,
    local: &LocalParameters<'_>,
    bundle: &Bundle<'_>,
    lines: &[(OfferedLine<'_>, Line)],
    cname: &str,
) -> String {
    let mut sdp = String::with_capacity(1024 * (1 + lines.len()));
    let mut out = Writer { sdp: &mut sdp };
    out.line(format_args!("v=0"));
    out.line(format_args!("o=- {} {} IN IP4 127.0.0.1", local.session_id, local.session_version));
    out.line(format_args!("s=-"));
    out.line(format_args!("t=0 0"));
    if matches!(bundle, Bundle::Of(_)) {
        out.text("a=group:BUNDLE");
        for (offered, _) in lines.iter().filter(|(_, line)| line.role != LineRole::Rejected) {
            out.text(" ");
            out.text(&offered.mid);
        }
        out.text("\r\n");
    }
    out.line(format_args!("a=ice-lite"));
    if offer.attributes.iter().any(|attribute| attribute.key == "extmap-allow-mixed") {
        out.line(format_args!("a=extmap-allow-mixed"));
    }
    out.line(format_args!("a=msid-semantic:WMS *"));

    let mut candidates = Some((local.candidates, local.tcp_candidates));
    for (offered, line) in lines {
        match &line.role {
            LineRole::Rejected => out.rejected(offered),
            role => {
                out.transport(offered, line, local, candidates.take());
                match role {
                    LineRole::Send(send) => out.receiving(offered, send),
                    LineRole::Slot(slot) => out.slot(offered, slot, cname),
                    LineRole::Inactive | LineRole::Rejected => {
                        out.line(format_args!("a=inactive"));
                        for codec in offered.codecs() {
                            out.codec(offered, codec);
                        }
                    }
                }
            }
        }
    }
    sdp
}

/// Writes [`super::fragment`].
pub(super) fn fragment(local: &LocalParameters<'_>, negotiated: &Negotiated) -> String {
    let mut sdp = String::with_capacity(512);
    let mut out = Writer { sdp: &mut sdp };
    let first = negotiated.lines.iter().find_map(|line| match &line.role {
        LineRole::Send(SendLine { kind, .. }) | LineRole::Slot(SlotLine { kind, .. }) => {
            Some((kind, line.mid.as_str()))
        }
        LineRole::Inactive | LineRole::Rejected => None,
    });
    out.line(format_args!("a=ice-lite"));
    if let Some((kind, mid)) = first {
        let media = match kind {
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
        };
        out.line(format_args!("a=group:BUNDLE {mid}"));
        out.line(format_args!("m={media} 9 UDP/TLS/RTP/SAVPF 0"));
        out.line(format_args!("a=mid:{mid}"));
    }
    out.line(format_args!("a=ice-ufrag:{}", local.ufrag));
    out.line(format_args!("a=ice-pwd:{}", local.pwd));
    out.candidates(local.candidates, local.tcp_candidates);
    sdp
}

struct Writer<'a> {
    sdp: &'a mut String,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        self.sdp.push_str(text);
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.sdp.write_fmt(line);
        self.sdp.push_str("\r\n");
    }

    fn rejected(&mut self, offered: &OfferedLine<'_>) {
        let name = &offered.media.media_name;
        let format = name.formats.first().map_or("0", String::as_str);
        self.line(format_args!("m={} 0 {} {format}", name.media, name.protos.join("/")));
        self.line(format_args!("c=IN IP4 0.0.0.0"));
        if !offered.mid.is_empty() {
            self.line(format_args!("a=mid:{}", offered.mid));
        }
        self.line(format_args!("a=inactive"));
    }

    /// The m-line itself and what all accepted lines share.
    fn transport(
        &mut self,
        offered: &OfferedLine<'_>,
        line: &Line,
        local: &LocalParameters<'_>,
        candidates: Option<(&[SocketAddr], &[SocketAddr])>,
    ) {
        let name = &offered.media.media_name;
        self.text("m=");
        self.text(&name.media);
        self.text(" 9 ");
        self.text(&name.protos.join("/"));
        for codec in answered(offered, line) {
            for pt in [Some(codec.pt), codec.rtx_pt].into_iter().flatten() {
                let _ = write!(self.sdp, " {pt}");
            }
        }
        self.text("\r\n");
        self.line(format_args!("c=IN IP4 0.0.0.0"));
        self.line(format_args!("a=mid:{}", offered.mid));
        self.line(format_args!("a=ice-ufrag:{}", local.ufrag));
        self.line(format_args!("a=ice-pwd:{}", local.pwd));
        self.text("a=fingerprint:sha-256 ");
        for (place, octet) in local.fingerprint.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            let _ = write!(self.sdp, "{colon}{octet:02X}");
        }
        self.text("\r\n");
        self.line(format_args!("a=setup:passive"));
        self.line(format_args!("a=rtcp-mux"));
        if offered.media.has_attribute("rtcp-rsize") {
            self.line(format_args!("a=rtcp-rsize"));
        }
        if let Some((udp, tcp)) = candidates {
            self.candidates(udp, tcp);
        }
    }

    /// Host candidates in the caller's order, UDP before TCP.
    fn candidates(&mut self, udp: &[SocketAddr], tcp: &[SocketAddr]) {
        for (place, address) in udp.iter().enumerate() {
            let foundation = place + 1;
            // Type preference of host candidates, then the caller's order (RFC 8445, 5.1.2.1).
            let priority = 126u32 << 24 | (65_535 - place.min(65_535) as u32) << 8 | 255;
            self.line(format_args!(
                "a=candidate:{foundation} 1 udp {priority} {} {} typ host",
                address.ip(),
                address.port()
            ));
        }
        for (place, address) in tcp.iter().enumerate() {
            let foundation = udp.len() + place + 1;
            // A type preference below every kind of UDP but relays, so that TCP is for those
            // whom UDP fails; then direction and order (RFC 6544, sections 4.1 and 4.2).
            let order = PASSIVE << 13 | (8_191 - place.min(8_191) as u32);
            let priority = 90u32 << 24 | order << 8 | 255;
            self.line(format_args!(
                "a=candidate:{foundation} 1 tcp {priority} {} {} typ host tcptype passive",
                address.ip(),
                address.port()
            ));
        }
        if !(udp.is_empty() && tcp.is_empty()) {
            self.line(format_args!("a=end-of-candidates"));
        }
    }

    fn receiving(&mut self, offered: &OfferedLine<'_>, send: &SendLine) {
        self.line(format_args!("a=recvonly"));
        self.extensions(extensions(&send.extensions));
        for codec in &send.codecs {
            self.codec(offered, codec);
            self.transport_feedback(offered, &send.extensions, codec);
        }
        for rid in &send.rids {
            self.line(format_args!("a=rid:{rid} recv"));
        }
        if !send.rids.is_empty() && offered.media.has_attribute("simulcast") {
            self.line(format_args!("a=simulcast:recv {}", send.rids.join(";")));
        }
    }

    fn slot(&mut self, offered: &OfferedLine<'_>, slot: &SlotLine, cname: &str) {
        let mid = &slot.mid;
        self.line(format_args!("a=sendonly"));
        self.line(format_args!("a=msid:slot-{mid} slot-{mid}"));
        self.extensions(extensions(&slot.extensions));
        for codec in &slot.codecs {
            self.codec(offered, codec);
            self.transport_feedback(offered, &slot.extensions, codec);
        }
        if let Some(rtx) = slot.rtx_ssrc {
            self.line(format_args!("a=ssrc-group:FID {} {rtx}", slot.ssrc));
        }
        for ssrc in [Some(slot.ssrc), slot.rtx_ssrc].into_iter().flatten() {
            self.line(format_args!("a=ssrc:{ssrc} cname:{cname}"));
            self.line(format_args!("a=ssrc:{ssrc} msid:slot-{mid} slot-{mid}"));
        }
    }

    fn extensions<const N: usize>(&mut self, known: [(Option<u8>, &'static str); N]) {
        for (id, uri) in known {
            if let Some(id) = id {
                self.line(format_args!("a=extmap:{id} {uri}"));
            }
        }
    }

    fn transport_feedback(&mut self, offered: &OfferedLine<'_>, ids: &ExtensionIds, codec: &Codec) {
        let offers = has_feedback(&offered.media.attributes, codec.pt, "transport-cc");
        if ids.transport_cc.is_some() && offers {
            self.line(format_args!("a=rtcp-fb:{} transport-cc", codec.pt));
        }
    }

    fn codec(&mut self, offered: &OfferedLine<'_>, codec: &Codec) {
        let attributes = &offered.media.attributes;
        let pt = codec.pt;
        let name = codec.name.encoding_name();
        let channels = if codec.name.is_video() { "" } else { "/2" };
        self.line(format_args!("a=rtpmap:{pt} {name}/{}{channels}", codec.clock));
        match codec.name {
            CodecName::Opus => self.parameters(pt, OPUS_ASKED, attributes, &OPUS_ECHOED),
            CodecName::H264 => {
                if let Some(profile) = baseline_profile(offered.media, pt) {
                    self.line(format_args!(
                        "a=fmtp:{pt} level-asymmetry-allowed=1;packetization-mode=1;\
                         profile-level-id={profile:06x}"
                    ));
                }
            }
            CodecName::Vp9 => self.parameters(pt, "", attributes, &["profile-id"]),
            CodecName::Av1 => self.parameters(pt, "", attributes, &AV1_ECHOED),
            CodecName::Red => {
                // Taken only when all its blocks are the line's Opus.
                let opus = offered.codecs().iter().find(|codec| codec.name == CodecName::Opus);
                if let Some(Codec { pt: opus, .. }) = opus {
                    self.line(format_args!("a=fmtp:{pt} {opus}/{opus}"));
                }
            }
            CodecName::Vp8 => {}
        }
        if codec.name.is_video() {
            for feedback in ["ccm fir", "nack", "nack pli"] {
                if has_feedback(attributes, pt, feedback) {
                    self.line(format_args!("a=rtcp-fb:{pt} {feedback}"));
                }
            }
        }
        if let Some(rtx) = codec.rtx_pt {
            self.line(format_args!("a=rtpmap:{rtx} rtx/{}", codec.clock));
            self.line(format_args!("a=fmtp:{rtx} apt={pt}"));
        }
    }

    /// Writes `a=fmtp` with what is asked and those of the offered numbers that are repeated;
    /// nothing when there is neither.
    fn parameters(&mut self, pt: u8, asked: &str, attributes: &[Attribute], echoed: &[&str]) {
        let mut written = false;
        let mut write = |text: fmt::Arguments<'_>| {
            // Writing into a string cannot fail.
            let _ = match written {
                false => write!(self.sdp, "a=fmtp:{pt} {text}"),
                true => write!(self.sdp, ";{text}"),
            };
            written = true;
        };
        if !asked.is_empty() {
            write(format_args!("{asked}"));
        }
        for &wanted in echoed {
            let value = format_parameters(attributes, pt)
                .find(|(name, _)| *name == wanted)
                .and_then(|(_, value)| value.parse::<u32>().ok());
            if let Some(value) = value {
                write(format_args!("{wanted}={value}"));
            }
        }
        if written {
            self.text("\r\n");
        }
    }
}

/// The codecs a line is answered with.
fn answered<'a>(offered: &'a OfferedLine<'_>, line: &'a Line) -> &'a [Codec] {
    match &line.role {
        LineRole::Send(send) => &send.codecs,
        LineRole::Slot(slot) => &slot.codecs,
        LineRole::Inactive | LineRole::Rejected => offered.codecs(),
    }
}
