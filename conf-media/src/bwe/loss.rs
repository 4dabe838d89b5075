//! Which share of the latest packets was lost, and which of it is no news.

/// Packets after which a share is formed. More are steadier, fewer tell sooner: with two hundred
/// one in twenty lost by chance hardly ever looks like one in ten.
const ENOUGH: u32 = 200;
/// Shares of which the least is what is usually lost: of some seconds, so that a queue that
/// overflows for a second does not become usual.
const SHARES: usize = 8;
/// No more than this is taken for a line's own doing at first: a policer may take a third, and
/// keeps doing so until less is sent.
const USUAL_MOST: f64 = 0.12;
/// The same once less was sent and as much was lost, so that it is nobody's answer to a rate. It ends
/// when two shares in a row are below half of the first.
const OWN_MOST: f64 = 0.4;
/// So much above its average is more than a line with bursts of loss does by chance: with a fifth in
/// bursts of three, the shares' standard deviation is 0.06.
const ABOVE_OWN: f64 = 0.15;
/// Less than this part of a share being lost after less was sent is an answer to that.
const ANSWERED: f64 = 0.5;
/// Above this share, and so much above what is usual, the limit falls by half of it (GCC draft,
/// section 6).
const HEAVY: f64 = 0.10;
const ABOVE_USUAL: f64 = 0.08;

/// Losses among the packets feedback spoke of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loss {
    arrived: u32,
    lost: u32,
    /// The latest shares, each over [`ENOUGH`] packets or more, the latest last.
    shares: [Option<f64>; SHARES],
    /// The share for which less was sent, until it shows what that was good for.
    acted: Option<f64>,
    /// The line loses much by itself.
    own: bool,
}

impl Loss {
    /// Notes a packet that arrived; `was_missing` takes an earlier loss back.
    pub fn arrived(&mut self, was_missing: bool) {
        self.arrived += 1;
        if was_missing {
            self.lost = self.lost.saturating_sub(1);
        }
    }

    /// Notes a packet that is missing.
    pub fn lost(&mut self) {
        self.lost += 1;
    }

    /// Notes that something else may be why as much is lost as before: a queue.
    pub fn doubt(&mut self) {
        self.acted = None;
    }

    /// Leaves out what was noted since the last share: what it says has been acted on.
    pub fn skip(&mut self) {
        (self.arrived, self.lost) = (0, 0);
    }

    /// The share lost, 0 to 1, when there is a new one.
    pub fn settle(&mut self) -> Option<f64> {
        let all = self.arrived + self.lost;
        if all < ENOUGH {
            return None;
        }
        self.shares.rotate_left(1);
        let share = f64::from(self.lost) / f64::from(all);
        self.shares[SHARES - 1] = Some(share);
        (self.arrived, self.lost) = (0, 0);
        self.own |= self.acted.take().is_some_and(|before| share >= before * ANSWERED);
        let few = |share: &Option<f64>| share.is_some_and(|share| share < USUAL_MOST / 2.0);
        self.own &= !self.shares[SHARES - 2..].iter().all(few);
        Some(share)
    }

    /// Notes that less is sent because of the latest share: the packets under way still speak of
    /// before.
    pub fn act(&mut self) {
        self.acted = Some(self.share());
        self.skip();
    }

    /// The latest share.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.shares[SHARES - 1].unwrap_or(0.0)
    }

    /// Whether the line loses much by itself, as it did so with less being sent.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own
    }

    /// What the line loses whatever is sent; none before a share was formed.
    #[must_use]
    pub fn usual(&self) -> Option<f64> {
        let shares = self.shares.iter().flatten().copied();
        if self.own {
            // Its average: by chance it loses less now and then, and more as often.
            return Some(self.average());
        }
        shares.reduce(f64::min).map(|least| least.min(USUAL_MOST))
    }

    /// What it loses on average, of that.
    #[must_use]
    pub fn average(&self) -> f64 {
        let most = if self.own { OWN_MOST } else { USUAL_MOST };
        let known = self.shares.iter().flatten().map(|share| share.min(most));
        known.clone().sum::<f64>() / known.count().max(1) as f64
    }

    /// Whether a share speaks against the rate.
    #[must_use]
    pub fn is_heavy(&self, share: f64) -> bool {
        let above = if self.own { ABOVE_OWN } else { ABOVE_USUAL };
        share > HEAVY && share > self.usual().unwrap_or(0.0) + above
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_formed_of_enough_packets_and_late_ones_were_not_lost() {
        let mut loss = Loss::default();
        for packet in 0..199 {
            if packet % 5 == 0 { loss.lost() } else { loss.arrived(false) }
        }
        assert_eq!(loss.settle(), None);
        loss.arrived(true);
        assert_eq!(loss.settle(), None, "it took one back");
        loss.arrived(false);
        let share = loss.settle().unwrap();
        assert!((0.19..0.2).contains(&share), "{share}");
        assert_eq!(loss.settle(), None);
    }

    #[test]
    fn what_is_lost_with_less_being_sent_is_the_lines_own() {
        let share = |loss: &mut Loss, every: u32| {
            (0..ENOUGH)
                .for_each(|n| if n % every == 0 { loss.lost() } else { loss.arrived(false) });
            loss.settle().unwrap()
        };
        for (after, doubted, own) in [(4, false, true), (4, true, false), (20, false, false)] {
            let mut loss = Loss::default();
            let before = share(&mut loss, 3);
            assert!(loss.is_heavy(before));
            loss.act();
            if doubted {
                loss.doubt();
            }
            let then = share(&mut loss, after);
            assert_eq!((loss.is_own(), loss.is_heavy(then)), (own, after == 4 && !own));
        }
        let mut loss = Loss::default();
        share(&mut loss, 3);
        loss.act();
        for every in [3, 4, 5, 30, 3, 30, 4] {
            share(&mut loss, every);
            assert!(loss.is_own(), "a good moment is no good line");
        }
        share(&mut loss, 30);
        share(&mut loss, 30);
        assert!(!loss.is_own());
    }

    #[test]
    fn what_a_line_always_loses_is_not_heavy_and_what_is_more_is() {
        let mut loss = Loss::default();
        let mut settle = |every: u32| {
            (0..ENOUGH)
                .for_each(|n| if n % every == 0 { loss.lost() } else { loss.arrived(false) });
            let share = loss.settle().unwrap();
            loss.is_heavy(share)
        };
        assert!((0..20).all(|_| !settle(9)), "a ninth, always");
        assert!(settle(4), "a quarter, suddenly");
        let mut policed = Loss::default();
        (0..ENOUGH).for_each(|n| if n % 3 == 0 { policed.lost() } else { policed.arrived(false) });
        let share = policed.settle().unwrap();
        assert!(policed.is_heavy(share), "a third, from the beginning");
    }
}
