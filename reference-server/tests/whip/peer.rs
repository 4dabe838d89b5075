//! A peer whose every datagram is in the test's hand: for restarts, and for media over TCP.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive, TcpType, Transmit};
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::stream::WITHIN;

/// What carries its datagrams.
enum Wire {
    Udp(UdpSocket),
    Tcp { unconnected: Option<Socket>, stream: Option<TcpStream>, read: Vec<u8> },
}

/// Receives one picture and one sound.
pub struct Peer {
    rtc: Rtc,
    wire: Wire,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    answer: String,
    pub offer: String,
    pub packets: u64,
    pub connected: bool,
}

impl Peer {
    pub fn udp() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let local = socket.local_addr().unwrap();
        let candidate = Candidate::host(local, "udp").unwrap();
        Self::new(Wire::Udp(socket), local, candidate)
    }

    pub fn tcp() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        socket.bind(&any.into()).unwrap();
        let local = socket.local_addr().unwrap().as_socket().unwrap();
        let candidate = Candidate::builder().tcp().host(local).tcptype(TcpType::Active);
        let wire = Wire::Tcp { unconnected: Some(socket), stream: None, read: Vec::new() };
        Self::new(wire, local, candidate.build().unwrap())
    }

    fn new(wire: Wire, local: SocketAddr, candidate: Candidate) -> Self {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.add_local_candidate(candidate).unwrap();
        let mut change = rtc.sdp_api();
        for kind in [MediaKind::Audio, MediaKind::Video] {
            change.add_media(kind, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = change.apply().unwrap();
        Self {
            rtc,
            wire,
            local,
            pending: Some(pending),
            answer: String::new(),
            offer: offer.to_sdp_string(),
            packets: 0,
            connected: false,
        }
    }

    pub fn accept(&mut self, answer: String) {
        let parsed = SdpAnswer::from_sdp_string(&answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, parsed).unwrap();
        self.answer = answer;
    }

    /// Takes another socket and asks for a restart; the fragment that says so.
    pub fn restart(&mut self) -> String {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        self.local = socket.local_addr().unwrap();
        self.wire = Wire::Udp(socket);
        let mut change = self.rtc.sdp_api();
        let credentials = change.ice_restart(false);
        let (_, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        format!("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", credentials.ufrag, credentials.pass)
    }

    /// Takes the server's side of a restart: its description of before under the new credentials.
    pub fn restarted(&mut self, fragment: &str) {
        let find = |text: &str, key: &str| {
            text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned()
        };
        let mut answer = self.answer.clone();
        for key in ["a=ice-ufrag:", "a=ice-pwd:"] {
            answer = answer.replace(&find(&self.answer, key), &find(fragment, key));
        }
        self.accept(answer);
        self.rtc.add_local_candidate(Candidate::host(self.local, "udp").unwrap());
    }

    /// Lives on until something holds; blocks.
    pub fn run_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + WITHIN;
        while !holds(self) {
            assert!(Instant::now() < end, "not within {WITHIN:?}: {what}");
            self.turn();
        }
    }

    fn turn(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => break,
                Output::Transmit(transmit) => self.send(&transmit),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(_)) => self.packets += 1,
                Output::Event(_) => {}
            }
        }
        let mut buffer = vec![0; 4_096];
        let now = Instant::now();
        if let Some((source, len)) = self.receive(&mut buffer) {
            let protocol = match self.wire {
                Wire::Udp(_) => Protocol::Udp,
                Wire::Tcp { .. } => Protocol::Tcp,
            };
            if let Ok(received) = Receive::new(protocol, source, self.local, &buffer[..len]) {
                let input = Input::Receive(now, received);
                if self.rtc.accepts(&input) {
                    self.rtc.handle_input(input).unwrap();
                }
            }
        }
        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
    }

    fn send(&mut self, transmit: &Transmit) {
        match &mut self.wire {
            Wire::Udp(socket) => {
                // What is not taken is lost on the way.
                let _ = socket.send_to(&transmit.contents, transmit.destination);
            }
            Wire::Tcp { unconnected, stream, .. } => {
                if let Some(socket) = unconnected.take() {
                    socket.connect(&transmit.destination.into()).unwrap();
                    let connected = TcpStream::from(socket);
                    connected.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
                    *stream = Some(connected);
                }
                // Frames of RFC 4571: a length and a datagram.
                let len = u16::try_from(transmit.contents.len()).unwrap().to_be_bytes();
                let frame = [&len[..], &transmit.contents].concat();
                stream.as_mut().unwrap().write_all(&frame).unwrap();
            }
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<(SocketAddr, usize)> {
        match &mut self.wire {
            Wire::Udp(socket) => socket.recv_from(buffer).ok().map(|(len, from)| (from, len)),
            Wire::Tcp { stream, read, .. } => {
                let stream = stream.as_mut()?;
                match stream.read(buffer) {
                    Ok(len) => read.extend_from_slice(&buffer[..len]),
                    Err(error) => assert!(
                        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
                        "{error}"
                    ),
                }
                let len = usize::from(u16::from_be_bytes(read.first_chunk().copied()?));
                let frame = read.get(2..2 + len)?;
                buffer[..len].copy_from_slice(frame);
                read.drain(..2 + len);
                Some((stream.peer_addr().ok()?, len))
            }
        }
    }
}
