//! Who speaks, loudest first, without flicker; and who spoke last, for slots that are too few.

use std::time::{Duration, Instant};

use super::Level;
use crate::rtp::AudioLevel;

/// Loudness from which someone counts as speaking (77 dB above silence is 50 below full scale),
/// and below which speech has ended. The gap keeps a quiet voice from flickering.
const BEGINS: f32 = 77.0;
const ENDS: f32 = 67.0;
/// How long someone is still shown as speaking after the last sound: pauses for breath are
/// shorter, turns are longer.
const HOLD: Duration = Duration::from_millis(1200);
/// How much louder one speaker must be to be listed before another.
const MARGIN: f32 = 6.0;

/// The audio sources of one group; `T` is whatever the caller names tracks by.
///
/// Deterministic: the same calls give the same lists. Bounded by what the caller adds.
#[derive(Debug)]
pub struct Speakers<T> {
    /// Best rank first; the order is kept from one update to the next.
    sources: Vec<Source<T>>,
    speaking: Vec<T>,
}

#[derive(Debug, Clone, Copy)]
struct Source<T> {
    track: T,
    level: Level,
    /// Loudness at the last update.
    loudness: f32,
    /// Last moment it was loud enough.
    spoke: Option<Instant>,
    speaking: bool,
}

impl<T> Default for Speakers<T> {
    fn default() -> Self {
        Self { sources: Vec::new(), speaking: Vec::new() }
    }
}

impl<T: Copy + Ord> Speakers<T> {
    /// Adds a silent source; once.
    pub fn add(&mut self, track: T) {
        if !self.sources.iter().any(|source| source.track == track) {
            self.sources.push(Source {
                track,
                level: Level::default(),
                loudness: 0.0,
                spoke: None,
                speaking: false,
            });
        }
    }

    /// Forgets a source; the next [`Speakers::update`] says whether that changed the list.
    pub fn remove(&mut self, track: T) {
        self.sources.retain(|source| source.track != track);
    }

    /// Takes in the level of one packet; unknown tracks are ignored. Cost: linear in sources, so
    /// callers with many keep a level of their own and hand in every third packet.
    pub fn heard(&mut self, now: Instant, track: T, level: AudioLevel) {
        if let Some(source) = self.sources.iter_mut().find(|source| source.track == track) {
            source.level.heard(now, level);
        }
    }

    /// Judges anew; true when [`Speakers::speaking`] changed. Call every 100 ms or so.
    pub fn update(&mut self, now: Instant) -> bool {
        for source in &mut self.sources {
            source.loudness = source.level.loudness(now);
            let enough = if source.speaking { ENDS } else { BEGINS };
            if source.loudness >= enough {
                source.spoke = Some(now);
            }
            source.speaking =
                source.spoke.is_some_and(|spoke| now.saturating_duration_since(spoke) < HOLD);
        }
        // Insertion keeps the order of those that are about equal.
        for next in 1..self.sources.len() {
            let mut at = next;
            while at > 0 && self.sources[at].outranks(&self.sources[at - 1]) {
                self.sources.swap(at, at - 1);
                at -= 1;
            }
        }
        let speaking = self.sources.iter().filter(|source| source.speaking);
        let changed =
            !speaking.clone().map(|source| source.track).eq(self.speaking.iter().copied());
        if changed {
            self.speaking.clear();
            self.speaking.extend(speaking.map(|source| source.track));
        }
        changed
    }

    /// Those speaking as of the last update, loudest first.
    #[must_use]
    pub fn speaking(&self) -> &[T] {
        &self.speaking
    }

    /// Every source, best claim to a slot first: those speaking, then by how lately they spoke.
    ///
    /// Feed it (without the subscriber's own) to [`crate::allocate::assign`]: while there are
    /// slots for all nobody moves, and when there are not, a new speaker takes the place of the
    /// one silent for longest.
    pub fn ranked(&self) -> impl Iterator<Item = T> + '_ {
        self.sources.iter().map(|source| source.track)
    }
}

