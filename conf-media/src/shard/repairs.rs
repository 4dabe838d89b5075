//! How packets are repeated, asked for by a NACK or to try out a link: from the source's ring, as RTX
//! (RFC 4588).

use std::time::{Duration, Instant};

use super::Shard;
use crate::{
    MediaKind,
    endpoint::{
        again::Left,
        answer::Codec,
        slot::{HEADER_MAX, srtp_index},
        srtp::MAX_OVERHEAD,
    },
    forward::Origin,
    rtp::{PacketFacts, PictureId, Prefix, RtpHeader, write_header},
};

/// Repeats of one packet are at least this far apart, however short the way there and back.
const LEAST_INTERVAL: Duration = Duration::from_millis(10);

impl Shard {
    /// Repeats what a subscriber lost, as far as it was sent, is still held and the budget goes.
    pub(super) fn repair(
        &mut self,
        now: Instant,
        at: u32,
        media: u32,
        lost: impl Iterator<Item = u16>,
    ) {
        self.repeat(now, at, media, lost, Why::Asked);
    }

    /// Fills the credit that media leaves free with repeats of the latest packets of a picture: a
    /// receiver throws away what it has already, and if it had not, it is glad.
    pub(super) fn pad(&mut self, now: Instant, at: u32) {
        let stamp = self.stamp(now);
        let Some(endpoint) = self.endpoints.get(at) else { return };
        let slot = endpoint.slots.iter().find(|slot| slot.pads());
        let Some((media, newest)) = slot.and_then(|slot| Some((slot.ssrc, slot.sent.newest()?)))
        else {
            return;
        };
        for number in 0..PADS_AT_ONCE {
            let Some(endpoint) = self.endpoints.get_mut(at) else { return };
            if !endpoint.downlink.may_leave(stamp) {
                return;
            }
            let seq = newest.saturating_sub(number % PADS_FROM) as u16;
            self.repeat(now, at, media, std::iter::once(seq), Why::Probe);
        }
    }

    /// Sends once more what is due of what a subscriber who loses many packets was sent a while ago.
    pub(super) fn send_again(&mut self, now: Instant, at: u32) {
        while let Some(endpoint) = self.endpoints.get_mut(at)
            && let Some(left) = endpoint.again.next(now)
        {
            self.repeat(now, at, left.ssrc, std::iter::once(left.seq), Why::Again);
        }
    }

