//! Who is whom on the two sides: participant and endpoint, source and track.
//!
//! conf-core knows participants and sources, conf-media endpoints and tracks;
//! this is the only place where one becomes the other. It performs nothing: it
//! returns the commands that make the media plane agree with the meeting.

use std::collections::{BTreeMap, BTreeSet};

use conf_core::id::ParticipantId;
use conf_core::policy::watch::Sight;
use conf_core::stage::codec::VideoCodec;
use conf_core::stage::source::{Source, SourceSet};
use conf_media::rtp::Codec;
use conf_media::shard::{
    Command, Offer, Scope, Wish, Wished as MediaWished, Withheld as MediaWithheld,
};
use conf_media::{EndpointId, GroupId, TrackId};
use conf_proto::{Slot, Wish as AskedWish, Wished, Withheld, WithheldPicture};

/// Most wishes kept per participant; the protocol allows no more.
pub(crate) const MAX_WISHES: usize = 64;

/// Height in pixels somebody alone is played at: the highest layer there is.
const FEED_HEIGHT: u16 = 4_320;

/// Height everyone is played at on a connection with so many lines for pictures.
const fn play_height(lines: usize) -> u16 {
    match lines {
        0 | 1 => FEED_HEIGHT,
        2..=4 => 720,
        _ => 360,
    }
}

/// The one map of a meeting.
pub(crate) struct Bind {
    group: GroupId,
    /// Endpoints and tracks are numbered from here, under the group's number, so
    /// that an endpoint's meeting can be told from its id alone.
    next: u32,
    /// What cameras and screens are asked to be coded with.
    video: Codec,
    /// Who may see whose camera.
    sight: Sight,
    people: BTreeMap<ParticipantId, Seat>,
    endpoints: BTreeMap<EndpointId, ParticipantId>,
    tracks: BTreeMap<TrackId, (ParticipantId, Source)>,
}

/// What is known of one participant's media.
#[derive(Default)]
struct Seat {
    endpoint: Option<EndpointId>,
    /// Further connections that only receive.
    plays: BTreeSet<EndpointId>,
    tracks: BTreeMap<Source, TrackId>,
    /// Whether their camera shows an interpreter.
    interpreter: bool,
    /// The cameras their connections are held to; none: all.
    cameras: Option<Vec<TrackId>>,
    /// What the meeting has opened; everything else is closed.
    open: SourceSet,
    wishes: Option<Vec<AskedWish>>,
    slots: BTreeMap<String, Option<TrackId>>,
    /// Which encodings of their sources are wanted, where not all are.
    layers: BTreeMap<Source, Vec<bool>>,
    /// What their connection does not carry.
    withheld: Vec<(TrackId, MediaWithheld)>,
}

impl Bind {
    /// A meeting's map with nobody in it. Groups of one process never repeat.
    pub(crate) fn new(group: GroupId) -> Self {
        Self {
            group,
            next: 0,
            video: Codec::Vp8,
            sight: Sight::default(),
            people: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            tracks: BTreeMap::new(),
        }
    }

    /// The same map, with pictures asked for in `codec` instead of VP8.
    pub(crate) fn asking_for(mut self, codec: VideoCodec) -> Self {
        self.video = match codec {
            VideoCodec::Vp8 => Codec::Vp8,
            VideoCodec::H264 => Codec::H264,
            VideoCodec::Vp9 => Codec::Vp9,
            VideoCodec::Av1 => Codec::Av1,
        };
        self
    }

    /// The same map, with these marked as interpreters already.
    pub(crate) fn interpreted_by(mut self, who: impl Iterator<Item = ParticipantId>) -> Self {
        for who in who {
            self.people.entry(who).or_default().interpreter = true;
        }
        self
    }

    /// The camera of `who` shows an interpreter from now on, or no longer.
    pub(crate) fn interpret(&mut self, who: ParticipantId, on: bool) -> Vec<Command> {
        let seat = self.people.entry(who).or_default();
        seat.interpreter = on;
        let camera = seat.tracks.get(&Source::Camera).filter(|_| seat.endpoint.is_some());
        camera.map(|track| Command::Mark { track: *track, interpreter: on }).into_iter().collect()
    }

