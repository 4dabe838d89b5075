use super::*;
use crate::MediaKind;

#[path = "codec_tests.rs"]
mod codecs;

const CHROMIUM: &str = include_str!("../../../fixtures/sdp/chromium-offer.sdp");
const FIREFOX: &str = include_str!("../../../fixtures/sdp/firefox-offer.sdp");

fn candidates() -> [SocketAddr; 2] {
    ["192.0.2.7:50000".parse().unwrap(), "[2001:db8::7]:50000".parse().unwrap()]
}

fn try_answer(
    offer: &str,
    previous: Option<&Negotiated>,
) -> Result<(String, Negotiated), OfferError> {
    try_preferring(CodecName::Vp8, offer, previous)
}

fn try_preferring(
    video: CodecName,
    offer: &str,
    previous: Option<&Negotiated>,
) -> Result<(String, Negotiated), OfferError> {
    let candidates = candidates();
    let local = LocalParameters {
        ufrag: "lite",
        pwd: "aaaaaaaaaaaaaaaaaaaaaaaa",
        fingerprint: [0xab; 32],
        candidates: &candidates,
        tcp_candidates: &candidates[..1],
        session_id: 77,
        session_version: 1,
        video,
    };
    let mut next = previous.map_or(100, |_| 900);
    let mut draw = || {
        next += 1;
        next
    };
    answer(offer, &local, &mut draw, previous)
}

fn answered(offer: &str) -> (String, Negotiated) {
    try_answer(offer, None).unwrap()
}

/// The session part and each m-section.
fn sections(sdp: &str) -> Vec<Vec<&str>> {
    let mut sections = vec![Vec::new()];
    for line in sdp.lines() {
        if line.starts_with("m=") {
            sections.push(Vec::new());
        }
        sections.last_mut().unwrap().push(line);
    }
    sections
}

fn has(section: &[&str], line: &str) -> bool {
    section.contains(&line)
}

#[test]
fn a_chromium_offer_is_settled_line_by_line() {
    let (_, negotiated) = answered(CHROMIUM);
    assert_eq!(negotiated.remote_ufrag, "0As7");
    assert_eq!(negotiated.remote_pwd, "RF8w97TKqHqRaer+vOcSVp9W");
    assert_eq!(negotiated.remote_fingerprint[..2], [0x21, 0x70]);
    let roles: Vec<&str> = negotiated
        .lines
        .iter()
        .map(|line| match line.role {
            LineRole::Send(_) => "send",
            LineRole::Slot(_) => "slot",
            LineRole::Inactive => "inactive",
            LineRole::Rejected => "rejected",
        })
        .collect();
    assert_eq!(roles, ["send", "send", "send", "slot", "slot", "inactive", "rejected"]);

    let sends: Vec<_> = negotiated.sends().collect();
    assert_eq!(sends[0].kind, MediaKind::Audio);
    assert_eq!(
        sends[0].codecs,
        [
            Codec { pt: 63, name: CodecName::Red, clock: 48_000, rtx_pt: None },
            Codec { pt: 111, name: CodecName::Opus, clock: 48_000, rtx_pt: None }
        ]
    );
    assert_eq!(sends[0].ssrcs, [DeclaredSsrc { media: 2_875_247_866, rtx: None }]);
    assert_eq!(
        sends[0].extensions,
        ExtensionIds {
            mid: Some(4),
            audio_level: Some(1),
            transport_cc: Some(3),
            ..ExtensionIds::default()
        }
    );
    assert_eq!(sends[1].rids, ["q", "h", "f"]);
    assert_eq!(
        sends[1].codecs,
        [Codec { pt: 96, name: CodecName::Vp8, clock: 90_000, rtx_pt: Some(97) }]
    );
    assert_eq!((sends[1].extensions.rid, sends[1].extensions.rrid), (Some(10), Some(11)));
    assert!(sends[2].rids.is_empty());
    assert_eq!(sends[2].ssrcs.len(), 1);
    assert!(sends[2].ssrcs[0].rtx.is_some());

    let slots: Vec<_> = negotiated.slots().collect();
    assert_eq!((slots[0].kind, slots[0].ssrc, slots[0].rtx_ssrc), (MediaKind::Audio, 101, None));
    assert_eq!((slots[1].ssrc, slots[1].rtx_ssrc), (102, Some(103)));
    assert_eq!((slots[1].extensions.mid, slots[1].extensions.transport_cc), (Some(4), Some(3)));
}

