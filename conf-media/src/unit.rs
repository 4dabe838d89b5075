//! How rates and sizes of media are written down: `Bitrate` and `DataSize`.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// A rate in bits per second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u64);

impl Bitrate {
    /// Nothing per second.
    pub const ZERO: Self = Self(0);

    /// From bits per second.
    #[must_use]
    pub const fn from_bps(bps: u64) -> Self {
        Self(bps)
    }

    /// From kilobits (1000 bits) per second.
    #[must_use]
    pub const fn from_kbps(kbps: u64) -> Self {
        Self(kbps.saturating_mul(1000))
    }

    /// Bits per second.
    #[must_use]
    pub const fn bps(self) -> u64 {
        self.0
    }

    /// Kilobits (1000 bits) per second, rounded down.
    #[must_use]
    pub const fn kbps(self) -> u64 {
        self.0 / 1000
    }

    /// What flows at this rate during `span`, rounded down to whole bytes.
    #[must_use]
    pub fn during(self, span: Duration) -> DataSize {
        let bits = u128::from(self.0).saturating_mul(span.as_micros()) / 1_000_000;
        DataSize(u64::try_from(bits / 8).unwrap_or(u64::MAX))
    }
}

impl Add for Bitrate {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Stops at zero instead of going below it.
impl Sub for Bitrate {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kbit/s", self.kbps())
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataSize(u64);

impl DataSize {
    /// No bytes.
    pub const ZERO: Self = Self(0);

    /// From bytes.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The rate that moves this much in `span`; zero for an empty span.
    #[must_use]
    pub fn per(self, span: Duration) -> Bitrate {
        let micros = span.as_micros();
        if micros == 0 {
            return Bitrate::ZERO;
        }
        let bits = u128::from(self.0) * 8 * 1_000_000 / micros;
        Bitrate(u64::try_from(bits).unwrap_or(u64::MAX))
    }
}

impl Add for DataSize {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for DataSize {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Stops at zero instead of going below it.
impl Sub for DataSize {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_over_a_span_is_a_rate_and_back() {
        let second = Duration::from_secs(1);
        assert_eq!(DataSize::from_bytes(125_000).per(second), Bitrate::from_kbps(1000));
        assert_eq!(Bitrate::from_kbps(1000).during(second), DataSize::from_bytes(125_000));
        assert_eq!(DataSize::from_bytes(1).per(Duration::ZERO), Bitrate::ZERO);
    }

    #[test]
    fn extremes_saturate_instead_of_overflowing() {
        let most = Bitrate::from_bps(u64::MAX);
        assert_eq!(most + most, most);
        assert_eq!(Bitrate::ZERO - most, Bitrate::ZERO);
        assert_eq!(most.during(Duration::MAX).bytes(), u64::MAX);
    }
}