    /// Who may see whose camera is as in `sight` from now on.
    pub(crate) fn see(&mut self, sight: Sight) -> Vec<Command> {
        if self.sight == sight {
            return Vec::new();
        }
        self.sight = sight;
        let everyone: Vec<ParticipantId> = self.people.keys().copied().collect();
        let mut commands = Vec::new();
        for who in everyone {
            let shown = self.cameras_for(who);
            let Some(seat) = self.people.get_mut(&who).filter(|seat| seat.cameras != shown) else {
                continue;
            };
            let connections = seat.endpoint.iter().chain(&seat.plays);
            commands.extend(
                connections.map(|&endpoint| Command::Cameras { endpoint, shown: shown.clone() }),
            );
            seat.cameras = shown;
        }
        commands
    }

    /// A new connection for `who`, replacing any earlier one. The answer comes
    /// under the returned endpoint.
    pub(crate) fn connect(
        &mut self,
        who: ParticipantId,
        offer: conf_proto::Offer,
    ) -> (EndpointId, Vec<Command>) {
        let mut commands = self.disconnect(who);
        let endpoint = EndpointId(self.draw());
        let offer = self.offer(who, offer);
        let group = self.group;
        let shown = self.cameras_for(who);
        let seat = self.people.entry(who).or_default();
        seat.endpoint = Some(endpoint);
        seat.cameras = shown;
        self.endpoints.insert(endpoint, who);
        commands.push(Command::Connect { endpoint, group, offer });
        commands.extend(self.held_to(who, endpoint));
        commands.extend(self.restate(who));
        (endpoint, commands)
    }

    /// A further connection of `who` that only receives: what everyone else sends, or `feed`
    /// alone; nothing as long as nobody is it.
    pub(crate) fn play(
        &mut self,
        who: ParticipantId,
        sdp: String,
        feed: Option<Option<ParticipantId>>,
    ) -> (EndpointId, Vec<Command>) {
        let endpoint = EndpointId(self.draw());
        let offer = conf_proto::Offer { number: 1, fresh: true, sdp, sources: BTreeMap::new() };
        let lines = offer.sdp.lines().filter(|line| line.starts_with("m=video")).count();
        let height = if feed.is_some() { FEED_HEIGHT } else { play_height(lines) };
        let offer = self.offer(who, offer);
        let shown = self.cameras_for(who);
        let seat = self.people.entry(who).or_default();
        seat.plays.insert(endpoint);
        seat.cameras = shown;
        self.endpoints.insert(endpoint, who);
        let connect = Command::Connect { endpoint, group: self.group, offer };
        let scope = match feed {
            None => Scope::AllBut(self.tracks_of(who)),
            Some(feed) => Scope::Only(feed.map(|who| self.tracks_of(who)).unwrap_or_default()),
        };
        let mut commands = vec![connect, Command::Scope { endpoint, scope, height }];
        commands.extend(self.held_to(who, endpoint));
        (endpoint, commands)
    }

    /// From now on `endpoint` plays `feed` alone.
    pub(crate) fn follow(&mut self, endpoint: EndpointId, feed: ParticipantId) -> Vec<Command> {
        let scope = Scope::Only(self.tracks_of(feed));
        vec![Command::Scope { endpoint, scope, height: FEED_HEIGHT }]
    }

    /// Ends one connection, whatever it is for.
    pub(crate) fn end(&mut self, endpoint: EndpointId) -> Vec<Command> {
        let known = self.endpoints.contains_key(&endpoint);
        self.gone(endpoint);
        known.then_some(Command::Remove { endpoint }).into_iter().collect()
    }

    /// A further offer on the connection `who` has; `None` if there is none.
    pub(crate) fn reoffer(
        &mut self,
        who: ParticipantId,
        offer: conf_proto::Offer,
    ) -> Option<(EndpointId, Vec<Command>)> {
        let endpoint = self.people.get(&who)?.endpoint?;
        let offer = self.offer(who, offer);
        let mut commands = vec![Command::Reoffer { endpoint, offer }];
        commands.extend(self.restate(who));
        Some((endpoint, commands))
    }