impl<T: Ord> Source<T> {
    /// Whether this source is to be listed before `other`, which is before it now.
    fn outranks(&self, other: &Self) -> bool {
        match (self.speaking, other.speaking) {
            (true, true) => self.loudness > other.loudness + MARGIN,
            (true, false) => true,
            (false, true) => false,
            (false, false) => self.spoke > other.spoke,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::assign;

    struct Table {
        now: Instant,
        speakers: Speakers<u32>,
    }

    impl Table {
        fn of(tracks: impl IntoIterator<Item = u32>) -> Self {
            let mut speakers = Speakers::default();
            tracks.into_iter().for_each(|track| speakers.add(track));
            Self { now: Instant::now(), speakers }
        }

        /// Lets `talking` (track, decibels below full scale) talk for `millis`; returns how
        /// often the list changed.
        fn talk(&mut self, millis: u64, talking: &[(u32, u8)]) -> usize {
            let mut changes = 0;
            for step in 0..millis / 20 {
                self.now += Duration::from_millis(20);
                for &(track, below_full_db) in talking {
                    let level = AudioLevel { below_full_db, voice: true };
                    self.speakers.heard(self.now, track, level);
                }
                if step % 5 == 4 {
                    changes += usize::from(self.speakers.update(self.now));
                }
            }
            changes
        }
    }

    #[test]
    fn the_louder_of_two_is_listed_first_and_silence_ends_after_a_hold() {
        let mut table = Table::of([1, 2, 3]);
        table.talk(600, &[(1, 45), (2, 15)]);
        assert_eq!(table.speakers.speaking(), [2, 1]);
        table.talk(500, &[]);
        assert!(!table.speakers.speaking().is_empty());
        table.talk(3000, &[]);
        assert!(table.speakers.speaking().is_empty());
        assert!(table.speakers.ranked().last() == Some(3));
    }

    #[test]
    fn two_about_equal_voices_do_not_swap_places() {
        let mut table = Table::of([1, 2]);
        table.talk(600, &[(1, 22), (2, 20)]);
        let mut changes = 0;
        for step in 0..10 {
            changes += table.talk(300, &[(1, 20 + step % 4), (2, 23 - step % 4)]);
        }
        assert_eq!(changes, 0);
    }

    #[test]
    fn a_noise_floor_is_nobody_speaking() {
        let mut table = Table::of([1]);
        assert_eq!(table.talk(3000, &[(1, 60)]), 0);
        assert_eq!(table.talk(3000, &[(9, 10)]), 0);
    }

    #[test]
    fn with_too_few_slots_a_new_speaker_replaces_the_one_silent_longest() {
        let mut table = Table::of(1..=4);
        let mut slots = [None; 2];
        let seat = |table: &Table, slots: &mut [Option<u32>]| {
            assign(slots, &table.speakers.ranked().collect::<Vec<_>>())
        };
        table.talk(600, &[(1, 20)]);
        table.talk(2500, &[(2, 20)]);
        seat(&table, &mut slots);
        assert!(slots.contains(&Some(1)) && slots.contains(&Some(2)));
        let place = slots.iter().position(|slot| *slot == Some(2));
        table.talk(600, &[(4, 20)]);
        seat(&table, &mut slots);
        assert!(slots.contains(&Some(4)));
        assert_eq!(slots.iter().position(|slot| *slot == Some(2)), place);
        table.talk(5000, &[]);
        assert!(!seat(&table, &mut slots));
    }

    #[test]
    fn one_who_leaves_leaves_the_list() {
        let mut table = Table::of([1, 2]);
        table.talk(600, &[(1, 20)]);
        table.speakers.remove(1);
        assert!(table.speakers.update(table.now));
        assert!(table.speakers.speaking().is_empty());
    }
}
