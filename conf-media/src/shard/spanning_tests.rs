//! One group on two shards: what crosses and what must not.

use std::time::Duration;

use super::{
    Command, Event, Shard, Wish, Wished,
    pair::{CAMERA, GROUP, Pair, VOICE, header, picture},
    wired::{MID_EXTENSION, OPUS, VP8, Wired, offer},
};
use crate::{
    MediaKind, TrackId,
    endpoint::srtp::MAX_OVERHEAD,
    forward::Lane,
    rtcp::{SenderInfo, write_nack, write_sender_report},
    rtp::{RtpView, write_header},
};

/// The RID extension in a simulcast offer.
const RID_EXTENSION: u8 = 10;

#[test]
fn a_voice_and_a_picture_reach_everyone_on_another_shard() {
    let mut pair = Pair::lecture();
    for seq in 1..=50 {
        pair.speak(seq);
        pair.show(seq, seq == 1);
        pair.now += Duration::from_millis(20);
    }
    let all: Vec<u8> = (1..=50).collect();
    for viewer in 0..2 {
        assert_eq!(pair.seen(1, viewer, OPUS), all);
        assert_eq!(pair.seen(1, viewer, VP8), all);
        assert_eq!(pair.slots(1, viewer).values().copied().collect::<Vec<_>>(), [VOICE, CAMERA]);
    }
    let (home, abroad) = (pair.wired[0].shard.stats(), pair.wired[1].shard.stats());
    assert_eq!((home.relayed_packets, home.forwarded_packets), (100, 0), "once for both");
    assert_eq!((home.tracks, home.open_tracks), (2, 2));
    assert_eq!((abroad.tracks, abroad.open_tracks), (0, 0), "each is counted at home");
    assert_eq!(home.dropped_relay_full + abroad.dropped_relay_full, 0);
}

#[test]
fn whoever_joins_late_abroad_gets_a_keyframe_from_home() {
    let mut pair = Pair::lecture();
    pair.show(1, true);
    for seq in 2..60 {
        pair.show(seq, false);
        pair.wait(Duration::from_millis(33));
    }
    let before = pair.plis();
    let late = pair.join(1, &[], (1, 1));
    pair.wait(Duration::from_millis(20));
    pair.show(60, false);
    assert_eq!(pair.plis(), before + 1, "asked at once");
    assert!(pair.seen(1, late, VP8).is_empty(), "a picture that cannot be decoded is not shown");
    pair.show(61, true);
    pair.show(62, false);
    assert_eq!(pair.seen(1, late, VP8), [61, 62]);
    for seq in 63..100 {
        pair.show(seq, false);
        pair.wait(Duration::from_millis(33));
    }
    assert_eq!(pair.plis(), before + 1, "and once");
}

#[test]
fn a_closed_track_is_closed_everywhere_and_opens_clean() {
    let mut pair = Pair::lecture();
    pair.speak(1);
    pair.show(1, true);
    // What crosses in this order is read in this order.
    let mut packet = pair.wired[0].rtp(0, 0, &header(OPUS, 2, 5), 2, b"\xf8\x02");
    pair.gate(0, VOICE, false);
    pair.wired[0].receive(pair.now, 0, &mut packet);
    pair.settle();
    assert_eq!(pair.seen(1, 0, OPUS), [1]);
    assert!(!pair.slots(1, 0).values().any(|track| *track == VOICE));
    assert_eq!(pair.wired[0].shard.stats().gated_packets, 1);
    // Nothing from before can be asked for again, either.
    pair.gate(0, CAMERA, false);
    let slot = RtpView::parse(&pair.media.iter().rfind(|m| m.2[1] & 0x7f == VP8).unwrap().2);
    let (ssrc, seq) = slot.map(|view| (view.ssrc, view.seq)).unwrap();
    let sent = pair.media.len();
    let mut nack = [0; 64];
    let len = write_nack(&mut nack, 1, ssrc, [seq]).unwrap();
    for viewer in 0..2 {
        pair.rtcp(1, viewer, &nack[..len]);
    }
    assert_eq!(pair.media.len(), sent);
    pair.gate(0, VOICE, true);
    pair.speak(3);
    assert_eq!(pair.seen(1, 0, OPUS), [1, 3]);
}

