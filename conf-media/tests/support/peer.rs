//! One participant: a str0m peer that sends synthetic sound and pictures.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Once,
    time::{Duration, Instant, SystemTime},
};

use conf_media::{EndpointId, TrackId, rtp::Codec as Named};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    bwe::{Bitrate, BweKind},
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer},
    net::{Protocol, Receive, TcpType},
    rtp::{ExtensionValues, RtpWrite},
};

use super::{
    codecs::{Frame, PARTS, write},
    picture::{Mark, opus, red},
};

/// Payload type of redundant sound, as these peers number it.
pub const RED: u8 = 63;

/// What a participant offers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    pub audio: bool,
    /// Heights of the camera's layers; one is no simulcast, none no camera.
    pub video: &'static [u16],
    /// What it shows is no camera.
    pub shares: bool,
    pub audio_slots: usize,
    pub video_slots: usize,
    /// The peer estimates what its link carries, from the shard's feedback.
    pub estimates: bool,
    /// The video codecs it has; VP8 alone when none is named.
    pub codecs: &'static [Named],
    /// It knows redundant sound, and sends so many packets twice if it may.
    pub red: Option<u8>,
    /// It repeats a packet no sooner than so long after it last did; at any time if none.
    pub repeats_apart: Option<Duration>,
    pub reach: Reach,
}

/// What a participant's network lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Udp,
    Tcp,
    Both,
}

impl Plan {
    pub fn full() -> Self {
        Self { audio: true, video: &[360], audio_slots: 3, video_slots: 3, ..Self::default() }
    }

    pub fn viewer() -> Self {
        Self { audio_slots: 3, video_slots: 3, ..Self::default() }
    }
}

/// An RTP packet that arrived, repaired or not.
#[derive(Clone, Debug)]
pub struct Received {
    pub at: Instant,
    pub mid: String,
    pub ssrc: u32,
    pub seq: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub payload_type: u8,
    pub payload: Vec<u8>,
}

/// One stream that is sent.
pub struct Stream {
    pub track: TrackId,
    pub mid: Mid,
    pub rid: Option<Rid>,
    pub layer: u8,
    pub height: u16,
    /// Milliseconds from frame to frame: what a picture costs.
    pub every: u32,
    /// Packets of one frame; another number than the usual one in VP8 only.
    pub parts: u8,
    pub on: bool,
    /// Loudness, decibels below full scale.
    pub below_full_db: i8,
    pub frame: u32,
    pub keyframes: u32,
    seq: u64,
    timestamp: u32,
    keyframe: bool,
    next: Instant,
}

pub struct Peer {
    pub id: EndpointId,
    pub address: SocketAddr,
    /// Where its TCP connection begins; a stream is a link that carries datagrams here.
    pub stream: SocketAddr,
    /// Where the server sees its UDP come from: an address translator's choice.
    pub outside: SocketAddr,
    pub rtc: Rtc,
    pub streams: Vec<Stream>,
    pub received: Vec<Received>,
    /// When a keyframe was asked for, and of which layer.
    pub keyframe_requests: Vec<(Instant, u8)>,
    /// Bits per second, as estimated in the course of time.
    pub estimates: Vec<u64>,
    /// Stops everything, as a pulled plug does.
    pub unplugged: bool,
    /// Keeps no copy of what arrives.
    pub forgetful: bool,
    /// The latest sender report in each slot: wall clock and RTP time of one moment.
    pub reports: BTreeMap<String, (SystemTime, u32)>,
    number: u8,
    shares: bool,
    red: Option<u8>,
    repeats_apart: Option<Duration>,
    offer: String,
    outgoing: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    /// When each packet was repeated last, by stream, time and length.
    repeated: BTreeMap<(u32, u32, usize), Instant>,
    pending: Option<SdpPendingOffer>,
    timeout: Instant,
}

/// Packets a publisher can repeat, and for how long.
const KEPT: usize = 600;
const KEPT_FOR: Duration = Duration::from_secs(3);

impl Stream {
    /// Begins its next frame anew, as an encoder does that was switched on.
    pub fn ask_keyframe(&mut self) {
        self.keyframe = true;
    }
}

