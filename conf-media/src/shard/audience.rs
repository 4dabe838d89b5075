//! What an endpoint is to be given, most wanted first: from its wishes, or by who speaks.

use super::{
    Scope, Shard, Wished,
    published::{Home, Published},
    slab::Slab,
};
use crate::{EndpointId, MediaKind, allocate::Want, endpoint::Endpoint};

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
        others.take(most).map(|&track| Want { track, height: AUTOMATIC_HEIGHT }).collect()
    }

    /// For an endpoint without wishes. What is shown already stays before what is not, unless
    /// somebody without a slot speaks.
    fn pictures(&self, endpoint: &Endpoint, tracks: &Slab<Published>) -> Vec<Want<u32>> {
        let shown = |track: &u32| endpoint.slots.iter().any(|slot| slot.track == Some(*track));
        let (speaking, silent) = self.cameras.split_at(self.turns.min(self.cameras.len()));
        let stay = silent.iter().filter(|track| shown(track));
        let come = silent.iter().filter(|track| !shown(track));
        let all = self.shared.iter().chain(speaking).chain(stay).chain(come);
        all.filter(|track| endpoint.may_have(**track, tracks))
            .map(|&track| Want { track, height: endpoint.automatic_height })
            .collect()
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
        wishes
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
                allowed.then_some(Want { track, height: wish.height })
            })
            .collect()
    }
}
