//! Which codecs are answered to whom, and in which words.

use super::*;

/// The first sending video line's codec and the lines of its section.
fn camera(video: CodecName, offer: &str) -> (Codec, Vec<String>) {
    let (sdp, negotiated) = try_preferring(video, offer, None).unwrap();
    let (place, send) = (1..)
        .zip(&negotiated.lines)
        .find_map(|(place, line)| match &line.role {
            LineRole::Send(send) if send.kind == MediaKind::Video => Some((place, send)),
            _ => None,
        })
        .expect("a camera");
    let [codec] = &send.codecs[..] else { panic!("one codec: {:?}", send.codecs) };
    (codec.clone(), sections(&sdp)[place].iter().map(|&line| line.to_owned()).collect())
}

/// A line in the shape browsers give it: payload types with their maps and parameters.
fn line(kind: &str, mid: &str, direction: &str, codecs: &[(u8, &str, &str)]) -> String {
    let formats: Vec<_> = codecs.iter().map(|(pt, ..)| pt.to_string()).collect();
    let mut text = format!(
        "m={kind} 9 UDP/TLS/RTP/SAVPF {}\r\na=mid:{mid}\r\na=rtcp-mux\r\na={direction}\r\n",
        formats.join(" ")
    );
    for (pt, map, parameters) in codecs {
        text +=
            &format!("a=rtpmap:{pt} {map}\r\na=rtcp-fb:{pt} nack\r\na=rtcp-fb:{pt} nack pli\r\n");
        if !parameters.is_empty() {
            text += &format!("a=fmtp:{pt} {parameters}\r\n");
        }
    }
    text
}

fn offer(lines: &[String]) -> String {
    let fingerprint = ["0F"; 32].join(":");
    let mids: Vec<_> = (0..lines.len()).map(|mid| mid.to_string()).collect();
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n\
         a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\n{}",
        mids.join(" "),
        lines.concat()
    )
}

#[test]
fn a_sender_is_left_with_the_preferred_codec_and_its_repairs() {
    let expected = [
        (CodecName::Vp8, 96, 97, vec!["a=rtpmap:96 VP8/90000"]),
        (CodecName::Vp9, 98, 99, vec!["a=rtpmap:98 VP9/90000", "a=fmtp:98 profile-id=0"]),
        (
            CodecName::Av1,
            45,
            46,
            vec!["a=rtpmap:45 AV1/90000", "a=fmtp:45 level-idx=5;profile=0;tier=0"],
        ),
        (
            CodecName::H264,
            108,
            109,
            vec![
                "a=rtpmap:108 H264/90000",
                "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;\
                 profile-level-id=42e01f",
            ],
        ),
    ];
    for (name, pt, rtx, lines) in expected {
        let (codec, section) = camera(name, CHROMIUM);
        assert_eq!((codec.name, codec.pt, codec.rtx_pt), (name, pt, Some(rtx)));
        assert_eq!(section[0], format!("m=video 9 UDP/TLS/RTP/SAVPF {pt} {rtx}"));
        assert!(section.contains(&"a=simulcast:recv q;h;f".to_owned()), "{name} in three layers");
        assert!(section.contains(&format!("a=fmtp:{rtx} apt={pt}")));
        assert!(section.contains(&format!("a=rtcp-fb:{pt} nack pli")));
        for line in lines {
            assert!(section.contains(&line.to_owned()), "{line} in {section:#?}");
        }
    }
}

#[test]
fn a_codec_that_is_not_offered_gives_way_to_vp8_and_that_to_the_first() {
    let (codec, _) = camera(CodecName::Av1, FIREFOX);
    assert_eq!((codec.name, codec.pt, codec.rtx_pt), (CodecName::Vp8, 120, Some(124)));
    let (codec, _) = camera(CodecName::H264, FIREFOX);
    assert_eq!((codec.name, codec.pt, codec.rtx_pt), (CodecName::H264, 126, Some(127)));
    let without = FIREFOX.replace(" VP8/", " VP80/");
    let (codec, _) = camera(CodecName::Av1, &without);
    assert_eq!((codec.name, codec.pt, codec.rtx_pt), (CodecName::Vp9, 121, Some(125)));
}

