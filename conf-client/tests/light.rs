//! The light peer against a plain str0m peer that answers, over loopback sockets.
#![cfg(feature = "driver")]

use std::time::{Duration, Instant};

use conf_client::light;
use conf_client::link::{Devices, LinkState, MediaPlan};
use conf_client::synthetic::CameraPlan;
use conf_client::synthetic::studio::read_payload;
use conf_proto::{ParticipantId, Source};
use str0m::change::SdpOffer;
use str0m::media::{KeyframeRequestKind, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

/// What the answering side saw.
#[derive(Default)]
struct Seen {
    sound: u32,
    heights: Vec<u16>,
    keyframes_asked: bool,
}

struct Answerer {
    rtc: Rtc,
    socket: UdpSocket,
    seen: Seen,
}

impl Answerer {
    async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut rtc = RtcConfig::new().set_rtp_mode(true).build(Instant::now());
        let here = Candidate::host(socket.local_addr().unwrap(), "udp").unwrap();
        rtc.add_local_candidate(here);
        Self { rtc, socket, seen: Seen::default() }
    }

    async fn step(&mut self) {
        let until = loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => break at,
                Output::Transmit(t) => {
                    self.socket.send_to(&t.contents, t.destination).await.unwrap();
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    let mut direct = self.rtc.direct_api();
                    let Some(stream) = direct.stream_rx(&packet.header.ssrc) else { continue };
                    let mid = stream.mid();
                    let video = self.rtc.media(mid).unwrap().kind() == MediaKind::Video;
                    let seen = read_payload(&packet.payload, video).expect("a marked payload");
                    assert_eq!(seen.mark.from, ParticipantId::from_number(9));
                    if video {
                        self.seen.heights.extend(seen.keyframe.map(|(_, height)| height));
                        if self.seen.heights.len() >= 3 && !self.seen.keyframes_asked {
                            self.seen.keyframes_asked = true;
                            let mut direct = self.rtc.direct_api();
                            let stream = direct.stream_rx(&packet.header.ssrc).unwrap();
                            stream.request_keyframe(KeyframeRequestKind::Pli);
                        }
                    } else {
                        self.seen.sound += 1;
                    }
                }
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
}

#[tokio::test]
async fn sound_three_layers_and_a_keyframe_on_demand_arrive() {
    let plan = MediaPlan { camera: Some(CameraPlan::simulcast(1500, 20)), ..MediaPlan::default() };
    let devices = Devices::new(&plan, 3);
    let (offer, link) =
        light::start(&plan, devices.clone(), &tokio::runtime::Handle::current()).unwrap();
    assert_eq!(offer.sources.len(), 2);
    assert_eq!(offer.sdp.matches("a=recvonly").count(), 13);
    for wanted in ["a=rid:q send", "a=rid:h send", "a=rid:f send", "a=simulcast:send q;h;f"] {
        assert!(offer.sdp.contains(wanted), "{wanted} in\n{}", offer.sdp);
    }

    let mut answerer = Answerer::new().await;
    let answer = answerer
        .rtc
        .sdp_api()
        .accept_offer(SdpOffer::from_sdp_string(&offer.sdp).unwrap())
        .unwrap();
    assert!(link.accept(answer.to_sdp_string()));
    devices.studio(|studio| {
        studio.identify(ParticipantId::from_number(9));
        studio.switch(Instant::now(), Source::Microphone, true);
        studio.switch(Instant::now(), Source::Camera, true);
    });
    let story = async {
        while answerer.seen.sound < 20 || answerer.seen.heights.len() < 4 {
            answerer.step().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), story).await.expect("media arrives in time");
    assert_eq!(link.state(), LinkState::Connected);
    let mut first = answerer.seen.heights[..3].to_vec();
    first.sort_unstable();
    assert_eq!(first, [180, 360, 720]);
}
