//! What subscribers without handshakes are sent, and how it follows what they say of its arrival.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    GroupId, MediaKind, TrackId,
    rtcp::{
        transport_cc::{Header, MAX_LEN, write},
        write_nack,
    },
    rtp::{RtpHeader, RtpView},
    shard::{
        Command,
        wired::{OPUS, TRANSPORT_EXTENSION, VP8, Wired, offer},
    },
};

const GROUP: GroupId = GroupId(1);
const VOICE: TrackId = TrackId(1);
const CAMERA: TrackId = TrackId(2);
const FEEDBACK: Duration = Duration::from_millis(50);

/// Somebody who sends sound and 1.45 Mbit/s of pictures, and a listener behind a link.
struct Story {
    wired: Wired,
    begin: Instant,
    now: Instant,
    frames: u64,
    sounds: u64,
    /// What the listener's link carries, in bits per second, and when it is free again.
    link: f64,
    free: Instant,
    /// Transport-wide numbers on their way, and when they arrive.
    flight: Vec<(u16, Instant)>,
    told: u16,
    feedback: Instant,
    /// When each run to the listener left, its payload type and packets.
    runs: Vec<(Instant, u8, usize)>,
    heard: Vec<Heard>,
    /// What came a second time, as it was sealed.
    repeated: Vec<Vec<u8>>,
}

/// A packet as the listener opened it.
struct Heard {
    payload_type: u8,
    ssrc: u32,
    seq: u16,
    number: Option<u16>,
    sealed: Vec<u8>,
}

