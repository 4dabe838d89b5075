//! The body of the shard's fuzz target: anything, in any order, breaks nothing.

use std::time::{Duration, Instant};

use super::{
    Command, Datagram, Event, Route, Shard, Wish, Wished,
    wired::{OPUS, VP8, Wired, WiredPeer, offer},
};
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    rtp::{RtpHeader, write_header},
};

/// Peers of the story; more would only make collisions rarer.
const PEERS: u64 = 4;

/// Any bytes as a story of commands, datagrams and time: each event takes two bytes and what it
/// needs beyond. Nothing panics, and the gauges agree with what was done.
pub fn shard_inputs(data: &[u8]) {
    let mut now = Instant::now();
    let mut shard = Wired::new().shard;
    let mut peers: Vec<Option<WiredPeer>> = (0..PEERS).map(|_| None).collect();
    let mut sequence = 0u64;
    let mut buffer = vec![0; 4_096];
    let mut rest = data;
    while let Some(([what, who], after)) = rest.split_first_chunk::<2>() {
        rest = after;
        let number = u64::from(who % PEERS as u8);
        let (id, place) = (EndpointId(number + 1), number as usize);
        let track = TrackId(number * 2 + u64::from(who >> 7));
        match what % 12 {
            0 => {
                let tracks = [
                    (TrackId(number * 2), MediaKind::Audio),
                    (TrackId(number * 2 + 1), MediaKind::Video),
                ];
                let slots = (usize::from(who >> 6), usize::from(who >> 4 & 3));
                let offer = offer(&tracks, slots, u32::from(*who));
                let group = GroupId(u64::from(who >> 3 & 1));
                shard.handle(now, Command::Connect { endpoint: id, group, offer });
                peers[place] = shard.wire(now, id, ([10, 0, 0, number as u8], 9).into());
            }
            1 => {
                let sends = [
                    (TrackId(number * 2), MediaKind::Audio),
                    (TrackId(number * 2 + 1), MediaKind::Video),
                    (TrackId(u64::from(*who)), MediaKind::Video),
                ];
                let count = 1 + usize::from(who >> 6) % 3;
                let offer = offer(&sends[..count], (2, usize::from(who >> 4 & 3)), 2);
                shard.handle(now, Command::Reoffer { endpoint: id, offer });
            }
            2 => shard.handle(now, Command::Remove { endpoint: id }),
            3 if who & 0x20 != 0 => {
                shard.handle(now, Command::Mark { track, interpreter: who & 0x40 == 0 });
            }
            3 if who & 0x10 != 0 => {
                let shown = (who & 0x40 == 0).then(|| vec![track]);
                shard.handle(now, Command::Cameras { endpoint: id, shown });
            }
            3 => shard.handle(now, Command::Gate { track, open: who & 0x40 == 0 }),
            4 => {
                let wishes = take(&mut rest, usize::from(who >> 4))
                    .iter()
                    .map(|&byte| Wish {
                        of: if byte & 0x80 == 0 {
                            Wished::Track(TrackId(u64::from(byte & 7)))
                        } else {
                            Wished::Speaker(byte & 7)
                        },
                        height: u16::from(byte >> 3) * 40,
                    })
                    .collect();
                shard.handle(now, Command::Wish { endpoint: id, wishes });
            }
            5 => now += Duration::from_millis(u64::from(*who)),
            6 => now += Duration::from_millis(u64::from(*who) * 300),
            7 => {
                let mut bytes = take(&mut rest, usize::from(*who)).to_vec();
                let remote = ([10, 0, 0, number as u8], 9).into();
                let tcp = what & 0x40 != 0;
                let source = if tcp { Route::tcp(remote) } else { Route::udp(remote) };
                shard.receive(now, Datagram { source, arrived: now, bytes: &mut bytes });
            }
            8 | 9 => {
                let payload = take(&mut rest, usize::from(who >> 3));
                let video = what & 0x40 != 0;
                sequence += u64::from(what >> 7) + 1;
                let header = RtpHeader {
                    marker: who & 4 != 0,
                    payload_type: match (video, what & 0x20 != 0) {
                        (false, _) => OPUS,
                        (true, false) => VP8,
                        (true, true) => VP8 + 1,
                    },
                    seq: sequence as u16,
                    timestamp: (sequence as u32).wrapping_mul(960),
                    ssrc: u32::from(what >> 4) + 1,
                };
                let mid: &[u8] = if video { b"1" } else { b"0" };
                let mut plain = [0; 64];
                let extensions: [(u8, &[u8]); 3] = [(4, mid), (1, &[*who]), (3, &[*what, *who])];
                let Some(len) = write_header(&mut plain, &header, &extensions) else { continue };
                deliver(&mut shard, now, &mut peers[place], |peer, out| {
                    peer.sealer.seal_rtp(sequence, &plain[..len], payload, out).ok()
                });
            }
            10 => {
                let payload = take(&mut rest, usize::from(who >> 2)).to_vec();
                deliver(&mut shard, now, &mut peers[place], |peer, out| {
                    peer.sealer.seal_rtcp(&payload, out).ok()
                });
            }
            _ => {
                for _ in 0..(who >> 2) {
                    if shard.poll_transmit(now, &mut buffer).is_none() {
                        break;
                    }
                }
            }
        }
        if shard.poll_timeout().is_some_and(|due| due <= now) {
            shard.tick(now);
        }
        let stats = shard.stats();
        assert!(stats.endpoints <= PEERS && stats.open_tracks <= stats.tracks);
    }
    while let Some(run) = shard.poll_transmit(now, &mut buffer) {
        assert!(run.len <= buffer.len() && run.segment > 0);
    }
    while let Some(event) = shard.poll_event() {
        if let Event::Answered { result: Err(error), .. } = event {
            assert!(!error.to_string().is_empty());
        }
    }
}

/// Cuts off the next bytes, or as many as there are.
fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at(count.min(rest.len()));
    *rest = after;
    taken
}

fn deliver(
    shard: &mut Shard,
    now: Instant,
    peer: &mut Option<WiredPeer>,
    seal: impl FnOnce(&mut WiredPeer, &mut [u8]) -> Option<usize>,
) {
    let Some(peer) = peer else { return };
    let mut out = [0; 600];
    if let Some(len) = seal(peer, &mut out) {
        let source = Route::udp(peer.address);
        shard.receive(now, Datagram { source, arrived: now, bytes: &mut out[..len] });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two peers connect and open everything, then whatever follows.
    const PREFIX: &[u8] = &[0, 0xf0, 0, 0xf1, 3, 0, 3, 1, 3, 0x80, 3, 0x81];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_story_is_survived(data in proptest::collection::vec(any::<u8>(), 0..600)) {
            shard_inputs(&data);
            shard_inputs(&[PREFIX, &data].concat());
        }
    }

    #[test]
    fn every_stored_story_is_survived() {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/shard_inputs");
        let mut fed = 0;
        for entry in std::fs::read_dir(folder).expect("the corpus is committed") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            (0..=bytes.len()).step_by(61).for_each(|end| shard_inputs(&bytes[..end]));
            shard_inputs(&bytes);
            fed += 1;
        }
        assert!(fed > 0);
    }
}
