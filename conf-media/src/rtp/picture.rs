//! The picture number of a payload descriptor: seven or fifteen bits on the wire.

/// Picture ids are always sent with fifteen bits.
pub(crate) const PICTURE_MASK: u16 = 0x7fff;

/// A picture id with its width on the wire (RFC 7741, section 4.2; RFC 9628, section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureId {
    /// Seven bits.
    Short(u8),
    /// Fifteen bits.
    Long(u16),
}

impl PictureId {
    /// The number and the mask of its circle.
    #[must_use]
    pub const fn number(self) -> (u16, u16) {
        match self {
            Self::Short(id) => (id as u16, 0x7f),
            Self::Long(id) => (id, 0x7fff),
        }
    }

    /// The number as fifteen bits: a seven-bit one is taken as the nearest to `near`.
    #[must_use]
    pub const fn widened(self, near: u16) -> u16 {
        match self {
            Self::Long(id) => id & PICTURE_MASK,
            Self::Short(id) => {
                let ahead = (id as u16).wrapping_sub(near) & 0x7f;
                let back = if ahead >= 64 { 128 } else { 0 };
                near.wrapping_add(ahead).wrapping_sub(back) & PICTURE_MASK
            }
        }
    }
}

/// Whether `a` is ahead of `b` on the fifteen-bit circle.
pub(crate) const fn picture_is_newer(a: u16, b: u16) -> bool {
    let ahead = a.wrapping_sub(b) & PICTURE_MASK;
    ahead != 0 && ahead < 0x4000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_number_is_taken_as_the_nearest() {
        assert_eq!(PictureId::Short(1).widened(0x7fff), 1);
        assert_eq!(PictureId::Short(0x7f).widened(0x100), 0xff);
        assert_eq!(PictureId::Short(5).widened(0x100), 0x105);
        assert_eq!(PictureId::Long(0x1234).widened(7), 0x1234);
    }
}