impl Story {
    fn new(change: impl Fn(String) -> String) -> Self {
        let now = Instant::now();
        let mut wired = Wired::new();
        let tracks = [(VOICE, MediaKind::Audio), (CAMERA, MediaKind::Video)];
        wired.join(now, GROUP, &tracks, (0, 0));
        let mut listens = offer(&[], (1, 1), 1);
        listens.sdp = change(listens.sdp);
        wired.join_with(now, GROUP, listens);
        for track in [VOICE, CAMERA] {
            wired.shard.handle(now, Command::Gate { track, open: true });
        }
        Self {
            wired,
            begin: now,
            now,
            frames: 0,
            sounds: 0,
            link: 1e9,
            free: now,
            flight: Vec::new(),
            told: 0,
            feedback: now,
            runs: Vec::new(),
            heard: Vec::new(),
            repeated: Vec::new(),
        }
    }

    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.now += Duration::from_millis(1);
            let passed = self.now.duration_since(self.begin).as_millis() as u64;
            while self.sounds < passed / 20 {
                self.sounds += 1;
                let seq = 500 + self.sounds;
                self.publish(0, OPUS, seq, seq * 960, true, &[0xf8; 80]);
            }
            while self.frames < passed * 30 / 1_000 {
                self.frames += 1;
                for part in 0..6 {
                    let seq = 900 + self.frames * 6 + part;
                    let mut payload = vec![if part == 0 { 0x90 } else { 0x80 }, 0x80, 0x80];
                    payload.extend([self.frames as u8 & 0x7f, 0x10, 2, 0, 0x9d, 1, 0x2a]);
                    payload.extend([0x80, 2, 0x68, 1]);
                    payload.resize(1_000, 0);
                    self.publish(1, VP8, seq, self.frames * 3_000, part == 5, &payload);
                }
            }
            if self.wired.shard.poll_timeout().is_some_and(|due| due <= self.now) {
                self.wired.shard.tick(self.now);
            }
            self.drain();
            if self.now >= self.feedback {
                self.feedback = self.now + FEEDBACK;
                self.answer();
            }
        }
    }

    fn publish(&mut self, line: usize, pt: u8, seq: u64, timestamp: u64, last: bool, body: &[u8]) {
        let header = RtpHeader {
            marker: last,
            payload_type: pt,
            seq: seq as u16,
            timestamp: timestamp as u32,
            ssrc: 70 + line as u32,
        };
        let mut packet = self.wired.rtp(0, line, &header, seq, body);
        self.wired.receive(self.now, 0, &mut packet);
    }

    fn drain(&mut self) {
        let mut buffer = vec![0; 64 * 1024];
        while let Some(run) = self.wired.shard.poll_transmit(self.now, &mut buffer) {
            let listener = &mut self.wired.peers[1];
            if run.destination.remote != listener.address || (192..224).contains(&buffer[1]) {
                continue;
            }
            self.runs.push((self.now, buffer[1] & 0x7f, run.datagrams(&buffer).count()));
            for datagram in buffer[..run.len].chunks_mut(run.segment) {
                let wire = datagram.len() as f64 * 8.0 / self.link;
                self.free = self.free.max(self.now) + Duration::from_secs_f64(wire);
                let sealed = datagram.to_vec();
                let Ok(opened) = listener.opener.open_rtp(datagram) else {
                    self.repeated.push(sealed);
                    continue;
                };
                let view = RtpView::parse(&datagram[..opened.len]).expect("well formed");
                let number = view.extensions().find(|(id, _)| *id == TRANSPORT_EXTENSION);
                let number = number.map(|(_, value)| u16::from_be_bytes([value[0], value[1]]));
                if let Some(number) = number {
                    self.flight.push((number, self.free + Duration::from_millis(20)));
                }
                self.heard.push(Heard {
                    payload_type: view.payload_type,
                    ssrc: view.ssrc,
                    seq: view.seq,
                    number,
                    sealed,
                });
            }
        }
        while self.wired.shard.poll_event().is_some() {}
    }

    /// Sends feedback for what has arrived.
    fn answer(&mut self) {
        let (here, there): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.flight).into_iter().partition(|(_, at)| *at <= self.now);
        self.flight = there;
        let Some(last) = here.last().map(|(number, _)| *number) else { return };
        let arrived: BTreeMap<u16, Instant> = here.into_iter().collect();
        let count = last.wrapping_sub(self.told).wrapping_add(1);
        let statuses = (0..count).map(|step| {
            let at = arrived.get(&self.told.wrapping_add(step))?;
            Some(at.duration_since(self.begin).as_micros() as u64 / 250)
        });
        let header = Header { sender: 1, media: 2, base_seq: self.told, count: 0 };
        let mut plain = [0; MAX_LEN];
        let written = write(&mut plain, &header, statuses).expect("something arrived");
        self.told = last.wrapping_add(1);
        self.send_rtcp(&plain[..written.len]);
    }

    fn send_rtcp(&mut self, plain: &[u8]) {
        let mut out = vec![0; plain.len() + 64];
        let sealed = self.wired.peers[1].sealer.seal_rtcp(plain, &mut out).expect("it fits");
        self.wired.receive(self.now, 1, &mut out[..sealed]);
    }

    fn nack(&mut self, media: u32, lost: &[u16]) {
        let mut plain = vec![0; 16 + lost.len() * 4];
        let len = write_nack(&mut plain, 1, media, lost.iter().copied()).expect("it fits");
        plain.truncate(len);
        self.send_rtcp(&plain);
        self.drain();
    }

    fn heard(&self, payload_type: u8) -> impl Iterator<Item = &Heard> {
        self.heard.iter().filter(move |heard| heard.payload_type == payload_type)
    }
}

#[test]
fn every_packet_and_every_repair_carries_the_next_number() {
    let mut story = Story::new(|sdp| sdp);
    story.run(Duration::from_secs(2));
    let (ssrc, lost) = {
        let video: Vec<_> = story.heard(VP8).collect();
        let from = video.len() - 50;
        (video[0].ssrc, [video[from].seq, video[from + 1].seq, video[from + 4].seq])
    };
    story.nack(ssrc, &lost);
    assert_eq!(story.heard(VP8 + 1).count(), 3, "repaired on its own stream");
    story.run(Duration::from_secs(1));
    let numbers: Vec<_> = story.heard.iter().map(|heard| heard.number.expect("numbered")).collect();
    assert!(numbers.len() > 500);
    assert!(numbers.iter().enumerate().all(|(place, number)| usize::from(*number) == place));
    let stats = story.wired.shard.stats();
    assert!(stats.received_feedback > 50 && stats.delayed_packets == 0, "{stats:#?}");
    let frames = story.runs.iter().filter(|(_, payload_type, _)| *payload_type == VP8);
    assert!(frames.clone().count() > 80);
    assert!(frames.clone().skip(1).all(|(_, _, packets)| *packets == 6), "a frame is one run");
}

