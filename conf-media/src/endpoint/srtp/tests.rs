use super::*;

const PROFILES: [Profile; 3] = [Profile::Aes256Gcm, Profile::Aes128Gcm, Profile::Aes128CmSha1];

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn master(profile: Profile) -> MasterKey {
    let key: Vec<u8> = (0..profile.key_len() as u8).collect();
    let salt: Vec<u8> = (0..profile.salt_len() as u8).map(|n| n ^ 0xa5).collect();
    MasterKey::new(&key, &salt)
}

fn pair(profile: Profile) -> (Sealer, Opener) {
    (Sealer::new(profile, &master(profile)), Opener::new(profile, &master(profile)))
}

fn header(ssrc: u32, seq: u16) -> [u8; 12] {
    let mut header = [0x80, 96, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0];
    header[2..4].copy_from_slice(&seq.to_be_bytes());
    header[8..].copy_from_slice(&ssrc.to_be_bytes());
    header
}

fn seal(sealer: &mut Sealer, ssrc: u32, index: u64, payload: &[u8]) -> Vec<u8> {
    let mut out = [0; 1500];
    let len = sealer.seal_rtp(index, &header(ssrc, index as u16), payload, &mut out).unwrap();
    out[..len].to_vec()
}

#[test]
fn rfc_7714_sections_16_1_and_16_2_rtp() {
    let plain = hex("8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
         69736120 696e2070 61727465 73207472 6573");
    let salt = *hex("517569642070726f2071756f").first_chunk().unwrap();
    let longest: Vec<u8> = (0..32).collect();
    let sealed = [
        (
            16,
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
             0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            32,
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238
             9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ];
    for (key_len, sealed) in sealed {
        let keys = GcmKeys::from_session(&longest[..key_len], salt);
        let mut out = [0; 100];
        let len = keys.seal_rtp(0x5501_a0b2, 0xf17b, &plain[..12], &plain[12..], &mut out).unwrap();
        assert_eq!(out[..len].to_vec(), hex(sealed));
        let opened = keys.open_rtp(&mut out[..len], 12, 0x5501_a0b2, 0xf17b).unwrap();
        assert_eq!(out[..opened].to_vec(), plain);
    }
}

#[test]
fn rfc_7714_section_17_1_rtcp() {
    let plain = hex("81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
         deadbeef deadbeef deadbeef deadbeef deadbeef");
    let sealed = hex("81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
         c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
         45d9eade 800005d4");
    let key: Vec<u8> = (0..16).collect();
    let salt = *hex("517569642070726f2071756f").first_chunk().unwrap();
    let keys = GcmKeys::from_session(&key, salt);
    let mut out = [0; 100];
    let len = keys.seal_rtcp(0x4d61_7273, 0x5d4, &plain, &mut out).unwrap();
    assert_eq!(out[..len].to_vec(), sealed);
    let opened = keys.open_rtcp(&mut out[..len], 0x4d61_7273, 0x5d4).unwrap();
    assert_eq!(out[..opened].to_vec(), plain);
}

/// The reference packets that other implementations of RFC 3711 check themselves against.
#[test]
fn aes_cm_gives_the_reference_packets() {
    let master = MasterKey::new(
        &hex("e1f97a0d3e018be0d64fa32c06de4139"),
        &hex("0ec675ad498afeebb6960b3aabe6"),
    );
    let mut sealer = Sealer::new(Profile::Aes128CmSha1, &master);
    let mut opener = Opener::new(Profile::Aes128CmSha1, &master);
    let mut out = [0; 100];

    let header = hex("800f1234decafbadcafebabe");
    let len = sealer.seal_rtp(0x1234, &header, &[0xab; 16], &mut out).unwrap();
    let sealed = "800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb";
    assert_eq!(out[..len].to_vec(), hex(sealed));
    let opened = opener.open_rtp(&mut out[..len]).unwrap();
    assert_eq!((opened.header_len, opened.len, opened.index), (12, 28, 0x1234));
    assert_eq!(out[12..28], [0xab; 16]);

    let plain = hex("81c8000bcafebabe abababababababababababababababab");
    let len = sealer.seal_rtcp(&plain, &mut out).unwrap();
    let sealed = "81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798";
    assert_eq!(out[..len].to_vec(), hex(sealed));
    let opened = opener.open_rtcp(&mut out[..len]).unwrap();
    assert_eq!(out[..opened].to_vec(), plain);
}

#[test]
fn what_is_sealed_opens_once() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let sealed = seal(&mut sealer, 7, 40_000, b"payload");
        let mut packet = sealed.clone();
        let opened = opener.open_rtp(&mut packet).unwrap();
        assert_eq!(&packet[opened.header_len..opened.len], b"payload");
        let mut again = sealed.clone();
        assert_eq!(opener.open_rtp(&mut again), Err(SrtpError::Replayed), "{profile:?}");

        let report = hex("80c9000100000007");
        let mut out = [0; 64];
        let len = sealer.seal_rtcp(&report, &mut out).unwrap();
        let mut again = out;
        assert_eq!(opener.open_rtcp(&mut out[..len]), Ok(report.len()));
        assert_eq!(out[..8].to_vec(), report);
        assert_eq!(opener.open_rtcp(&mut again[..len]), Err(SrtpError::Replayed));
    }
}

#[test]
fn every_changed_bit_is_noticed_and_leaves_no_trace() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let sealed = seal(&mut sealer, 7, 1, b"some payload");
        for bit in 0..sealed.len() * 8 {
            let mut packet = sealed.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtp(&mut packet).is_err(), "{profile:?} bit {bit}");
        }
        let mut packet = sealed.clone();
        assert!(opener.open_rtp(&mut packet).is_ok());

        let mut out = [0; 64];
        let len = sealer.seal_rtcp(&hex("80c9000100000007 01020304"), &mut out).unwrap();
        for bit in 0..len * 8 {
            let mut packet = out;
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtcp(&mut packet[..len]).is_err(), "{profile:?} bit {bit}");
        }
        assert!(opener.open_rtcp(&mut out[..len]).is_ok());
    }
}

