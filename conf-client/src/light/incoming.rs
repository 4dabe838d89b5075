//! What a peer receives: every packet counted by its header, some opened and checked, gaps asked
//! for again.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::{Duration, Instant};

use conf_proto::{ParticipantId, Source, VideoCodec};
use hdrhistogram::Histogram;

use super::answer::LineAnswer;
use super::counts::Counts;
use super::feedback::Arrivals;
use super::offer;
use super::rtcp::{self, Report};
use super::rtp::Header;
use super::sequence::{Place, Sequence};
use super::srtp::Opener;
use crate::synthetic::read_payload;

/// Streams one peer tells apart; packets of further ones are not counted.
const MAX_STREAMS: usize = 2048;
/// How often a missing packet is asked for.
const MAX_REQUESTS: u8 = 10;
/// How far back is asked for.
const REQUEST_WINDOW: u64 = 1024;
/// Numbers one request names.
const MAX_MISSING: usize = 256;
/// From one request for a first keyframe to the next.
const KEYFRAME_EVERY: Duration = Duration::from_millis(500);

/// How a peer treats what arrives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// On average one packet of so many is opened.
    pub(crate) open_every: u32,
    /// So many of a million packets are dropped as if the network had.
    pub(crate) drop_ppm: u32,
    pub(crate) codec: VideoCodec,
}

/// One datagram's circumstances.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    /// When the kernel took it in, in UTC microseconds.
    pub(crate) stamp_us: u64,
}

#[derive(Clone, Copy)]
enum Route {
    Media(u32),
    Repairs(u32),
}

struct Stream {
    ssrc: u32,
    video: bool,
    nack: bool,
    sequence: Sequence,
    repairs: Sequence,
    mid: Option<[u8; 4]>,
    /// Numbers from here on were not asked for yet.
    asked: u64,
    /// Numbers before this one are given up.
    given_up: u64,
    requests: u8,
    jitter: u32,
    transit: i64,
    sender_report: Option<(u32, Instant)>,
    reported: (u64, u64),
    keyframe: Option<Instant>,
    keyframe_seen: bool,
    checked: Option<Checked>,
}

/// The packet that was looked into last.
#[derive(Clone, Copy)]
struct Checked {
    of: (ParticipantId, Source, u8),
    number: u64,
    seq: u32,
}

/// The receiving half of a peer.
pub(crate) struct Incoming {
    manner: Manner,
    streams: Vec<Stream>,
    routes: HashMap<u32, Route, BuildHasherDefault<SsrcHasher>>,
    transport_cc: Option<u8>,
    nack: bool,
    arrivals: Arrivals,
    pub(crate) counts: Counts,
    /// When the stream that began last did.
    pub(crate) last_begun: Option<Instant>,
    /// Whether a stream has numbers that were not asked for yet.
    gaps: bool,
    until_open: u32,
    dice: u64,
    reports: Vec<Report>,
    missing: Vec<u16>,
}

impl Incoming {
    pub(crate) fn new(manner: Manner, draw: u64) -> Self {
        Self {
            manner,
            streams: Vec::new(),
            routes: HashMap::default(),
            transport_cc: None,
            nack: false,
            arrivals: Arrivals::default(),
            counts: Counts::default(),
            last_begun: None,
            gaps: false,
            until_open: 0,
            dice: draw | 1,
            reports: Vec::new(),
            missing: Vec::with_capacity(MAX_MISSING),
        }
    }

    /// Follows the answer.
    pub(crate) fn accept(&mut self, lines: &[LineAnswer]) {
        let used = || lines.iter().filter(|line| line.accepted);
        self.transport_cc = used().find_map(|line| line.transport_cc);
        self.nack = used().any(|line| line.nack);
        let declared: Vec<_> = used()
            .flat_map(|line| line.ssrcs.iter().map(|(_, rtx)| *rtx).zip(line.ssrcs.iter()))
            .map(|(rtx, (media, _))| (*media, rtx))
            .collect();
        for line in used() {
            let video = line.payload_types.contains(&offer::VIDEO);
            for (media, rtx) in
                declared.iter().filter(|(m, _)| line.ssrcs.iter().any(|(s, _)| s == m))
            {
                let at = self.stream(*media, video);
                if let (Some(rtx), Some(at)) = (rtx, at) {
                    self.routes.insert(*rtx, Route::Repairs(at));
                }
            }
        }
    }

