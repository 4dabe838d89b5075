//! How endpoints come and go: offers answered, tracks made, everything forgotten again.

use std::{collections::HashMap, time::Instant};

use super::{
    Command, Event, Group, Offer, OfferRefused, Scope, Shard,
    audience::AUTOMATIC_HEIGHT,
    clock::{PeerClock, RoundTrip},
    links::Link,
    published::{Home, Published},
};
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    endpoint::{
        Credentials, Endpoint, State,
        again::Again,
        answer::{LocalParameters, Negotiated, answer},
        downlink::Downlink,
        dtls::Dtls,
        ice::IceLite,
        lines::SendingLines,
        retransmit::RepairBudget,
        slot::Slot,
    },
    forward::redundancy::Redundancy,
    relay::{Record, initial},
    track::Arrivals,
};

/// Gates that may be set for tracks that are not there yet.
const EARLY_GATES: usize = 16_384;
/// Wishes one endpoint may have at a time; further ones are cut off.
const WISHES: usize = 256;

impl Shard {
    /// Carries out a command. Refusals come back as events or are counted.
    pub fn handle(&mut self, now: Instant, command: Command) {
        self.epoch.get_or_insert(now);
        match command {
            Command::Connect { endpoint, group, offer } => {
                let number = offer.number;
                let result = self.connect(now, endpoint, group, offer);
                self.answered(endpoint, number, result);
            }
            Command::Reoffer { endpoint, offer } => {
                let number = offer.number;
                let result = self.reoffer(now, endpoint, offer);
                self.answered(endpoint, number, result);
            }
            Command::Remove { endpoint } => match self.ids.get(&endpoint) {
                Some(&at) => self.forget(at, |_| false),
                None => self.stats.refused_commands += 1,
            },
            Command::Gate { track, open } => self.gate(now, track, open),
            Command::Wish { endpoint, mut wishes } => match self.find_mut(endpoint) {
                Some((at, known)) => {
                    wishes.truncate(WISHES);
                    known.wishes = Some(wishes);
                    self.unsettle_one(at);
                }
                None => self.stats.refused_commands += 1,
            },
            Command::Mark { track, interpreter } => self.mark(track, interpreter),
            Command::Scope { endpoint, scope, height } => self.narrow(endpoint, scope, height),
            Command::Cameras { endpoint, shown } => self.show_cameras(endpoint, shown),
            Command::Restart { endpoint, number, credentials } => {
                let result = self.restart_ice(now, endpoint, credentials);
                self.answered(endpoint, number, result);
            }
            Command::Restate { endpoint } => self.restate(endpoint),
        }
        self.settle(now);
    }

    /// Removes an endpoint with its tracks and slots. The gates of tracks that `keep` names
    /// stay as they were set.
    pub(super) fn forget(&mut self, at: u32, keep: impl Fn(TrackId) -> bool) {
        let Some(mut endpoint) = self.endpoints.remove(at) else { return };
        self.fanout.interrupt();
        self.ids.remove(&endpoint.id);
        self.demux.remove(endpoint.ice.local_ufrags(), at, &endpoint.proven);
        self.wheel.set(at, &mut endpoint.due, None);
        for route in &endpoint.proven {
            if self.demux.by_route(route).is_none() {
                self.relay.disclaim(route);
            }
        }
        for slot in &endpoint.slots {
            if let Some(source) = slot.track.and_then(|track| self.tracks.get_mut(track)) {
                source.subscribers.retain(|(subscriber, _)| *subscriber != at);
            }
        }
        let published = !endpoint.tracks.is_empty();
        for track in std::mem::take(&mut endpoint.tracks) {
            let Some(gone) = self.drop_track(track) else { continue };
            if keep(gone.id) {
                self.set_early_gate(gone.id, gone.is_open());
            }
        }
        if let Some(group) = self.groups.get_mut(endpoint.group) {
            group.endpoints.retain(|known| *known != at);
            if group.endpoints.is_empty() {
                let id = group.id;
                self.leave_group(endpoint.group);
                self.group_ids.remove(&id);
                self.groups.remove(endpoint.group);
            } else if published {
                self.unsettle(endpoint.group);
            }
        }
    }

