//! What is due at an endpoint: feedback, requests and reports, written in as few datagrams as
//! will hold them.

use std::time::{Duration, Instant};

use super::{Event, Shard, TRANSMIT_MIN, published::Home};
use crate::{
    endpoint::{Endpoint, Overdue, State, again::Again, srtp::MAX_OVERHEAD},
    forward::Lane,
    quality::Quality,
    rtcp::{
        SenderInfo, transport_cc, write_nack, write_pli, write_receiver_report, write_sdes_cname,
        write_sender_report,
    },
};

/// From a publisher's packet to the feedback about it: shorter lets it react sooner, longer
/// saves packets. Browsers expect 50 to 250 ms.
pub(super) const FEEDBACK_INTERVAL: Duration = Duration::from_millis(50);
/// Between two reports on one stream, in either direction.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Between two looks at what lives; feedback makes for more turns than are needed.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// Bytes of RTCP collected before it is sealed; below any path's limit.
const COMPOUND: usize = 1_200;
/// Between two looks at the same endpoint, so that no deadline can keep a turn busy.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

/// RTCP packets on their way into one datagram.
#[derive(Debug, Default)]
pub(super) struct Compound {
    bytes: Vec<u8>,
}

impl Compound {
    /// Adds a packet of at most `most` bytes. False when it would not fit.
    fn push(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> bool {
        let start = self.bytes.len();
        if start + most > TRANSMIT_MIN - MAX_OVERHEAD {
            return false;
        }
        self.bytes.resize(start + most, 0);
        let used = write(&mut self.bytes[start..]).unwrap_or(0);
        self.bytes.truncate(start + used);
        true
    }
}

impl Shard {
    /// Does what is due: handshake repeats, reports, feedback, consent.
    pub fn tick(&mut self, now: Instant) {
        // Each endpoint once: what it wants again comes with the next turn.
        for _ in 0..self.endpoints.len() {
            let Some(at) = self.wheel.first_due(now) else { break };
            self.attend(now, at);
        }
        self.settle(now);
    }

    fn attend(&mut self, now: Instant, at: u32) {
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        if endpoint.dtls.poll_timeout().is_some_and(|due| due <= now) {
            // A failure is final and shows when the engine is polled.
            let _ = endpoint.dtls.tick(now);
            self.pump(now, at);
        }
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        match endpoint.overdue(now) {
            Some(Overdue::Gone) => return self.lose(at),
            Some(Overdue::Lost) => {
                endpoint.enter(State::Lost, now);
                endpoint.downlink.interrupt();
                endpoint.again = Again::default();
                endpoint.slots.iter_mut().for_each(|slot| slot.backlog = None);
                let group = endpoint.group;
                self.events.push_back(Event::Lost { endpoint: endpoint.id });
                self.tell_quality(at, Quality::Lost);
                self.judge_speakers(now, group);
            }
            None => {}
        }
        if self.endpoints.get(at).is_some_and(Endpoint::is_reachable) {
            self.report_to_publisher(now, at);
            self.report_to_subscriber(now, at);
            self.attend_downlink(now, at);
            self.send_again(now, at);
            self.judge_link(now, at);
            self.judge_quiet(now, at);
        }
        if let Some(endpoint) = self.endpoints.get_mut(at) {
            let due = endpoint.next_due(&self.tracks, now);
            let due = due.max(now + LEAST_PAUSE);
            self.wheel.set(at, &mut endpoint.due, Some(due));
        }
    }

