use super::*;

/// The sample request of RFC 5769, section 2.1.
const SAMPLE: &[u8] = &[
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
];
const SAMPLE_PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const TRANSACTION: [u8; 12] =
    [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

#[test]
fn the_sample_request_of_rfc_5769_is_read_and_verified() {
    let binding = Binding::parse(SAMPLE).unwrap();
    assert_eq!(binding.class, Class::Request);
    assert_eq!(binding.transaction, TRANSACTION);
    assert_eq!(binding.username, Some("evtj:h6vY"));
    assert_eq!(binding.role, Some(SenderRole::Controlled));
    assert!(!binding.use_candidate);
    assert_eq!(binding.unknown_attributes(), [0u16; 0]);
    assert_eq!(binding.verify(&IntegrityKey::new(SAMPLE_PASSWORD)), Ok(()));
    assert_eq!(binding.verify(&IntegrityKey::new("another")), Err(StunError::Integrity));
    assert_eq!(local_ufrag(SAMPLE), Some("evtj"));
}

#[test]
fn addresses_are_hidden_as_rfc_5769_shows() {
    let key = IntegrityKey::new(SAMPLE_PASSWORD);
    let mut out = [0; MAX_REPLY];
    let v4 = "192.0.2.1:32853".parse().unwrap();
    let len = write_success(&TRANSACTION, v4, &key, &mut out);
    assert_eq!(out[20..32], [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    assert_eq!(len, 20 + 12 + 24 + 8);

    let v6 = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap();
    write_success(&TRANSACTION, v6, &key, &mut out);
    let value = [
        0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4,
        0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
    ];
    assert_eq!(out[24..44], value);
}

#[test]
fn an_answer_is_protected_by_the_same_password() {
    let key = IntegrityKey::new("secret");
    let mut out = [0; MAX_REPLY];
    let len = write_success(&TRANSACTION, "127.0.0.1:9".parse().unwrap(), &key, &mut out);
    // Read it as a request, for the checks are the same.
    let mut request = out[..len].to_vec();
    request[0] = 0;
    let crc = crc32fast::hash(&request[..len - 8]) ^ FINGERPRINT_XOR;
    request[len - 4..].copy_from_slice(&crc.to_be_bytes());
    let binding = Binding::parse(&request).unwrap();
    // The type is part of what is protected, so only the original verifies.
    assert_eq!(binding.verify(&key), Err(StunError::Integrity));
    let at = binding.integrity_at.unwrap();
    let mut text = out[..at].to_vec();
    text[2..4].copy_from_slice(&body_len(at + 24));
    assert_eq!(hmac::sign(&key.0, &text).as_ref(), &out[at + 4..at + 24]);
}

#[test]
fn every_changed_bit_is_noticed() {
    let key = IntegrityKey::new(SAMPLE_PASSWORD);
    for bit in 0..SAMPLE.len() * 8 {
        let mut packet = SAMPLE.to_vec();
        packet[bit / 8] ^= 1 << (bit % 8);
        let accepted = Binding::parse(&packet).is_ok_and(|binding| binding.verify(&key).is_ok());
        assert!(!accepted, "bit {bit}");
    }
}

#[test]
fn cut_messages_are_errors() {
    for end in 0..SAMPLE.len() {
        assert!(Binding::parse(&SAMPLE[..end]).is_err(), "{end}");
    }
}

#[test]
fn attributes_behind_the_integrity_do_not_count() {
    let key = IntegrityKey::new("pw");
    let mut message = write_request(&[7; 12], "a:b", &[], &key);
    message.truncate(message.len() - 8);
    message.extend_from_slice(&[0x00, 0x25, 0, 0]);
    let end = message.len() + 8;
    message[2..4].copy_from_slice(&body_len(end));
    let crc = crc32fast::hash(&message) ^ FINGERPRINT_XOR;
    message.extend_from_slice(&[0x80, 0x28, 0, 4]);
    message.extend_from_slice(&crc.to_be_bytes());
    let binding = Binding::parse(&message).unwrap();
    assert!(!binding.use_candidate, "a nomination that nobody signed");
    assert_eq!(binding.verify(&key), Ok(()));
}

#[test]
fn unknown_attributes_that_must_be_understood_are_listed_up_to_a_bound() {
    let key = IntegrityKey::new("pw");
    let attributes: Vec<(u16, &[u8])> = (0x7000..0x7010).map(|kind| (kind, &b""[..])).collect();
    let message = write_request(&[7; 12], "a:b", &attributes, &key);
    let binding = Binding::parse(&message).unwrap();
    assert_eq!(binding.unknown_attributes(), (0x7000..0x7008).collect::<Vec<u16>>());
    let mut out = [0; MAX_REPLY];
    let unknown = binding.unknown_attributes();
    let len = write_error(&[7; 12], 420, unknown, Some(&key), &mut out);
    assert!(len <= MAX_REPLY);
    assert_eq!(out[24..28], [0, 0, 4, 20]);
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..120)) {
        let _ = Binding::parse(&bytes);
        let mut message = SAMPLE.to_vec();
        let tail = bytes.len().min(message.len() - 20);
        message[20..20 + tail].copy_from_slice(&bytes[..tail]);
        let _ = Binding::parse(&message);
        let _ = local_ufrag(&message);
    }
}
