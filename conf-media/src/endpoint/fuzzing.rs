//! Bodies of the fuzz targets for what peers and networks hand to an endpoint.
//!
//! Ordinary functions, run over the stored corpus by the normal suite; they panic when a rule is
//! broken.

use std::{
    net::SocketAddr,
    sync::OnceLock,
    time::{Duration, Instant},
};

use super::{
    answer::{LineRole, LocalParameters, MAX_LINES, answer},
    demux::{Protocol, classify},
    dtls::{Certificate, Dtls, DtlsConfig, DtlsOutput},
    frame::{Frames, LONGEST, PREFIX, prefix},
    ice::IceLite,
    srtp::{MAX_OVERHEAD, MasterKey, Opener, Profile, Sealer},
    stun::{Binding, IntegrityKey, MAX_REPLY, local_ufrag},
};
use crate::shard::Route;

/// What the corpus' STUN messages are keyed with (the sample of RFC 5769).
const STUN_PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

/// Any text as an offer: refused with a reason, or answered by a description with as many lines,
/// which offered once more changes nothing.
pub fn sdp_offer(data: &[u8]) {
    let offer = String::from_utf8_lossy(data);
    let candidates = [SocketAddr::from(([192, 0, 2, 1], 50_000))];
    let local = LocalParameters {
        ufrag: "lite",
        pwd: "aaaaaaaaaaaaaaaaaaaaaaaa",
        fingerprint: [1; 32],
        candidates: &candidates,
        tcp_candidates: &candidates,
        session_id: 1,
        session_version: 1,
        video: crate::rtp::Codec::H264,
    };
    let mut next = 0;
    let mut draw = || {
        next += 1;
        next
    };
    let (sdp, first) = match answer(&offer, &local, &mut draw, None) {
        Ok(answered) => answered,
        Err(error) => {
            assert!(error.to_string().len() < 1000, "an error quotes little: {error}");
            return;
        }
    };
    assert!(first.lines.len() <= MAX_LINES);
    assert_eq!(sdp.lines().filter(|line| line.starts_with("m=")).count(), first.lines.len());
    for line in sdp.split_inclusive("\r\n") {
        let text = line.strip_suffix("\r\n").expect("lines end as the format demands");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert_eq!(text.as_bytes().get(1), Some(&b'='), "{text:?}");
    }
    for line in &first.lines {
        match &line.role {
            LineRole::Send(send) => assert!(!send.codecs.is_empty()),
            LineRole::Slot(slot) => assert!(!slot.codecs.is_empty() && slot.ssrc != 0),
            LineRole::Inactive | LineRole::Rejected => {}
        }
    }
    let (again, second) =
        answer(&offer, &local, &mut draw, Some(&first)).expect("what was answered once");
    assert_eq!((again, second), (sdp, first));
}

/// Any bytes as a STUN message for an endpoint: refused, or answered within the bound, and only
/// what is authentic changes anything.
pub fn stun(data: &[u8]) {
    let _ = local_ufrag(data);
    let now = Instant::now();
    let from = Route::udp(([127, 0, 0, 1], 4000).into());
    let mut agent = IceLite::new("evtj", STUN_PASSWORD, "h6vY");
    let mut reply = [0; MAX_REPLY];
    let result = agent.receive(now, from, data, &mut reply);
    let authentic = Binding::parse(data)
        .is_ok_and(|binding| binding.verify(&IntegrityKey::new(STUN_PASSWORD)).is_ok());
    match result {
        Ok(check) => {
            let len = check.reply.unwrap_or(0);
            assert!(len <= MAX_REPLY && (len == 0 || (authentic && len >= 20)));
            assert_eq!(check.moved, agent.route());
        }
        Err(_) => assert_eq!((agent.route(), agent.consented()), (None, None)),
    }
    assert!(authentic || agent.consented().is_none());
}

/// The first byte says in which pieces the rest arrives as a stream: the datagrams are the same
/// as if it came at once, no more is kept than one frame, and framed again they are the stream.
pub fn frames(data: &[u8]) {
    let Some((step, stream)) = data.split_first() else { return };
    let read = |step: usize| {
        let mut frames = Frames::default();
        let mut datagrams = Vec::new();
        for piece in stream.chunks(step) {
            let each = |datagram: &mut [u8]| datagrams.push(datagram.to_vec());
            if frames.take(&mut piece.to_vec(), each).is_err() {
                return (datagrams, None);
            }
            assert!(frames.waiting() < PREFIX + LONGEST);
        }
        (datagrams, Some(frames.waiting()))
    };
    let (datagrams, waiting) = read(usize::from(*step) + 1);
    assert_eq!((&datagrams, waiting), (&read(stream.len().max(1)).0, read(stream.len().max(1)).1));
    let mut framed: Vec<u8> = Vec::new();
    for datagram in &datagrams {
        assert!((1..=LONGEST).contains(&datagram.len()));
        framed.extend(prefix(datagram.len()).expect("it came out of a frame"));
        framed.extend(datagram);
    }
    // Empty frames leave no trace.
    let mut rest = stream;
    let mut again = &framed[..];
    while !again.is_empty() {
        while rest.starts_with(&[0, 0]) {
            rest = &rest[PREFIX..];
        }
        let len = PREFIX + usize::from(u16::from_be_bytes([again[0], again[1]]));
        assert_eq!(rest[..len], again[..len]);
        (rest, again) = (&rest[len..], &again[len..]);
    }
}

