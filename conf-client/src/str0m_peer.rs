//! The cheap peer: `str0m`, one task per connection, no thread of its own.
//!
//! Many participants can share one single-threaded runtime; that is how the load
//! tool keeps its own cost small beside the server it measures.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use conf_proto::{Source, VideoCodec};
use socket2::{Domain, Protocol as SocketProtocol, Socket, Type};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{
    Direction, KeyframeRequest, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer,
};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig, RtcError};
use tokio::net::UdpSocket;
use tokio::runtime::Handle;
use tokio::time::sleep_until;

use crate::link::{Devices, Link, LinkEnd, LinkState, LocalOffer, MediaError, MediaPlan, clock_us};
use crate::reception::Arrived;
use crate::synthetic::Packet;
use crate::synthetic::studio::SILENCE;

/// Datagrams read before timers and devices get their turn.
const READ_BATCH: usize = 64;
/// Nothing waits longer than this, whatever the library says.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Socket buffers, in bytes: bursts of nine cameras' keyframes fit.
const SOCKET_BUFFER: usize = 4 << 20;

/// Starts a connection on `runtime` and gives its offer.
///
/// # Errors
/// When there is no socket on the plan's address.
pub fn start(
    plan: &MediaPlan,
    devices: Devices,
    runtime: &Handle,
) -> Result<(LocalOffer, Link), MediaError> {
    let (socket, address) =
        socket(plan).map_err(|source| MediaError::Socket { local: plan.local, source })?;
    let mut rtc = RtcConfig::new()
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        .enable_h264(true)
        .enable_vp9(true)
        .enable_av1(true)
        .set_rtp_mode(true)
        .build(Instant::now());
    let candidate =
        Candidate::host(address, "udp").map_err(|e| MediaError::Offer(e.to_string()))?;
    rtc.add_local_candidate(candidate);

    let mut lines = Vec::new();
    let mut change = rtc.sdp_api();
    if plan.microphone {
        let mid = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        lines.push((Source::Microphone, mid, vec![None]));
    }
    if let Some(camera) = &plan.camera {
        let rids: Vec<Option<Rid>> =
            camera.layers.iter().map(|layer| layer.rid.map(Rid::from)).collect();
        let simulcast = (rids.len() > 1).then(|| {
            let mut simulcast = Simulcast::new();
            for layer in camera.layers.iter().filter_map(|layer| layer.rid) {
                simulcast.add_send_layer(SimulcastLayer::new(layer));
            }
            simulcast
        });
        let mid = change.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
        lines.push((Source::Camera, mid, rids));
    }
    for (kind, slots) in
        [(MediaKind::Audio, plan.audio_slots), (MediaKind::Video, plan.video_slots)]
    {
        for _ in 0..slots {
            change.add_media(kind, Direction::RecvOnly, None, None, None);
        }
    }
    let (offer, pending) =
        change.apply().ok_or_else(|| MediaError::Offer("the plan has no lines".to_owned()))?;
    let sources: BTreeMap<_, _> =
        lines.iter().map(|(source, mid, _)| (mid.to_string(), *source)).collect();
    let local = LocalOffer { sdp: offer.to_sdp_string(), sources };

    let (link, end) = Link::new();
    let peer = Peer {
        rtc,
        socket: None,
        address,
        devices,
        pending: Some(pending),
        lines,
        camera: plan.camera.as_ref().map_or(Codec::Vp8, |camera| name_of(camera.codec)),
        sequences: HashMap::new(),
        slots: HashMap::new(),
        connected: false,
    };
    runtime.spawn(async move {
        if let Err(error) = run(peer, socket, end).await {
            tracing::debug!(%error, "media connection ended");
        }
    });
    Ok((local, link))
}

/// The library's name of a codec.
fn name_of(codec: VideoCodec) -> Codec {
    match codec {
        VideoCodec::Vp8 => Codec::Vp8,
        VideoCodec::H264 => Codec::H264,
        VideoCodec::Vp9 => Codec::Vp9,
        VideoCodec::Av1 => Codec::Av1,
    }
}

fn codec_of(name: Codec) -> Option<VideoCodec> {
    VideoCodec::ALL.into_iter().find(|codec| name_of(*codec) == name)
}

