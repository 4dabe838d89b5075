//! Synthetic media: packets as a browser would send them, always the same.

use std::time::{Duration, Instant};

use conf_media::forward::{Lane, Origin, Rewrite, Select, Sent, Verdict};
use conf_media::rtp::{Codec, RtpHeader, RtpView, write_header};
use conf_media::track::{Encoding, Path, Received};

/// Packets of one video frame: eight of 1100 bytes at 30 frames a second are 2.1 Mbit/s.
pub const FRAME: usize = 8;
/// Payload bytes of one video packet.
pub const VIDEO_PAYLOAD: usize = 1100;
/// Payload bytes of one Opus packet: 20 ms at 32 kbit/s.
pub const AUDIO_PAYLOAD: usize = 80;

/// One sender of one stream.
#[derive(Debug)]
pub struct Source {
    codec: Codec,
    seq: u16,
    frame: u32,
    packet: Vec<u8>,
}

impl Source {
    /// A source that begins with a keyframe; only its first frame is one.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        Self { codec, seq: 65_000, frame: 0, packet: Vec::with_capacity(1500) }
    }

    /// Packets of one frame.
    #[must_use]
    pub fn burst(&self) -> usize {
        if self.codec.is_video() { FRAME } else { 1 }
    }

    /// Writes the packet at `place` in the current frame; the last one ends the frame.
    pub fn packet(&mut self, place: usize) -> &[u8] {
        let video = self.codec.is_video();
        let last = place + 1 == self.burst();
        let step = if video { 3000 } else { 960 };
        let header = RtpHeader {
            marker: video && last,
            payload_type: if video { 96 } else { 111 },
            seq: self.seq,
            timestamp: self.frame.wrapping_mul(step),
            ssrc: 1,
        };
        self.packet.clear();
        self.packet.resize(1500, 0);
        let at = write_header(&mut self.packet, &header, &[(3, &[0, 1])]).expect("room in 1500");
        let len = if video { VIDEO_PAYLOAD } else { AUDIO_PAYLOAD };
        if video {
            let start = if place == 0 { 0x10 } else { 0 };
            let tag = u8::from(self.frame > 0);
            let [_, _, high, low] = self.frame.to_be_bytes();
            let descriptor = match self.codec {
                Codec::Vp9 => {
                    // Picture id and layers; begins, ends and refers back as the place says.
                    let flags = 0xa0 | start >> 1 | tag << 6 | u8::from(last) << 2;
                    [flags, high | 0x80, low, 0, low, 0x82, 0]
                }
                _ => [0x80 | start, 0xe0, high | 0x80, low, low, 0, tag],
            };
            self.packet[at..at + 7].copy_from_slice(&descriptor);
        }
        self.packet.truncate(at + len);
        self.seq = self.seq.wrapping_add(1);
        if last {
            self.frame += 1;
        }
        &self.packet
    }
}

/// The payload of one VP8 packet of so many bytes, with picture numbers and a temporal layer as
/// browsers send them. The first packet of a keyframe tells a size of 640 by 360.
#[must_use]
pub fn vp8_payload(frame: u32, first: bool, key: bool, len: usize) -> Vec<u8> {
    let mut payload = vp8_start(frame, first, key, 360);
    payload.resize(len, 0x5a);
    payload
}

/// Its beginning, with pictures so many lines high.
#[must_use]
pub fn vp8_start(frame: u32, first: bool, key: bool, height: u16) -> Vec<u8> {
    let [_, _, high, low] = frame.to_be_bytes();
    let begins = if first { 0x10 } else { 0 };
    let mut payload = vec![0x80 | begins, 0xe0, high | 0x80, low, low, 0];
    if first && key {
        let width = (u32::from(height) * 16 / 9) as u16;
        payload.extend([0x10, 2, 0, 0x9d, 1, 0x2a]);
        payload.extend(width.to_le_bytes());
        payload.extend(height.to_le_bytes());
    } else {
        payload.push(1);
    }
    payload
}

/// What one subscriber keeps of one slot.
#[derive(Debug)]
pub struct Subscription {
    select: Select,
    rewrite: Rewrite,
    sent: Sent,
}

/// One publisher and its subscribers: everything between decryption and encryption.
#[derive(Debug)]
pub struct FanOut {
    source: Source,
    encoding: Encoding,
    subscriptions: Vec<Subscription>,
    now: Instant,
    out: Vec<u8>,
}