#[test]
fn the_answer_to_chromium_says_what_was_settled() {
    let (sdp, _) = answered(CHROMIUM);
    let parts = sections(&sdp);
    assert_eq!(parts.len(), 8);
    assert!(has(&parts[0], "a=group:BUNDLE 0 1 2 3 4 5"));
    assert!(has(&parts[0], "a=ice-lite"));
    for part in &parts[1..7] {
        assert!(
            has(part, "a=setup:passive") && has(part, "a=rtcp-mux") && has(part, "a=rtcp-rsize")
        );
        assert!(has(part, "a=ice-ufrag:lite"));
    }
    assert!(has(&parts[1], "a=candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host"));
    assert!(has(&parts[1], "a=candidate:2 1 udp 2130706175 2001:db8::7 50000 typ host"));
    let tcp = "a=candidate:3 1 tcp 1520435199 192.0.2.7 50000 typ host tcptype passive";
    assert!(has(&parts[1], tcp));
    assert!(has(&parts[1], "a=end-of-candidates"));
    assert_eq!(sdp.matches("a=candidate").count(), 3);

    assert!(parts[1][0] == "m=audio 9 UDP/TLS/RTP/SAVPF 63 111" && has(&parts[1], "a=recvonly"));
    assert!(has(&parts[1], "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1"));
    assert!(has(&parts[1], "a=rtpmap:63 red/48000/2") && has(&parts[1], "a=fmtp:63 111/111"));
    assert!(has(&parts[1], "a=rtcp-fb:111 transport-cc"));

    assert!(parts[2][0] == "m=video 9 UDP/TLS/RTP/SAVPF 96 97");
    assert!(has(&parts[2], "a=rid:q recv") && has(&parts[2], "a=simulcast:recv q;h;f"));
    for feedback in ["ccm fir", "nack", "nack pli", "transport-cc"] {
        assert!(has(&parts[2], &format!("a=rtcp-fb:96 {feedback}")), "{feedback}");
    }
    assert!(has(&parts[2], "a=fmtp:97 apt=96"));

    assert!(has(&parts[5], "a=sendonly") && has(&parts[5], "a=msid:slot-4 slot-4"));
    assert!(has(&parts[5], "a=ssrc-group:FID 102 103"));
    assert!(has(&parts[5], "a=ssrc:102 cname:000000000000004d"));
    assert!(has(&parts[5], "a=rtcp-fb:96 transport-cc"));
    assert!(has(&parts[6], "a=inactive"));
    assert_eq!(parts[7][0], "m=application 0 UDP/DTLS/SCTP webrtc-datachannel");
    assert!(parts[2..4].iter().all(|part| part.iter().all(|line| !line.contains("H264"))));
    assert!(parts[4][0] == "m=audio 9 UDP/TLS/RTP/SAVPF 111 63");
    assert!(parts[5][0] == "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 108 109 45 46");
    assert!(!sdp.contains("ulpfec") && !sdp.contains("orientation") && !sdp.contains("remb"));
}

#[test]
fn a_firefox_offer_is_understood() {
    let (sdp, negotiated) = answered(FIREFOX);
    assert_eq!(negotiated.remote_fingerprint[..2], [0x19, 0xe2], "from the session level");
    let sends: Vec<_> = negotiated.sends().collect();
    assert_eq!(sends[1].rids, ["lo", "hi"]);
    assert_eq!(sends[1].extensions.rid, Some(8), "extmap:8/sendonly");
    let declared = DeclaredSsrc { media: 2_000_000_001, rtx: Some(2_000_000_002) };
    assert_eq!(sends[1].ssrcs, [declared]);
    assert_eq!(negotiated.slots().count(), 2, "port 0 with bundle-only is not a stopped line");
    let parts = sections(&sdp);
    assert!(has(&parts[0], "a=group:BUNDLE 0 1 2 3"));
    assert!(has(&parts[1], "a=fmtp:109 minptime=10;useinbandfec=1;usedtx=1;stereo=1"));
    assert!(has(&parts[2], "a=extmap:8 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"));
    assert!(!has(&parts[1], "a=rtcp-rsize"), "only where it was offered");
}

#[test]
fn the_answer_is_itself_a_session_description() {
    for offer in [CHROMIUM, FIREFOX] {
        let (sdp, _) = answered(offer);
        let read = parse(&sdp).unwrap();
        assert!(!read.media_descriptions.is_empty());
    }
}

#[test]
fn a_re_offer_keeps_what_was_given() {
    let (_, first) = answered(CHROMIUM);
    let slot = CHROMIUM.split("m=video").nth(3).unwrap().replace("a=mid:4", "a=mid:7");
    let more = CHROMIUM.replace("BUNDLE 0 1 2 3 4 5 6", "BUNDLE 0 1 2 3 4 5 6 7");
    let (_, second) = try_answer(&format!("{more}m=video{slot}"), Some(&first)).unwrap();
    assert_eq!(second.lines[..7], first.lines[..]);
    assert_eq!(second.cname, first.cname);
    let LineRole::Slot(added) = &second.lines[7].role else { panic!("{:?}", second.lines[7]) };
    assert_eq!((added.ssrc, added.rtx_ssrc), (901, Some(902)));
}

