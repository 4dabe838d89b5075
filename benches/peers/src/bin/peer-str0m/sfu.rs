//! The media thread: one loop over one socket, all peers and their timers.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Receiver as Inbox;
use std::time::{Duration, Instant};

use conf_floor::datagrams::{Receiver, Sender, Sent, wait};
use conf_peers::lines::{LineId, Lines, SourceId};
use conf_peers::whip::{Command, Made, Wanted, Way};
use str0m::bwe::Bitrate;
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Event, Input, Output};

use crate::session::Session;

/// Receive batches of one turn before timers and commands get theirs.
const BATCHES: usize = 16;
/// Packets gathered before they are sent: what stays in a core's cache until the kernel reads it.
const FLUSH: usize = 128;
/// Nothing waits longer than this, whatever the library says.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// A publisher is asked for a keyframe at most this often.
const KEYFRAME_EVERY: Duration = Duration::from_millis(300);
/// How often the estimators are told what is wanted.
const RATES_EVERY: Duration = Duration::from_secs(1);
/// Polls of one peer in one turn; a library that asks for more gets the next turn.
const POLLS: usize = 10_000;

pub(crate) struct Sfu {
    socket: UdpSocket,
    here: SocketAddr,
    estimation: bool,
    /// By number, which is what a session is called outside.
    sessions: Vec<Option<Box<Session>>>,
    rooms: HashMap<String, Lines>,
    by_address: HashMap<SocketAddr, usize>,
    sender: Sender,
    pending: Vec<Transmit>,
    sent: Sent,
    /// Sources that the current batch brought something for.
    touched: Vec<(usize, usize)>,
    keyframes_wanted: bool,
    rates_at: Instant,
}

impl Sfu {
    pub(crate) fn new(socket: UdpSocket, here: SocketAddr, estimation: bool) -> Self {
        Self {
            socket,
            here,
            estimation,
            sessions: Vec::new(),
            rooms: HashMap::new(),
            by_address: HashMap::new(),
            sender: Sender::default(),
            pending: Vec::with_capacity(FLUSH),
            sent: Sent::default(),
            touched: Vec::new(),
            keyframes_wanted: false,
            rates_at: Instant::now(),
        }
    }

    /// Runs until the signalling thread is gone.
    pub(crate) fn run(mut self, inbox: &Inbox<Command>, mut woken: UnixStream) {
        let mut receiver = Receiver::default();
        let mut ready = Vec::new();
        loop {
            let within = self.next_due().saturating_duration_since(Instant::now());
            let fds = [self.socket.as_fd(), woken.as_fd()];
            wait(&fds, within.min(LONGEST_WAIT), &mut ready);
            if ready.get(1) == Some(&true) {
                // One byte a command; what is left wakes once more.
                if matches!(woken.read(&mut [0; 256]), Ok(0)) {
                    return;
                }
                while let Ok(command) = inbox.try_recv() {
                    self.command(command);
                }
            }
            for _ in 0..BATCHES {
                if self.receive(&mut receiver).is_err() {
                    break;
                }
                self.forward();
            }
            let now = Instant::now();
            self.tick(now);
            self.flush();
        }
    }

    fn next_due(&self) -> Instant {
        let due = self.sessions.iter().flatten().map(|session| session.due).min();
        due.map_or(self.rates_at, |due| due.min(self.rates_at))
    }

    fn command(&mut self, command: Command) {
        match command {
            // The asker may be gone; then the session ends by itself, unanswered.
            Command::Make(wanted, reply) => {
                let _ = reply.send(self.make(&wanted));
            }
            Command::End(session, reply) => {
                let number = usize::try_from(session).unwrap_or(usize::MAX);
                let there = self.sessions.get(number).is_some_and(Option::is_some);
                if there {
                    self.end(number);
                }
                let _ = reply.send(there);
            }
        }
    }

