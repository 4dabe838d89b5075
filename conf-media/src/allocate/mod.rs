//! Which track a subscriber's slots show, in which encoding: a pure function of wishes and
//! measured encodings.

pub mod calm;
pub mod fit;
mod floor;
#[cfg(test)]
mod properties;
pub mod seat;

pub use calm::choose_encoding;
pub use fit::fit;
pub use seat::assign;

use crate::track::{EncodingState, MAX_ENCODINGS};

/// One thing a subscriber wants to see; `T` is whatever the caller names tracks by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want<T> {
    /// The track.
    pub track: T,
    /// Height it is shown at, in device pixels; 0 is paused and takes no slot.
    pub height: u16,
    /// It shows a sign-language interpreter: it is shown with what signing needs, however small,
    /// and [`fit()`] gives it that before anybody else gets anything.
    pub interpreter: bool,
}

/// What one slot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat<T> {
    /// The track.
    pub track: T,
    /// Which of its encodings to aim at.
    pub encoding: u8,
    /// Which it would be if all of them were sent: what the publisher is to be asked for.
    pub desired: u8,
}

/// The encodings of one track as they are now, lowest first.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    states: [Option<EncodingState>; MAX_ENCODINGS],
}

impl FromIterator<EncodingState> for Live {
    /// Takes the first [`MAX_ENCODINGS`]; a track cannot have more.
    fn from_iter<I: IntoIterator<Item = EncodingState>>(states: I) -> Self {
        let mut live = Self { states: [None; MAX_ENCODINGS] };
        for (place, state) in live.states.iter_mut().zip(states) {
            *place = Some(state);
        }
        live
    }
}

impl Live {
    /// The encodings, lowest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &EncodingState> {
        self.states.iter().flatten()
    }

    /// The same as if every encoding were sent.
    #[must_use]
    pub fn awake(&self) -> Self {
        let awake = |state: EncodingState| EncodingState { alive: true, ..state };
        Self { states: self.states.map(|state| state.map(awake)) }
    }
}

/// Gives each slot its track and encoding, in place; returns whether anything changed.
///
/// `seats` holds what the slots show now. `wants` lists the most wanted first; what is paused,
/// named twice, or unknown to `live` (closed or gone: `None`) takes no slot, and what does not
/// fit is left out. Nobody moves without need: a track that stays keeps its slot, and its
/// encoding changes only when the shown size clearly asks for another.
///
/// Cost: linear in slots times wants, one short-lived allocation. Not on the packet path.
pub fn allocate<T: Copy + Eq>(
    seats: &mut [Option<Seat<T>>],
    wants: &[Want<T>],
    mut live: impl FnMut(T) -> Option<Live>,
) -> bool {
    let mut chosen: Vec<(Want<T>, Live)> = Vec::with_capacity(seats.len());
    for want in wants {
        if chosen.len() == seats.len() {
            break;
        }
        if want.height == 0 || chosen.iter().any(|(other, _)| other.track == want.track) {
            continue;
        }
        if let Some(live) = live(want.track) {
            chosen.push((*want, live));
        }
    }
    let mut tracks: Vec<Option<T>> = seats.iter().map(|s| s.map(|s| s.track)).collect();
    let wanted: Vec<T> = chosen.iter().map(|(want, _)| want.track).collect();
    let mut changed = assign(&mut tracks, &wanted);
    for (seat, track) in seats.iter_mut().zip(tracks) {
        let next = track.and_then(|track| {
            let (want, live) = chosen.iter().find(|(want, _)| want.track == track)?;
            let before = seat.filter(|seat| seat.track == track);
            let encoding = before.map(|seat| seat.encoding);
            let desired = before.map(|seat| seat.desired);
            Some(Seat {
                track,
                encoding: choose(want, live, encoding),
                desired: choose(want, &live.awake(), desired),
            })
        });
        changed |= *seat != next;
        *seat = next;
    }
    changed
}

/// The encoding for one want; for an interpreter at least what signing needs, however small it is
/// shown.
fn choose<T>(want: &Want<T>, live: &Live, current: Option<u8>) -> u8 {
    let chosen = choose_encoding(want.height, live, current);
    let least = if want.interpreter { floor::floor(live, u8::MAX) } else { None };
    chosen.max(least.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::unit::Bitrate;

    fn live(heights: &[u16]) -> Live {
        heights
            .iter()
            .zip(0..)
            .map(|(&height, index)| EncodingState {
                index,
                height,
                bitrate: Bitrate::from_kbps(u64::from(height)),
                frames: 0,
                alive: true,
            })
            .collect()
    }

    fn want(track: u32, height: u16) -> Want<u32> {
        Want { track, height, interpreter: false }
    }

    #[test]
    fn the_most_wanted_get_the_slots_and_small_tiles_the_low_encoding() {
        let mut seats = [None; 2];
        let wants = [want(1, 720), want(2, 0), want(9, 360), want(3, 150), want(4, 720)];
        let known = |track| (track != 9).then(|| live(&[180, 360, 720]));
        assert!(allocate(&mut seats, &wants, known));
        assert_eq!(seats[0], Some(Seat { track: 1, encoding: 2, desired: 2 }));
        assert_eq!(seats[1], Some(Seat { track: 3, encoding: 0, desired: 0 }));
        assert!(!allocate(&mut seats, &wants, known));
    }

    #[test]
    fn a_track_that_stays_keeps_its_slot_and_one_that_goes_frees_it() {
        let mut seats = [None; 3];
        let known = |_| Some(live(&[360]));
        allocate(&mut seats, &[want(1, 360), want(2, 360), want(3, 360)], known);
        allocate(&mut seats, &[want(4, 360), want(3, 360), want(1, 360)], known);
        let tracks: Vec<_> = seats.iter().flatten().map(|seat| seat.track).collect();
        assert_eq!(tracks, [1, 4, 3]);
        allocate(&mut seats, &[], known);
        assert_eq!(seats, [None; 3]);
    }

    #[test]
    fn what_is_not_sent_is_still_desired() {
        let mut seats = [None];
        let asleep = |_| {
            let states = live(&[180, 360, 720]);
            Some(states.iter().map(|s| EncodingState { alive: s.index == 0, ..*s }).collect())
        };
        allocate(&mut seats, &[want(1, 720)], asleep);
        assert_eq!(seats[0], Some(Seat { track: 1, encoding: 0, desired: 2 }));
    }

    proptest! {
        #[test]
        fn nobody_is_shown_twice_unasked_or_moved_without_need(
            rounds in proptest::collection::vec(
                proptest::collection::vec((0u32..12, 0u16..800), 0..14), 1..8),
            slots in 0usize..6,
        ) {
            let mut seats = vec![None; slots];
            for round in rounds {
                let wants: Vec<_> = round.iter().map(|&(t, h)| want(t, h)).collect();
                let before = seats.clone();
                let known = |track: u32| (!track.is_multiple_of(5)).then(|| live(&[180, 360, 720]));
                allocate(&mut seats, &wants, known);
                for (at, seat) in seats.iter().enumerate() {
                    let Some(seat) = seat else { continue };
                    prop_assert!(wants.iter().any(|w| w.track == seat.track && w.height > 0));
                    prop_assert!(seat.track % 5 != 0);
                    prop_assert_eq!(
                        seats.iter().flatten().filter(|s| s.track == seat.track).count(), 1);
                    let place = before.iter().position(|s| {
                        s.is_some_and(|s: Seat<u32>| s.track == seat.track)
                    });
                    prop_assert!(place.is_none_or(|place| place == at));
                }
            }
        }
    }
}
