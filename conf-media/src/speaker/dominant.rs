//! Who speaks, loudest first, without flicker; and in which order their sound and their pictures
//! have a claim to slots that are too few.

use std::time::{Duration, Instant};

use super::Level;
use super::floor::{Pace, Turn};
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
/// A source is open or closed. A closed one is heard by nobody and has no claim to a slot for
/// sound; its turn in the order of pictures stays, since whoever mutes himself is still who spoke
/// last.
///
/// Deterministic: the same calls give the same lists. Bounded by what the caller adds.
#[derive(Debug)]
pub struct Speakers<T> {
    /// Best rank first; the order is kept from one update to the next.
    sources: Vec<Source<T>>,
    speaking: Vec<T>,
    sound: Vec<T>,
    pictures: Vec<T>,
    /// How many of the pictures' order have the floor.
    turns: usize,
    /// A turn ended by other means than silence.
    stirred: bool,
    /// Where an order is put together.
    order: Vec<usize>,
}

/// Which lists an update changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// [`Speakers::speaking`].
    pub speaking: bool,
    /// [`Speakers::sound`].
    pub sound: bool,
    /// [`Speakers::pictures`], or how many of them have the floor.
    pub pictures: bool,
}

#[derive(Debug, Clone, Copy)]
struct Source<T> {
    track: T,
    open: bool,
    level: Level,
    /// Loudness at the last update.
    loudness: f32,
    /// Last moment it was loud enough.
    spoke: Option<Instant>,
    speaking: bool,
    /// Its claims: to a slot for sound, and to one for its picture.
    sound: Turn,
    picture: Turn,
}

impl<T> Default for Speakers<T> {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            speaking: Vec::new(),
            sound: Vec::new(),
            pictures: Vec::new(),
            turns: 0,
            stirred: false,
            order: Vec::new(),
        }
    }
}

impl<T: Copy + Ord> Speakers<T> {
    /// Adds a silent source, or opens a closed one. It stands last in the order of sound.
    pub fn open(&mut self, track: T) {
        self.add(track);
        if let Some(source) = self.sources.iter_mut().find(|source| source.track == track)
            && !source.open
        {
            source.open = true;
            self.sound.push(track);
        }
    }

    /// Adds a closed source, once.
    pub fn add(&mut self, track: T) {
        if !self.sources.iter().any(|source| source.track == track) {
            self.sources.push(Source {
                track,
                open: false,
                level: Level::default(),
                loudness: 0.0,
                spoke: None,
                speaking: false,
                sound: Turn::default(),
                picture: Turn::default(),
            });
            self.pictures.push(track);
        }
    }

    /// Closes a source: it is silent from now on.
    pub fn close(&mut self, track: T) {
        self.sound.retain(|known| *known != track);
        if let Some(source) = self.sources.iter_mut().find(|source| source.track == track) {
            source.open = false;
            source.level = Level::default();
            source.spoke = None;
            source.sound = Turn::default();
            source.picture.end();
            self.stirred = true;
        }
    }

    /// Forgets a source; the next [`Speakers::update`] says whether that changed who speaks.
    pub fn remove(&mut self, track: T) {
        self.sources.retain(|source| source.track != track);
        self.sound.retain(|known| *known != track);
        let turns = self.pictures.iter().take(self.turns);
        self.turns -= turns.filter(|known| **known == track).count();
        self.pictures.retain(|known| *known != track);
    }

    /// Takes in the level of one packet; unknown and closed tracks are ignored. Cost: linear in
    /// sources, without allocation.
    pub fn heard(&mut self, now: Instant, track: T, level: AudioLevel) {
        let Some(source) = self.sources.iter_mut().find(|source| source.track == track) else {
            return;
        };
        if !source.open {
            return;
        }
        source.level.heard(now, level);
        let loudness = 127.0 - f32::from(level.below_full_db.min(127));
        for turn in [&mut source.sound, &mut source.picture] {
            if loudness >= if turn.holds() { ENDS } else { BEGINS } {
                turn.heard(now);
            }
        }
    }