    fn make(&mut self, wanted: &Wanted) -> Result<Made, String> {
        let Wanted { way, room, id, offer } = wanted;
        let (session, answer) = Session::answer(room, offer, self.here, self.estimation)?;
        let (sources, lines) = session.kinds();
        let nothing = match way {
            Way::Publish => sources.is_empty(),
            Way::Play => lines.is_empty(),
        };
        if nothing {
            return Err("the offer has no line for this direction".to_owned());
        }
        let number = self.sessions.len();
        self.sessions.push(Some(Box::new(session)));
        let lines_of_room = self.rooms.entry(room.clone()).or_default();
        let filled = match way {
            Way::Publish => lines_of_room.publish(number as u64, id, sources),
            Way::Play => lines_of_room.play(number as u64, id, lines),
        };
        self.route(&filled);
        Ok(Made { session: number as u64, answer })
    }

    fn end(&mut self, number: usize) {
        let Some(session) = self.sessions[number].take() else { return };
        self.by_address.retain(|_, known| *known != number);
        for other in self.sessions.iter_mut().flatten() {
            for source in &mut other.sources {
                source.routes.retain(|(player, _)| *player != number as u64);
            }
        }
        let Some(lines) = self.rooms.get_mut(&session.room) else { return };
        let filled = lines.end(number as u64);
        if lines.is_empty() {
            self.rooms.remove(&session.room);
        }
        self.route(&filled);
    }

    /// Lets sources flow to the lines they were given.
    fn route(&mut self, filled: &[(SourceId, LineId)]) {
        for &((publisher, source), (player, line)) in filled {
            if let Some(Some(player)) = self.sessions.get_mut(player as usize) {
                player.lines[line].switch();
            }
            if let Some(Some(publisher)) = self.sessions.get_mut(publisher as usize) {
                let source = &mut publisher.sources[source];
                source.routes.push((player, line));
                source.keyframe_wanted = true;
                self.keyframes_wanted = true;
            }
        }
    }

    /// Takes one batch from the socket into the library and its events into the sources.
    fn receive(&mut self, receiver: &mut Receiver) -> io::Result<()> {
        receiver.receive(&self.socket)?;
        let now = Instant::now();
        for (from, datagram) in receiver.datagrams() {
            let Ok(receive) = Receive::new(Protocol::Udp, from, self.here, datagram) else {
                continue;
            };
            let input = Input::Receive(now, receive);
            let Some(number) = self.whose(from, &input) else { continue };
            let Some(session) = &mut self.sessions[number] else { continue };
            if session.rtc.handle_input(input).is_err() {
                self.end(number);
                continue;
            }
            self.poll(number, now);
        }
        Ok(())
    }

    /// The session a datagram is for: by address, or by what its check says the first time.
    fn whose(&mut self, from: SocketAddr, input: &Input<'_>) -> Option<usize> {
        if let Some(number) = self.by_address.get(&from) {
            return Some(*number);
        }
        let accepts = |session: &Option<Box<Session>>| {
            session.as_ref().is_some_and(|session| session.rtc.accepts(input))
        };
        let number = self.sessions.iter().position(accepts)?;
        self.by_address.insert(from, number);
        Some(number)
    }

    /// Hands the batch's packets on: receiver outside, packets inside.
    fn forward(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        for &(publisher, number) in &touched {
            let Some(session) = &mut self.sessions[publisher] else { continue };
            let source = &mut session.sources[number];
            let batch = std::mem::take(&mut source.batch);
            let routes = std::mem::take(&mut source.routes);
            for &(player, line) in &routes {
                let Some(Some(player)) = self.sessions.get_mut(player as usize) else { continue };
                if !player.connected {
                    continue;
                }
                for (packet, spec) in &batch {
                    player.lines[line].forward(&mut player.rtc, packet, *spec);
                }
                player.dirty = true;
            }
            if let Some(session) = &mut self.sessions[publisher] {
                let source = &mut session.sources[number];
                (source.batch, source.routes) = (batch, routes);
                source.batch.clear();
            }
        }
        self.touched = touched;
        self.touched.clear();
        let now = Instant::now();
        for number in 0..self.sessions.len() {
            if self.sessions[number].as_ref().is_some_and(|session| session.dirty) {
                self.advance(number, now);
            }
        }
    }

