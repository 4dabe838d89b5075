//! What forwarding asks of the heap: nothing per packet, and little per participant.
#![allow(clippy::print_stdout, reason = "the figures are the point")]

mod support;

#[path = "support/meter.rs"]
mod meter;

use std::time::{Duration, Instant};

use conf_media::{
    GroupId, MediaKind, TrackId,
    rtcp::transport_cc::{Header, MAX_LEN, write},
    rtp::RtpHeader,
    shard::{
        Command,
        wired::{OPUS, VP8, Wired},
    },
};
use support::{Plan, World, ms, peer::Reach};

#[global_allocator]
static METER: meter::Meter = meter::Meter;

const GROUP: GroupId = GroupId(1);
/// Packets of a frame; the last is shorter.
const PARTS: u64 = 6;

/// A speaker with a camera, and those who receive both.
struct Lecture {
    wired: Wired,
    now: Instant,
    begun: Instant,
    frame: u64,
    sound: u64,
    buffer: Vec<u8>,
    sent: usize,
}

impl Lecture {
    fn new(listeners: usize) -> Self {
        let now = Instant::now();
        let mut wired = Wired::new();
        let (voice, camera) = (TrackId(1), TrackId(2));
        let tracks = [(voice, MediaKind::Audio), (camera, MediaKind::Video)];
        wired.join(now, GROUP, &tracks, (0, 0));
        for _ in 0..listeners {
            wired.join(now, GROUP, &[], (2, 2));
        }
        for track in [voice, camera] {
            wired.shard.handle(now, Command::Gate { track, open: true });
        }
        let buffer = vec![0; 64 * 1024];
        Self { wired, now, begun: now, frame: 0, sound: 0, buffer, sent: 0 }
    }

    /// Twenty milliseconds: sound, and pictures when one is due. Says how often the shard
    /// asked for memory meanwhile.
    fn step(&mut self) -> u64 {
        self.now += Duration::from_millis(20);
        let mut packets = Vec::new();
        let sound = 500 + self.sound;
        self.sound += 1;
        let header = RtpHeader {
            marker: false,
            payload_type: OPUS,
            seq: sound as u16,
            timestamp: (sound * 960) as u32,
            ssrc: 5,
        };
        packets.push(self.wired.rtp(0, 0, &header, sound, &[0xf8; 80]));
        let due = self.now.duration_since(self.begun).as_millis() as u64 * 30 / 1_000;
        while self.frame < due {
            for part in 0..PARTS {
                let seq = 900 + self.frame * PARTS + part;
                let mut payload = vec![if part == 0 { 0x90 } else { 0x80 }, 0x80, 0x80];
                payload.extend([self.frame as u8 & 0x7f, 0x10, 2, 0, 0x9d, 1, 0x2a]);
                payload.extend([0x80, 2, 0x68, 1]);
                payload.resize(if part + 1 == PARTS { 600 } else { 1_100 }, 0);
                let header = RtpHeader {
                    marker: part + 1 == PARTS,
                    payload_type: VP8,
                    seq: seq as u16,
                    timestamp: (self.frame * 3_000) as u32,
                    ssrc: 77,
                };
                packets.push(self.wired.rtp(0, 1, &header, seq, &payload));
            }
            self.frame += 1;
        }
        let before = meter::calls();
        for packet in &mut packets {
            self.wired.receive(self.now, 0, packet);
        }
        self.wired.shard.tick(self.now);
        let sent = &mut self.sent;
        self.wired.drain(self.now, &mut self.buffer, |_, bytes| {
            *sent += usize::from(matches!(bytes[1] & 0x7f, VP8 | OPUS));
        });
        let asked = meter::calls() - before;
        while self.wired.shard.poll_event().is_some() {}
        asked
    }