#[test]
fn a_picture_without_rtx_is_repeated_to_the_byte_and_sound_not_at_all() {
    // One index must not seal two headers, so what may be repeated as it was has no number.
    let without = |sdp: String| {
        let lines = sdp.split_inclusive("\r\n").filter(|line| !line.contains(":97 "));
        lines.collect::<String>().replace("SAVPF 96 97", "SAVPF 96")
    };
    let mut story = Story::new(without);
    story.run(Duration::from_secs(1));
    assert!(story.heard(VP8).all(|heard| heard.number.is_none()));
    assert!(story.heard(OPUS).all(|heard| heard.number.is_some()));
    for payload_type in [VP8, OPUS] {
        let (ssrc, seq, sealed) = {
            let first = story.heard(payload_type).nth(20).expect("it was sent");
            (first.ssrc, first.seq, first.sealed.clone())
        };
        story.nack(ssrc, &[seq]);
        let again = std::mem::take(&mut story.repeated);
        assert_eq!(again, if payload_type == VP8 { vec![sealed] } else { Vec::new() });
    }
}

#[test]
fn what_a_thin_link_cannot_take_at_once_waits_its_turn_behind_the_sound() {
    let mut story = Story::new(|sdp| sdp);
    story.run(Duration::from_secs(1));
    story.link = 1_000_000.0;
    story.run(Duration::from_millis(1_400));
    assert!(story.wired.shard.stats().delayed_packets > 20);
    let since = story.now - Duration::from_millis(500);
    let recent = |payload_type: u8| {
        story.runs.iter().filter(move |(at, pt, _)| *at > since && *pt == payload_type)
    };
    let packets: usize = recent(VP8).map(|(_, _, packets)| packets).sum();
    assert!((15..75).contains(&packets), "{packets} packets in half a second of 1 Mbit/s");
    let times: Vec<_> = recent(VP8).map(|(at, _, _)| *at).collect();
    let close =
        times.windows(2).filter(|pair| pair[1] - pair[0] < Duration::from_millis(2)).count();
    assert!(close * 5 < times.len(), "{close} of {} runs follow at once", times.len());
    assert_eq!(recent(OPUS).count(), 25, "sound leaves as it comes");
    // Congestion has lasted: the picture is given up and sound goes on.
    story.run(Duration::from_secs(4));
    let since = story.now - Duration::from_millis(1_000);
    let sounds = story.runs.iter().filter(|(at, pt, _)| *at > since && *pt == OPUS).count();
    assert!((49..=51).contains(&sounds), "{sounds}");
}

#[test]
fn who_asks_for_everything_again_gets_no_more_than_the_link_has_room_for() {
    let mut story = Story::new(|sdp| sdp);
    story.run(Duration::from_secs(1));
    story.link = 1_000_000.0;
    story.run(Duration::from_millis(800));
    let begin = story.heard.len();
    let ssrc = story.heard(VP8).next().expect("pictures").ssrc;
    for _ in 0..20 {
        let mut lost: Vec<u16> = story.heard(VP8).map(|heard| heard.seq).collect();
        lost.drain(..lost.len().saturating_sub(200));
        story.nack(ssrc, &lost);
        story.run(Duration::from_millis(50));
    }
    let bytes: usize = story.heard[begin..].iter().map(|heard| heard.sealed.len()).sum();
    assert!(bytes < 1_400_000 / 8, "{bytes} bytes in a second of 1 Mbit/s");
}

#[test]
fn what_was_repeated_is_under_way_for_as_long_as_the_queue_is() {
    let mut story = Story::new(|sdp| sdp);
    story.run(Duration::from_secs(1));
    story.link = 500_000.0;
    story.run(Duration::from_millis(400));
    let (ssrc, seq) =
        story.heard(VP8).last().map(|heard| (heard.ssrc, heard.seq)).expect("pictures");
    for _ in 0..8 {
        story.nack(ssrc, &[seq]);
        story.run(Duration::from_millis(20));
    }
    let repeats = story.heard(VP8 + 1).count();
    assert_eq!(repeats, 1, "none of them can have arrived within 160 ms");
}