impl Peer {
    pub fn new(number: usize, address: SocketAddr, plan: Plan, now: Instant) -> Self {
        static CRYPTO: Once = Once::new();
        CRYPTO.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
        let has = |codec| plan.codecs.contains(&codec);
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, plan.red.is_some())
            .enable_vp8(has(Named::Vp8) || plan.codecs.is_empty())
            .enable_h264(has(Named::H264))
            .enable_vp9(has(Named::Vp9))
            .enable_av1(has(Named::Av1))
            .enable_bwe(plan.estimates.then(|| Bitrate::kbps(300)))
            .build(now);
        let stream = SocketAddr::new(address.ip(), address.port() + 1);
        if plan.reach != Reach::Tcp {
            rtc.add_local_candidate(Candidate::host(address, "udp").unwrap()).unwrap();
        }
        if plan.reach != Reach::Udp {
            let tcp = Candidate::builder().tcp().host(stream).tcptype(TcpType::Active);
            rtc.add_local_candidate(tcp.build().unwrap()).unwrap();
        }
        let mut change = rtc.sdp_api();
        let mut streams = Vec::new();
        let making = |track: u64, mid, rid, layer: u8, height| Stream {
            track: TrackId(100 * (number as u64 + 1) + track),
            mid,
            rid,
            layer,
            height,
            every: 33,
            parts: PARTS,
            on: true,
            below_full_db: -30,
            frame: 0,
            keyframes: 0,
            seq: 60_000 + 1_000 * u64::from(layer),
            timestamp: 0xffff_0000 + u32::from(layer) * 1_000,
            keyframe: true,
            next: now,
        };
        if plan.audio {
            let mid = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
            streams.push(making(0, mid, None, 0, 0));
        }
        if !plan.video.is_empty() {
            let names = &["l", "m", "h"][..plan.video.len()];
            let layered = names.len() > 1;
            let simulcast = layered.then(|| {
                let mut simulcast = Simulcast::new();
                names.iter().for_each(|name| simulcast.add_send_layer(SimulcastLayer::new(name)));
                simulcast
            });
            let mid =
                change.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
            for (layer, (&height, name)) in plan.video.iter().zip(names).enumerate() {
                let rid = layered.then(|| Rid::from(*name));
                streams.push(making(1, mid, rid, layer as u8, height));
            }
        }
        for (kind, count) in
            [(MediaKind::Audio, plan.audio_slots), (MediaKind::Video, plan.video_slots)]
        {
            for _ in 0..count {
                change.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        let (offer, pending) = change.apply().expect("there is something to offer");
        Self {
            id: EndpointId(number as u64 + 1),
            address,
            stream,
            outside: address,
            rtc,
            streams,
            received: Vec::new(),
            reports: BTreeMap::new(),
            keyframe_requests: Vec::new(),
            estimates: Vec::new(),
            unplugged: false,
            forgetful: false,
            number: number as u8,
            shares: plan.shares,
            red: plan.red,
            repeats_apart: plan.repeats_apart,
            repeated: BTreeMap::new(),
            offer: offer.to_sdp_string(),
            outgoing: Vec::new(),
            pending: Some(pending),
            timeout: now,
        }
    }

    /// The offer and which track each sending line carries.
    pub fn offer(&self) -> (String, BTreeMap<String, TrackId>) {
        let tracks = self.streams.iter().map(|s| (s.mid.to_string(), s.track)).collect();
        (self.offer.clone(), tracks)
    }

    /// An offer with further video slots.
    pub fn offer_more(&mut self, video: usize) -> (String, BTreeMap<String, TrackId>) {
        let mut change = self.rtc.sdp_api();
        for _ in 0..video {
            change.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = change.apply().expect("there is something to offer");
        self.offer = offer.to_sdp_string();
        self.pending = Some(pending);
        self.offer()
    }

    /// An offer with fresh ICE credentials.
    pub fn offer_restart(&mut self) -> (String, BTreeMap<String, TrackId>) {
        let mut change = self.rtc.sdp_api();
        change.ice_restart(true);
        let (offer, pending) = change.apply().expect("there is something to offer");
        self.offer = offer.to_sdp_string();
        self.pending = Some(pending);
        self.offer()
    }

    /// An offer in which the slot `mid` carries nothing any more, or something again.
    pub fn offer_slot(&mut self, mid: &str, receives: bool) -> (String, BTreeMap<String, TrackId>) {
        let mut change = self.rtc.sdp_api();
        let direction = if receives { Direction::RecvOnly } else { Direction::Inactive };
        change.set_direction(Mid::from(mid), direction);
        let (offer, pending) = change.apply().expect("there is something to offer");
        self.offer = offer.to_sdp_string();
        self.pending = Some(pending);
        self.offer()
    }

    /// Asks for a keyframe in one slot.
    pub fn ask_keyframe(&mut self, mid: &str) {
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(Mid::from(mid), None).expect("something arrived");
        stream.request_keyframe(KeyframeRequestKind::Pli);
    }

    /// From which SSRC each slot that ever carried something was last sent.
    pub fn streams_in_slots(&self) -> BTreeMap<String, u32> {
        self.received.iter().map(|packet| (packet.mid.clone(), packet.ssrc)).collect()
    }

    /// Which of its tracks show its person.
    pub fn cameras(&self) -> BTreeSet<TrackId> {
        self.streams.iter().filter(|s| s.height > 0 && !self.shares).map(|s| s.track).collect()
    }

    pub fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("the answer can be read");
        let pending = self.pending.take().expect("an offer is open");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
    }

    /// Each track once.
    pub fn tracks(&self) -> Vec<TrackId> {
        let mut tracks: Vec<_> = self.streams.iter().map(|stream| stream.track).collect();
        tracks.dedup();
        tracks
    }

    pub fn audio(&self) -> TrackId {
        TrackId(100 * (u64::from(self.number) + 1))
    }

    pub fn video(&self) -> TrackId {
        TrackId(100 * (u64::from(self.number) + 1) + 1)
    }

    /// What arrived in one slot, in order of arrival.
    pub fn in_slot(&self, mid: &str) -> Vec<&Received> {
        self.received.iter().filter(|packet| packet.mid == mid).collect()
    }

    /// When something happens by itself.
    pub fn next(&self) -> Instant {
        let media = self.streams.iter().filter(|stream| stream.on).map(|stream| stream.next);
        media.fold(self.timeout, Instant::min)
    }

    /// Takes in what the server sent to `outside` or `stream`.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if self.unplugged {
            return;
        }
        let Ok(contents) = bytes.try_into() else { panic!("not a datagram of WebRTC") };
        let (proto, destination) = if to == self.stream {
            (Protocol::Tcp, self.stream)
        } else {
            (Protocol::Udp, self.address)
        };
        let receive = Receive { proto, source, destination, contents };
        self.rtc.handle_input(Input::Receive(now, receive)).expect("the peer goes on");
        self.drain(now);
    }

    /// Sends what is due and does what the peer wants.
    pub fn turn(&mut self, now: Instant, mut send: impl FnMut(SocketAddr, SocketAddr, Vec<u8>)) {
        self.rtc.handle_input(Input::Timeout(now)).expect("the peer goes on");
        self.drain(now);
        for at in 0..self.streams.len() {
            if self.streams[at].next <= now {
                self.produce(now, at);
            }
        }
        let (address, outside) = (self.address, self.outside);
        for (from, to, bytes) in self.outgoing.drain(..).filter(|_| !self.unplugged) {
            send(if from == address { outside } else { from }, to, bytes);
        }
    }

    fn produce(&mut self, now: Instant, at: usize) {
        let stream = &mut self.streams[at];
        let video = stream.height > 0;
        let (every, ticks) = if video { (stream.every, 90 * stream.every) } else { (20, 960) };
        stream.next = now + Duration::from_millis(every.into());
        stream.timestamp = stream.timestamp.wrapping_add(ticks);
        if !stream.on || !self.rtc.is_connected() {
            return;
        }
        // What the answer left: one video codec, or sound.
        let answered = self.rtc.media(stream.mid).expect("a line of ours").remote_pts();
        let params = self.rtc.codec_config().find(|params| {
            params.spec().codec.is_video() == video && answered.contains(&params.pt())
        });
        let params = params.expect("the codec is negotiated");
        let codec = match params.spec().codec {
            Codec::H264 => Named::H264,
            Codec::Vp9 => Named::Vp9,
            Codec::Av1 => Named::Av1,
            _ => Named::Vp8,
        };
        let repeated = self.red.filter(|_| !video);
        let pt = if repeated.is_some() { Pt::new_with_value(RED) } else { params.pt() };
        let opus_pt = *params.pt();
        stream.frame += 1;
        let keyframe = std::mem::take(&mut stream.keyframe);
        stream.keyframes += u32::from(video && keyframe);
        let parts = if video { stream.parts } else { 1 };
        for part in 0..parts {
            let stream = &mut self.streams[at];
            let mark = Mark { peer: self.number, layer: stream.layer, frame: stream.frame, part };
            let payload = if video {
                // Frame numbers as they happen to be: every layer counts its own.
                let picture = (stream.frame as u16).wrapping_add(300 * u16::from(stream.layer));
                let (tl0, height) = (stream.frame as u8, stream.height);
                write(codec, Frame { mark, picture: picture & 0x7fff, tl0, keyframe, height })
            } else {
                repeated.map_or_else(|| opus(mark), |repeated| red(opus_pt, mark, repeated))
            };
            let level = ExtensionValues {
                audio_level: (!video).then_some(stream.below_full_db),
                voice_activity: (!video).then_some(true),
                ..Default::default()
            };
            let packet = RtpWrite::new(pt, stream.seq.into(), stream.timestamp, now, payload)
                .marker(video && part + 1 == parts)
                .nackable(video)
                .ext_vals(level);
            stream.seq += 1;
            let (mid, rid) = (stream.mid, stream.rid);
            let mut direct = self.rtc.direct_api();
            let sends = direct.stream_tx_by_mid(mid, rid).expect("the line sends");
            if stream.frame == 1 && part == 0 {
                // As browsers do, it repeats whatever is asked for, however much that is.
                sends.set_rtx_cache(KEPT, KEPT_FOR, None);
            }
            sends.write_rtp(packet);
            self.rtc.handle_input(Input::Timeout(now)).expect("the peer goes on");
            self.drain(now);
        }
    }

    fn drain(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output().expect("the peer goes on") {
                Output::Timeout(at) => {
                    self.timeout = at.max(now + Duration::from_millis(1));
                    return;
                }
                Output::Transmit(datagram) => {
                    let (from, to) = (datagram.source, datagram.destination);
                    if self.repeats_too_soon(now, &datagram.contents) {
                        continue;
                    }
                    self.outgoing.push((from, to, datagram.contents.to_vec()));
                }
                Output::Event(event) => self.note(now, event),
            }
        }
    }

    /// Whether a browser would not send this: it repeats a packet no sooner than a round trip after it
    /// last did. Repeats come on streams of their own, so what is sent first is never one.
    fn repeats_too_soon(&mut self, now: Instant, datagram: &[u8]) -> bool {
        let Some(apart) = self.repeats_apart else { return false };
        let (Some([128..192, kind]), Some(head)) = (datagram.first_chunk(), datagram.get(4..12))
        else {
            return false;
        };
        if (192..224).contains(kind) {
            return false; // RTCP
        }
        let word =
            |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let packet = (word(4), word(0), datagram.len());
        let soon = self.repeated.get(&packet).is_some_and(|at| now - *at < apart);
        if !soon {
            self.repeated.insert(packet, now);
        }
        soon
    }

    fn note(&mut self, now: Instant, event: Event) {
        match event {
            Event::RtpPacket(packet) if !self.forgetful => {
                let ssrc = packet.header.ssrc;
                let mid = self.rtc.direct_api().stream_rx(&ssrc).expect("known").mid();
                self.received.push(Received {
                    at: now,
                    mid: mid.to_string(),
                    ssrc: *ssrc,
                    seq: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    payload_type: *packet.header.payload_type,
                    payload: packet.payload.to_vec(),
                });
            }
            Event::SenderFeedback(report) => {
                let info = report.sender_info;
                self.reports
                    .insert(report.mid.to_string(), (info.ntp_time, info.rtp_time.numer() as u32));
            }
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.estimates.push(estimate.as_u64());
            }
            Event::KeyframeRequest(request) => {
                assert_eq!(request.kind, KeyframeRequestKind::Pli);
                let wanted = self
                    .streams
                    .iter_mut()
                    .find(|stream| stream.mid == request.mid && stream.rid == request.rid)
                    .expect("a layer we send");
                wanted.keyframe = true;
                self.keyframe_requests.push((now, wanted.layer));
            }
            _ => {}
        }
    }
}
