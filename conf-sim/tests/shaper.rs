//! The link shaper as a program: real sockets on loopback, told what to do on its standard input.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::UdpSocket,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

struct Shaper {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Shaper {
    /// One before `server`, and a socket that is connected to it.
    fn before(server: &UdpSocket) -> (Self, UdpSocket) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_shaper"))
            .arg(server.local_addr().unwrap().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut shaper = Self { child, input, output };
        let ready = shaper.line();
        let port: u16 = ready.strip_prefix("shaper ready port=").unwrap().parse().unwrap();
        let browser = socket();
        browser.connect(("127.0.0.1", port)).unwrap();
        (shaper, browser)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn say(&mut self, command: &str) -> String {
        writeln!(self.input.as_mut().unwrap(), "{command}").unwrap();
        self.line()
    }

    /// Ends its input and gives the last it says.
    fn end(mut self) -> String {
        self.input = None;
        let last = self.line();
        assert!(self.child.wait().unwrap().success());
        last
    }
}

/// A loopback socket that waits long for what must come.
fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

#[test]
fn datagrams_pass_both_ways_at_the_rate_and_the_delay_asked_for() {
    let server = socket();
    let (mut shaper, browser) = Shaper::before(&server);
    assert_eq!(shaper.say("rate 800000"), "done rate 800000");
    assert_eq!(shaper.say("delay 40"), "done delay 40");
    let begun = Instant::now();
    for number in 0..10 {
        browser.send(&[number; 1_000]).unwrap();
    }
    let mut buffer = [0; 2_000];
    let mut from = None;
    for number in 0..10 {
        let (len, sender) = server.recv_from(&mut buffer).unwrap();
        assert_eq!((len, buffer[0]), (1_000, number));
        from = Some(sender);
    }
    // Ten milliseconds each on the wire, and the way.
    assert!(begun.elapsed() >= Duration::from_millis(140), "{:?}", begun.elapsed());
    let begun = Instant::now();
    server.send_to(b"answer", from.unwrap()).unwrap();
    assert_eq!(browser.recv(&mut buffer).unwrap(), 6);
    assert!(begun.elapsed() >= Duration::from_millis(40), "{:?}", begun.elapsed());
    let last = shaper.end();
    let up = "up forwarded=10 bytes=10000 lost=0 overflowed=0";
    assert_eq!(
        last,
        format!("counts {up} down forwarded=1 bytes=6 lost=0 overflowed=0 strangers=0")
    );
}

#[test]
fn a_full_queue_and_chance_are_counted_and_nonsense_is_refused() {
    let server = socket();
    let (mut shaper, browser) = Shaper::before(&server);
    assert!(shaper.say("faster").starts_with("refused: expected `rate"));
    shaper.say("rate 80000");
    // The queue holds three; on a busy machine one may have left before the last came.
    for _ in 0..10 {
        browser.send(&[0; 1_000]).unwrap();
    }
    server.recv_from(&mut [0; 2_000]).unwrap();
    shaper.say("loss 1");
    browser.send(&[0; 10]).unwrap();
    let mut counts = shaper.say("counts");
    while counted(&counts, "lost") == 0 {
        counts = shaper.say("counts");
    }
    let last = shaper.end();
    assert!(counted(&last, "forwarded") >= 1 && counted(&last, "overflowed") >= 1, "{last}");
}

/// The first figure of that name: the browser's direction.
fn counted(counts: &str, name: &str) -> u64 {
    let figure = counts.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    figure.unwrap().parse().unwrap()
}
