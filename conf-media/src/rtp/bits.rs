//! How numbers are read from the bits of a codec's headers, most significant bit first.

/// A position among the bits of some bytes. Reading past the end gives `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// The next `count` bits as a number; at most 32.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        debug_assert!(count <= 32);
        let mut value = 0u32;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// An Exp-Golomb number (H.264, section 9.1; AV1's `uvlc`, section 4.10.3); `None` also when
    /// it does not fit 32 bits.
    pub(super) fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1u32 << zeros) - 1 + self.take(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_across_bytes_and_end_with_them() {
        let mut bits = Bits::new(&[0b1010_0110, 0b1100_0000]);
        assert_eq!(bits.take(3), Some(0b101));
        assert_eq!(bits.exp_golomb(), Some(5));
        assert_eq!(bits.exp_golomb(), Some(0));
        assert_eq!((bits.skip(7), bits.flag()), (Some(()), None));
        assert_eq!(bits.skip(1), None);
    }

    #[test]
    fn a_golomb_number_too_long_is_none() {
        assert_eq!(Bits::new(&[0; 16]).exp_golomb(), None);
        assert_eq!(
            Bits::new(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]).exp_golomb(),
            Some(u32::MAX - 1)
        );
    }
}
