//! Which shard an endpoint, a track or a group is on: decided when its first offer is handed in,
//! known to whoever hands commands in and never asked for by a packet.

use std::collections::{HashMap, HashSet};

use crate::{
    EndpointId, GroupId, TrackId,
    shard::{Command, Event, Offer, OfferRefused},
};

/// Tracks that may be opened before their endpoint is known. Further ones stay closed until they
/// are opened again.
const EARLY: usize = 16_384;

/// Where everything is. A group's first endpoint comes to the shard that has the fewest, the
/// others to the same one, until it has so many of the group that another is to take a share.
#[derive(Debug)]
pub(super) struct Placement {
    /// Endpoints of a group on one shard beyond which the next goes to another.
    spread_at: usize,
    /// Endpoints of each shard.
    load: Vec<usize>,
    endpoints: HashMap<EndpointId, Placed>,
    /// A group's endpoints by shard.
    groups: HashMap<GroupId, Vec<usize>>,
    tracks: HashMap<TrackId, EndpointId>,
    /// Tracks that are open and whose endpoint was not answered yet.
    early: HashSet<TrackId>,
}

#[derive(Debug)]
struct Placed {
    shard: usize,
    group: GroupId,
    tracks: Vec<TrackId>,
    /// Offers that were not answered yet.
    asked: usize,
    /// The number of the latest of them that was a first one.
    first: u32,
    /// Its shard knows it.
    known: bool,
}

impl Placement {
    pub(super) fn new(shards: usize, spread_at: usize) -> Self {
        Self {
            spread_at: spread_at.max(1),
            load: vec![0; shards],
            endpoints: HashMap::new(),
            groups: HashMap::new(),
            tracks: HashMap::new(),
            early: HashSet::new(),
        }
    }

    /// The shard a command is for; none when it needs none yet. Nothing is changed.
    pub(super) fn shard(&self, command: &Command) -> Option<usize> {
        let of = |endpoint: &EndpointId| self.endpoints.get(endpoint).map(|placed| placed.shard);
        match command {
            Command::Connect { endpoint, group, offer } => {
                Some(of(endpoint).unwrap_or_else(|| self.choose(*group, offer)))
            }
            // Any shard answers for an endpoint that none has.
            Command::Reoffer { endpoint, .. }
            | Command::Remove { endpoint }
            | Command::Wish { endpoint, .. }
            | Command::Scope { endpoint, .. }
            | Command::Cameras { endpoint, .. }
            | Command::Restart { endpoint, .. }
            | Command::Restate { endpoint } => Some(of(endpoint).unwrap_or(0)),
            Command::Mark { track, .. } => Some(self.tracks.get(track).and_then(of).unwrap_or(0)),
            Command::Gate { track, .. } => self.tracks.get(track).and_then(of),
        }
    }