#[test]
fn a_slot_takes_every_codec_we_forward_under_the_peers_numbers() {
    for video in CodecName::VIDEO {
        let (sdp, negotiated) = try_preferring(video, CHROMIUM, None).unwrap();
        let slots: Vec<_> = negotiated.slots().collect();
        let taken = |slot: &SlotLine| -> Vec<_> {
            slot.codecs.iter().map(|codec| (codec.name, codec.pt, codec.rtx_pt)).collect()
        };
        assert_eq!(
            taken(slots[0]),
            [(CodecName::Opus, 111, None), (CodecName::Red, 63, None)],
            "in the peer's order"
        );
        assert_eq!(
            taken(slots[1]),
            [
                (CodecName::Vp8, 96, Some(97)),
                (CodecName::Vp9, 98, Some(99)),
                (CodecName::H264, 108, Some(109)),
                (CodecName::Av1, 45, Some(46)),
            ]
        );
        let parts = sections(&sdp);
        assert!(has(&parts[4], "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1"));
        assert!(has(&parts[4], "a=fmtp:63 111/111"));
    }
}

#[test]
fn h264_is_taken_non_interleaved_and_as_baseline_only() {
    let parameters = |mode: &str, profile: &str| {
        format!("level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}")
    };
    let cases = [
        ("0", "42e01f", false),
        ("1", "42e01f", true),
        ("1", "42001f", true),
        ("1", "42C02A", true),
        ("1", "4d801f", true),
        ("1", "4d001f", false),
        ("1", "640c1f", false),
        ("1", "f4001f", false),
        ("1", "42e01", false),
        ("1", "+2e01f", false),
        ("2", "42e01f", false),
    ];
    for (mode, profile, taken) in cases {
        let h264 = [(102, "H264/90000", &parameters(mode, profile)[..])];
        let answered = try_answer(&offer(&[line("video", "0", "sendonly", &h264)]), None);
        assert_eq!(answered.is_ok(), taken, "mode {mode}, profile {profile}");
    }
    let plain = offer(&[line("video", "0", "sendonly", &[(102, "H264/90000", "")])]);
    assert!(try_answer(&plain, None).is_err(), "without a mode it is single NAL units");
    let bare = [(102, "H264/90000", "packetization-mode=1")];
    let (sdp, _) = answered(&offer(&[line("video", "0", "sendonly", &bare)]));
    assert!(sdp.contains("profile-level-id=42000a"), "the level meant by saying nothing");
}

#[test]
fn other_profiles_of_vp9_and_av1_are_left_out() {
    let high = [(100, "VP9/90000", "profile-id=2"), (47, "AV1/90000", "profile=1")];
    assert!(try_answer(&offer(&[line("video", "0", "recvonly", &high)]), None).is_err());
    let unnamed = [(98, "VP9/90000", ""), (45, "AV1/90000", "")];
    let (sdp, negotiated) = answered(&offer(&[line("video", "0", "recvonly", &unnamed)]));
    assert_eq!(negotiated.slots().next().unwrap().codecs.len(), 2);
    assert!(!sdp.contains("a=fmtp"), "nothing is claimed that was not offered");
}

#[test]
fn redundancy_is_taken_of_the_lines_opus_only() {
    let opus = (111, "opus/48000/2", "minptime=10;useinbandfec=1");
    let cases = [
        ("red/48000/2", "111/111", true),
        ("red/48000/2", "111/111/111", true),
        ("red/48000/2", "111/9", false),
        ("red/48000/2", "", false),
        ("red/8000", "111/111", false),
        ("red/48000", "111/111", false),
    ];
    for (map, blocks, taken) in cases {
        let codecs = [opus, (63, map, blocks), (9, "G722/8000", "")];
        let (sdp, negotiated) = answered(&offer(&[line("audio", "0", "sendonly", &codecs)]));
        let found = negotiated.sends().next().unwrap().codecs.len() == 2;
        assert_eq!(found, taken, "{map} of {blocks}");
        let formats = if taken { "63 111" } else { "111" };
        assert!(sdp.contains(&format!("m=audio 9 UDP/TLS/RTP/SAVPF {formats}\r\n")), "{sdp}");
    }
}

#[test]
fn a_line_that_does_both_ways_is_a_sender_of_one_codec() {
    let codecs = [(96, "VP8/90000", ""), (98, "VP9/90000", "profile-id=0")];
    let both = offer(&[line("video", "0", "sendrecv", &codecs)]);
    let (codec, section) = camera(CodecName::Vp9, &both);
    assert_eq!((codec.name, codec.rtx_pt), (CodecName::Vp9, None));
    assert_eq!(section[0], "m=video 9 UDP/TLS/RTP/SAVPF 98");
}