    fn repeat(
        &mut self,
        now: Instant,
        at: u32,
        media: u32,
        numbers: impl Iterator<Item = u16>,
        why: Why,
    ) {
        let stamp = self.stamp(now);
        let Self { endpoints, tracks, outbox, stats, .. } = self;
        let Some(endpoint) = endpoints.get_mut(at).filter(|to| to.is_reachable()) else { return };
        // Reports tell of the round trip once a second. A queue fills in less, and whoever asks again
        // before a repeat has come through it would fill it with further ones.
        let way = endpoint.round_trip.get() + endpoint.downlink.standing();
        let interval = way.max(LEAST_INTERVAL);
        let link = endpoint.downlink.pace();
        let (Some(destination), Some(keys)) = (endpoint.destination, endpoint.keys.as_mut()) else {
            return;
        };
        let Some(slot) = endpoint.slots.iter_mut().find(|slot| slot.ssrc == media) else { return };
        if slot.kind == MediaKind::Audio && slot.redundant().is_some() {
            // What it repeats then need not be what it repeated at first, and an index may seal the
            // same bytes only.
            stats.nack_unmet += numbers.take(MOST_PER_REQUEST).count() as u64;
            return;
        }
        // A repeated number costs as much as another, so the same bound holds for all.
        let asked = u64::from(why == Why::Asked);
        for seq in numbers.take(MOST_PER_REQUEST) {
            stats.nacked_packets += asked;
            let origin = match why {
                Why::Asked => slot.sent.repair(now, seq, interval),
                Why::Probe | Why::Again => slot.sent.find(seq),
            };
            // What was left for another encoding begins with a keyframe: on a thin link nothing before
            // it is worth the wait.
            let thin = why == Why::Asked && link.is_some();
            let left = |origin: &Origin| thin && slot.select.current() != Some(origin.lane);
            let Some(origin) = origin.filter(|origin| !left(origin)) else {
                stats.nack_unmet += asked;
                continue;
            };
            let source = tracks
                .get_mut(origin.lane.source)
                .filter(|track| slot.track == Some(origin.lane.source) && track.is_open());
            // Who reads signs goes before everybody, in repairs as well.
            let signs = source.as_ref().is_some_and(|track| track.interpreter);
            let link = link.filter(|_| !signs);
            let found = source.and_then(|track| {
                let encoding = track.track.encodings.get_mut(usize::from(origin.lane.encoding))?;
                let stored = encoding.ring.get(origin.seq)?;
                let (facts, len) = (*stored.facts, stored.payload.len());
                let mut outgoing = slot.rewrite.again(seq, &facts)?;
                let codec = slot.dress(track.codec, &facts.payload, &mut outgoing)?.clone();
                Some((codec, &mut encoding.ring, facts, len, outgoing))
            });
            let Some((codec, ring, facts, len, outgoing)) = found else {
                stats.nack_unmet += asked;
                continue;
            };
            let numbered = slot.is_numbered(&codec);
            let Codec { pt, rtx_pt, .. } = codec;
            let most = HEADER_MAX + 2 + len + Prefix::MAX + MAX_OVERHEAD;
            let goes = match why {
                Why::Asked => {
                    endpoint.downlink.may_repair(stamp) && endpoint.repairs.spend(now, most, link)
                }
                Why::Probe => true,
                Why::Again => endpoint.downlink.may_repair(stamp),
            };
            if !goes {
                stats.nack_unmet += asked;
                continue;
            }
            let mut header = [0; HEADER_MAX];
            let number = numbered.then(|| endpoint.downlink.history.next().to_be_bytes());
            let (header_len, index, head) = match (slot.rtx.as_mut(), rtx_pt) {
                (Some(rtx), Some(payload_type)) => {
                    let index = rtx.next;
                    rtx.next += 1;
                    let fields = RtpHeader {
                        marker: outgoing.marker,
                        payload_type,
                        seq: index as u16,
                        timestamp: outgoing.timestamp,
                        ssrc: rtx.ssrc,
                    };
                    let len = match slot.transport().zip(number.as_ref()) {
                        Some((id, number)) => write_header(&mut header, &fields, &[(id, number)]),
                        None => write_header(&mut header, &fields, &[]),
                    };
                    (len, Some(index), seq.to_be_bytes())
                }
                // The very packet once more: the same index may seal the same bytes only. A
                // seven-bit picture id could be widened differently by now, and a transport-wide
                // number is another each time.
                _ if numbered || is_widened(&facts) => {
                    stats.nack_unmet += asked;
                    continue;
                }
                _ => (
                    slot.write_header(&mut header, pt, &outgoing, facts.audio_level, None),
                    srtp_index(outgoing.seq),
                    [0; 2],
                ),
            };
            let (Some(header_len), Some(index)) = (header_len, index) else { continue };
            let head = if slot.rtx.is_some() && rtx_pt.is_some() { &head[..] } else { &[] };
            let Some(body) = ring.dress(origin.seq, head, &outgoing.prefix) else { continue };
            let sent = outbox.push(destination, most, |out| {
                keys.sealer.seal_rtp(index, &header[..header_len], body, out).ok()
            });
            if sent {
                let len = header_len + body.len() + MAX_OVERHEAD;
                if numbered {
                    endpoint.downlink.history.record(stamp, len);
                }
                endpoint.downlink.spend(len);
                match why {
                    Why::Asked => stats.retransmitted_packets += 1,
                    Why::Probe => stats.probe_packets += 1,
                    Why::Again => stats.redundant_packets += 1,
                }
                if why == Why::Asked {
                    let (ssrc, times) = (slot.ssrc, slot.repeats);
                    endpoint.again.note(now, Left { ssrc, seq, times });
                }
            } else {
                stats.dropped_over_limit += 1;
            }
        }
    }

    /// Earns an endpoint credit for repairs.
    pub(super) fn repair_credit(&mut self, at: u32, bytes: usize) {
        if let Some(endpoint) = self.endpoints.get_mut(at) {
            endpoint.repairs.earn(bytes);
        }
    }
}

/// Why packets are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Asked,
    Probe,
    /// Many of its packets are lost.
    Again,
}

/// Packets of padding that leave at once at most: 5 ms of 60 Mbit/s.
const PADS_AT_ONCE: u64 = 32;
/// The latest packets that are taken for it, in turn.
const PADS_FROM: u64 = 16;
/// Numbers of one NACK that are looked at: more than a whole second of a fast layer.
const MOST_PER_REQUEST: usize = 512;

fn is_widened(packet: &PacketFacts) -> bool {
    matches!(packet.payload.picture_id(), Some(PictureId::Short(_)))
}