    fn answered(
        &mut self,
        endpoint: EndpointId,
        number: u32,
        result: Result<String, OfferRefused>,
    ) {
        if result.is_err() {
            self.stats.refused_commands += 1;
        }
        self.events.push_back(Event::Answered { endpoint, number, result });
    }

    fn connect(
        &mut self,
        now: Instant,
        id: EndpointId,
        group: GroupId,
        offer: Offer,
    ) -> Result<String, OfferRefused> {
        if let Some(&old) = self.ids.get(&id) {
            self.forget(old, |track| offer.tracks.values().any(|kept| *kept == track));
        }
        self.moved_here(id);
        full("endpoints", self.endpoints.len() + 1, self.config.limits.endpoints)?;
        let members = self.group_ids.get(&group).and_then(|at| self.groups.get(*at));
        let members = members.map_or(0, |group| group.endpoints.len());
        full("endpoints in the group", members + 1, self.config.limits.group)?;

        let local = self.credentials();
        let (sdp, negotiated) = self.describe(&offer, &local, None)?;
        self.check(None, &offer, &negotiated)?;

        let group = match self.group_ids.get(&group) {
            Some(&at) => at,
            None => {
                let at = self.groups.insert(Group::new(group, self.relay.stamp(now)));
                self.group_ids.insert(group, at);
                self.enter_group(at);
                at
            }
        };
        let ice = Box::new(IceLite::new(&local.ufrag, &local.pwd, &negotiated.remote_ufrag));
        let dtls = Dtls::new(&self.dtls, negotiated.remote_fingerprint, now);
        let ufrag = local.ufrag.clone();
        let reporter = self.draw.number();
        let at = self.endpoints.insert(Endpoint {
            id,
            group,
            local,
            ice,
            dtls,
            keys: None,
            negotiated,
            state: State::Connecting,
            since: now,
            proven: Vec::new(),
            destination: None,
            lines: SendingLines::default(),
            slots: Vec::new(),
            tracks: Vec::new(),
            wishes: None,
            withheld: Vec::new(),
            scope: Scope::All,
            cameras: None,
            automatic_height: AUTOMATIC_HEIGHT,
            arrivals: Arrivals::new(now),
            feedback_media: 0,
            feedback_due: None,
            reports_due: None,
            reporter,
            clock: PeerClock::default(),
            round_trip: RoundTrip::default(),
            redundancy: Redundancy::default(),
            again: Again::default(),
            repairs: RepairBudget::default(),
            downlink: Downlink::default(),
            link: Link::default(),
            due: None,
        });
        self.ids.insert(id, at);
        self.demux.add(ufrag, at);
        if let Some(group) = self.groups.get_mut(group) {
            group.endpoints.push(at);
        }
        self.furnish(at, &offer);
        self.reschedule(now, at);
        Ok(sdp)
    }

    fn reoffer(
        &mut self,
        now: Instant,
        id: EndpointId,
        offer: Offer,
    ) -> Result<String, OfferRefused> {
        let at = *self.ids.get(&id).ok_or(OfferRefused::UnknownEndpoint(id))?;
        let endpoint = self.endpoints.get(at).ok_or(OfferRefused::UnknownEndpoint(id))?;
        let before = endpoint.negotiated.clone();
        let mut local = Credentials {
            session_version: endpoint.local.session_version + 1,
            session_id: endpoint.local.session_id,
            ufrag: endpoint.local.ufrag.clone(),
            pwd: endpoint.local.pwd.clone(),
        };
        let (mut sdp, mut negotiated) = self.describe(&offer, &local, Some(&before))?;
        if negotiated.remote_fingerprint != before.remote_fingerprint {
            return Err(OfferRefused::Description(
                "the offer's fingerprint changed: a new certificate needs a new connection"
                    .to_owned(),
            ));
        }
        let restarted = negotiated.remote_ufrag != before.remote_ufrag;
        if restarted {
            // The peer restarts ICE: both sides change their names (RFC 8445, section 9).
            let fresh = self.credentials();
            (local.ufrag, local.pwd) = (fresh.ufrag, fresh.pwd);
            (sdp, negotiated) = self.describe(&offer, &local, Some(&before))?;
        }
        self.check(Some(at), &offer, &negotiated)?;
        if let Some(endpoint) = self.endpoints.get_mut(at) {
            if restarted {
                let remote = &negotiated.remote_ufrag;
                if let Some(unused) = endpoint.ice.restart(&local.ufrag, &local.pwd, remote) {
                    self.demux.forget_ufrag(&unused);
                }
                self.demux.add(local.ufrag.clone(), at);
                // Whoever asks to come back is given the time for it once more.
                if endpoint.state == State::Lost {
                    endpoint.enter(State::Lost, now);
                }
            }
            endpoint.local = local;
            endpoint.negotiated = negotiated;
        }
        self.furnish(at, &offer);
        self.reschedule(now, at);
        Ok(sdp)
    }