    /// Every listener says that all it was sent has arrived by now. Says how often the shard
    /// asked for memory meanwhile.
    fn answer(&mut self, told: &mut usize) -> u64 {
        let listeners = self.wired.peers.len() - 1;
        // Everybody was sent the same, numbered from zero on.
        let sent = self.sent / listeners;
        let ticks = self.now.duration_since(self.begun).as_micros() as u64 / 250;
        let header = Header { sender: 1, media: 2, base_seq: *told as u16, count: 0 };
        let mut plain = [0; MAX_LEN];
        let arrived = std::iter::repeat_n(Some(ticks), sent - *told);
        let Some(written) = write(&mut plain, &header, arrived) else { return 0 };
        *told += usize::from(written.statuses);
        let mut asked = 0;
        for listener in 1..=listeners {
            let mut out = [0; MAX_LEN + 64];
            let sealer = &mut self.wired.peers[listener].sealer;
            let len = sealer.seal_rtcp(&plain[..written.len], &mut out).expect("it fits");
            let before = meter::calls();
            self.wired.receive(self.now, listener, &mut out[..len]);
            asked += meter::calls() - before;
        }
        asked
    }

    fn run(&mut self, span: Duration) -> u64 {
        let end = self.now + span;
        let mut asked = 0;
        while self.now < end {
            asked += self.step();
        }
        asked
    }
}

#[test]
fn a_forwarded_packet_asks_for_no_memory() {
    let mut lecture = Lecture::new(50);
    // Rings and stores reach their size, the speaker is found, layers are measured.
    lecture.run(Duration::from_secs(7));
    let before = lecture.sent;
    let asked = lecture.run(Duration::from_millis(2_500));
    let sent = lecture.sent - before;
    println!("{sent} packets sealed and sent, the heap was asked {asked} times");
    assert!(sent > 50 * 2 * (29 * PARTS as usize + 49), "{sent}");
    assert_eq!(asked, 0, "for {sent} packets");
}

#[test]
fn feedback_asks_for_no_memory() {
    let mut lecture = Lecture::new(50);
    let (mut asked, mut told) = (0, 0);
    for round in 0..95 {
        let mut again = lecture.run(Duration::from_millis(100));
        again += lecture.answer(&mut told);
        asked += if round < 70 { 0 } else { again };
    }
    let stats = lecture.wired.shard.stats();
    println!("{} feedbacks, the heap was asked {asked} times", stats.received_feedback);
    assert_eq!((stats.received_feedback, stats.delayed_packets), (95 * 50, 0));
    assert_eq!(asked, 0);
}

/// A browser's ways to receive: four voices, nine pictures.
const VIEWER: Plan = Plan {
    audio: false,
    video: &[],
    shares: false,
    audio_slots: 4,
    video_slots: 9,
    estimates: false,
    codecs: &[],
    red: None,
    repeats_apart: None,
    reach: Reach::Udp,
};

/// What a shard holds with so many viewers after real handshakes, while nine others send or are
/// silent.
fn bytes_with(viewers: usize, media: bool) -> isize {
    let mut world = World::seeded(1);
    world.meter = Some(meter::held);
    for _ in 0..9 {
        let sender = Plan { audio: true, video: &[360], ..Plan::default() };
        let at = world.join(sender);
        if media {
            world.open_all(at);
        }
    }
    for _ in 0..viewers {
        let at = world.join(VIEWER);
        world.peers[at].forgetful = true;
    }
    world.run_for(ms(5_000));
    for viewer in 9..9 + viewers {
        assert!(world.connected(viewer));
        assert_eq!(world.slots(viewer).len(), if media { 9 + 4 } else { 0 });
    }
    world.held
}

/// What each viewer more costs.
fn bytes_per_viewer(media: bool) -> isize {
    (bytes_with(21, media) - bytes_with(1, media)) / 20
}

#[test]
fn a_participant_takes_little_memory() {
    let idle = bytes_per_viewer(false);
    let nine = bytes_per_viewer(true);
    println!("a viewer: {idle} bytes idle, {nine} bytes with nine pictures and four voices");
    assert!((1..=32 * 1024).contains(&idle), "{idle}");
    assert!((idle..=64 * 1024).contains(&nine), "{nine}");
}

#[test]
fn everything_is_given_back_after_everyone_left() {
    let before = meter::held();
    let mut lecture = Lecture::new(100);
    lecture.run(Duration::from_secs(3));
    drop(lecture);
    let left = meter::held() - before;
    // The certificate that all of these shards share.
    assert!(left < 8 * 1024, "{left} bytes left");
}
