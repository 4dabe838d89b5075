//! Simulcast: everybody changes layer at once, and again.

use std::time::{Duration, Instant};

use conf_media::{
    GroupId, MediaKind, TrackId,
    rtp::RtpHeader,
    shard::{
        Command, Wish, Wished,
        wired::{MID_EXTENSION, TRANSPORT_EXTENSION, VP8, Wired, offer},
    },
};

use crate::{
    media::vp8_start,
    workload::{Case, Workload},
};

/// The identifier of the RID extension in the publisher's offer.
const RID_EXTENSION: u8 = 5;
const LAYERS: [Layer; 3] = [
    Layer { rid: "l", height: 180, packets: 1 },
    Layer { rid: "m", height: 360, packets: 2 },
    Layer { rid: "h", height: 720, packets: 4 },
];
const PACKET: usize = 1_000;
const CAMERA: TrackId = TrackId(1);

struct Layer {
    rid: &'static str,
    height: u16,
    /// Packets of one picture.
    packets: u32,
}

/// Switches, each with the keyframe it happens at.
pub(crate) const CASES: &[Case] = &[Case {
    name: "simulcast/switch_50",
    unit: "packet",
    rounds: 10,
    make: || Box::new(Switching::new(50)),
}];

/// A camera with three layers whose viewers go from the lowest to the highest and back.
#[derive(Debug)]
struct Switching {
    wired: Wired,
    now: Instant,
    rounds: u32,
    frame: u32,
    sent: [u64; 3],
    wishes: Vec<Command>,
    packets: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

impl Switching {
    /// So many viewers.
    fn new(viewers: usize) -> Self {
        let (now, mut wired) = (Instant::now(), Wired::new());
        let mut camera = offer(&[(CAMERA, MediaKind::Video)], (0, 0), 1);
        let rids: Vec<_> = LAYERS.iter().map(|layer| layer.rid).collect();
        let mut lines = format!(
            "a=sendonly\r\na=extmap:{RID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
        );
        rids.iter().for_each(|rid| lines.push_str(&format!("a=rid:{rid} send\r\n")));
        lines.push_str(&format!("a=simulcast:send {}\r\n", rids.join(";")));
        camera.sdp = camera.sdp.replace("a=sendonly\r\n", &lines);
        wired.shard.handle(now, Command::Gate { track: CAMERA, open: true });
        wired.join_with(now, GroupId(1), camera);
        for _ in 0..viewers {
            wired.join(now, GroupId(1), &[], (0, 1));
        }
        let mut switching = Self {
            wired,
            now,
            rounds: 0,
            frame: 0,
            sent: [100; 3],
            wishes: Vec::new(),
            packets: Vec::new(),
            buffer: vec![0; 64 * 1024],
        };
        // Every layer is known before anybody is to choose, and nobody is waited for who tells
        // nothing of what arrives.
        for _ in 0..8 {
            switching.prepare();
            switching.round();
        }
        switching
    }

    /// The layer the present round's wishes are for.
    fn wanted(&self) -> &'static Layer {
        if self.rounds.is_multiple_of(2) { &LAYERS[2] } else { &LAYERS[0] }
    }

    fn picture(&mut self, place: usize) {
        let layer = &LAYERS[place];
        for part in 0..layer.packets {
            self.sent[place] += 1;
            let index = self.sent[place];
            let header = RtpHeader {
                marker: part + 1 == layer.packets,
                payload_type: VP8,
                seq: index as u16,
                timestamp: self.frame.wrapping_mul(9_000),
                ssrc: 100 + place as u32,
            };
            let mut payload = vp8_start(self.frame, part == 0, part == 0, layer.height);
            payload.resize(PACKET, 0x5a);
            let transport = (index as u16).to_be_bytes();
            let extensions: [(u8, &[u8]); 3] = [
                (MID_EXTENSION, b"0"),
                (TRANSPORT_EXTENSION, &transport),
                (RID_EXTENSION, layer.rid.as_bytes()),
            ];
            self.packets.push(self.wired.rtp_with(0, &header, index, &payload, &extensions));
        }
    }
}

impl Workload for Switching {
    fn prepare(&mut self) {
        self.rounds += 1;
        self.now += Duration::from_millis(250);
        self.wired.consent(self.now);
        let wish = Wish { of: Wished::Track(CAMERA), height: self.wanted().height };
        self.wishes = self.wired.peers[1..]
            .iter()
            .map(|peer| Command::Wish { endpoint: peer.id, wishes: vec![wish] })
            .collect();
        self.frame += 1;
        self.packets.clear();
        (0..LAYERS.len()).for_each(|place| self.picture(place));
    }

    fn round(&mut self) -> u64 {
        let Self { wired, now, wishes, packets, buffer, .. } = self;
        let before = wired.shard.stats().forwarded_packets;
        for wish in wishes.drain(..) {
            wired.shard.handle(*now, wish);
        }
        for packet in packets {
            wired.receive(*now, 0, packet);
        }
        while wired.shard.poll_transmit(*now, buffer).is_some() {}
        while wired.shard.poll_event().is_some() {}
        wired.shard.stats().forwarded_packets - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_changes_layer_with_every_round() {
        let mut switching = Switching::new(7);
        for _ in 0..20 {
            switching.prepare();
            // On the way up the lowest layer's part of the picture has come and gone before.
            let each = if switching.wanted().rid == "h" { 1 + 4 } else { 1 };
            assert_eq!(switching.round(), 7 * each);
        }
    }
}
