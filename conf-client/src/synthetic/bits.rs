//! Bits in the order the headers of H.264 and AV1 have them, most significant first.

/// Writes bits into bytes.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Bits used of the last byte, 0 when it is full.
    used: u8,
}

impl Writer {
    /// The low `count` bits of `value`.
    pub(super) fn put(&mut self, value: u32, count: u8) -> &mut Self {
        for at in (0..count).rev() {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let bit = (value >> at & 1) as u8;
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (7 - self.used);
            }
            self.used = (self.used + 1) % 8;
        }
        self
    }

    /// An unsigned Exp-Golomb number (H.264, section 9.1).
    pub(super) fn golomb(&mut self, value: u16) -> &mut Self {
        let value = u32::from(value) + 1;
        let bits = (32 - value.leading_zeros()) as u8;
        self.put(0, bits - 1).put(value, bits)
    }

    /// The bytes, closed by a one and as many zeros as fill the last.
    pub(super) fn close(mut self) -> Vec<u8> {
        self.put(1, 1);
        self.bytes
    }
}

/// Reads them back; past the end it reads zeros.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bits.
    pub(super) fn take(&mut self, count: u8) -> u32 {
        (0..count).fold(0, |value, _| {
            let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            value << 1 | u32::from(bit)
        })
    }

    /// An unsigned Exp-Golomb number; `None` beyond 16 bits.
    pub(super) fn golomb(&mut self) -> Option<u16> {
        let zeros = (0..=16).find(|_| self.take(1) == 1)?;
        let rest = self.take(zeros);
        u16::try_from((1 << zeros) - 1 + rest).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut writer = Writer::default();
        writer.put(0b101, 3).golomb(0).golomb(7).golomb(300).put(0xffff, 16);
        let bytes = writer.close();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.take(3), 0b101);
        let numbers = [reader.golomb(), reader.golomb(), reader.golomb()];
        assert_eq!(numbers, [Some(0), Some(7), Some(300)]);
        assert_eq!(reader.take(16), 0xffff);
        assert_eq!(Reader::new(&[0, 0, 0]).golomb(), None);
    }
}