    /// Takes in one RTP packet.
    pub(crate) fn packet(
        &mut self,
        packet: &mut [u8],
        moment: Moment,
        opener: &Opener,
        latency_us: &mut Histogram<u64>,
    ) {
        let Some(header) = Header::read(packet) else {
            self.counts.unreadable += 1;
            return;
        };
        if self.manner.drop_ppm > 0 && self.roll(1_000_000) < self.manner.drop_ppm {
            self.counts.dropped_on_purpose += 1;
            return;
        }
        if let Some(id) = self.transport_cc
            && let Some([high, low]) = header.extension(packet, id)
        {
            let seq = u16::from_be_bytes([*high, *low]);
            self.arrivals.take(seq, moment.stamp_us as i64);
        }
        match self.route(&header, packet) {
            Some(Route::Media(at)) => self.media(at, &header, packet, moment, opener, latency_us),
            Some(Route::Repairs(at)) => self.repair(at, &header, packet, opener),
            None => self.counts.unknown_streams += 1,
        }
    }

    /// Notes a sender report.
    pub(crate) fn sender_report(&mut self, ssrc: u32, ntp_mid: u32, now: Instant) {
        if let Some(Route::Media(at)) = self.routes.get(&ssrc).copied()
            && let Some(stream) = self.streams.get_mut(at as usize)
        {
            stream.sender_report = Some((ntp_mid, now));
        }
    }

    /// Whether there are gaps that were not asked for yet.
    pub(crate) fn has_gaps(&self) -> bool {
        self.gaps
    }

    /// Whether something waits to be told.
    pub(crate) fn has_arrivals(&self) -> bool {
        self.arrivals.len() > 0
    }

    /// Appends requests for packets: of new gaps only, or of all that is missing.
    pub(crate) fn requests(&mut self, out: &mut Vec<u8>, from: u32, all: bool) {
        self.gaps = false;
        for stream in self.streams.iter_mut().filter(|stream| stream.nack) {
            let Some(newest) = stream.sequence.newest() else { continue };
            let missing_any = stream.sequence.lost() > 0;
            if !missing_any || (!all && stream.asked > newest) {
                stream.asked = newest + 1;
                continue;
            }
            if all {
                stream.requests = stream.requests.saturating_add(1);
                if stream.requests > MAX_REQUESTS {
                    stream.given_up = newest + 1;
                    stream.requests = 0;
                }
            }
            let begin = if all { stream.given_up } else { stream.asked.max(stream.given_up) };
            let begin = begin.max((newest + 1).saturating_sub(REQUEST_WINDOW));
            self.missing.clear();
            let missing = (begin..newest).filter(|number| stream.sequence.is_missing(*number));
            self.missing.extend(missing.take(MAX_MISSING).map(|number| number as u16));
            stream.asked = newest + 1;
            if !self.missing.is_empty() {
                rtcp::write_nack(out, from, stream.ssrc, &self.missing);
                self.counts.nacked += self.missing.len() as u64;
            }
        }
    }

    /// Appends requests for keyframes of streams that have shown none.
    pub(crate) fn keyframes(&mut self, out: &mut Vec<u8>, from: u32, now: Instant) {
        for stream in self.streams.iter_mut().filter(|stream| stream.video) {
            let begun = stream.sequence.newest().is_some() && !stream.keyframe_seen;
            if begun && stream.keyframe.is_none_or(|at| now >= at + KEYFRAME_EVERY) {
                stream.keyframe = Some(now);
                rtcp::write_pli(out, from, stream.ssrc);
                self.counts.keyframe_requests += 1;
            }
        }
    }

    /// Appends what arrived since the last time.
    pub(crate) fn feedback(&mut self, out: &mut Vec<u8>, from: u32) {
        let about = self.streams.first().map_or(0, |stream| stream.ssrc);
        self.arrivals.write(out, from, about);
    }

    /// The report on every stream that carries something.
    pub(crate) fn reports(&mut self, now: Instant) -> &[Report] {
        self.reports.clear();
        for stream in &mut self.streams {
            let Some(newest) = stream.sequence.newest() else { continue };
            let expected = newest + 1 - stream.sequence.first();
            let lost = stream.sequence.lost();
            let (expected_before, lost_before) =
                std::mem::replace(&mut stream.reported, (expected, lost));
            let interval = expected.saturating_sub(expected_before).max(1);
            let fraction = lost.saturating_sub(lost_before) * 256 / interval;
            let (last_report, delay) = stream.sender_report.map_or((0, 0), |(mid, at)| {
                let since = now.saturating_duration_since(at);
                (mid, (since.as_micros() * 65_536 / 1_000_000) as u32)
            });
            self.reports.push(Report {
                ssrc: stream.ssrc,
                fraction_lost: fraction.min(255) as u8,
                lost: lost.min(0x7f_ffff) as u32,
                newest: newest as u32,
                jitter: stream.jitter >> 4,
                last_report,
                delay,
            });
        }
        &self.reports
    }

