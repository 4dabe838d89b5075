//! The second peer: the `webrtc` crate, so that the server meets another stack.
//!
//! It sends one layer only, the highest of the plan: the library offers rids but
//! leaves writing them into packets to its user. Costs more per packet than
//! [`str0m_peer`](crate::str0m_peer), so it is for tests, not for load.

mod keyframe;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_proto::{Source, VideoCodec};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_AV1, MIME_TYPE_H264, MIME_TYPE_OPUS, MIME_TYPE_VP8, MIME_TYPE_VP9, MediaEngine,
};
use rtc::rtp;
use rtc::rtp::extension::HeaderExtension;
use rtc::rtp::extension::audio_level_extension::AudioLevelExtension;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use webrtc::error::Error;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, RTCSessionDescription, Registry, SettingEngineBuilder,
};
use webrtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};

use crate::link::{Devices, Link, LinkEnd, LinkState, LocalOffer, MediaError, MediaPlan, clock_us};
use crate::reception::Arrived;
use crate::synthetic::Packet;
use crate::synthetic::studio::SILENCE;
use keyframe::KeyframeWatch;

const OPUS: u8 = 111;
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// The watch's place in the library's chain: behind its own interceptors.
const KEYFRAME_WATCH: usize = 14_000;
/// How long finding one's own addresses may take.
const GATHER_WITHIN: Duration = Duration::from_secs(5);

/// Starts a connection on the current runtime and gives its offer.
///
/// # Errors
/// When the library makes no offer.
pub async fn start(plan: &MediaPlan, devices: Devices) -> Result<(LocalOffer, Link), MediaError> {
    let offer_failed = |error: Error| MediaError::Offer(error.to_string());
    let (gathered_in, mut gathered) = watch::channel(false);
    let (state_in, state) = watch::channel(RTCPeerConnectionState::New);
    let (lines_in, lines) = watch::channel(Arc::new(BTreeMap::new()));
    let watcher = Arc::new(Watcher {
        gathered: gathered_in,
        state: state_in,
        lines,
        devices: devices.clone(),
    });

    let mut codecs = codecs().map_err(offer_failed)?;
    let registry =
        register_default_interceptors(Registry::new(), &mut codecs).map_err(offer_failed)?;
    let highest = plan.camera.as_ref().map_or(0, |camera| camera.layers.len().saturating_sub(1));
    let watch = KeyframeWatch::new(devices.clone(), highest);
    let registry = registry.with(KEYFRAME_WATCH.into(), watch);
    let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
    let peer = PeerConnectionBuilder::new()
        .with_media_engine(codecs)
        .with_setting_engine(settings)
        .with_interceptor_registry(registry)
        .with_handler(watcher)
        .with_udp_addrs(vec![SocketAddr::new(plan.local, 0).to_string()])
        .build()
        .await
        .map_err(offer_failed)?;

    let mut senders = Vec::new();
    if plan.microphone {
        senders.push(sender(&peer, None, 0).await.map_err(offer_failed)?);
    }
    if let Some(camera) = &plan.camera {
        let codec = Some(camera.codec);
        senders.push(sender(&peer, codec, highest).await.map_err(offer_failed)?);
    }
    for (kind, slots) in
        [(RtpCodecKind::Audio, plan.audio_slots), (RtpCodecKind::Video, plan.video_slots)]
    {
        for _ in 0..slots {
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Recvonly,
                ..RTCRtpTransceiverInit::default()
            };
            peer.add_transceiver_from_kind(kind, Some(init)).await.map_err(offer_failed)?;
        }
    }
    let offer = peer.create_offer(None).await.map_err(offer_failed)?;
    peer.set_local_description(offer).await.map_err(offer_failed)?;
    // An offer without addresses still connects: the server learns ours.
    let _ = timeout(GATHER_WITHIN, gathered.wait_for(|done| *done)).await;
    let sdp = peer
        .local_description()
        .await
        .map(|description| description.sdp)
        .ok_or_else(|| MediaError::Offer("no local description".to_owned()))?;

    let sending = sections(&sdp).filter(|section| section.attribute("sendonly").is_some());
    let sources = sending
        .zip(&senders)
        .filter_map(|(section, sender)| Some((section.attribute("mid")?.to_owned(), sender.source)))
        .collect();
    let (link, end) = Link::new();
    tokio::spawn(async move {
        if let Err(error) = drive(&peer, &senders, devices, lines_in, state, end).await {
            tracing::debug!(%error, "media connection ended");
        }
        // Nothing is left to do when closing fails.
        let _ = peer.close().await;
    });
    Ok((LocalOffer { sdp, sources }, link))
}

