//! Fan-out through a whole shard: sealed packets and reports in, sealed runs out.

use std::time::{Duration, Instant};

use conf_media::{
    GroupId, MediaKind, TrackId,
    rtcp::{ReportBlock, transport_cc, write_receiver_report},
    rtp::{ExtensionIds, RtpHeader, RtpView},
    shard::{
        Command, Offer,
        wired::{OPUS, TRANSPORT_EXTENSION, VP8, Wired, offer},
    },
};

use crate::{
    media::vp8_payload,
    workload::{Case, Workload},
};

/// 30 pictures a second of 6,250 bytes are 1.5 Mbit/s.
const PICTURE: [usize; 6] = [1_100, 1_100, 1_100, 1_100, 1_100, 750];
/// 20 ms of Opus at 32 kbit/s.
const SOUND: usize = 80;
/// When within a tenth of a second a picture is sent, and when sound is, in milliseconds.
const PICTURES: [u64; 3] = [0, 33, 66];
const SOUNDS: [u64; 5] = [0, 20, 40, 60, 80];
/// Whole rounds in a row before anything is measured, and the most it may take to get there: what is
/// sent begins slowly, and grows by a third a round.
const WHOLE: u32 = 10;
const MOST_BEFORE: u32 = 60;
/// One round.
const ROUND: Duration = Duration::from_millis(100);

/// Fan-out, all packets of which leave in the turn they arrive in.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "fanout/1x10",
        unit: "packet",
        rounds: 20,
        make: || Box::new(Room::new(1, Sends::Both, 10, (1, 1))),
    },
    Case {
        name: "fanout/1x200",
        unit: "packet",
        rounds: 4,
        make: || Box::new(Room::new(1, Sends::Both, 200, (1, 1))),
    },
    // Who tells nothing of arrivals is neither estimated nor paced: what that costs the others is
    // the difference.
    Case {
        name: "fanout/1x200_untold",
        unit: "packet",
        rounds: 4,
        make: || Box::new(Room::untold(1, Sends::Both, 200, (1, 1))),
    },
    Case {
        name: "fanout/30x30",
        unit: "packet",
        rounds: 2,
        make: || Box::new(Room::new(30, Sends::Both, 0, (29, 29))),
    },
    Case {
        name: "fanout/audio_10x500",
        unit: "packet",
        rounds: 2,
        make: || Box::new(Room::new(10, Sends::Sound, 500, (10, 0))),
    },
];

/// What a publisher sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// Opus alone.
    Sound,
    /// Opus and 1.5 Mbit/s of VP8.
    Both,
}

/// One room on one shard.
#[derive(Debug)]
pub struct Room {
    wired: Wired,
    now: Instant,
    sends: Sends,
    publishers: Vec<Publisher>,
    /// The next round: datagrams with whom they come from, by the instant they arrive together.
    batches: Vec<Batch>,
    /// What each peer was sent: what its reports tell.
    seen: Vec<Seen>,
    begun: Instant,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Batch {
    at: Instant,
    datagrams: Vec<(usize, Vec<u8>)>,
}

/// What one peer knows of what it was sent.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The newest number from each SSRC.
    slots: Vec<(u32, u16)>,
    /// Since the last feedback: up to which transport-wide number all arrived by when, in
    /// quarter milliseconds.
    runs: Vec<(u16, u64)>,
    /// The first number the next feedback speaks of.
    next: Option<u16>,
    feedbacks: u8,
}

#[derive(Clone, Copy, Debug, Default)]
struct Publisher {
    sound: u64,
    picture: u64,
    frame: u32,
}

impl Room {
    /// So many who publish and receive, and so many who only receive; everybody has slots for so
    /// many sounds and pictures.
    ///
    /// # Panics
    /// When the shard does not connect them, or does not come to send all there is.
    #[must_use]
    pub fn new(publishers: usize, sends: Sends, listeners: usize, slots: (usize, usize)) -> Self {
        Self::with(publishers, sends, listeners, slots, offer)
    }

    /// The same with listeners that know no transport-wide numbers.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    #[must_use]
    pub fn untold(
        publishers: usize,
        sends: Sends,
        listeners: usize,
        slots: (usize, usize),
    ) -> Self {
        Self::with(publishers, sends, listeners, slots, |tracks, slots, number| {
            let mut offer = offer(tracks, slots, number);
            let told = |line: &&str| !line.contains("transport");
            offer.sdp = offer.sdp.split_inclusive("\r\n").filter(told).collect();
            offer
        })
    }

