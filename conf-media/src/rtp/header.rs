//! How an outgoing RTP header is laid down in the caller's buffer.

/// The fields of an outgoing header (RFC 3550, section 5.1); no contributing sources, no padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpHeader {
    /// Marker bit.
    pub marker: bool,
    /// Payload type; only the low 7 bits are written.
    pub payload_type: u8,
    /// Sequence number.
    pub seq: u16,
    /// RTP timestamp.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

/// Writes `header` with the given extension elements (id, value) and returns its length.
///
/// Ids 1 to 14 with 1 to 16 bytes take the one-byte form; if any element does not fit it, all
/// take the two-byte form (RFC 8285). `None` when `out` is too small, an id is 0, or a value
/// exceeds 255 bytes; `out` may then be partly written. Cost: no allocation.
pub fn write_header(
    out: &mut [u8],
    header: &RtpHeader,
    extensions: &[(u8, &[u8])],
) -> Option<usize> {
    let fixed = out.first_chunk_mut::<12>()?;
    fixed[0] = if extensions.is_empty() { 0x80 } else { 0x90 };
    fixed[1] = (header.payload_type & 0x7f) | if header.marker { 0x80 } else { 0 };
    fixed[2..4].copy_from_slice(&header.seq.to_be_bytes());
    fixed[4..8].copy_from_slice(&header.timestamp.to_be_bytes());
    fixed[8..12].copy_from_slice(&header.ssrc.to_be_bytes());
    if extensions.is_empty() {
        return Some(12);
    }
    let short = extensions.iter().all(|(id, v)| *id < 15 && (1..=16).contains(&v.len()));
    let mut at = 16;
    for &(id, value) in extensions {
        let len = u8::try_from(value.len()).ok()?;
        if id == 0 {
            return None;
        }
        if short {
            *out.get_mut(at)? = (id << 4) | (len - 1);
            at += 1;
        } else {
            out.get_mut(at..at + 2)?.copy_from_slice(&[id, len]);
            at += 2;
        }
        out.get_mut(at..at + value.len())?.copy_from_slice(value);
        at += value.len();
    }
    let end = at.next_multiple_of(4);
    out.get_mut(at..end)?.fill(0);
    let words = u16::try_from((end - 16) / 4).ok()?.to_be_bytes();
    let profile = if short { [0xbe, 0xde] } else { [0x10, 0x00] };
    out.get_mut(12..16)?.copy_from_slice(&[profile[0], profile[1], words[0], words[1]]);
    Some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtp::RtpView;

    const HEADER: RtpHeader =
        RtpHeader { marker: true, payload_type: 111, seq: 65_535, timestamp: 1, ssrc: 0xdead_beef };

    #[test]
    fn what_is_written_is_read_back() {
        let mut out = [0xff; 64];
        let len = write_header(&mut out, &HEADER, &[(3, &[1, 2]), (4, b"mid")]).unwrap();
        let view = RtpView::parse(&out[..len]).unwrap();
        assert_eq!((view.marker, view.payload_type, view.seq), (true, 111, 65_535));
        assert_eq!((view.timestamp, view.ssrc), (1, 0xdead_beef));
        let found: Vec<_> = view.extensions().collect();
        assert_eq!(found, [(3, &[1u8, 2][..]), (4, b"mid")]);
    }

    #[test]
    fn a_small_buffer_is_refused() {
        assert_eq!(write_header(&mut [0; 11], &HEADER, &[]), None);
        assert_eq!(write_header(&mut [0; 17], &HEADER, &[(3, &[1, 2])]), None);
        assert_eq!(write_header(&mut [0; 12], &HEADER, &[]), Some(12));
    }

    proptest! {
        #[test]
        fn every_set_of_elements_survives_the_round_trip(
            elements in proptest::collection::vec(
                (1u8..=255, proptest::collection::vec(any::<u8>(), 0..40)), 0..8),
        ) {
            let elements: Vec<(u8, &[u8])> = elements.iter().map(|(id, v)| (*id, &v[..])).collect();
            let mut out = [0; 512];
            let len = write_header(&mut out, &HEADER, &elements).unwrap();
            let view = RtpView::parse(&out[..len]).unwrap();
            prop_assert_eq!(view.header_len(), len);
            prop_assert_eq!(view.extensions().collect::<Vec<_>>(), elements);
        }
    }
}
