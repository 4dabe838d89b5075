//! Which encoding fits a shown size, kept still while the size wavers.

use super::Live;
use crate::track::{EncodingState, MAX_ENCODINGS};

/// How much taller than the current encoding the shown picture must be before a better one is
/// taken, in percent. Larger keeps pictures soft for longer; smaller flaps while a window is
/// being resized. The way down has no margin of its own: a picture exactly as tall as a lower
/// encoding is shown with that one, whatever it was shown with before.
const UP_PERCENT: u32 = 110;
/// Assumed height of the best encoding until a keyframe tells; each lower one has half.
const ASSUMED_HEIGHT: u16 = 720;

/// The index of the encoding to aim at for a picture shown `height` device pixels tall.
///
/// The smallest living encoding at least as tall as the picture, else the tallest living one.
/// `current` is kept while the size is within a margin around it. With nothing alive it is
/// `current`, or the lowest: what a publisher starts with.
#[must_use]
pub fn choose_encoding(height: u16, live: &Live, current: Option<u8>) -> u8 {
    let heights = heights(live);
    let alive = || live.iter().filter(|state| state.alive);
    let tall = |state: &EncodingState| u32::from(heights[at(state)]);
    let wanted = u32::from(height);
    let fits = |wanted: u32| {
        alive()
            .find(|state| tall(state) >= wanted)
            .or_else(|| alive().next_back())
            .map(|state| state.index)
    };
    let Some(best) = fits(wanted) else {
        let lowest = live.iter().next().map_or(0, |state| state.index);
        return current.unwrap_or(lowest);
    };
    let Some(now) = current.and_then(|index| alive().find(|state| state.index == index)) else {
        return best;
    };
    if best > now.index && wanted * 100 <= tall(now) * UP_PERCENT {
        return now.index;
    }
    best
}

/// Heights by place in the track, with the unknown ones guessed from a known neighbour by
/// halving and doubling.
pub(super) fn heights(live: &Live) -> [u16; MAX_ENCODINGS] {
    let mut heights = [0; MAX_ENCODINGS];
    let count = live.iter().count();
    let known = live.iter().find(|state| state.height > 0);
    for state in live.iter() {
        let (reference, tall) = known
            .map_or((count.saturating_sub(1), ASSUMED_HEIGHT), |state| (at(state), state.height));
        let place = at(state);
        heights[place] = if state.height > 0 {
            state.height
        } else if place > reference {
            tall.saturating_mul(1 << (place - reference))
        } else {
            tall >> (reference - place)
        };
    }
    heights
}

/// The encoding's place; indices come from the same bounded list.
fn at(state: &EncodingState) -> usize {
    usize::from(state.index).min(MAX_ENCODINGS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Bitrate;

    fn live(states: &[(u16, bool)]) -> Live {
        states
            .iter()
            .zip(0..)
            .map(|(&(height, alive), index)| EncodingState {
                index,
                height,
                bitrate: Bitrate::ZERO,
                frames: 0,
                alive,
            })
            .collect()
    }

    const ALL: [(u16, bool); 3] = [(180, true), (360, true), (720, true)];

    #[test]
    fn the_smallest_that_is_tall_enough_is_chosen() {
        let live = live(&ALL);
        assert_eq!(choose_encoding(100, &live, None), 0);
        assert_eq!(choose_encoding(180, &live, None), 0);
        assert_eq!(choose_encoding(181, &live, None), 1);
        assert_eq!(choose_encoding(2000, &live, None), 2);
    }

    #[test]
    fn a_size_that_wavers_around_a_border_changes_nothing() {
        let live = live(&ALL);
        assert_eq!(choose_encoding(370, &live, Some(1)), 1);
        assert_eq!(choose_encoding(400, &live, Some(1)), 2);
        assert_eq!(choose_encoding(380, &live, Some(2)), 2);
        assert_eq!(choose_encoding(360, &live, Some(2)), 1);
        assert_eq!(choose_encoding(180, &live, Some(2)), 0);
        assert_eq!(choose_encoding(100, &live, Some(2)), 0);
    }

    #[test]
    fn a_dead_encoding_is_left_and_none_alive_is_waited_for() {
        let without_high = live(&[(180, true), (360, true), (720, false)]);
        assert_eq!(choose_encoding(720, &without_high, Some(2)), 1);
        let none = live(&[(180, false), (360, false)]);
        assert_eq!(choose_encoding(720, &none, Some(1)), 1);
        assert_eq!(choose_encoding(720, &none, None), 0);
    }

    #[test]
    fn unknown_heights_are_guessed_by_halving() {
        let unknown = live(&[(0, true), (0, true), (0, true)]);
        assert_eq!(choose_encoding(180, &unknown, None), 0);
        assert_eq!(choose_encoding(360, &unknown, None), 1);
        let lowest_known = live(&[(90, true), (0, true), (0, true)]);
        assert_eq!(choose_encoding(180, &lowest_known, None), 1);
        assert_eq!(choose_encoding(360, &lowest_known, None), 2);
    }
}
