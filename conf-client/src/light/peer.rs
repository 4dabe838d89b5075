//! One load peer: a socket, its handshakes, what it sends and what it receives.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use conf_proto::{ParticipantId, Source, VideoCodec};
use hdrhistogram::Histogram;

use super::answer::{Answer, AnswerError};
use super::counts::Counts;
use super::dtls::{self, Dtls, Keys};
use super::ice::{Credentials, Ice, Outcome};
use super::incoming::{Incoming, Manner, Moment};
use super::offer::{LineOffer, Offer};
use super::outgoing::{Batch, Outgoing};
use super::rtcp::{self, Heard};
use super::socket::{self, Received, Receiver, Sender};
use super::srtp::Profile;
use crate::synthetic::{CameraPlan, Studio};

/// Between two packets of feedback, and between two rounds of requests for packets.
const FEEDBACK_EVERY: Duration = Duration::from_millis(75);
/// Between two reports on what was received.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Reports one datagram holds.
const REPORTS_AT_ONCE: usize = 31;
/// Batches read before others get their turn.
const READS: usize = 4;

/// What a load peer is.
#[derive(Debug, Clone)]
pub struct PeerPlan {
    /// Who it is in the marks of its packets: differs from peer to peer.
    pub from: ParticipantId,
    /// Whether there is a microphone to send.
    pub microphone: bool,
    /// The camera to send, if any.
    pub camera: Option<CameraPlan>,
    /// Lines to receive sound on.
    pub audio_slots: u16,
    /// Lines to receive video on.
    pub video_slots: u16,
    /// How the pictures it receives are packed.
    pub codec: VideoCodec,
    /// The address media is sent from; the server must be reachable from it.
    pub local: IpAddr,
    /// Spreads the frames of many peers over time: any number.
    pub phase: u64,
    /// On average one received packet of so many is decrypted and checked; at least 1.
    pub open_every: u32,
    /// So many of a million received packets are dropped as a bad network would.
    pub drop_ppm: u32,
}

/// Why there is no peer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// No socket.
    #[error("no socket for media on {local}")]
    Socket {
        /// The address that was asked for.
        local: IpAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No certificate or no random numbers.
    #[error("no certificate for the handshake")]
    Certificate,
    /// The plan neither sends nor receives.
    #[error("the plan has no lines")]
    NoLines,
}

/// Where a peer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In its handshakes.
    Connecting,
    /// Media flows.
    Connected,
    /// Over.
    Lost,
}

/// What peers of one thread share.
pub(crate) struct Shared {
    pub(crate) receiver: Receiver,
    pub(crate) wire: Wire,
    pub(crate) latency_us: Histogram<u64>,
}

/// What is on its way out, and the calls that send it.
#[derive(Default)]
pub(crate) struct Wire {
    sender: Option<Sender>,
    batch: Batch,
    rtcp: Vec<u8>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let wire = Wire { sender: Some(Sender::new()), ..Wire::default() };
        Self { receiver: Receiver::new(), wire, latency_us: Self::new_histogram() }
    }

    /// From 1 us to 60 s, to three digits.
    pub(crate) fn new_histogram() -> Histogram<u64> {
        Histogram::new_with_bounds(1, 60_000_000, 3)
            .expect("the bounds are constants that the histogram accepts")
    }
}

impl Wire {
    fn flush(&mut self, socket: &UdpSocket, to: SocketAddr, counts: &mut Counts) {
        if let (Some(sender), false) = (&mut self.sender, self.batch.lengths.is_empty()) {
            let refused = sender.send(socket, to, &self.batch.bytes, &self.batch.lengths);
            counts.refused += refused as u64;
        }
        self.batch.clear();
    }
}

/// A peer; made with [`Peer::offer`], then given to an [`Engine`](super::Engine).
pub struct Peer {
    socket: UdpSocket,
    inner: Inner,
}

struct Inner {
    credentials: Credentials,
    lines: Vec<LineOffer>,
    draw: u64,
    reporter: u32,
    begun: Instant,
    connected: Option<Instant>,
    state: State,
    ice: Option<Ice>,
    dtls: Option<Dtls>,
    keys: Option<Keys>,
    outgoing: Outgoing,
    incoming: Incoming,
    feedback_due: Option<Instant>,
    reports_due: Option<Instant>,
}

