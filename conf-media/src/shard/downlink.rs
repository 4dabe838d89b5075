//! How the estimate of a subscriber's link bears on what it is sent: when backlog leaves, and
//! when less is shown.

use std::time::{Duration, Instant};

use super::{
    Shard,
    published::{Fresh, Published},
};
use crate::{
    MediaKind,
    bwe::Stamp,
    endpoint::{
        downlink::Look,
        slot::{Backlog, Slot},
    },
    forward::Lane,
    rtcp::transport_cc::TransportFeedback,
    rtp::PacketFacts,
    unit::Bitrate,
};

/// How old backlog may grow: a picture later than this is worth less than the next keyframe.
/// Longer delays more, shorter never gets a large keyframe through a thin link.
const OLDEST: Duration = Duration::from_secs(1);
/// Numbers of a ring that backlog may lag behind; what is further back has left it.
const FURTHEST: u64 = 1_000;

/// Numbers of a ring that may be missing in a row where the oldest of a backlog is looked for.
const MISSING: usize = 64;

/// The next step of working off a slot's backlog.
pub(super) enum CatchUp {
    /// This packet is next.
    Next(Fresh),
    /// The next frame may not begin yet.
    Held,
    /// It grew too old and was left; where a keyframe has to be asked for.
    Forsaken(Option<Lane>),
    /// There is none any more.
    Done,
}

/// Finds what a slot has to send next of what waits, given what holds frames of it back.
pub(super) fn catch_up(slot: &mut Slot, source: &Published, now: Instant, held: bool) -> CatchUp {
    let (Some(backlog), Some(track)) = (slot.backlog, slot.track) else { return CatchUp::Done };
    let is = |lane: Option<Lane>, encoding| lane == Some(Lane { source: track, encoding });
    let (current, target) = (slot.select.current(), slot.select.target());
    if !is(current, backlog.encoding) && !is(target, backlog.encoding) {
        // It aims elsewhere by now.
        return CatchUp::Forsaken(slot.leave());
    }
    let jump = backlog.jump.filter(|(encoding, _)| is(target, *encoding));
    let ring = |encoding: u8| Some(&source.track.encodings.get(usize::from(encoding))?.ring);
    let newest = |encoding| ring(encoding).and_then(|ring| ring.newest()).unwrap_or(0);
    let Some(found) = ring(backlog.encoding).and_then(|ring| {
        let end = ring.newest()?;
        let begin = backlog.next.max(end.saturating_sub(FURTHEST));
        (begin..=end).find_map(|seq| ring.get(seq))
    }) else {
        slot.backlog = jump.map(|(encoding, next)| Backlog { encoding, next, jump: None });
        return if slot.backlog.is_some() {
            catch_up(slot, source, now, held)
        } else {
            CatchUp::Done
        };
    };
    let torn = newest(backlog.encoding).saturating_sub(backlog.next) > FURTHEST;
    // A frame that has begun is finished: the receiver gets no torn one.
    if found.facts.frame_start || torn {
        if let Some((encoding, next)) = jump {
            slot.backlog = Some(Backlog { encoding, next, jump: None });
            return catch_up(slot, source, now, held);
        }
        if torn || now.saturating_duration_since(found.arrived) > OLDEST {
            return CatchUp::Forsaken(slot.leave());
        }
        if held && is(current, backlog.encoding) {
            return CatchUp::Held;
        }
    }
    CatchUp::Next(Fresh { encoding: backlog.encoding, seq: found.facts.seq })
}

impl Slot {
    /// Notes that a packet has to wait, if it is one the slot would send now and not a late one.
    pub(super) fn wait(&mut self, lane: Lane, packet: &PacketFacts) -> bool {
        let current = self.select.current() == Some(lane);
        let enters = !current && self.select.target() == Some(lane) && packet.is_entry();
        match &mut self.backlog {
            None if current || enters => {
                // A late one fills a gap in what has left: it cannot wait in line.
                if current && self.rewrite.is_late(packet.seq) {
                    return false;
                }
                let (encoding, next) = (lane.encoding, packet.seq);
                self.backlog = Some(Backlog { encoding, next, jump: None });
                true
            }
            Some(backlog) if backlog.encoding == lane.encoding => packet.seq >= backlog.next,
            Some(backlog) if enters => {
                backlog.jump = Some((lane.encoding, packet.seq));
                true
            }
            // What it left its backlog of for a keyframe of another.
            Some(_) => current,
            None => false,
        }
    }
}

impl Shard {
    /// A moment as packets under way are marked with it.
    pub(super) fn stamp(&self, now: Instant) -> Stamp {
        let since = self.epoch.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        // Modulo 2^32: only differences count.
        Stamp(since.as_micros() as u32)
    }

    /// Takes in what a subscriber says of the arrival of what it was sent.
    pub(super) fn note_arrivals(
        &mut self,
        now: Instant,
        at: u32,
        feedback: &TransportFeedback<'_>,
    ) {
        let stamp = self.stamp(now);
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        self.stats.received_feedback += 1;
        let before = endpoint.downlink.due;
        endpoint.downlink.feedback(now, stamp, &mut endpoint.round_trip, feedback);
        if endpoint.downlink.due != before {
            self.reschedule(now, at);
        }
    }

