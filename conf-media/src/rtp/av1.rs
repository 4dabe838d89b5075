//! What an AV1 payload says of its frame (RTP payload format for AV1, version 1.0, section 4).

use super::bits::Bits;
use super::payload::Walk;
use super::{Codec, FrameFacts, PayloadError};

/// Bits of the aggregation header.
const CONTINUES: u8 = 0x80;
const NEW_SEQUENCE: u8 = 0x08;

/// OBU types (AV1 bitstream, section 6.2.2).
const SEQUENCE_HEADER: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;

/// Elements looked at for a sequence header: only a temporal delimiter may come before it.
const ELEMENTS_READ: usize = 3;

/// Reads one payload.
///
/// An entry (start and key) is the packet that says it begins a coded video sequence and has the
/// sequence header; no other packet is known to be of a keyframe.
///
/// # Errors
/// When the elements' lengths promise more than there is, or a packet both continues an element
/// and begins a sequence.
pub fn read(payload: &[u8]) -> Result<FrameFacts, PayloadError> {
    let mut walk = Walk::new(Codec::Av1, payload);
    let header = walk.byte()?;
    let continues = header & CONTINUES != 0;
    let begins = header & NEW_SEQUENCE != 0;
    if continues && begins {
        return Err(PayloadError::Forbidden {
            codec: Codec::Av1,
            what: "aggregation header",
            found: header,
            expected: "no new sequence within an element",
        });
    }
    let count = usize::from(header >> 4 & 3);
    let mut facts = FrameFacts::default();
    for place in 0..ELEMENTS_READ {
        // With a count the last element has no length; without one all have.
        let element = if count > 0 && place + 1 == count {
            let rest = walk.rest();
            walk.take(rest.len())?
        } else {
            let len = leb128(&mut walk)?;
            walk.take(len)?
        };
        let kind = element.first().map_or(0, |header| header >> 3 & 0x0f);
        if place == 0 && !continues {
            facts.start =
                matches!(kind, SEQUENCE_HEADER | TEMPORAL_DELIMITER | FRAME_HEADER | FRAME);
        }
        if begins && kind == SEQUENCE_HEADER {
            facts.key = true;
            facts.size = picture_size(element);
            break;
        }
        if walk.rest().is_empty() {
            break;
        }
    }
    Ok(facts)
}

