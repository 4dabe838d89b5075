//! Which track feeds which slot, and at which encoding: decided per group when something
//! changed, never per packet.

use std::time::{Duration, Instant};

use super::{Event, Shard};
use crate::{
    MediaKind,
    allocate::{Seat, Want, allocate},
    endpoint::Endpoint,
    forward::Lane,
    rtp::AudioLevel,
    track::MAX_ENCODINGS,
};

/// Height an endpoint without wishes is served at, in pixels.
const AUTOMATIC_HEIGHT: u16 = 360;
/// Between two judgements of who speaks.
const JUDGING_INTERVAL: Duration = Duration::from_millis(100);

impl Shard {
    /// Notes that a group's slots are to be decided anew.
    pub(super) fn unsettle(&mut self, group: u32) {
        if let Some(known) = self.groups.get_mut(group)
            && !known.unsettled
        {
            known.unsettled = true;
            self.unsettled.push(group);
        }
    }

    /// Decides the slots of every group that needs it.
    pub(super) fn settle(&mut self, now: Instant) {
        while let Some(group) = self.unsettled.pop() {
            let Some(known) = self.groups.get_mut(group) else { continue };
            known.unsettled = false;
            let members = known.endpoints.clone();
            let is = |at: &u32, kind| {
                self.tracks.get(*at).is_some_and(|track| track.kind == kind && track.is_open())
            };
            let Some(known) = self.groups.get(group) else { continue };
            // Those who speak first: while there are slots for all, the order changes nothing.
            let audio: Vec<u32> =
                known.speakers.ranked().filter(|at| is(at, MediaKind::Audio)).collect();
            let video: Vec<u32> =
                known.tracks.iter().copied().filter(|at| is(at, MediaKind::Video)).collect();
            for at in members {
                self.serve(now, at, &audio, &video);
            }
        }
    }

