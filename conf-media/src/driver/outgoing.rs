//! How runs of datagrams leave: batched, segmented by the kernel where it can, never waiting.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    ops::Range,
    os::fd::AsFd,
};

use socket2::SockAddr;

use super::{
    SocketStats,
    udp::{BATCH, MAX_SEGMENTS, Message, SendBatch},
};
use crate::shard::{Route, Transmit, Transport};

/// The most payload one message may carry: an IPv6 datagram's, with room for its headers.
const MAX_MESSAGE: usize = 65_000;

/// Where a run lies in the send buffer.
pub(super) struct Run {
    pub(super) offset: usize,
    pub(super) transmit: Transmit,
}

/// The sending half of a socket.
pub(super) struct Outgoing {
    batch: SendBatch,
    /// Of one [`send`](Self::send), kept for the next: its memory would come and go with every turn.
    messages: Vec<Message>,
    /// Whether the kernel segments for us; cleared for good when it says that it cannot.
    segmentation: bool,
    mapped: bool,
}

impl Outgoing {
    /// `local` is what the socket is bound to: IPv6 sockets want IPv4 destinations mapped.
    pub(super) fn new(local: SocketAddr) -> Self {
        let messages = Vec::with_capacity(RUNS);
        Self { batch: SendBatch::new(), messages, segmentation: true, mapped: local.is_ipv6() }
    }

    #[cfg(test)]
    fn without_segmentation(mut self) -> Self {
        self.segmentation = false;
        self
    }

    /// Sends `runs`, whose bytes lie in `buffer`. What the kernel has no room for is dropped and
    /// counted: media that waits is worth nothing, and repairs exist.
    pub(super) fn send(
        &mut self,
        socket: &UdpSocket,
        buffer: &[u8],
        runs: &[Run],
        stats: &mut SocketStats,
    ) {
        let mut messages = std::mem::take(&mut self.messages);
        for run in runs.iter().filter(|run| run.transmit.destination.transport == Transport::Udp) {
            let bytes = run.offset..run.offset + run.transmit.len;
            let Route { remote, local, .. } = run.transmit.destination;
            let destination =
                SockAddr::from(SocketAddr::new(self.as_bound(remote.ip()), remote.port()));
            let source = local.map(|ip| self.as_bound(ip));
            let whole = Message { destination, source, bytes, segment: None };
            self.cut(&whole, run.transmit.segment, &mut messages);
        }
        self.send_all(socket, buffer, &messages, stats);
        messages.clear();
        self.messages = messages;
    }