#[test]
fn what_a_viewer_lost_is_repeated_by_its_own_shard() {
    let mut pair = Pair::lecture();
    for seq in 1..=20 {
        pair.show(seq, seq == 1);
    }
    let lost = pair.media.iter().filter(|m| (m.0, m.1) == (1, 1) && m.2[1] & 0x7f == VP8);
    let lost = RtpView::parse(&lost.clone().nth(9).unwrap().2).map(|v| (v.ssrc, v.seq)).unwrap();
    let sent = pair.media.len();
    let mut nack = [0; 64];
    let len = write_nack(&mut nack, 1, lost.0, [lost.1]).unwrap();
    pair.rtcp(1, 1, &nack[..len]);
    let (shard, to, repair) = &pair.media[sent];
    assert_eq!((pair.media.len(), *shard, *to), (sent + 1, 1, 1));
    assert_eq!((repair[1] & 0x7f, repair[repair.len() - 1]), (97, 10));
    assert_eq!(pair.wired[0].shard.stats().nacked_packets, 0);
    assert_eq!(pair.wired[1].shard.stats().retransmitted_packets, 1);
}

#[test]
fn a_publisher_that_leaves_is_gone_everywhere() {
    let mut pair = Pair::lecture();
    pair.speak(1);
    let endpoint = pair.wired[0].peers[0].id;
    pair.command(0, Command::Remove { endpoint });
    assert!(pair.slots(1, 0).is_empty());
    assert!(pair.wired[1].shard.track_ids.is_empty());
    assert!(pair.wired[1].shard.relay.publishers.is_empty());
    // And where the viewers leave, nothing is kept of what is there.
    let mut pair = Pair::lecture();
    for viewer in 0..2 {
        let endpoint = pair.wired[1].peers[viewer].id;
        pair.command(1, Command::Remove { endpoint });
    }
    pair.speak(1);
    assert!(pair.wired[1].shard.track_ids.is_empty());
    assert_eq!(pair.wired[0].shard.stats().relayed_packets, 0, "nobody is there to hear it");
    let late = pair.join(1, &[], (1, 1));
    pair.speak(2);
    assert_eq!(pair.seen(1, late, OPUS), [2]);
}

#[test]
fn tracks_that_come_later_and_from_both_sides_are_told() {
    let mut pair = Pair::lecture();
    let other = TrackId(9);
    let third = pair.join(1, &[(other, MediaKind::Audio)], (1, 0));
    pair.gate(1, other, true);
    let index = 7;
    let mut packet = pair.wired[1].rtp(third, 0, &header(OPUS, 7, 9), index, b"\xf8\x07");
    let now = pair.now;
    pair.wired[1].receive(now, third, &mut packet);
    pair.settle();
    assert_eq!(pair.seen(0, 0, OPUS), [7]);
    assert_eq!(pair.slots(0, 0).values().copied().collect::<Vec<_>>(), [other]);
}

#[test]
fn layers_that_are_watched_abroad_only_are_kept_and_let_go() {
    let mut pair = Pair::new();
    let mut simulcast = offer(&[(CAMERA, MediaKind::Video)], (0, 0), 1);
    simulcast.sdp = simulcast.sdp.replace(
        "a=sendonly\r\n",
        &format!(
            "a=extmap:{RID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
             a=sendonly\r\na=rid:l send\r\na=rid:h send\r\na=simulcast:send l;h\r\n"
        ),
    );
    pair.join_with(0, simulcast);
    let viewer = pair.join(1, &[], (0, 1));
    pair.gate(0, CAMERA, true);
    let endpoint = pair.wired[1].peers[viewer].id;
    let wish = |height| {
        let wishes = vec![Wish { of: Wished::Track(CAMERA), height }];
        Command::Wish { endpoint, wishes }
    };
    pair.command(1, wish(720));
    let play = |pair: &mut Pair, from: u16, to: u16| {
        for seq in from..to {
            for (rid, ssrc, height) in [("l", 20, 180), ("h", 21, 720)] {
                let mut plain = [0; 64];
                let extensions: [(u8, &[u8]); 2] =
                    [(MID_EXTENSION, b"0"), (RID_EXTENSION, rid.as_bytes())];
                let key = seq % 30 == 0;
                let len = write_header(&mut plain, &header(VP8, seq, ssrc), &extensions).unwrap();
                let payload = picture(seq, key, height);
                let mut out = vec![0; len + payload.len() + MAX_OVERHEAD];
                let sealer = &mut pair.wired[0].peers[0].sealer;
                let used = sealer.seal_rtp(seq.into(), &plain[..len], &payload, &mut out).unwrap();
                pair.wired[0].receive(pair.now, 0, &mut out[..used]);
            }
            pair.wait(Duration::from_millis(33));
        }
    };
    // All of it within the ten seconds for which a peer that never checks is believed.
    play(&mut pair, 0, 100);
    let let_go = |event: &Event| matches!(event, Event::Layers { wanted, .. } if !wanted[1]);
    assert_eq!(pair.events[0].iter().find(|event| let_go(event)), None, "all are used");
    assert!(!pair.seen(1, viewer, VP8).is_empty());
    pair.command(1, wish(180));
    play(&mut pair, 100, 240);
    assert_eq!(pair.events[0].iter().filter(|event| let_go(event)).count(), 1);
    let before = pair.events[0].len();
    pair.command(1, wish(720));
    let back = |event: &Event| matches!(event, Event::Layers { wanted, .. } if wanted[1]);
    assert!(pair.events[0][before..].iter().any(back), "taken back at once");
    assert!(!pair.events[1].iter().any(|event| matches!(event, Event::Layers { .. })));
}

