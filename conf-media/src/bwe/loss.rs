//! Which share of the latest packets was lost.

/// Packets after which a share is formed. More are steadier, fewer tell sooner: with two hundred
/// one in twenty lost by chance hardly ever looks like one in ten.
const ENOUGH: u32 = 200;

/// Losses among the packets feedback spoke of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loss {
    arrived: u32,
    lost: u32,
    /// The share over the latest [`ENOUGH`] packets or more.
    share: f64,
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

    /// The share lost, 0 to 1, when there is a new one.
    pub fn settle(&mut self) -> Option<f64> {
        let all = self.arrived + self.lost;
        if all < ENOUGH {
            return None;
        }
        self.share = f64::from(self.lost) / f64::from(all);
        (self.arrived, self.lost) = (0, 0);
        Some(self.share)
    }

    /// The latest share.
    #[must_use]
    pub const fn share(&self) -> f64 {
        self.share
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
}
