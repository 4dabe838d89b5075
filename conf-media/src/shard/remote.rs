//! A group on several shards, as a shard sees it that has subscribers only: tracks of other
//! shards are kept here as if they were published here, with a ring of their own for fan-out and
//! repairs; what their publishers are to be asked for goes home.

use std::time::{Duration, Instant};

use super::{
    Shard,
    published::{Fresh, Home, Published},
};
use crate::{
    EndpointId, TrackId,
    endpoint::lines::Carried,
    forward::Lane,
    relay::{Interest, PacketNote, Record, Told},
    rtp::RtpView,
    track::{MAX_ENCODINGS, Path, Received},
};

/// Between two looks at what lives of a track whose packets come through the relay.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// Between two requests that go home for a keyframe of one encoding: a crowd asks once. Whether
/// the publisher is asked, its home decides.
const ASK_INTERVAL: Duration = Duration::from_millis(20);

impl Shard {
    /// Takes in what another shard tells of its groups and tracks.
    pub(super) fn take_news(&mut self, now: Instant, from: u8, record: Record<'_>) {
        match record {
            Record::Begin => self.begun_by(now, from),
            Record::Member { group, since } => self.joined_by(from, group, since),
            Record::Left { group } => self.left_by(now, from, group),
            Record::Anew { group } => {
                if let Some(&group) = self.group_ids.get(&group) {
                    self.drop_tracks_of(from, group);
                }
            }
            Record::Track(told) => self.take_track(from, &told),
            Record::Gone { track } => {
                if let Some(at) = self.theirs(from, track) {
                    self.drop_track(at);
                }
            }
            Record::Gate { track, open } => {
                if let Some(at) = self.theirs(from, track) {
                    self.gate_at(now, at, open);
                }
            }
            Record::Restart { track, encoding } => {
                if let Some(at) = self.theirs(from, track)
                    && let Some(track) = self.tracks.get_mut(at)
                {
                    track.begin_anew(encoding);
                    self.restart(now, Carried { track: at, encoding, repairs: false });
                }
            }
            Record::Packet { track, encoding, facts, bytes, .. } => {
                if let Some(at) = self.theirs(from, track) {
                    self.take_packet(now, at, encoding, facts, bytes);
                }
            }
            Record::Clock { track, encoding, ntp, rtp, offset } => {
                if let Some(at) = self.theirs(from, track) {
                    self.take_clock(at, encoding, (ntp, rtp), offset);
                }
            }
            Record::Keyframe { track, encoding } => self.wanted_abroad(now, track, encoding),
            Record::Interest { track, interest } => self.take_interest(now, from, track, interest),
            Record::Datagram { .. }
            | Record::Stream { .. }
            | Record::Mine { .. }
            | Record::NotMine { .. } => {}
        }
    }

    /// The index of a track that is another shard's.
    fn theirs(&self, shard: u8, track: TrackId) -> Option<u32> {
        let at = *self.track_ids.get(&track)?;
        (self.tracks.get(at)?.home.there() == Some(shard)).then_some(at)
    }

    fn take_track(&mut self, from: u8, told: &Told) {
        let Some(&group) = self.group_ids.get(&told.group) else { return };
        if let Some(&at) = self.track_ids.get(&told.track) {
            // One of ours by that name goes before theirs.
            if self.tracks.get(at).is_none_or(|track| track.home.here().is_some()) {
                return;
            }
            let Some(track) = self.tracks.get_mut(at) else { return };
            if track.home == (Home::There { shard: from, endpoint: told.endpoint })
                && track.streams.len() == usize::from(told.encodings)
                && track.is_open() == told.open
            {
                let marked = std::mem::replace(&mut track.interpreter, told.interpreter);
                if track.recode(told.codec) {
                    let subscribers = std::mem::take(&mut track.subscribers);
                    self.fanout.interrupt();
                    for (subscriber, slot) in subscribers {
                        self.empty_slot(subscriber, slot);
                    }
                    self.unsettle(group);
                } else if marked != told.interpreter {
                    self.unsettle(group);
                }
                return;
            }
            self.drop_track(at);
        }
        let track = Published::remote(from, group, told);
        self.relay.tracks += 1;
        let (audio, open) = (!track.codec.is_video(), track.is_open());
        let at = self.tracks.insert(track);
        self.track_ids.insert(told.track, at);
        self.relay.publishers.entry(told.endpoint).or_default().push(at);
        if let Some(group) = self.groups.get_mut(group) {
            group.tracks.push(at);
            if audio && open {
                group.speakers.open(at);
            } else if audio {
                group.speakers.add(at);
            }
        }
        self.unsettle(group);
    }

    /// Forgets the tracks of a group that another shard told of.
    pub(super) fn drop_tracks_of(&mut self, shard: u8, group: u32) {
        let Some(known) = self.groups.get(group) else { return };
        for at in known.tracks.clone() {
            if self.tracks.get(at).is_some_and(|track| track.home.there() == Some(shard)) {
                self.drop_track(at);
            }
        }
        self.unsettle(group);
    }

    /// Forgets all tracks of other shards in a group that has no members here any longer.
    pub(super) fn leave_group(&mut self, group: u32) {
        let Some(known) = self.groups.get(group) else { return };
        let id = known.id;
        for at in known.tracks.clone() {
            self.drop_track(at);
        }
        self.relay.tell_all(&Record::Left { group: id });
    }

