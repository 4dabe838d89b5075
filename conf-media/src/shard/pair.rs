//! Two shards joined by their rings, in virtual time, for tests of what crosses.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    Command, Event, Offer,
    wired::{OPUS, VP8, Wired, offer},
};
use crate::{
    GroupId, MediaKind, TrackId,
    endpoint::srtp::MAX_OVERHEAD,
    relay::Relay,
    rtcp::{Compound, Rtcp},
    rtp::RtpHeader,
};

pub(super) const GROUP: GroupId = GroupId(1);
pub(super) const VOICE: TrackId = TrackId(1);
pub(super) const CAMERA: TrackId = TrackId(2);

/// Two shards, what they told, and what their peers received.
pub(super) struct Pair {
    pub(super) now: Instant,
    pub(super) wired: Vec<Wired>,
    pub(super) events: [Vec<Event>; 2],
    /// RTP in the order it left, opened: whose shard, to whom, the packet.
    pub(super) media: Vec<(usize, usize, Vec<u8>)>,
    /// RTCP, opened.
    pub(super) control: Vec<(usize, usize, Vec<u8>)>,
    pub(super) buffer: Vec<u8>,
}

impl Pair {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            wired: Relay::connect(2, now).into_iter().map(Wired::joined).collect(),
            events: [Vec::new(), Vec::new()],
            media: Vec::new(),
            control: Vec::new(),
            buffer: vec![0; 64 * 1024],
        }
    }

    /// A publisher of a voice and a camera on the first shard, two viewers on the second; all
    /// open.
    pub(super) fn lecture() -> Self {
        let mut pair = Self::new();
        pair.join(0, &[(VOICE, MediaKind::Audio), (CAMERA, MediaKind::Video)], (1, 1));
        pair.join(1, &[], (1, 1));
        pair.join(1, &[], (1, 1));
        pair.gate(0, VOICE, true);
        pair.gate(0, CAMERA, true);
        pair
    }

    pub(super) fn join(
        &mut self,
        at: usize,
        tracks: &[(TrackId, MediaKind)],
        slots: (usize, usize),
    ) -> usize {
        self.join_with(at, offer(tracks, slots, 1))
    }

    pub(super) fn join_with(&mut self, at: usize, offer: Offer) -> usize {
        let number = self.wired[at].join_with(self.now, GROUP, offer);
        self.settle();
        number
    }

    pub(super) fn command(&mut self, at: usize, command: Command) {
        self.wired[at].shard.handle(self.now, command);
        self.settle();
    }

    pub(super) fn gate(&mut self, at: usize, track: TrackId, open: bool) {
        self.command(at, Command::Gate { track, open });
    }

    pub(super) fn wait(&mut self, span: Duration) {
        self.now += span;
        for at in 0..2 {
            self.wired[at].shard.tick(self.now);
        }
        self.settle();
    }

    /// Lets both shards read and send until nothing is left.
    pub(super) fn settle(&mut self) {
        while self.wired.iter().any(|wired| wired.shard.relay_waits()) || self.drain() > 0 {
            for wired in &mut self.wired {
                wired.shard.read_relay(self.now);
            }
        }
    }

    pub(super) fn drain(&mut self) -> usize {
        let mut count = 0;
        for at in 0..2 {
            let Wired { shard, peers, .. } = &mut self.wired[at];
            while let Some(run) = shard.poll_transmit(self.now, &mut self.buffer) {
                for datagram in self.buffer[..run.len].chunks_mut(run.segment) {
                    count += 1;
                    let to = peers.iter().position(|p| p.address == run.destination.remote);
                    let Some(to) = to else { continue };
                    let opener = &mut peers[to].opener;
                    if (192..224).contains(&datagram[1]) {
                        let len = opener.open_rtcp(datagram).expect("sealed for it");
                        self.control.push((at, to, datagram[..len].to_vec()));
                    } else {
                        let opened = opener.open_rtp(datagram).expect("sealed for it");
                        self.media.push((at, to, datagram[..opened.len].to_vec()));
                    }
                }
            }
            while let Some(event) = shard.poll_event() {
                self.events[at].push(event);
            }
        }
        count
    }

    pub(super) fn send(
        &mut self,
        at: usize,
        peer: usize,
        line: usize,
        header: &RtpHeader,
        payload: &[u8],
    ) {
        let index = u64::from(header.seq);
        let mut packet = self.wired[at].rtp(peer, line, header, index, payload);
        self.wired[at].receive(self.now, peer, &mut packet);
        self.settle();
    }

    /// A packet of the lecturer's voice.
    pub(super) fn speak(&mut self, seq: u16) {
        let header = header(OPUS, seq, 5);
        self.send(0, 0, 0, &header, &[0xf8, seq as u8]);
    }

    /// A picture of the lecturer's camera in one packet.
    pub(super) fn show(&mut self, seq: u16, key: bool) {
        let header = header(VP8, seq, 6);
        self.send(0, 0, 1, &header, &picture(seq, key, 360));
    }

    pub(super) fn rtcp(&mut self, at: usize, peer: usize, packet: &[u8]) {
        let mut sealed = vec![0; packet.len() + MAX_OVERHEAD];
        let len = self.wired[at].peers[peer].sealer.seal_rtcp(packet, &mut sealed).unwrap();
        self.wired[at].receive(self.now, peer, &mut sealed[..len]);
        self.settle();
    }

    /// What a peer was sent of one payload type, its last bytes.
    pub(super) fn seen(&self, at: usize, peer: usize, payload_type: u8) -> Vec<u8> {
        let its = self.media.iter().filter(|(shard, to, packet)| {
            (*shard, *to) == (at, peer) && packet[1] & 0x7f == payload_type
        });
        its.map(|(_, _, packet)| packet[packet.len() - 1]).collect()
    }

    pub(super) fn plis(&self) -> usize {
        let packets = self.control.iter().filter(|(shard, to, _)| (*shard, *to) == (0, 0));
        packets
            .flat_map(|(_, _, packet)| Compound::new(packet))
            .filter(|packet| matches!(packet, Ok(Rtcp::Pli { .. })))
            .count()
    }

    /// What each slot of an endpoint carries, by its shard's events.
    pub(super) fn slots(&self, at: usize, peer: usize) -> BTreeMap<String, TrackId> {
        let id = self.wired[at].peers[peer].id;
        let mut now = BTreeMap::new();
        for event in &self.events[at] {
            if let Event::Slots { endpoint, slots } = event
                && *endpoint == id
            {
                for (mid, track) in slots {
                    match track {
                        Some(track) => now.insert(mid.clone(), *track),
                        None => now.remove(mid),
                    };
                }
            }
        }
        now
    }
}

pub(super) fn header(payload_type: u8, seq: u16, ssrc: u32) -> RtpHeader {
    RtpHeader { marker: true, payload_type, seq, timestamp: u32::from(seq) * 3_000, ssrc }
}

/// A VP8 picture whose last byte is its number.
pub(super) fn picture(seq: u16, key: bool, height: u16) -> Vec<u8> {
    let mut payload = vec![0x90, 0x80, 0x80, seq as u8, u8::from(!key), 2, 0, 0x9d, 1, 0x2a];
    payload.extend(640u16.to_le_bytes());
    payload.extend(height.to_le_bytes());
    payload.resize(200, 0);
    payload.push(seq as u8);
    payload
}
