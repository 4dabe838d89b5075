//! One m-line of an offer: what it asks for and what of it we take.

use rtc_sdp::{MediaDescription, SessionDescription, description::common::Attribute};

use super::{
    Bundle, Codec, CodecName, DeclaredSsrc, ExtensionIds, Line, LineRole, OfferError, SendLine,
    SlotLine, SlotSsrcs, codecs, shorten,
};
use crate::MediaKind;

/// Simulcast encodings of one line that are taken; further ones are left out of the answer.
const MAX_RIDS: usize = 8;
/// SSRCs of one line that are remembered.
const MAX_DECLARED: usize = 16;
/// A mid or rid must fit into a one-byte header extension (RFC 8285, section 4.2).
const MAX_NAME: usize = 16;

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const RRID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The header extensions we know, each with its URI, in the order they are answered.
pub(super) fn extensions(ids: &ExtensionIds) -> [(Option<u8>, &'static str); 5] {
    [
        (ids.audio_level, AUDIO_LEVEL),
        (ids.transport_cc, TRANSPORT_CC),
        (ids.mid, MID),
        (ids.rid, RID),
        (ids.rrid, RRID),
    ]
}

/// Which way media goes, seen from the offerer (RFC 8866, section 6.7).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Sends,
    Receives,
    Neither,
}

/// An m-line as it was offered.
pub(super) struct OfferedLine<'a> {
    pub(super) mid: String,
    pub(super) media: &'a MediaDescription,
    /// What it could be used for; `None` refuses it.
    usable: Option<Usable>,
}

struct Usable {
    kind: MediaKind,
    direction: Direction,
    codecs: Vec<Codec>,
}

impl<'a> OfferedLine<'a> {
    pub(super) fn read(
        description: &SessionDescription,
        media: &'a MediaDescription,
        bundle: &Bundle<'_>,
        index: usize,
    ) -> Result<Self, OfferError> {
        let stopped = media.media_name.port.value == 0 && !media.has_attribute("bundle-only");
        let mid = match value(&media.attributes, "mid") {
            Some(mid) if is_name(mid) => mid.to_owned(),
            Some(mid) => {
                return Err(OfferError::Attribute {
                    attribute: "a=mid",
                    found: shorten(mid),
                    expected: "1 to 16 letters, digits, `-`, `_`, `.` or `+`",
                });
            }
            None if stopped => String::new(),
            None => return Err(OfferError::Missing { what: "a=mid on an m-line" }),
        };
        let usable = (!stopped && bundle.holds(&mid, index) && speaks_srtp(media))
            .then(|| Usable::read(description, media))
            .flatten();
        Ok(Self { mid, media, usable })
    }

    /// Decides what the line is for; a slot that has no SSRC yet draws one, a sender is left
    /// with one codec, `preferred` if it has it.
    pub(super) fn settle(
        &self,
        preferred: CodecName,
        kept: Option<SlotSsrcs>,
        draw: &mut dyn FnMut() -> u32,
    ) -> Line {
        let mid = self.mid.clone();
        let Some(usable) = &self.usable else {
            return Line { mid, role: LineRole::Rejected, ssrcs: kept };
        };
        let (kind, codecs) = (usable.kind, usable.codecs.clone());
        match usable.direction {
            Direction::Neither => Line { mid, role: LineRole::Inactive, ssrcs: kept },
            Direction::Sends => {
                let send = SendLine {
                    mid: mid.clone(),
                    kind,
                    codecs: codecs::sendable(&codecs, preferred),
                    rids: rids(&self.media.attributes),
                    ssrcs: declared(&self.media.attributes),
                    extensions: self.extension_ids(),
                };
                Line { mid, role: LineRole::Send(send), ssrcs: kept }
            }
            Direction::Receives => {
                let repairs = codecs.iter().any(|codec| codec.rtx_pt.is_some());
                let media = kept.map_or_else(&mut *draw, |kept| kept.media);
                let rtx = kept.and_then(|kept| kept.rtx).or_else(|| repairs.then(draw));
                let slot = SlotLine {
                    mid: mid.clone(),
                    kind,
                    ssrc: media,
                    rtx_ssrc: rtx.filter(|_| repairs),
                    codecs,
                    // What we never write is not answered: layers have no names towards a
                    // receiver.
                    extensions: ExtensionIds { rid: None, rrid: None, ..self.extension_ids() },
                };
                Line { mid, role: LineRole::Slot(slot), ssrcs: Some(SlotSsrcs { media, rtx }) }
            }
        }
    }

    /// The codecs that could be answered; empty for a refused line.
    pub(super) fn codecs(&self) -> &[Codec] {
        self.usable.as_ref().map_or(&[], |usable| &usable.codecs)
    }

    fn extension_ids(&self) -> ExtensionIds {
        let mut ids = ExtensionIds::default();
        for text in values(&self.media.attributes, "extmap") {
            let mut words = text.split_whitespace();
            let (Some(id), Some(uri)) = (words.next(), words.next()) else { continue };
            // Firefox writes the direction behind the id: `9/sendonly`.
            let id = id.split_once('/').map_or(id, |(id, _)| id);
            // Ids above 14 need two-byte headers; no browser gets there with what we take.
            let Some(id) = id.parse::<u8>().ok().filter(|id| (1..=14).contains(id)) else {
                continue;
            };
            let place = match uri {
                MID => &mut ids.mid,
                RID => &mut ids.rid,
                RRID => &mut ids.rrid,
                AUDIO_LEVEL => &mut ids.audio_level,
                TRANSPORT_CC => &mut ids.transport_cc,
                _ => continue,
            };
            place.get_or_insert(id);
        }
        ids
    }
}

