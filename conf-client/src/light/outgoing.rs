//! What a peer sends: the packets of its synthetic devices, repairs, and sender reports.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use conf_proto::Source;

use super::answer::LineAnswer;
use super::offer::{self, LineOffer};
use super::rtcp;
use super::rtp::{self, Fields};
use super::srtp::Sealer;
use crate::synthetic::studio::SILENCE;
use crate::synthetic::{Packet, Studio};

/// Packets of one stream kept for repairs.
const KEPT: usize = 256;
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Seconds from the beginning of NTP's time to that of UTC's.
const NTP_OFFSET: u64 = 2_208_988_800;

/// Sealed datagrams on their way to the socket, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lengths: Vec<usize>,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.lengths.clear();
    }

    pub(crate) fn rtcp(&mut self, sealer: &mut Sealer, packet: &mut Vec<u8>) {
        if packet.is_empty() {
            return;
        }
        sealer.seal_rtcp(packet);
        self.bytes.extend_from_slice(packet);
        self.lengths.push(packet.len());
        packet.clear();
    }
}

/// One layer of one source on its way.
struct Stream {
    source: Source,
    layer: usize,
    clock: u64,
    mid: String,
    rid: Option<&'static str>,
    ssrc: u32,
    rtx_ssrc: u32,
    payload_type: u8,
    /// Whether the answer takes this stream.
    wanted: bool,
    repairs: bool,
    transport_cc: bool,
    extensions: Vec<u8>,
    next: u64,
    rtx_next: u64,
    packets: u32,
    octets: u32,
    timestamp: u32,
    sent_at: Option<Instant>,
    kept: VecDeque<Kept>,
}

struct Kept {
    number: u64,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// The sending half of a peer.
pub(crate) struct Outgoing {
    pub(crate) studio: Studio,
    streams: Vec<Stream>,
    transport_seq: u16,
    reports_due: Option<Instant>,
    scratch: Vec<u8>,
}

impl Outgoing {
    /// Streams for the offered lines. `draw` gives random numbers.
    pub(crate) fn new(studio: Studio, lines: &[LineOffer], mut draw: impl FnMut() -> u32) -> Self {
        let mut streams = Vec::new();
        for (mid, line) in lines.iter().enumerate() {
            let mut push = |source, layer, rid, ssrc, rtx_ssrc| {
                let sound = source == Source::Microphone;
                streams.push(Stream {
                    source,
                    layer,
                    clock: if sound { 48_000 } else { 90_000 },
                    mid: mid.to_string(),
                    rid,
                    ssrc,
                    rtx_ssrc,
                    payload_type: if sound { offer::OPUS } else { offer::VIDEO },
                    wanted: false,
                    repairs: false,
                    transport_cc: false,
                    extensions: Vec::new(),
                    // The first number is below 2^15, so that its roll-over is beyond doubt.
                    next: u64::from(draw() & 0x7fff),
                    rtx_next: u64::from(draw() & 0x7fff),
                    packets: 0,
                    octets: 0,
                    timestamp: 0,
                    sent_at: None,
                    kept: VecDeque::new(),
                });
            };
            match line {
                LineOffer::Microphone { ssrc } => push(Source::Microphone, 0, None, *ssrc, 0),
                LineOffer::Camera { ssrc, rtx, rids } if rids.is_empty() => {
                    push(Source::Camera, 0, None, *ssrc, *rtx);
                }
                LineOffer::Camera { ssrc, rtx, rids } => {
                    for (layer, rid) in rids.iter().enumerate() {
                        // Layers are told apart by name; their numbers only have to differ.
                        let step = layer as u32 * 2;
                        let (ssrc, rtx) = (ssrc.wrapping_add(step), rtx.wrapping_add(step));
                        push(Source::Camera, layer, Some(*rid), ssrc, rtx);
                    }
                }
                LineOffer::AudioSlot | LineOffer::VideoSlot => {}
            }
        }
        Self { studio, streams, transport_seq: 0, reports_due: None, scratch: Vec::new() }
    }

