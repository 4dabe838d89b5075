//! A shard whose peers are connected without handshakes: for fuzz targets, benches and tests of
//! scale. Everything behind the handshake is the real thing.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr, sync::OnceLock, time::Instant};

use super::{Command, Datagram, Event, Offer, Route, Shard, ShardConfig};
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    endpoint::{
        Keys,
        dtls::Certificate,
        srtp::{MAX_OVERHEAD, MasterKey, Opener, Profile, Sealer, SrtpKeys},
    },
    relay::Relay,
    rtp::{Codec, RtpHeader, write_header},
};

/// The identifier of the MID extension in these peers' offers.
pub const MID_EXTENSION: u8 = 4;
/// The same for audio levels.
pub const LEVEL_EXTENSION: u8 = 1;
/// The same for transport-wide sequence numbers.
pub const TRANSPORT_EXTENSION: u8 = 3;
/// Payload type of Opus.
pub const OPUS: u8 = 111;
/// Payload type of VP8.
pub const VP8: u8 = 96;

/// The shard and its peers' ends.
#[derive(Debug)]
pub struct Wired {
    /// The shard.
    pub shard: Shard,
    /// Its peers, in the order they joined.
    pub peers: Vec<WiredPeer>,
    /// The number of the first one's endpoint: those of joined shards must differ.
    first: u64,
}

/// A peer's end: its address and keys.
pub struct WiredPeer {
    /// Its endpoint.
    pub id: EndpointId,
    /// Where it is.
    pub address: SocketAddr,
    /// Seals what it sends.
    pub sealer: Sealer,
    /// Opens what it is sent.
    pub opener: Opener,
}

impl std::fmt::Debug for WiredPeer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WiredPeer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Wired {
    /// A shard without peers.
    #[must_use]
    pub fn new() -> Self {
        Self::with(1, |config| Shard::new(config).expect("it has a certificate"))
    }

    /// A shard joined to others, without peers.
    #[must_use]
    pub fn joined(relay: Relay) -> Self {
        let first = u64::from(relay.me()) * 10_000 + 1;
        Self::with(first, |config| Shard::joined(config, relay).expect("it has a certificate"))
    }

    fn with(first: u64, make: impl FnOnce(ShardConfig) -> Shard) -> Self {
        static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
        let certificate = CERTIFICATE
            .get_or_init(|| Certificate::generate().expect("a certificate can be made"))
            .clone();
        let server = SocketAddr::from(([192, 0, 2, 1], 50_000));
        let config = ShardConfig::new([9; 32], vec![server]).certificate(certificate);
        Self { shard: make(config), peers: Vec::new(), first }
    }

    /// Connects a peer that sends `tracks`, each on a line whose mid is its place, and has so
    /// many slots of each kind. Its tracks stay closed.
    pub fn join(
        &mut self,
        now: Instant,
        group: GroupId,
        tracks: &[(TrackId, MediaKind)],
        slots: (usize, usize),
    ) -> usize {
        self.join_with(now, group, offer(tracks, slots, 1))
    }

    /// The same with an offer of one's own, changed from what [`offer`] makes.
    pub fn join_with(&mut self, now: Instant, group: GroupId, offer: Offer) -> usize {
        let number = self.peers.len();
        let id = EndpointId(self.first + number as u64);
        self.shard.handle(now, Command::Connect { endpoint: id, group, offer });
        let mut answered = false;
        while let Some(event) = self.shard.poll_event() {
            if let Event::Answered { endpoint, result, .. } = event
                && endpoint == id
            {
                result.expect("the offer is answered");
                answered = true;
            }
        }
        assert!(answered);
        let net = 1 + (self.first / 10_000) as u8;
        let address = SocketAddr::from(([10, net, (number >> 8) as u8, number as u8], 9_000));
        self.peers.push(self.shard.wire(now, id, address).expect("it has just joined"));
        number
    }