impl Usable {
    fn read(description: &SessionDescription, media: &MediaDescription) -> Option<Self> {
        let kind = match media.media_name.media.as_str() {
            "audio" => MediaKind::Audio,
            "video" => MediaKind::Video,
            _ => return None,
        };
        let codecs = codecs::offered(kind, media);
        if codecs.is_empty() || !media.has_attribute("rtcp-mux") {
            return None;
        }
        let direction = direction(&media.attributes)
            .or_else(|| direction(&description.attributes))
            .unwrap_or(Direction::Sends);
        Some(Self { kind, direction, codecs })
    }
}

/// The value of the first attribute `key`.
pub(super) fn value<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a str> {
    values(attributes, key).next()
}

/// The values of all attributes `key`, in order.
pub(super) fn values<'a>(attributes: &'a [Attribute], key: &str) -> impl Iterator<Item = &'a str> {
    attributes
        .iter()
        .filter(move |attribute| attribute.key == key)
        .filter_map(|attribute| attribute.value.as_deref())
        .map(str::trim)
}

/// What a payload type's `a=fmtp` says.
pub(super) fn format_parameters(
    attributes: &[Attribute],
    pt: u8,
) -> impl Iterator<Item = (&str, &str)> {
    values(attributes, "fmtp")
        .filter_map(move |text| {
            let (found, parameters) = text.split_once(' ')?;
            (found.parse() == Ok(pt)).then_some(parameters)
        })
        .flat_map(|parameters| parameters.split(';'))
        .filter_map(|parameter| parameter.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// Whether `a=rtcp-fb` offers `feedback` for a payload type, by number or for all.
pub(super) fn has_feedback(attributes: &[Attribute], pt: u8, feedback: &str) -> bool {
    values(attributes, "rtcp-fb").any(|text| {
        text.split_once(' ').is_some_and(|(found, what)| {
            (found == "*" || found.parse() == Ok(pt)) && what.trim() == feedback
        })
    })
}

/// The names of the simulcast encodings the peer sends, in the order of `a=simulcast` (RFC 8853),
/// or of `a=rid` where there is no such line.
fn rids(attributes: &[Attribute]) -> Vec<String> {
    let declared: Vec<&str> = values(attributes, "rid")
        .filter_map(|text| {
            let mut words = text.split_whitespace();
            let (rid, direction) = (words.next()?, words.next()?);
            (direction == "send" && is_name(rid)).then_some(rid)
        })
        .collect();
    let mut names = Vec::new();
    match value(attributes, "simulcast").and_then(sent_streams) {
        Some(streams) => {
            // Of alternatives the first counts; `~` marks one that starts paused.
            for stream in streams.split(';') {
                let first = stream.split(',').next().unwrap_or_default();
                names.push(first.trim().trim_start_matches('~'));
            }
            names.retain(|rid| declared.contains(rid));
        }
        None => names = declared,
    }
    let mut rids: Vec<String> = Vec::new();
    for name in names {
        if rids.len() < MAX_RIDS && !rids.iter().any(|rid| rid == name) {
            rids.push(name.to_owned());
        }
    }
    rids
}

/// The part behind `send` of an `a=simulcast` value.
fn sent_streams(simulcast: &str) -> Option<&str> {
    let mut words = simulcast.split_whitespace();
    while let Some(word) = words.next() {
        if word == "send" {
            return words.next();
        }
    }
    None
}

/// The SSRCs a line declares, repairs put beside what they repair.
fn declared(attributes: &[Attribute]) -> Vec<DeclaredSsrc> {
    let pairs: Vec<(u32, u32)> = values(attributes, "ssrc-group")
        .filter_map(|text| {
            let mut words = text.strip_prefix("FID ")?.split_whitespace();
            Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        })
        .take(MAX_DECLARED)
        .collect();
    let mut found: Vec<DeclaredSsrc> = Vec::new();
    let ssrcs = values(attributes, "ssrc")
        .filter_map(|text| text.split_whitespace().next()?.parse::<u32>().ok());
    for media in ssrcs {
        let is_repair = pairs.iter().any(|(_, rtx)| *rtx == media);
        if is_repair || found.len() >= MAX_DECLARED || found.iter().any(|d| d.media == media) {
            continue;
        }
        let rtx = pairs.iter().find(|(first, _)| *first == media).map(|(_, rtx)| *rtx);
        found.push(DeclaredSsrc { media, rtx });
    }
    found
}

fn direction(attributes: &[Attribute]) -> Option<Direction> {
    attributes.iter().find_map(|attribute| match attribute.key.as_str() {
        // A line that would do both is taken as a sending one: slots are lines of their own.
        "sendonly" | "sendrecv" => Some(Direction::Sends),
        "recvonly" => Some(Direction::Receives),
        "inactive" => Some(Direction::Neither),
        _ => None,
    })
}

fn speaks_srtp(media: &MediaDescription) -> bool {
    let protos = media.media_name.protos.join("/");
    matches!(protos.as_str(), "UDP/TLS/RTP/SAVPF" | "TCP/DTLS/RTP/SAVPF" | "RTP/SAVPF")
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+'))
}