    /// Looks at an endpoint's link if it is limited, and lets backlog go that has credit.
    pub(super) fn attend_downlink(&mut self, now: Instant, at: u32) {
        let stamp = self.stamp(now);
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        endpoint.downlink.trim(now, stamp);
        if endpoint.downlink.due.is_none_or(|due| due > now) {
            return;
        }
        let behind = || endpoint.slots.iter().filter(|slot| slot.backlog.is_some());
        let signing = |slot: &Slot| {
            slot.track.and_then(|at| self.tracks.get(at)).is_some_and(|track| track.interpreter)
        };
        let (backlog, yields) = (behind().count() > 0, behind().any(signing));
        (endpoint.downlink.backlog, endpoint.downlink.yields) = (backlog, yields);
        if endpoint.downlink.wants_look(now) {
            self.ease_repeats(now, at);
            let (sent, waited) = (self.sent_to(now, at), self.waited(now, at));
            let Some(endpoint) = self.endpoints.get_mut(at) else { return };
            let pads = endpoint.slots.iter().any(Slot::pads);
            if endpoint.downlink.look(now, stamp, sent, waited, pads) == Look::Decide {
                self.unsettle_one(at);
            }
        }
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        endpoint.downlink.rest(now);
        if endpoint.downlink.backlog {
            self.fanout.release(at);
        } else if endpoint.downlink.is_probing() {
            self.pad(now, at);
        }
    }

    /// The rate of everything an endpoint's slots are to send.
    fn sent_to(&self, now: Instant, at: u32) -> Bitrate {
        let Some(endpoint) = self.endpoints.get(at) else { return Bitrate::ZERO };
        endpoint.slots.iter().fold(Bitrate::ZERO, |sum, slot| sum + self.rate_in(now, slot, true))
    }

    /// The rate of what a slot is to send, with what is `repeated` of it unasked or without.
    fn rate_in(&self, now: Instant, slot: &Slot, repeated: bool) -> Bitrate {
        let rate = slot.select.target().map_or(Bitrate::ZERO, |lane| self.rate_of(now, lane));
        let times = if repeated { u64::from(slot.repeats) + 1 } else { 1 };
        Bitrate::from_bps(rate.bps() * times)
    }

    /// How long the oldest packet of an endpoint's backlog has waited.
    fn waited(&self, now: Instant, at: u32) -> Duration {
        let slots = self.endpoints.get(at).map_or(&[][..], |endpoint| &endpoint.slots);
        let waits = slots.iter().filter_map(|slot| {
            let (backlog, track) = (slot.backlog?, self.tracks.get(slot.track?)?);
            let ring = &track.track.encodings.get(usize::from(backlog.encoding))?.ring;
            let first =
                (backlog.next..=ring.newest()?).take(MISSING).find_map(|seq| ring.get(seq))?;
            Some(now.saturating_duration_since(first.arrived))
        });
        waits.max().unwrap_or(Duration::ZERO)
    }

    fn rate_of(&self, now: Instant, lane: Lane) -> Bitrate {
        let track = self.tracks.get(lane.source);
        let encoding = track.and_then(|t| t.track.encodings.get(usize::from(lane.encoding)));
        encoding.map_or(Bitrate::ZERO, |encoding| encoding.monitor.bitrate(now))
    }

    /// The rate of the sound an endpoint is sent, with what is `repeated` of it or without.
    pub(super) fn sound_to(&self, now: Instant, at: u32, repeated: bool) -> Bitrate {
        let Some(endpoint) = self.endpoints.get(at) else { return Bitrate::ZERO };
        let sound = endpoint.slots.iter().filter(|slot| slot.kind == MediaKind::Audio);
        sound.fold(Bitrate::ZERO, |sum, slot| sum + self.rate_in(now, slot, repeated))
    }

    /// Has sound and pictures repeated as often as an endpoint's losses ask for, and its link allows.
    pub(super) fn judge_redundancy(&mut self, now: Instant, at: u32, loss: f32) {
        let (sound, pictures) = (self.sound_to(now, at, false), self.pictures_to(now, at));
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let limit = endpoint.downlink.limit();
        let depth = endpoint.redundancy.judge(loss, sound, limit);
        let times = endpoint.redundancy.picture_repeats(sound, pictures, limit);
        for slot in &mut endpoint.slots {
            slot.repeats = match slot.kind {
                MediaKind::Audio => slot.redundant().map_or(0, |_| depth),
                MediaKind::Video if slot.pads() => times,
                MediaKind::Video => 0,
            };
        }
    }

    /// Has pictures repeated no more often than an endpoint's link carries by now: a limit that fell must
    /// not keep what is fresh waiting for what is said again.
    fn ease_repeats(&mut self, now: Instant, at: u32) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        let repeats = |slot: &Slot| slot.kind == MediaKind::Video && slot.repeats > 0;
        if !endpoint.slots.iter().any(repeats) {
            return;
        }
        let (sound, pictures) = (self.sound_to(now, at, true), self.pictures_to(now, at));
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let limit = endpoint.downlink.limit();
        let times = endpoint.redundancy.picture_repeats(sound, pictures, limit);
        for slot in endpoint.slots.iter_mut().filter(|slot| slot.kind == MediaKind::Video) {
            slot.repeats = slot.repeats.min(times);
        }
    }

    /// The rate of the pictures an endpoint is sent, without repeats.
    fn pictures_to(&self, now: Instant, at: u32) -> Bitrate {
        let Some(endpoint) = self.endpoints.get(at) else { return Bitrate::ZERO };
        let pictures = endpoint.slots.iter().filter(|slot| slot.kind == MediaKind::Video);
        pictures.fold(Bitrate::ZERO, |sum, slot| sum + self.rate_in(now, slot, false))
    }
}