    /// Answers a description without changing anything but what is drawn.
    fn describe(
        &mut self,
        offer: &Offer,
        local: &Credentials,
        previous: Option<&Negotiated>,
    ) -> Result<(String, Negotiated), OfferRefused> {
        let mut drawn = Vec::new();
        let draw = &mut self.draw;
        let mut ssrcs = || loop {
            let number = draw.number();
            if !drawn.contains(&number) && !previous.is_some_and(|old| uses(old, number)) {
                drawn.push(number);
                return number;
            }
        };
        let local = LocalParameters {
            ufrag: &local.ufrag,
            pwd: &local.pwd,
            fingerprint: self.dtls.certificate().fingerprint(),
            candidates: &self.config.candidates,
            tcp_candidates: &self.config.tcp_candidates,
            session_id: local.session_id,
            session_version: local.session_version,
            video: offer.video,
        };
        answer(&offer.sdp, &local, &mut ssrcs, previous)
            .map_err(|error| OfferRefused::Description(error.to_string()))
    }

    fn check(
        &self,
        at: Option<u32>,
        offer: &Offer,
        negotiated: &Negotiated,
    ) -> Result<(), OfferRefused> {
        full("slots", negotiated.slots().count(), self.config.limits.slots)?;
        for track in offer.tracks.values() {
            let known = self.track_ids.get(track).and_then(|known| self.tracks.get(*known));
            let owner = match known.map(|known| known.home) {
                None => None,
                Some(Home::Here(owner)) if Some(owner) == at => None,
                Some(Home::Here(owner)) => self.endpoints.get(owner).map(|owner| owner.id),
                Some(Home::There { endpoint, .. }) => Some(endpoint),
            };
            if let Some(owner) = owner {
                return Err(OfferRefused::TrackTaken { track: *track, owner });
            }
        }
        Ok(())
    }