fn socket(plan: &MediaPlan) -> io::Result<(std::net::UdpSocket, SocketAddr)> {
    let address = SocketAddr::new(plan.local, 0);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(SocketProtocol::UDP))?;
    // The kernel may grant less; then a burst may cost a repair.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    let socket = std::net::UdpSocket::from(socket);
    let address = socket.local_addr()?;
    Ok((socket, address))
}

struct Peer {
    rtc: Rtc,
    /// There once the task runs: a tokio socket belongs to its runtime.
    socket: Option<UdpSocket>,
    address: SocketAddr,
    devices: Devices,
    pending: Option<SdpPendingOffer>,
    /// Source, line and the layers' rids, lowest first.
    lines: Vec<(Source, Mid, Vec<Option<Rid>>)>,
    /// What the camera makes.
    camera: Codec,
    /// The next sequence number of each sending stream.
    sequences: HashMap<(Mid, Option<Rid>), u64>,
    /// Line and kind of each receiving stream.
    slots: HashMap<Ssrc, (String, bool)>,
    connected: bool,
}

async fn run(
    mut peer: Peer,
    socket: std::net::UdpSocket,
    mut end: LinkEnd,
) -> Result<(), PeerError> {
    let socket = UdpSocket::from_std(socket)?;
    socket.writable().await?;
    peer.socket = Some(socket);
    let result = drive(&mut peer, &mut end).await;
    let _ = end.state.send(LinkState::Lost);
    peer.rtc.disconnect();
    result
}