#[test]
fn the_roll_over_is_followed_on_both_sides() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let order = [65_533u64, 65_534, 65_537, 65_535, 65_536, 65_540, 131_000, 196_400];
        for (step, index) in order.into_iter().enumerate() {
            // Far jumps go through the middle, as a live source would.
            let mut packet = seal(&mut sealer, 7, index, b"x");
            if step == 6 {
                let mut between = seal(&mut sealer, 7, 98_300, b"x");
                assert!(opener.open_rtp(&mut between).is_ok());
            }
            if step == 7 {
                let mut between = seal(&mut sealer, 7, 163_700, b"x");
                assert!(opener.open_rtp(&mut between).is_ok());
            }
            let opened = opener.open_rtp(&mut packet).unwrap();
            assert_eq!(opened.index, index, "{profile:?}");
        }
    }
}

#[test]
fn extensions_and_contributing_sources_stay_readable() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let header = hex("916000010000000200000003 aabbccdd bede0001 10ff0000");
        let mut out = [0; 100];
        let len = sealer.seal_rtp(1, &header, b"abc", &mut out).unwrap();
        assert_eq!(out[..header.len()].to_vec(), header);
        let opened = opener.open_rtp(&mut out[..len]).unwrap();
        assert_eq!(opened.header_len, header.len());
        assert_eq!(&out[opened.header_len..opened.len], b"abc");
    }
}

#[test]
fn a_packet_of_another_direction_or_peer_is_forged() {
    for profile in PROFILES {
        let (mut sealer, _) = pair(profile);
        let other = MasterKey::new(&vec![9; profile.key_len()], &vec![9; profile.salt_len()]);
        let mut opener = Opener::new(profile, &other);
        let mut packet = seal(&mut sealer, 7, 1, b"x");
        assert_eq!(opener.open_rtp(&mut packet), Err(SrtpError::Forged));
    }
}

#[test]
fn an_index_that_is_not_the_headers_is_refused() {
    let (mut sealer, _) = pair(Profile::Aes128Gcm);
    let mut out = [0; 100];
    let header = header(7, 5);
    assert_eq!(sealer.seal_rtp(6, &header, b"x", &mut out), Err(SrtpError::Index { index: 6 }));
    let far = 1 << 48 | 5;
    assert_eq!(sealer.seal_rtp(far, &header, b"x", &mut out), Err(SrtpError::Index { index: far }));
}

#[test]
fn a_buffer_without_room_is_named() {
    for profile in PROFILES {
        let (mut sealer, _) = pair(profile);
        let mut out = [0; 20];
        let sealed = sealer.seal_rtp(5, &header(7, 5), b"123456789", &mut out);
        assert!(matches!(sealed, Err(SrtpError::NoRoom { available: 20, .. })), "{sealed:?}");
    }
}

#[test]
fn short_packets_are_cut_short_and_not_a_panic() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let sealed = seal(&mut sealer, 7, 1, b"some payload");
        let mut out = [0; 64];
        let len = sealer.seal_rtcp(&hex("80c9000100000007 01020304"), &mut out).unwrap();
        for cut in 0..sealed.len() {
            assert!(opener.open_rtp(&mut sealed.clone()[..cut]).is_err());
        }
        for cut in 0..len {
            assert!(opener.open_rtcp(&mut { out }[..cut]).is_err());
        }
    }
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        for profile in PROFILES {
            let (_, mut opener) = pair(profile);
            proptest::prop_assert!(opener.open_rtp(&mut bytes).is_err());
            proptest::prop_assert!(opener.open_rtcp(&mut bytes).is_err());
        }
    }
}
