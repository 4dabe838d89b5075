//! Both peers against a plain str0m peer that answers and echoes, over loopback sockets.
#![cfg(feature = "driver")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use conf_client::light::{Engine, Peer, PeerPlan, Profile, State, Whom};
use conf_client::link::{Devices, Link, LinkState, LocalOffer, MediaPlan};
use conf_client::synthetic::CameraPlan;
use conf_client::synthetic::studio::read_payload;
use conf_client::{media, str0m_peer};
use conf_proto::{ParticipantId, Source, VideoCodec};
use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

const WITHIN: Duration = Duration::from_secs(20);

fn alice() -> ParticipantId {
    ParticipantId::from_number(9)
}

/// What the answering side saw.
#[derive(Default)]
struct Seen {
    sound: u32,
    heights: Vec<u16>,
    video: u32,
}

struct Answerer {
    rtc: Rtc,
    socket: UdpSocket,
    seen: Seen,
    /// Where sound and video are echoed to, once the lines are known.
    slots: Vec<(MediaKind, Mid)>,
    layers: usize,
    echoed: [u64; 2],
}

impl Answerer {
    async fn new(layers: usize) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(Instant::now());
        let here = Candidate::host(socket.local_addr().unwrap(), "udp").unwrap();
        rtc.add_local_candidate(here);
        Self { rtc, socket, seen: Seen::default(), slots: Vec::new(), layers, echoed: [0; 2] }
    }

    fn answer(&mut self, offer: &LocalOffer) -> String {
        let offer = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
        self.rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string()
    }

    async fn step(&mut self) {
        let until = loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => break at,
                Output::Transmit(t) => {
                    self.socket.send_to(&t.contents, t.destination).await.unwrap();
                }
                Output::Event(Event::MediaAdded(added)) => {
                    if added.direction == Direction::SendOnly {
                        self.slots.push((added.kind, added.mid));
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => self.received(&packet),
                Output::Event(_) => {}
            }
        };
        let mut buffer = [0; 2048];
        let here = self.socket.local_addr().unwrap();
        tokio::select! {
            received = self.socket.recv_from(&mut buffer) => {
                let (len, from) = received.unwrap();
                let receive = Receive::new(Protocol::Udp, from, here, &buffer[..len]).unwrap();
                self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
            }
            () = tokio::time::sleep_until(until.into()) => {
                self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
            }
        }
    }

    fn received(&mut self, packet: &RtpPacket) {
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_rx(&packet.header.ssrc) else { return };
        let mid = stream.mid();
        let kind = self.rtc.media(mid).unwrap().kind();
        let seen =
            read_payload(&packet.payload, (kind == MediaKind::Video).then_some(VideoCodec::Vp8))
                .expect("a mark");
        assert_eq!(seen.mark.from, alice());
        if kind == MediaKind::Audio {
            self.seen.sound += 1;
        } else {
            self.seen.heights.extend(seen.keyframe.map(|(_, height)| height));
            self.seen.video += 1;
            // Asked again until it comes: a request may be lost like any packet.
            if self.seen.heights.len() == self.layers && self.seen.video.is_multiple_of(40) {
                let mut direct = self.rtc.direct_api();
                let stream = direct.stream_rx(&packet.header.ssrc).unwrap();
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
        if kind == MediaKind::Audio || usize::from(seen.mark.layer) + 1 == 3 {
            self.echo(kind, packet);
        }
    }

    fn echo(&mut self, kind: MediaKind, packet: &RtpPacket) {
        let Some((_, mid)) = self.slots.iter().find(|(of, _)| *of == kind) else { return };
        let codec = if kind == MediaKind::Audio { Codec::Opus } else { Codec::Vp8 };
        let pt = self.rtc.codec_config().find(|p| p.spec().codec == codec).unwrap().pt();
        let count = &mut self.echoed[usize::from(kind == MediaKind::Video)];
        *count += 1;
        let header = &packet.header;
        let write = RtpWrite::new(
            pt,
            (*count).into(),
            header.timestamp,
            Instant::now(),
            packet.payload.clone(),
        );
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(*mid, None).expect("a stream for the slot");
        stream.write_rtp(write.marker(header.marker).nackable(kind == MediaKind::Video));
    }
}

fn plan() -> MediaPlan {
    MediaPlan { camera: Some(CameraPlan::simulcast(1500, 20)), ..MediaPlan::default() }
}

/// Connects, hears and sees everything, asks for a keyframe, and echoes.
async fn story(offer: LocalOffer, link: Link, devices: Devices, layers: &[u16]) {
    let mut answerer = Answerer::new(layers.len()).await;
    assert!(link.accept(answerer.answer(&offer)));
    devices.studio(|studio| {
        studio.identify(alice());
        studio.switch(Instant::now(), Source::Microphone, true);
        studio.switch(Instant::now(), Source::Camera, true);
    });
    let echoed = |source| devices.reception(|reception| reception.source(alice(), source).packets);
    let talk = async {
        while answerer.seen.sound < 20
            || answerer.seen.heights.len() <= layers.len()
            || echoed(Source::Microphone) < 20
            || echoed(Source::Camera) < 20
        {
            answerer.step().await;
        }
    };
    let done = tokio::time::timeout(WITHIN, talk).await;
    let counts = devices.reception(|reception| reception.slots());
    let (sound, heights) = (answerer.seen.sound, answerer.seen.heights);
    assert!(done.is_ok(), "{:?}: {sound} sounds, {heights:?}, {counts:?}", link.state());
    assert_eq!(link.state(), LinkState::Connected);
    let mut first = heights[..layers.len()].to_vec();
    first.sort_unstable();
    assert_eq!(first, layers);
    assert!(counts.values().all(|slot| slot.gaps == 0 && slot.picture_breaks == 0), "{counts:?}");
}

#[tokio::test]
async fn the_light_peer_sends_three_layers_and_hears_its_echo() {
    let devices = Devices::new(&plan(), 3);
    let runtime = tokio::runtime::Handle::current();
    let (offer, link) = str0m_peer::start(&plan(), devices.clone(), &runtime).unwrap();
    assert_eq!(offer.sources.len(), 2);
    assert_eq!(offer.sdp.matches("a=recvonly").count(), 13);
    for wanted in ["a=rid:q send", "a=rid:h send", "a=rid:f send", "a=simulcast:send q;h;f"] {
        assert!(offer.sdp.contains(wanted), "{wanted} in\n{}", offer.sdp);
    }
    story(offer, link, devices, &[180, 360, 720]).await;
}

#[tokio::test]
async fn the_webrtc_peer_sends_its_highest_layer_and_hears_its_echo() {
    let devices = Devices::new(&plan(), 3);
    let (offer, link) = media::start(&plan(), devices.clone()).await.unwrap();
    assert_eq!(offer.sources.len(), 2);
    story(offer, link, devices, &[720]).await;
}

/// Publishes three layers and receives their echo over one connection with a stack it does not
/// share a line with; drops some of what arrives and has it repaired.
async fn the_load_peer_talks(drop_ppm: u32) -> conf_client::light::Figures {
    let plan = PeerPlan {
        from: alice(),
        microphone: true,
        camera: Some(CameraPlan::simulcast(1500, 20)),
        audio_slots: 1,
        video_slots: 1,
        codec: VideoCodec::Vp8,
        local: "127.0.0.1".parse().unwrap(),
        phase: 3,
        open_every: 4,
        drop_ppm,
    };
    let (mut peer, sdp) = Peer::offer(&plan).unwrap();
    let mut answerer = Answerer::new(3).await;
    let answer = answerer.answer(&LocalOffer { sdp, sources: BTreeMap::new() });
    peer.accept(&answer).unwrap();
    peer.switch(Source::Microphone, true);
    peer.switch(Source::Camera, true);
    let engine = Engine::start(1).unwrap();
    engine.add(peer);
    let mut figures = engine.figures();
    let talk = async {
        let mut rounds = 0u32;
        while answerer.seen.heights.len() <= 3
            || figures.total.audio_packets < 40
            || figures.total.frames < 20
            || (drop_ppm > 0 && figures.total.repaired < 3)
        {
            answerer.step().await;
            rounds += 1;
            if rounds.is_multiple_of(50) {
                figures = engine.figures();
            }
        }
        // What was dropped last is repaired while the talk goes on.
        engine.switch(Whom::All, Source::Microphone, false);
        engine.switch(Whom::All, Source::Camera, false);
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            answerer.step().await;
        }
        figures = engine.figures();
    };
    let done = tokio::time::timeout(WITHIN, talk).await;
    assert!(done.is_ok(), "{figures:?} {:?}", answerer.seen.heights);
    let mut first = answerer.seen.heights[..3].to_vec();
    first.sort_unstable();
    assert_eq!(first, [180, 360, 720]);
    let (_, peer) = figures.peers[0];
    assert_eq!(peer.state, State::Connected);
    assert!(peer.profile.is_some_and(|profile| profile != Profile::Aes128CmSha1));
    let total = figures.total;
    assert_eq!((total.auth_failures, total.unmarked, total.unknown_streams), (0, 0, 0));
    assert!(total.checked > 10 && figures.latency_us.len() > 10, "{total:?}");
    figures
}

#[tokio::test]
async fn the_load_peer_sends_three_layers_and_counts_its_echo() {
    let figures = the_load_peer_talks(0).await;
    assert_eq!((figures.lost, figures.total.repeated), (0, 0), "{figures:?}");
}

#[tokio::test]
async fn what_the_load_peer_loses_is_repaired_when_it_asks() {
    let figures = the_load_peer_talks(50_000).await;
    let total = figures.total;
    assert!(total.dropped_on_purpose > 0 && total.repaired > 0 && total.nacked > 0, "{total:?}");
    assert_eq!(total.auth_failures, 0);
}
