//! The offer of a load peer: one bundled transport, sending lines, receiving lines (RFC 8829).

use std::fmt::Write as _;
use std::net::SocketAddr;

use conf_proto::VideoCodec;

use super::ice::Credentials;

/// Payload types, the same on every line.
pub(crate) const OPUS: u8 = 111;
pub(crate) const VIDEO: u8 = 96;
pub(crate) const VIDEO_RTX: u8 = 97;
/// Header extensions, the same on every line.
pub(crate) const MID: u8 = 4;
pub(crate) const TRANSPORT_CC: u8 = 3;
pub(crate) const AUDIO_LEVEL: u8 = 1;
pub(crate) const RID: u8 = 10;

const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const RID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const RRID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
pub(crate) const RRID: u8 = 11;
const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
pub(crate) const TRANSPORT_CC_URI: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// What one line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineOffer {
    /// Sends sound on this SSRC.
    Microphone { ssrc: u32 },
    /// Sends video: one SSRC with its repairs', or layers by name.
    Camera { ssrc: u32, rtx: u32, rids: Vec<&'static str> },
    /// Receives sound.
    AudioSlot,
    /// Receives video.
    VideoSlot,
}

/// What a description says beside its lines.
pub(crate) struct Offer<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) fingerprint: [u8; 32],
    pub(crate) candidate: SocketAddr,
    pub(crate) session: u64,
    pub(crate) codec: VideoCodec,
    pub(crate) lines: &'a [LineOffer],
}

impl Offer<'_> {
    /// The text. The `mid` of a line is its place.
    pub(crate) fn text(&self) -> String {
        let mut out = String::with_capacity(512 + 900 * self.lines.len());
        // Writing into a string cannot fail, here and below.
        let _ = write!(out, "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", self.session);
        out.push_str("a=group:BUNDLE");
        for mid in 0..self.lines.len() {
            let _ = write!(out, " {mid}");
        }
        out.push_str("\r\na=msid-semantic:WMS *\r\n");
        for (mid, line) in self.lines.iter().enumerate() {
            self.line(&mut out, mid, line);
        }
        out
    }

    fn line(&self, out: &mut String, mid: usize, line: &LineOffer) {
        let video = matches!(line, LineOffer::Camera { .. } | LineOffer::VideoSlot);
        let _ = match video {
            true => write!(out, "m=video 9 UDP/TLS/RTP/SAVPF {VIDEO} {VIDEO_RTX}\r\n"),
            false => write!(out, "m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\n"),
        };
        let family = if self.candidate.is_ipv4() { "IP4 0.0.0.0" } else { "IP6 ::" };
        let Credentials { ufrag, pwd } = self.credentials;
        let _ = write!(
            out,
            "c=IN {family}\r\na=mid:{mid}\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\n"
        );
        out.push_str("a=fingerprint:sha-256 ");
        for (at, byte) in self.fingerprint.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            let _ = write!(out, "{colon}{byte:02X}");
        }
        out.push_str("\r\na=setup:actpass\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
        if mid == 0 {
            let priority: u32 = 126 << 24 | 65_535 << 8 | 255;
            let (ip, port) = (self.candidate.ip(), self.candidate.port());
            let _ = write!(
                out,
                "a=candidate:1 1 udp {priority} {ip} {port} typ host\r\na=end-of-candidates\r\n"
            );
        }
        let sends = matches!(line, LineOffer::Microphone { .. } | LineOffer::Camera { .. });
        out.push_str(if sends { "a=sendonly\r\n" } else { "a=recvonly\r\n" });
        let _ = write!(
            out,
            "a=extmap:{MID} {MID_URI}\r\na=extmap:{TRANSPORT_CC} {TRANSPORT_CC_URI}\r\n"
        );
        if video {
            self.video(out);
        } else {
            let _ = write!(
                out,
                "a=extmap:{AUDIO_LEVEL} {AUDIO_LEVEL_URI}\r\na=rtpmap:{OPUS} opus/48000/2\r\n\
                 a=fmtp:{OPUS} minptime=10;useinbandfec=1\r\na=rtcp-fb:{OPUS} transport-cc\r\n"
            );
        }
        match line {
            LineOffer::Microphone { ssrc } => sender(out, mid, &[*ssrc]),
            LineOffer::Camera { ssrc, rtx, rids } if rids.is_empty() => {
                let _ = write!(out, "a=ssrc-group:FID {ssrc} {rtx}\r\n");
                sender(out, mid, &[*ssrc, *rtx]);
            }
            LineOffer::Camera { rids, .. } => {
                let _ = write!(
                    out,
                    "a=msid:load load-{mid}\r\na=extmap:{RID} {RID_URI}\r\n\
                     a=extmap:{RRID} {RRID_URI}\r\n"
                );
                for rid in rids {
                    let _ = write!(out, "a=rid:{rid} send\r\n");
                }
                let _ = write!(out, "a=simulcast:send {}\r\n", rids.join(";"));
            }
            LineOffer::AudioSlot | LineOffer::VideoSlot => {}
        }
    }

    fn video(&self, out: &mut String) {
        let (name, parameters) = match self.codec {
            VideoCodec::Vp8 => ("VP8", ""),
            VideoCodec::Vp9 => ("VP9", "profile-id=0"),
            VideoCodec::H264 => {
                ("H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f")
            }
            VideoCodec::Av1 => ("AV1", ""),
        };
        let _ = write!(out, "a=rtpmap:{VIDEO} {name}/90000\r\n");
        if !parameters.is_empty() {
            let _ = write!(out, "a=fmtp:{VIDEO} {parameters}\r\n");
        }
        for feedback in ["transport-cc", "ccm fir", "nack", "nack pli"] {
            let _ = write!(out, "a=rtcp-fb:{VIDEO} {feedback}\r\n");
        }
        let _ = write!(out, "a=rtpmap:{VIDEO_RTX} rtx/90000\r\na=fmtp:{VIDEO_RTX} apt={VIDEO}\r\n");
    }
}

fn sender(out: &mut String, mid: usize, ssrcs: &[u32]) {
    let _ = write!(out, "a=msid:load load-{mid}\r\n");
    for ssrc in ssrcs {
        let _ = write!(out, "a=ssrc:{ssrc} cname:load\r\na=ssrc:{ssrc} msid:load load-{mid}\r\n");
    }
}
