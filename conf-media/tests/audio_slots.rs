//! Thirty microphones and three slots: who speaks is heard at once, and the sequence every
//! listener decodes has no gap, no repeat and no jump in time.
#![allow(missing_docs, reason = "a story")]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use conf_media::{
    GroupId, MediaKind, TrackId,
    rtp::{RtpHeader, RtpView},
    shard::{
        Command,
        wired::{OPUS, Wired},
    },
};

const GROUP: GroupId = GroupId(1);
const PEOPLE: usize = 30;
const SLOTS: usize = 3;
/// Below full scale: a voice, and a quiet room.
const VOICE: u8 = 30;
const ROOM: u8 = 80;
/// Of a level's byte: whether there is one at all.
const UNTOLD: u8 = 255;

/// One packet as a listener decodes it.
#[derive(Clone, Copy)]
struct Heard {
    at: Instant,
    seq: u64,
    timestamp: u32,
    speaker: u8,
}

/// Everybody publishes a microphone and has three slots.
struct Hall {
    now: Instant,
    wired: Wired,
    /// By listener and SSRC of the slot.
    heard: BTreeMap<(usize, u32), Vec<Heard>>,
    listeners: BTreeMap<SocketAddr, usize>,
    step: u64,
    buffer: Vec<u8>,
}

impl Hall {
    fn open() -> Self {
        let now = Instant::now();
        let mut wired = Wired::new();
        let mut listeners = BTreeMap::new();
        for number in 0..PEOPLE {
            let track = TrackId(number as u64);
            wired.shard.handle(now, Command::Gate { track, open: true });
            wired.join(now, GROUP, &[(track, MediaKind::Audio)], (SLOTS, 0));
            listeners.insert(wired.peers[number].address, number);
        }
        let (heard, buffer) = (BTreeMap::new(), vec![0; 64 * 1024]);
        Self { now, wired, heard, listeners, step: 0, buffer }
    }

    /// Everyone sends a packet every 20 ms, each at a moment of its own, as loud as `level` says.
    /// Those it gives nothing for send nothing.
    fn talk(&mut self, span: Duration, level: impl Fn(usize) -> Option<u8>) {
        for _ in 0..span.as_millis() / 20 {
            self.step += 1;
            for number in 0..PEOPLE {
                self.now += Duration::from_micros(20_000 / PEOPLE as u64);
                if let Some(level) = level(number) {
                    self.say(number, level);
                }
                self.drain();
            }
        }
    }

    fn say(&mut self, number: usize, level: u8) {
        // Clocks and numbers begin wherever they like, below the first wrap.
        let seq = self.step + 1_900 * number as u64;
        let header = RtpHeader {
            marker: false,
            payload_type: OPUS,
            seq: seq as u16,
            timestamp: (self.step as u32)
                .wrapping_mul(960)
                .wrapping_add(number as u32 * 77_777_777),
            ssrc: 1_000 + number as u32,
        };
        let payload = [0xf8, number as u8, 1, 2, 3, 4, 5, 6];
        let level = (level != UNTOLD).then_some(level);
        let mut packet = self.wired.rtp_at(number, 0, &header, seq, &payload, level);
        self.wired.receive(self.now, number, &mut packet);
    }

    fn drain(&mut self) {
        let mut sent = Vec::new();
        self.wired.drain(self.now, &mut self.buffer, |to, bytes| {
            if bytes[1] & 0x7f == OPUS {
                sent.push((to, bytes.to_vec()));
            }
        });
        for (to, mut bytes) in sent {
            let listener = self.listeners[&to];
            let opened = self.wired.peers[listener].opener.open_rtp(&mut bytes);
            let opened = opened.expect("each packet is new to its listener");
            let view = RtpView::parse(&bytes[..opened.len]).expect("a packet");
            let heard = Heard {
                at: self.now,
                seq: opened.index,
                timestamp: view.timestamp,
                speaker: view.payload()[1],
            };
            self.heard.entry((listener, view.ssrc)).or_default().push(heard);
        }
        while self.wired.shard.poll_event().is_some() {}
    }

    /// When a listener first heard somebody after a moment.
    fn first(&self, listener: usize, speaker: usize, after: Instant) -> Option<Instant> {
        let own = self.heard.iter().filter(|((who, _), _)| *who == listener);
        own.flat_map(|(_, heard)| heard)
            .filter(|heard| usize::from(heard.speaker) == speaker && heard.at >= after)
            .map(|heard| heard.at)
            .min()
    }

    /// Whom a listener heard since a moment.
    fn voices(&self, listener: usize, after: Instant) -> Vec<usize> {
        let own = self.heard.iter().filter(|((who, _), _)| *who == listener);
        let since = own.flat_map(|(_, heard)| heard).filter(|heard| heard.at >= after);
        let mut voices: Vec<_> = since.map(|heard| usize::from(heard.speaker)).collect();
        voices.sort_unstable();
        voices.dedup();
        voices
    }

