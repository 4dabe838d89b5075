//! Bodies of the fuzz targets: ordinary functions, run over the stored corpus by the normal suite.
//!
//! Everything here panics when a rule is broken; nothing here is for production.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::forward::{Lane, Origin, Rewrite, Select, Sent, Verdict};
use crate::rtcp::{Compound, Rtcp, transport_cc};
use crate::rtp::{
    Codec, ExtensionIds, FrameFacts, PacketFacts, RtpHeader, RtpView, av1, h264, header_len, opus,
    red, vp8, vp9, write_header,
};
use crate::track::{Arrivals, Encoding, Path, Received};

/// Any bytes as an RTP packet: read or refused; what is read can be written and read again.
pub fn rtp(data: &[u8]) {
    let Ok(view) = RtpView::parse(data) else {
        let _ = RtpView::parse_header(data);
        return;
    };
    assert_eq!(header_len(data), Ok(view.header_len()));
    assert!(view.payload_range().end <= data.len());
    let ids = ExtensionIds {
        mid: Some(1),
        rid: Some(2),
        rrid: Some(3),
        audio_level: Some(4),
        transport_cc: Some(5),
    };
    let _ = view.read(&ids);
    let elements: Vec<(u8, &[u8])> = view.extensions().collect();
    let header = RtpHeader {
        marker: view.marker,
        payload_type: view.payload_type,
        seq: view.seq,
        timestamp: view.timestamp,
        ssrc: view.ssrc,
    };
    // Two bytes an element at most above what it had, and a rounded end.
    let mut out = vec![0; data.len() * 2 + 32];
    let len = write_header(&mut out, &header, &elements).expect("room for what was read");
    let again = RtpView::parse(&out[..len]).expect("what was written is read");
    assert_eq!((again.seq, again.timestamp, again.ssrc), (view.seq, view.timestamp, view.ssrc));
    assert_eq!(again.extensions().collect::<Vec<_>>(), elements);
    for codec in [Codec::Opus, Codec::Red].into_iter().chain(Codec::VIDEO) {
        let _ = PacketFacts::read(codec, view.seq.into(), &view);
    }
    let _ = (opus::duration(view.payload()), opus::is_silence(view.payload()));
}

