//! Numbers that wrap, with loss, reordering and repeats around the wrap, against a plain model.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{replay::WINDOW, *};

const PROFILES: [Profile; 3] = [Profile::Aes256Gcm, Profile::Aes128Gcm, Profile::Aes128CmSha1];

fn master(profile: Profile) -> MasterKey {
    MasterKey::new(&vec![0x31; profile.key_len()], &vec![0x42; profile.salt_len()])
}

fn seal(sealer: &mut Sealer, ssrc: u32, index: u64) -> Vec<u8> {
    let mut header = [0x80, 96, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0];
    header[2..4].copy_from_slice(&(index as u16).to_be_bytes());
    header[8..].copy_from_slice(&ssrc.to_be_bytes());
    let mut out = [0; 64];
    let len = sealer.seal_rtp(index, &header, &index.to_be_bytes(), &mut out).expect("it fits");
    out[..len].to_vec()
}

/// What RFC 3711, section 3.3.2 promises: each index once, none older than the window.
#[derive(Default)]
struct Model {
    newest: Option<u64>,
    taken: BTreeSet<u64>,
}

impl Model {
    fn takes(&mut self, index: u64) -> bool {
        let old = self.newest.is_some_and(|newest| index + WINDOW <= newest);
        let takes = !old && self.taken.insert(index);
        if takes {
            self.newest = self.newest.max(Some(index));
        }
        takes
    }
}

/// Where a source begins, and how each of its packets stands to the one before: steps ahead
/// (loss), back (reordering, repeats), over the wrap many times.
fn journeys() -> impl Strategy<Value = (u16, Vec<i64>)> {
    let step = prop_oneof![
        6 => Just(1i64),
        3 => 2i64..200,
        3 => -150i64..0,
        1 => Just(0i64),
        2 => 5_000i64..30_000,
    ];
    (any::<u16>(), proptest::collection::vec(step, 1..120))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_receiver_follows_every_wrap_and_takes_each_packet_once(
        (start, steps) in journeys(),
        which in 0..PROFILES.len(),
    ) {
        let profile = PROFILES[which];
        let mut sealer = Sealer::new(profile, &master(profile));
        let mut opener = Opener::new(profile, &master(profile));
        let (mut model, mut at) = (Model::default(), u64::from(start));
        let first = at;
        for step in std::iter::once(0).chain(steps) {
            // Nothing is older than what a source began with: before it there is no counter.
            at = at.saturating_add_signed(step).max(first);
            let mut packet = seal(&mut sealer, 7, at);
            // A source beside it wraps elsewhere and disturbs nothing.
            let mut beside = seal(&mut sealer, 8, at + 40_000);
            let opened = opener.open_rtp(&mut packet);
            if model.takes(at) {
                let opened = opened.expect("within the window and new");
                prop_assert_eq!(opened.index, at);
                prop_assert_eq!(&packet[opened.header_len..opened.len], at.to_be_bytes());
            } else {
                prop_assert_eq!(opened, Err(SrtpError::Replayed));
            }
            let _ = opener.open_rtp(&mut beside);
        }
    }

    #[test]
    fn reports_are_taken_once_in_any_order_within_the_window(
        order in proptest::collection::vec(0usize..300, 1..400),
        which in 0..PROFILES.len(),
    ) {
        let profile = PROFILES[which];
        let mut sealer = Sealer::new(profile, &master(profile));
        let mut opener = Opener::new(profile, &master(profile));
        let reports: Vec<Vec<u8>> = (0..300)
            .map(|_| {
                let mut out = [0; 64];
                let report = [0x80, 201, 0, 1, 0, 0, 0, 7];
                let len = sealer.seal_rtcp(&report, &mut out).expect("it fits");
                out[..len].to_vec()
            })
            .collect();
        let mut model = Model::default();
        for place in order {
            let opened = opener.open_rtcp(&mut reports[place].clone());
            prop_assert_eq!(opened.is_ok(), model.takes(place as u64));
        }
    }
}

#[test]
fn a_repair_stream_wraps_on_its_own() {
    for profile in PROFILES {
        let mut sealer = Sealer::new(profile, &master(profile));
        let mut opener = Opener::new(profile, &master(profile));
        for index in 65_000..67_000u64 {
            let (media, repair) = (seal(&mut sealer, 1, index + 500), seal(&mut sealer, 2, index));
            for (mut packet, expected) in [(media, index + 500), (repair, index)] {
                assert_eq!(opener.open_rtp(&mut packet).map(|opened| opened.index), Ok(expected));
            }
        }
    }
}

#[test]
fn the_last_report_of_a_key_is_refused_instead_of_repeating_an_index() {
    for profile in PROFILES {
        let mut sealer = Sealer::new(profile, &master(profile));
        let mut opener = Opener::new(profile, &master(profile));
        sealer.next_rtcp_index = (1 << 31) - 1;
        let report = [0x80, 201, 0, 1, 0, 0, 0, 7];
        let mut out = [0; 64];
        let len = sealer.seal_rtcp(&report, &mut out).expect("the last one");
        assert_eq!(opener.open_rtcp(&mut out[..len]), Ok(report.len()));
        let over = sealer.seal_rtcp(&report, &mut out);
        assert_eq!(over, Err(SrtpError::Index { index: 1 << 31 }));
    }
}

#[test]
fn the_longest_index_is_sealed_and_the_next_refused() {
    for profile in PROFILES {
        let mut sealer = Sealer::new(profile, &master(profile));
        let last = (1u64 << 48) - 1;
        assert!(!seal(&mut sealer, 7, last).is_empty());
        let header = [0x80, 96, 0, 0, 1, 2, 3, 4, 0, 0, 0, 7];
        let over = sealer.seal_rtp(1 << 48, &header, b"x", &mut [0; 64]);
        assert_eq!(over, Err(SrtpError::Index { index: 1 << 48 }));
    }
}
