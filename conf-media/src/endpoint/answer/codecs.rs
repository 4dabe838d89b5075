//! Which payload types of an offered m-line are taken, and which of them a sender is left with.

use rtc_sdp::MediaDescription;

use super::{
    Codec, CodecName,
    line::{format_parameters, has_feedback, values},
};
use crate::MediaKind;

/// What is taken of one line: each codec once, in the order of the m-line.
pub(super) fn offered(kind: MediaKind, media: &MediaDescription) -> Vec<Codec> {
    let names: &[CodecName] = match kind {
        MediaKind::Audio => &[CodecName::Opus],
        MediaKind::Video => &CodecName::VIDEO,
    };
    let mut found: Vec<(usize, Codec)> = names
        .iter()
        .filter_map(|&name| {
            let (place, pt) = best(media, name)?;
            let rtx_pt = if name.is_video() { repairs(media, pt) } else { None };
            Some((place, Codec { pt, name, clock: name.clock_rate(), rtx_pt }))
        })
        .collect();
    if let Some((_, opus)) = found.iter().find(|(_, codec)| codec.name == CodecName::Opus)
        && let Some((place, pt)) = redundancy(media, opus.pt)
    {
        let name = CodecName::Red;
        found.push((place, Codec { pt, name, clock: name.clock_rate(), rtx_pt: None }));
    }
    // The order of the m-line is the order of preference, whatever that of the maps is.
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, codec)| codec).collect()
}

/// What a sender is left with of what was taken: one codec, so that all can follow it, with its
/// redundancy in front. Browsers send redundant sound only when it comes first.
pub(super) fn sendable(offered: &[Codec], preferred: CodecName) -> Vec<Codec> {
    let named = |name| offered.iter().find(|codec| codec.name == name);
    let main = named(preferred)
        .filter(|codec| codec.name.is_video())
        .or_else(|| named(CodecName::Vp8))
        .or_else(|| offered.iter().find(|codec| codec.name != CodecName::Red));
    let red = named(CodecName::Red).filter(|_| main.is_some_and(|main| !main.name.is_video()));
    red.into_iter().chain(main).cloned().collect()
}

/// The profile of an H.264 payload type, if we take it: non-interleaved (RFC 6184, section 6.3)
/// and decodable as constrained baseline, which every WebRTC decoder has (RFC 7742, section 6.2).
pub(super) fn baseline_profile(media: &MediaDescription, pt: u8) -> Option<u32> {
    let parameter = |wanted: &str| {
        format_parameters(&media.attributes, pt)
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    if parameter("packetization-mode") != Some("1") {
        return None;
    }
    let level_id = match parameter("profile-level-id") {
        Some(text) if text.len() == 6 => u32::from_str_radix(text, 16).ok()?,
        Some(_) => return None,
        // Baseline, level 1 (RFC 6184, section 8.1).
        None => 0x42_000a,
    };
    let [_, profile, constraints, _] = level_id.to_be_bytes();
    let baseline = match profile {
        0x42 => true,
        0x4d | 0x58 => constraints & 0x80 != 0,
        _ => false,
    };
    baseline.then_some(level_id)
}

/// The most suitable payload type of a codec, with its place on the m-line.
fn best(media: &MediaDescription, name: CodecName) -> Option<(usize, u8)> {
    mapped(media, name)
        .filter_map(|(place, pt)| Some((rank(media, name, pt)?, place, pt)))
        .min()
        .map(|(_, place, pt)| (place, pt))
}

/// How well a payload type of a codec suits, best lowest; none when it cannot be used.
fn rank(media: &MediaDescription, name: CodecName, pt: u8) -> Option<u8> {
    // Profile 0 is also meant where none is named (RFC 9628, section 7.1; AV1, section 7.2.1).
    let profile = |wanted: &str| {
        format_parameters(&media.attributes, pt)
            .find(|(name, _)| *name == wanted)
            .is_none_or(|(_, value)| value == "0")
            .then_some(0)
    };
    match name {
        CodecName::Vp9 => profile("profile-id"),
        CodecName::Av1 => profile("profile"),
        CodecName::H264 => {
            // What is called constrained baseline first: some offer plain baseline beside it.
            let [_, profile, constraints, _] = baseline_profile(media, pt)?.to_be_bytes();
            Some(u8::from(profile != 0x42 || constraints & 0x40 == 0))
        }
        _ => Some(0),
    }
}

/// The payload types mapped to a codec, with their places on the m-line, in its order.
fn mapped(media: &MediaDescription, name: CodecName) -> impl Iterator<Item = (usize, u8)> {
    let formats = media.media_name.formats.iter().enumerate();
    formats
        .filter_map(|(place, format)| Some((place, format.parse().ok().filter(|pt| *pt < 128)?)))
        .filter(move |(_, pt)| maps_to(media, *pt, name.encoding_name(), name.clock_rate()))
}

fn maps_to(media: &MediaDescription, pt: u8, name: &str, clock: u32) -> bool {
    values(&media.attributes, "rtpmap").filter_map(|text| text.split_once(' ')).any(
        |(found, map)| {
            let mut parts = map.trim().split('/');
            found.parse() == Ok(pt)
            && parts.next().is_some_and(|part| part.eq_ignore_ascii_case(name))
            && parts.next().and_then(|part| part.parse().ok()) == Some(clock)
            // Sound of ours is always announced as stereo (RFC 7587, section 7).
            && parts.next() == (clock == CodecName::Opus.clock_rate()).then_some("2")
        },
    )
}

/// The payload type that repairs `pt` (RFC 4588), if requests for repairs are taken as well.
fn repairs(media: &MediaDescription, pt: u8) -> Option<u8> {
    let attributes = &media.attributes;
    if !has_feedback(attributes, pt, "nack") {
        return None;
    }
    let formats = media.media_name.formats.iter().filter_map(|format| format.parse().ok());
    formats.filter(|rtx| *rtx < 128 && maps_to(media, *rtx, "rtx", 90_000)).find(|rtx| {
        format_parameters(attributes, *rtx)
            .any(|(name, value)| name == "apt" && value.parse() == Ok(pt))
    })
}

/// The payload type of redundant sound whose every block is `opus` (RFC 2198, section 5).
fn redundancy(media: &MediaDescription, opus: u8) -> Option<(usize, u8)> {
    mapped(media, CodecName::Red).find(|(_, red)| {
        values(&media.attributes, "fmtp").filter_map(|text| text.split_once(' ')).any(
            |(found, blocks)| {
                found.parse() == Ok(*red)
                    && blocks.trim().split('/').all(|block| block.parse() == Ok(opus))
            },
        )
    })
}