    /// Feedback, NACKs, keyframe requests and receiver reports about what an endpoint sends.
    fn report_to_publisher(&mut self, now: Instant, at: u32) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        if endpoint.tracks.is_empty() {
            return;
        }
        let (sender, round_trip) = (endpoint.reporter, endpoint.round_trip.get());
        let reports = endpoint.reports_due.is_none_or(|due| due <= now);
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.clear();
        let mut missing = std::mem::take(&mut self.missing);
        let count = endpoint.tracks.len();
        for place in 0..count {
            let Some(track) = self.endpoints.get(at).and_then(|e| e.tracks.get(place)).copied()
            else {
                break;
            };
            let old = self.tracks.get(track).and_then(|track| track.looked);
            if old.is_none_or(|at| now.saturating_duration_since(at) >= LOOK_INTERVAL) {
                self.remeasure(now, track);
            }
            let Some(track) = self.tracks.get_mut(track) else { continue };
            let (open, video) = (track.is_open(), track.codec.is_video());
            for (encoding, stream) in track.track.encodings.iter_mut().zip(&track.streams) {
                let Some(ssrc) = stream.ssrc else { continue };
                missing.clear();
                let given_up = encoding.gaps.poll(now, round_trip, &mut missing);
                if given_up && video && stream.watched {
                    encoding.keyframes.want();
                }
                if !missing.is_empty() {
                    self.stats.requested_packets += missing.len() as u64;
                    let most = 12 + 4 * missing.len();
                    let lost = || missing.iter().map(|seq| *seq as u16);
                    let fits =
                        self.compound.push(most, |out| write_nack(out, sender, ssrc, lost()));
                    if !fits {
                        flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
                        self.compound.push(most, |out| write_nack(out, sender, ssrc, lost()));
                    }
                }
                if open && stream.watched && encoding.keyframes.poll(now, round_trip) {
                    self.stats.keyframe_requested += 1;
                    self.compound.push(12, |out| write_pli(out, sender, ssrc));
                }
                if reports {
                    blocks.extend(encoding.reception.block(now, ssrc));
                }
                if self.compound.bytes.len() > COMPOUND - 200 {
                    flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
                }
            }
        }
        self.missing = missing;
        for blocks in blocks.chunks(31) {
            flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
            let most = 8 + 24 * blocks.len();
            self.compound.push(most, |out| write_receiver_report(out, sender, blocks));
        }
        self.blocks = blocks;
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        if reports {
            endpoint.reports_due = Some(now + REPORT_INTERVAL);
        }
        if endpoint.feedback_due.is_some_and(|due| due <= now) {
            endpoint.feedback_due = None;
            // Long intervals take several; a bound keeps a flood from writing for ever.
            for _ in 0..8 {
                flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
                let Some(endpoint) = self.endpoints.get_mut(at) else { return };
                let media = endpoint.feedback_media;
                let arrivals = &mut endpoint.arrivals;
                let before = self.compound.bytes.len();
                self.compound
                    .push(transport_cc::MAX_LEN, |out| arrivals.write_feedback(out, sender, media));
                if self.compound.bytes.len() == before {
                    break;
                }
            }
        }
        flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
    }

    /// Sender reports of the slots that carry something, all from one clock.
    fn report_to_subscriber(&mut self, now: Instant, at: u32) {
        let ntp = self.ntp(now);
        let count = self.endpoints.get(at).map_or(0, |endpoint| endpoint.slots.len());
        for place in 0..count {
            let Some(endpoint) = self.endpoints.get(at) else { return };
            let slot = &endpoint.slots[place];
            if slot.packets == 0 || slot.report_due.is_some_and(|due| due > now) {
                continue;
            }
            let captured = slot.shift.and_then(|(lane, shift)| {
                let rtp = self.captured_at(ntp, lane)?;
                Some(rtp.wrapping_add(shift))
            });
            if let Some(rtp) = captured.or_else(|| slot.rewrite.timestamp_at(now)) {
                let info = SenderInfo {
                    ssrc: slot.ssrc,
                    ntp,
                    rtp,
                    packets: slot.packets,
                    octets: slot.octets,
                };
                let (ssrc, cname) = (slot.ssrc, &endpoint.negotiated.cname);
                self.compound.push(28, |out| write_sender_report(out, &info, &[]));
                self.compound.push(12 + cname.len() + 4, |out| write_sdes_cname(out, ssrc, cname));
            }
            if let Some(endpoint) = self.endpoints.get_mut(at) {
                endpoint.slots[place].report_due = Some(now + REPORT_INTERVAL);
            }
            if self.compound.bytes.len() > COMPOUND - 300 {
                flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
            }
        }
        flush(&mut self.compound, &mut self.endpoints, at, &mut self.outbox);
    }

    /// The RTP timestamp with which a lane's source would stamp something captured now, if its
    /// sender reports say.
    pub(super) fn captured_at(&self, ntp: u64, lane: Lane) -> Option<u32> {
        let track = self.tracks.get(lane.source)?;
        let pair = track.streams.get(usize::from(lane.encoding))?.clock?;
        let clock = match track.home {
            Home::Here(at) => self.endpoints.get(at)?.clock,
            Home::There { .. } => track.clock,
        };
        clock.timestamp_at(ntp, pair, track.codec.clock_rate())
    }
}

/// Seals what was collected and puts it into the outbox.
fn flush(
    compound: &mut Compound,
    endpoints: &mut super::slab::Slab<crate::endpoint::Endpoint>,
    at: u32,
    outbox: &mut super::outbox::Outbox,
) {
    if compound.bytes.is_empty() {
        return;
    }
    if let Some(endpoint) = endpoints.get_mut(at)
        && let (Some(to), Some(keys)) = (endpoint.destination, endpoint.keys.as_mut())
    {
        let plain = &compound.bytes;
        // A full outbox loses a report; the next one says the same.
        let _ = outbox
            .push(to, plain.len() + MAX_OVERHEAD, |out| keys.sealer.seal_rtcp(plain, out).ok());
    }
    compound.bytes.clear();
}
