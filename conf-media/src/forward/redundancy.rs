//! What is said again of a voice to somebody who loses much of it (RFC 2198): how many earlier
//! packets each packet repeats, and which.
//!
//! To repeat on request takes a round trip and more, which sound cannot wait for. What rides along
//! in later packets comes by itself, for as many times its rate.

use super::Rewrite;
use crate::{
    rtp::{PayloadFacts, red},
    track::{Ring, Stored},
    unit::Bitrate,
};

/// Above this share of packets lost, so many are repeated in each; the first that applies.
///
/// Concealment and Opus' own correction hide two in a hundred (see [`crate::quality`]). Beyond, it
/// is bursts that are heard: a burst of three, a usual one on radio links, is bridged by what is
/// repeated four packets later at the latest, and a share of longer ones by the fifth.
const STEPS: [(f32, u8); 2] = [(0.10, 5), (0.03, 2)];
/// Below this part of the share that brought it, a step is left again, after so many judgements in a
/// row: a radio link that was bad will be again.
const EASE: f32 = 0.6;
const CALM: u8 = 5;
/// Sound and all that is repeated of it never take more than one part in so many of a limited link:
/// what is lost there may be lost because too much is sent.
const SHARE: u64 = 3;
/// Repeats of a picture's packet. With a fifth lost each of them leaves a fifth of what the one before
/// left, so three take the place of asking, which is lost as often on the way back.
const PICTURE_REPEATS: u8 = 3;
/// Bits per second that they all may take of a link whose limit is not known.
const PICTURES_MOST: u64 = 4_500_000;
/// How old a repeated packet may be, in ticks of 48 kHz: 120 ms, which is what players hold back.
const REACH: u32 = 5_760;
/// Bytes of a payload with all that is repeated: with headers and tag it stays below any MTU.
const LONGEST: usize = 1_100;

/// How many packets are repeated for one subscriber, judged now and then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Redundancy {
    depth: u8,
    /// Judgements in a row by which there could be less.
    calm: u8,
}

impl Redundancy {
    /// Takes in the share of packets lost lately (0 to 1), what sound takes without repeats, and what
    /// the link carries, if that is known to be little; how many packets each is to repeat.
    pub(crate) fn judge(&mut self, loss: f32, sound: Bitrate, limit: Option<Bitrate>) -> u8 {
        let wanted = steps(loss);
        if wanted >= self.depth {
            (self.depth, self.calm) = (wanted, 0);
        } else if steps(loss / EASE) < self.depth {
            self.calm += 1;
            if self.calm >= CALM {
                (self.depth, self.calm) = (wanted, 0);
            }
        } else {
            self.calm = 0;
        }
        let fits = limit.map_or(u64::MAX, |limit| {
            (limit.bps() / SHARE).checked_div(sound.bps()).unwrap_or(u64::MAX).saturating_sub(1)
        });
        // As many as fit are fewer than 256 by then.
        fits.min(self.depth.into()) as u8
    }

    /// How often each packet of `pictures` is to be repeated, which take so much beside `sound`: not at
    /// all until so much is lost that asking for it takes too long, and only as often as the link is
    /// known to carry.
    pub(crate) fn picture_repeats(
        &self,
        sound: Bitrate,
        pictures: Bitrate,
        limit: Option<Bitrate>,
    ) -> u8 {
        if self.depth < STEPS[0].1 {
            return 0;
        }
        let free = limit.map_or(u64::MAX, |limit| (limit - sound - pictures).bps());
        let fit = free.min(PICTURES_MOST).checked_div(pictures.bps()).unwrap_or(u64::MAX);
        // No more than three.
        fit.min(PICTURE_REPEATS.into()) as u8
    }
}

fn steps(loss: f32) -> u8 {
    STEPS.iter().find(|(share, _)| loss >= *share).map_or(0, |(_, depth)| *depth)
}

/// What one packet repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// Bit n: the packet n + 1 numbers before.
    before: u8,
    /// The payload type of all of them, by the subscriber's numbers.
    inner: u8,
    /// Bytes of the whole payload.
    pub(crate) len: u16,
}

impl Repeats {
    /// The most packets that can be repeated.
    pub(crate) const MOST: u8 = 8;