    /// Makes the tracks and slots of an endpoint's lines that it does not have yet.
    fn furnish(&mut self, at: u32, offer: &Offer) {
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let mut made: HashMap<&str, u32> = HashMap::new();
        // Who was fed from a track that is coded otherwise from now on.
        let mut recoded = Vec::new();
        let tracks_before = endpoint.tracks.len();
        // What other shards are to be told of.
        let mut news = Vec::new();
        for line in endpoint.negotiated.sends() {
            let Some(&id) = offer.tracks.get(&line.mid) else { continue };
            if let Some(&known) = self.track_ids.get(&id) {
                made.insert(&line.mid, known);
                if let Some(track) = self.tracks.get_mut(known)
                    && track.resettle(line)
                {
                    recoded.append(&mut track.subscribers);
                    news.push(known);
                }
                continue;
            }
            let mut track = Published::new(id, at, endpoint.group, line);
            track.camera = track.kind == MediaKind::Video && offer.cameras.contains(&id);
            track.gate().set(self.early_gates.remove(&id).unwrap_or(false));
            self.stats.open_tracks += u64::from(track.is_open());
            let (audio, open) = (track.kind == MediaKind::Audio, track.is_open());
            let place = self.tracks.insert(track);
            self.track_ids.insert(id, place);
            endpoint.tracks.push(place);
            if let Some(group) = self.groups.get_mut(endpoint.group) {
                group.tracks.push(place);
                if audio && open {
                    group.speakers.open(place);
                } else if audio {
                    group.speakers.add(place);
                }
            }
            made.insert(&line.mid, place);
            news.push(place);
        }
        endpoint.lines.extend(endpoint.negotiated.sends(), |mid| made.get(mid).copied());
        let more = endpoint.negotiated.slots().count().saturating_sub(endpoint.slots.len());
        endpoint.slots.reserve_exact(more);
        for line in endpoint.negotiated.slots() {
            if !endpoint.slots.iter().any(|slot| slot.ssrc == line.ssrc) {
                let start = [self.draw.number(), self.draw.number(), self.draw.number()];
                endpoint.slots.push(Slot::new(line, start));
            }
        }
        let group = endpoint.group;
        let others_too = endpoint.tracks.len() > tracks_before || !recoded.is_empty();
        for track in news {
            self.tell_track(track);
        }
        if !recoded.is_empty() {
            self.fanout.interrupt();
        }
        for (subscriber, slot) in recoded {
            self.empty_slot(subscriber, slot);
        }
        self.heed_lines(at);
        if others_too {
            self.unsettle(group);
        } else {
            self.unsettle_one(at);
        }
    }

    fn gate(&mut self, now: Instant, track: TrackId, open: bool) {
        let Some(&at) = self.track_ids.get(&track) else {
            self.set_early_gate(track, open);
            return;
        };
        self.gate_at(now, at, open);
    }

    /// Opens or closes a track, whoever's it is.
    pub(super) fn gate_at(&mut self, now: Instant, at: u32, open: bool) {
        let Some(known) = self.tracks.get_mut(at) else { return };
        if !known.gate().set(open) {
            return;
        }
        let (id, here) = (known.id, known.home.here().is_some());
        let (group, audio) = (known.group, known.kind == MediaKind::Audio);
        if !open {
            known.close();
            for (subscriber, slot) in std::mem::take(&mut known.subscribers) {
                self.empty_slot(subscriber, slot);
            }
        }
        if here {
            self.tell_group(group, &Record::Gate { track: id, open });
            if open {
                self.stats.open_tracks += 1;
            } else {
                self.stats.open_tracks -= 1;
            }
        }
        if audio && let Some(group) = self.groups.get_mut(group) {
            if open {
                group.speakers.open(at);
            } else {
                group.speakers.close(at);
            }
        }
        if audio {
            self.judge_speakers(now, group);
        }
        self.unsettle(group);
    }

    fn set_early_gate(&mut self, track: TrackId, open: bool) {
        if !open {
            self.early_gates.remove(&track);
        } else if self.early_gates.len() < EARLY_GATES {
            self.early_gates.insert(track, true);
        } else {
            self.stats.refused_commands += 1;
        }
    }

    pub(super) fn credentials(&mut self) -> Credentials {
        Credentials {
            ufrag: format!("{}{}", initial(self.relay.me()), self.draw.token::<8>()),
            pwd: self.draw.token::<24>(),
            // Below 2^63, as the `o=` line wants it (RFC 9429, section 5.2.1).
            session_id: u64::from(self.draw.number() >> 1) << 32 | u64::from(self.draw.number()),
            session_version: 1,
        }
    }

    fn find_mut(&mut self, id: EndpointId) -> Option<(u32, &mut Endpoint)> {
        let at = *self.ids.get(&id)?;
        self.endpoints.get_mut(at).map(|endpoint| (at, endpoint))
    }
}

fn full(what: &'static str, found: usize, limit: usize) -> Result<(), OfferRefused> {
    if found > limit { Err(OfferRefused::Full { what, found, limit }) } else { Ok(()) }
}

fn uses(negotiated: &Negotiated, ssrc: u32) -> bool {
    negotiated.slots().any(|slot| slot.ssrc == ssrc || slot.rtx_ssrc == Some(ssrc))
}
