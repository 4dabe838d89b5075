//! Every codec is forwarded as its receivers need it, and nobody is sent what he cannot take.

mod support;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use conf_media::{
    MediaKind, TrackId,
    rtp::{Codec, RtpHeader, RtpView},
    shard::{
        Command, Wish, Wished,
        wired::{OPUS, VP8, Wired, offer},
    },
};
use conf_sim::Link;
use support::{
    GROUP, Plan, Received, World,
    check::{assert_clean_in, longest_pause},
    codecs::read,
    ms,
    peer::RED,
    picture::{Mark, opus, read_opus, red},
};

/// Heights nobody would guess: what is chosen shows what was measured.
const LAYERS: &[u16] = &[120, 360, 600];

/// Alice sends three layers in the world's codec, Bob can watch all codecs.
fn watched(seed: u64, codec: Codec) -> (World, usize, usize) {
    let mut world = World::seeded(seed);
    world.video = codec;
    let alice = world.join(Plan { video: LAYERS, codecs: &Codec::VIDEO, ..Plan::full() });
    let bob = world.join(Plan { codecs: &Codec::VIDEO, ..Plan::viewer() });
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    world.run_for(ms(1_500));
    (world, alice, bob)
}

fn camera_of(world: &World, alice: usize, bob: usize) -> Vec<&Received> {
    let mid = world.slot_of(bob, world.peers[alice].video()).expect("a slot");
    world.peers[bob].in_slot(&mid)
}

fn layer(codec: Codec, world: &World, alice: usize, bob: usize) -> u8 {
    let packets = camera_of(world, alice, bob);
    read(codec, &packets.last().expect("something arrived").payload).mark.layer
}

#[test]
fn the_layer_follows_the_size_in_every_codec() {
    for codec in Codec::VIDEO {
        let (mut world, alice, bob) = watched(7, codec);
        let camera = world.peers[alice].video();
        for (height, expected) in [(600, 2), (110, 0), (150, 1), (1_080, 2), (360, 1), (120, 0)] {
            world.wish(bob, &[(camera, height)]);
            let took = world.run_until(ms(500), |w| layer(codec, w, alice, bob) == expected);
            assert!(took < ms(200), "{codec} at {height} lines after {took:?}");
            world.run_for(ms(600));
            assert_eq!(layer(codec, &world, alice, bob), expected, "{codec} at {height} lines");
        }
        let packets = camera_of(&world, alice, bob);
        let frames = assert_clean_in(codec, &packets);
        assert!(frames > 100, "{frames} frames of {codec}");
        assert!(longest_pause(&packets) < ms(120), "{codec}: {:?}", longest_pause(&packets));
        let numbers: Vec<u8> = packets.iter().map(|packet| packet.payload_type).collect();
        assert!(numbers.iter().all(|pt| *pt == numbers[0]), "{codec} under one payload type");
        assert_eq!(world.stats().dropped_malformed, 0, "{codec}");
    }
}

#[test]
fn what_is_lost_on_either_way_comes_back_in_every_codec() {
    for (seed, codec) in (20..).zip(Codec::VIDEO) {
        let (mut world, alice, bob) = watched(seed, codec);
        let (from, to, server) =
            (world.peers[alice].address, world.peers[bob].address, world.server);
        let lossy = || Link::new().delay(ms(20)).loss(0.04);
        world.net.connect(from, server, lossy());
        world.net.connect(server, to, lossy());
        world.run_for(ms(3_000));
        world.net.connect(from, server, Link::new().delay(ms(20)));
        world.net.connect(server, to, Link::new().delay(ms(20)));
        world.run_for(ms(200));
        for stream in &mut world.peers[alice].streams {
            stream.on = false;
        }
        world.run_for(ms(1_000));
        let frames = assert_clean_in(codec, &camera_of(&world, alice, bob));
        assert!(frames > 90, "{frames} frames of {codec}");
        let stats = world.stats();
        assert!(stats.repaired_packets > 3, "{codec}: {stats:#?}");
        assert!(stats.retransmitted_packets > 3, "{codec}: {stats:#?}");
    }
}