    /// A sealed RTP packet from a peer. `line` is the place of its track, by which the shard
    /// learns the SSRC.
    pub fn rtp(
        &mut self,
        peer: usize,
        line: usize,
        header: &RtpHeader,
        index: u64,
        payload: &[u8],
    ) -> Vec<u8> {
        self.rtp_at(peer, line, header, index, payload, Some(30))
    }

    /// The same with an audio level, in decibels below full scale, or without one.
    pub fn rtp_at(
        &mut self,
        peer: usize,
        line: usize,
        header: &RtpHeader,
        index: u64,
        payload: &[u8],
        level: Option<u8>,
    ) -> Vec<u8> {
        let mid = line.to_string();
        let transport = (index as u16).to_be_bytes();
        let level = level.map(|level| [level]);
        let mut extensions: Vec<(u8, &[u8])> =
            vec![(MID_EXTENSION, mid.as_bytes()), (TRANSPORT_EXTENSION, &transport)];
        extensions.extend(level.iter().map(|level| (LEVEL_EXTENSION, &level[..])));
        self.rtp_with(peer, header, index, payload, &extensions)
    }

    /// The same with header extensions of one's own.
    pub fn rtp_with(
        &mut self,
        peer: usize,
        header: &RtpHeader,
        index: u64,
        payload: &[u8],
        extensions: &[(u8, &[u8])],
    ) -> Vec<u8> {
        let mut plain = [0; 64];
        let len = write_header(&mut plain, header, extensions).expect("room for a header");
        let mut out = vec![0; len + payload.len() + MAX_OVERHEAD];
        let sealer = &mut self.peers[peer].sealer;
        let sealed = sealer.seal_rtp(index, &plain[..len], payload, &mut out).expect("it fits");
        out.truncate(sealed);
        out
    }

    /// A sealed RTCP datagram from a peer.
    pub fn rtcp(&mut self, peer: usize, compound: &[u8]) -> Vec<u8> {
        let mut out = vec![0; compound.len() + MAX_OVERHEAD];
        let sealed = self.peers[peer].sealer.seal_rtcp(compound, &mut out).expect("it fits");
        out.truncate(sealed);
        out
    }

    /// Lets all peers consent anew, as their checks would: without it they are lost after
    /// [`CONSENT`](crate::endpoint::ice::CONSENT).
    pub fn consent(&mut self, now: Instant) {
        for peer in &self.peers {
            let at = self.shard.ids.get(&peer.id).copied();
            if let Some(endpoint) = at.and_then(|at| self.shard.endpoints.get_mut(at)) {
                endpoint.since = now;
                endpoint.link.heard = Some(now);
            }
        }
    }

    /// Hands a datagram from a peer in.
    pub fn receive(&mut self, now: Instant, peer: usize, bytes: &mut [u8]) {
        let source = Route::udp(self.peers[peer].address);
        self.shard.receive(now, Datagram { source, arrived: now, bytes });
    }

    /// Sends everything that waits; says how many runs and datagrams that were.
    pub fn drain(
        &mut self,
        now: Instant,
        buffer: &mut [u8],
        mut each: impl FnMut(SocketAddr, &mut [u8]),
    ) -> (usize, usize) {
        let (mut runs, mut datagrams) = (0, 0);
        while let Some(run) = self.shard.poll_transmit(now, buffer) {
            runs += 1;
            for datagram in buffer[..run.len].chunks_mut(run.segment) {
                datagrams += 1;
                each(run.destination.remote, datagram);
            }
        }
        (runs, datagrams)
    }
}

impl Default for Wired {
    fn default() -> Self {
        Self::new()
    }
}

impl Shard {
    /// Makes an endpoint connected at `address` with keys of its own, as if it had shaken hands.
    pub(crate) fn wire(
        &mut self,
        now: Instant,
        id: EndpointId,
        address: SocketAddr,
    ) -> Option<WiredPeer> {
        self.wire_route(now, id, Route::udp(address))
    }

