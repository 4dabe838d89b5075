//! Where the newest packet lies inside redundant audio (RFC 2198).

use super::payload::Walk;
use super::{Codec, PayloadError};

/// Repeated packets one payload may have. Browsers send one or two; more only cost bytes.
const MOST_REPEATED: usize = 8;

/// Bytes of the head of a repeated packet.
pub const HEAD: usize = 4;
/// Bytes of the longest packet that can be repeated.
pub const LONGEST: usize = 0x3ff;

/// How a redundant payload is laid out: headers, repeated packets oldest first, the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The payload type all its blocks have, by the sender's numbers.
    pub payload_type: u8,
    /// Bytes before the newest packet.
    pub primary_at: u16,
    /// How much older than it the oldest repeated packet is, in ticks; nothing when none is.
    pub oldest: u16,
    /// All it repeats may be heard. Not so where its source was silenced between the two.
    pub whole: bool,
}

impl Layout {
    /// Reads the block headers.
    ///
    /// # Errors
    /// When lengths promise more than there is, nothing is left for the newest packet, blocks
    /// differ in their payload type, or there are too many.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let mut walk = Walk::new(Codec::Red, payload);
        let (mut repeated, mut oldest) = (0, 0);
        let mut common = None;
        for _ in 0..=MOST_REPEATED {
            let first = walk.byte()?;
            let payload_type = first & 0x7f;
            if *common.get_or_insert(payload_type) != payload_type {
                return Err(PayloadError::Forbidden {
                    codec: Codec::Red,
                    what: "a block of payload type",
                    found: payload_type,
                    expected: "the same in all blocks",
                });
            }
            if first & 0x80 == 0 {
                walk.take(repeated)?;
                let primary_at = walk.at as u16;
                walk.byte()?;
                return Ok(Self { payload_type, primary_at, oldest, whole: true });
            }
            // Fourteen bits of timestamp offset, ten of length.
            let rest = walk.take(3)?;
            oldest = oldest.max(u16::from_be_bytes([rest[0], rest[1]]) >> 2);
            repeated += usize::from(u16::from_be_bytes([rest[1], rest[2]]) & 0x3ff);
        }
        Err(PayloadError::Forbidden {
            codec: Codec::Red,
            what: "blocks beyond",
            found: MOST_REPEATED as u8,
            expected: "as many repeated ones at most",
        })
    }
}

/// A packet repeated in a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated<'a> {
    /// How much older than the newest packet it is, in ticks of the RTP clock.
    pub age: u32,
    /// What it says.
    pub payload: &'a [u8],
}

/// The repeated packets of a payload that [`Layout::parse`] accepts, oldest first as senders write
/// them; of any other at most as many, and nothing beyond its end.
pub fn repeated(payload: &[u8]) -> impl Iterator<Item = Repeated<'_>> {
    let (heads, _) = payload.as_chunks::<HEAD>();
    let is_head = |head: &&[u8; HEAD]| head[0] & 0x80 != 0;
    let count = heads.iter().take_while(is_head).take(MOST_REPEATED).count();
    let mut at = HEAD * count + 1;
    heads.iter().take(count).map_while(move |head| {
        let word = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        let end = at + (word & 0x3ff) as usize;
        let found = Repeated { age: word >> 10, payload: payload.get(at..end)? };
        at = end;
        Some(found)
    })
}

/// The head of a repeated packet (RFC 2198, section 3): `age` in ticks below 2^14, `len` at most
/// [`LONGEST`]; what is beyond is cut off.
pub(crate) fn head(payload_type: u8, age: u32, len: usize) -> [u8; HEAD] {
    let word = (age & 0x3fff) << 10 | (len & LONGEST) as u32;
    let [_, a, b, c] = word.to_be_bytes();
    [0x80 | payload_type, a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two repeated blocks of 3 and 2 bytes, 960 and 480 ticks old, and a newest one of 4.
    const TWO: [u8; 18] =
        [0x80 | 111, 0x0f, 0x00, 3, 0x80 | 111, 0x07, 0x80, 2, 111, 1, 1, 1, 2, 2, 9, 9, 9, 9];

    #[test]
    fn the_newest_packet_is_found_behind_the_repeated_ones() {
        let found = Layout::parse(&TWO).unwrap();
        let expected = Layout { payload_type: 111, primary_at: 14, oldest: 960, whole: true };
        assert_eq!(found, expected);
        assert_eq!(&TWO[usize::from(found.primary_at)..], [9, 9, 9, 9]);
        assert_eq!(Layout::parse(&[111, 7]).unwrap().primary_at, 1);
    }

    #[test]
    fn the_repeated_ones_are_read_and_written_alike() {
        let found: Vec<_> = repeated(&TWO).map(|block| (block.age, block.payload)).collect();
        assert_eq!(found, [(960, &[1, 1, 1][..]), (480, &[2, 2][..])]);
        assert_eq!(head(111, 960, 3), TWO[..4]);
        assert_eq!(head(111, 480, 2), TWO[4..8]);
        assert_eq!(repeated(&TWO[..13]).count(), 1, "the second is cut short");
        assert_eq!(repeated(&[0xff; 400]).count(), 0);
    }

    #[test]
    fn what_cannot_be_taken_apart_is_refused() {
        for end in 0..15 {
            assert!(Layout::parse(&TWO[..end]).is_err(), "{end} bytes");
        }
        let error = Layout::parse(&TWO[..13]).unwrap_err().to_string();
        assert_eq!(error, "red payload cut short: 14 bytes are promised, it has 13");
        let mut mixed = TWO;
        mixed[8] = 63;
        assert!(Layout::parse(&mixed).is_err());
        let endless: Vec<u8> = [0x80 | 111, 0, 0, 0].repeat(100);
        assert!(Layout::parse(&endless).is_err());
    }
}
