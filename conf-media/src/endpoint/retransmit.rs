//! How many repairs a subscriber may have: a share of what it is sent, and a little for a start.

use std::time::{Duration, Instant};

use crate::unit::Bitrate;

/// Bytes that may be repaired at once. Larger repairs longer bursts of loss; smaller protects a
/// thin link from repairs that displace fresh media.
const MOST: u64 = 192 * 1024;
/// One byte of repair is earned by this many sent.
const SHARE: u64 = 4;
/// No more than this share of what a limited link carries in a second, of either: a burst that
/// overflowed its queue must not keep what is fresh waiting until it is too old.
const SHARE_OF_LINK: u64 = 4;
/// Earned per second without anything being sent, for slots that send little.
const BASE_PER_SECOND: u64 = 16 * 1024;

/// A credit of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RepairBudget {
    credit: u64,
    refilled: Option<Instant>,
}

impl Default for RepairBudget {
    fn default() -> Self {
        Self { credit: MOST / 2, refilled: None }
    }
}

impl RepairBudget {
    /// Notes that `bytes` of media left.
    pub(crate) fn earn(&mut self, bytes: usize) {
        self.credit = (self.credit + bytes as u64 / SHARE).min(MOST);
    }

    /// Takes `bytes` for a repair, if there are so many; `link` is what is sent at most, where there
    /// is a limit.
    pub(crate) fn spend(&mut self, now: Instant, bytes: usize, link: Option<Bitrate>) -> bool {
        let share = link.map_or(u64::MAX, |link| link.bps() / 8 / SHARE_OF_LINK);
        let (most, base) = (MOST.min(share), BASE_PER_SECOND.min(share));
        let since = self.refilled.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let earned =
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX).min(60_000) * base / 1_000;
        if earned > 0 || self.refilled.is_none() {
            self.credit += earned;
            self.refilled = Some(now);
        }
        self.credit = self.credit.min(most);
        let bytes = bytes as u64;
        let enough = self.credit >= bytes;
        if enough {
            self.credit -= bytes;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_are_a_share_of_what_is_sent() {
        let now = Instant::now();
        let mut budget = RepairBudget::default();
        while budget.spend(now, 1_000, None) {}
        budget.earn(8_000);
        let repaired = (0..100).take_while(|_| budget.spend(now, 1_000, None)).count();
        assert!((2..=3).contains(&repaired), "{repaired}");
        assert!(budget.spend(now + Duration::from_secs(1), 10_000, None));
    }

    #[test]
    fn on_a_thin_link_a_burst_of_loss_leaves_room_for_what_is_fresh() {
        let now = Instant::now();
        let mut budget = RepairBudget::default();
        let link = Some(Bitrate::from_kbps(400));
        let repaired = |budget: &mut RepairBudget, at: Instant| {
            (0..500).take_while(|_| budget.spend(at, 1_000, link)).count()
        };
        assert_eq!(repaired(&mut budget, now), 12, "a quarter of a second of it");
        assert_eq!(repaired(&mut budget, now + Duration::from_secs(1)), 12, "a quarter of it");
    }
}
