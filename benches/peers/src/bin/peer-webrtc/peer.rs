//! One connection of the library: an offer answered, tracks made, the end heard.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use conf_peers::lines::Kind;
use conf_peers::whip::Way;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine,
};
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use webrtc::error::Error;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, RTCSessionDescription, Registry, SettingEngineBuilder,
};
use webrtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};

use crate::description::{Section, sections};
use crate::keyframe::{Listen, Wishes};
use crate::line::Line;

/// The listener's place in the library's chain: behind its own interceptors.
const LISTEN: usize = 14_000;
/// How long finding one's own address may take.
const GATHER_WITHIN: Duration = Duration::from_secs(5);

/// What a connection tells.
pub(crate) enum News {
    /// Media of a publisher began to arrive.
    Track(Arc<dyn TrackRemote>),
    /// Media can flow.
    Connected,
    /// It is over.
    Ended,
}

/// A connection that was answered.
pub(crate) struct Answered {
    pub(crate) peer: Arc<dyn PeerConnection>,
    pub(crate) answer: String,
    /// The lines a publisher sends on.
    pub(crate) sources: Vec<Section>,
    /// The lines a player receives on.
    pub(crate) lines: Vec<Line>,
}

/// Answers an offer; `news` tells what becomes of the connection.
pub(crate) async fn answer(
    way: Way,
    offer: &str,
    here: SocketAddr,
    ssrc: &mut u32,
    wishes: &Wishes,
    news: mpsc::Sender<News>,
) -> Result<Answered, Error> {
    let (gathered_in, mut gathered) = watch::channel(false);
    let mut codecs = codecs()?;
    let registry = register_default_interceptors(Registry::new(), &mut codecs)?
        .with(LISTEN.into(), Listen::new(wishes.clone()));
    let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
    let peer = PeerConnectionBuilder::new()
        .with_media_engine(codecs)
        .with_setting_engine(settings)
        .with_interceptor_registry(registry)
        .with_handler(Arc::new(Handler { gathered: gathered_in, news }))
        .with_udp_addrs(vec![SocketAddr::new(here.ip(), 0).to_string()])
        .build()
        .await?;
    let mut tracks = Vec::new();
    if way == Way::Play {
        for section in sections(offer) {
            *ssrc = ssrc.wrapping_add(1).max(1);
            let track = track(section.kind, *ssrc);
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Sendonly,
                ..RTCRtpTransceiverInit::default()
            };
            peer.add_transceiver_from_track(track.clone(), Some(init)).await?;
            tracks.push((*ssrc, track));
        }
    }
    peer.set_remote_description(RTCSessionDescription::offer(offer.to_owned())?).await?;
    let answer = peer.create_answer(None).await?;
    peer.set_local_description(answer).await?;
    let _ = timeout(GATHER_WITHIN, gathered.wait_for(|done| *done)).await;
    let described = peer.local_description().await;
    let answer = described.ok_or_else(|| Error::Other("no local description".to_owned()))?.sdp;
    let ours = sections(&answer);
    let line = |section: &Section| {
        let (ssrc, track) = tracks.iter().find(|(ssrc, _)| Some(*ssrc) == section.ssrc)?;
        Some(Line::new(section.kind, *ssrc, track.clone(), section.types.clone()))
    };
    let lines = ours.iter().filter_map(line).collect();
    let sources = ours.into_iter().filter(|section| section.receives).collect();
    Ok(Answered { peer: Arc::new(peer), answer, sources, lines })
}

fn codecs() -> Result<MediaEngine, Error> {
    let mut engine = MediaEngine::default();
    for kind in [Kind::Audio, Kind::Video] {
        let parameters = RTCRtpCodecParameters {
            rtp_codec: codec(kind),
            payload_type: if kind == Kind::Audio { 111 } else { 96 },
        };
        engine.register_codec(parameters, of_library(kind))?;
    }
    Ok(engine)
}

fn of_library(kind: Kind) -> RtpCodecKind {
    match kind {
        Kind::Audio => RtpCodecKind::Audio,
        Kind::Video => RtpCodecKind::Video,
    }
}

fn codec(kind: Kind) -> RTCRtpCodec {
    let (mime, clock_rate, channels, fmtp) = match kind {
        Kind::Audio => (MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1"),
        Kind::Video => (MIME_TYPE_VP8, 90_000, 0, ""),
    };
    RTCRtpCodec {
        mime_type: mime.to_owned(),
        clock_rate,
        channels,
        sdp_fmtp_line: fmtp.to_owned(),
        rtcp_feedback: Vec::new(),
    }
}

fn track(kind: Kind, ssrc: u32) -> Arc<TrackLocalStaticRTP> {
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..RTCRtpCodingParameters::default()
        },
        active: true,
        codec: codec(kind),
        ..RTCRtpEncodingParameters::default()
    };
    let name = format!("line-{ssrc}");
    let track =
        MediaStreamTrack::new(name.clone(), name.clone(), name, of_library(kind), vec![coding]);
    Arc::new(TrackLocalStaticRTP::new(track))
}

struct Handler {
    gathered: watch::Sender<bool>,
    news: mpsc::Sender<News>,
}

type Soon<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

// Written out, as the library's macro would: one macro less in the tree.
impl PeerConnectionEventHandler for Handler {
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
            let news = match state {
                RTCPeerConnectionState::Connected => News::Connected,
                RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => News::Ended,
                _ => return,
            };
            // Nobody listens any more: the session was ended.
            let _ = self.news.send(news).await;
        })
    }

    fn on_track<'a, 'b>(&'a self, track: Arc<dyn TrackRemote>) -> Soon<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let _ = self.news.send(News::Track(track)).await;
        })
    }
}