#[test]
fn a_slot_goes_from_one_codec_to_another_without_a_gap() {
    let mut world = World::seeded(9);
    world.video = Codec::H264;
    let alice = world.join(Plan { codecs: &Codec::VIDEO, ..Plan::full() });
    let bob = world.join(Plan { codecs: &[Codec::Vp8, Codec::Vp9], ..Plan::full() });
    let carol = world.join(Plan { video_slots: 1, codecs: &Codec::VIDEO, ..Plan::viewer() });
    world.open_all(alice);
    world.open_all(bob);
    let (one, other) = (world.peers[alice].video(), world.peers[bob].video());
    world.wish(carol, &[(one, 360)]);
    world.run_until(ms(2_000), |w| (0..3).all(|peer| w.connected(peer)));
    for round in 0..5 {
        world.run_for(ms(700));
        world.wish(carol, &[(if round % 2 == 0 { other } else { one }, 360)]);
    }
    world.run_for(ms(700));
    let mid = world.slot_of(carol, other).expect("a slot");
    let packets = world.peers[carol].in_slot(&mid);
    assert!(packets.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1), "no gap");
    let forward = |pair: &[&Received]| pair[1].timestamp.wrapping_sub(pair[0].timestamp) as i32;
    assert!(packets.windows(2).all(|pair| forward(pair) >= 0), "time goes on");
    // Each stretch of one payload type is a stream of one codec that begins with a keyframe.
    let stretches: Vec<_> = packets.chunk_by(|a, b| a.payload_type == b.payload_type).collect();
    assert_eq!(stretches.len(), 6);
    for (place, stretch) in stretches.iter().enumerate() {
        let codec = if place % 2 == 0 { Codec::H264 } else { Codec::Vp8 };
        let mut stretch = stretch.to_vec();
        let cut = stretch.iter().rposition(|packet| packet.marker).expect("whole frames") + 1;
        stretch.truncate(cut);
        assert!(assert_clean_in(codec, &stretch) > 15, "stretch {place}");
    }
}

#[test]
fn who_lacks_a_codec_is_not_sent_it_and_the_others_are() {
    let mut world = World::seeded(8);
    world.video = Codec::Av1;
    let alice = world.join(Plan { codecs: &[Codec::Vp8, Codec::Av1], ..Plan::full() });
    let bob = world.join(Plan { codecs: &[Codec::Vp8], ..Plan::full() });
    let carol = world.join(Plan { codecs: &Codec::VIDEO, ..Plan::viewer() });
    world.open_all(alice);
    world.open_all(bob);
    world.run_until(ms(2_000), |w| (0..3).all(|peer| w.connected(peer)));
    world.run_for(ms(1_500));
    let (theirs, other) = (world.peers[alice].video(), world.peers[bob].video());
    assert_eq!(world.slot_of(bob, theirs), None, "Bob cannot decode it");
    assert!(world.slot_of(bob, world.peers[alice].audio()).is_some(), "but he can hear");
    for (track, codec) in [(theirs, Codec::Av1), (other, Codec::Vp8)] {
        let mid = world.slot_of(carol, track).expect("Carol takes both");
        assert!(assert_clean_in(codec, &world.peers[carol].in_slot(&mid)) > 30);
    }
    assert!(world.slot_of(alice, other).is_some());
}