#[test]
fn who_interprets_is_known_on_both_shards() {
    let mut pair = Pair::lecture();
    let known = |pair: &Pair, track: TrackId| {
        let shard = &pair.wired[1].shard;
        shard.tracks.get(shard.track_ids[&track]).is_some_and(|track| track.interpreter)
    };
    for interpreter in [true, false, true] {
        pair.command(0, Command::Mark { track: CAMERA, interpreter });
        assert_eq!(known(&pair, CAMERA), interpreter);
    }
    // A shard that begins anew is told of it with the track.
    let config = pair.wired[1].shard.config().clone();
    pair.wired[1].shard.replace(config).unwrap();
    pair.wired[1].peers.clear();
    pair.settle();
    pair.join(1, &[], (1, 1));
    assert!(known(&pair, CAMERA));
    // Whose track it is not does not decide it.
    pair.command(1, Command::Mark { track: CAMERA, interpreter: false });
    assert!(known(&pair, CAMERA));
    assert_eq!(pair.wired[1].shard.stats().refused_commands, 1);
}

#[test]
fn who_speaks_is_told_by_one_shard_and_heard_by_both() {
    let mut pair = Pair::lecture();
    let other = TrackId(9);
    let third = pair.join(1, &[(other, MediaKind::Audio)], (1, 0));
    pair.gate(1, other, true);
    let talk = |pair: &mut Pair, from: u16| {
        for seq in from..from + 50 {
            let now = pair.now;
            let mut packet =
                pair.wired[1].rtp(third, 0, &header(OPUS, seq, 9), seq.into(), b"\xf8x");
            pair.wired[1].receive(now, third, &mut packet);
            pair.wait(Duration::from_millis(20));
        }
    };
    talk(&mut pair, 1);
    let speaking = |pair: &Pair, at: usize| -> Vec<Vec<TrackId>> {
        let told = pair.events[at].iter().filter_map(|event| match event {
            Event::Speaking { group: GROUP, tracks } => Some(tracks.clone()),
            _ => None,
        });
        told.collect()
    };
    assert_eq!(speaking(&pair, 0), [vec![other]]);
    assert!(speaking(&pair, 1).is_empty(), "the shard that came later is silent");
    for _ in 0..200 {
        pair.wait(Duration::from_millis(20));
    }
    assert_eq!(speaking(&pair, 0), [vec![other], vec![]], "silence is noticed from afar");
    // The first shard's people leave: the other one speaks for the group from now on.
    let endpoint = pair.wired[0].peers[0].id;
    pair.command(0, Command::Remove { endpoint });
    talk(&mut pair, 100);
    assert_eq!(speaking(&pair, 1).last(), Some(&vec![other]));
}

