//! Which packets may be written at this moment: closed until told.

use std::collections::BTreeMap;
use std::time::Instant;

use conf_media::TrackId;

/// Lets through only what was allowed, from the moment it was allowed.
///
/// Fails closed: a track never named is not written, and a packet that
/// arrived before its track was allowed is not written however late it is
/// judged, so that a queue between the SFU and the recorder cannot smuggle in
/// what was said before a consent.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    allowed: BTreeMap<TrackId, Instant>,
    dropped: u64,
}

/// What becomes of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It may be written.
    Write,
    /// It must not be kept anywhere.
    Drop,
}

impl Gate {
    /// Most tracks allowed at a time; one more is refused by [`allow`](Self::allow).
    pub const MAX_TRACKS: usize = 4_096;

    /// Allows what arrives on `track` from `since` on. Allowing again keeps the
    /// later moment: the time between a withdrawal and a new consent stays closed.
    ///
    /// Returns `false`, and allows nothing, when [`MAX_TRACKS`](Self::MAX_TRACKS) are allowed already.
    pub fn allow(&mut self, track: TrackId, since: Instant) -> bool {
        if self.allowed.len() >= Self::MAX_TRACKS && !self.allowed.contains_key(&track) {
            return false;
        }
        let from = self.allowed.entry(track).or_insert(since);
        *from = (*from).max(since);
        true
    }

    /// Forbids `track` from now on.
    pub fn forbid(&mut self, track: TrackId) {
        self.allowed.remove(&track);
    }

    /// Forbids everything.
    pub fn forbid_all(&mut self) {
        self.allowed.clear();
    }

    /// Judges a packet of `track` that the SFU received at `arrived`; one map
    /// look-up, no allocation.
    pub fn judge(&mut self, track: TrackId, arrived: Instant) -> Verdict {
        match self.allowed.get(&track) {
            Some(since) if arrived >= *since => Verdict::Write,
            _ => {
                self.dropped += 1;
                Verdict::Drop
            }
        }
    }

    /// How many packets were dropped so far.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ALICE: TrackId = TrackId(1);
    const BOB: TrackId = TrackId(2);

    #[test]
    fn what_nobody_allowed_is_dropped_and_counted() {
        let mut gate = Gate::default();
        assert_eq!(gate.judge(ALICE, Instant::now()), Verdict::Drop);
        assert_eq!(gate.dropped(), 1);
    }

    #[test]
    fn consent_of_one_opens_nothing_of_another() {
        let now = Instant::now();
        let mut gate = Gate::default();
        assert!(gate.allow(ALICE, now));
        assert_eq!(gate.judge(ALICE, now), Verdict::Write);
        assert_eq!(gate.judge(BOB, now), Verdict::Drop);
    }

    #[test]
    fn what_arrived_before_a_new_consent_stays_out() {
        let start = Instant::now();
        let later = start + Duration::from_secs(10);
        let mut gate = Gate::default();
        assert!(gate.allow(ALICE, start));
        gate.forbid(ALICE);
        assert!(gate.allow(ALICE, later));
        assert_eq!(gate.judge(ALICE, start + Duration::from_secs(5)), Verdict::Drop);
        assert_eq!(gate.judge(ALICE, later), Verdict::Write);
    }

    #[test]
    fn allowing_twice_never_reaches_further_back() {
        let start = Instant::now();
        let later = start + Duration::from_secs(10);
        let mut gate = Gate::default();
        assert!(gate.allow(ALICE, later));
        assert!(gate.allow(ALICE, start));
        assert_eq!(gate.judge(ALICE, start), Verdict::Drop);
    }

    #[test]
    fn the_number_of_tracks_is_bounded() {
        let now = Instant::now();
        let mut gate = Gate::default();
        assert!((0..Gate::MAX_TRACKS as u64).all(|n| gate.allow(TrackId(n), now)));
        assert!(!gate.allow(TrackId(u64::MAX), now));
        assert_eq!(gate.judge(TrackId(u64::MAX), now), Verdict::Drop);
    }
}