#[test]
fn redundant_sound_goes_whole_to_who_takes_it_and_bare_to_the_others() {
    let mut world = World::seeded(3);
    let alice = world.join(Plan { red: Some(2), ..Plan::full() });
    let bob = world.join(Plan { red: Some(0), ..Plan::viewer() });
    let carol = world.join(Plan::viewer());
    world.open_all(alice);
    world.run_until(ms(2_000), |w| (0..3).all(|peer| w.connected(peer)));
    world.run_for(ms(2_000));
    let voice = world.peers[alice].audio();
    for (peer, payload_type, whole) in [(bob, RED, true), (carol, OPUS, false)] {
        let mid = world.slot_of(peer, voice).expect("a slot");
        let heard = world.peers[peer].in_slot(&mid);
        assert!(heard.len() > 90, "{} packets", heard.len());
        assert!(heard.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
        // The first two repeat what was said before they could be heard.
        for packet in heard.into_iter().skip(2) {
            assert_eq!(packet.payload_type, payload_type);
            let newest = &packet.payload[packet.payload.len() - opus_len()..];
            let mark = read_opus(newest);
            let expected = if whole { red(OPUS, mark, 2) } else { opus(mark) };
            assert_eq!(packet.payload, expected);
        }
    }
}

fn opus_len() -> usize {
    opus(Mark { peer: 0, layer: 0, frame: 0, part: 0 }).len()
}

#[test]
fn silence_that_is_not_sent_is_no_loss() {
    let mut world = World::seeded(5);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::viewer());
    world.open_all(alice);
    world.run_until(ms(2_000), |w| w.connected(alice) && w.connected(bob));
    let microphone = |world: &World| {
        world.peers[alice].streams.iter().position(|stream| stream.height == 0).unwrap()
    };
    for _ in 0..6 {
        world.run_for(ms(500));
        // As an encoder does in silence: time goes on, a packet every 400 ms.
        let at = microphone(&world);
        world.peers[alice].streams[at].on = false;
        world.run_for(ms(380));
        world.peers[alice].streams[at].on = true;
        world.run_for(ms(20));
        world.peers[alice].streams[at].on = false;
        world.run_for(ms(380));
        world.peers[alice].streams[at].on = true;
    }
    world.run_for(ms(300));
    let mid = world.slot_of(bob, world.peers[alice].audio()).expect("it keeps its slot");
    let heard = world.peers[bob].in_slot(&mid);
    let jumps = heard.windows(2).filter(|pair| {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert_eq!(step % 960, 0, "time passes in whole packets: {step}");
        step > 960 * 15
    });
    assert_eq!(jumps.count(), 12, "the pauses are still there");
    let stats = world.stats();
    assert_eq!((stats.requested_packets, stats.slot_changes), (0, 2), "{stats:#?}");
}

const VOICE: TrackId = TrackId(1);

/// A speaker, and listeners whose offers `change` makes of the ordinary one.
fn speaking(now: Instant, listeners: &[fn(String) -> String]) -> Wired {
    let mut wired = Wired::new();
    let mut told = offer(&[(VOICE, MediaKind::Audio)], (0, 0), 1);
    told.sdp = with_red(told.sdp);
    wired.join_with(now, GROUP, told);
    for change in listeners {
        let mut told = offer(&[], (1, 0), 1);
        told.sdp = change(told.sdp);
        wired.join_with(now, GROUP, told);
    }
    wired.shard.handle(now, Command::Gate { track: VOICE, open: true });
    wired
}

fn with_red(sdp: String) -> String {
    sdp.replace("RTP/SAVPF 111", "RTP/SAVPF 111 63").replace(
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111",
    )
}

/// What each listener is sent for one packet of the speaker, opened: payload type and payload.
fn said(wired: &mut Wired, now: Instant, seq: u16, pt: u8, payload: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let header = RtpHeader {
        marker: false,
        payload_type: pt,
        seq,
        timestamp: u32::from(seq) * 960,
        ssrc: 5,
    };
    let mut packet = wired.rtp(0, 0, &header, seq.into(), payload);
    wired.receive(now, 0, &mut packet);
    let mut buffer = vec![0; 64 * 1024];
    let mut sent: Vec<(SocketAddr, Vec<u8>)> = Vec::new();
    let number = |wired: &Wired, to| wired.peers.iter().position(|peer| peer.address == to);
    wired.drain(now, &mut buffer, |to, bytes| {
        if !(192..=223).contains(&bytes[1]) {
            sent.push((to, bytes.to_vec()));
        }
    });
    let mut heard: Vec<_> = sent
        .into_iter()
        .map(|(to, mut bytes)| {
            let at = number(wired, to).expect("a peer of ours");
            let opened = wired.peers[at].opener.open_rtp(&mut bytes).expect("authentic");
            let view = RtpView::parse(&bytes[..opened.len]).unwrap();
            (at, (view.payload_type, view.payload().to_vec()))
        })
        .collect();
    heard.sort_by_key(|(at, _)| *at);
    heard.into_iter().map(|(_, heard)| heard).collect()
}