    /// The same with any route.
    pub(crate) fn wire_route(
        &mut self,
        now: Instant,
        id: EndpointId,
        route: Route,
    ) -> Option<WiredPeer> {
        let at = *self.ids.get(&id)?;
        let endpoint = self.endpoints.get_mut(at)?;
        let key = |side: u8| {
            let mut key = [side; 16];
            key[8..].copy_from_slice(&id.0.to_be_bytes());
            MasterKey::new(&key, &[side; 12])
        };
        let profile = Profile::Aes128Gcm;
        let keys = SrtpKeys { profile, local: key(1), remote: key(2) };
        self.demux.prove(route, at, &mut endpoint.proven, None);
        self.relay.claim(route);
        endpoint.destination = Some(route);
        endpoint.keys = Some(Keys::new(&keys));
        self.connected(now, at);
        Some(WiredPeer {
            id,
            address: route.remote,
            sealer: Sealer::new(profile, &keys.remote),
            opener: Opener::new(profile, &keys.local),
        })
    }
}

/// An offer as a browser would make it, with only what is needed. The first video track is a
/// camera.
#[must_use]
pub fn offer(tracks: &[(TrackId, MediaKind)], slots: (usize, usize), number: u32) -> Offer {
    let kinds: Vec<_> = tracks
        .iter()
        .map(|(_, kind)| (*kind, "sendonly"))
        .chain(std::iter::repeat_n((MediaKind::Audio, "recvonly"), slots.0))
        .chain(std::iter::repeat_n((MediaKind::Video, "recvonly"), slots.1))
        .collect();
    let mids: Vec<String> = (0..kinds.len()).map(|mid| mid.to_string()).collect();
    let mut sdp = format!(
        "v=0\r\no=- 1 {number} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
         a=group:BUNDLE {}\r\na=msid-semantic: WMS\r\n",
        mids.join(" ")
    );
    let fingerprint = ["AB"; 32].join(":");
    for ((kind, direction), mid) in kinds.iter().zip(&mids) {
        let (media, payloads, codec) = match kind {
            MediaKind::Audio => ("audio", "111", "a=rtpmap:111 opus/48000/2\r\n".to_owned()),
            MediaKind::Video => (
                "video",
                "96 97",
                "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n\
                 a=rtcp-fb:96 transport-cc\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
                    .to_owned(),
            ),
        };
        write!(
            sdp,
            "m={media} 9 UDP/TLS/RTP/SAVPF {payloads}\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n\
             a=rtcp-rsize\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
             a=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\na=mid:{mid}\r\n\
             a=extmap:{LEVEL_EXTENSION} urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
             a=extmap:{TRANSPORT_EXTENSION} http://www.ietf.org/id/\
             draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
             a=extmap:{MID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
             a={direction}\r\n{codec}"
        )
        .expect("a string takes everything");
    }
    let cameras = tracks
        .iter()
        .filter(|(_, kind)| *kind == MediaKind::Video)
        .map(|(track, _)| *track)
        .take(1)
        .collect();
    let tracks: BTreeMap<String, TrackId> =
        mids.into_iter().zip(tracks.iter().map(|(track, _)| *track)).collect();
    Offer { number, sdp, tracks, cameras, video: Codec::Vp8 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const GROUP: GroupId = GroupId(1);

    fn header(payload_type: u8, seq: u16, ssrc: u32) -> RtpHeader {
        RtpHeader { marker: true, payload_type, seq, timestamp: u32::from(seq) * 3_000, ssrc }
    }

    /// One packet of a VP8 frame.
    fn picture(seq: u64, len: usize) -> Vec<u8> {
        let mut payload = vec![0x90, 0x80, 0x80, seq as u8, 0x10, 2, 0, 0x9d, 1, 0x2a];
        payload.extend([0x80, 2, 0x68, 1]);
        payload.resize(len, 0);
        payload
    }

    #[test]
    fn a_frame_reaches_two_hundred_subscribers_in_one_run_each() {
        let mut now = Instant::now();
        let mut wired = Wired::new();
        let camera = TrackId(1);
        wired.join(now, GROUP, &[(camera, MediaKind::Video)], (0, 0));
        for _ in 0..200 {
            wired.join(now, GROUP, &[], (1, 2));
        }
        wired.shard.handle(now, Command::Gate { track: camera, open: true });
        let mut buffer = vec![0; 64 * 1024];
        wired.drain(now, &mut buffer, |_, _| {});
        for frame in 0..10u64 {
            now += Duration::from_millis(33);
            for part in 0..8 {
                let seq = 100 + frame * 8 + part;
                let payload = picture(seq, if part == 7 { 500 } else { 1_000 });
                let mut packet = wired.rtp(0, 0, &header(VP8, seq as u16, 77), seq, &payload);
                wired.receive(now, 0, &mut packet);
            }
            let mut received = BTreeMap::<SocketAddr, usize>::new();
            let (mut media, mut runs_seen) = (0, 0);
            while let Some(run) = wired.shard.poll_transmit(now, &mut buffer) {
                let rtp = buffer[1] & 0x7f == VP8;
                if rtp {
                    runs_seen += 1;
                    for _ in run.datagrams(&buffer) {
                        media += 1;
                        *received.entry(run.destination.remote).or_default() += 1;
                    }
                }
            }
            assert_eq!((media, runs_seen, received.len()), (1_600, 200, 200), "frame {frame}");
        }
        let stats = wired.shard.stats();
        assert_eq!(stats.forwarded_packets, 16_000);
        assert_eq!((stats.received_rtp, stats.endpoints), (80, 201));
    }

    #[test]
    fn what_leaves_can_be_opened_by_its_receiver_only() {
        let now = Instant::now();
        let mut wired = Wired::new();
        let voice = TrackId(1);
        wired.join(now, GROUP, &[(voice, MediaKind::Audio)], (0, 0));
        wired.join(now, GROUP, &[], (1, 0));
        wired.join(now, GROUP, &[], (1, 0));
        wired.shard.handle(now, Command::Gate { track: voice, open: true });
        let mut packet = wired.rtp(0, 0, &header(OPUS, 7, 5), 7, b"\xf8voice");
        wired.receive(now, 0, &mut packet);
        let mut buffer = vec![0; 64 * 1024];
        let mut sent = Vec::new();
        wired.drain(now, &mut buffer, |to, bytes| {
            if bytes[1] & 0x7f == OPUS {
                sent.push((to, bytes.to_vec()));
            }
        });
        assert_eq!(sent.len(), 2);
        for (to, bytes) in sent {
            for peer in &mut wired.peers[1..] {
                let mut copy = bytes.clone();
                let opened = peer.opener.open_rtp(&mut copy);
                assert_eq!(opened.is_ok(), peer.address == to);
                if let Ok(opened) = opened {
                    assert_eq!(&copy[opened.header_len..opened.len], b"\xf8voice");
                    assert_eq!(opened.index >> 16, 0, "the roll-over counter begins at zero");
                }
            }
        }
    }

    #[test]
    fn many_can_join_and_leave_at_once() {
        let now = Instant::now();
        let mut wired = Wired::new();
        for number in 0..200u64 {
            let tracks = [
                (TrackId(number * 2), MediaKind::Audio),
                (TrackId(number * 2 + 1), MediaKind::Video),
            ];
            for (track, _) in tracks {
                wired.shard.handle(now, Command::Gate { track, open: true });
            }
            wired.join(now, GROUP, &tracks, (4, 9));
        }
        let stats = wired.shard.stats();
        assert_eq!((stats.endpoints, stats.tracks, stats.open_tracks), (200, 400, 400));
        for number in 0..200 {
            wired.shard.handle(now, Command::Remove { endpoint: EndpointId(number + 1) });
        }
        let stats = wired.shard.stats();
        assert_eq!((stats.endpoints, stats.tracks, stats.open_tracks), (0, 0, 0));
        assert_eq!(wired.shard.poll_timeout(), None, "nobody is left to wait for");
    }
}
