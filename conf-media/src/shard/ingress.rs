//! What happens to a datagram: told apart, opened in place, gated, stored for everyone it feeds.

use std::time::Instant;

use super::{Datagram, Route, Shard, published::Fresh};
use crate::{
    endpoint::{
        demux::{Protocol, classify},
        lines::{Carried, PayloadType},
        srtp::SrtpError,
    },
    forward::Lane,
    relay::Record,
    rtp::{AudioLevel, Codec, FIXED_HEADER, RtpHeader, RtpView, red, write_header},
    stats::Stats,
    track::{Path, Received},
};

impl Shard {
    /// Takes in one datagram. Media is opened and stored now and leaves with the next
    /// [`poll_transmit`](Self::poll_transmit): hand in a whole batch first, so that packets to
    /// one destination become one run.
    pub fn receive(&mut self, now: Instant, datagram: Datagram<'_>) {
        self.epoch.get_or_insert(now);
        let Datagram { source, arrived, bytes } = datagram;
        if self.relay.handing.is_none() {
            self.stats.received_datagrams += 1;
            self.stats.received_bytes += bytes.len() as u64;
        }
        match classify(bytes) {
            Protocol::Rtp => self.receive_rtp(now, arrived.min(now), source, bytes),
            Protocol::Rtcp => self.receive_rtcp(now, source, bytes),
            Protocol::Stun => self.receive_stun(now, source, bytes),
            Protocol::Dtls => self.receive_dtls(now, source, bytes),
            Protocol::Unknown => self.stats.dropped_unknown_protocol += 1,
        }
    }

    fn receive_rtp(&mut self, now: Instant, arrived: Instant, source: Route, bytes: &mut [u8]) {
        let Some(at) = self.demux.by_route(&source) else {
            return self.unknown_address(arrived, source, bytes);
        };
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let Some(keys) = &mut endpoint.keys else {
            self.stats.dropped_before_keys += 1;
            return;
        };
        let opened = match keys.opener.open_rtp(bytes) {
            Ok(opened) => opened,
            Err(error) => return count(&mut self.stats, error),
        };
        endpoint.link.heard = Some(now);
        let Some(packet) = bytes.get_mut(..opened.len) else { return };
        let Ok(view) = RtpView::parse(packet) else {
            self.stats.dropped_malformed += 1;
            return;
        };
        let extensions = view.read(endpoint.lines.ids());
        if let Some(seq) = extensions.transport_cc {
            // Before the gate: a muted publisher's estimate must not collapse.
            endpoint.arrivals.received(arrived, seq);
            endpoint.feedback_media = view.ssrc;
        }
        let (ssrc, payload_type, level) = (view.ssrc, view.payload_type, extensions.audio_level);
        let known = endpoint.lines.find(ssrc);
        let limit = self.config.limits.sources;
        let carried =
            known.or_else(|| endpoint.lines.learn(ssrc, payload_type, &extensions, limit));
        let feedback = endpoint.feedback_due.is_none() && endpoint.arrivals.pending();
        if feedback {
            endpoint.feedback_due = Some(now + super::reports::FEEDBACK_INTERVAL);
        }
        let meaning =
            carried.and_then(|carried| endpoint.lines.payload_type(carried.track, payload_type));
        if feedback {
            self.reschedule(now, at);
        }
        let (Some(carried), Some(meaning)) = (carried, meaning) else {
            self.stats.dropped_unknown_source += 1;
            return;
        };
        let Some(track) = self.tracks.get_mut(carried.track) else { return };
        if !track.gate().admit() {
            self.stats.gated_packets += 1;
            return;
        }
        let (path, codec) = match meaning {
            PayloadType::Media(codec) if !carried.repairs => {
                if codec.unwrapped() != track.codec {
                    self.stats.dropped_unknown_source += 1;
                    return;
                }
                if track.sent_from(carried.encoding, ssrc) {
                    let (group, id) = (track.group, track.id);
                    self.restart(now, carried);
                    let encoding = carried.encoding;
                    self.tell_group(group, &Record::Restart { track: id, encoding });
                }
                (Path::Direct, codec)
            }
            PayloadType::Repair(original) if carried.repairs => {
                let codec = track.codec;
                match unwrap_repair(packet, original) {
                    Unwrapped::Original => (Path::Repair, codec),
                    // A probe of the sender's: padding on its retransmission stream.
                    Unwrapped::Empty => return,
                }
            }
            _ => {
                self.stats.dropped_unknown_source += 1;
                return;
            }
        };
        let packet = if path == Path::Repair { &packet[2..] } else { &*packet };
        self.store(now, arrived, at, carried, packet, (path, codec), level);
        if codec == Codec::Red {
            self.recover(now, arrived, at, carried, packet, level);
        }
    }

