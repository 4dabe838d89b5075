//! What an H.264 payload says of its frame (RFC 6184): where it begins, and how large it is.
//!
//! Only the non-interleaved mode is understood, which is what every browser sends: single NAL
//! units, STAP-A and FU-A.

use super::bits::Bits;
use super::payload::Walk;
use super::{Codec, FrameFacts, PayloadError};

/// NAL unit types (H.264, table 7-1; RFC 6184, table 1).
const SLICE: u8 = 1;
const IDR_SLICE: u8 = 5;
const SEQUENCE_PARAMETERS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Bytes of a sequence parameter set that are read: the size lies near its beginning.
const SPS_READ: usize = 64;

/// Reads one payload.
///
/// An entry (start and key) is the packet with the sequence parameter set. The first packet of an
/// IDR picture alone is key but no start: a decoder that was not given the parameters cannot use
/// it, and senders repeat them before each such picture.
///
/// # Errors
/// When an aggregated or fragmented unit is cut short, or the packet type belongs to the
/// interleaved mode.
pub fn read(payload: &[u8]) -> Result<FrameFacts, PayloadError> {
    let mut walk = Walk::new(Codec::H264, payload);
    let mut facts = FrameFacts::default();
    match walk.byte()? & 0x1f {
        1..=23 => note(&mut facts, payload),
        STAP_A => {
            while !walk.rest().is_empty() {
                let len = walk.word()?;
                note(&mut facts, walk.take(len.into())?);
            }
        }
        FU_A => {
            let header = walk.byte()?;
            let kind = header & 0x1f;
            facts.key = kind == IDR_SLICE;
            let begins = header & 0x80 != 0;
            facts.start = begins && kind == SLICE && first_slice(walk.rest());
        }
        found => {
            return Err(PayloadError::Forbidden {
                codec: Codec::H264,
                what: "packet type",
                found,
                expected: "1 to 24 or 28",
            });
        }
    }
    Ok(facts)
}

/// Adds what a whole NAL unit says.
fn note(facts: &mut FrameFacts, unit: &[u8]) {
    let Some((&header, body)) = unit.split_first() else { return };
    match header & 0x1f {
        SLICE => facts.start |= first_slice(body),
        IDR_SLICE => facts.key = true,
        SEQUENCE_PARAMETERS => {
            facts.start = true;
            facts.key = true;
            facts.size = facts.size.or_else(|| picture_size(body));
        }
        _ => {}
    }
}

/// Whether a slice is its picture's first: `first_mb_in_slice`, an Exp-Golomb number, is zero.
fn first_slice(slice: &[u8]) -> bool {
    slice.first().is_some_and(|byte| byte & 0x80 != 0)
}

/// Width and height of a sequence parameter set (H.264, section 7.3.2.1.1), after cropping.
///
/// `None` for profiles with more than 4:2:0 colour, which are not negotiated, and for sets longer
/// than what is read.
fn picture_size(body: &[u8]) -> Option<(u16, u16)> {
    let mut plain = [0; SPS_READ];
    let mut bits = Bits::new(unescaped(body, &mut plain));
    let profile = bits.take(8)?;
    const PLAIN_PROFILES: [u32; 3] = [66, 77, 88];
    if !PLAIN_PROFILES.contains(&profile) {
        return None;
    }
    // Constraint flags and level, then the set's own number and the width of frame numbers.
    bits.skip(16)?;
    bits.exp_golomb()?;
    bits.exp_golomb()?;
    match bits.exp_golomb()? {
        0 => {
            bits.exp_golomb()?;
        }
        1 => {
            bits.skip(1)?;
            bits.exp_golomb()?;
            bits.exp_golomb()?;
            for _ in 0..bits.exp_golomb()?.min(255) {
                bits.exp_golomb()?;
            }
        }
        _ => {}
    }
    bits.exp_golomb()?;
    bits.skip(1)?;
    let columns = u64::from(bits.exp_golomb()?) + 1;
    let rows = u64::from(bits.exp_golomb()?) + 1;
    let interlaced = !bits.flag()?;
    if interlaced {
        bits.skip(1)?;
    }
    bits.skip(1)?;
    let fields = if interlaced { 2 } else { 1 };
    let (mut width, mut height) = (columns * 16, rows * 16 * fields);
    if bits.flag()? {
        let mut crop = || bits.exp_golomb().map(u64::from);
        let (left, right, top, bottom) = (crop()?, crop()?, crop()?, crop()?);
        // In steps of two samples, as 4:2:0 colour has half the lines and columns.
        width = width.checked_sub((left + right) * 2)?;
        height = height.checked_sub((top + bottom) * 2 * fields)?;
    }
    let (width, height) = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
    (width > 0 && height > 0).then_some((width, height))
}