/// A codec's media type, our payload type for it, and its parameters.
const fn described(codec: VideoCodec) -> (&'static str, u8, &'static str) {
    match codec {
        VideoCodec::Vp8 => (MIME_TYPE_VP8, 96, ""),
        VideoCodec::Vp9 => (MIME_TYPE_VP9, 98, "profile-id=0"),
        VideoCodec::H264 => (
            MIME_TYPE_H264,
            102,
            "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        ),
        VideoCodec::Av1 => (MIME_TYPE_AV1, 104, "profile=0"),
    }
}

fn codecs() -> Result<MediaEngine, Error> {
    let mut engine = MediaEngine::default();
    let codec =
        |mime: &str, clock_rate, channels, fmtp: &str, payload_type| RTCRtpCodecParameters {
            rtp_codec: RTCRtpCodec {
                mime_type: mime.to_owned(),
                clock_rate,
                channels,
                sdp_fmtp_line: fmtp.to_owned(),
                rtcp_feedback: Vec::new(),
            },
            payload_type,
        };
    let opus = codec(MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1", OPUS);
    engine.register_codec(opus, RtpCodecKind::Audio)?;
    for video in VideoCodec::ALL {
        let (mime, pt, fmtp) = described(video);
        let repairs = codec("video/rtx", 90_000, 0, &format!("apt={pt}"), pt + 1);
        engine.register_codec(codec(mime, 90_000, 0, fmtp, pt), RtpCodecKind::Video)?;
        engine.register_codec(repairs, RtpCodecKind::Video)?;
    }
    let level = RTCRtpHeaderExtensionCapability { uri: AUDIO_LEVEL.to_owned() };
    engine.register_header_extension(level, RtpCodecKind::Audio, None)?;
    Ok(engine)
}

struct Sender {
    source: Source,
    layer: usize,
    ssrc: u32,
    payload_type: u8,
    track: Arc<TrackLocalStaticRTP>,
}

/// A camera in `codec`, or the microphone.
async fn sender(
    peer: &impl PeerConnection,
    codec: Option<VideoCodec>,
    layer: usize,
) -> Result<Sender, Error> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|e| Error::Other(e.to_string()))?;
    let ssrc = u32::from_be_bytes(bytes);
    let (source, name, kind) = match codec {
        Some(_) => (Source::Camera, "camera", RtpCodecKind::Video),
        None => (Source::Microphone, "microphone", RtpCodecKind::Audio),
    };
    let (mime, payload_type, clock_rate, channels) = match codec.map(described) {
        Some((mime, payload_type, _)) => (mime, payload_type, 90_000, 0),
        None => (MIME_TYPE_OPUS, OPUS, 48_000, 2),
    };
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..RTCRtpCodingParameters::default()
        },
        active: true,
        codec: RTCRtpCodec {
            mime_type: mime.to_owned(),
            clock_rate,
            channels,
            ..RTCRtpCodec::default()
        },
        ..RTCRtpEncodingParameters::default()
    };
    let name = name.to_owned();
    let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "conf".to_owned(),
        name.clone(),
        name,
        kind,
        vec![coding],
    )));
    let init = RTCRtpTransceiverInit {
        direction: RTCRtpTransceiverDirection::Sendonly,
        ..RTCRtpTransceiverInit::default()
    };
    peer.add_transceiver_from_track(track.clone(), Some(init)).await?;
    Ok(Sender { source, layer, ssrc, payload_type, track })
}