/// What one peer did so far.
#[derive(Debug, Clone, Copy)]
pub struct PeerFigures {
    /// Where it stands.
    pub state: State,
    /// From the offer to the keys.
    pub joined_in: Option<Duration>,
    /// From the offer to the first packet of the stream that began last.
    pub media_in: Option<Duration>,
    /// The profile that was negotiated.
    pub profile: Option<Profile>,
    /// Packets sent of the microphone and the camera, since the start.
    pub sent: (u64, u64),
    /// Streams of sound and video that carried something.
    pub streams: (u32, u32),
    /// Packets missing now.
    pub lost: u64,
    /// What was counted since the last reset.
    pub counts: Counts,
}

impl Peer {
    /// Makes a peer and its offer.
    ///
    /// # Errors
    /// When there is no socket, no certificate, or nothing to offer.
    pub fn offer(plan: &PeerPlan) -> Result<(Self, String), PeerError> {
        let failed = |source| PeerError::Socket { local: plan.local, source };
        let socket = socket::bind(plan.local).map_err(failed)?;
        let candidate = socket.local_addr().map_err(failed)?;
        let fingerprint = dtls::fingerprint().map_err(|_| PeerError::Certificate)?;
        let mut seed = [0; 40];
        getrandom::fill(&mut seed).map_err(|_| PeerError::Certificate)?;
        let (draw, letters) = seed.split_first_chunk::<8>().ok_or(PeerError::Certificate)?;
        let draw = u64::from_be_bytes(*draw);
        let mut names = letters.iter().map(|byte| char::from(b'a' + byte % 26));
        let credentials = Credentials {
            ufrag: names.by_ref().take(8).collect(),
            pwd: names.by_ref().take(24).collect(),
        };
        let mut dice = draw;
        let mut number = move || {
            dice = dice.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (dice >> 32) as u32 | 1
        };

        let mut lines = Vec::new();
        if plan.microphone {
            lines.push(LineOffer::Microphone { ssrc: number() });
        }
        if let Some(camera) = &plan.camera {
            let rids = camera.layers.iter().filter_map(|layer| layer.rid).collect();
            lines.push(LineOffer::Camera { ssrc: number(), rtx: number(), rids });
        }
        lines.extend((0..plan.audio_slots).map(|_| LineOffer::AudioSlot));
        lines.extend((0..plan.video_slots).map(|_| LineOffer::VideoSlot));
        if lines.is_empty() {
            return Err(PeerError::NoLines);
        }
        let codec = plan.camera.as_ref().map_or(plan.codec, |camera| camera.codec);
        let offer = Offer {
            credentials: &credentials,
            fingerprint,
            candidate,
            session: draw >> 2,
            codec,
            lines: &lines,
        };
        let sdp = offer.text();
        let now = Instant::now();
        let mut studio = Studio::new(now, plan.microphone, plan.camera.clone(), plan.phase);
        studio.identify(plan.from);
        let outgoing = Outgoing::new(studio, &lines, &mut number);
        let manner = Manner { open_every: plan.open_every.max(1), drop_ppm: plan.drop_ppm, codec };
        let inner = Inner {
            credentials,
            lines,
            draw,
            reporter: number(),
            begun: now,
            connected: None,
            state: State::Connecting,
            ice: None,
            dtls: None,
            keys: None,
            outgoing,
            incoming: Incoming::new(manner, draw),
            feedback_due: None,
            reports_due: None,
        };
        Ok((Self { socket, inner }, sdp))
    }

    /// Follows the answer; the handshakes begin once an engine has the peer.
    ///
    /// # Errors
    /// When the answer cannot be used.
    pub fn accept(&mut self, sdp: &str) -> Result<(), AnswerError> {
        let now = Instant::now();
        let inner = &mut self.inner;
        let answer = Answer::read(sdp, inner.lines.len())?;
        inner.outgoing.accept(&answer.lines);
        inner.incoming.accept(&answer.lines);
        let (ours, theirs) = (&inner.credentials, &answer.credentials);
        inner.ice = Some(Ice::new(now, ours, theirs, answer.candidates, inner.draw));
        inner.dtls = Dtls::new(now, answer.role, answer.fingerprint).ok();
        Ok(())
    }

    /// Switches a source on or off.
    pub fn switch(&mut self, source: Source, on: bool) {
        self.inner.outgoing.studio.switch(Instant::now(), source, on);
    }

