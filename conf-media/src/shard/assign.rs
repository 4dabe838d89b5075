//! Which track feeds which slot, and at which encoding: decided per group when something
//! changed, never per packet.

use std::time::Instant;

use super::{Event, Shard, audience::Program, withheld::withheld};
use crate::{
    MediaKind,
    allocate::{Seat, allocate, fit},
    forward::Lane,
    unit::Bitrate,
};

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

    /// Notes that the slots of one endpoint are to be decided anew, and nobody else's: it came,
    /// wants something else or can be sent more or less, and what there is to be given is as it
    /// was. Without this a room that fills would cost each newcomer as much as all before it.
    pub(super) fn unsettle_one(&mut self, at: u32) {
        if !self.newcomers.contains(&at) {
            self.newcomers.push(at);
        }
    }

    /// Decides the slots of every group and endpoint that needs it.
    pub(super) fn settle(&mut self, now: Instant) {
        while let Some(at) = self.newcomers.pop() {
            let Some(group) = self.endpoints.get(at).map(|endpoint| endpoint.group) else {
                continue;
            };
            if self.groups.get(group).is_some_and(|known| known.unsettled) {
                continue;
            }
            let program = self.program(group);
            self.serve(now, at, &program);
            for track in std::mem::take(&mut self.redemanded) {
                self.demand(now, track);
            }
        }
        while let Some(group) = self.unsettled.pop() {
            let Some(known) = self.groups.get_mut(group) else { continue };
            known.unsettled = false;
            let members = known.endpoints.clone();
            let program = self.program(group);
            for at in members {
                self.serve(now, at, &program);
            }
            // Publishers are told once what all of that asks of them.
            for track in std::mem::take(&mut self.redemanded) {
                self.demand(now, track);
            }
        }
    }

    /// Decides one endpoint's slots.
    fn serve(&mut self, now: Instant, at: u32, program: &Program) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        if !endpoint.is_reachable() {
            return;
        }
        let mut taken = Vec::new();
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let Some(endpoint) = self.endpoints.get(at) else { return };
            let places: Vec<u16> = (0u16..)
                .zip(&endpoint.slots)
                .filter(|(_, slot)| slot.kind == kind && slot.active)
                .map(|(place, _)| place)
                .collect();
            let Some(first) = places.first().and_then(|at| endpoint.slots.get(usize::from(*at)))
            else {
                continue;
            };
            let wants = match kind {
                MediaKind::Audio => program.sound(endpoint, &self.tracks, places.len()),
                MediaKind::Video => self.wanted_pictures(endpoint, program),
            };
            let mut seats: Vec<Option<Seat<u32>>> = places
                .iter()
                .map(|place| {
                    let slot = endpoint.slots.get(usize::from(*place))?;
                    let encoding = slot.select.target().map_or(0, |lane| lane.encoding);
                    Some(Seat { track: slot.track?, encoding, desired: slot.desired })
                })
                .collect();
            // A source whose codec the slots lack is left out.
            let live = |track| {
                let track = self.tracks.get(track)?;
                first.payload_type(track.codec)?;
                Some(track.states(now).collect())
            };
            let before = seats.clone();
            allocate(&mut seats, &wants, live);
            // What is sent twice has room for half.
            let mut times = 1 + u64::from(first.repeats);
            let budget = endpoint.downlink.budget.filter(|_| kind == MediaKind::Video);
            let wanted = budget.map(|budget| {
                let sound = self.sound_to(now, at, true);
                let (planned, room) = (seats.clone(), (budget - sound).bps());
                let half = Bitrate::from_bps(room / times);
                let mut pictures = fit(&mut seats, &before, &wants, half, live);
                taken = withheld(&planned, &seats);
                if times > 1 && !taken.is_empty() {
                    // Nothing is withheld for the sake of sending the rest twice.
                    (seats, times) = (planned.clone(), 1);
                    pictures = fit(&mut seats, &before, &wants, Bitrate::from_bps(room), live);
                    taken = withheld(&planned, &seats);
                }
                sound + Bitrate::from_bps(pictures.bps() * times)
            });
            if let (Some(wanted), Some(endpoint)) = (wanted, self.endpoints.get_mut(at)) {
                endpoint.downlink.wanted = wanted;
                if times == 1 {
                    endpoint.send_pictures_once();
                }
            }
            if seats != before {
                self.apply(now, at, &places, &seats);
            }
        }
        self.tell_withheld(at, &taken);
    }

    /// Carries out a plan: what each of the slots at `places` gets.
    fn apply(&mut self, now: Instant, at: u32, places: &[u16], seats: &[Option<Seat<u32>>]) {
        let mut changed = Vec::new();
        let mut keyframes: Vec<Lane> = Vec::new();
        let mut more = false;
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let id = endpoint.id;
        for (&place, seat) in places.iter().zip(seats) {
            let Some(slot) = endpoint.slots.get_mut(usize::from(place)) else { continue };
            let track = seat.map(|seat| seat.track);
            let desired = seat.map_or(0, |seat| seat.desired);
            if slot.track != track || slot.desired != desired {
                for track in [slot.track, track].into_iter().flatten() {
                    if !self.redemanded.contains(&track) {
                        self.redemanded.push(track);
                    }
                }
                slot.desired = desired;
            }
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
                more |= slot.kind == MediaKind::Video && slot.transport().is_some();
            }
        }
        if more {
            endpoint.downlink.expect_more(now);
            self.reschedule(now, at);
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
            slot.desired = 0;
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
        let Some(publisher) = track.home.here() else { return self.ask_home(now, lane) };
        if let (Some(received), Some(stream)) =
            (track.track.encodings.get_mut(encoding), track.streams.get_mut(encoding))
        {
            received.keyframes.want();
            stream.watched = true;
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

    /// Takes the tracks out of slots whose line does not receive any more, and gives lines that
    /// receive again their slot back.
    pub(super) fn heed_lines(&mut self, at: u32) {
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let mut stopped = Vec::new();
        for (place, slot) in (0u16..).zip(&mut endpoint.slots) {
            slot.active = endpoint.negotiated.slots().any(|line| line.ssrc == slot.ssrc);
            if !slot.active && slot.track.is_some() {
                stopped.push((place, slot.track));
            }
        }
        for (place, track) in stopped {
            if let Some(track) = track.and_then(|track| self.tracks.get_mut(track)) {
                track.subscribers.retain(|known| *known != (at, place));
            }
            self.empty_slot(at, place);
        }
    }
}