    fn send_all(
        &mut self,
        socket: &UdpSocket,
        buffer: &[u8],
        messages: &[Message],
        stats: &mut SocketStats,
    ) {
        let mut rest = messages;
        while !rest.is_empty() {
            match self.batch.send(socket.as_fd(), buffer, rest) {
                Ok(sent) => {
                    // Nothing sent without an error does not happen; it must not hang us.
                    let (done, left) = rest.split_at(sent.clamp(1, rest.len()));
                    stats.sent_messages += done.len() as u64;
                    stats.sent_datagrams += done.iter().map(datagrams).sum::<u64>();
                    rest = left;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_full(&error) => {
                    stats.dropped_datagrams += rest.iter().map(datagrams).sum::<u64>();
                    return;
                }
                Err(error) => {
                    let (failed, left) = rest.split_at(1);
                    if failed[0].segment.is_some() {
                        // EIO: no checksum offload, now or ever. Others concern this route.
                        if error.raw_os_error() == Some(libc::EIO) {
                            self.segmentation = false;
                        }
                        stats.unsegmented_messages += 1;
                        if !self.one_by_one(socket, buffer, &failed[0], stats) {
                            stats.dropped_datagrams += left.iter().map(datagrams).sum::<u64>();
                            return;
                        }
                    } else {
                        stats.failed_datagrams += 1;
                    }
                    rest = left;
                }
            }
        }
    }

    /// Sends a message that the kernel would not cut as datagrams; false when it is full.
    fn one_by_one(
        &mut self,
        socket: &UdpSocket,
        buffer: &[u8],
        message: &Message,
        stats: &mut SocketStats,
    ) -> bool {
        let segment = usize::from(message.segment.unwrap_or(u16::MAX)).max(1);
        let pieces: Vec<Message> = pieces(&message.bytes, segment)
            .map(|bytes| Message { bytes, segment: None, ..message.clone() })
            .collect();
        let mut rest = pieces.as_slice();
        while !rest.is_empty() {
            match self.batch.send(socket.as_fd(), buffer, rest) {
                Ok(sent) => {
                    let sent = sent.clamp(1, rest.len());
                    stats.sent_messages += sent as u64;
                    stats.sent_datagrams += sent as u64;
                    rest = &rest[sent..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_full(&error) => {
                    stats.dropped_datagrams += rest.len() as u64;
                    return false;
                }
                Err(_) => {
                    stats.failed_datagrams += 1;
                    rest = &rest[1..];
                }
            }
        }
        true
    }

    /// Cuts a run into messages that the kernel accepts.
    fn cut(&self, whole: &Message, segment: usize, messages: &mut Vec<Message>) {
        let segment = segment.clamp(1, whole.bytes.len().max(1));
        let per_message = if self.segmentation {
            (MAX_MESSAGE / segment).clamp(1, MAX_SEGMENTS) * segment
        } else {
            segment
        };
        for bytes in pieces(&whole.bytes, per_message) {
            let segment =
                (bytes.len() > segment).then_some(segment).and_then(|s| u16::try_from(s).ok());
            messages.push(Message { bytes, segment, ..whole.clone() });
        }
    }

    /// An address as the socket's family writes it.
    fn as_bound(&self, ip: IpAddr) -> IpAddr {
        match ip {
            IpAddr::V4(ip) if self.mapped => ip.to_ipv6_mapped().into(),
            _ => ip,
        }
    }
}

/// Runs that fit one flush of the send buffer.
pub(super) const RUNS: usize = BATCH;

/// The parts of a range, each `size` long but the last, which may be shorter.
fn pieces(whole: &Range<usize>, size: usize) -> impl Iterator<Item = Range<usize>> {
    let end = whole.end;
    whole.clone().step_by(size).map(move |start| start..end.min(start + size))
}

fn datagrams(message: &Message) -> u64 {
    match message.segment {
        Some(segment) => message.bytes.len().div_ceil(usize::from(segment.max(1))) as u64,
        None => 1,
    }
}

/// The send queue, or the memory for it, is used up.
fn is_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || matches!(error.raw_os_error(), Some(libc::ENOBUFS | libc::ENOMEM))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn receiver() -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket
    }

    fn run(offset: usize, len: usize, segment: usize, destination: SocketAddr) -> Run {
        Run { offset, transmit: Transmit { destination: Route::udp(destination), len, segment } }
    }

    fn received(socket: &UdpSocket, count: usize) -> Vec<Vec<u8>> {
        let mut buffer = [0; 2048];
        (0..count)
            .map(|_| {
                let len = socket.recv(&mut buffer).unwrap();
                buffer[..len].to_vec()
            })
            .collect()
    }

    fn check(mut outgoing: Outgoing, from: &UdpSocket) {
        let (first, second) = (receiver(), receiver());
        let buffer: Vec<u8> = (0..6000u32).map(|n| (n / 100) as u8).collect();
        let runs = [
            run(0, 2500, 1000, first.local_addr().unwrap()),
            run(2500, 700, 700, second.local_addr().unwrap()),
            run(3200, 2000, 1000, first.local_addr().unwrap()),
        ];
        let mut stats = SocketStats::default();
        outgoing.send(from, &buffer, &runs, &mut stats);
        let at_first = received(&first, 5);
        assert_eq!(
            at_first.iter().map(Vec::len).collect::<Vec<_>>(),
            [1000, 1000, 500, 1000, 1000]
        );
        assert_eq!(at_first[..3].concat(), buffer[..2500]);
        assert_eq!(at_first[3..].concat(), buffer[3200..5200]);
        assert_eq!(received(&second, 1).concat(), buffer[2500..3200]);
        assert_eq!((stats.sent_datagrams, stats.failed_datagrams), (6, 0));
    }

    #[test]
    fn runs_arrive_as_the_datagrams_they_were() {
        let from = UdpSocket::bind("127.0.0.1:0").unwrap();
        let local = from.local_addr().unwrap();
        check(Outgoing::new(local), &from);
        check(Outgoing::new(local).without_segmentation(), &from);
    }

    #[test]
    fn a_long_run_is_cut_into_what_the_kernel_accepts() {
        let outgoing = Outgoing::new("127.0.0.1:1".parse().unwrap());
        let to = SockAddr::from("127.0.0.1:2".parse::<SocketAddr>().unwrap());
        let mut messages = Vec::new();
        let whole = |bytes| Message { destination: to.clone(), source: None, bytes, segment: None };
        outgoing.cut(&whole(0..130_500), 1000, &mut messages);
        assert!(messages.iter().all(|m| m.bytes.len() <= MAX_MESSAGE));
        assert!(messages.iter().all(|m| datagrams(m) <= MAX_SEGMENTS as u64));
        assert_eq!(messages.iter().map(datagrams).sum::<u64>(), 131);
        messages.clear();
        outgoing.cut(&whole(0..900), 900, &mut messages);
        assert_eq!((messages.len(), messages[0].segment), (1, None));
    }

    #[test]
    fn a_destination_that_cannot_be_reached_does_not_hold_up_the_others() {
        let from = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = receiver();
        let buffer = [7; 400];
        // Port 0 is refused at once; so is a segmented run to it.
        let nowhere: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let runs = [
            run(0, 100, 100, nowhere),
            run(100, 200, 100, nowhere),
            run(300, 100, 100, to.local_addr().unwrap()),
        ];
        let mut stats = SocketStats::default();
        Outgoing::new(from.local_addr().unwrap()).send(&from, &buffer, &runs, &mut stats);
        assert_eq!(received(&to, 1).concat(), [7; 100]);
        assert_eq!((stats.sent_datagrams, stats.failed_datagrams), (1, 3));
    }
}
