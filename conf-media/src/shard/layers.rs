//! Which encodings of a track somebody needs, and what the publisher is told about it.

use std::time::{Duration, Instant};

use super::{Event, Shard};
use crate::{relay::Interest, track::MAX_ENCODINGS};

/// How long nobody must have needed an encoding until its publisher is told. Longer costs it
/// power and bits; shorter makes it stop and start while people change their layout.
const IDLE: Duration = Duration::from_secs(3);

/// Who needs which encodings of one track, in the course of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    /// When each was last needed; none before the first look.
    needed: [Option<Instant>; MAX_ENCODINGS],
    /// What the publisher was told last.
    told: [bool; MAX_ENCODINGS],
}

impl Default for Demand {
    fn default() -> Self {
        Self { needed: [None; MAX_ENCODINGS], told: [true; MAX_ENCODINGS] }
    }
}

impl Demand {
    /// Notes which encodings are needed now. What the publisher is to be told, if that is news.
    fn look(
        &mut self,
        now: Instant,
        needed: &[bool; MAX_ENCODINGS],
    ) -> Option<[bool; MAX_ENCODINGS]> {
        let mut wanted = [true; MAX_ENCODINGS];
        for (place, wanted) in wanted.iter_mut().enumerate().skip(1) {
            let since = self.needed[place].get_or_insert(now);
            if needed[place] {
                *since = now;
            }
            let idle = now.saturating_duration_since(*since) >= IDLE;
            *wanted = needed[place] || (self.told[place] && !idle);
        }
        (wanted != self.told).then_some(wanted)
    }
}

impl Shard {
    /// Looks whether a track's encodings have come alive, died or changed their size, and who
    /// is still fed from each.
    pub(super) fn remeasure(&mut self, now: Instant, at: u32) {
        let Some(track) = self.tracks.get_mut(at) else { return };
        let mut watched = [false; MAX_ENCODINGS];
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
        // Of another shard's track these are what its home was told, and no need of their own.
        let abroad = track.home.here().map_or(0, |_| track.interest().watched);
        for (place, watched) in watched.iter_mut().enumerate() {
            *watched |= abroad >> place & 1 == 1;
        }
        let streams = track.streams.iter_mut().zip(&mut track.track.encodings);
        for ((stream, encoding), watched) in streams.zip(watched) {
            stream.watched = watched;
            if !watched {
                encoding.keyframes.forget();
            }
        }
        let mut measured = [(false, 0); MAX_ENCODINGS];
        for (into, state) in measured.iter_mut().zip(track.states(now)) {
            *into = (state.alive, state.height);
        }
        track.looked = Some(now);
        if track.measured != measured {
            track.measured = measured;
            let group = track.group;
            self.unsettle(group);
        }
        self.demand(now, at);
    }

    /// Looks which encodings of a track are needed, and tells its publisher when that changed.
    pub(super) fn demand(&mut self, now: Instant, at: u32) {
        let Some(track) = self.tracks.get(at) else { return };
        let count = track.streams.len();
        let there = track.home.there().is_some();
        if if there { !track.codec.is_video() } else { count < 2 } {
            return;
        }
        let mut interest = if there { Interest::default() } else { track.interest() };
        let mut needed = [false; MAX_ENCODINGS];
        for (subscriber, place) in &track.subscribers {
            let Some(to) = self.endpoints.get(*subscriber).filter(|to| to.is_reachable()) else {
                continue;
            };
            let Some(slot) = to.slots.get(usize::from(*place)) else { continue };
            let lanes = [slot.select.current(), slot.select.target()];
            let fed = lanes.into_iter().flatten().filter(|lane| lane.source == at);
            for lane in fed {
                interest.watched |= 1 << lane.encoding.min(7);
            }
            interest.needed |= 1 << slot.desired.min(7);
        }
        interest.needed |= interest.watched;
        if there {
            return self.tell_home(at, interest);
        }
        for (place, needed) in needed.iter_mut().enumerate() {
            *needed = interest.needed >> place & 1 == 1;
        }
        let Some(track) = self.tracks.get_mut(at) else { return };
        if let Some(wanted) = track.demand.look(now, &needed)
            && self.tell_layers(at, wanted)
            && let Some(track) = self.tracks.get_mut(at)
        {
            // What could not be told is told at the next look.
            track.demand.told = wanted;
        }
    }

    /// Tells once more which encodings of a track are wanted.
    pub(super) fn repeat_layers(&mut self, at: u32) {
        if let Some(track) = self.tracks.get(at).filter(|track| track.streams.len() > 1) {
            self.tell_layers(at, track.demand.told);
        }
    }

    fn tell_layers(&mut self, at: u32, wanted: [bool; MAX_ENCODINGS]) -> bool {
        let Some(track) = self.tracks.get(at) else { return true };
        let Some(publisher) = track.home.here().and_then(|at| self.endpoints.get(at)) else {
            return true;
        };
        let wanted = wanted.iter().copied().take(track.streams.len()).collect();
        let event = Event::Layers { endpoint: publisher.id, track: track.id, wanted };
        self.tell(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [bool; MAX_ENCODINGS] = [true; MAX_ENCODINGS];
    const NONE: [bool; MAX_ENCODINGS] = [false; MAX_ENCODINGS];

    fn told(demand: &mut Demand, now: Instant, needed: [bool; MAX_ENCODINGS]) -> bool {
        let news = demand.look(now, &needed);
        if let Some(news) = news {
            demand.told = news;
        }
        news.is_some()
    }

    #[test]
    fn what_nobody_needs_is_let_go_after_a_while_and_taken_back_at_once() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut demand = Demand::default();
        assert!(!told(&mut demand, start, NONE));
        assert!(!told(&mut demand, after(2_900), NONE));
        assert!(told(&mut demand, after(3_000), NONE));
        assert_eq!(demand.told, [true, false, false, false], "the lowest stays");
        assert!(told(&mut demand, after(3_010), [false, false, true, false]));
        assert_eq!(demand.told, [true, false, true, false]);
        assert!(!told(&mut demand, after(5_000), NONE));
        assert!(told(&mut demand, after(6_010), NONE));
    }

    #[test]
    fn a_need_that_comes_and_goes_is_told_once() {
        let start = Instant::now();
        let mut demand = Demand::default();
        let mut news = 0;
        for step in 0..60u64 {
            let needed = if step % 5 == 0 { ALL } else { NONE };
            news += u32::from(told(&mut demand, start + Duration::from_millis(step * 500), needed));
        }
        assert_eq!(news, 0);
    }
}