    /// Ends the connection `who` has; tracks, gates and wishes wait for the next.
    pub(crate) fn disconnect(&mut self, who: ParticipantId) -> Vec<Command> {
        let Some(seat) = self.people.get_mut(&who) else { return Vec::new() };
        seat.slots.clear();
        seat.layers.clear();
        seat.withheld.clear();
        let Some(endpoint) = seat.endpoint.take() else { return Vec::new() };
        self.endpoints.remove(&endpoint);
        vec![Command::Remove { endpoint }]
    }

    /// Forgets someone who left.
    pub(crate) fn forget(&mut self, who: ParticipantId) -> Vec<Command> {
        let mut commands = self.disconnect(who);
        if let Some(seat) = self.people.remove(&who) {
            for endpoint in seat.plays {
                self.endpoints.remove(&endpoint);
                commands.push(Command::Remove { endpoint });
            }
            for track in seat.tracks.values() {
                self.tracks.remove(track);
            }
        }
        commands
    }

    /// Ends every connection.
    pub(crate) fn clear(&mut self) -> Vec<Command> {
        self.people.clear();
        self.tracks.clear();
        let endpoints = std::mem::take(&mut self.endpoints);
        endpoints.into_keys().map(|endpoint| Command::Remove { endpoint }).collect()
    }

    /// The media plane removed an endpoint by itself. An earlier one of the same
    /// participant is not theirs any more.
    pub(crate) fn gone(&mut self, endpoint: EndpointId) {
        let Some(who) = self.endpoints.remove(&endpoint) else { return };
        let Some(seat) = self.people.get_mut(&who) else { return };
        seat.plays.remove(&endpoint);
        if seat.endpoint == Some(endpoint) {
            seat.endpoint = None;
            seat.slots.clear();
            seat.layers.clear();
            seat.withheld.clear();
        }
    }

    /// The meeting opens or closes a source.
    pub(crate) fn gate(&mut self, who: ParticipantId, source: Source, open: bool) -> Vec<Command> {
        let seat = self.people.entry(who).or_default();
        seat.open = if open { seat.open.with(source) } else { seat.open.without(source) };
        let track = seat.tracks.get(&source);
        track.map(|track| Command::Gate { track: *track, open }).into_iter().collect()
    }

    /// Whether the meeting has a source open.
    pub(crate) fn is_open(&self, who: ParticipantId, source: Source) -> bool {
        self.people.get(&who).is_some_and(|seat| seat.open.contains(source))
    }

    /// What `who` would like to see, most wanted first.
    pub(crate) fn wish(&mut self, who: ParticipantId, wishes: Vec<AskedWish>) -> Vec<Command> {
        self.people.entry(who).or_default().wishes = Some(wishes);
        self.wishes_of(who).into_iter().collect()
    }

    /// Whether `who` has a connection, alive or being set up.
    pub(crate) fn connected(&self, who: ParticipantId) -> bool {
        self.people.get(&who).is_some_and(|seat| seat.endpoint.is_some())
    }

    /// Whose connection it is that counts for how well they are connected: the one they send
    /// by, or one that plays where there is none.
    pub(crate) fn owner_of(&self, endpoint: EndpointId) -> Option<ParticipantId> {
        let who = *self.endpoints.get(&endpoint)?;
        let main = self.people.get(&who)?.endpoint;
        main.is_none_or(|main| main == endpoint).then_some(who)
    }

    /// The changed slots of `endpoint` in the meeting's words.
    pub(crate) fn slots(
        &mut self,
        endpoint: EndpointId,
        changed: Vec<(String, Option<TrackId>)>,
    ) -> Option<(ParticipantId, Vec<Slot>)> {
        let who = *self.endpoints.get(&endpoint)?;
        if self.people.get(&who)?.endpoint != Some(endpoint) {
            // Who plays without a session knows its lines by what arrives on them.
            return None;
        }
        let told = changed.iter().map(|(mid, track)| self.slot(mid, *track)).collect();
        self.people.get_mut(&who)?.slots.extend(changed);
        Some((who, told))
    }