#[test]
fn a_slot_that_pauses_gets_its_ssrcs_back() {
    let (_, first) = answered(CHROMIUM);
    let paused = CHROMIUM.replace("a=recvonly", "a=inactive");
    let (_, second) = try_answer(&paused, Some(&first)).unwrap();
    assert_eq!(second.slots().count(), 0);
    let (_, third) = try_answer(CHROMIUM, Some(&second)).unwrap();
    assert_eq!(third, first);
}

#[test]
fn a_re_offer_that_renames_or_drops_lines_is_refused() {
    let (_, first) = answered(CHROMIUM);
    let renamed = CHROMIUM.replace("a=mid:2", "a=mid:9").replace("BUNDLE 0 1 2", "BUNDLE 0 1 9");
    let error = try_answer(&renamed, Some(&first)).unwrap_err();
    assert_eq!(
        error,
        OfferError::LineChanged { index: 2, before: "2".to_owned(), found: "9".to_owned() }
    );
    let end = CHROMIUM.find("m=application").unwrap();
    assert!(matches!(
        try_answer(&CHROMIUM[..end], Some(&first)),
        Err(OfferError::Missing { what: "m-lines that an earlier offer had" })
    ));
}

#[test]
fn lines_that_cannot_be_used_are_refused_alone() {
    let unknown = CHROMIUM.replace("/90000", "/9");
    let (sdp, negotiated) = answered(&unknown);
    assert_eq!(negotiated.sends().count(), 1);
    assert_eq!(sdp.matches("m=video 0 ").count(), 4);
    assert!(sdp.contains("a=group:BUNDLE 0 3\r\n"));

    let unbundled = CHROMIUM.replace("BUNDLE 0 1 2 3", "BUNDLE 0 1 3");
    assert_eq!(answered(&unbundled).1.lines[2].role, LineRole::Rejected);
}

#[test]
fn an_offer_that_cannot_be_answered_says_why() {
    let cases = [
        (CHROMIUM.replace("a=setup:actpass", "a=setup:passive"), "a=setup is `passive`"),
        (CHROMIUM.replace("a=fingerprint:sha-256", "a=fingerprint:sha-1"), "a=fingerprint is"),
        (CHROMIUM.replace("a=ice-ufrag:0As7\r\n", ""), "offer lacks a=ice-ufrag"),
        (CHROMIUM.replace("a=mid:1\r\n", "a=mid:0\r\n"), "a=mid is `0`, expected a different"),
        (CHROMIUM.replace("a=mid:1\r\n", "a=mid:<script>\r\n"), "a=mid is `<script>`"),
        (CHROMIUM.replace("opus", "x").replace("/90000", "/9"), "offer lacks a bundled audio"),
        ("hello".to_owned(), "not a session description"),
        (String::new(), "not a session description"),
        ("v=0\r\n".repeat(70_000), "offer has 350000 bytes"),
        ("m=audio 9 a 0\r\n".repeat(129), "offer has 129 m-lines"),
    ];
    for (offer, expected) in cases {
        let error = try_answer(&offer, None).unwrap_err().to_string();
        assert!(error.contains(expected), "`{error}` does not contain `{expected}`");
    }
}

#[test]
fn any_line_can_be_missing_and_nothing_panics() {
    for offer in [CHROMIUM, FIREFOX] {
        let lines: Vec<&str> = offer.split_inclusive("\r\n").collect();
        for missing in 0..lines.len() {
            let mut rest = lines.clone();
            rest.remove(missing);
            let _ = try_answer(&rest.concat(), None);
        }
    }
}

#[test]
fn sixteen_character_names_fit_and_longer_ones_do_not() {
    let renamed = |name: &str| {
        CHROMIUM
            .replace("a=mid:0", &format!("a=mid:{name}"))
            .replace("BUNDLE 0", &format!("BUNDLE {name}"))
    };
    assert!(try_answer(&renamed("0123456789abcdef"), None).is_ok());
    assert!(try_answer(&renamed("0123456789abcdefg"), None).is_err());
}

proptest::proptest! {
    #[test]
    fn changed_offers_never_panic(
        at in 0..FIREFOX.len(),
        len in 0..40usize,
        insert in "[ -~\r\n]{0,30}",
    ) {
        let mut offer = FIREFOX.to_owned();
        let end = (at + len).min(offer.len());
        offer.replace_range(at..end, &insert);
        let _ = try_answer(&offer, None);
    }
}

#[test]
fn an_offer_with_control_characters_is_refused() {
    for found in ['\0', '\u{1}', '\t', '\u{7f}', '\u{85}'] {
        let offer = CHROMIUM.replacen("UDP/TLS", &format!("UDP{found}/TLS"), 1);
        let refused = try_answer(&offer, None);
        assert!(matches!(refused, Err(OfferError::Syntax { .. })), "{found:?}: {refused:?}");
    }
}
