//! What a subscriber sees across losses, disorder, left-out packets and switches.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::rtp::vp8::Descriptor;
use crate::rtp::{PayloadFacts, vp9};

fn audio(seq: u64, timestamp: u32) -> PacketFacts {
    PacketFacts {
        seq,
        timestamp,
        marker: false,
        empty: false,
        frame_start: true,
        keyframe: true,
        temporal: 0,
        audio_level: None,
        payload: PayloadFacts::Opaque,
    }
}

fn video(seq: u64, timestamp: u32, picture: u16, tl0: u8) -> PacketFacts {
    let bytes = [0x90, 0xe0, (picture >> 8) as u8 | 0x80, picture as u8, tl0, 0, 0x10];
    let descriptor = Descriptor::parse(&bytes).unwrap();
    PacketFacts { payload: PayloadFacts::Vp8(descriptor), ..audio(seq, timestamp) }
}

/// Picture id and base-layer index of an outgoing packet.
fn ids(sent: &Outgoing) -> (u16, u8) {
    let mut payload = sent.prefix.bytes().to_vec();
    payload.push(0x10);
    let found = Descriptor::parse(&payload).unwrap();
    (found.picture_id.unwrap().number().0, found.tl0picidx.unwrap())
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn the_stream_starts_at_the_numbers_given_and_moves_in_step() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Opus, 65_535, 1000);
    assert_eq!(rewrite.map(now, &audio(500, 0)), None);
    let first = rewrite.switch(now, Codec::Opus, &audio(500, 777));
    assert_eq!((first.seq as u16, first.timestamp), (65_535, 1000));
    let next = rewrite.map(now + ms(20), &audio(501, 777 + 960)).unwrap();
    assert_eq!((next.seq as u16, next.timestamp), (0, 1960));
}

#[test]
fn a_loss_keeps_its_number_free_for_the_repair() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Opus, 10, 0);
    rewrite.switch(now, Codec::Opus, &audio(100, 0));
    assert_eq!(rewrite.map(now, &audio(102, 2)).unwrap().seq as u16, 12);
    assert_eq!(rewrite.map(now, &audio(101, 1)).unwrap().seq as u16, 11);
    assert_eq!(rewrite.map(now, &audio(99, 0)), None);
}

#[test]
fn a_switch_of_source_is_continuous_in_every_number() {
    let start = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Vp8, 20, 5000);
    let first = rewrite.switch(start, Codec::Vp8, &video(1000, 90, 300, 40));
    let (picture, tl0) = ids(&first);
    let second = rewrite.map(start + ms(33), &video(1001, 90 + 3000, 301, 41)).unwrap();
    assert_eq!(ids(&second), (picture + 1, tl0.wrapping_add(1)));
    let other = rewrite.switch(start + ms(73), Codec::Vp8, &video(70_000, 4_000_000_000, 5, 200));
    assert_eq!(other.seq, second.seq + 1);
    assert_eq!(ids(&other), (picture + 2, tl0.wrapping_add(2)));
    let step = other.timestamp.wrapping_sub(second.timestamp);
    assert!((3500..=3700).contains(&step), "40 ms are 3600 ticks, {step} passed");
    assert_eq!(rewrite.map(start + ms(80), &video(69_999, 3_999_999_000, 4, 199)), None);
}

#[test]
fn a_switch_at_the_same_moment_still_moves_the_timestamp() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Vp8, 0, 0);
    let first = rewrite.switch(now, Codec::Vp8, &video(1, 90_000, 1, 1));
    let second = rewrite.switch(now, Codec::Vp8, &video(5000, 7, 1, 1));
    assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 90);
}

#[test]
fn packets_left_out_close_up_in_sequence_and_picture_id() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Vp8, 0, 0);
    let first = rewrite.switch(now, Codec::Vp8, &video(1000, 0, 10, 1));
    let (picture, _) = ids(&first);
    rewrite.skip(&video(1001, 3000, 11, 1));
    rewrite.skip(&video(1002, 3000, 11, 1));
    let next = rewrite.map(now, &video(1003, 6000, 12, 2)).unwrap();
    assert_eq!(next.seq, first.seq + 1);
    assert_eq!(ids(&next).0, picture + 1);
    rewrite.skip(&video(1004, 9000, 13, 2));
    let last = rewrite.map(now, &video(1005, 12_000, 14, 3)).unwrap();
    assert_eq!((last.seq, ids(&last).0), (first.seq + 2, picture + 2));
    assert_eq!(rewrite.map(now, &video(1001, 3000, 11, 1)), None);
}

#[test]
fn a_switch_follows_a_left_out_packet_without_a_gap() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Opus, 0, 0);
    let first = rewrite.switch(now, Codec::Opus, &audio(1000, 0));
    rewrite.skip(&audio(1001, 0));
    let other = rewrite.switch(now, Codec::Opus, &audio(5, 0));
    assert_eq!(other.seq, first.seq + 1);
}

