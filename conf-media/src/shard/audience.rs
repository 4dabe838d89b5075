//! What an endpoint is to be given, most wanted first: from its wishes, or by who speaks.

use super::{
    Scope, Shard, Wished,
    published::{Home, Published},
    slab::Slab,
};
use crate::{EndpointId, MediaKind, TrackId, allocate::Want, endpoint::Endpoint};

/// Height an endpoint without wishes is served at, in pixels, unless it is told another.
pub(super) const AUTOMATIC_HEIGHT: u16 = 360;

/// Tracks a scope may name; further ones are cut off.
const SCOPE: usize = 256;

/// The open tracks of a group in the order they have a claim to slots, by index.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// Who talks, then who talked last.
    audio: Vec<u32>,
    /// Video that is no camera, in the order it came.
    shared: Vec<u32>,
    /// Cameras by whose turn it is to speak, then by how lately; the rest as they came.
    cameras: Vec<u32>,
    /// How many of those have their turn.
    turns: usize,
}

impl Program {
    /// As many audio tracks as there are slots, of those the endpoint may have.
    pub(super) fn sound(
        &self,
        endpoint: &Endpoint,
        tracks: &Slab<Published>,
        most: usize,
    ) -> Vec<Want<u32>> {
        let others = self.audio.iter().filter(|track| endpoint.may_have(**track, tracks));
        let want = |&track: &u32| Want { track, height: AUTOMATIC_HEIGHT, interpreter: false };
        others.take(most).map(want).collect()
    }

    /// For an endpoint without wishes. Interpreters come before who speaks; what is shown already
    /// stays before what is not, unless somebody without a slot speaks.
    fn pictures(&self, endpoint: &Endpoint, tracks: &Slab<Published>) -> Vec<Want<u32>> {
        let shown = |track: &u32| endpoint.slots.iter().any(|slot| slot.track == Some(*track));
        let (speaking, silent) = self.cameras.split_at(self.turns.min(self.cameras.len()));
        let stay = silent.iter().filter(|track| shown(track));
        let come = silent.iter().filter(|track| !shown(track));
        let all = self.shared.iter().chain(speaking).chain(stay).chain(come);
        let all = all.filter(|track| endpoint.may_have(**track, tracks));
        let wants = all.filter_map(|&track| want(track, endpoint.automatic_height, tracks));
        interpreters_first(wants.collect(), tracks)
    }
}

impl Shard {
    /// What there is to be given in a group now.
    pub(super) fn program(&self, group: u32) -> Program {
        let Some(known) = self.groups.get(group) else { return Program::default() };
        let open = |at: &u32, kind| {
            self.tracks.get(*at).is_some_and(|t| t.kind == kind && t.group == group && t.is_open())
        };
        let audio = known.speakers.sound().iter().copied();
        let audio = audio.filter(|at| open(at, MediaKind::Audio)).collect();
        let mut program = Program { audio, ..Program::default() };
        for (place, voice) in known.speakers.pictures().iter().enumerate() {
            let home = self.tracks.get(*voice).map(|track| track.home);
            for &at in home.map_or(&[][..], |home| self.published_by(home)) {
                let camera = self.tracks.get(at).is_some_and(|track| track.camera);
                // Someone may be heard on two tracks and is seen once.
                if camera && open(&at, MediaKind::Video) && !program.cameras.contains(&at) {
                    program.cameras.push(at);
                }
            }
            if place + 1 == known.speakers.turns() {
                program.turns = program.cameras.len();
            }
        }
        for &at in known.tracks.iter().filter(|at| open(at, MediaKind::Video)) {
            let camera = self.tracks.get(at).is_some_and(|track| track.camera);
            if !camera {
                program.shared.push(at);
            } else if !program.cameras.contains(&at) {
                program.cameras.push(at);
            }
        }
        program
    }

