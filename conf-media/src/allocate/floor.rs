//! The encoding below which a sign-language interpreter is shown only when nothing else is.

use super::{Live, calm::heights};
use crate::track::EncodingState;

/// Lines that signing needs (EN 301 549, 6.5: 320 by 240 pixels).
const LINES: u16 = 240;
/// Frames a second that signing needs (EN 301 549, 6.5: 20), less what a second's count is off by
/// when one is late or lost.
const FRAMES: u16 = 18;

/// The lowest encoding, at most `most`, that has the lines and the frames; without one the lowest
/// that has the lines, then the tallest there is. What is not known of an encoding is taken to
/// suffice: frames, or guessed from the others: lines. None while nothing is sent.
pub(super) fn floor(live: &Live, most: u8) -> Option<u8> {
    let heights = heights(live);
    let alive = || live.iter().filter(|state| state.alive && state.index <= most);
    let sharp = |state: &&EncodingState| {
        heights.get(usize::from(state.index)).is_some_and(|lines| *lines >= LINES)
    };
    let smooth = |state: &&EncodingState| state.frames == 0 || state.frames >= FRAMES;
    alive()
        .filter(sharp)
        .find(smooth)
        .or_else(|| alive().find(sharp))
        .or_else(|| alive().next_back())
        .map(|state| state.index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Bitrate;

    fn live(states: &[(u16, u16, bool)]) -> Live {
        let state = |(&(height, frames, alive), index)| EncodingState {
            index,
            height,
            bitrate: Bitrate::ZERO,
            frames,
            alive,
        };
        states.iter().zip(0u8..).map(state).collect()
    }

    #[test]
    fn it_has_the_lines_and_then_the_frames() {
        let usual = live(&[(180, 30, true), (360, 30, true), (720, 30, true)]);
        assert_eq!([2, 1, 0].map(|most| floor(&usual, most)), [Some(1), Some(1), Some(0)]);
        let slow = live(&[(180, 30, true), (360, 12, true), (720, 25, true)]);
        assert_eq!([2, 1].map(|most| floor(&slow, most)), [Some(2), Some(1)]);
        let dim = live(&[(240, 15, true), (480, 15, true)]);
        assert_eq!(floor(&dim, 1), Some(0), "no encoding has more frames");
        let unknown = live(&[(0, 0, true), (0, 0, true), (0, 0, true)]);
        assert_eq!(floor(&unknown, 2), Some(1));
    }

    #[test]
    fn what_is_not_sent_is_no_floor() {
        assert_eq!(floor(&live(&[(180, 30, true), (360, 0, false)]), 1), Some(0));
        assert_eq!(floor(&live(&[(180, 0, false), (360, 0, false)]), 1), None);
    }
}