    /// Follows the answer.
    pub(crate) fn accept(&mut self, lines: &[LineAnswer]) {
        for stream in &mut self.streams {
            let Some(line) = stream.mid.parse().ok().and_then(|at: usize| lines.get(at)) else {
                continue;
            };
            let named = stream.rid.is_none_or(|rid| line.rids.iter().any(|wanted| wanted == rid));
            stream.wanted =
                line.accepted && named && line.payload_types.contains(&stream.payload_type);
            stream.repairs = line.nack && line.payload_types.contains(&offer::VIDEO_RTX);
            stream.transport_cc = line.transport_cc == Some(offer::TRANSPORT_CC);
            stream.extensions.clone_from(&line.extensions);
        }
    }

    /// When there is something to send.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let reports = self.reports_due.filter(|_| !self.streams.is_empty());
        [self.studio.poll_timeout(), reports].into_iter().flatten().min()
    }

    /// Packets sent of a source, all layers together.
    pub(crate) fn sent(&self, source: Source) -> u64 {
        let of = self.streams.iter().filter(|stream| stream.source == source);
        of.map(|stream| u64::from(stream.packets)).sum()
    }

    /// Seals what is due; `clock_us` is the time in UTC microseconds.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        clock_us: u64,
        sealer: &mut Sealer,
        batch: &mut Batch,
    ) {
        while let Some(packet) = self.studio.poll(now, clock_us) {
            self.packet(now, packet, sealer, batch);
        }
        if self.reports_due.is_none_or(|due| due <= now) {
            self.reports_due = Some(now + REPORT_EVERY);
            self.report(now, sealer, batch);
        }
    }

    /// The other side wants a frame that needs no other.
    pub(crate) fn keyframe(&mut self, ssrc: u32) {
        let found = self.streams.iter().find(|stream| stream.ssrc == ssrc);
        if let Some((source, layer)) = found.map(|stream| (stream.source, stream.layer)) {
            self.studio.want_keyframe(source, layer);
        }
    }

    /// The other side misses packets.
    pub(crate) fn repair(&mut self, ssrc: u32, items: &[u8], sealer: &Sealer, batch: &mut Batch) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) else {
            return;
        };
        if !stream.repairs {
            return;
        }
        let Some(oldest) = stream.kept.front().map(|kept| kept.number) else { return };
        for seq in rtcp::nacked(items).take(KEPT) {
            let at = usize::from(seq.wrapping_sub(oldest as u16));
            let Some(kept) = stream.kept.get(at) else { continue };
            let number = stream.rtx_next;
            stream.rtx_next += 1;
            let fields = Fields {
                marker: kept.marker,
                payload_type: offer::VIDEO_RTX,
                seq: number as u16,
                timestamp: kept.timestamp,
                ssrc: stream.rtx_ssrc,
            };
            let mut extensions = Extensions::default();
            if stream.transport_cc {
                extensions.transport_cc(&mut self.transport_seq);
            }
            extensions.name(&stream.extensions, offer::MID, stream.mid.as_bytes());
            if let Some(rid) = stream.rid {
                extensions.name(&stream.extensions, offer::RRID, rid.as_bytes());
            }
            let original = (kept.number as u16).to_be_bytes();
            let parts = [&original[..], &kept.payload];
            seal(batch, sealer, &fields, &extensions, &parts, number);
        }
    }

    fn packet(&mut self, now: Instant, packet: Packet, sealer: &Sealer, batch: &mut Batch) {
        let stream = self
            .streams
            .iter_mut()
            .find(|stream| stream.source == packet.source && stream.layer == packet.layer);
        let Some(stream) = stream.filter(|stream| stream.wanted) else { return };
        let sound = packet.source == Source::Microphone;
        let number = stream.next;
        stream.next += 1;
        let fields = Fields {
            marker: if sound { stream.packets == 0 } else { packet.last },
            payload_type: stream.payload_type,
            seq: number as u16,
            timestamp: packet.timestamp,
            ssrc: stream.ssrc,
        };
        let mut extensions = Extensions::default();
        if stream.transport_cc {
            extensions.transport_cc(&mut self.transport_seq);
        }
        extensions.name(&stream.extensions, offer::MID, stream.mid.as_bytes());
        if let Some(rid) = stream.rid {
            extensions.name(&stream.extensions, offer::RID, rid.as_bytes());
        }
        if sound {
            let voice = if packet.level < SILENCE { 0x80 } else { 0 };
            extensions.name(&stream.extensions, offer::AUDIO_LEVEL, &[voice | packet.level]);
        }
        seal(batch, sealer, &fields, &extensions, &[&packet.payload], number);
        stream.packets = stream.packets.wrapping_add(1);
        stream.octets = stream.octets.wrapping_add(packet.payload.len() as u32);
        stream.timestamp = packet.timestamp;
        stream.sent_at = Some(now);
        if stream.repairs {
            if stream.kept.len() >= KEPT {
                stream.kept.pop_front();
            }
            stream.kept.push_back(Kept {
                number,
                timestamp: packet.timestamp,
                marker: fields.marker,
                payload: packet.payload,
            });
        }
    }

    fn report(&mut self, now: Instant, sealer: &mut Sealer, batch: &mut Batch) {
        let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let fraction = (u64::from(utc.subsec_nanos()) << 32) / 1_000_000_000;
        let ntp = (utc.as_secs() + NTP_OFFSET) << 32 | fraction;
        for stream in &self.streams {
            let Some(sent_at) = stream.sent_at else { continue };
            let passed = now.saturating_duration_since(sent_at).as_micros() as u64;
            let timestamp =
                stream.timestamp.wrapping_add((passed * stream.clock / 1_000_000) as u32);
            rtcp::write_sent(
                &mut self.scratch,
                &rtcp::Sent {
                    ssrc: stream.ssrc,
                    ntp,
                    timestamp,
                    packets: stream.packets,
                    octets: stream.octets,
                },
            );
            batch.rtcp(sealer, &mut self.scratch);
        }
    }
}