#[test]
fn a_repair_finds_the_old_numbers_even_after_a_switch() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Vp8, 0, 0);
    rewrite.switch(now, Codec::Vp8, &video(1000, 0, 10, 1));
    let sent = rewrite.map(now, &video(1001, 0, 10, 1)).unwrap();
    rewrite.switch(now + ms(5), Codec::Vp8, &video(1001, 77, 500, 7));
    let again = rewrite.again(sent.seq as u16, &video(1001, 0, 10, 1));
    assert_eq!(again, Some(sent));
    assert_eq!(rewrite.again(sent.seq.wrapping_add(9) as u16, &video(1001, 0, 10, 1)), None);
}

#[test]
fn seven_bit_picture_ids_go_on_counting_past_their_wrap() {
    let now = Instant::now();
    let short = |seq, id: u8| {
        let descriptor = Descriptor::parse(&[0x90, 0x80, id & 0x7f, 0x10]).unwrap();
        PacketFacts { payload: PayloadFacts::Vp8(descriptor), ..audio(seq, 0) }
    };
    let picture = |sent: &Outgoing| {
        let bytes = sent.prefix.bytes();
        u16::from_be_bytes([bytes[2] & 0x7f, bytes[3]])
    };
    let mut rewrite = Rewrite::new(Codec::Vp8, 5, 0);
    let first = picture(&rewrite.switch(now, Codec::Vp8, &short(100, 126)));
    for step in 1..300u16 {
        let packet = short(100 + u64::from(step), (126 + step) as u8);
        assert_eq!(picture(&rewrite.map(now, &packet).unwrap()), first + step);
    }
}

/// A VP9 packet in flexible mode that refers to the picture before it.
fn flexible(seq: u64, timestamp: u32, picture: u16, temporal: u8) -> PacketFacts {
    let bytes = [0xf8, (picture >> 8) as u8 | 0x80, picture as u8, temporal << 5, 2, 0x86];
    let descriptor = vp9::Descriptor::parse(&bytes).unwrap();
    PacketFacts { payload: PayloadFacts::Vp9(descriptor), temporal, ..audio(seq, timestamp) }
}

fn picture_of(sent: &Outgoing) -> u16 {
    let bytes = sent.prefix.bytes();
    u16::from_be_bytes([bytes[1] & 0x7f, bytes[2]])
}

#[test]
fn vp9_pictures_are_continuous_over_switches_and_keep_their_distances_over_gaps() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Vp9, 0x7fff, 0);
    let first = rewrite.switch(now, Codec::Vp9, &flexible(1000, 0, 500, 0));
    assert_eq!(picture_of(&first), 0x7fff);
    rewrite.skip(&flexible(1001, 3000, 501, 2));
    let next = rewrite.map(now, &flexible(1002, 6000, 502, 0)).unwrap();
    assert_eq!(next.seq, first.seq + 1, "sequence numbers close up");
    assert_eq!(picture_of(&next), 1, "two pictures on, as its references count");
    let other = rewrite.switch(now + ms(40), Codec::Vp9, &flexible(70_000, 9, 0x7ffe, 0));
    assert_eq!((other.seq, picture_of(&other)), (next.seq + 1, 2));
    let again = rewrite.again(next.seq as u16, &flexible(1002, 6000, 502, 0));
    assert_eq!(again, Some(next));
}

#[test]
fn a_vp9_base_layer_index_counts_on_over_a_switch() {
    let now = Instant::now();
    let plain = |seq, picture: u16, tl0: u8| {
        let bytes = [0xa8, (picture >> 8) as u8 | 0x80, picture as u8, 0, tl0, 0x82];
        let descriptor = vp9::Descriptor::parse(&bytes).unwrap();
        PacketFacts { payload: PayloadFacts::Vp9(descriptor), ..audio(seq, 0) }
    };
    let index = |sent: &Outgoing| sent.prefix.bytes()[4];
    let mut rewrite = Rewrite::new(Codec::Vp9, 250, 0);
    let first = rewrite.switch(now, Codec::Vp9, &plain(100, 5, 77));
    let second = rewrite.map(now, &plain(101, 6, 78)).unwrap();
    assert_eq!((index(&first), index(&second)), (250, 251));
    let other = rewrite.switch(now, Codec::Vp9, &plain(9000, 77, 3));
    assert_eq!((index(&other), picture_of(&other)), (252, picture_of(&second) + 1));
}

#[test]
fn a_switch_between_codecs_keeps_each_ones_numbers_going() {
    let now = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Vp8, 10, 0);
    let first = rewrite.switch(now, Codec::Vp8, &video(1000, 0, 300, 40));
    let h264 = rewrite.switch(now + ms(33), Codec::H264, &audio(70, 5));
    assert_eq!((h264.seq, h264.prefix), (first.seq + 1, Prefix::default()));
    let back = rewrite.switch(now + ms(66), Codec::Vp8, &video(2000, 0, 9, 9));
    assert_eq!(back.seq, first.seq + 2);
    assert_eq!(ids(&back), (ids(&first).0 + 1, ids(&first).1 + 1));
}

