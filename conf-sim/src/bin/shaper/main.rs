//! `shaper`: a link between browsers and a server on this machine, as thin as one says.
//!
//! `shaper 127.0.0.1:PORT` forwards UDP from a loopback port of its own to that address and back. The
//! first line it prints is `shaper ready port=PORT`. Commands come on standard input, a line each
//! (`command.rs` lists them); each is answered by a line: `done …`, `refused: …`, or the counts of both
//! directions. It ends with its input, and then tells the counts once more.
#![allow(clippy::print_stdout, reason = "whoever started it reads what it says")]

mod command;
mod way;

use std::{
    collections::BTreeMap,
    env,
    io::{self, BufRead as _},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    process::ExitCode,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};

use self::{command::Command, way::Way};

/// Addresses of browsers at most: each path a browser tries is one. What further ones send is
/// dropped and counted.
const MOST_PEERS: usize = 16;
/// What was read and not yet looked at. When it is full, it is the kernel's buffers that fill.
const UNREAD: usize = 1_024;
/// No datagram of ours is larger.
const LARGEST: usize = 2_048;

/// What wakes the one who owns the link.
enum Input {
    /// A browser sent a datagram.
    Up(Instant, SocketAddr, Vec<u8>),
    /// The server sent one to the browser at this address.
    Down(Instant, SocketAddr, Vec<u8>),
    Line(String),
    /// Nobody gives commands any more.
    End,
}

/// Both directions of the link, and the sockets at its ends.
struct Shaper {
    server: SocketAddr,
    front: Arc<UdpSocket>,
    /// Towards the server a socket for each browser address: that is how answers are told apart.
    backs: BTreeMap<SocketAddr, Arc<UdpSocket>>,
    up: Way<SocketAddr>,
    down: Way<SocketAddr>,
    /// Datagrams of addresses beyond the bound.
    strangers: u64,
    inbox: SyncSender<Input>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("shaper: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let words: Vec<String> = env::args().skip(1).collect();
    let server = match &words[..] {
        [server] => server.parse().ok().filter(|server: &SocketAddr| server.ip().is_loopback()),
        _ => None,
    };
    let server = server.ok_or_else(|| {
        format!(
            "expected one loopback address such as `127.0.0.1:5000`, found `{}`",
            words.join(" ")
        )
    })?;
    let shape = |error: io::Error| format!("no socket on loopback: {error}");
    let front = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(shape)?);
    let port = front.local_addr().map_err(shape)?.port();
    let (inbox, inputs) = sync_channel(UNREAD);
    read(Arc::clone(&front), inbox.clone(), Input::Up);
    read_lines(inbox.clone());
    println!("shaper ready port={port}");
    let (up, down) = (Way::seeded(1), Way::seeded(2));
    Shaper { server, front, backs: BTreeMap::new(), up, down, strangers: 0, inbox }.serve(&inputs);
    Ok(())
}

impl Shaper {
    fn serve(mut self, inputs: &Receiver<Input>) {
        loop {
            let now = Instant::now();
            self.forward(now);
            let next =
                [self.up.next_arrival(), self.down.next_arrival()].into_iter().flatten().min();
            let input = match next {
                Some(at) => inputs.recv_timeout(at.saturating_duration_since(now)),
                None => inputs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match input {
                Ok(Input::Up(at, from, bytes)) => {
                    if self.knows(from) {
                        self.up.take(at, from, bytes);
                    } else {
                        self.strangers += 1;
                    }
                }
                Ok(Input::Down(at, to, bytes)) => self.down.take(at, to, bytes),
                Ok(Input::Line(line)) => self.obey(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Input::End) | Err(RecvTimeoutError::Disconnected) => {
                    self.tell();
                    return;
                }
            }
        }
    }

    /// Sends on what has arrived. What a socket does not take is lost, as on any network.
    fn forward(&mut self, now: Instant) {
        while let Some((from, bytes)) = self.up.arrived(now) {
            if let Some(back) = self.backs.get(&from) {
                let _ = back.send_to(&bytes, self.server);
            }
        }
        while let Some((to, bytes)) = self.down.arrived(now) {
            let _ = self.front.send_to(&bytes, to);
        }
    }

    /// Whether there is a way on for the browser at `from`; makes one while there is room.
    fn knows(&mut self, from: SocketAddr) -> bool {
        if self.backs.contains_key(&from) {
            return true;
        }
        if self.backs.len() >= MOST_PEERS {
            return false;
        }
        let Ok(back) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else { return false };
        let back = Arc::new(back);
        read(Arc::clone(&back), self.inbox.clone(), move |at, _, bytes| {
            Input::Down(at, from, bytes)
        });
        self.backs.insert(from, back);
        true
    }

    fn obey(&mut self, line: &str) {
        match line.parse() {
            Ok(Command::Counts) => self.tell(),
            Ok(command) => {
                self.up.change(command);
                self.down.change(command);
                println!("done {}", line.trim());
            }
            Err(why) => println!("refused: {why}"),
        }
    }

    fn tell(&self) {
        let (up, down, strangers) = (self.up.counts(), self.down.counts(), self.strangers);
        println!("counts up {up} down {down} strangers={strangers}");
    }
}

/// Hands on what a socket receives, with the time it was read at: waiting to be looked at is not part of
/// the link.
fn read(
    socket: Arc<UdpSocket>,
    inbox: SyncSender<Input>,
    input: impl Fn(Instant, SocketAddr, Vec<u8>) -> Input + Send + 'static,
) {
    thread::spawn(move || {
        let mut buffer = [0; LARGEST];
        // A socket that is not connected is told of no error but its own.
        while let Ok((len, from)) = socket.recv_from(&mut buffer) {
            if inbox.send(input(Instant::now(), from, buffer[..len].to_vec())).is_err() {
                return;
            }
        }
    });
}

fn read_lines(inbox: SyncSender<Input>) {
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if inbox.send(Input::Line(line)).is_err() {
                return;
            }
        }
        let _ = inbox.send(Input::End);
    });
}