    /// Sets what an endpoint may be given.
    pub(super) fn narrow(&mut self, id: EndpointId, mut scope: Scope, height: u16) {
        let Some(at) = self.ids.get(&id).copied() else {
            self.stats.refused_commands += 1;
            return;
        };
        if let Scope::AllBut(named) | Scope::Only(named) = &mut scope {
            named.truncate(SCOPE);
        }
        if let Some(endpoint) = self.endpoints.get_mut(at) {
            (endpoint.scope, endpoint.automatic_height) = (scope, height);
        }
        self.unsettle_one(at);
    }

    /// Sets which cameras an endpoint may be given.
    pub(super) fn show_cameras(&mut self, id: EndpointId, mut shown: Option<Vec<TrackId>>) {
        let Some(at) = self.ids.get(&id).copied() else {
            self.stats.refused_commands += 1;
            return;
        };
        if let Some(named) = &mut shown {
            named.truncate(SCOPE);
        }
        if let Some(endpoint) = self.endpoints.get_mut(at) {
            endpoint.cameras = shown;
        }
        self.unsettle_one(at);
    }

    /// What a publisher publishes.
    fn published_by(&self, home: Home) -> &[u32] {
        let tracks = match home {
            Home::Here(at) => self.endpoints.get(at).map(|endpoint| &endpoint.tracks),
            Home::There { endpoint, .. } => self.relay.publishers.get(&endpoint),
        };
        tracks.map_or(&[], Vec::as_slice)
    }

    /// The video tracks an endpoint wants, most wanted first, with the height of each.
    pub(super) fn wanted_pictures(&self, endpoint: &Endpoint, program: &Program) -> Vec<Want<u32>> {
        let Some(wishes) = &endpoint.wishes else {
            return program.pictures(endpoint, &self.tracks);
        };
        let named = |of: Wished| match of {
            Wished::Track(id) => self.track_ids.get(&id).copied(),
            Wished::Speaker(_) => None,
        };
        let by_name: Vec<u32> = wishes.iter().filter_map(|wish| named(wish.of)).collect();
        let speakers: Vec<u32> = program
            .cameras
            .iter()
            .copied()
            .filter(|at| endpoint.may_have(*at, &self.tracks) && !by_name.contains(at))
            .collect();
        let wants = wishes
            .iter()
            .filter_map(|wish| {
                let track = match wish.of {
                    Wished::Track(_) => named(wish.of)?,
                    Wished::Speaker(place) => *speakers.get(usize::from(place))?,
                };
                let known = self.tracks.get(track)?;
                let allowed = known.is_open()
                    && known.kind == MediaKind::Video
                    && known.group == endpoint.group
                    && endpoint.may_have(track, &self.tracks);
                want(track, wish.height, &self.tracks).filter(|_| allowed)
            })
            .collect();
        interpreters_first(wants, &self.tracks)
    }

    /// Sets whether a track shows an interpreter.
    pub(super) fn mark(&mut self, id: TrackId, interpreter: bool) {
        let at = self.track_ids.get(&id).copied();
        let known = at.and_then(|at| Some((at, self.tracks.get_mut(at)?)));
        let ours =
            |track: &Published| track.home.here().is_some() && track.kind == MediaKind::Video;
        let Some((at, track)) = known.filter(|(_, track)| ours(track)) else {
            self.stats.refused_commands += 1;
            return;
        };
        if std::mem::replace(&mut track.interpreter, interpreter) != interpreter {
            let group = track.group;
            self.tell_track(at);
            self.unsettle(group);
        }
    }
}

/// A track shown so high.
fn want(track: u32, height: u16, tracks: &Slab<Published>) -> Option<Want<u32>> {
    Some(Want { track, height, interpreter: tracks.get(track)?.interpreter })
}

/// Puts interpreters before all other cameras, and leaves everything else in its order.
fn interpreters_first(mut wants: Vec<Want<u32>>, tracks: &Slab<Published>) -> Vec<Want<u32>> {
    let camera = |track: u32| tracks.get(track).is_some_and(|track| track.camera);
    let first = wants.iter().position(|want| camera(want.track) && !want.interpreter);
    let rest = wants.split_off(first.unwrap_or(wants.len()));
    let (interpreters, others): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|want| want.interpreter);
    wants.extend(interpreters);
    wants.extend(others);
    wants
}
