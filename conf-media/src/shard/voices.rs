//! Who is heard: levels taken in as packets come, and who speaks told when that changes.

use std::time::{Duration, Instant};

use super::{Event, Shard};
use crate::rtp::{AudioLevel, opus};

/// Between two judgements of who speaks. Longer lets a new voice wait; shorter costs a walk over
/// the group's voices each time.
const JUDGING_INTERVAL: Duration = Duration::from_millis(40);
/// What a packet without a level is taken for when it is no silence: just loud enough to count,
/// so that any clear voice that waits a second comes before it. Senders with discontinuous
/// transmission are heard in turn this way; one that sends always holds a place nobody else needs.
const UNTOLD: AudioLevel = AudioLevel { below_full_db: 50, voice: true };
const UNTOLD_SILENCE: AudioLevel = AudioLevel { below_full_db: 127, voice: false };

/// How loud a packet is that says nothing of it.
pub(super) fn untold(payload: &[u8]) -> AudioLevel {
    if opus::is_silence(payload) { UNTOLD_SILENCE } else { UNTOLD }
}

impl Shard {
    /// Notes how loud a track is, and now and then who speaks.
    pub(super) fn hear(&mut self, now: Instant, group: u32, track: u32, level: AudioLevel) {
        let Some(known) = self.groups.get_mut(group) else { return };
        known.speakers.heard(now, track, level);
        self.judge_when_due(now, group);
    }

    /// Judges who speaks when nobody's packets cause it: those who have just fallen silent may
    /// send nothing any more.
    pub(super) fn judge_quiet(&mut self, now: Instant, at: u32) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        // Who is heard may be connected to another shard.
        let abroad = self.groups.get(endpoint.group).is_some_and(|g| !g.abroad.is_empty());
        if abroad || !endpoint.tracks.is_empty() {
            self.judge_when_due(now, endpoint.group);
        }
    }

    /// Judges who speaks unless that was done just now.
    pub(super) fn judge_when_due(&mut self, now: Instant, group: u32) {
        let judged = self.groups.get(group).and_then(|known| known.judged);
        if judged.is_none_or(|at| now.saturating_duration_since(at) >= JUDGING_INTERVAL) {
            self.judge_speakers(now, group);
        }
    }

    /// Tells who speaks, when that has changed, and looks at the slots when their order has.
    pub(super) fn judge_speakers(&mut self, now: Instant, group: u32) {
        let Some(known) = self.groups.get_mut(group) else { return };
        known.judged = Some(now);
        let changed = known.speakers.update(now);
        if changed.speaking {
            self.tell_speakers(group);
        }
        if changed.sound || changed.pictures {
            self.unsettle(group);
        }
    }

    /// Tells who speaks, if this shard is the one that does.
    pub(super) fn tell_speakers(&mut self, group: u32) {
        let me = self.relay.me();
        let Some(known) = self.groups.get(group).filter(|group| group.is_home(me)) else { return };
        let tracks = known.speakers.speaking().iter();
        let tracks = tracks.filter_map(|at| self.tracks.get(*at)).map(|track| track.id).collect();
        let event = Event::Speaking { group: known.id, tracks };
        self.tell(event);
    }

    /// Queues an event that a later one replaces; false when too many wait.
    pub(super) fn tell(&mut self, event: Event) -> bool {
        let fits = self.events.len() < self.config.limits.events;
        if fits {
            self.events.push_back(event);
        } else {
            self.stats.dropped_over_limit += 1;
        }
        fits
    }
}