async fn drive(
    peer: &impl PeerConnection,
    senders: &[Sender],
    devices: Devices,
    lines: watch::Sender<Arc<Lines>>,
    mut state: watch::Receiver<RTCPeerConnectionState>,
    mut end: LinkEnd,
) -> Result<(), Error> {
    let mut sequences = [0_u16; 2];
    let mut connected = false;
    loop {
        let due = connected.then(|| devices.studio(|studio| studio.poll_timeout())).flatten();
        let wake = due.unwrap_or_else(|| Instant::now() + Duration::from_millis(20));
        tokio::select! {
            answer = end.answers.recv() => {
                let Some(sdp) = answer else { return Ok(()) };
                lines.send_replace(Arc::new(line_of_ssrc(&sdp)));
                peer.set_remote_description(RTCSessionDescription::answer(sdp)?).await?;
            }
            changed = state.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                match *state.borrow_and_update() {
                    RTCPeerConnectionState::Connected => {
                        connected = true;
                        devices.reception(|reception| reception.reconnected());
                        end.state.send_replace(LinkState::Connected);
                    }
                    RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => {
                        end.state.send_replace(LinkState::Lost);
                        return Ok(());
                    }
                    _ => {}
                }
            }
            () = sleep_until(wake.into()) => {}
        }
        let next = || devices.studio(|studio| studio.poll(Instant::now(), clock_us()));
        while let Some(packet) = connected.then(next).flatten() {
            let sender = senders.iter().zip(&mut sequences);
            let found = sender
                .into_iter()
                .find(|(s, _)| s.source == packet.source && s.layer == packet.layer);
            if let Some((sender, sequence)) = found {
                send(sender, sequence, packet).await?;
            }
        }
    }
}

async fn send(sender: &Sender, sequence: &mut u16, packet: Packet) -> Result<(), Error> {
    let audio = sender.source == Source::Microphone;
    let header = rtp::Header {
        version: 2,
        marker: packet.last && !audio,
        payload_type: sender.payload_type,
        sequence_number: *sequence,
        timestamp: packet.timestamp,
        ssrc: sender.ssrc,
        ..rtp::Header::default()
    };
    *sequence = sequence.wrapping_add(1);
    let level = packet.level;
    let packet = rtp::Packet { header, payload: packet.payload.into() };
    if audio {
        let voice = level < SILENCE;
        let level = HeaderExtension::AudioLevel(AudioLevelExtension { level, voice });
        sender.track.write_rtp_with_extensions(packet, &[level]).await
    } else {
        sender.track.write_rtp(packet).await
    }
}

struct Watcher {
    gathered: watch::Sender<bool>,
    state: watch::Sender<RTCPeerConnectionState>,
    lines: watch::Receiver<Arc<Lines>>,
    devices: Devices,
}

type Soon<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

// Written out, as the library's macro would: one macro less in the tree.
impl PeerConnectionEventHandler for Watcher {
    fn on_ice_gathering_state_change<'a, 'b>(&'a self, state: RTCIceGatheringState) -> Soon<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            if state == RTCIceGatheringState::Complete {
                self.gathered.send_replace(true);
            }
        })
    }

    fn on_connection_state_change<'a, 'b>(&'a self, state: RTCPeerConnectionState) -> Soon<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.state.send_replace(state);
        })
    }

    fn on_track<'a, 'b>(&'a self, track: Arc<dyn TrackRemote>) -> Soon<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            tokio::spawn(receive(track, self.lines.clone(), self.devices.clone()));
        })
    }
}

async fn receive(
    track: Arc<dyn TrackRemote>,
    lines: watch::Receiver<Arc<Lines>>,
    devices: Devices,
) {
    let mut extended = Extended::default();
    while let Some(event) = track.poll().await {
        let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
        let lines = lines.borrow().clone();
        let Some((mid, video)) = lines.get(&packet.header.ssrc) else { continue };
        let pt = packet.header.payload_type;
        let codec = VideoCodec::ALL.into_iter().find(|codec| described(*codec).1 == pt);
        if codec.is_some() != *video {
            continue;
        }
        let arrived = Arrived {
            seq: extended.take(packet.header.sequence_number),
            timestamp: packet.header.timestamp,
            codec,
            payload: &packet.payload,
            now_us: clock_us(),
        };
        devices.reception(|reception| reception.packet(mid, &arrived));
    }
}