    pub(crate) fn speak(&mut self, level: u8) {
        self.inner.outgoing.studio.speak(level);
    }

    pub(crate) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    pub(crate) fn figures(&self) -> PeerFigures {
        let inner = &self.inner;
        let sent = |source| inner.outgoing.sent(source);
        PeerFigures {
            state: inner.state,
            joined_in: inner.connected.map(|at| at - inner.begun),
            media_in: inner.incoming.last_begun.map(|at| at - inner.begun),
            profile: inner.keys.as_ref().map(|keys| keys.profile),
            sent: (sent(Source::Microphone), sent(Source::Camera)),
            streams: inner.incoming.streams(),
            lost: inner.incoming.lost(),
            counts: inner.incoming.counts,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.inner.incoming.reset();
    }

    /// Reads what waits; gives whether more may wait.
    pub(crate) fn read(&mut self, shared: &mut Shared) -> bool {
        let Shared { receiver, wire, latency_us } = shared;
        let (socket, inner) = (&self.socket, &mut self.inner);
        let mut more = true;
        for _ in 0..READS {
            let now = Instant::now();
            more = receiver.receive(socket, |received| {
                inner.message(now, received, socket, wire, latency_us);
            });
            if !more {
                break;
            }
        }
        if inner.incoming.has_gaps() {
            inner.ask(socket, wire);
        }
        more
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Instant, shared: &mut Shared) {
        self.inner.tick(now, &self.socket, &mut shared.wire);
    }

    /// When [`Peer::tick`] is due; `None` when it is over.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let inner = &self.inner;
        if inner.state == State::Lost {
            return None;
        }
        let ice = inner.ice.as_ref().map(Ice::poll_timeout);
        let dtls = || inner.dtls.as_ref().and_then(Dtls::poll_timeout);
        let rest = match inner.state {
            State::Connected => {
                let feedback = inner.feedback_due.filter(|_| inner.incoming.has_arrivals());
                [inner.outgoing.poll_timeout(), feedback, inner.reports_due]
            }
            _ => [inner.ice.as_ref().and_then(Ice::selected).and_then(|_| dtls()), None, None],
        };
        rest.into_iter().chain([ice]).flatten().min()
    }
}

impl Inner {
    fn message(
        &mut self,
        now: Instant,
        received: Received<'_>,
        socket: &UdpSocket,
        wire: &mut Wire,
        latency_us: &mut Histogram<u64>,
    ) {
        let stamp_us = if received.stamp_us > 0 { received.stamp_us } else { utc_us() };
        let moment = Moment { now, stamp_us };
        for datagram in received.bytes.chunks_mut(received.segment) {
            // RFC 7983: the first byte tells the protocols apart.
            match datagram.first() {
                Some(128..=191) => self.media(moment, datagram, socket, wire, latency_us),
                Some(0..=3) => self.check(now, received.from, datagram, socket, wire),
                Some(20..=63) => self.handshake(now, Some(datagram), socket, wire),
                _ => self.incoming.counts.unreadable += 1,
            }
        }
    }

    fn media(
        &mut self,
        moment: Moment,
        datagram: &mut [u8],
        socket: &UdpSocket,
        wire: &mut Wire,
        latency_us: &mut Histogram<u64>,
    ) {
        // Media may overtake the end of the handshake; it comes again or is asked for again.
        let Some(keys) = &mut self.keys else { return };
        if !matches!(datagram.get(1), Some(192..=223)) {
            self.incoming.packet(datagram, moment, &keys.opener, latency_us);
            return;
        }
        let Ok(len) = keys.opener.open_rtcp(datagram) else {
            self.incoming.counts.auth_failures += 1;
            return;
        };
        let (incoming, outgoing) = (&mut self.incoming, &mut self.outgoing);
        rtcp::read(datagram.get(..len).unwrap_or_default(), |heard| match heard {
            Heard::SenderReport { ssrc, ntp_mid } => {
                incoming.sender_report(ssrc, ntp_mid, moment.now);
            }
            Heard::Keyframe { ssrc } => outgoing.keyframe(ssrc),
            Heard::Nack { ssrc, items } => {
                outgoing.repair(ssrc, items, &keys.sealer, &mut wire.batch);
            }
        });
        self.flush(socket, wire);
    }