    /// Judges anew; says which lists changed. Call every 40 ms or so.
    pub fn update(&mut self, now: Instant) -> Changed {
        let mut stirred = std::mem::take(&mut self.stirred);
        let (mut voices, mut turns) = (0, 0);
        for source in &mut self.sources {
            source.loudness = source.level.loudness(now);
            let enough = if source.speaking { ENDS } else { BEGINS };
            if source.loudness >= enough {
                source.spoke = Some(now);
            }
            source.speaking =
                source.spoke.is_some_and(|spoke| now.saturating_duration_since(spoke) < HOLD);
            stirred |= source.sound.update(now, &Pace::SOUND);
            stirred |= source.picture.update(now, &Pace::PICTURE);
            voices += usize::from(source.sound.holds());
            turns += usize::from(source.picture.holds());
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
        let speaking_changed =
            !speaking.clone().map(|source| source.track).eq(self.speaking.iter().copied());
        if speaking_changed {
            self.speaking.clear();
            self.speaking.extend(speaking.map(|source| source.track));
        }
        let turns_changed = turns != self.turns;
        self.turns = turns;
        let mut changed =
            Changed { speaking: speaking_changed, pictures: turns_changed, ..Changed::default() };
        // Who is alone and goes on talking changes no order.
        let Self { sources, sound, pictures, order, .. } = self;
        if stirred || voices > 1 {
            changed.sound = arrange(now, sources, order, sound, &Pace::SOUND, |s| &mut s.sound);
        }
        if stirred || turns > 1 {
            changed.pictures |=
                arrange(now, sources, order, pictures, &Pace::PICTURE, |s| &mut s.picture);
        }
        changed
    }

    /// Those speaking as of the last update, loudest first.
    #[must_use]
    pub fn speaking(&self) -> &[T] {
        &self.speaking
    }

    /// Every open source, best claim to a slot for sound first: those who talk, the one who began
    /// first before the others, then by how lately they spoke.
    ///
    /// Feed it (without the subscriber's own) to [`crate::allocate::assign`]: while there are
    /// slots for all nobody moves; when there are not, a new voice takes the place of the one
    /// silent for longest, and nobody who is talking makes way for a noise.
    #[must_use]
    pub fn sound(&self) -> &[T] {
        &self.sound
    }

    /// Every source, open or closed, in the order their pictures are to be shown, and slower to
    /// change: those whose turn it is, then by how lately they had one.
    #[must_use]
    pub fn pictures(&self) -> &[T] {
        &self.pictures
    }

    /// How many of [`Speakers::pictures`], from the first, have their turn now.
    #[must_use]
    pub const fn turns(&self) -> usize {
        self.turns
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

/// Puts one order together in place; whether it changed. Those without a turn keep the order they
/// had among each other.
fn arrange<T: Copy + Ord>(
    now: Instant,
    sources: &mut [Source<T>],
    order: &mut Vec<usize>,
    list: &mut [T],
    pace: &Pace,
    turn: impl Fn(&mut Source<T>) -> &mut Turn,
) -> bool {
    let mut changed = false;
    order.clear();
    for track in list.iter() {
        // Every listed track has a source: they are removed together.
        order.extend(sources.iter().position(|source| source.track == *track));
    }
    // Insertion again: the list is nearly sorted, stays stable and nothing is allocated.
    for next in 1..order.len() {
        let mut at = next;
        while at > 0 {
            let ahead = turn(&mut sources[order[at - 1]]).rank();
            if turn(&mut sources[order[at]]).rank() >= ahead {
                break;
            }
            order.swap(at, at - 1);
            at -= 1;
        }
    }
    for next in 1..order.len() {
        let (ahead, behind) = (order[next - 1], order[next]);
        let (quieter, louder) = (sources[ahead].loudness, sources[behind].loudness);
        let (mut first, mut second) = (*turn(&mut sources[ahead]), *turn(&mut sources[behind]));
        if second.overtake(louder, &mut first, quieter, now, pace) {
            *turn(&mut sources[ahead]) = first;
            *turn(&mut sources[behind]) = second;
            order.swap(next - 1, next);
        }
    }
    for (place, at) in list.iter_mut().zip(order.iter()) {
        let track = sources[*at].track;
        changed |= *place != track;
        *place = track;
    }
    changed
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
            tracks.into_iter().for_each(|track| speakers.open(track));
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
                if step % 2 == 1 {
                    changes += usize::from(self.speakers.update(self.now).speaking);
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
        assert!(table.speakers.sound().last() == Some(&3));
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
        let seat = |table: &Table, slots: &mut [Option<u32>]| assign(slots, table.speakers.sound());
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
        assert!(table.speakers.update(table.now).speaking);
        assert!(table.speakers.speaking().is_empty());
    }

    #[test]
    fn nobody_who_talks_makes_way_for_a_noise() {
        let mut table = Table::of(1..=4);
        table.talk(400, &[(1, 30), (2, 30), (3, 30)]);
        assert_eq!(table.speakers.sound()[3], 4);
        table.talk(600, &[(1, 30), (2, 30), (3, 30), (4, 5)]);
        assert_eq!(table.speakers.sound()[3], 4, "a bang of 600 ms waits");
        table.talk(300, &[(1, 30), (3, 30), (4, 30)]);
        assert_eq!(table.speakers.sound()[3], 2, "in a pause of 300 ms a voice comes in");
    }

    #[test]
    fn those_who_talk_all_at_once_keep_their_order() {
        let mut table = Table::of(1..=6);
        let all: Vec<_> = (1..=6).map(|track| (track, 28 + track as u8 % 3)).collect();
        table.talk(600, &all);
        let order = table.speakers.sound().to_vec();
        for _ in 0..100 {
            table.talk(40, &all);
            assert_eq!(table.speakers.sound(), order);
        }
    }

    #[test]
    fn a_humming_fan_makes_way_for_a_louder_voice_that_waited() {
        let mut table = Table::of(1..=2);
        table.talk(5_000, &[(1, 48)]);
        assert_eq!(table.speakers.sound(), [1, 2]);
        table.talk(900, &[(1, 48), (2, 25)]);
        assert_eq!(table.speakers.sound(), [1, 2]);
        table.talk(300, &[(1, 48), (2, 25)]);
        assert_eq!(table.speakers.sound(), [2, 1]);
    }

    #[test]
    fn a_click_is_no_voice_and_a_word_is_one_within_a_tenth_of_a_second() {
        let mut table = Table::of(1..=2);
        table.talk(400, &[(1, 30)]);
        table.talk(400, &[]);
        table.talk(40, &[(2, 5)]);
        table.talk(200, &[]);
        assert_eq!(table.speakers.sound(), [1, 2], "a click");
        table.talk(120, &[(2, 40)]);
        assert_eq!(table.speakers.sound(), [2, 1], "a word");
    }

    #[test]
    fn pictures_follow_turns_and_not_interjections() {
        let mut table = Table::of(1..=3);
        table.talk(2_000, &[(2, 30)]);
        assert_eq!((table.speakers.pictures()[0], table.speakers.turns()), (2, 1));
        table.talk(500, &[(3, 20)]);
        table.talk(1_200, &[(2, 30)]);
        assert_eq!(table.speakers.pictures()[0], 2, "a word thrown in");
        table.talk(3_000, &[(3, 30)]);
        assert_eq!(table.speakers.pictures()[..2], [3, 2]);
        table.speakers.close(3);
        table.talk(1_000, &[]);
        assert_eq!(table.speakers.pictures()[..2], [3, 2], "who mutes himself spoke last");
        assert_eq!(table.speakers.sound(), [2, 1]);
        assert_eq!(table.speakers.turns(), 0);
    }

    #[test]
    fn a_dispute_changes_the_first_picture_seldom() {
        let mut table = Table::of(1..=2);
        let mut changes = 0;
        let mut first = None;
        for round in 0..40u32 {
            table.talk(700, &[(round % 2 + 1, 25)]);
            let now = table.speakers.pictures()[0];
            changes += u32::from(first.replace(now).is_some_and(|before| before != now));
        }
        assert!(changes <= 10, "{changes} changes in 28 s");
    }
}