    fn with(
        publishers: usize,
        sends: Sends,
        listeners: usize,
        slots: (usize, usize),
        listens: impl Fn(&[(TrackId, MediaKind)], (usize, usize), u32) -> Offer,
    ) -> Self {
        let (mut now, mut wired) = (Instant::now(), Wired::new());
        let group = GroupId(1);
        for number in 0..publishers as u64 {
            let (sound, picture) = (TrackId(2 * number), TrackId(2 * number + 1));
            let tracks = [(sound, MediaKind::Audio), (picture, MediaKind::Video)];
            let tracks = if sends == Sends::Sound { &tracks[..1] } else { &tracks };
            for (track, _) in tracks {
                wired.shard.handle(now, Command::Gate { track: *track, open: true });
            }
            let slots = if publishers > 1 { slots } else { (0, 0) };
            wired.join(now, group, tracks, slots);
        }
        for _ in 0..listeners {
            wired.join_with(now, group, listens(&[], slots, 1));
        }
        let mut buffer = vec![0; 64 * 1024];
        wired.drain(now, &mut buffer, |_, _| {});
        now += Duration::from_millis(50);
        let peers = wired.peers.len();
        let mut room = Self {
            wired,
            now,
            sends,
            publishers: vec![Publisher { sound: 65_000, picture: 65_000, frame: 0 }; publishers],
            batches: Vec::new(),
            seen: vec![Seen::default(); peers],
            begun: now,
            buffer,
        };
        // Keyframes pass, slots settle and the links are tried out before anything is measured.
        let mut whole = 0;
        for _ in 0..MOST_BEFORE {
            room.prepare();
            whole = if room.round() == room.expected() { whole + 1 } else { 0 };
            if whole == WHOLE {
                return room;
            }
        }
        panic!("what is sent in a round does not arrive in it");
    }

    /// Packets that everybody who is to get them is sent in one round.
    #[must_use]
    pub fn expected(&self) -> u64 {
        let pictures = if self.sends == Sends::Both { PICTURES.len() * PICTURE.len() } else { 0 };
        let each = (SOUNDS.len() + pictures) as u64;
        (self.publishers.len() * (self.wired.peers.len() - 1)) as u64 * each
    }

    /// What every publisher sends at `offset` milliseconds into the round.
    fn media(&mut self, offset: u64, datagrams: &mut Vec<(usize, Vec<u8>)>) {
        for number in 0..self.publishers.len() {
            let from = &mut self.publishers[number];
            let ssrc = 1_000 + 10 * number as u32;
            if SOUNDS.contains(&offset) {
                from.sound += 1;
                let header = RtpHeader {
                    marker: false,
                    payload_type: OPUS,
                    seq: from.sound as u16,
                    timestamp: (from.sound as u32).wrapping_mul(960),
                    ssrc,
                };
                let packet = self.wired.rtp(number, 0, &header, from.sound, &[0x78; SOUND]);
                datagrams.push((number, packet));
            }
            if self.sends == Sends::Both && PICTURES.contains(&offset) {
                from.frame += 1;
                for (place, len) in PICTURE.into_iter().enumerate() {
                    let from = &mut self.publishers[number];
                    from.picture += 1;
                    let header = RtpHeader {
                        marker: place + 1 == PICTURE.len(),
                        payload_type: VP8,
                        seq: from.picture as u16,
                        timestamp: from.frame.wrapping_mul(3_000),
                        ssrc: ssrc + 1,
                    };
                    let payload = vp8_payload(from.frame, place == 0, from.frame == 1, len);
                    let index = from.picture;
                    datagrams.push((number, self.wired.rtp(number, 1, &header, index, &payload)));
                }
            }
        }
    }

    /// A report of one peer on all it gets, and on when each packet came.
    fn report(&mut self, peer: usize) -> Vec<Vec<u8>> {
        let seen = &mut self.seen[peer];
        let blocks: Vec<_> = seen
            .slots
            .iter()
            .map(|&(ssrc, seq)| ReportBlock {
                ssrc,
                highest_seq: seq.into(),
                ..ReportBlock::default()
            })
            .collect();
        let Some(media) = blocks.first().map(|block| block.ssrc) else { return Vec::new() };
        let mut compound = [0; 2_600];
        let mut len = write_receiver_report(&mut compound, 1, &blocks).expect("it fits");
        let mut reports = Vec::new();
        loop {
            len += seen.feedback(media, &mut compound[len..]);
            reports.push(self.wired.rtcp(peer, &compound[..len]));
            if seen.runs.is_empty() {
                return reports;
            }
            len = 0;
        }
    }
}