/// A length in little-endian groups of seven bits; at most five of them, as 32 bits need.
fn leb128(walk: &mut Walk<'_>) -> Result<usize, PayloadError> {
    let mut value = 0usize;
    for group in 0..5 {
        let byte = walk.byte()?;
        value |= usize::from(byte & 0x7f) << (group * 7);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(PayloadError::Forbidden {
        codec: Codec::Av1,
        what: "bytes of one length beyond",
        found: 5,
        expected: "as many at most",
    })
}

/// Width and height of a sequence header OBU (AV1 bitstream, section 5.5): those of its largest
/// frame, which is what encoders send in real time.
fn picture_size(obu: &[u8]) -> Option<(u16, u16)> {
    let (&header, mut body) = obu.split_first()?;
    if header & 0x04 != 0 {
        body = body.get(1..)?;
    }
    if header & 0x02 != 0 {
        // A size of its own, which senders should leave out; a sequence header's has one byte.
        body = body.split_first().filter(|(size, _)| **size < 0x80)?.1;
    }
    let mut bits = Bits::new(body);
    // Profile and still picture.
    bits.skip(4)?;
    if bits.flag()? {
        bits.skip(5)?;
    } else {
        operating_points(&mut bits)?;
    }
    let (columns, rows) = (bits.take(4)? + 1, bits.take(4)? + 1);
    let width = u16::try_from(u64::from(bits.take(columns)?) + 1).ok()?;
    let height = u16::try_from(u64::from(bits.take(rows)?) + 1).ok()?;
    Some((width, height))
}

/// Passes over timing and operating points.
fn operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.flag()? {
        bits.skip(64)?;
        if bits.flag()? {
            bits.exp_golomb()?;
        }
        if bits.flag()? {
            delay_bits = Some(bits.take(5)? as usize + 1);
            bits.skip(32 + 5 + 5)?;
        }
    }
    let initial_delay = bits.flag()?;
    for _ in 0..=bits.take(5)? {
        bits.skip(12)?;
        if bits.take(5)? > 7 {
            bits.skip(1)?;
        }
        if let Some(width) = delay_bits
            && bits.flag()?
        {
            bits.skip(2 * width + 1)?;
        }
        if initial_delay && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence header of 640 by 360, one operating point, no timing.
    fn sequence_header() -> Vec<u8> {
        // Profile 3, still 1, reduced 1, timing 1, delay 1, points 5, idc 12, level 5 bits; then
        // ten and nine bits of size.
        let bits = "000".to_owned()
            + "0"
            + "0"
            + "0"
            + "0"
            + "00000"
            + "000000000000"
            + "00100"
            + "1001"
            + "1000"
            + "1001111111"
            + "101100111";
        let mut obu = vec![SEQUENCE_HEADER << 3];
        for byte in bits.as_bytes().chunks(8) {
            let text = std::str::from_utf8(byte).unwrap();
            obu.push(u8::from_str_radix(&format!("{text:0<8}"), 2).unwrap());
        }
        obu
    }

    /// A payload of these elements, each with its length.
    fn payload(flags: u8, elements: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![flags];
        for element in elements {
            payload.push(element.len() as u8);
            payload.extend_from_slice(element);
        }
        payload
    }

    #[test]
    fn a_new_sequence_is_the_entry_and_tells_the_size() {
        let (sequence, frame) = (sequence_header(), [FRAME << 3, 0x10, 0x20]);
        let entry = FrameFacts { start: true, key: true, size: Some((640, 360)) };
        assert_eq!(read(&payload(NEW_SEQUENCE, &[&sequence, &frame])), Ok(entry));
        let delimited = payload(NEW_SEQUENCE, &[&[TEMPORAL_DELIMITER << 3], &sequence, &frame]);
        assert_eq!(read(&delimited), Ok(entry));
        // Two elements by count: the second has no length.
        let mut counted = payload(NEW_SEQUENCE | 0x20, &[&sequence]);
        counted.extend(frame);
        assert_eq!(read(&counted), Ok(entry));
        let mut single = vec![NEW_SEQUENCE | 0x10];
        single.extend(&sequence);
        assert_eq!(read(&single), Ok(entry));
    }

    #[test]
    fn frames_and_their_rests_are_told_apart() {
        let start = FrameFacts { start: true, ..FrameFacts::default() };
        assert_eq!(read(&[0x10, FRAME << 3, 1, 2]), Ok(start));
        assert_eq!(read(&[CONTINUES | 0x10, FRAME << 3, 1, 2]), Ok(FrameFacts::default()));
        const TILE_GROUP: u8 = 4;
        assert_eq!(read(&[0x10, TILE_GROUP << 3, 1, 2]), Ok(FrameFacts::default()));
        let no_header = read(&[NEW_SEQUENCE | 0x10, FRAME << 3, 1]).unwrap();
        assert!(!no_header.key, "a sequence without its header cannot be decoded");
    }

    #[test]
    fn lengths_beyond_the_payload_are_an_error() {
        assert!(read(&[]).is_err());
        assert!(read(&[0x00, 5, FRAME << 3]).is_err());
        assert!(read(&[0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
        assert!(read(&[CONTINUES | NEW_SEQUENCE, 1, 0]).is_err());
    }

    #[test]
    fn a_header_that_ends_early_tells_no_size() {
        let whole = sequence_header();
        for end in 1..whole.len() {
            let mut cut = vec![NEW_SEQUENCE | 0x10];
            cut.extend(&whole[..end]);
            let found = read(&cut).unwrap();
            assert_eq!((found.key, found.size), (true, None), "{end} bytes");
        }
    }

    #[test]
    fn timing_and_many_operating_points_are_passed_over() {
        // Timing with equal intervals and a decoder model of delays of one bit; two points, the
        // first of a level with a tier, both with all that is optional.
        let bits = "00000".to_owned()
            + "1"
            + &"0".repeat(64)
            + "1"
            + "1"
            + "1"
            + "00000"
            + &"0".repeat(42)
            + "1"
            + "00001"
            + &"0".repeat(12)
            + "01000"
            + "1"
            + "1"
            + "000"
            + "1"
            + "0000"
            + &"0".repeat(12)
            + "00100"
            + "0"
            + "0"
            + "0111"
            + "0111"
            + "11111111"
            + "01111111";
        let mut obu = vec![SEQUENCE_HEADER << 3 | 0x06, 0, 40];
        for byte in bits.as_bytes().chunks(8) {
            let text = std::str::from_utf8(byte).unwrap();
            obu.push(u8::from_str_radix(&format!("{text:0<8}"), 2).unwrap());
        }
        assert_eq!(picture_size(&obu), Some((256, 128)));
    }
}