/// 16-bit sequence numbers counted on beyond their wrap (RFC 3550, appendix A.1).
#[derive(Default)]
struct Extended {
    last: Option<u64>,
}

impl Extended {
    fn take(&mut self, sequence: u16) -> u64 {
        // Begins one turn up, so that what was overtaken at the start stays positive.
        let last = *self.last.get_or_insert(0x1_0000 + u64::from(sequence));
        // The distance is signed by design: half a turn either way.
        let distance = sequence.wrapping_sub(last as u16) as i16;
        let extended = last.saturating_add_signed(i64::from(distance));
        self.last = Some(last.max(extended));
        extended
    }
}

/// The line (`a=mid`) of each stream, and whether it is video.
type Lines = BTreeMap<u32, (String, bool)>;

fn line_of_ssrc(sdp: &str) -> Lines {
    let mut lines = Lines::new();
    for section in sections(sdp) {
        let Some(mid) = section.attribute("mid") else { continue };
        for ssrc in section.all("ssrc") {
            let ssrc = ssrc.split_ascii_whitespace().next().and_then(|text| text.parse().ok());
            if let Some(ssrc) = ssrc {
                lines.insert(ssrc, (mid.to_owned(), section.text.starts_with("video")));
            }
        }
    }
    lines
}

/// One m-line of a description with its attributes.
struct Section<'a> {
    text: &'a str,
}

fn sections(sdp: &str) -> impl Iterator<Item = Section<'_>> {
    // The part before the first m-line is about the session.
    sdp.split("\nm=").skip(1).map(|text| Section { text })
}

impl<'a> Section<'a> {
    fn attribute(&self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// The values of all attributes of this name; of a flag, the empty text.
    fn all(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.text
            .lines()
            // The split takes a section's last line feed and leaves its carriage return.
            .filter_map(move |line| line.trim_end().strip_prefix("a=")?.strip_prefix(name))
            .filter_map(|rest| if rest.is_empty() { Some("") } else { rest.strip_prefix(':') })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_found_by_their_lines() {
        let sdp = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=sendonly\r\na=ssrc:7 cname:c\r\n\
                   m=video 9 X 96\r\na=mid:v1\r\na=ssrc-group:FID 8 9\r\na=ssrc:8 cname:c\r\n\
                   a=ssrc:9 cname:c\r\n";
        let lines = line_of_ssrc(sdp);
        assert_eq!(lines.get(&7), Some(&("0".to_owned(), false)));
        assert_eq!(lines.get(&9), Some(&("v1".to_owned(), true)));
        assert_eq!(lines.len(), 3);
        let first = sections(sdp).next().unwrap();
        assert!(first.attribute("sendonly").is_some());
        assert!(first.attribute("recvonly").is_none());
    }

    #[test]
    fn sequence_numbers_count_on_beyond_their_wrap() {
        let mut extended = Extended::default();
        let first = extended.take(65_534);
        assert_eq!(extended.take(1), first + 3);
        assert_eq!(extended.take(65_535), first + 1);
        assert_eq!(extended.take(2), first + 4);
    }

    #[tokio::test]
    async fn the_offer_has_a_line_for_everything_in_the_plan() {
        let plan = MediaPlan { video_slots: 2, audio_slots: 1, ..MediaPlan::default() };
        let (offer, link) = start(&plan, Devices::new(&plan, 0)).await.unwrap();
        assert_eq!(offer.sources.len(), 2, "{}", offer.sdp);
        assert_eq!(offer.sdp.matches("a=recvonly").count(), 3);
        assert_eq!(link.state(), LinkState::Waiting);
    }
}
