//! A storm of NACKs: everybody asks for everything of the latest picture, again and again.

use std::time::{Duration, Instant};

use conf_media::{
    GroupId, MediaKind, TrackId,
    rtcp::write_nack,
    rtp::RtpHeader,
    shard::{
        Command,
        wired::{VP8, Wired},
    },
};

use crate::{
    media::vp8_payload,
    workload::{Case, Workload},
};

const CAMERA: TrackId = TrackId(1);
/// Packets of one picture, all of which are asked for.
const PICTURE: usize = 8;
const PACKET: usize = 1_100;

/// What asking costs, whether it is answered or the budget says no.
pub(crate) const CASES: &[Case] = &[Case {
    name: "nack/storm_200",
    unit: "number asked for",
    rounds: 6,
    make: || Box::new(Storm::new(200)),
}];

/// One camera, and viewers that claim to have lost every packet twice.
#[derive(Debug)]
struct Storm {
    wired: Wired,
    now: Instant,
    sent: u64,
    frame: u32,
    /// SSRC and latest number of each viewer's slot.
    slots: Vec<Option<(u32, u16)>>,
    asking: Vec<(usize, Vec<u8>)>,
    buffer: Vec<u8>,
}

impl Storm {
    /// So many viewers.
    fn new(viewers: usize) -> Self {
        let (now, mut wired) = (Instant::now(), Wired::new());
        wired.shard.handle(now, Command::Gate { track: CAMERA, open: true });
        wired.join(now, GroupId(1), &[(CAMERA, MediaKind::Video)], (0, 0));
        for _ in 0..viewers {
            wired.join(now, GroupId(1), &[], (0, 1));
        }
        let mut storm = Self {
            wired,
            now,
            sent: 100,
            frame: 0,
            slots: vec![None; viewers + 1],
            asking: Vec::new(),
            buffer: vec![0; 64 * 1024],
        };
        // The credit everybody starts with is used up before anything is measured, and nobody is
        // waited for who tells nothing of what arrives.
        for _ in 0..48 {
            storm.prepare();
            storm.round();
        }
        storm
    }

    fn picture(&mut self) {
        self.frame += 1;
        for place in 0..PICTURE {
            self.sent += 1;
            let header = RtpHeader {
                marker: place + 1 == PICTURE,
                payload_type: VP8,
                seq: self.sent as u16,
                timestamp: self.frame.wrapping_mul(3_000),
                ssrc: 77,
            };
            let payload = vp8_payload(self.frame, place == 0, self.frame == 1, PACKET);
            let mut packet = self.wired.rtp(0, 0, &header, self.sent, &payload);
            self.wired.receive(self.now, 0, &mut packet);
        }
        let (slots, shard) = (&mut self.slots, &mut self.wired.shard);
        while let Some(run) = shard.poll_transmit(self.now, &mut self.buffer) {
            let std::net::IpAddr::V4(address) = run.destination.remote.ip() else { continue };
            let [.., high, low] = address.octets();
            let place = usize::from(high) << 8 | usize::from(low);
            for packet in run.datagrams(&self.buffer) {
                if packet[1] & 0x7f == VP8 {
                    let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
                    slots[place] = Some((ssrc, u16::from_be_bytes([packet[2], packet[3]])));
                }
            }
        }
    }
}

impl Workload for Storm {
    fn prepare(&mut self) {
        self.now += Duration::from_millis(33);
        self.wired.consent(self.now);
        self.picture();
        self.asking.clear();
        for peer in 1..self.slots.len() {
            let Some((ssrc, newest)) = self.slots[peer] else { continue };
            // This picture's numbers and those of the one before.
            let lost = (0..2 * PICTURE as u16).rev().map(|back| newest.wrapping_sub(back));
            let mut compound = [0; 64];
            let len = write_nack(&mut compound, 1, ssrc, lost).expect("it fits");
            self.asking.push((peer, self.wired.rtcp(peer, &compound[..len])));
        }
    }

    fn round(&mut self) -> u64 {
        let Self { wired, now, asking, buffer, .. } = self;
        let before = wired.shard.stats().nacked_packets;
        for (peer, bytes) in asking {
            wired.receive(*now, *peer, bytes);
        }
        while wired.shard.poll_transmit(*now, buffer).is_some() {}
        wired.shard.stats().nacked_packets - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_asked_for_is_looked_at_and_only_a_share_is_repeated() {
        let mut storm = Storm::new(5);
        let before = storm.wired.shard.stats();
        for _ in 0..30 {
            storm.prepare();
            assert_eq!(storm.round(), 5 * 16);
        }
        let after = storm.wired.shard.stats();
        let repeated = after.retransmitted_packets - before.retransmitted_packets;
        let sent = after.forwarded_packets - before.forwarded_packets;
        assert!(repeated > 0 && repeated < sent / 2, "{repeated} of {sent}");
    }
}