#[test]
fn the_report_clock_follows_time_and_not_jitter() {
    let start = Instant::now();
    let mut rewrite = Rewrite::new(Codec::Opus, 0, 0);
    rewrite.switch(start, Codec::Opus, &audio(1, 0));
    for step in 1..500u64 {
        let late = if step % 3 == 0 { 15 } else { 0 };
        rewrite.map(start + ms(20 * step + late), &audio(1 + step, step as u32 * 960));
    }
    let found = rewrite.timestamp_at(start + ms(10_000)).unwrap();
    let off = found.wrapping_sub(480_000) as i32;
    assert!(off.unsigned_abs() < 48 * 2, "{off} ticks off after ten seconds");
}

/// One step of a random story.
#[derive(Debug, Clone)]
enum Step {
    /// The source's packet at this distance from its newest, sent on or left out.
    Packet { ahead: i64, skip: bool },
    /// Another source takes over.
    Switch { seq: u64, timestamp: u32, picture: u16 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let packet = (-6i64..6, proptest::bool::weighted(0.2))
        .prop_map(|(ahead, skip)| Step::Packet { ahead, skip });
    let switch = (100_000u64..200_000, any::<u32>(), 0u16..0x8000)
        .prop_map(|(seq, timestamp, picture)| Step::Switch { seq, timestamp, picture });
    proptest::collection::vec(prop_oneof![20 => packet, 1 => switch], 1..300)
}

proptest! {
    #[test]
    fn numbers_never_repeat_and_keep_the_order_of_each_lane(
        steps in steps(), first: u16, timestamp: u32,
    ) {
        let mut now = Instant::now();
        let mut rewrite = Rewrite::new(Codec::Vp8, first, timestamp);
        let frame = |seq: u64, base: (u64, u32, u16)| {
            let step = seq.wrapping_sub(base.0);
            let picture = base.2.wrapping_add(step as u16) & 0x7fff;
            video(seq, base.1.wrapping_add((step as u32).wrapping_mul(3000)), picture, step as u8)
        };
        let mut base = (150_000, 0, 0);
        let mut newest = base.0;
        // Outgoing number to (lane, incoming number), for all and for the current lane.
        let mut all: BTreeMap<u64, (u32, u64)> = BTreeMap::new();
        let mut lane = 0;
        let mut left_out = std::collections::BTreeSet::new();
        let start = rewrite.switch(now, Codec::Vp8, &frame(newest, base));
        all.insert(start.seq, (lane, newest));
        for step in steps {
            now += ms(7);
            match step {
                Step::Switch { seq, timestamp, picture } => {
                    base = (seq, timestamp, picture);
                    newest = seq;
                    lane += 1;
                    left_out.clear();
                    let highest = *all.keys().next_back().unwrap();
                    let before = rewrite.timestamp;
                    let sent = rewrite.switch(now, Codec::Vp8, &frame(seq, base));
                    prop_assert!(sent.seq > highest);
                    prop_assert!(is_newer(sent.timestamp, before));
                    all.insert(sent.seq, (lane, seq));
                }
                Step::Packet { ahead, skip } => {
                    let seq = newest.saturating_add_signed(ahead);
                    newest = newest.max(seq);
                    let known = all.iter().find(|(_, origin)| **origin == (lane, seq));
                    if skip && known.is_none() {
                        rewrite.skip(&frame(seq, base));
                        left_out.insert(seq);
                        continue;
                    }
                    if left_out.contains(&seq) {
                        continue;
                    }
                    if let Some(sent) = rewrite.map(now, &frame(seq, base)) {
                        if let Some((outgoing, _)) = known {
                            prop_assert_eq!(sent.seq, *outgoing);
                        } else {
                            prop_assert!(all.insert(sent.seq, (lane, seq)).is_none());
                        }
                        prop_assert_eq!(
                            rewrite.again(sent.seq as u16, &frame(seq, base)), Some(sent));
                    }
                }
            }
        }
        // In order of outgoing numbers, lanes follow each other and each is in order.
        let origins: Vec<_> = all.values().collect();
        prop_assert!(origins.is_sorted(), "{:?}", origins);
    }

    #[test]
    fn an_orderly_story_is_gapless(skips in proptest::collection::vec(any::<bool>(), 1..200)) {
        let now = Instant::now();
        let mut rewrite = Rewrite::new(Codec::Vp8, 65_500, 0);
        let first = rewrite.switch(now, Codec::Vp8, &video(1000, 0, 0, 0));
        let (mut seq, mut picture) = (first.seq, ids(&first).0);
        for (step, skip) in (1..).zip(skips) {
            let packet = video(1000 + step, step as u32 * 3000, step as u16, step as u8);
            if skip {
                rewrite.skip(&packet);
            } else {
                let sent = rewrite.map(now, &packet).unwrap();
                seq += 1;
                picture = (picture + 1) & 0x7fff;
                prop_assert_eq!((sent.seq, ids(&sent).0), (seq, picture));
            }
        }
    }
}