impl Workload for Room {
    fn prepare(&mut self) {
        self.wired.consent(self.now);
        let mut offsets: Vec<u64> = PICTURES.iter().chain(&SOUNDS).copied().collect();
        offsets.sort_unstable();
        offsets.dedup();
        let begin = self.now;
        self.batches.clear();
        for (place, &offset) in offsets.iter().enumerate() {
            let mut datagrams = Vec::new();
            self.media(offset, &mut datagrams);
            // Everybody reports once a round, not all at the same moment.
            for peer in (place..self.seen.len()).step_by(offsets.len()) {
                datagrams.extend(self.report(peer).into_iter().map(|report| (peer, report)));
            }
            self.batches.push(Batch { at: begin + Duration::from_millis(offset), datagrams });
        }
        self.now = begin + ROUND;
    }

    fn round(&mut self) -> u64 {
        let Self { wired, batches, seen, begun, buffer, .. } = self;
        let before = wired.shard.stats().forwarded_packets;
        for Batch { at, datagrams } in batches {
            for (peer, bytes) in datagrams {
                wired.receive(*at, *peer, bytes);
            }
            // Ten milliseconds away, all of them.
            let arrives = 4_000_000 + (at.duration_since(*begun).as_micros() as u64 + 10_000) / 250;
            while let Some(run) = wired.shard.poll_transmit(*at, buffer) {
                let std::net::IpAddr::V4(address) = run.destination.remote.ip() else { continue };
                let [.., high, low] = address.octets();
                let place = usize::from(high) << 8 | usize::from(low);
                if let Some(seen) = seen.get_mut(place) {
                    seen.note(arrives, &buffer[..run.len], run.segment);
                }
            }
            while wired.shard.poll_event().is_some() {}
        }
        wired.shard.stats().forwarded_packets - before
    }
}

impl Seen {
    /// Writes feedback on as many packets as one speaks of; its length.
    fn feedback(&mut self, media: u32, out: &mut [u8]) -> usize {
        let Some(base_seq) = self.next.filter(|_| !self.runs.is_empty()) else {
            self.runs.clear();
            return 0;
        };
        let mut from = base_seq;
        let arrivals = self.runs.iter().flat_map(|&(last, ticks)| {
            let count = last.wrapping_sub(from).wrapping_add(1);
            from = last.wrapping_add(1);
            std::iter::repeat_n(Some(ticks), count.into())
        });
        let header = transport_cc::Header { sender: 1, media, base_seq, count: self.feedbacks };
        let written = transport_cc::write(out, &header, arrivals).expect("it fits");
        let next = base_seq.wrapping_add(written.statuses);
        self.next = Some(next);
        self.feedbacks = self.feedbacks.wrapping_add(1);
        self.runs.retain(|(last, _)| last.wrapping_sub(next) < 1 << 15);
        written.len
    }

    /// Remembers the numbers of a run's last packet, as its receiver would: from its clear header.
    fn note(&mut self, arrives: u64, run: &[u8], segment: usize) {
        let last = (run.len() - 1) / segment * segment;
        if !matches!(run, [_, 0..=191 | 224..=255, ..]) {
            return;
        }
        let number = |at: usize| {
            let view = RtpView::parse_header(run.get(at..)?).ok()?;
            let ids =
                ExtensionIds { transport_cc: Some(TRANSPORT_EXTENSION), ..ExtensionIds::default() };
            Some((view.ssrc, view.seq, view.read(&ids).transport_cc))
        };
        let Some((ssrc, seq, transport)) = number(last) else { return };
        match self.slots.iter_mut().find(|(known, _)| *known == ssrc) {
            Some(entry) => entry.1 = seq,
            None => self.slots.push((ssrc, seq)),
        }
        if let Some(transport) = transport {
            if self.next.is_none() {
                self.next = number(0).and_then(|(_, _, first)| first);
            }
            self.runs.push((transport, arrives));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_everything_in_the_round_it_was_sent() {
        let rooms = [
            Room::new(1, Sends::Both, 10, (1, 1)),
            Room::new(5, Sends::Both, 0, (4, 4)),
            Room::new(3, Sends::Sound, 40, (3, 0)),
            Room::untold(1, Sends::Both, 10, (1, 1)),
        ];
        for mut room in rooms {
            // Long enough that consent would have run out, and numbers wrap.
            for _ in 0..150 {
                room.prepare();
                assert_eq!(room.round(), room.expected());
            }
        }
    }

    #[test]
    fn a_large_room_tells_of_all_it_was_sent() {
        // More packets a round than one feedback speaks of.
        let mut room = Room::new(30, Sends::Both, 0, (29, 29));
        for _ in 0..10 {
            room.prepare();
            assert_eq!(room.round(), room.expected());
        }
        assert!(room.seen.iter().all(|seen| seen.runs.len() < 100));
    }
}
