//! Which protocol a datagram speaks, told from its first bytes (RFC 7983, RFC 5761).

/// What a datagram on the media port is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// A STUN message (first byte 0–3, RFC 8489).
    Stun,
    /// A DTLS record (first byte 20–63).
    Dtls,
    /// An RTP packet (first byte 128–191, second byte outside the RTCP range).
    Rtp,
    /// An RTCP packet (first byte 128–191, second byte 192–223, RFC 5761 section 4).
    Rtcp,
    /// None of these, or too short to be any: to be counted and dropped.
    Unknown,
}

/// Tells what `datagram` is without looking further than its second byte.
///
/// Cost: two comparisons; nothing is validated beyond the minimum length of each protocol's header.
pub fn classify(datagram: &[u8]) -> Protocol {
    match datagram {
        [0..=3, ..] if datagram.len() >= 20 => Protocol::Stun,
        [20..=63, ..] if datagram.len() >= 13 => Protocol::Dtls,
        [128..=191, 192..=223, ..] if datagram.len() >= 8 => Protocol::Rtcp,
        [128..=191, ..] if datagram.len() >= 12 => Protocol::Rtp,
        _ => Protocol::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_first_byte_has_one_meaning() {
        for first in 0..=255u8 {
            let mut datagram = [0u8; 20];
            datagram[0] = first;
            let expected = match first {
                0..=3 => Protocol::Stun,
                20..=63 => Protocol::Dtls,
                128..=191 => Protocol::Rtp,
                _ => Protocol::Unknown,
            };
            assert_eq!(classify(&datagram), expected, "first byte {first}");
        }
    }

    #[test]
    fn rtcp_packet_types_are_told_from_rtp_payload_types() {
        let mut datagram = [0u8; 20];
        datagram[0] = 0x80;
        for second in 0..=255u8 {
            datagram[1] = second;
            let expected =
                if (192..=223).contains(&second) { Protocol::Rtcp } else { Protocol::Rtp };
            assert_eq!(classify(&datagram), expected, "second byte {second}");
        }
    }

    #[test]
    fn short_datagrams_are_nothing() {
        assert_eq!(classify(&[]), Protocol::Unknown);
        assert_eq!(classify(&[0; 19]), Protocol::Unknown);
        assert_eq!(classify(&[22; 12]), Protocol::Unknown);
        assert_eq!(classify(&[0x80; 11]), Protocol::Unknown);
        assert_eq!(classify(&[0x80, 200, 0, 1, 0, 0, 0]), Protocol::Unknown);
    }
}
