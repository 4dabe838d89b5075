//! How long a packet is on its way through a busy thread: many rooms that know nothing of each
//! other, one core, and the loop of `driver/thread.rs` under a virtual clock. What things cost is
//! given; what waits for what is the shard's doing.
#![allow(clippy::print_stdout, reason = "the figures are the point")]

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use conf_media::{
    GroupId, MediaKind, TrackId,
    rtp::RtpHeader,
    shard::{
        Command,
        wired::{VP8, Wired},
    },
};

const ROOMS: usize = 70;
const VIEWERS: usize = 30;
/// Packets of a frame.
const PARTS: u64 = 6;
/// Frames a second.
const RATE: u64 = 30;
/// Datagrams received at once, and runs sent at once, as the driver does.
const BATCH: usize = 64;
/// What a received packet and a sent one cost, kernel included: about what is measured, chosen so
/// that the core is busy seven tenths of the time.
const RECEIVE: Duration = Duration::from_nanos(1_500);
const SEND: Duration = Duration::from_nanos(1_800);
/// Time before anything is counted, and time that is.
const WARM: Duration = Duration::from_millis(500);
const COUNTED: Duration = Duration::from_secs(3);

/// A packet of a publisher on its way to us.
struct Arrival {
    at: Instant,
    room: usize,
    number: u64,
}

/// Each room's frames begin at a moment of their own and leave their publisher within 2 ms.
fn arrivals(begun: Instant) -> Vec<Arrival> {
    let frame = Duration::from_secs(1) / RATE as u32;
    let frames = (WARM + COUNTED).as_nanos() / frame.as_nanos();
    let mut all = Vec::new();
    // Any sequence without a pattern will do; this one is the same each time.
    let mut dice = 0x2545_f491_4f6c_dd1du64;
    let mut draw = |below: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % below
    };
    for room in 0..ROOMS {
        let phase = Duration::from_micros(draw(33_333));
        for number in 0..frames as u64 {
            let jitter = Duration::from_micros(draw(4_000));
            for part in 0..PARTS {
                let spread = Duration::from_micros(part * 2_000 / PARTS);
                let at = begun + phase + frame * number as u32 + jitter + spread;
                all.push(Arrival { at, room, number: number * PARTS + part });
            }
        }
    }
    all.sort_by_key(|arrival| arrival.at);
    all
}

fn packet(wired: &mut Wired, room: usize, number: u64) -> Vec<u8> {
    let (frame, part) = (number / PARTS, number % PARTS);
    let seq = 900 + number;
    let mut payload = vec![if part == 0 { 0x90 } else { 0x80 }, 0x80, 0x80];
    payload.extend([frame as u8 & 0x7f, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1]);
    payload.resize(1_000, 0);
    let header = RtpHeader {
        marker: part + 1 == PARTS,
        payload_type: VP8,
        seq: seq as u16,
        timestamp: (frame * 90_000 / RATE) as u32,
        ssrc: 77,
    };
    wired.rtp(room * (VIEWERS + 1), 0, &header, seq, &payload)
}

#[test]
fn seventy_rooms_on_a_busy_core_do_not_wait_for_each_other() {
    let begun = Instant::now();
    let mut wired = Wired::new();
    let mut room_of = HashMap::<SocketAddr, usize>::new();
    for room in 0..ROOMS {
        let group = GroupId(room as u64 + 1);
        let camera = TrackId(room as u64 + 1);
        wired.join(begun, group, &[(camera, MediaKind::Video)], (0, 0));
        for _ in 0..VIEWERS {
            let viewer = wired.join(begun, group, &[], (0, 1));
            room_of.insert(wired.peers[viewer].address, room);
        }
        wired.shard.handle(begun, Command::Gate { track: camera, open: true });
    }
    let mut buffer = vec![0; 256 * 1024];
    wired.drain(begun, &mut buffer, |_, _| {});

    let all = arrivals(begun);
    let mut came: Vec<Vec<Instant>> = vec![Vec::new(); ROOMS];
    let mut got = HashMap::<SocketAddr, usize>::new();
    let mut waits: Vec<Duration> = Vec::new();
    let (mut now, mut next, mut busy) = (begun, 0, Duration::ZERO);
    while next < all.len() {
        now = now.max(all[next].at);
        let turn = now;
        let mut taken = 0;
        while taken < BATCH && next < all.len() && all[next].at <= now {
            let Arrival { at, room, number } = all[next];
            let mut bytes = packet(&mut wired, room, number);
            came[room].push(at);
            wired.receive(now, room * (VIEWERS + 1), &mut bytes);
            now += RECEIVE;
            (next, taken) = (next + 1, taken + 1);
        }
        wired.shard.tick(now);
        // What is sent together leaves when the last of it is written.
        let mut together: Vec<Instant> = Vec::new();
        let mut runs = 0;
        loop {
            let run = wired.shard.poll_transmit(now, &mut buffer);
            if let Some(run) = run {
                let sent = run.datagrams(&buffer).filter(|bytes| bytes[1] & 0x7f == VP8).count();
                let to = run.destination.remote;
                if let Some(room) = room_of.get(&to) {
                    let got = got.entry(to).or_default();
                    together.extend(&came[*room][*got..*got + sent]);
                    *got += sent;
                }
                now += SEND * run.datagrams(&buffer).count() as u32;
                runs += 1;
            }
            if runs == BATCH || run.is_none() {
                let counted = together.drain(..).filter(|at| *at >= begun + WARM);
                waits.extend(counted.map(|at| now.saturating_duration_since(at)));
                runs = 0;
            }
            if run.is_none() {
                break;
            }
        }
        while wired.shard.poll_event().is_some() {}
        busy += now - turn;
    }

    let expected = all.iter().filter(|arrival| arrival.at >= begun + WARM).count() * VIEWERS;
    assert_eq!(waits.len(), expected, "every packet reaches everyone");
    let load = busy.as_secs_f64() / (now - begun).as_secs_f64();
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    let (half, most) = (at(0.5), at(0.99));
    println!("load {load:.3}, p50 {half:?}, p99 {most:?}, max {:?}", at(1.0));
    assert!((0.68..0.74).contains(&load), "{load}");
    assert!(most <= Duration::from_millis(6), "{most:?}");
}