#[test]
fn sound_and_pictures_keep_one_clock_abroad() {
    let mut pair = Pair::lecture();
    pair.speak(1);
    pair.show(1, true);
    for (ssrc, ntp, rtp) in [(5, 900u64 << 32, 48_000), (6, 901 << 32, 90_000)] {
        let mut report = [0; 64];
        let info = SenderInfo { ssrc, ntp, rtp, packets: 1, octets: 1 };
        let len = write_sender_report(&mut report, &info, &[]).unwrap();
        pair.rtcp(0, 0, &report[..len]);
        pair.wait(Duration::from_millis(700));
    }
    let captured = |at: usize, track: TrackId| {
        let shard = &pair.wired[at].shard;
        let lane = Lane { source: shard.track_ids[&track], encoding: 0 };
        shard.captured_at(shard.ntp(pair.now), lane)
    };
    for track in [VOICE, CAMERA] {
        assert!(captured(0, track).is_some());
        assert_eq!(captured(0, track), captured(1, track));
    }
}

#[test]
fn a_shard_that_begins_anew_is_forgotten_and_told_everything() {
    let mut pair = Pair::lecture();
    pair.speak(1);
    let config = pair.wired[0].shard.config().clone();
    pair.wired[0].shard.replace(config).unwrap();
    pair.wired[0].peers.clear();
    pair.settle();
    assert!(pair.slots(1, 0).is_empty(), "what it published is gone");
    assert!(pair.wired[1].shard.track_ids.is_empty());
    pair.join(0, &[(VOICE, MediaKind::Audio), (CAMERA, MediaKind::Video)], (1, 1));
    pair.gate(0, VOICE, true);
    pair.speak(2);
    assert_eq!(pair.seen(1, 0, OPUS), [1, 2]);
    assert_eq!(pair.seen(1, 1, OPUS), [1, 2]);
    // The other way round: the shard with the viewers.
    let config = pair.wired[1].shard.config().clone();
    pair.wired[1].shard.replace(config).unwrap();
    pair.wired[1].peers.clear();
    pair.settle();
    pair.join(1, &[], (1, 1));
    pair.speak(3);
    assert_eq!(pair.seen(1, 0, OPUS), [1, 2, 3]);
}

#[test]
fn a_source_that_changes_its_stream_begins_anew_everywhere() {
    let mut pair = Pair::lecture();
    for seq in 1..=5 {
        pair.show(seq, seq == 1);
    }
    let restarted = header(VP8, 30_000, 66);
    let payload = picture(200, true, 360);
    let mut packet = pair.wired[0].rtp(0, 1, &restarted, 30_000, &payload);
    let now = pair.now;
    pair.wired[0].receive(now, 0, &mut packet);
    pair.settle();
    assert_eq!(pair.seen(1, 0, VP8), [1, 2, 3, 4, 5, 200]);
    let mut seqs = pair.media.iter().filter(|m| (m.0, m.1) == (1, 0) && m.2[1] & 0x7f == VP8);
    let first = seqs.next().map(|m| u16::from_be_bytes([m.2[2], m.2[3]])).unwrap();
    let last = seqs.next_back().map(|m| u16::from_be_bytes([m.2[2], m.2[3]])).unwrap();
    assert_eq!(last.wrapping_sub(first), 5, "without a gap");
}

#[test]
fn a_shard_that_stands_still_costs_packets_and_no_gate() {
    let mut pair = Pair::lecture();
    pair.show(1, true);
    // The second shard reads nothing meanwhile.
    for seq in 2..6_000u16 {
        let mut packet = pair.wired[0].rtp(0, 1, &header(VP8, seq, 6), seq.into(), &[0x10; 900]);
        let now = pair.now;
        pair.wired[0].receive(now, 0, &mut packet);
        let Wired { shard, .. } = &mut pair.wired[0];
        while shard.poll_transmit(now, &mut pair.buffer).is_some() {}
    }
    let dropped = pair.wired[0].shard.stats().dropped_relay_full;
    assert!(dropped > 1_000, "{dropped} dropped");
    let now = pair.now;
    pair.wired[0].shard.handle(now, Command::Gate { track: CAMERA, open: false });
    pair.settle();
    let shard: &Shard = &pair.wired[1].shard;
    let camera = shard.tracks.get(shard.track_ids[&CAMERA]).unwrap();
    assert!(!camera.is_open(), "the gate came through");
    assert!(!pair.slots(1, 0).values().any(|track| *track == CAMERA));
}
