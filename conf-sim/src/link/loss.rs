//! Which datagrams are lost by chance: each by itself, or in bursts.

use crate::Rng;

/// A chance of being lost.
#[derive(Clone, Debug)]
pub(super) enum Loss {
    /// Each datagram by itself, with this probability.
    Each(f64),
    /// A line that is good or bad, and loses everything while it is bad (Gilbert's model).
    Bursts {
        /// The probability that a good line turns bad, datagram by datagram.
        worsen: f64,
        /// The probability that a bad one turns good.
        recover: f64,
        bad: bool,
    },
}

impl Loss {
    /// Loses `share` of all datagrams, in bursts of `mean` on average.
    ///
    /// # Panics
    /// When no such line is: bursts have at least one datagram, and something arrives.
    pub(super) fn bursts(share: f64, mean: f64) -> Self {
        assert!((0.0..1.0).contains(&share) && mean >= 1.0, "{share} lost in bursts of {mean}");
        let recover = 1.0 / mean;
        let worsen = share * recover / (1.0 - share);
        assert!(worsen <= 1.0, "bursts of {mean} are too short for {share} to be lost");
        Self::Bursts { worsen, recover, bad: false }
    }

    /// Whether the next datagram is lost. Draws once.
    pub(super) fn takes_next(&mut self, rng: &mut Rng) -> bool {
        match self {
            Self::Each(probability) => rng.chance(*probability),
            Self::Bursts { worsen, recover, bad } => {
                *bad ^= rng.chance(if *bad { *recover } else { *worsen });
                *bad
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_have_their_share_and_their_length() {
        let (mut rng, mut loss) = (Rng::seeded(1), Loss::bursts(0.2, 3.0));
        let lost: Vec<bool> = (0..100_000).map(|_| loss.takes_next(&mut rng)).collect();
        let share = lost.iter().filter(|lost| **lost).count() as f64 / lost.len() as f64;
        let bursts = lost.windows(2).filter(|pair| pair[1] && !pair[0]).count() as f64;
        let mean = share * lost.len() as f64 / bursts;
        assert!((0.19..0.21).contains(&share), "{share}");
        assert!((2.9..3.1).contains(&mean), "{mean}");
    }

    #[test]
    #[should_panic(expected = "too short")]
    fn what_cannot_be_is_refused() {
        let _ = Loss::bursts(0.9, 1.5);
    }
}
