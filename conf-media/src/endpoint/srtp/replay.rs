//! Which packets were seen before: a window per source (RFC 3711, section 3.3.2).

use super::{MAX_SOURCES, SrtpError};

/// Packets behind the newest that are still told apart.
///
/// At 1000 packets a second of one source this is an eighth of a second of reordering; repairs
/// come on their own SSRC and are not late by this measure.
pub(super) const WINDOW: u64 = 128;

/// The windows of one peer's sources. Found by a linear look: there are few, and the one of the
/// previous packet is tried first.
#[derive(Default)]
pub(super) struct Sources {
    windows: Vec<Window>,
    last: usize,
}

struct Window {
    ssrc: u32,
    newest: u64,
    /// Bit n: the packet n before the newest was seen.
    seen: u128,
}

impl Sources {
    pub(super) fn find(&mut self, ssrc: u32) -> Option<usize> {
        if self.windows.get(self.last).is_some_and(|window| window.ssrc == ssrc) {
            return Some(self.last);
        }
        let place = self.windows.iter().position(|window| window.ssrc == ssrc)?;
        self.last = place;
        Some(place)
    }

    /// The 48-bit index that `seq` most likely stands for (RFC 3711, section 3.3.1).
    pub(super) fn guess(&self, place: Option<usize>, seq: u16) -> u64 {
        let Some(window) = place.and_then(|place| self.windows.get(place)) else {
            return u64::from(seq);
        };
        let delta = seq.wrapping_sub(window.newest as u16) as i16;
        match window.newest.checked_add_signed(i64::from(delta)) {
            Some(index) => index & 0xffff_ffff_ffff,
            // Older than the first roll-over: it can only be ahead.
            None => u64::from(seq),
        }
    }

    pub(super) fn check(&self, place: Option<usize>, index: u64) -> Result<(), SrtpError> {
        let Some(window) = place.and_then(|place| self.windows.get(place)) else {
            return if self.windows.len() < MAX_SOURCES {
                Ok(())
            } else {
                Err(SrtpError::TooManySources)
            };
        };
        if index > window.newest {
            return Ok(());
        }
        let age = window.newest - index;
        if age >= WINDOW || window.seen >> age & 1 == 1 {
            return Err(SrtpError::Replayed);
        }
        Ok(())
    }

    /// Remembers an authenticated packet, once `check` let it pass.
    pub(super) fn accept(
        &mut self,
        place: Option<usize>,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SrtpError> {
        let Some(window) = place.and_then(|place| self.windows.get_mut(place)) else {
            if self.windows.len() >= MAX_SOURCES {
                return Err(SrtpError::TooManySources);
            }
            self.windows.push(Window { ssrc, newest: index, seen: 1 });
            return Ok(());
        };
        if index > window.newest {
            let ahead = index - window.newest;
            window.seen = if ahead >= WINDOW { 0 } else { window.seen << ahead } | 1;
            window.newest = index;
        } else {
            window.seen |= 1 << (window.newest - index).min(WINDOW - 1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(sources: &mut Sources, ssrc: u32, index: u64) -> Result<(), SrtpError> {
        let place = sources.find(ssrc);
        sources.check(place, index)?;
        sources.accept(place, ssrc, index)
    }

    #[test]
    fn a_packet_passes_once_in_any_order_within_the_window() {
        let mut sources = Sources::default();
        for index in [1000, 1002, 1001, 1100, 980] {
            assert_eq!(offer(&mut sources, 1, index), Ok(()), "{index}");
            assert_eq!(offer(&mut sources, 1, index), Err(SrtpError::Replayed), "{index}");
        }
        assert_eq!(offer(&mut sources, 1, 1100 - WINDOW), Err(SrtpError::Replayed));
        assert_eq!(offer(&mut sources, 1, 1100 + 5 * WINDOW), Ok(()));
        assert_eq!(offer(&mut sources, 1, 1100 + 5 * WINDOW - 1), Ok(()));
        assert_eq!(offer(&mut sources, 1, 1100), Err(SrtpError::Replayed));
    }

    #[test]
    fn sources_do_not_disturb_each_other_and_are_bounded() {
        let mut sources = Sources::default();
        for ssrc in 0..MAX_SOURCES as u32 {
            assert_eq!(offer(&mut sources, ssrc, 7), Ok(()));
        }
        assert_eq!(offer(&mut sources, 9999, 7), Err(SrtpError::TooManySources));
        assert_eq!(offer(&mut sources, 3, 8), Ok(()));
    }

    #[test]
    fn the_roll_over_is_guessed_from_the_newest_packet() {
        let mut sources = Sources::default();
        assert_eq!(sources.guess(None, 65_530), 65_530);
        offer(&mut sources, 1, 65_530).unwrap();
        let place = sources.find(1);
        assert_eq!(sources.guess(place, 3), 65_536 + 3);
        assert_eq!(sources.guess(place, 65_000), 65_000);
        offer(&mut sources, 1, 65_536 + 3).unwrap();
        assert_eq!(sources.guess(place, 65_535), 65_535);
        assert_eq!(sources.guess(place, 4), 65_536 + 4);
    }

    #[test]
    fn before_the_first_roll_over_nothing_is_negative() {
        let mut sources = Sources::default();
        offer(&mut sources, 1, 5).unwrap();
        let place = sources.find(1);
        assert_eq!(sources.guess(place, 65_535), 65_535);
    }
}