    /// All slots of `who`, for a session that missed the changes.
    pub(crate) fn all_slots(&self, who: ParticipantId) -> Vec<Slot> {
        let Some(seat) = self.people.get(&who) else { return Vec::new() };
        seat.slots.iter().map(|(mid, track)| self.slot(mid, *track)).collect()
    }

    /// The wanted encodings of a track in the meeting's words; `None` for a
    /// connection of before.
    pub(crate) fn layers(
        &mut self,
        endpoint: EndpointId,
        track: TrackId,
        wanted: Vec<bool>,
    ) -> Option<(ParticipantId, Source)> {
        let who = *self.endpoints.get(&endpoint)?;
        let (owner, source) = *self.tracks.get(&track)?;
        if owner != who {
            return None;
        }
        self.people.get_mut(&who)?.layers.insert(source, wanted);
        Some((who, source))
    }

    /// Which encodings of each source of `who` are wanted, for a session that
    /// missed it. Sources not named are wanted in full.
    pub(crate) fn all_layers(&self, who: ParticipantId) -> Vec<(Source, Vec<bool>)> {
        let seat = self.people.get(&who);
        let layers = seat.map(|seat| seat.layers.iter()).into_iter().flatten();
        layers.map(|(source, wanted)| (*source, wanted.clone())).collect()
    }

    /// What the connection of `endpoint` does not carry, in the meeting's words; `None` for a
    /// connection of before, or one that only plays.
    pub(crate) fn withheld(
        &mut self,
        endpoint: EndpointId,
        tracks: Vec<(TrackId, MediaWithheld)>,
    ) -> Option<(ParticipantId, Vec<WithheldPicture>)> {
        let who = *self.endpoints.get(&endpoint)?;
        let seat = self.people.get_mut(&who).filter(|seat| seat.endpoint == Some(endpoint))?;
        seat.withheld = tracks;
        Some((who, self.all_withheld(who)))
    }

    /// All that the connection of `who` does not carry, for a session that missed it.
    pub(crate) fn all_withheld(&self, who: ParticipantId) -> Vec<WithheldPicture> {
        let tracks = self.people.get(&who).map(|seat| seat.withheld.iter()).into_iter().flatten();
        let told = tracks.filter_map(|(track, what)| {
            let (participant, source) = *self.tracks.get(track)?;
            let what = match what {
                MediaWithheld::Lowered => Withheld::Lowered,
                MediaWithheld::Off => Withheld::Off,
            };
            Some(WithheldPicture { participant, source, what })
        });
        told.collect()
    }

    /// Asks the media plane for everything it has said, after some of it was lost.
    pub(crate) fn restate_all(&self) -> Vec<Command> {
        self.endpoints.keys().map(|endpoint| Command::Restate { endpoint: *endpoint }).collect()
    }

    /// Whose tracks these are, in the same order.
    pub(crate) fn publishers(&self, tracks: &[TrackId]) -> Vec<ParticipantId> {
        tracks.iter().filter_map(|track| self.tracks.get(track)).map(|(who, _)| *who).collect()
    }

    /// Whose own voices these are: the sound of a film they show is not.
    pub(crate) fn voices(&self, tracks: &[TrackId]) -> impl Iterator<Item = ParticipantId> {
        let published = tracks.iter().filter_map(|track| self.tracks.get(track));
        published.filter(|(_, source)| *source == Source::Microphone).map(|(who, _)| *who)
    }

    fn slot(&self, mid: &str, track: Option<TrackId>) -> Slot {
        let carried = track.and_then(|track| self.tracks.get(&track));
        Slot {
            mid: mid.to_owned(),
            participant: carried.map(|(who, _)| *who),
            source: carried.map(|(_, source)| *source),
        }
    }