    /// Packets that have not arrived although later ones did.
    pub(crate) fn lost(&self) -> u64 {
        self.streams.iter().map(|stream| stream.sequence.lost()).sum()
    }

    /// Streams that carried something, sound and video.
    pub(crate) fn streams(&self) -> (u32, u32) {
        let begun = self.streams.iter().filter(|stream| stream.sequence.newest().is_some());
        begun.fold((0, 0), |(sound, video), stream| {
            (sound + u32::from(!stream.video), video + u32::from(stream.video))
        })
    }

    /// Counts anew; what was missing before is no loss from now on.
    pub(crate) fn reset(&mut self) {
        self.counts = Counts::default();
        for stream in &mut self.streams {
            stream.sequence.settle();
            stream.reported.1 = 0;
            stream.given_up = stream.sequence.newest().map_or(0, |newest| newest + 1);
        }
    }

    fn media(
        &mut self,
        at: u32,
        header: &Header,
        packet: &mut [u8],
        moment: Moment,
        opener: &Opener,
        latency_us: &mut Histogram<u64>,
    ) {
        let due = self.open_due();
        let Some(stream) = self.streams.get_mut(at as usize) else { return };
        let number = stream.sequence.extend(header.seq);
        if stream.sequence.newest().is_none() {
            self.last_begun = Some(moment.now);
        }
        match stream.sequence.take(number) {
            Place::Repeated => {
                self.counts.repeated += 1;
                return;
            }
            // Servers without repair streams send what was asked for once more.
            Place::Late if stream.nack && number < stream.asked => {
                self.counts.repaired += 1;
                return;
            }
            Place::Late => self.counts.late += 1,
            Place::New { skipped } => {
                if skipped > 0 {
                    self.gaps = true;
                    stream.requests = 0;
                }
                let rate = if stream.video { 90 } else { 48 };
                let transit = moment.stamp_us as i64 * rate / 1000 - i64::from(header.timestamp);
                let moved = (transit - stream.transit).unsigned_abs().min(1 << 20) as u32;
                // RFC 3550, appendix A.8, with the sum kept in sixteenths.
                stream.jitter =
                    stream.jitter.wrapping_add(moved).wrapping_sub((stream.jitter + 8) >> 4);
                stream.transit = transit;
            }
        }
        let mut payload = packet.len().saturating_sub(header.len + opener.tag_len());
        let wanted = due || header.padding || (stream.video && !stream.keyframe_seen);
        if wanted {
            let Ok(end) = opener.open_rtp(packet, header.len, header.ssrc, number) else {
                self.counts.auth_failures += 1;
                return;
            };
            let plain = packet.get(header.len..end).unwrap_or_default();
            let padding = if header.padding { plain.last().copied().unwrap_or(0) } else { 0 };
            payload = plain.len().saturating_sub(padding.into());
            if payload == 0 {
                self.counts.padding += 1;
                return;
            }
            let codec = stream.video.then_some(self.manner.codec);
            let plain = plain.get(..payload).unwrap_or_default();
            self.counts.checked += 1;
            match read_payload(plain, codec) {
                None => self.counts.unmarked += 1,
                Some(seen) => {
                    let mark = seen.mark;
                    stream.keyframe_seen |= seen.keyframe.is_some();
                    latency_us
                        .saturating_record(moment.stamp_us.saturating_sub(mark.sent_us).max(1));
                    let of = (mark.from, mark.source, mark.layer);
                    let checked = Checked { of, number, seq: mark.seq };
                    if let Some(before) = stream.checked.filter(|before| before.of == of) {
                        if number > before.number {
                            let went = i64::from(mark.seq.wrapping_sub(before.seq) as i32);
                            let should = (number - before.number) as i64;
                            self.counts.withheld += (went - should).max(0) as u64;
                            self.counts.mark_breaks += u64::from(went < should);
                            stream.checked = Some(checked);
                        }
                    } else {
                        stream.checked = Some(checked);
                    }
                }
            }
        }
        self.counts.packets += 1;
        self.counts.bytes += payload as u64;
        if !stream.video {
            self.counts.audio_packets += 1;
        } else if header.marker {
            self.counts.frames += 1;
        }
    }

