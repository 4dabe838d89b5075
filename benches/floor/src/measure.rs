//! Sends a trace in real time and says what each packet cost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cost::thread_cpu;
use crate::datagrams::{Receiver, Sender, Sent, bind, stay_on, wait};
use crate::receivers::{Joining, Receivers};
use crate::seal::{Profile, Sealer, TAG};
use crate::trace::{Stream, Trace};

/// RTP header of a packet as a server sends it: with a transport-wide sequence number.
const HEADER: usize = 20;
/// Space for one packet in the send buffer.
const SPACE: usize = 1500;
/// Packets sealed before they are sent: what stays in a core's cache between the two. Many more
/// are fetched from memory twice, many fewer cost system calls.
const FLUSH: usize = 128;
/// A frame later than this is left out, as a server would not catch up either.
const TOO_LATE: Duration = Duration::from_millis(200);
/// How long nothing is counted: caches, clock rates and sockets settle.
const WARM_UP: Duration = Duration::from_millis(300);

/// What a trace cost.
#[derive(Debug, Clone, Serialize)]
pub struct Floor {
    /// What was sent.
    pub trace: Trace,
    /// How long was counted, in seconds.
    pub seconds: f64,
    /// Packets counted.
    pub packets: u64,
    /// Messages they left in.
    pub messages: u64,
    /// Processor time of sealing and sending, user and kernel mode, in microseconds per packet.
    pub us_per_packet: f64,
    /// The same for receiving and decrypting what publishers send, per packet *delivered*.
    pub receive_us_per_packet: f64,
    /// Packets that did not reach their receiver's hands, and frames left out: the figures count
    /// only when there are none.
    pub lost: u64,
}

/// How a trace is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How long is counted.
    pub within: Duration,
    /// The cipher.
    pub profile: Profile,
    /// How receivers take it.
    pub joining: Joining,
    /// The cores of the sender and of the receivers; wherever the kernel likes without.
    pub cores: Option<(usize, usize)>,
}

/// Sends `trace` for the planned time, then receives it as published.
///
/// # Errors
/// When there are not enough sockets, or no such cores.
pub fn run(trace: &Trace, plan: Plan) -> io::Result<Floor> {
    if let Some((sender, _)) = plan.cores {
        stay_on(sender)?;
    }
    let sent = send(trace, plan)?;
    let (receive, dropped) = receive(trace, plan)?;
    Ok(Floor {
        trace: trace.clone(),
        seconds: plan.within.as_secs_f64(),
        packets: sent.packets,
        messages: sent.messages,
        us_per_packet: sent.cpu.as_secs_f64() * 1e6 / sent.packets.max(1) as f64,
        receive_us_per_packet: receive,
        lost: sent.lost + dropped,
    })
}

/// One receiver of a room, and what the packets to it are numbered.
struct Target {
    address: SocketAddr,
    key: Sealer,
    packets: u64,
}

impl Target {
    /// Seals one packet of a stream for this receiver.
    fn seal(&mut self, ssrc: u32, frame: u64, payload: &[u8], out: &mut [u8]) -> usize {
        self.packets += 1;
        let header = header(ssrc, self.packets, frame);
        self.key.seal(ssrc, self.packets, &header, payload, out)
    }
}

/// A header with one extension of one byte's form: the transport-wide sequence number.
fn header(ssrc: u32, packet: u64, frame: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = 0x90;
    header[1] = 96;
    header[2..4].copy_from_slice(&(packet as u16).to_be_bytes());
    header[4..8].copy_from_slice(&(frame as u32).wrapping_mul(3000).to_be_bytes());
    header[8..12].copy_from_slice(&ssrc.to_be_bytes());
    header[12..17].copy_from_slice(&[0xbe, 0xde, 0, 1, 0x31]);
    header[17..19].copy_from_slice(&(packet as u16).to_be_bytes());
    header
}

/// Frames of all streams in the order they are due.
struct Schedule {
    start: Instant,
    streams: Vec<Stream>,
    due: BinaryHeap<Reverse<(Duration, usize, u64)>>,
}

impl Schedule {
    fn new(trace: &Trace, start: Instant) -> Self {
        let streams = trace.streams();
        let due = streams.iter().enumerate().map(|(n, s)| Reverse((s.start, n, 0))).collect();
        Self { start, streams, due }
    }