    /// What a decoder would insist on.
    fn assert_continuous(&self) {
        for ((listener, slot), heard) in &self.heard {
            for pair in heard.windows(2) {
                let (before, after) = (pair[0], pair[1]);
                assert_eq!(after.seq, before.seq + 1, "listener {listener}, slot {slot}: a gap");
                let passed = (after.at - before.at).as_secs_f64() * 48_000.0;
                let counted = f64::from(after.timestamp.wrapping_sub(before.timestamp));
                assert!(counted > 0.0, "listener {listener}, slot {slot}: time stands still");
                // A source's packet and the moment of a switch are at most a packet apart.
                assert!(
                    (counted - passed).abs() <= 1_000.0,
                    "listener {listener}, slot {slot}: {counted} ticks in {passed}"
                );
            }
        }
    }
}

fn quiet_but(speakers: &[usize]) -> impl Fn(usize) -> Option<u8> + use<> {
    let speakers = speakers.to_vec();
    move |number| Some(if speakers.contains(&number) { VOICE } else { ROOM })
}

const fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

#[test]
fn each_hears_the_three_who_speak_and_a_change_of_speakers_within_300_ms() {
    let mut hall = Hall::open();
    hall.talk(ms(1_000), quiet_but(&[]));
    let rounds: [[usize; SLOTS]; 4] = [[3, 11, 27], [4, 12, 28], [0, 1, 28], [29, 0, 11]];
    let mut slowest = Duration::ZERO;
    for speakers in rounds {
        let begun = hall.now;
        hall.talk(ms(1_500), quiet_but(&speakers));
        for listener in 0..PEOPLE {
            for speaker in speakers.into_iter().filter(|speaker| *speaker != listener) {
                let first = hall.first(listener, speaker, begun);
                let waited = first.expect("everyone who speaks is heard") - begun;
                slowest = slowest.max(waited);
                assert!(waited <= ms(300), "{listener} hears {speaker} after {waited:?}");
            }
        }
        let settled = hall.now;
        hall.talk(ms(500), quiet_but(&speakers));
        for listener in 0..PEOPLE {
            let voices = hall.voices(listener, settled);
            let others = speakers.into_iter().filter(|speaker| *speaker != listener);
            assert!(others.clone().all(|speaker| voices.contains(&speaker)), "{voices:?}");
            assert!(!voices.contains(&listener), "nobody hears himself");
            assert_eq!(voices.len(), SLOTS, "nobody comes and goes: {voices:?}");
        }
    }
    hall.assert_continuous();
    assert!(slowest >= ms(60), "faster than a click is long: {slowest:?}");
}

#[test]
fn a_noise_interrupts_nobody_and_a_fourth_voice_waits_for_a_pause() {
    let mut hall = Hall::open();
    let speakers = [5, 6, 7];
    hall.talk(ms(1_500), quiet_but(&speakers));
    let bang = hall.now;
    hall.talk(ms(600), |number| Some(if number == 20 { 3 } else { quiet_but(&speakers)(number)? }));
    hall.talk(ms(400), quiet_but(&speakers));
    for listener in (0..PEOPLE).filter(|listener| !speakers.contains(listener)) {
        assert_eq!(hall.voices(listener, bang), speakers, "while somebody slams a door");
    }
    // The fourth talks on; as soon as one of the three pauses, it is heard.
    hall.talk(ms(500), quiet_but(&[5, 6, 7, 20]));
    let pause = hall.now;
    hall.talk(ms(400), quiet_but(&[5, 6, 20]));
    for listener in (0..PEOPLE).filter(|listener| *listener != 20) {
        let heard = hall.first(listener, 20, pause).expect("the fourth is heard") - pause;
        assert!(heard <= ms(300), "after {heard:?}");
    }
    hall.assert_continuous();
}

#[test]
fn a_muted_microphone_gives_its_slot_back_and_takes_none() {
    let mut hall = Hall::open();
    hall.talk(ms(1_000), quiet_but(&[5, 6, 7]));
    hall.wired.shard.handle(hall.now, Command::Gate { track: TrackId(6), open: false });
    let muted = hall.now + ms(1);
    hall.talk(ms(500), quiet_but(&[5, 6, 7, 8]));
    for listener in (0..PEOPLE).filter(|listener| ![5, 7, 8].contains(listener)) {
        let voices = hall.voices(listener, muted);
        assert!(!voices.contains(&6), "{voices:?}");
        assert!([5, 7, 8].iter().all(|speaker| voices.contains(speaker)), "{voices:?}");
    }
    hall.assert_continuous();
}

#[test]
fn who_sends_no_levels_is_heard_when_he_talks_and_gives_way_when_he_pauses() {
    let mut hall = Hall::open();
    // Nobody has levels; those who are silent send nothing, as with discontinuous transmission.
    let only =
        |speakers: [usize; 3]| move |number: usize| speakers.contains(&number).then_some(UNTOLD);
    for speakers in [[1, 2, 3], [4, 5, 6], [1, 5, 9]] {
        let begun = hall.now;
        hall.talk(ms(1_000), only(speakers));
        for listener in (0..PEOPLE).filter(|listener| !speakers.contains(listener)) {
            for speaker in speakers {
                let first = hall.first(listener, speaker, begun).expect("heard");
                assert!(first - begun <= ms(300), "{listener} hears {speaker}");
            }
        }
    }
    hall.assert_continuous();
}
