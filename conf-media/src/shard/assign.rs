//! Which track feeds which slot, and at which encoding: decided per group when something
//! changed, never per packet.

use std::time::Instant;

use super::{Event, Shard, published::Published, slab::Slab};
use crate::{MediaKind, endpoint::Endpoint, forward::Lane, rtp::AudioLevel, track::EncodingState};

/// Height an endpoint without wishes is served at, in pixels.
const AUTOMATIC_HEIGHT: u16 = 360;

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
            let open = |kind| -> Vec<u32> {
                let is =
                    |at: &u32| self.tracks.get(*at).is_some_and(|t| t.kind == kind && t.is_open());
                self.groups
                    .get(group)
                    .map(|g| g.tracks.iter().copied().filter(is).collect())
                    .unwrap_or_default()
            };
            let (audio, video) = (open(MediaKind::Audio), open(MediaKind::Video));
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
        let mut wanted = wanted_audio(endpoint, audio);
        wanted.extend(self.wanted_video(endpoint, video));
        let plan = place(endpoint, &self.tracks, &wanted);
        self.apply(now, at, &plan);
    }

    /// The video tracks an endpoint wants, most wanted first, with the height of each.
    fn wanted_video(&self, endpoint: &Endpoint, video: &[u32]) -> Vec<(u32, u16)> {
        let own = |track: &u32| endpoint.tracks.contains(track);
        match &endpoint.wishes {
            None => {
                let all = video.iter().copied().filter(|track| !own(track));
                all.map(|track| (track, AUTOMATIC_HEIGHT)).collect()
            }
            Some(wishes) => wishes
                .iter()
                .filter(|wish| wish.height > 0)
                .filter_map(|wish| {
                    let track = *self.track_ids.get(&wish.track)?;
                    let known = self.tracks.get(track)?;
                    let allowed = known.is_open()
                        && known.kind == MediaKind::Video
                        && known.group == endpoint.group
                        && !own(&track);
                    allowed.then_some((track, wish.height))
                })
                .collect(),
        }
    }

    /// Carries out a plan: what each slot gets, in slot order.
    fn apply(&mut self, now: Instant, at: u32, plan: &[Option<(u32, u16)>]) {
        let mut changed = Vec::new();
        let mut keyframes: Vec<Lane> = Vec::new();
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let id = endpoint.id;
        for (place, (slot, planned)) in endpoint.slots.iter_mut().zip(plan).enumerate() {
            let track = planned.map(|(track, _)| track);
            if slot.track != track {
                if let Some(old) = slot.track.and_then(|old| self.tracks.get_mut(old)) {
                    old.subscribers.retain(|known| *known != (at, place as u16));
                }
                slot.assign(track);
                self.stats.slot_changes += 1;
                let mut id = None;
                if let Some(new) = track.and_then(|new| self.tracks.get_mut(new)) {
                    new.subscribers.push((at, place as u16));
                    id = Some(new.id);
                }
                changed.push((slot.mid.clone(), id));
            }
            if let Some((track, height)) = *planned
                && let Some(source) = self.tracks.get(track)
                && let Some(encoding) = choose(source.track.states(now), height)
                && slot.aim(encoding)
            {
                keyframes.push(Lane { source: track, encoding });
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
        let mut watched = [false; crate::track::MAX_ENCODINGS];
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
        for (encoding, stream) in
            track.track.encodings.iter_mut().zip(&mut track.streams).zip(watched).map(
                |((e, s), w)| {
                    s.watched = w;
                    (e, s)
                },
            )
        {
            if !stream.watched {
                encoding.keyframes.forget();
            }
        }
        let mut measured = [(false, 0); crate::track::MAX_ENCODINGS];
        for (into, state) in measured.iter_mut().zip(track.track.states(now)) {
            *into = (state.alive, state.height);
        }
        if track.measured != measured {
            track.measured = measured;
            let group = track.group;
            self.unsettle(group);
        }
    }

    /// Notes how loud a track is.
    pub(super) fn hear(&mut self, _now: Instant, _group: u32, _track: u32, _level: AudioLevel) {}
}

/// The audio tracks an endpoint is to hear.
fn wanted_audio(endpoint: &Endpoint, audio: &[u32]) -> Vec<(u32, u16)> {
    let slots = endpoint.slots.iter().filter(|slot| slot.kind == MediaKind::Audio).count();
    let others = audio.iter().filter(|track| !endpoint.tracks.contains(track));
    others.take(slots).map(|track| (*track, 0)).collect()
}

/// Puts wanted tracks into slots: those that have one keep it, the others take what is left.
/// `wanted` is ordered; what finds no slot is left out.
fn place(
    endpoint: &Endpoint,
    tracks: &Slab<Published>,
    wanted: &[(u32, u16)],
) -> Vec<Option<(u32, u16)>> {
    let mut plan: Vec<Option<(u32, u16)>> = vec![None; endpoint.slots.len()];
    let takes = |place: usize, track: u32| {
        let slot = &endpoint.slots[place];
        tracks
            .get(track)
            .is_some_and(|t| t.kind == slot.kind && slot.payload_type(t.codec).is_some())
    };
    // As many of each kind as there are slots; a track named twice counts once.
    let mut room = [MediaKind::Audio, MediaKind::Video]
        .map(|kind| endpoint.slots.iter().filter(|slot| slot.kind == kind).count());
    let mut chosen: Vec<(u32, u16)> = Vec::new();
    for &(track, height) in wanted {
        let Some(known) = tracks.get(track) else { continue };
        let left = &mut room[usize::from(known.kind == MediaKind::Video)];
        if *left > 0 && !chosen.iter().any(|(other, _)| *other == track) {
            *left -= 1;
            chosen.push((track, height));
        }
    }
    chosen.retain(|&(track, height)| {
        let kept = endpoint.slots.iter().position(|slot| slot.track == Some(track));
        match kept.filter(|place| takes(*place, track)) {
            Some(place) => {
                plan[place] = Some((track, height));
                false
            }
            None => true,
        }
    });
    for (track, height) in chosen {
        let free = (0..plan.len()).find(|&place| plan[place].is_none() && takes(place, track));
        if let Some(place) = free {
            plan[place] = Some((track, height));
        }
    }
    plan
}

/// The encoding for a picture shown at `height`: the smallest live one that has so many lines,
/// else the largest live one, else the lowest.
fn choose(states: impl Iterator<Item = EncodingState>, height: u16) -> Option<u8> {
    let mut best: Option<EncodingState> = None;
    let mut first = None;
    for state in states {
        first = first.or(Some(state.index));
        if !state.alive {
            continue;
        }
        best = Some(match best {
            None => state,
            Some(known) => {
                let better = if known.height >= height {
                    state.height >= height && state.height < known.height
                } else {
                    state.height > known.height
                };
                if better { state } else { known }
            }
        });
    }
    best.map(|state| state.index).or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Bitrate;

    fn layers(alive: [bool; 3]) -> impl Iterator<Item = EncodingState> {
        let heights = [180, 360, 720];
        (0..3u8).map(move |index| EncodingState {
            index,
            height: heights[usize::from(index)],
            bitrate: Bitrate::default(),
            alive: alive[usize::from(index)],
        })
    }

    #[test]
    fn the_smallest_encoding_that_is_large_enough_is_chosen() {
        assert_eq!(choose(layers([true; 3]), 100), Some(0));
        assert_eq!(choose(layers([true; 3]), 360), Some(1));
        assert_eq!(choose(layers([true; 3]), 361), Some(2));
        assert_eq!(choose(layers([true; 3]), 2_000), Some(2));
        assert_eq!(choose(layers([true, true, false]), 720), Some(1));
        assert_eq!(choose(layers([false, false, true]), 100), Some(2));
        assert_eq!(choose(layers([false; 3]), 360), Some(0));
    }
}
