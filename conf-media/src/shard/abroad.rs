//! A group on several shards, as the shard sees it that has a track's publisher: what it tells
//! the others, and what they ask of it.

use std::time::Instant;

use super::{Group, Shard};
use crate::{
    GroupId, TrackId,
    endpoint::lines::Carried,
    forward::Lane,
    relay::{PacketNote, Record},
    rtp::{AudioLevel, Codec, FIXED_HEADER, RtpHeader, RtpView, write_header},
    track::Path,
};

/// Another shard that has members of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abroad {
    pub(super) shard: u8,
    /// Since when it has.
    pub(super) since: u64,
}

impl Group {
    /// Whether this shard speaks for the group: the one that has had members for longest.
    pub(super) fn is_home(&self, me: u8) -> bool {
        self.abroad.iter().all(|other| (self.since, me) < (other.since, other.shard))
    }
}

impl Shard {
    /// Tells all other shards that there are members of a group here.
    pub(super) fn enter_group(&mut self, group: u32) {
        if let Some(group) = self.groups.get(group) {
            self.relay.tell_all(&Record::Member { group: group.id, since: group.since });
        }
    }

    /// Tells the shards that have members of a group too.
    pub(super) fn tell_group(&mut self, group: u32, record: &Record<'_>) {
        let Some(group) = self.groups.get(group) else { return };
        for abroad in &group.abroad {
            self.relay.tell(abroad.shard, record);
        }
    }

    /// Tells the other shards of a track: that it is there, or that it is coded otherwise.
    pub(super) fn tell_track(&mut self, at: u32) {
        if let Some(track) = self.tracks.get(at)
            && let Some(record) = self.track_record(at)
        {
            let group = track.group;
            self.tell_group(group, &record);
        }
    }

    fn track_record(&self, at: u32) -> Option<Record<'static>> {
        let track = self.tracks.get(at)?;
        let publisher = self.endpoints.get(track.home.here()?)?;
        let group = self.groups.get(track.group)?;
        Some(Record::Track(track.told(group.id, publisher.id)))
    }

    /// Tells one shard all tracks of a group.
    pub(super) fn tell_tracks(&mut self, shard: u8, group: u32) {
        let Some(known) = self.groups.get(group) else { return };
        self.relay.tell(shard, &Record::Anew { group: known.id });
        for track in known.tracks.clone() {
            if let Some(record) = self.track_record(track) {
                self.relay.tell(shard, &record);
            }
        }
    }

    /// Tells one shard everything that it has to know of this one.
    pub(super) fn restate_to(&mut self, shard: u8) {
        let claimed: Vec<_> = self.relay.addresses.claimed().collect();
        for route in claimed {
            self.relay.tell(shard, &Record::Mine { route });
        }
        let groups: Vec<u32> = self.group_ids.values().copied().collect();
        for at in groups {
            let Some(group) = self.groups.get_mut(at) else { continue };
            let (id, since) = (group.id, group.since);
            // It is told of the tracks when it says that it has members, too.
            group.abroad.retain(|abroad| abroad.shard != shard);
            self.relay.tell(shard, &Record::Member { group: id, since });
        }
    }

    /// Sends a packet on to every shard that has members of its track's group, once each.
    pub(super) fn cross(
        &mut self,
        arrived: Instant,
        carried: Carried,
        view: &RtpView<'_>,
        (path, codec): (Path, Codec),
        level: Option<AudioLevel>,
    ) {
        let Self { tracks, groups, relay, stats, .. } = self;
        let Some(track) = tracks.get(carried.track) else { return };
        let Some(group) = groups.get(track.group).filter(|group| !group.abroad.is_empty()) else {
            return;
        };
        let payload = view.payload();
        let header = RtpHeader {
            marker: view.marker,
            payload_type: view.payload_type,
            seq: view.seq,
            timestamp: view.timestamp,
            ssrc: view.ssrc,
        };
        let mut fixed = [0; FIXED_HEADER];
        let Some(FIXED_HEADER) = write_header(&mut fixed, &header, &[]) else { return };
        let facts = PacketNote {
            arrived: relay.stamp(arrived),
            codec,
            repair: path != Path::Direct,
            level,
        };
        let (id, encoding) = (track.id, carried.encoding);
        let record = Record::Packet { track: id, encoding, facts, header: &fixed, bytes: payload };
        for abroad in &group.abroad {
            if relay.hand(abroad.shard, &record) {
                stats.relayed_packets += 1;
            } else {
                stats.dropped_relay_full += 1;
            }
        }
    }

    /// Takes in that another shard has members of a group.
    pub(super) fn joined_by(&mut self, shard: u8, group: GroupId, since: u64) {
        let Some(&at) = self.group_ids.get(&group) else { return };
        let Some(known) = self.groups.get_mut(at) else { return };
        if let Some(abroad) = known.abroad.iter_mut().find(|abroad| abroad.shard == shard) {
            abroad.since = since;
            return;
        }
        known.abroad.push(Abroad { shard, since });
        let record = Record::Member { group, since: known.since };
        // It may not have had any when it was told.
        self.relay.tell(shard, &record);
        self.tell_tracks(shard, at);
    }

    /// Takes in that another shard has no members of a group any longer.
    pub(super) fn left_by(&mut self, now: Instant, shard: u8, group: GroupId) {
        let Some(&at) = self.group_ids.get(&group) else { return };
        self.drop_tracks_of(shard, at);
        let me = self.relay.me();
        let Some(known) = self.groups.get_mut(at) else { return };
        let before = known.is_home(me);
        known.abroad.retain(|abroad| abroad.shard != shard);
        let after = known.is_home(me);
        for track in known.tracks.clone() {
            if let Some(track) = self.tracks.get_mut(track) {
                track.interests.retain(|(of, _)| *of != shard);
            }
            self.remeasure(now, track);
        }
        if after && !before {
            self.tell_speakers(at);
        }
    }

    /// Takes in that a shard begins anew: it knows nothing, and nothing it told holds.
    pub(super) fn begun_by(&mut self, now: Instant, shard: u8) {
        self.relay.addresses.forget(shard);
        let groups: Vec<GroupId> = self.group_ids.keys().copied().collect();
        for group in groups {
            self.left_by(now, shard, group);
        }
        self.restate_to(shard);
    }

    /// Passes the wish for a keyframe on that somebody on another shard has.
    pub(super) fn wanted_abroad(&mut self, now: Instant, track: TrackId, encoding: u8) {
        if let Some(&source) = self.track_ids.get(&track)
            && self.tracks.get(source).is_some_and(|track| track.home.here().is_some())
        {
            self.stats.keyframe_wanted += 1;
            self.ask_keyframe(now, Lane { source, encoding });
        }
    }
}