    /// Lets time pass where it is due, keyframes be asked for and rates be told.
    fn tick(&mut self, now: Instant) {
        if self.keyframes_wanted {
            self.ask_keyframes(now);
        }
        if now >= self.rates_at {
            self.rates_at = now + RATES_EVERY;
            self.tell_rates();
        }
        for number in 0..self.sessions.len() {
            let Some(session) = &self.sessions[number] else { continue };
            if !session.rtc.is_alive() {
                self.end(number);
            } else if session.dirty || session.due <= now {
                self.advance(number, now);
            }
        }
    }

    fn ask_keyframes(&mut self, now: Instant) {
        self.keyframes_wanted = false;
        for session in self.sessions.iter_mut().flatten() {
            for number in 0..session.sources.len() {
                let source = &session.sources[number];
                if !source.keyframe_wanted || !source.kind.is_video() {
                    continue;
                }
                let asked = source.keyframe_asked;
                if asked.is_some_and(|at| now < at + KEYFRAME_EVERY) {
                    self.keyframes_wanted = true;
                } else {
                    session.ask_keyframe(number, now);
                }
            }
        }
    }

    /// Tells each player's estimator what its lines carry.
    fn tell_rates(&mut self) {
        if !self.estimation {
            return;
        }
        let mut wanted: HashMap<u64, u64> = HashMap::new();
        for session in self.sessions.iter_mut().flatten() {
            for source in &mut session.sources {
                let bits = std::mem::take(&mut source.bytes) * 8;
                source.rate = Bitrate::bps((bits as f64 / RATES_EVERY.as_secs_f64()) as u64);
                for (player, _) in &source.routes {
                    *wanted.entry(*player).or_default() += source.rate.as_u64();
                }
            }
        }
        for (player, bits) in wanted {
            if let Some(Some(player)) = self.sessions.get_mut(player as usize) {
                player.rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::bps(bits));
            }
        }
    }

    /// Lets time pass for one peer, then does what its library asks.
    fn advance(&mut self, number: usize, now: Instant) {
        let Some(session) = &mut self.sessions[number] else { return };
        session.dirty = false;
        if session.rtc.handle_input(Input::Timeout(now)).is_err() {
            return self.end(number);
        }
        self.poll(number, now);
    }

    /// Does what the library of one peer asks until it only waits.
    fn poll(&mut self, number: usize, now: Instant) {
        for _ in 0..POLLS {
            let Some(session) = &mut self.sessions[number] else { return };
            match session.rtc.poll_output() {
                Ok(Output::Timeout(at)) if at <= now => {
                    // The pacer lets one packet out each time it is told the time.
                    if session.rtc.handle_input(Input::Timeout(now)).is_err() {
                        return self.end(number);
                    }
                }
                Ok(Output::Timeout(at)) => {
                    session.due = at;
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    self.pending.push(transmit);
                    if self.pending.len() >= FLUSH {
                        self.flush();
                    }
                }
                Ok(Output::Event(event)) => self.event(number, event),
                Err(_) => return self.end(number),
            }
        }
        if let Some(session) = &mut self.sessions[number] {
            session.due = now;
        }
    }

    fn event(&mut self, number: usize, event: Event) {
        let Some(session) = &mut self.sessions[number] else { return };
        match event {
            Event::RtpPacket(packet) => {
                if let Some(source) = session.received(packet)
                    && !self.touched.contains(&(number, source))
                {
                    self.touched.push((number, source));
                }
            }
            Event::Connected => {
                session.connected = true;
                self.want_keyframes(number, |_| true);
            }
            Event::KeyframeRequest(request) => {
                let line = session.lines.iter().position(|line| line.mid == request.mid);
                self.want_keyframes(number, |asked| Some(asked) == line);
            }
            _ => {}
        }
    }

    /// Marks the sources of a player's lines as waited for.
    fn want_keyframes(&mut self, player: usize, wanted: impl Fn(usize) -> bool) {
        for session in self.sessions.iter_mut().flatten() {
            for source in &mut session.sources {
                let carries = |(to, line): &LineId| *to == player as u64 && wanted(*line);
                if source.routes.iter().any(carries) {
                    source.keyframe_wanted = true;
                    self.keyframes_wanted = true;
                }
            }
        }
    }

    fn flush(&mut self) {
        self.sender.send(
            &self.socket,
            &self.pending,
            |transmit| (transmit.destination, &transmit.contents[..]),
            &mut self.sent,
        );
        self.pending.clear();
    }
}