    /// A repair (RFC 4588): the original number stands in front of the original payload.
    fn repair(&mut self, at: u32, header: &Header, packet: &mut [u8], opener: &Opener) {
        let Some(stream) = self.streams.get_mut(at as usize) else { return };
        let number = stream.repairs.extend(header.seq);
        if stream.repairs.take(number) == Place::Repeated {
            self.counts.repeated += 1;
            return;
        }
        self.counts.repairs += 1;
        let Ok(end) = opener.open_rtp(packet, header.len, header.ssrc, number) else {
            self.counts.auth_failures += 1;
            return;
        };
        let plain = packet.get(header.len..end).unwrap_or_default();
        let padding = if header.padding { plain.last().copied().unwrap_or(0) } else { 0 };
        let plain = plain.get(..plain.len().saturating_sub(padding.into())).unwrap_or_default();
        let Some(([high, low], payload)) = plain.split_first_chunk::<2>() else {
            // Padding that looks how much the link takes.
            self.counts.padding += 1;
            return;
        };
        let original = stream.sequence.extend(u16::from_be_bytes([*high, *low]));
        if !stream.sequence.is_missing(original) {
            // A repeat of what arrived: a probe, or answered twice.
            self.counts.needless_repairs += 1;
            return;
        }
        stream.sequence.take(original);
        self.counts.repaired += 1;
        match read_payload(payload, stream.video.then_some(self.manner.codec)) {
            Some(seen) => stream.keyframe_seen |= seen.keyframe.is_some(),
            None => self.counts.unmarked += 1,
        }
    }

    fn route(&mut self, header: &Header, packet: &[u8]) -> Option<Route> {
        if let Some(route) = self.routes.get(&header.ssrc) {
            return Some(*route);
        }
        let mid = header.extension(packet, offer::MID).and_then(short);
        match header.payload_type {
            offer::OPUS | offer::VIDEO => {
                let at = self.stream(header.ssrc, header.payload_type == offer::VIDEO)?;
                self.streams.get_mut(at as usize)?.mid = mid;
                Some(Route::Media(at))
            }
            offer::VIDEO_RTX => {
                // Without a declaration only the line's name says what is repaired; without that
                // it is clear only where there is one video.
                let mut videos = self.streams.iter().enumerate().filter(|(_, stream)| stream.video);
                let at = match mid {
                    Some(_) => videos.find(|(_, stream)| stream.mid == mid)?.0,
                    None => {
                        let only = videos.next()?.0;
                        if videos.next().is_some() {
                            return None;
                        }
                        only
                    }
                };
                let route = Route::Repairs(at as u32);
                self.routes.insert(header.ssrc, route);
                Some(route)
            }
            _ => None,
        }
    }

    /// The place of a stream, which is made when it is new.
    fn stream(&mut self, ssrc: u32, video: bool) -> Option<u32> {
        if self.streams.len() >= MAX_STREAMS || self.routes.contains_key(&ssrc) {
            return None;
        }
        let at = self.streams.len() as u32;
        self.routes.insert(ssrc, Route::Media(at));
        self.streams.push(Stream {
            ssrc,
            video,
            nack: video && self.nack,
            sequence: Sequence::default(),
            repairs: Sequence::default(),
            mid: None,
            asked: 0,
            given_up: 0,
            requests: 0,
            jitter: 0,
            transit: 0,
            sender_report: None,
            reported: (0, 0),
            keyframe: None,
            keyframe_seen: false,
            checked: None,
        });
        Some(at)
    }

    /// Whether this packet is one to be opened: at random distances, so that it is not always the
    /// same packet of a frame.
    fn open_due(&mut self) -> bool {
        if self.until_open > 0 {
            self.until_open -= 1;
            return false;
        }
        let most = (2 * self.manner.open_every).saturating_sub(1).max(1);
        self.until_open = self.roll(most);
        true
    }

    /// A number below `sides`, from a small generator: nothing here has to be hard to guess.
    fn roll(&mut self, sides: u32) -> u32 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (((self.dice >> 32) * u64::from(sides)) >> 32) as u32
    }
}

fn short(name: &[u8]) -> Option<[u8; 4]> {
    let mut found = [0; 4];
    found.get_mut(..name.len())?.copy_from_slice(name);
    Some(found)
}

/// SSRCs are random already.
#[derive(Default)]
struct SsrcHasher(u64);

impl Hasher for SsrcHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