    fn offer(&mut self, who: ParticipantId, offer: conf_proto::Offer) -> Offer {
        let conf_proto::Offer { number, sdp, sources, .. } = offer;
        let tracks: BTreeMap<String, TrackId> =
            sources.into_iter().map(|(mid, source)| (mid, self.track(who, source))).collect();
        let camera = |track: &&TrackId| {
            self.tracks.get(track).is_some_and(|(_, source)| *source == Source::Camera)
        };
        let cameras = tracks.values().filter(camera).copied().collect();
        Offer { number, sdp, tracks, cameras, video: self.video }
    }

    /// The track of a source: drawn at first mention, the same for the meeting.
    fn track(&mut self, who: ParticipantId, source: Source) -> TrackId {
        if let Some(track) = self.people.get(&who).and_then(|seat| seat.tracks.get(&source)) {
            return *track;
        }
        let track = TrackId(self.draw());
        self.people.entry(who).or_default().tracks.insert(source, track);
        self.tracks.insert(track, (who, source));
        track
    }

    /// The tracks of all that `who` could publish, published or not.
    fn tracks_of(&mut self, who: ParticipantId) -> Vec<TrackId> {
        Source::ALL.into_iter().map(|source| self.track(who, source)).collect()
    }

    /// The cameras `who` may see; none: all.
    fn cameras_for(&mut self, who: ParticipantId) -> Option<Vec<TrackId>> {
        let owners: Vec<ParticipantId> = self.sight.cameras_for(who)?.collect();
        Some(owners.into_iter().map(|owner| self.track(owner, Source::Camera)).collect())
    }

    /// What holds a new connection of `who` to the cameras they may see.
    fn held_to(&self, who: ParticipantId, endpoint: EndpointId) -> Option<Command> {
        let shown = self.people.get(&who)?.cameras.clone()?;
        Some(Command::Cameras { endpoint, shown: Some(shown) })
    }

    /// What a new or changed connection of `who` must be told again: its gates, whether it
    /// interprets, its wishes, and the wishes of others that name its tracks.
    fn restate(&self, who: ParticipantId) -> Vec<Command> {
        let Some(seat) = self.people.get(&who) else { return Vec::new() };
        let gates = seat.tracks.iter().filter(|(source, _)| seat.open.contains(**source));
        let mut commands: Vec<Command> =
            gates.map(|(_, track)| Command::Gate { track: *track, open: true }).collect();
        let marked = seat.tracks.get(&Source::Camera).filter(|_| seat.interpreter);
        commands.extend(marked.map(|track| Command::Mark { track: *track, interpreter: true }));
        commands.extend(self.wishes_of(who));
        let wishes_for_them = |wishes: &Vec<AskedWish>| {
            wishes.iter().any(
                |wish| matches!(wish.of, Wished::Source { participant, .. } if participant == who),
            )
        };
        let fans = self.people.iter().filter(|(other, seat)| {
            **other != who && seat.wishes.as_ref().is_some_and(wishes_for_them)
        });
        commands.extend(fans.filter_map(|(other, _)| self.wishes_of(*other)));
        commands
    }

    fn wishes_of(&self, who: ParticipantId) -> Option<Command> {
        let seat = self.people.get(&who)?;
        let (endpoint, asked) = (seat.endpoint?, seat.wishes.as_ref()?);
        let wishes = asked.iter().filter_map(|wish| {
            let of = match &wish.of {
                Wished::Source { participant, source } => {
                    MediaWished::Track(*self.people.get(participant)?.tracks.get(source)?)
                }
                Wished::Speaker { speaker } => MediaWished::Speaker(*speaker),
            };
            Some(Wish { of, height: wish.height })
        });
        Some(Command::Wish { endpoint, wishes: wishes.collect() })
    }

    fn draw(&mut self) -> u64 {
        // 2^32 connections and sources in one meeting do not happen; wrapping
        // would reuse an id long forgotten.
        self.next = self.next.wrapping_add(1);
        (self.group.0 << 32) | u64::from(self.next)
    }
}

/// The group an endpoint was numbered under.
pub(crate) fn group_of(endpoint: EndpointId) -> GroupId {
    GroupId(endpoint.0 >> 32)
}