/// The first byte chooses profile and kind; the rest is opened as if it came from the network,
/// then sealed as our own, after which it must open to what it was, once.
pub fn srtp(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let profile = match choice % 3 {
        0 => Profile::Aes256Gcm,
        1 => Profile::Aes128Gcm,
        _ => Profile::Aes128CmSha1,
    };
    let key = MasterKey::new(&vec![7; profile.key_len()], &vec![9; profile.salt_len()]);
    let mut opener = Opener::new(profile, &key);
    let mut packet = rest.to_vec();
    let _ = opener.open_rtp(&mut packet);
    let mut packet = rest.to_vec();
    let _ = opener.open_rtcp(&mut packet);

    let (mut sealer, mut opener) = (Sealer::new(profile, &key), Opener::new(profile, &key));
    let mut out = vec![0; rest.len() + MAX_OVERHEAD];
    if let Ok(len) = sealer.seal_rtcp(rest, &mut out) {
        let mut once = out[..len].to_vec();
        let opened = opener.open_rtcp(&mut once).expect("our own");
        assert_eq!(&once[..opened], rest);
        assert!(opener.open_rtcp(&mut out[..len].to_vec()).is_err(), "replayed");
    }
    let Ok(header_len) = crate::rtp::header_len(rest) else { return };
    let Some((header, payload)) = rest.split_at_checked(header_len) else { return };
    if header.len() < 12 {
        return;
    }
    let index = u64::from(u16::from_be_bytes([header[2], header[3]]));
    let len = sealer.seal_rtp(index, header, payload, &mut out).expect("room for the overhead");
    let mut once = out[..len].to_vec();
    let opened = opener.open_rtp(&mut once).expect("our own");
    assert_eq!((&once[..opened.len], opened.header_len), (rest, header_len));
    assert!(opener.open_rtp(&mut out[..len].to_vec()).is_err(), "replayed");
}

/// Any bytes as one DTLS datagram for a waiting server: never keys, never a panic.
pub fn dtls(data: &[u8]) {
    static CONFIG: OnceLock<DtlsConfig> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let certificate = Certificate::generate().expect("key material is at hand");
        DtlsConfig::new(certificate).expect("constant settings")
    });
    let now = Instant::now();
    let mut server = Dtls::new(config, [0; 32], now);
    let mut buffer = [0; 1500];
    for step in 0..2 {
        if server.receive(now + Duration::from_millis(step), data).is_err() {
            return;
        }
        while let Ok(Some(output)) = server.poll(&mut buffer) {
            assert!(!matches!(output, DtlsOutput::Keys(_)));
        }
    }
}

/// Any bytes as a datagram: its class promises the shortest header of that protocol.
pub fn demux(data: &[u8]) {
    let least = match classify(data) {
        Protocol::Stun => 20,
        Protocol::Dtls => 13,
        Protocol::Rtp => 12,
        Protocol::Rtcp => 8,
        Protocol::Unknown => 0,
    };
    assert!(data.len() >= least);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    /// Runs `body` over the stored inputs of a target, whole, cut and with changed bytes.
    fn run_over(target: &str, step: usize, body: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
        let mut inputs = 0;
        for entry in std::fs::read_dir(folder).expect("the corpus is stored with the source") {
            let input = std::fs::read(entry.unwrap().path()).unwrap();
            inputs += 1;
            body(&input);
            for at in (0..input.len()).step_by(step) {
                body(&input[..at]);
                let mut changed = input.clone();
                changed[at] ^= 1 << (at % 8);
                body(&changed);
                changed[at] = b'\n';
                body(&changed);
            }
        }
        assert!(inputs > 0, "{target} has no inputs");
    }

    #[test]
    fn every_stored_offer_cut_and_changed_is_answered_or_refused() {
        run_over("sdp_offer", 101, super::sdp_offer);
    }

    #[test]
    fn every_stored_datagram_cut_and_changed_is_read_or_refused() {
        run_over("stun", 1, super::stun);
        run_over("frames", 1, super::frames);
        run_over("srtp", 1, super::srtp);
        run_over("stun", 1, super::demux);
        run_over("srtp", 1, super::demux);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_break_no_endpoint(
            first: u8,
            rest in proptest::collection::vec(any::<u8>(), 0..160),
        ) {
            let data = [&[first], &rest[..]].concat();
            super::demux(&data);
            super::stun(&data);
            super::srtp(&data);
            super::frames(&data);
            super::sdp_offer(&data);
        }

        #[test]
        fn arbitrary_records_break_no_handshake(
            kind in 20u8..=25,
            epoch in 0u8..2,
            rest in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let len = (rest.len() as u16).to_be_bytes();
            let head = [kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 0, len[0], len[1]];
            super::dtls(&[&head[..], &rest].concat());
        }
    }
}