    /// Forgets a track, whoever's it is; gives it back.
    pub(super) fn drop_track(&mut self, at: u32) -> Option<Published> {
        let mut gone = self.tracks.remove(at)?;
        self.fanout.interrupt();
        self.track_ids.remove(&gone.id);
        match gone.home {
            Home::Here(_) => {
                self.stats.open_tracks -= u64::from(gone.is_open());
                self.tell_group(gone.group, &Record::Gone { track: gone.id });
            }
            Home::There { endpoint, .. } => {
                self.relay.tracks -= 1;
                if let Some(tracks) = self.relay.publishers.get_mut(&endpoint) {
                    tracks.retain(|known| *known != at);
                    if tracks.is_empty() {
                        self.relay.publishers.remove(&endpoint);
                    }
                }
            }
        }
        for (subscriber, slot) in std::mem::take(&mut gone.subscribers) {
            self.empty_slot(subscriber, slot);
        }
        if let Some(group) = self.groups.get_mut(gone.group) {
            group.tracks.retain(|known| *known != at);
            group.speakers.remove(at);
        }
        self.unsettle(gone.group);
        Some(gone)
    }

    /// Puts a packet of another shard's track into its ring here, and queues it for everyone it
    /// feeds here.
    fn take_packet(
        &mut self,
        now: Instant,
        at: u32,
        encoding: u8,
        facts: PacketNote,
        packet: &[u8],
    ) {
        let Ok(view) = RtpView::parse(packet) else {
            self.stats.dropped_malformed += 1;
            return;
        };
        let arrived = self.relay.instant(facts.arrived, now);
        let Some(track) = self.tracks.get_mut(at) else { return };
        if !track.gate().admit() {
            self.stats.gated_packets += 1;
            return;
        }
        let Some(received) = track.track.encodings.get_mut(usize::from(encoding)) else { return };
        let path = if facts.repair { Path::Repair } else { Path::Direct };
        match received.receive(arrived, facts.codec, &view, facts.level, path) {
            Err(_) => self.stats.dropped_malformed += 1,
            Ok(Received::Duplicate) => self.stats.dropped_replayed += 1,
            Ok(Received::Unusable) => self.stats.dropped_late += 1,
            Ok(Received::New { facts: stored, .. }) => {
                // What is missing is asked for at home, and comes the same way.
                received.gaps.clear();
                let (group, video) = (track.group, track.codec.is_video());
                let old = track
                    .looked
                    .is_none_or(|at| now.saturating_duration_since(at) >= LOOK_INTERVAL);
                let entered = stored.is_entry() && video;
                self.spread(at, Fresh { encoding, seq: stored.seq });
                if !video {
                    let level =
                        facts.level.unwrap_or_else(|| super::voices::untold(view.payload()));
                    self.hear(arrived, group, at, level);
                }
                if entered || (video && old) {
                    self.remeasure(now, at);
                    self.ask_home_again(now, at);
                }
            }
        }
    }

    fn take_clock(&mut self, at: u32, encoding: u8, pair: (u64, u32), offset: i64) {
        let Some(track) = self.tracks.get_mut(at) else { return };
        if let Some(stream) = track.streams.get_mut(usize::from(encoding)) {
            stream.clock = Some(pair);
        }
        let Home::There { endpoint, .. } = track.home else { return };
        // One clock for all of a publisher's tracks, or its sound and pictures drift apart.
        for at in self.relay.publishers.get(&endpoint).into_iter().flatten() {
            if let Some(track) = self.tracks.get_mut(*at) {
                track.clock.set(offset);
            }
        }
    }

    /// Takes in what another shard needs of a track that is at home here.
    fn take_interest(&mut self, now: Instant, from: u8, track: TrackId, interest: Interest) {
        if let Some(&at) = self.track_ids.get(&track)
            && let Some(track) = self.tracks.get_mut(at)
            && track.home.here().is_some()
            && track.note_interest(from, interest)
        {
            self.remeasure(now, at);
        }
    }

    /// Tells a track's home what is needed of it here, when that has changed.
    pub(super) fn tell_home(&mut self, at: u32, interest: Interest) {
        if let Some(track) = self.tracks.get_mut(at)
            && let Some(shard) = track.home.there()
            && track.note_interest(shard, interest)
        {
            let record = Record::Interest { track: track.id, interest };
            self.relay.tell(shard, &record);
        }
    }

    /// Asks a track's home for a keyframe.
    pub(super) fn ask_home(&mut self, now: Instant, lane: Lane) {
        let Some(track) = self.tracks.get_mut(lane.source) else { return };
        let (Some(shard), id) = (track.home.there(), track.id) else { return };
        let encoding = usize::from(lane.encoding);
        let (Some(stream), Some(received)) =
            (track.streams.get_mut(encoding), track.track.encodings.get_mut(encoding))
        else {
            return;
        };
        received.keyframes.want();
        let due = |asked| now.saturating_duration_since(asked) >= ASK_INTERVAL;
        if stream.asked.is_none_or(due) {
            stream.asked = Some(now);
            // One that finds no room is asked again with the next look.
            self.relay.hand(shard, &Record::Keyframe { track: id, encoding: lane.encoding });
        }
    }

    /// Asks again for what somebody here still waits for.
    fn ask_home_again(&mut self, now: Instant, at: u32) {
        for encoding in 0..MAX_ENCODINGS as u8 {
            let waits = self.tracks.get(at).is_some_and(|track| {
                let received = track.track.encodings.get(usize::from(encoding));
                received.is_some_and(|e| e.keyframes.poll_timeout(now, Duration::ZERO).is_some())
            });
            if waits {
                self.ask_home(now, Lane { source: at, encoding });
            }
        }
    }

    /// Forgets the tracks another shard told of somebody who is connected here now.
    pub(super) fn moved_here(&mut self, endpoint: EndpointId) {
        for at in self.relay.publishers.get(&endpoint).cloned().unwrap_or_default() {
            self.drop_track(at);
        }
    }
}