    /// Chooses up to `most` of the packets before `packet` that the ring still holds and that
    /// belong to the stream `rewrite` makes of it. None when there is nothing to repeat.
    pub(crate) fn choose(
        ring: &Ring,
        rewrite: &Rewrite,
        packet: &Stored<'_>,
        most: u8,
        inner: u8,
    ) -> Option<Self> {
        let mut len = 1 + primary(packet).len();
        let mut before = 0;
        for back in 1..=most.min(Self::MOST) {
            let seq = packet.facts.seq.checked_sub(back.into())?;
            if !rewrite.reaches(seq) {
                break;
            }
            let Some(earlier) = ring.get(seq) else { continue };
            let (age, bytes) = (age(packet, &earlier), primary(&earlier).len());
            let fits = (1..=REACH).contains(&age)
                && (1..=red::LONGEST).contains(&bytes)
                && len + red::HEAD + bytes <= LONGEST;
            if fits {
                before |= 1 << (back - 1);
                len += red::HEAD + bytes;
            }
        }
        // At most `LONGEST`, or a payload's own length, which is no more than a datagram's.
        (before != 0).then_some(Self { before, inner, len: len as u16 })
    }

    /// Writes the payload of packet `seq` with what it repeats; false when it is no longer what it
    /// was when that was chosen.
    pub(crate) fn write(self, ring: &Ring, seq: u64, out: &mut Vec<u8>) -> bool {
        out.clear();
        let Some(packet) = ring.get(seq) else { return false };
        let oldest_first = (0..Self::MOST).rev().filter(|at| self.before >> at & 1 == 1);
        let earlier = |at: u8| ring.get(seq.checked_sub(u64::from(at) + 1)?);
        for earlier in oldest_first.clone().filter_map(earlier) {
            let head = red::head(self.inner, age(&packet, &earlier), primary(&earlier).len());
            out.extend_from_slice(&head);
        }
        out.push(self.inner);
        for earlier in oldest_first.filter_map(earlier) {
            out.extend_from_slice(primary(&earlier));
        }
        out.extend_from_slice(primary(&packet));
        out.len() == usize::from(self.len)
    }
}

/// The packet itself, without what its sender repeated in it.
fn primary<'a>(packet: &Stored<'a>) -> &'a [u8] {
    let at = match &packet.facts.payload {
        PayloadFacts::Red(layout) => usize::from(layout.primary_at),
        _ => 0,
    };
    packet.payload.get(at..).unwrap_or_default()
}