    /// Stores what a packet of sound repeats of those that were lost before it.
    fn recover(
        &mut self,
        now: Instant,
        arrived: Instant,
        at: u32,
        carried: Carried,
        packet: &[u8],
        level: Option<AudioLevel>,
    ) {
        let Ok(view) = RtpView::parse(packet) else { return };
        for block in red::repeated(view.payload()) {
            let Some(track) = self.tracks.get(carried.track) else { return };
            let encoding = track.track.encodings.get(usize::from(carried.encoding));
            let Some(seq) =
                encoding.and_then(|e| e.lost_before(view.seq, view.timestamp, block.age))
            else {
                continue;
            };
            if block.payload.is_empty() {
                continue;
            }
            let timestamp = view.timestamp.wrapping_sub(block.age);
            let RtpView { payload_type, ssrc, .. } = view;
            let header = RtpHeader { marker: false, payload_type, seq, timestamp, ssrc };
            let mut lost = [0; FIXED_HEADER + red::LONGEST];
            let end = FIXED_HEADER + block.payload.len();
            let (Some(FIXED_HEADER), Some(place)) =
                (write_header(&mut lost, &header, &[]), lost.get_mut(FIXED_HEADER..end))
            else {
                continue;
            };
            place.copy_from_slice(block.payload);
            let way = (Path::Redundancy, Codec::Red.unwrapped());
            self.store(now, arrived, at, carried, &lost[..end], way, level);
        }
    }

    /// Puts a packet into its ring and queues it for everyone its track feeds.
    #[expect(
        clippy::too_many_arguments,
        reason = "the second half of one function, cut for length"
    )]
    fn store(
        &mut self,
        now: Instant,
        arrived: Instant,
        at: u32,
        carried: Carried,
        packet: &[u8],
        (path, codec): (Path, Codec),
        level: Option<AudioLevel>,
    ) {
        let Ok(view) = RtpView::parse(packet) else {
            self.stats.dropped_malformed += 1;
            return;
        };
        let Some(track) = self.tracks.get_mut(carried.track) else { return };
        let Some(encoding) = track.track.encodings.get_mut(usize::from(carried.encoding)) else {
            return;
        };
        match encoding.receive(arrived, codec, &view, level, path) {
            Err(_) => self.stats.dropped_malformed += 1,
            Ok(Received::Duplicate) => self.stats.dropped_replayed += 1,
            Ok(Received::Unusable) => self.stats.dropped_late += 1,
            Ok(Received::New { facts, hopeless }) => {
                self.stats.received_rtp += 1;
                if let Some(stream) = track.streams.get_mut(usize::from(carried.encoding)) {
                    stream.account.arrived += 1;
                }
                match path {
                    Path::Direct => {}
                    Path::Repair => self.stats.repaired_packets += 1,
                    Path::Redundancy => self.stats.recovered_packets += 1,
                }
                let watched =
                    track.streams.get(usize::from(carried.encoding)).is_some_and(|s| s.watched);
                if hopeless && watched && track.codec.is_video() {
                    encoding.keyframes.want();
                }
                if !track.repairable {
                    encoding.gaps.clear();
                }
                let urgent = encoding.gaps.missing() > 0;
                let entered = facts.is_entry() && track.codec.is_video();
                let (group, audio) = (track.group, !track.codec.is_video());
                self.cross(arrived, carried, &view, (path, codec), level);
                self.spread(carried.track, Fresh { encoding: carried.encoding, seq: facts.seq });
                if audio {
                    let level = level.unwrap_or_else(|| super::voices::untold(view.payload()));
                    self.hear(arrived, group, carried.track, level);
                }
                if entered {
                    // A keyframe may show a new size, or that a layer has come alive.
                    self.remeasure(now, carried.track);
                }
                if urgent || hopeless {
                    self.reschedule(now, at);
                }
            }
        }
    }

    /// Starts everyone fed from an encoding anew: its source has another SSRC, so its numbers
    /// do not continue.
    pub(super) fn restart(&mut self, now: Instant, carried: Carried) {
        let Some(track) = self.tracks.get(carried.track) else { return };
        for &(subscriber, slot) in &track.subscribers {
            if let Some(to) = self.endpoints.get_mut(subscriber)
                && let Some(slot) = to.slots.get_mut(usize::from(slot))
                && slot.select.target().is_some_and(|lane| lane.encoding == carried.encoding)
            {
                slot.restart();
            }
        }
        if !track.subscribers.is_empty() {
            self.ask_keyframe(now, Lane { source: carried.track, encoding: carried.encoding });
        }
    }
}