/// Takes the emulation prevention bytes out (H.264, section 7.4.1.1), as far as `plain` reaches.
fn unescaped<'a>(body: &[u8], plain: &'a mut [u8; SPS_READ]) -> &'a [u8] {
    let (mut len, mut zeros) = (0, 0);
    for &byte in body {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        let Some(place) = plain.get_mut(len) else { break };
        *place = byte;
        len += 1;
        zeros = if byte == 0 { zeros + 1 } else { 0 };
    }
    &plain[..len]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Constrained baseline, 640 by 360 cropped from 640 by 368, as OpenH264 writes it.
    const SPS: [u8; 11] = [0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50, 0x17, 0xfc, 0xb0];
    const PPS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

    fn aggregated(units: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![0x78];
        for unit in units {
            payload.extend((unit.len() as u16).to_be_bytes());
            payload.extend_from_slice(unit);
        }
        payload
    }

    #[test]
    fn the_parameters_are_the_entry_and_tell_the_size() {
        let entry = FrameFacts { start: true, key: true, size: Some((640, 360)) };
        assert_eq!(read(&SPS), Ok(entry));
        assert_eq!(read(&aggregated(&[&SPS, &PPS])), Ok(entry));
        assert_eq!(read(&aggregated(&[&[9, 0x10], &SPS, &PPS, &[0x65, 0x88]])), Ok(entry));
    }

    #[test]
    fn an_idr_picture_without_parameters_is_no_entry() {
        let key = FrameFacts { start: false, key: true, size: None };
        assert_eq!(read(&[0x65, 0x88, 0x84]), Ok(key));
        assert_eq!(read(&[0x7c, 0x85, 0x88, 0x84]), Ok(key));
        assert_eq!(read(&[0x7c, 0x45, 0x11]), Ok(key));
    }

    #[test]
    fn a_frame_starts_with_its_first_slice() {
        let start = FrameFacts { start: true, ..FrameFacts::default() };
        assert_eq!(read(&[0x41, 0x9a, 0x02]), Ok(start));
        assert_eq!(read(&[0x5c, 0x81, 0x9a]), Ok(start));
        assert_eq!(read(&[0x5c, 0x01, 0x9a]), Ok(FrameFacts::default()));
        assert_eq!(read(&[0x41, 0x2a]), Ok(FrameFacts::default()), "a later slice");
        assert_eq!(read(&aggregated(&[&PPS])), Ok(FrameFacts::default()));
    }

    #[test]
    fn what_the_mode_rules_out_or_is_cut_short_is_an_error() {
        for interleaved in [0, 25, 26, 27, 29, 30, 31] {
            assert!(read(&[0x60 | interleaved, 0, 0, 0]).is_err(), "{interleaved}");
        }
        let whole = aggregated(&[&SPS]);
        assert!(read(&whole[..whole.len() - 1]).is_err());
        assert!(read(&[0x7c]).is_err() && read(&[]).is_err());
    }

    #[test]
    fn emulation_prevention_is_taken_out_before_the_size_is_read() {
        let mut plain = [0; SPS_READ];
        assert_eq!(unescaped(&[1, 0, 0, 3, 1, 0, 0, 3], &mut plain), [1, 0, 0, 1, 0, 0]);
        assert_eq!(unescaped(&[7; 100], &mut plain).len(), SPS_READ);
    }

    #[test]
    fn a_set_that_ends_early_or_is_of_another_profile_tells_no_size() {
        for end in 1..SPS.len() - 1 {
            let found = read(&SPS[..end]).unwrap();
            assert_eq!((found.start, found.key, found.size), (true, true, None), "{end} bytes");
        }
        let mut high = SPS;
        high[1] = 100;
        assert_eq!(read(&high).unwrap().size, None);
    }
}
