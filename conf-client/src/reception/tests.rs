use std::time::{Duration, Instant};

use super::*;
use crate::synthetic::{CameraPlan, Packet, Studio};

fn who(number: u128) -> ParticipantId {
    ParticipantId::from_number(number)
}

/// A second of a camera with three layers.
fn camera(of: u128) -> Vec<Packet> {
    let now = Instant::now();
    let mut studio = Studio::new(now, false, Some(CameraPlan::simulcast(1500, 20)), 0);
    studio.identify(who(of));
    studio.switch(now, Source::Camera, true);
    let mut packets = Vec::new();
    while let Some(due) = studio.poll_timeout().filter(|d| *d < now + Duration::from_secs(1)) {
        packets.extend(studio.poll(due.max(now), 1_000));
    }
    packets
}

struct Slot {
    reception: Reception,
    seq: u64,
    now_us: u64,
}

impl Slot {
    fn new() -> Self {
        Self { reception: Reception::new(), seq: 0, now_us: 2_000 }
    }

    fn take(&mut self, packet: &Packet) {
        self.reception.packet(
            "2",
            &Arrived {
                seq: self.seq,
                timestamp: packet.timestamp,
                codec: Some(VideoCodec::Vp8),
                payload: &packet.payload,
                now_us: self.now_us,
            },
        );
        self.seq += 1;
        self.now_us += 1_000;
    }
}

#[test]
fn everything_that_arrives_in_order_is_counted_and_nothing_is_lost() {
    let mut slot = Slot::new();
    let packets: Vec<_> = camera(1).into_iter().filter(|p| p.layer == 2).collect();
    packets.iter().for_each(|p| slot.take(p));
    let counts = slot.reception.total();
    assert_eq!(counts.packets, packets.len() as u64);
    assert_eq!((counts.frames, counts.keyframes), (20, 1));
    assert_eq!((counts.lost, counts.gaps, counts.picture_breaks, counts.switches), (0, 0, 0, 0));
    assert_eq!(slot.reception.source(who(1), Source::Camera).packets, counts.packets);
}

#[test]
fn a_hole_is_lost_until_it_is_repaired() {
    let mut slot = Slot::new();
    let packets: Vec<_> = camera(1).into_iter().filter(|p| p.layer == 2).collect();
    packets.iter().enumerate().filter(|(at, _)| *at != 7).for_each(|(_, p)| slot.take(p));
    assert_eq!(slot.reception.total().lost, 1);
    slot.take(&packets[7]);
    let counts = slot.reception.total();
    assert_eq!((counts.lost, counts.late), (0, 1));
    slot.take(&packets[7]);
    assert_eq!(slot.reception.total().repeated, 1);
}

#[test]
fn a_frame_seen_first_from_its_middle_misses_its_head() {
    let mut slot = Slot::new();
    let packets: Vec<_> = camera(1).into_iter().filter(|p| p.layer == 2).collect();
    packets.iter().skip(2).for_each(|p| slot.take(p));
    assert_eq!(slot.reception.total().lost, 2);
}

#[test]
fn changing_the_layer_is_a_switch_and_no_loss() {
    let mut slot = Slot::new();
    let packets = camera(1);
    let half = packets.len() / 2;
    packets[..half].iter().filter(|p| p.layer == 0).for_each(|p| slot.take(p));
    packets[half..]
        .iter()
        .filter(|p| p.layer == 2)
        .skip_while(|p| {
            read_payload(&p.payload, Some(VideoCodec::Vp8)).is_some_and(|seen| seen.mark.index != 0)
        })
        .for_each(|p| slot.take(p));
    let counts = slot.reception.total();
    assert_eq!((counts.lost, counts.switches), (0, 1));
    assert_eq!(slot.reception.slots()["2"].layer, 2);
}

#[test]
fn a_source_that_was_paused_long_comes_back_without_loss() {
    let mut slot = Slot::new();
    let packets: Vec<_> = camera(1).into_iter().filter(|p| p.layer == 0).collect();
    packets[..5].iter().for_each(|p| slot.take(p));
    slot.now_us += 5_000_000;
    packets[12..].iter().for_each(|p| slot.take(p));
    assert_eq!(slot.reception.total().lost, 0);
}

#[test]
fn what_is_not_ours_is_counted_apart() {
    let mut reception = Reception::new();
    for payload in [&[][..], &[0x78], &[0x90, 0x80], &[0; 200]] {
        for codec in [None, Some(VideoCodec::Vp8)] {
            let arrived = Arrived { seq: 0, timestamp: 0, codec, payload, now_us: 0 };
            reception.packet("0", &arrived);
        }
    }
    assert_eq!(reception.unmarked(), 8);
    assert_eq!(reception.total().packets, 0);
}