enum Unwrapped {
    /// From the third byte on the bytes are the packet that is repeated.
    Original,
    Empty,
}

/// Turns a repair into the packet it repeats (RFC 4588, section 4): the header moves over the
/// original sequence number and takes it in. The SSRC stays the repair's; nobody reads it.
fn unwrap_repair(packet: &mut [u8], payload_type: u8) -> Unwrapped {
    let Ok(view) = RtpView::parse(packet) else { return Unwrapped::Empty };
    let header_len = view.header_len();
    let Some(&original) = view.payload().first_chunk::<2>() else { return Unwrapped::Empty };
    packet.copy_within(..header_len, 2);
    let Some(header) = packet.get_mut(2..) else { return Unwrapped::Empty };
    header[1] = (header[1] & 0x80) | payload_type;
    header[2..4].copy_from_slice(&original);
    Unwrapped::Original
}

/// Counts why a sealed packet was not opened.
pub(super) fn count(stats: &mut Stats, error: SrtpError) {
    match error {
        SrtpError::Replayed => stats.dropped_replayed += 1,
        SrtpError::TooManySources => stats.dropped_over_limit += 1,
        SrtpError::Truncated { .. } => stats.dropped_malformed += 1,
        _ => stats.dropped_unauthentic += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::{ExtensionIds, RtpHeader, write_header};

    #[test]
    fn a_repair_becomes_the_packet_it_repeats() {
        let header = RtpHeader { marker: true, payload_type: 97, seq: 5, timestamp: 9, ssrc: 1 };
        let mut packet = [0; 64];
        let len = write_header(&mut packet, &header, &[(4, b"1")]).unwrap();
        packet[len..len + 5].copy_from_slice(&[0x12, 0x34, b'a', b'b', b'c']);
        let packet = &mut packet[..len + 5];
        assert!(matches!(unwrap_repair(packet, 96), Unwrapped::Original));
        let view = RtpView::parse(&packet[2..]).unwrap();
        assert_eq!((view.seq, view.payload_type, view.marker), (0x1234, 96, true));
        assert_eq!(view.payload(), b"abc");
        let ids = ExtensionIds { mid: Some(4), ..ExtensionIds::default() };
        assert_eq!(view.read(&ids).mid, Some(&b"1"[..]));
    }

    #[test]
    fn a_probe_without_a_payload_is_nothing() {
        let mut packet = [0x80, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7];
        assert!(matches!(unwrap_repair(&mut packet, 96), Unwrapped::Empty));
    }
}