    /// Waits for the next frame: its stream, its number and how late it is.
    fn next(&mut self) -> (usize, u64, Duration) {
        let Reverse((at, stream, frame)) = self.due.pop().expect("a trace has streams");
        let next =
            self.streams[stream].start + self.streams[stream].every.mul_f64((frame + 1) as f64);
        self.due.push(Reverse((next, stream, frame + 1)));
        let wait = at.saturating_sub(self.start.elapsed());
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        (stream, frame, self.start.elapsed().saturating_sub(at))
    }
}

/// What sending cost.
struct Counted {
    packets: u64,
    messages: u64,
    cpu: Duration,
    lost: u64,
}

fn send(trace: &Trace, plan: Plan) -> io::Result<Counted> {
    let count = (trace.rooms * trace.receivers) as usize;
    let receivers = Receivers::start(count, plan.joining, plan.cores.map(|(_, theirs)| theirs))?;
    let mut targets: Vec<Target> = (0..)
        .zip(receivers.addresses())
        .map(|(n, to)| Target { address: *to, key: Sealer::new(plan.profile, n), packets: 0 })
        .collect();
    let socket = bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let mut out = Buffer::new();
    let payload: Vec<u8> = (0..=255).cycle().take(SPACE).collect();
    let mut schedule = Schedule::new(trace, Instant::now());
    let (mut late, mut counting) = (0, None);
    loop {
        let (stream, frame, behind) = schedule.next();
        let Stream { room, video, .. } = schedule.streams[stream];
        let elapsed = schedule.start.elapsed();
        if counting.is_none() && elapsed >= WARM_UP {
            counting = Some((thread_cpu(), out.sent));
        }
        if elapsed >= WARM_UP + plan.within {
            break;
        }
        let (count, len) = trace.payloads(video, frame);
        if behind > TOO_LATE {
            late += count as u64 * u64::from(trace.receivers);
            continue;
        }
        let from = (room * trace.receivers) as usize;
        // Receiver outside, packet inside: what goes to one address is one run.
        for target in &mut targets[from..from + trace.receivers as usize] {
            for _ in 0..count {
                let place = out.place();
                let len = target.seal(stream as u32 + 1, frame, &payload[..len], place);
                out.keep(target.address, len);
            }
            if out.pieces.len() >= FLUSH {
                out.flush(&socket);
            }
        }
        out.flush(&socket);
    }
    let end = thread_cpu();
    let (began, before) = counting.unwrap_or((end, out.sent));
    let all = out.sent.datagrams;
    let arrived = receivers.finish();
    Ok(Counted {
        packets: all - before.datagrams,
        messages: out.sent.messages - before.messages,
        cpu: end - began,
        lost: late + out.sent.dropped + all.saturating_sub(arrived),
    })
}

/// Packets of a few runs on their way to the kernel.
struct Buffer {
    bytes: Vec<u8>,
    used: usize,
    pieces: Vec<(SocketAddr, usize, usize)>,
    sender: Sender,
    sent: Sent,
}

impl Buffer {
    fn new() -> Self {
        Self {
            // A frame may be longer than what begins a flush.
            bytes: vec![0; (FLUSH + 256) * SPACE],
            used: 0,
            pieces: Vec::with_capacity(FLUSH + 256),
            sender: Sender::default(),
            sent: Sent::default(),
        }
    }

    fn place(&mut self) -> &mut [u8] {
        &mut self.bytes[self.used..self.used + SPACE]
    }

    fn keep(&mut self, to: SocketAddr, len: usize) {
        self.pieces.push((to, self.used, len));
        self.used += len;
    }

    fn flush(&mut self, socket: &UdpSocket) {
        let bytes = &self.bytes;
        self.sender.send(
            socket,
            &self.pieces,
            |(to, at, len)| (*to, &bytes[*at..*at + *len]),
            &mut self.sent,
        );
        self.pieces.clear();
        self.used = 0;
    }
}