#[test]
fn redundancy_under_another_inner_number_is_taken_off() {
    let now = Instant::now();
    let renumbered = |sdp: String| with_red(sdp).replace("111", "109");
    let mut wired = speaking(now, &[with_red, renumbered, |sdp| sdp]);
    let mark = Mark { peer: 0, layer: 0, frame: 9, part: 0 };
    let (wrapped, bare) = (red(OPUS, mark, 1), opus(mark));
    said(&mut wired, now, 6, OPUS, &bare);
    let heard = said(&mut wired, now, 7, 63, &wrapped);
    assert_eq!(heard, [(63, wrapped), (109, bare.clone()), (111, bare.clone())]);
    // A sender may leave the wrapper away whenever it likes.
    let heard = said(&mut wired, now + ms(20), 8, OPUS, &bare);
    assert_eq!(heard, [(111, bare.clone()), (109, bare.clone()), (111, bare)]);
}

#[test]
fn what_was_said_behind_a_closed_gate_is_not_repeated_when_it_opens() {
    let now = Instant::now();
    let mut wired = speaking(now, &[with_red, |sdp| sdp]);
    let mark = Mark { peer: 0, layer: 0, frame: 9, part: 0 };
    let (wrapped, bare) = (red(OPUS, mark, 2), opus(mark));
    for (seq, open) in [(10, true), (14, false), (18, true)] {
        wired.shard.handle(now, Command::Gate { track: VOICE, open });
        // Each packet repeats the two before it.
        let heard: Vec<_> =
            (0..4).map(|more| said(&mut wired, now, seq + more, 63, &wrapped)).collect();
        if !open {
            assert!(heard.iter().all(Vec::is_empty));
            continue;
        }
        for (place, heard) in heard.iter().enumerate() {
            let expected = if place < 2 { (OPUS, bare.clone()) } else { (63, wrapped.clone()) };
            assert_eq!(heard, &[expected, (OPUS, bare.clone())], "{place}");
        }
    }
}

#[test]
fn redundancy_that_cannot_be_taken_apart_is_dropped_and_counted() {
    let mut now = Instant::now();
    let mut wired = speaking(now, &[with_red, |sdp| sdp]);
    let whole = red(OPUS, Mark { peer: 0, layer: 0, frame: 9, part: 0 }, 2);
    let cut = whole.len() - opus_len();
    for (seq, end) in (7..).zip([1, 3, 8, 9, cut - 1, cut]) {
        now += Duration::from_millis(20);
        assert_eq!(said(&mut wired, now, seq, 63, &whole[..end]), [], "{end} bytes");
    }
    assert_eq!(wired.shard.stats().dropped_malformed, 6);
    assert_eq!(said(&mut wired, now, 20, 63, &whole).len(), 2, "the next one passes");
}