/// Any bytes as an RTCP datagram: every packet and everything inside it is walked to its end.
pub fn rtcp(data: &[u8]) {
    for packet in Compound::new(data) {
        match packet {
            Ok(Rtcp::SenderReport { blocks, ntp, .. }) => {
                blocks.for_each(|block| assert_ne!(block.round_trip(ntp), Some(Duration::MAX)));
            }
            Ok(Rtcp::ReceiverReport { blocks, .. }) => assert!(blocks.count() <= 31),
            Ok(Rtcp::Bye(sources)) => assert!(sources.count() <= 31),
            Ok(Rtcp::Nack { lost, .. }) => assert!(lost.count() <= data.len() * 5),
            Ok(Rtcp::Fir(entries)) => assert!(entries.count() <= data.len()),
            Ok(Rtcp::TransportFeedback(feedback)) => {
                assert!(feedback.arrivals().count() <= usize::from(feedback.count));
            }
            Ok(_) => {}
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// Any bytes as transport feedback: as the body of one, which is walked to its end, and as what
/// arrived, two bytes a packet, which is written in pieces and read back as it was.
pub fn transport_feedback(data: &[u8]) {
    let mut packet = vec![0x8f, 205, 0, 0];
    packet.extend(data.iter().take(4 * usize::from(u16::MAX)));
    packet.resize(packet.len().next_multiple_of(4), 0);
    let words = (packet.len() / 4 - 1) as u16;
    packet[2..4].copy_from_slice(&words.to_be_bytes());
    if let Some(Ok(Rtcp::TransportFeedback(feedback))) = Compound::new(&packet).next() {
        let mut expected = feedback.base_seq;
        for (seq, _) in feedback.arrivals() {
            assert_eq!(seq, expected, "numbers follow each other");
            expected = expected.wrapping_add(1);
        }
        assert!(expected.wrapping_sub(feedback.base_seq) <= feedback.count);
    }

    let mut ticks = 1u64 << 24;
    let arrivals: Vec<Option<u64>> = data
        .as_chunks::<2>()
        .0
        .iter()
        .map(|&[kind, step]| {
            let step = i64::from(step as i8) << ((kind >> 4) % 10);
            (kind & 3 != 0).then(|| {
                ticks = ticks.saturating_add_signed(step);
                ticks
            })
        })
        .collect();
    let mut out = [0xaa; transport_cc::MAX_LEN];
    let mut from = 0;
    while from < arrivals.len() {
        let base_seq = (from as u16).wrapping_sub(9);
        let header = transport_cc::Header { sender: 1, media: 2, base_seq, count: from as u8 };
        let rest = arrivals[from..].iter().copied();
        let Some(written) = transport_cc::write(&mut out, &header, rest) else { break };
        assert!(written.len <= out.len() && written.statuses > 0);
        let Some(Ok(Rtcp::TransportFeedback(read))) = Compound::new(&out[..written.len]).next()
        else {
            panic!("what was written is not read: {:02x?}", &out[..written.len]);
        };
        assert_eq!((read.base_seq, read.number), (base_seq, from as u8));
        let found: Vec<_> = read.arrivals().map(|(_, at)| at.map(|at| at as u64)).collect();
        assert_eq!(found, arrivals[from..from + usize::from(written.statuses)]);
        from += usize::from(written.statuses);
    }
}

/// Any bytes as a VP8 payload: what is read can be renumbered and read again.
pub fn vp8(data: &[u8]) {
    let Ok(before) = vp8::Descriptor::parse(data) else { return };
    let prefix = before.renumbered(0x1234, 0x56);
    let mut sent = prefix.bytes().to_vec();
    sent.extend_from_slice(&data[prefix.replaces()..]);
    let after = vp8::Descriptor::parse(&sent).expect("what was written is read");
    assert_eq!((after.keyframe, after.size), (before.keyframe, before.size));
    assert_eq!((after.temporal, after.keyidx), (before.temporal, before.keyidx));
}

/// Any bytes as a VP9 payload: what is read can be renumbered and read again.
pub fn vp9(data: &[u8]) {
    let Ok(before) = vp9::Descriptor::parse(data) else { return };
    assert!(usize::from(before.len) <= data.len());
    let prefix = before.renumbered(0x1234, 0x56);
    let mut sent = prefix.bytes().to_vec();
    sent.extend_from_slice(&data[prefix.replaces()..]);
    let after = vp9::Descriptor::parse(&sent).expect("what was written is read");
    assert_eq!((after.flags, after.layers, after.size), (before.flags, before.layers, before.size));
    assert_eq!(sent[after.len.into()..], data[before.len.into()..]);
}

/// Any bytes as an H.264 payload: read or refused.
pub fn h264(data: &[u8]) {
    sensible(h264::read(data).ok());
}

/// Any bytes as an AV1 payload: read or refused.
pub fn av1(data: &[u8]) {
    sensible(av1::read(data).ok());
}

fn sensible(found: Option<FrameFacts>) {
    let Some((width, height)) = found.and_then(|facts| facts.size) else { return };
    assert!(width > 0 && height > 0);
    assert!(found.is_some_and(|facts| facts.key), "only keyframes tell a size");
}

/// Any bytes as redundant audio: refused, or the newest packet is inside and not empty.
pub fn red(data: &[u8]) {
    let within = |block: red::Repeated<'_>| block.payload.len() <= red::LONGEST;
    assert!(red::repeated(data).all(within));
    let Ok(found) = red::Layout::parse(data) else { return };
    assert!(usize::from(found.primary_at) < data.len());
    assert!(found.payload_type < 128);
    let repeated: usize = red::repeated(data).map(|block| red::HEAD + block.payload.len()).sum();
    assert_eq!(repeated + 1, usize::from(found.primary_at), "nothing lies between the blocks");
}

/// Any bytes as a story of packets from three lanes to one subscriber, five bytes an event:
/// outgoing numbers never repeat, and a repair gets the numbers its packet had.
pub fn forward(data: &[u8]) {
    let mut now = Instant::now();
    let lanes = [(0, 0), (0, 1), (1, 0)].map(|(source, encoding)| Lane { source, encoding });
    let mut encodings = lanes.map(|_| Encoding::new(Codec::Vp8));
    let mut arrivals = Arrivals::new(now);
    let mut select = Select::default();
    let mut rewrite = Rewrite::new(Codec::Vp8, 65_000, u32::MAX - 1000);
    let mut sent = Sent::new(64);
    let mut used: BTreeMap<u64, (Lane, u64)> = BTreeMap::new();
    let mut scratch = [0; 1500];
    let mut missing = Vec::new();
    for event in data.chunks_exact(5) {
        now += Duration::from_millis(u64::from(event[0] & 0x1f));
        let which = usize::from(event[0] >> 5) % lanes.len();
        let wire = u16::from_be_bytes([event[1], event[2]]);
        match event[3] >> 6 {
            0 => {
                select.aim((event[3] & 1 == 0).then_some(lanes[which]));
                select.limit_temporal(event[4] & 3);
            }
            1 => {
                missing.clear();
                encodings[which].gaps.poll(now, Duration::from_millis(30), &mut missing);
                assert!(missing.len() <= 256);
                while let Some(len) = arrivals.write_feedback(&mut scratch, 1, 2) {
                    assert!(matches!(
                        Compound::new(&scratch[..len]).next(),
                        Some(Ok(Rtcp::TransportFeedback(_)))
                    ));
                }
                if let Some(origin) = sent.repair(now, wire, Duration::from_millis(30)) {
                    let at = lanes.iter().position(|lane| *lane == origin.lane);
                    let encoding = &encodings[at.expect("one of the lanes")];
                    if let Some(stored) = encoding.ring.get(origin.seq)
                        && let Some(again) = rewrite.again(wire, stored.facts)
                    {
                        assert_eq!(used.get(&again.seq), Some(&(origin.lane, origin.seq)));
                    }
                }
            }
            path => {
                arrivals.received(now, wire);
                let header = RtpHeader {
                    marker: false,
                    payload_type: 96,
                    seq: wire,
                    timestamp: u32::from(wire) * 3000,
                    ssrc: 1,
                };
                let len = write_header(&mut scratch, &header, &[]).expect("room for a header");
                // Picture number, base-layer index and layer, in place of a real descriptor.
                let payload = [0x80 | (event[3] & 0x30), 0xe0, event[1] | 0x80, event[2], event[2]];
                scratch[len..len + 5].copy_from_slice(&payload);
                scratch[len + 5..len + 7].copy_from_slice(&[event[4] & 0xc0, event[4] & 1]);
                let end = if event[4] & 0x3e == 0x3e { len } else { len + 7 };
                let view = RtpView::parse(&scratch[..end]).expect("what was written is read");
                let path = if path == 2 { Path::Direct } else { Path::Repair };
                let Ok(Received::New { facts, .. }) =
                    encodings[which].receive(now, Codec::Vp8, &view, None, path)
                else {
                    continue;
                };
                let lane = lanes[which];
                let outgoing = match select.judge(lane, &facts) {
                    Verdict::Forward => rewrite.map(now, &facts),
                    Verdict::Switch => Some(rewrite.switch(now, Codec::Vp8, &facts)),
                    Verdict::Drop(why) => {
                        if why.leaves_gap() {
                            rewrite.skip(&facts);
                        }
                        None
                    }
                };
                if let Some(outgoing) = outgoing {
                    let before = used.insert(outgoing.seq, (lane, facts.seq));
                    assert_eq!(before, None, "number {} went out twice", outgoing.seq);
                    sent.record(outgoing.seq, Origin { lane, seq: facts.seq });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    /// Feeds every file of a corpus folder, and every prefix and some flips of each, to `target`.
    fn run_over(folder: &str, target: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(folder);
        let mut fed = 0;
        for entry in fs::read_dir(&folder).expect("the corpus is committed") {
            let path = entry.expect("a readable entry").path();
            let bytes = fs::read(&path).expect("a readable file");
            target(&bytes);
            (0..bytes.len()).for_each(|end| target(&bytes[..end]));
            for at in 0..bytes.len() {
                for flip in [0x01, 0x15, 0x80, 0xff] {
                    let mut flipped = bytes.clone();
                    flipped[at] ^= flip;
                    target(&flipped);
                }
            }
            fed += 1;
        }
        assert!(fed > 0, "{} is empty", folder.display());
    }

    #[test]
    fn every_stored_packet_cut_and_flipped_is_read_or_refused() {
        run_over("rtp", super::rtp);
        run_over("rtcp", super::rtcp);
        run_over("transport_feedback", super::transport_feedback);
        run_over("vp8", super::vp8);
        run_over("vp9", super::vp9);
        run_over("h264", super::h264);
        run_over("av1", super::av1);
        run_over("red", super::red);
    }

    #[test]
    fn every_stored_story_is_forwarded_by_the_rules() {
        run_over("forward", super::forward);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_break_no_parser(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            super::rtp(&data);
            super::rtcp(&data);
            super::transport_feedback(&data);
            super::vp8(&data);
            super::vp9(&data);
            super::h264(&data);
            super::av1(&data);
            super::red(&data);
        }

        #[test]
        fn arbitrary_headers_break_no_parser(
            first in 0x80u8..0xc0, second in 192u8..=223,
            rest in proptest::collection::vec(any::<u8>(), 0..120),
        ) {
            // Lengths that fit, so that the walk gets past the first header.
            let words = (rest.len() / 4) as u8;
            let data = [&[first, second, 0, words][..], &rest].concat();
            super::rtcp(&data);
            super::rtp(&data);
        }

        #[test]
        fn arbitrary_stories_are_forwarded_by_the_rules(
            start: u8,
            events in proptest::collection::vec(
                (any::<u8>(), 0u8..2, any::<u8>(), any::<u8>(), any::<u8>()), 0..300),
        ) {
            let bytes: Vec<u8> = events
                .into_iter()
                .flat_map(|(a, high, low, c, d)| [a, start.wrapping_add(high), low, c, d])
                .collect();
            super::forward(&bytes);
        }
    }
}
