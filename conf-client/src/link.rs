//! What a participant and the engine of its media connection say to each other.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use conf_proto::Source;
use tokio::sync::{mpsc, watch};

use crate::reception::Reception;
use crate::synthetic::{CameraPlan, Studio};

/// What a connection offers.
#[derive(Debug, Clone)]
pub struct MediaPlan {
    /// Whether there is a microphone to send.
    pub microphone: bool,
    /// The camera to send, if any.
    pub camera: Option<CameraPlan>,
    /// Lines to receive sound on.
    pub audio_slots: u8,
    /// Lines to receive video on.
    pub video_slots: u8,
    /// The address media is sent from; the server must be reachable from it.
    pub local: IpAddr,
}

impl Default for MediaPlan {
    /// Microphone and a camera of one layer (300 kbit/s, 15 fps), 4 audio slots,
    /// 9 video slots, over loopback.
    fn default() -> Self {
        Self {
            microphone: true,
            camera: Some(CameraPlan::single(300, 15)),
            audio_slots: 4,
            video_slots: 9,
            local: IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }
}

/// The library that plays the WebRTC peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// `str0m`: cheap, with simulcast; see `str0m_peer`.
    #[default]
    Light,
    /// `webrtc`: the second opinion; see `media`.
    Webrtc,
}

/// An offer, and what its sending lines carry by `a=mid`.
#[derive(Debug, Clone)]
pub struct LocalOffer {
    /// The session description.
    pub sdp: String,
    /// Which sending line carries which source.
    pub sources: BTreeMap<String, Source>,
}

/// Where a media connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Waiting for the answer, or for the handshakes.
    Waiting,
    /// Media can flow.
    Connected,
    /// Over; a fresh offer is needed.
    Lost,
}

/// Why a media connection could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// No socket.
    #[error("no socket for media on {local}")]
    Socket {
        /// The address that was asked for.
        local: IpAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The library made no offer.
    #[error("the media library made no offer: {0}")]
    Offer(String),
}

/// What is shared between a participant and its engine. The devices and the
/// counters outlive a connection: a participant who comes back goes on counting.
///
/// Locks, because an engine may run on a thread of its own and touches them for
/// every packet; they are held for a few microseconds and never across a wait.
#[derive(Debug, Clone)]
pub struct Devices {
    studio: Arc<Mutex<Studio>>,
    reception: Arc<Mutex<Reception>>,
}

impl Devices {
    /// Devices according to a plan; `phase` spreads many participants over time.
    #[must_use]
    pub fn new(plan: &MediaPlan, phase: u64) -> Self {
        let studio = Studio::new(Instant::now(), plan.microphone, plan.camera.clone(), phase);
        Self {
            studio: Arc::new(Mutex::new(studio)),
            reception: Arc::new(Mutex::new(Reception::new())),
        }
    }

    /// Works with the synthetic microphone and camera.
    pub fn studio<R>(&self, work: impl FnOnce(&mut Studio) -> R) -> R {
        work(&mut self.studio.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Works with what was received.
    pub fn reception<R>(&self, work: impl FnOnce(&mut Reception) -> R) -> R {
        work(&mut self.reception.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A running media connection; dropping it ends the connection.
#[derive(Debug)]
pub struct Link {
    answers: mpsc::Sender<String>,
    state: watch::Receiver<LinkState>,
}

/// The engine's end of a [`Link`].
#[derive(Debug)]
pub(crate) struct LinkEnd {
    pub(crate) answers: mpsc::Receiver<String>,
    pub(crate) state: watch::Sender<LinkState>,
}

impl Link {
    pub(crate) fn new() -> (Self, LinkEnd) {
        // An offer has one answer; a few more never wait.
        let (answers, answered) = mpsc::channel(4);
        let (telling, state) = watch::channel(LinkState::Waiting);
        (Self { answers, state }, LinkEnd { answers: answered, state: telling })
    }

    /// Hands over the answer to the offer; `false` when the connection is over.
    pub fn accept(&self, sdp: String) -> bool {
        self.answers.try_send(sdp).is_ok()
    }

    /// Where the connection stands.
    #[must_use]
    pub fn state(&self) -> LinkState {
        // An engine that is gone cannot carry media, whatever it said last.
        if self.answers.is_closed() { LinkState::Lost } else { *self.state.borrow() }
    }

    /// Follows where the connection stands.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<LinkState> {
        self.state.clone()
    }
}

/// The time in UTC microseconds, which never goes back within a process.
#[must_use]
pub fn clock_us() -> u64 {
    static START: OnceLock<(Instant, u64)> = OnceLock::new();
    let (start, utc_us) = START.get_or_init(|| {
        let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), utc.as_micros() as u64)
    });
    utc_us + start.elapsed().as_micros() as u64
}