#[derive(Debug, thiserror::Error)]
enum PeerError {
    #[error("socket failed")]
    Socket(#[from] io::Error),
    #[error("the media library gave up")]
    Library(#[from] RtcError),
    #[error("the answer cannot be read: {0}")]
    Answer(String),
}

async fn drive(peer: &mut Peer, end: &mut LinkEnd) -> Result<(), PeerError> {
    let mut buffer = vec![0; 2048];
    let mut due = peer.drain()?;
    while peer.rtc.is_alive() {
        let state = if peer.connected { LinkState::Connected } else { LinkState::Waiting };
        end.state.send_if_modified(|known| std::mem::replace(known, state) != state);
        let devices_due =
            peer.connected.then(|| peer.devices.studio(|studio| studio.poll_timeout())).flatten();
        let now = Instant::now();
        let wake = devices_due.map_or(due, |at| at.min(due)).min(now + LONGEST_WAIT);
        tokio::select! {
            biased;
            answer = end.answers.recv() => match answer {
                Some(sdp) => due = peer.accept(&sdp)?,
                // The participant let go of the connection.
                None => return Ok(()),
            },
            ready = readable(peer.socket.as_ref()) => {
                ready?;
                for _ in 0..READ_BATCH {
                    match peer.read(&mut buffer)? {
                        Some(at) => due = at,
                        None => break,
                    }
                }
            }
            () = sleep_until(wake.into()) => {}
        }
        let now = Instant::now();
        if now >= due {
            peer.rtc.handle_input(Input::Timeout(now))?;
            due = peer.drain()?;
        }
        if peer.connected {
            due = peer.send(now, due)?;
        }
    }
    Ok(())
}

async fn readable(socket: Option<&UdpSocket>) -> io::Result<()> {
    match socket {
        Some(socket) => socket.readable().await,
        None => std::future::pending().await,
    }
}

impl Peer {
    fn accept(&mut self, sdp: &str) -> Result<Instant, PeerError> {
        let answer =
            SdpAnswer::from_sdp_string(sdp).map_err(|e| PeerError::Answer(e.to_string()))?;
        if let Some(pending) = self.pending.take() {
            self.rtc.sdp_api().accept_answer(pending, answer)?;
        }
        self.drain()
    }

    /// Reads one datagram; `None` when there is none.
    fn read(&mut self, buffer: &mut [u8]) -> Result<Option<Instant>, PeerError> {
        let Some(socket) = &self.socket else { return Ok(None) };
        let (len, source) = match socket.try_recv_from(buffer) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            // The server's port is closed just now: it may be restarting.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Ok(received) = Receive::new(
            Protocol::Udp,
            source,
            self.address,
            buffer.get(..len).unwrap_or_default(),
        ) else {
            return Ok(Some(self.drain()?));
        };
        let input = Input::Receive(Instant::now(), received);
        if self.rtc.accepts(&input) {
            self.rtc.handle_input(input)?;
        }
        Ok(Some(self.drain()?))
    }

    /// Sends what the devices have ready.
    fn send(&mut self, now: Instant, mut due: Instant) -> Result<Instant, PeerError> {
        let mut wrote = false;
        loop {
            let packet = self.devices.studio(|studio| studio.poll(now, clock_us()));
            let Some(packet) = packet else { break };
            wrote |= self.write(packet, now);
            due = self.drain()?;
        }
        if wrote {
            self.rtc.handle_input(Input::Timeout(Instant::now()))?;
            due = self.drain()?;
        }
        Ok(due)
    }

    fn write(&mut self, packet: Packet, now: Instant) -> bool {
        let line = self.lines.iter().find(|(source, ..)| *source == packet.source);
        let Some((source, mid, rids)) = line else { return false };
        let Some(rid) = rids.get(packet.layer).copied() else { return false };
        let audio = *source == Source::Microphone;
        let mid = *mid;
        let Some(pt) = self.payload_type(mid, if audio { Codec::Opus } else { self.camera }) else {
            return false;
        };
        let sequence = self.sequences.entry((mid, rid)).or_insert(1);
        let extensions = ExtensionValues {
            audio_level: audio.then_some(-(packet.level as i8)),
            voice_activity: audio.then_some(packet.level < SILENCE),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(pt, (*sequence).into(), packet.timestamp, now, packet.payload)
            .marker(if audio { packet.timestamp == 0 } else { packet.last })
            .nackable(!audio)
            .ext_vals(extensions);
        *sequence += 1;
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, rid) else { return false };
        stream.write_rtp(write);
        true
    }

    /// What the server wants a codec to be called on a line; `None` when it wants another.
    fn payload_type(&self, mid: Mid, codec: Codec) -> Option<Pt> {
        let wanted = self.rtc.media(mid)?.remote_pts();
        let known = self.rtc.codec_config();
        known.find(|p| p.spec().codec == codec && wanted.contains(&p.pt())).map(|p| p.pt())
    }

    /// Does what the library asks until it only waits; gives until when.
    fn drain(&mut self) -> Result<Instant, PeerError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(transmit) => {
                    if let Some(socket) = &self.socket {
                        // What the socket does not take is lost on the way, as on any network.
                        let _ = socket.try_send_to(&transmit.contents, transmit.destination);
                    }
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.devices.reception(|reception| reception.reconnected());
            }
            Event::RtpPacket(packet) => self.received(&packet),
            Event::KeyframeRequest(request) => self.keyframe(request),
            _ => {}
        }
    }

    fn received(&mut self, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        if !self.slots.contains_key(&ssrc) {
            let Some(mid) = self.rtc.direct_api().stream_rx(&ssrc).map(|stream| stream.mid())
            else {
                return;
            };
            let video = self.rtc.media(mid).is_some_and(|media| media.kind() == MediaKind::Video);
            self.slots.insert(ssrc, (mid.to_string(), video));
        }
        let Some((mid, video)) = self.slots.get(&ssrc) else { return };
        let codec = if *video {
            let pt = packet.header.payload_type;
            let params = self.rtc.codec_config().find(|params| params.pt() == pt);
            let Some(codec) = params.and_then(|params| codec_of(params.spec().codec)) else {
                return;
            };
            Some(codec)
        } else {
            None
        };
        let arrived = Arrived {
            seq: *packet.seq_no,
            timestamp: packet.header.timestamp,
            codec,
            payload: &packet.payload,
            now_us: clock_us(),
        };
        self.devices.reception(|reception| reception.packet(mid, &arrived));
    }

    fn keyframe(&mut self, request: KeyframeRequest) {
        let Some((source, _, rids)) = self.lines.iter().find(|(_, mid, _)| *mid == request.mid)
        else {
            return;
        };
        let layer = rids.iter().position(|rid| *rid == request.rid).unwrap_or(0);
        self.devices.studio(|studio| studio.want_keyframe(*source, layer));
    }
}