    fn check(
        &mut self,
        now: Instant,
        from: SocketAddr,
        datagram: &[u8],
        socket: &UdpSocket,
        wire: &mut Wire,
    ) {
        let Some(ice) = &mut self.ice else { return };
        match ice.receive(now, from, datagram) {
            Outcome::Reply(reply) => {
                // What the socket does not take is asked again.
                let _ = socket.send_to(&reply, from);
            }
            Outcome::Selected => self.handshake(now, None, socket, wire),
            Outcome::Ignored => {}
        }
    }

    /// Goes on with the handshake, with a datagram of the other side or without.
    fn handshake(
        &mut self,
        now: Instant,
        datagram: Option<&[u8]>,
        socket: &UdpSocket,
        wire: &mut Wire,
    ) {
        let Some(dtls) = &mut self.dtls else { return };
        let taken = match datagram {
            Some(datagram) => dtls.receive(now, datagram),
            None => dtls.tick(now),
        };
        let Some(to) = self.ice.as_ref().and_then(Ice::selected) else { return };
        let drained = taken.and_then(|()| {
            dtls.drain(|packet| {
                // What the socket does not take is lost and repeated.
                let _ = socket.send_to(packet, to);
            })
        });
        match drained {
            Ok(Some(keys)) => {
                self.keys = Some(keys);
                self.state = State::Connected;
                self.connected = Some(now);
                self.feedback_due = Some(now + FEEDBACK_EVERY);
                self.reports_due = Some(now + REPORT_EVERY);
                self.send(now, socket, wire);
            }
            Ok(None) => {}
            Err(_) if self.state == State::Connecting => self.state = State::Lost,
            Err(_) => {}
        }
    }

    fn tick(&mut self, now: Instant, socket: &UdpSocket, wire: &mut Wire) {
        if let Some(ice) = &mut self.ice {
            ice.tick(now, |to, check| {
                // What the socket does not take is sent again.
                let _ = socket.send_to(check, to);
            });
            if ice.is_lost(now) {
                self.state = State::Lost;
            }
        }
        match self.state {
            State::Connecting => {
                let dtls_due = self.dtls.as_ref().and_then(Dtls::poll_timeout);
                let selected = self.ice.as_ref().and_then(Ice::selected).is_some();
                if selected && dtls_due.is_some_and(|due| due <= now) {
                    self.handshake(now, None, socket, wire);
                }
            }
            State::Connected => self.send(now, socket, wire),
            State::Lost => {}
        }
    }

    /// Sends media, feedback and reports that are due.
    fn send(&mut self, now: Instant, socket: &UdpSocket, wire: &mut Wire) {
        let Some(keys) = &mut self.keys else { return };
        let sealer = &mut keys.sealer;
        self.outgoing.send(now, utc_us(), sealer, &mut wire.batch);
        if self.feedback_due.is_some_and(|due| due <= now) {
            self.feedback_due = Some(now + FEEDBACK_EVERY);
            self.incoming.feedback(&mut wire.rtcp, self.reporter);
            self.incoming.requests(&mut wire.rtcp, self.reporter, true);
            self.incoming.keyframes(&mut wire.rtcp, self.reporter, now);
            wire.batch.rtcp(sealer, &mut wire.rtcp);
        }
        if self.reports_due.is_some_and(|due| due <= now) {
            self.reports_due = Some(now + REPORT_EVERY);
            for reports in self.incoming.reports(now).chunks(REPORTS_AT_ONCE) {
                rtcp::write_reports(&mut wire.rtcp, self.reporter, reports);
                wire.batch.rtcp(sealer, &mut wire.rtcp);
            }
        }
        self.flush(socket, wire);
    }

    /// Asks for what new gaps lack.
    fn ask(&mut self, socket: &UdpSocket, wire: &mut Wire) {
        let Some(keys) = &mut self.keys else { return };
        self.incoming.requests(&mut wire.rtcp, self.reporter, false);
        wire.batch.rtcp(&mut keys.sealer, &mut wire.rtcp);
        self.flush(socket, wire);
    }

    fn flush(&mut self, socket: &UdpSocket, wire: &mut Wire) {
        match self.ice.as_ref().and_then(Ice::selected) {
            Some(to) => wire.flush(socket, to, &mut self.incoming.counts),
            None => wire.batch.clear(),
        }
    }
}

/// The kernel's clock for stamps, in microseconds.
fn utc_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as u64
}