/// Receives and decrypts the trace as published: the cost in microseconds per packet delivered,
/// and the packets that got lost.
fn receive(trace: &Trace, plan: Plan) -> io::Result<(f64, u64)> {
    let socket = bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let to = socket.local_addr()?;
    let end = Arc::new(AtomicBool::new(false));
    let publisher = publish(trace.clone(), plan, to, end.clone())?;
    let key = Sealer::new(plan.profile, 0);
    let mut receiver = Receiver::default();
    let mut ready = Vec::new();
    let mut packets = 0;
    let began = thread_cpu();
    loop {
        wait(&[socket.as_fd()], Duration::from_millis(50), &mut ready);
        let ending = end.load(Ordering::Acquire);
        let mut any = false;
        while receiver.receive(&socket).is_ok() {
            any = true;
            for (_, packet) in receiver.datagrams() {
                let field = |at: usize| {
                    packet
                        .get(at..at + 4)
                        .map_or(0, |f| u32::from_be_bytes([f[0], f[1], f[2], f[3]]))
                };
                // The low 16 bits are in the header; a receiver keeps the rest, here by order.
                let (ssrc, low) = (field(8), u64::from(field(0) & 0xffff));
                let index = (packets + 1) & !0xffff | low;
                packets += u64::from(key.open(ssrc, index, HEADER, packet).is_some());
            }
        }
        if ending && !any {
            break;
        }
    }
    let cost = thread_cpu() - began;
    let sent = publisher.join().map_err(|_| io::Error::other("the publisher failed"))?;
    let per_published = cost.as_secs_f64() * 1e6 / packets.max(1) as f64;
    Ok((per_published / f64::from(trace.receivers), sent.saturating_sub(packets)))
}

/// Plays the publishers of a trace from a thread of its own, a third of the time; how many packets
/// they sent.
fn publish(
    trace: Trace,
    plan: Plan,
    to: SocketAddr,
    end: Arc<AtomicBool>,
) -> io::Result<std::thread::JoinHandle<u64>> {
    std::thread::Builder::new().name("publishers".to_owned()).spawn(move || {
        // A thread begins on the core of whoever starts it: here the one that is measured.
        let _ = plan.cores.map(|(_, theirs)| stay_on(theirs));
        let from = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port for the publishers");
        let mut target = Target { address: to, key: Sealer::new(plan.profile, 0), packets: 0 };
        let payload: Vec<u8> = (0..=255).cycle().take(SPACE).collect();
        let mut out = Buffer::new();
        let mut schedule = Schedule::new(&trace, Instant::now());
        while schedule.start.elapsed() < plan.within / 3 {
            let (stream, frame, _) = schedule.next();
            let (count, len) = trace.payloads(schedule.streams[stream].video, frame);
            for _ in 0..count {
                let place = out.place();
                let len = target.seal(stream as u32 + 1, frame, &payload[..len], place);
                out.keep(target.address, len);
            }
            out.flush(&from);
        }
        end.store(true, Ordering::Release);
        out.sent.datagrams
    })
}

const _: () = assert!(HEADER + 1400 + TAG <= SPACE);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_trace_is_sent_whole_and_its_cost_is_told() {
        let trace = Trace {
            rooms: 2,
            video_streams: 1,
            audio_streams: 2,
            receivers: 3,
            packets_per_frame: 4.5,
            payload_bytes: 1000.0,
            frames_per_second: 30.0,
            audio_payload_bytes: 60.0,
            audio_per_second: 50.0,
        };
        for joining in [Joining::On, Joining::Off] {
            let within = Duration::from_millis(600);
            let plan = Plan { within, profile: Profile::Aes256Gcm, joining, cores: None };
            let floor = run(&trace, plan).unwrap();
            assert_eq!(floor.lost, 0);
            assert!(floor.packets > 0 && floor.messages < floor.packets, "{floor:?}");
            assert!(floor.us_per_packet > 0.0 && floor.receive_us_per_packet > 0.0, "{floor:?}");
        }
    }

    #[test]
    fn a_sealed_packet_says_what_it_is() {
        let header = header(0x0102_0304, 0x1_0005, 2);
        assert_eq!(header[2..4], [0, 5]);
        assert_eq!(header[4..8], 6000_u32.to_be_bytes());
        assert_eq!(header[8..12], [1, 2, 3, 4]);
    }
}
