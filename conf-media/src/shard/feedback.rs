//! What a peer's RTCP asks for: repairs, keyframes, clocks, round trips.

use std::time::Instant;

use super::{Route, Shard, ingress::count};
use crate::relay::Record;
use crate::rtcp::{Compound, ReportBlock, Rtcp};

impl Shard {
    /// Takes an RTCP datagram.
    pub(super) fn receive_rtcp(&mut self, now: Instant, source: Route, bytes: &mut [u8]) {
        let Some(at) = self.demux.by_route(&source) else {
            return self.unknown_address(now, source, bytes);
        };
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let Some(keys) = &mut endpoint.keys else {
            self.stats.dropped_before_keys += 1;
            return;
        };
        endpoint.downlink.prefetch_feedback();
        let len = match keys.opener.open_rtcp(bytes) {
            Ok(len) => len,
            Err(error) => return count(&mut self.stats, error),
        };
        endpoint.link.heard = Some(now);
        self.stats.received_rtcp += 1;
        for packet in Compound::new(&bytes[..len]) {
            match packet {
                Ok(Rtcp::SenderReport { ssrc, ntp, rtp, blocks }) => {
                    self.note_clock(now, at, ssrc, ntp, rtp);
                    blocks.for_each(|block| self.note_report(now, at, &block));
                }
                Ok(Rtcp::ReceiverReport { blocks, .. }) => {
                    blocks.for_each(|block| self.note_report(now, at, &block));
                }
                Ok(Rtcp::Nack { media, lost }) => self.repair(now, at, media, lost),
                Ok(Rtcp::Pli { media }) => self.want_keyframe(now, at, media),
                Ok(Rtcp::Fir(wanted)) => {
                    wanted.for_each(|(media, _)| self.want_keyframe(now, at, media));
                }
                Ok(Rtcp::TransportFeedback(feedback)) => self.note_arrivals(now, at, &feedback),
                // The rest says nothing that is acted on.
                Ok(_) => {}
                Err(_) => {
                    self.stats.dropped_malformed += 1;
                    break;
                }
            }
        }
    }

    /// Remembers how a publisher's RTP clock relates to its wall clock, and that to ours.
    fn note_clock(&mut self, now: Instant, at: u32, ssrc: u32, ntp: u64, rtp: u32) {
        let arrived = self.ntp(now);
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let Some(carried) = endpoint.lines.find(ssrc).filter(|carried| !carried.repairs) else {
            return;
        };
        endpoint.clock.note(arrived, ntp);
        let offset = endpoint.clock.offset();
        let Some(track) = self.tracks.get_mut(carried.track) else { return };
        let (id, group) = (track.id, track.group);
        let encoding = usize::from(carried.encoding);
        if let Some(stream) = track.streams.get_mut(encoding) {
            stream.clock = Some((ntp, rtp));
        }
        if let Some(received) = track.track.encodings.get_mut(encoding) {
            received.reception.sender_report(now, ntp);
        }
        if let Some(offset) = offset {
            let encoding = carried.encoding;
            self.tell_group(group, &Record::Clock { track: id, encoding, ntp, rtp, offset });
        }
    }

    fn note_report(&mut self, now: Instant, at: u32, block: &ReportBlock) {
        let arrived = self.ntp(now);
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let Some(slot) = endpoint.slots.iter_mut().find(|slot| slot.ssrc == block.ssrc) else {
            return;
        };
        endpoint.link.reported(slot.kind, &mut slot.reported, block);
        if let Some(measured) = block.round_trip(arrived) {
            endpoint.round_trip.note(measured);
        }
    }

    /// Passes a subscriber's wish for a keyframe on to whoever feeds the slot.
    fn want_keyframe(&mut self, now: Instant, at: u32, media: u32) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        let Some(slot) = endpoint.slots.iter().find(|slot| slot.ssrc == media) else { return };
        let Some(lane) = slot.select.current().or(slot.select.target()) else { return };
        self.stats.keyframe_wanted += 1;
        self.ask_keyframe(now, lane);
    }
}
