//! What the shaper is told, a line each.

use std::{str::FromStr, time::Duration};

/// A line of input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Command {
    /// `rate 500000`: bits per second of each direction, 50,000 to 1,000,000,000.
    Rate(u64),
    /// `delay 30`: milliseconds of each direction, up to 5,000.
    Delay(Duration),
    /// `loss 0.05`: the share lost by chance in each direction, 0 to 1.
    Loss(f64),
    /// `loss 0.2 3`: the same in bursts of so many on average, 1 to 100.
    Bursts(f64, f64),
    /// `counts`: tell what was done so far.
    Counts,
}

/// What rates there are: less would not carry one datagram within the queue's time.
const RATES: std::ops::RangeInclusive<u64> = 50_000..=1_000_000_000;
const DELAYS_MS: std::ops::RangeInclusive<u64> = 0..=5_000;
const SHARES: std::ops::RangeInclusive<f64> = 0.0..=1.0;
const BURSTS: std::ops::RangeInclusive<f64> = 1.0..=100.0;

impl FromStr for Command {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("rate"), Some(rate), None) => number(rate, RATES).map(Self::Rate),
            (Some("delay"), Some(delay), None) => {
                number(delay, DELAYS_MS).map(|ms| Self::Delay(Duration::from_millis(ms)))
            }
            (Some("loss"), Some(share), None) => number(share, SHARES).map(Self::Loss),
            (Some("loss"), Some(share), Some(mean)) => {
                let (share, mean) = (number(share, SHARES)?, number(mean, BURSTS)?);
                // Between two bursts something has to arrive.
                if share / (1.0 - share) > mean {
                    return Err(format!(
                        "bursts of {mean} are too short to lose a share of {share}"
                    ));
                }
                Ok(Self::Bursts(share, mean))
            }
            (Some("counts"), None, None) => Ok(Self::Counts),
            _ => Err(format!(
                "expected `rate BITS_PER_SECOND`, `delay MS`, `loss SHARE [BURST]` or `counts`, found `{line}`"
            )),
        }
    }
}

/// A number within `range`.
fn number<N>(word: &str, range: std::ops::RangeInclusive<N>) -> Result<N, String>
where
    N: FromStr + PartialOrd + std::fmt::Display,
{
    word.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        format!("expected a number from {} to {}, found `{word}`", range.start(), range.end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_and_what_is_none_is_named() {
        assert_eq!("rate 500000".parse(), Ok(Command::Rate(500_000)));
        assert_eq!(" delay 30 ".parse(), Ok(Command::Delay(Duration::from_millis(30))));
        assert_eq!("loss 0.05".parse(), Ok(Command::Loss(0.05)));
        assert_eq!("loss 0.2 3".parse(), Ok(Command::Bursts(0.2, 3.0)));
        assert_eq!("counts".parse(), Ok(Command::Counts));
        let refused = |line: &str| line.parse::<Command>().unwrap_err();
        assert!(refused("rate 5").contains("from 50000 to 1000000000, found `5`"));
        assert!(refused("loss NaN").contains("from 0 to 1"));
        assert!(refused("loss 0.2 0").contains("from 1 to 100"));
        assert!(refused("loss 0.9 2").contains("too short"));
        assert!(refused("rate 500000 now").contains("found `rate 500000 now`"));
        assert!(refused("").contains("expected `rate"));
    }
}