fn age(packet: &Stored<'_>, earlier: &Stored<'_>) -> u32 {
    packet.facts.timestamp.wrapping_sub(earlier.facts.timestamp)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::rtp::{Codec, PacketFacts, RtpHeader, RtpView, write_header};
    use crate::track::RingLimits;

    const VOICE: Bitrate = Bitrate::from_kbps(32);

    #[test]
    fn what_is_repeated_grows_at_once_with_the_loss_and_shrinks_after_a_while() {
        let mut redundancy = Redundancy::default();
        let mut judge = |loss| redundancy.judge(loss, VOICE, None);
        assert_eq!([0.01, 0.029, 0.05, 0.2].map(&mut judge), [0, 0, 2, 5]);
        assert_eq!([0.07, 0.07, 0.0, 0.0, 0.0, 0.0].map(&mut judge), [5; 6]);
        assert_eq!(judge(0.0), 0, "the fifth time in a row");
    }

    #[test]
    fn a_thin_link_is_not_filled_with_repeats() {
        let mut redundancy = Redundancy::default();
        let mut judge = |kbps, sound| {
            redundancy.judge(0.2, Bitrate::from_kbps(sound), Some(Bitrate::from_kbps(kbps)))
        };
        assert_eq!(judge(1_000, 32), 5);
        assert_eq!(judge(400, 32), 3);
        assert_eq!(judge(100, 32), 0);
        assert_eq!(judge(100, 0), 5, "silence takes nothing");
    }

    #[test]
    fn pictures_are_repeated_where_much_is_lost_as_far_as_there_is_room() {
        let kbps = Bitrate::from_kbps;
        let repeats = |loss, pictures, limit: Option<u64>| {
            let mut redundancy = Redundancy::default();
            redundancy.judge(loss, VOICE, None);
            redundancy.picture_repeats(kbps(200), kbps(pictures), limit.map(kbps))
        };
        assert_eq!([0.05, 0.2].map(|loss| repeats(loss, 300, None)), [0, 3]);
        assert_eq!([1_500, 2_000, 4_600].map(|pictures| repeats(0.2, pictures, None)), [3, 2, 0]);
        assert_eq!([700, 800, 1_399, 1_400].map(|l| repeats(0.2, 300, Some(l))), [0, 1, 2, 3]);
        assert_eq!(repeats(0.2, 0, Some(100)), 3, "what is not shown takes nothing");
    }

    /// A ring with an Opus packet of `len` bytes under each of these numbers, 20 ms apart.
    fn ring(packets: &[(u16, usize)]) -> (Ring, Rewrite) {
        let (mut ring, mut rewrite) =
            (Ring::new(RingLimits::AUDIO), Rewrite::new(Codec::Opus, 9, 9));
        for (place, (seq, len)) in packets.iter().enumerate() {
            let mut bytes = vec![*seq as u8; 12 + len];
            let timestamp = u32::from(*seq) * 960;
            let header =
                RtpHeader { marker: false, payload_type: 111, seq: *seq, timestamp, ssrc: 1 };
            write_header(&mut bytes, &header, &[]).unwrap();
            let view = RtpView::parse(&bytes).unwrap();
            let facts = PacketFacts::read(Codec::Opus, u64::from(*seq), &view).unwrap();
            ring.insert(Instant::now(), &facts, view.payload());
            if place == 0 {
                rewrite.switch(Instant::now(), Codec::Opus, &facts);
            }
        }
        (ring, rewrite)
    }

    fn written(packets: &[(u16, usize)], seq: u64, most: u8) -> Option<Vec<(u32, usize)>> {
        let (ring, rewrite) = ring(packets);
        let chosen = Repeats::choose(&ring, &rewrite, &ring.get(seq).unwrap(), most, 111)?;
        let mut out = Vec::new();
        assert!(chosen.write(&ring, seq, &mut out));
        let layout = red::Layout::parse(&out).unwrap();
        assert_eq!(layout.payload_type, 111);
        assert!(out[usize::from(layout.primary_at)..].iter().all(|byte| *byte == seq as u8));
        let repeated = red::repeated(&out).map(|block| {
            let number = seq - u64::from(block.age / 960);
            assert!(block.payload.iter().all(|byte| *byte == number as u8));
            (block.age, block.payload.len())
        });
        Some(repeated.collect())
    }

    #[test]
    fn the_latest_packets_that_are_there_are_repeated_oldest_first() {
        let packets = [(1, 10), (2, 20), (3, 30), (5, 50), (6, 60)];
        assert_eq!(written(&packets, 6, 2), Some(vec![(960, 50)]), "the fourth is missing");
        let all = [(4_800, 10), (3_840, 20), (2_880, 30), (960, 50)];
        assert_eq!(written(&packets, 6, 5), Some(all.to_vec()));
        assert_eq!(written(&packets, 6, 0), None);
        assert_eq!(written(&packets, 1, 5), None, "the stream begins with it");
    }

    #[test]
    fn what_is_too_long_or_too_old_is_not_repeated() {
        assert_eq!(written(&[(1, 500), (2, 100), (3, 600)], 3, 5), Some(vec![(960, 100)]));
        let (ring, rewrite) = ring(&[(1, 10), (2, 10)]);
        let mut late = *ring.get(2).unwrap().facts;
        late.timestamp += REACH;
        let packet = Stored { facts: &late, ..ring.get(2).unwrap() };
        assert_eq!(Repeats::choose(&ring, &rewrite, &packet, 5, 111), None);
    }

    #[test]
    fn what_has_left_the_ring_since_is_noticed() {
        let (ring_then, rewrite) = ring(&[(1, 10), (2, 10)]);
        let chosen = Repeats::choose(&ring_then, &rewrite, &ring_then.get(2).unwrap(), 5, 111);
        let (ring_now, _) = ring(&[(2, 10)]);
        assert!(!chosen.unwrap().write(&ring_now, 2, &mut Vec::new()));
    }
}
