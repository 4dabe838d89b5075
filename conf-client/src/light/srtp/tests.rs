use super::*;

const PROFILES: [Profile; 3] = [Profile::Aes256Gcm, Profile::Aes128Gcm, Profile::Aes128CmSha1];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |two: &[u8]| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn keys(profile: Profile) -> (Vec<u8>, Vec<u8>) {
    ((1..=profile.key_len() as u8).collect(), (101..=100 + profile.salt_len() as u8).collect())
}

#[test]
fn rfc_7714_section_16_has_these_rtp_packets() {
    let plain = hex("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120
        696e207061727465732074726573");
    let salt = *hex("517569642070726f2071756f").first_chunk().unwrap();
    let key: Vec<u8> = (0..32).collect();
    let expected = [
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b
         36de3adf8833899d7f27beb16a9152cf765ee4390cce",
        "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f
         1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
    ];
    for (len, expected) in [16, 32].into_iter().zip(expected) {
        let keys = GcmKeys::from_session(&key[..len], salt);
        let mut packet = plain.clone();
        keys.seal_rtp(&mut packet, 0, 12, 0x5501_a0b2, 0xf17b);
        assert_eq!(packet, hex(expected));
        let end = keys.open_rtp(&mut packet, 12, 0x5501_a0b2, 0xf17b).unwrap();
        assert_eq!(packet[..end], plain);
    }
}

#[test]
fn rfc_7714_section_17_has_this_rtcp_packet() {
    let plain = hex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61
        deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
    let expected = hex("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d
        c676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4");
    let salt = *hex("517569642070726f2071756f").first_chunk().unwrap();
    let keys = GcmKeys::from_session(&(0..16).collect::<Vec<u8>>(), salt);
    let mut packet = plain.clone();
    keys.seal_rtcp(&mut packet, 0x4d61_7273, 0x5d4);
    assert_eq!(packet, expected);
    let end = keys.open_rtcp(&mut packet, 0x4d61_7273, 0x5d4).unwrap();
    assert_eq!(packet[..end], plain);
}

#[test]
fn rfc_3711_appendix_b_3_has_these_session_keys() {
    let (key, salt) =
        (hex("e1f97a0d3e018be0d64fa32c06de4139"), hex("0ec675ad498afeebb6960b3aabe6"));
    let cipher: [u8; 16] = kdf::derive(&key, &salt, kdf::Use::RtpCipher);
    assert_eq!(cipher.to_vec(), hex("c61e7a93744f39ee10734afe3ff7a087"));
    let session_salt: [u8; 14] = kdf::derive(&key, &salt, kdf::Use::RtpSalt);
    assert_eq!(session_salt.to_vec(), hex("30cbbc08863d8c85d49db34a9ae1"));
    let auth: [u8; 16] = kdf::derive(&key, &salt, kdf::Use::RtpAuth);
    assert_eq!(auth.to_vec(), hex("cebe321f6ff7716b6fd4ab49af256a15"));
}

#[test]
fn rfc_3711_appendix_b_2_has_this_key_stream() {
    let key = kdf::counter(&hex("2b7e151628aed2a6abf7158809cf4f3c"));
    let mut text = [0; 32];
    let iv = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000");
    kdf::apply(&key, iv.try_into().unwrap(), &mut text);
    let expected = hex("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab");
    assert_eq!(text.to_vec(), expected);
}

#[test]
fn what_is_sealed_opens_and_a_changed_bit_does_not() {
    for profile in PROFILES {
        let (key, salt) = keys(profile);
        let mut sealer = Sealer::new(profile, &key, &salt);
        let opener = Opener::new(profile, &key, &salt);
        // Beyond one roll-over, behind other bytes of the same buffer.
        let index = 0x1_0003;
        let mut buffer = vec![7; 5];
        let plain = hex("8060000301020304000000090a0b0c0d");
        buffer.extend_from_slice(&plain);
        sealer.seal_rtp(&mut buffer, 5, 12, 9, index);
        assert_eq!(buffer.len(), 5 + plain.len() + profile.rtp_tag_len());
        let sealed = &buffer[5..];
        let mut packet = sealed.to_vec();
        let end = opener.open_rtp(&mut packet, 12, 9, index).unwrap();
        assert_eq!(packet[..end], plain);
        for bit in 0..sealed.len() * 8 {
            let mut packet = sealed.to_vec();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtp(&mut packet, 12, 9, index).is_err(), "{profile:?} {bit}");
        }
        assert!(opener.open_rtp(&mut sealed.to_vec(), 12, 9, 3).is_err(), "another roll-over");

        let report = hex("80c9000100000009");
        let mut packet = report.clone();
        sealer.seal_rtcp(&mut packet);
        for bit in 0..packet.len() * 8 {
            let mut changed = packet.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtcp(&mut changed).is_err(), "{profile:?} rtcp {bit}");
        }
        assert_eq!(opener.open_rtcp(&mut packet), Ok(report.len()));
        assert_eq!(packet[..8], report);
    }
}

#[test]
fn packets_cut_short_are_refused() {
    for profile in PROFILES {
        let (key, salt) = keys(profile);
        let opener = Opener::new(profile, &key, &salt);
        for len in 0..40 {
            assert!(opener.open_rtcp(&mut vec![0xff; len]).is_err());
            if len >= 12 {
                assert!(opener.open_rtp(&mut vec![0x80; len], 12, 1, 1).is_err());
            }
        }
    }
}