/// The header extensions of one packet, without allocating.
#[derive(Default)]
struct Extensions {
    values: [[u8; 16]; 4],
    kinds: [(u8, usize); 4],
    count: usize,
}

impl Extensions {
    fn transport_cc(&mut self, next: &mut u16) {
        self.push(offer::TRANSPORT_CC, &next.to_be_bytes());
        *next = next.wrapping_add(1);
    }

    /// Adds one that the answer took.
    fn name(&mut self, taken: &[u8], id: u8, value: &[u8]) {
        if taken.contains(&id) {
            self.push(id, value);
        }
    }

    fn push(&mut self, id: u8, value: &[u8]) {
        let (Some(place), Some(kind)) =
            (self.values.get_mut(self.count), self.kinds.get_mut(self.count))
        else {
            return;
        };
        let len = value.len().min(place.len());
        place[..len].copy_from_slice(&value[..len]);
        *kind = (id, len);
        self.count += 1;
    }
}

fn seal(
    batch: &mut Batch,
    sealer: &Sealer,
    fields: &Fields,
    extensions: &Extensions,
    payload: &[&[u8]],
    number: u64,
) {
    let mut list: [(u8, &[u8]); 4] = [(0, &[]); 4];
    let parts = extensions.values.iter().zip(&extensions.kinds).take(extensions.count);
    for (place, (value, (id, len))) in list.iter_mut().zip(parts) {
        *place = (*id, &value[..*len]);
    }
    let from = batch.bytes.len();
    let header = rtp::write(&mut batch.bytes, fields, &list[..extensions.count]);
    payload.iter().for_each(|part| batch.bytes.extend_from_slice(part));
    sealer.seal_rtp(&mut batch.bytes, from, header, fields.ssrc, number);
    batch.lengths.push(batch.bytes.len() - from);
}