    /// Decides one endpoint's slots.
    fn serve(&mut self, now: Instant, at: u32, audio: &[u32], video: &[u32]) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        if !endpoint.is_reachable() {
            return;
        }
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let Some(endpoint) = self.endpoints.get(at) else { return };
            let places: Vec<u16> = (0u16..)
                .zip(&endpoint.slots)
                .filter(|(_, slot)| slot.kind == kind)
                .map(|(place, _)| place)
                .collect();
            let Some(first) = places.first().and_then(|at| endpoint.slots.get(usize::from(*at)))
            else {
                continue;
            };
            let wants = match kind {
                MediaKind::Audio => everything(endpoint, audio, places.len()),
                MediaKind::Video => self.wanted_video(endpoint, video, places.len()),
            };
            let mut seats: Vec<Option<Seat<u32>>> = places
                .iter()
                .map(|place| {
                    let slot = endpoint.slots.get(usize::from(*place))?;
                    let encoding = slot.select.target().map_or(0, |lane| lane.encoding);
                    Some(Seat { track: slot.track?, encoding })
                })
                .collect();
            // A source whose codec the slots lack is left out.
            let changed = allocate(&mut seats, &wants, |track| {
                let track = self.tracks.get(track)?;
                first.payload_type(track.codec)?;
                Some(track.states(now).collect())
            });
            if changed {
                self.apply(now, at, &places, &seats);
            }
        }
    }

    /// The video tracks an endpoint wants, most wanted first, with the height of each.
    fn wanted_video(&self, endpoint: &Endpoint, video: &[u32], most: usize) -> Vec<Want<u32>> {
        let Some(wishes) = &endpoint.wishes else { return everything(endpoint, video, most) };
        wishes
            .iter()
            .filter_map(|wish| {
                let track = *self.track_ids.get(&wish.track)?;
                let known = self.tracks.get(track)?;
                let allowed = known.is_open()
                    && known.kind == MediaKind::Video
                    && known.group == endpoint.group
                    && !endpoint.tracks.contains(&track);
                allowed.then_some(Want { track, height: wish.height })
            })
            .collect()
    }

    /// Carries out a plan: what each of the slots at `places` gets.
    fn apply(&mut self, now: Instant, at: u32, places: &[u16], seats: &[Option<Seat<u32>>]) {
        let mut changed = Vec::new();
        let mut keyframes: Vec<Lane> = Vec::new();
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let id = endpoint.id;
        for (&place, seat) in places.iter().zip(seats) {
            let Some(slot) = endpoint.slots.get_mut(usize::from(place)) else { continue };
            let track = seat.map(|seat| seat.track);
            if slot.track != track {
                if let Some(old) = slot.track.and_then(|old| self.tracks.get_mut(old)) {
                    old.subscribers.retain(|known| *known != (at, place));
                }
                slot.assign(track);
                self.stats.slot_changes += 1;
                let mut name = None;
                if let Some(new) = track.and_then(|new| self.tracks.get_mut(new)) {
                    new.subscribers.push((at, place));
                    name = Some(new.id);
                }
                changed.push((slot.mid.clone(), name));
            }
            if let Some(seat) = *seat
                && slot.aim(seat.encoding)
            {
                keyframes.push(Lane { source: seat.track, encoding: seat.encoding });
            }
        }
        if !changed.is_empty() {
            self.events.push_back(Event::Slots { endpoint: id, slots: changed });
        }
        for lane in keyframes {
            self.ask_keyframe(now, lane);
        }
    }

    /// Empties a slot whose track is gone or closed, and says so.
    pub(super) fn empty_slot(&mut self, at: u32, place: u16) {
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let Some(slot) = endpoint.slots.get_mut(usize::from(place)) else { return };
        if slot.track.is_some() {
            slot.assign(None);
            self.stats.slot_changes += 1;
            let slots = vec![(slot.mid.clone(), None)];
            self.events.push_back(Event::Slots { endpoint: endpoint.id, slots });
        }
    }

    /// Asks a lane's source for a keyframe, as soon as the throttle allows.
    pub(super) fn ask_keyframe(&mut self, now: Instant, lane: Lane) {
        let Some(track) = self.tracks.get_mut(lane.source) else { return };
        let encoding = usize::from(lane.encoding);
        if !track.codec.is_video() {
            return;
        }
        if let (Some(received), Some(stream)) =
            (track.track.encodings.get_mut(encoding), track.streams.get_mut(encoding))
        {
            received.keyframes.want();
            stream.watched = true;
            let publisher = track.endpoint;
            self.reschedule(now, publisher);
        }
    }

    /// Asks for keyframes of everything an endpoint is to be shown, for one that has returned:
    /// whatever it held of the old pictures is too old.
    pub(super) fn await_keyframes(&mut self, now: Instant, at: u32) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        let lanes: Vec<Lane> =
            endpoint.slots.iter().filter_map(|slot| slot.select.target()).collect();
        for lane in lanes {
            self.ask_keyframe(now, lane);
        }
    }

    /// Looks whether a track's encodings have come alive, died or changed their size, and who
    /// is still fed from each.
    pub(super) fn remeasure(&mut self, now: Instant, at: u32) {
        let Some(track) = self.tracks.get_mut(at) else { return };
        let mut watched = [false; MAX_ENCODINGS];
        for (subscriber, slot) in &track.subscribers {
            let slot =
                self.endpoints.get(*subscriber).and_then(|e| e.slots.get(usize::from(*slot)));
            let Some(slot) = slot else { continue };
            for lane in [slot.select.current(), slot.select.target()].into_iter().flatten() {
                if let Some(watched) = watched.get_mut(usize::from(lane.encoding))
                    && lane.source == at
                {
                    *watched = true;
                }
            }
        }
        let streams = track.streams.iter_mut().zip(&mut track.track.encodings);
        for ((stream, encoding), watched) in streams.zip(watched) {
            stream.watched = watched;
            if !watched {
                encoding.keyframes.forget();
            }
        }
        let mut measured = [(false, 0); MAX_ENCODINGS];
        for (into, state) in measured.iter_mut().zip(track.states(now)) {
            *into = (state.alive, state.height);
        }
        track.looked = Some(now);
        if track.measured != measured {
            track.measured = measured;
            let group = track.group;
            self.unsettle(group);
        }
    }

    /// Notes how loud a track is, and now and then who speaks.
    pub(super) fn hear(&mut self, now: Instant, group: u32, track: u32, level: AudioLevel) {
        let Some(known) = self.groups.get_mut(group) else { return };
        known.speakers.heard(now, track, level);
        if known.judged.is_none_or(|at| now.saturating_duration_since(at) >= JUDGING_INTERVAL) {
            self.judge_speakers(now, group);
        }
    }

    /// Tells who speaks, when that has changed.
    pub(super) fn judge_speakers(&mut self, now: Instant, group: u32) {
        let Some(known) = self.groups.get_mut(group) else { return };
        known.judged = Some(now);
        if !known.speakers.update(now) {
            return;
        }
        let tracks = known.speakers.speaking().iter();
        let tracks = tracks.filter_map(|at| self.tracks.get(*at)).map(|track| track.id).collect();
        if self.events.len() < self.config.limits.events {
            self.events.push_back(Event::Speaking { group: known.id, tracks });
        } else {
            self.stats.dropped_over_limit += 1;
        }
        self.unsettle(group);
    }
}

/// As many of these tracks as there are slots, without the endpoint's own.
fn everything(endpoint: &Endpoint, tracks: &[u32], most: usize) -> Vec<Want<u32>> {
    let others = tracks.iter().filter(|track| !endpoint.tracks.contains(track)).take(most);
    others.map(|&track| Want { track, height: AUTOMATIC_HEIGHT }).collect()
}