    /// Tracks of an offer that were opened before.
    pub(super) fn opened(&self, command: &Command) -> Vec<TrackId> {
        match command {
            Command::Connect { offer, .. } | Command::Reoffer { offer, .. } => {
                offer.tracks.values().filter(|track| self.early.contains(track)).copied().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Notes a command that `shard` was given, or none was. False when it went beyond the bound.
    pub(super) fn sent(&mut self, command: &Command, shard: Option<usize>) -> bool {
        match (command, shard) {
            (Command::Connect { endpoint, group, offer }, Some(shard)) => {
                let asked = self.endpoints.get(endpoint).map_or(0, |placed| placed.asked);
                let known = self.endpoints.get(endpoint).is_some_and(|placed| placed.known);
                self.forget(*endpoint);
                self.load[shard] += 1;
                let counts = self.groups.entry(*group).or_insert_with(|| vec![0; self.load.len()]);
                counts[shard] += 1;
                let placed = Placed {
                    shard,
                    group: *group,
                    tracks: Vec::new(),
                    asked: asked + 1,
                    first: offer.number,
                    known,
                };
                self.endpoints.insert(*endpoint, placed);
                self.note_tracks(*endpoint, offer);
            }
            (Command::Reoffer { endpoint, offer }, _) => {
                if let Some(placed) = self.endpoints.get_mut(endpoint) {
                    placed.asked += 1;
                    self.note_tracks(*endpoint, offer);
                }
            }
            (Command::Restart { endpoint, .. }, _) => {
                if let Some(placed) = self.endpoints.get_mut(endpoint) {
                    placed.asked += 1;
                }
            }
            (Command::Remove { endpoint }, _) => self.forget(*endpoint),
            (Command::Gate { track, open }, _) => {
                let owner = self.tracks.get(track).and_then(|owner| self.endpoints.get(owner));
                if !open || owner.is_some_and(|owner| owner.known) {
                    self.early.remove(track);
                } else if self.early.len() < EARLY {
                    self.early.insert(*track);
                } else {
                    return false;
                }
            }
            _ => {}
        }
        true
    }

    /// Notes what a shard says of its endpoints.
    pub(super) fn told(&mut self, event: &Event) {
        let endpoint = match event {
            Event::Answered { endpoint, number, result } => {
                let Some(placed) = self.endpoints.get_mut(endpoint) else { return };
                placed.asked = placed.asked.saturating_sub(1);
                match result {
                    Ok(_) => {
                        placed.known = true;
                        for track in &placed.tracks {
                            self.early.remove(track);
                        }
                    }
                    Err(OfferRefused::UnknownEndpoint(_)) => placed.known = false,
                    // A refused further offer changes nothing.
                    Err(_) if *number == placed.first => placed.known = false,
                    Err(_) => {}
                }
                endpoint
            }
            Event::Gone { endpoint } => {
                let Some(placed) = self.endpoints.get_mut(endpoint) else { return };
                placed.known = false;
                endpoint
            }
            _ => return,
        };
        // One that is being connected anew keeps its place.
        if self.endpoints.get(endpoint).is_some_and(|placed| !placed.known && placed.asked == 0) {
            self.forget(*endpoint);
        }
    }

    fn forget(&mut self, endpoint: EndpointId) {
        let Some(placed) = self.endpoints.remove(&endpoint) else { return };
        self.load[placed.shard] -= 1;
        for track in placed.tracks {
            if self.tracks.get(&track) == Some(&endpoint) {
                self.tracks.remove(&track);
            }
        }
        if let Some(counts) = self.groups.get_mut(&placed.group) {
            counts[placed.shard] -= 1;
            if counts.iter().all(|count| *count == 0) {
                self.groups.remove(&placed.group);
            }
        }
    }

    fn note_tracks(&mut self, endpoint: EndpointId, offer: &Offer) {
        let Some(placed) = self.endpoints.get_mut(&endpoint) else { return };
        for &track in offer.tracks.values() {
            // Whoever has it keeps it: its shard refuses the other.
            let owner = *self.tracks.entry(track).or_insert(endpoint);
            if owner == endpoint && !placed.tracks.contains(&track) {
                placed.tracks.push(track);
            }
        }
    }

    fn choose(&self, group: GroupId, offer: &Offer) -> usize {
        let owner = offer.tracks.values().find_map(|track| self.tracks.get(track));
        if let Some(owner) = owner.and_then(|owner| self.endpoints.get(owner)) {
            // Somebody else's track: the shard that knows it says so.
            return owner.shard;
        }
        let shards = 0..self.load.len();
        let least = |by: &dyn Fn(usize) -> (usize, usize)| {
            shards.clone().min_by_key(|shard| by(*shard)).unwrap_or(0)
        };
        let Some(counts) = self.groups.get(&group) else {
            return least(&|shard| (self.load[shard], 0));
        };
        let open = shards.clone().filter(|at| (1..self.spread_at).contains(&counts[*at]));
        open.max_by_key(|at| counts[*at])
            .unwrap_or_else(|| least(&|shard| (counts[shard], self.load[shard])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::wired::offer;

    fn connect(endpoint: u64, group: u64, tracks: &[u64]) -> Command {
        let tracks: Vec<_> =
            tracks.iter().map(|id| (TrackId(*id), crate::MediaKind::Audio)).collect();
        Command::Connect {
            endpoint: EndpointId(endpoint),
            group: GroupId(group),
            offer: offer(&tracks, (1, 0), 1),
        }
    }

    fn send(placement: &mut Placement, command: &Command) -> Option<usize> {
        let shard = placement.shard(command);
        assert!(placement.sent(command, shard));
        shard
    }

    fn answered(endpoint: u64, result: Result<String, OfferRefused>) -> Event {
        Event::Answered { endpoint: EndpointId(endpoint), number: 1, result }
    }

    fn gate(track: u64, open: bool) -> Command {
        Command::Gate { track: TrackId(track), open }
    }

    #[test]
    fn a_group_stays_together_and_groups_share_the_shards() {
        let mut placement = Placement::new(2, 150);
        for number in 0..100 {
            let shard = send(&mut placement, &connect(number, number % 2, &[]));
            assert_eq!(shard, Some((number % 2) as usize));
        }
        let wish = Command::Wish { endpoint: EndpointId(7), wishes: Vec::new() };
        assert_eq!(send(&mut placement, &wish), Some(1));
    }

    #[test]
    fn a_large_group_is_spread_evenly_beyond_its_bound() {
        let mut placement = Placement::new(3, 10);
        let mut found = [0; 3];
        for number in 0..60 {
            let shard = send(&mut placement, &connect(number, 1, &[])).unwrap();
            found[shard] += 1;
            if number < 10 {
                assert_eq!(shard, 0);
            }
        }
        assert_eq!(found, [20; 3]);
    }

    #[test]
    fn an_empty_group_is_forgotten_and_whoever_is_connected_anew_keeps_the_place() {
        let mut placement = Placement::new(2, 150);
        send(&mut placement, &connect(1, 1, &[5]));
        assert_eq!(send(&mut placement, &connect(2, 2, &[])), Some(1));
        placement.told(&answered(2, Ok(String::new())));
        // Connected anew before the shard's word of its loss arrives.
        assert_eq!(send(&mut placement, &connect(2, 2, &[])), Some(1));
        placement.told(&Event::Gone { endpoint: EndpointId(2) });
        assert_eq!(placement.endpoints.len(), 2);
        placement.told(&answered(2, Ok(String::new())));
        placement.told(&Event::Gone { endpoint: EndpointId(2) });
        placement.told(&answered(1, Err(OfferRefused::Description(String::new()))));
        assert!(placement.endpoints.is_empty() && placement.groups.is_empty());
        assert!(placement.tracks.is_empty());
        assert_eq!(placement.load, [0, 0]);
    }

    #[test]
    fn a_gate_finds_its_track_and_waits_for_one_that_is_not_there() {
        let mut placement = Placement::new(2, 150);
        send(&mut placement, &connect(1, 1, &[]));
        for track in [5, 6] {
            assert_eq!(send(&mut placement, &gate(track, true)), None);
        }
        assert_eq!(send(&mut placement, &gate(6, false)), None);
        let late = connect(2, 2, &[5, 6]);
        assert_eq!(placement.opened(&late), [TrackId(5)]);
        send(&mut placement, &late);
        let mark = |track| Command::Mark { track: TrackId(track), interpreter: true };
        assert_eq!(send(&mut placement, &mark(5)), Some(1), "to whoever has it");
        assert_eq!(send(&mut placement, &mark(7)), Some(0), "to be refused");
        // A refused offer may be made again, and finds the track open.
        placement.told(&answered(2, Err(OfferRefused::Description(String::new()))));
        assert_eq!(placement.opened(&late), [TrackId(5)]);
        send(&mut placement, &late);
        placement.told(&answered(2, Ok(String::new())));
        assert!(placement.opened(&late).is_empty(), "its shard knows by now");
        assert_eq!(send(&mut placement, &gate(5, false)), Some(1));
    }

    #[test]
    fn whoever_takes_anothers_track_is_sent_to_be_refused() {
        let mut placement = Placement::new(2, 1);
        send(&mut placement, &connect(1, 1, &[5]));
        assert_eq!(send(&mut placement, &connect(2, 2, &[5])), Some(0));
        placement.told(&answered(
            2,
            Err(OfferRefused::TrackTaken { track: TrackId(5), owner: EndpointId(1) }),
        ));
        assert_eq!(send(&mut placement, &gate(5, true)), Some(0));
    }

    #[test]
    fn early_gates_are_bounded() {
        let mut placement = Placement::new(1, 150);
        let taken = (0..20_000).filter(|track| placement.sent(&gate(*track, true), None)).count();
        assert_eq!(taken, EARLY);
    }
}