/// The one lane of these workloads.
pub const LANE: Lane = Lane { source: 0, encoding: 0 };

impl FanOut {
    /// A publisher of `codec` with `subscribers` subscriptions, all of which want it.
    #[must_use]
    pub fn new(codec: Codec, subscribers: usize) -> Self {
        let subscription = |index: usize| {
            let mut select = Select::default();
            select.aim(Some(LANE));
            let rewrite = Rewrite::new(codec, index as u16, index as u32);
            Subscription { select, rewrite, sent: Sent::new(512) }
        };
        Self {
            source: Source::new(codec),
            encoding: Encoding::new(codec),
            subscriptions: (0..subscribers).map(subscription).collect(),
            now: Instant::now(),
            out: vec![0; 1500],
        }
    }

    /// Packets forwarded by one [`FanOut::frame`].
    #[must_use]
    pub fn packets(&self) -> u64 {
        (self.source.burst() * self.subscriptions.len()) as u64
    }

    /// Receives one frame into the ring and forwards it, subscriber outside and packet inside;
    /// returns the bytes of header and payload made ready.
    pub fn frame(&mut self) -> usize {
        self.now += Duration::from_millis(if self.source.codec.is_video() { 33 } else { 20 });
        let mut received = [0; FRAME];
        let burst = self.source.burst();
        for (place, seq) in received.iter_mut().enumerate().take(burst) {
            let codec = self.source.codec;
            let view = RtpView::parse(self.source.packet(place)).expect("a valid packet");
            let taken = self.encoding.receive(self.now, codec, &view, None, Path::Direct);
            let Ok(Received::New { facts, .. }) = taken else {
                panic!("a new packet was refused: {taken:?}");
            };
            *seq = facts.seq;
        }
        let mut bytes = 0;
        for subscription in &mut self.subscriptions {
            for &seq in &received[..burst] {
                let stored = self.encoding.ring.get(seq).expect("just stored");
                bytes += subscription.forward(self.now, seq, &stored, &mut self.out);
            }
        }
        bytes
    }
}

impl Subscription {
    /// Selects, renumbers, writes the header; the payload would be sealed straight from the ring.
    fn forward(
        &mut self,
        now: Instant,
        seq: u64,
        stored: &conf_media::track::Stored<'_>,
        out: &mut [u8],
    ) -> usize {
        let outgoing = match self.select.judge(LANE, stored.facts) {
            Verdict::Forward => self.rewrite.map(now, stored.facts),
            Verdict::Switch => Some(self.rewrite.switch(now, self.codec(stored), stored.facts)),
            Verdict::Drop(_) => None,
        };
        let outgoing = outgoing.expect("every packet is wanted");
        self.sent.record(outgoing.seq, Origin { lane: LANE, seq });
        let header = RtpHeader {
            marker: outgoing.marker,
            payload_type: 96,
            seq: outgoing.seq as u16,
            timestamp: outgoing.timestamp,
            ssrc: 7,
        };
        let len = write_header(out, &header, &[(3, &[0, 1])]).expect("room in 1500");
        let prefix = outgoing.prefix.bytes();
        out[len..len + prefix.len()].copy_from_slice(prefix);
        len + prefix.len() + stored.payload.len() - outgoing.prefix.replaces()
    }

    fn codec(&self, stored: &conf_media::track::Stored<'_>) -> Codec {
        match stored.facts.payload {
            conf_media::rtp::PayloadFacts::Vp8(_) => Codec::Vp8,
            conf_media::rtp::PayloadFacts::Vp9(_) => Codec::Vp9,
            _ => Codec::Opus,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subscriber_gets_every_packet_of_a_frame() {
        let workloads = [
            (Codec::Vp8, VIDEO_PAYLOAD),
            (Codec::Vp9, VIDEO_PAYLOAD),
            (Codec::Opus, AUDIO_PAYLOAD),
        ];
        for (codec, payload) in workloads {
            let mut fanout = FanOut::new(codec, 3);
            for _ in 0..100 {
                // A header of twelve bytes with one extension block of eight.
                let expected = fanout.packets() as usize * (20 + payload);
                assert_eq!(fanout.frame(), expected);
            }
        }
    }
}