#[test]
fn a_track_offered_anew_in_another_codec_is_followed() {
    let now = Instant::now();
    let mut wired = Wired::new();
    let camera = TrackId(1);
    // Payload type 98 is VP9; both are offered in both offers.
    let both = |mut told: conf_media::shard::Offer| {
        told.sdp = told
            .sdp
            .replace("SAVPF 96 97", "SAVPF 96 97 98")
            .replace("a=rtpmap:96", "a=rtpmap:98 VP9/90000\r\na=rtpmap:96");
        told
    };
    wired.join_with(now, GROUP, both(offer(&[(camera, MediaKind::Video)], (0, 0), 1)));
    wired.join_with(now, GROUP, both(offer(&[], (0, 1), 1)));
    wired.shard.handle(now, Command::Gate { track: camera, open: true });
    let vp8 = [0x90, 0x80, 0x80, 1, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1];
    let heard = said(&mut wired, now, 7, VP8, &vp8);
    assert_eq!(heard.iter().map(|(pt, _)| *pt).collect::<Vec<_>>(), [VP8]);
    let again = both(offer(&[(camera, MediaKind::Video)], (0, 0), 2));
    let again = conf_media::shard::Offer { video: Codec::Vp9, ..again };
    let endpoint = wired.peers[0].id;
    wired.shard.handle(now, Command::Reoffer { endpoint, offer: again });
    assert_eq!(said(&mut wired, now, 8, VP8, &vp8), [], "the old codec is no longer known");
    let vp9 = [0x8c, 0x80, 2, 0x82, 0x49, 0x83, 0x42, 0x20, 0x4f, 0xf0, 0x2c, 0xf0];
    let heard = said(&mut wired, now, 9, 98, &vp9);
    assert_eq!(heard.iter().map(|(pt, _)| *pt).collect::<Vec<_>>(), [98]);
    assert_eq!(heard[0].1[3..], vp9[3..]);
}

#[test]
fn layers_inside_one_stream_go_whole_however_small_the_picture_is() {
    let now = Instant::now();
    let mut wired = Wired::new();
    let camera = TrackId(1);
    let vp9 = |mut told: conf_media::shard::Offer| {
        let sdp = told.sdp.replace("SAVPF 96 97", "SAVPF 98");
        told.sdp = sdp.replace("a=rtpmap:96 VP8", "a=rtpmap:98 VP9");
        told
    };
    wired.join_with(now, GROUP, vp9(offer(&[(camera, MediaKind::Video)], (0, 0), 1)));
    wired.shard.handle(now, Command::Gate { track: camera, open: true });
    wired.join_with(now, GROUP, vp9(offer(&[], (0, 1), 1)));
    let endpoint = wired.peers[1].id;
    let wishes = vec![Wish { of: Wished::Track(camera), height: 90 }];
    wired.shard.handle(now, Command::Wish { endpoint, wishes });
    // Each picture is three frames of 180, 360 and 720 lines, each predicted from the one before.
    let frame = |picture: u8, spatial: u8| {
        let (key, lowest) = (picture == 1, spatial == 0);
        let flags = 0xac | if key { 0 } else { 0x40 } | if key && lowest { 0x02 } else { 0 };
        let mut payload = vec![flags, 0x80, picture, spatial << 1 | u8::from(!lowest), picture];
        if key && lowest {
            payload.extend([0x50, 1, 0x40, 0, 180, 2, 0x80, 1, 0x68, 5, 0, 2, 0xd0]);
        }
        payload.extend([picture, spatial]);
        payload
    };
    let mut seq = 0;
    let mut spatial = |wired: &mut Wired, picture: u8| {
        let mut heard = Vec::new();
        for layer in 0..3 {
            seq += 1;
            heard.extend(said(wired, now, seq, 98, &frame(picture, layer)));
        }
        heard.iter().map(|(_, payload)| payload[3] >> 1).collect::<Vec<_>>()
    };
    assert_eq!(spatial(&mut wired, 1), [0, 1, 2]);
    assert_eq!(spatial(&mut wired, 2), [0, 1, 2]);
    // Who comes then cannot begin with an upper layer, nor with a picture that refers to others.
    wired.join_with(now, GROUP, vp9(offer(&[], (0, 1), 1)));
    assert_eq!(spatial(&mut wired, 3), [0, 1, 2], "to the first alone");
    assert_eq!(spatial(&mut wired, 1), [0, 0, 1, 1, 2, 2], "from a keyframe on to both");
}
