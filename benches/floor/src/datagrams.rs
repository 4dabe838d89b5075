//! Many datagrams per system call: runs to one address as one segmented message, batched receive.
#![allow(unsafe_code)]

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd as _, OwnedFd};
use std::ptr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Messages one system call takes or gives.
pub const BATCH: usize = 64;
/// Segments one message may have (`UDP_MAX_SEGMENTS` before Linux 6.9).
const MAX_SEGMENTS: usize = 64;
/// Payload one message may have: an IPv6 datagram's, with room for its headers.
const MAX_MESSAGE: usize = 65_000;
/// Space for one received datagram that was not coalesced.
const DATAGRAM: usize = 2048;
/// Space for what the kernel coalesced.
const COALESCED: usize = 65_536;
/// Coalesced messages one call takes: fewer, as each needs much space.
const COALESCED_BATCH: usize = 16;
/// Socket buffers, in bytes. The kernel grants what its limits allow.
const SOCKET_BUFFER: usize = 8 << 20;

/// A socket that never blocks, with buffers as large as the system grants.
///
/// # Errors
/// When the address cannot be bound.
pub fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // Less than asked for shows as loss, which the comparison reports.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Lets the kernel join datagrams of one sender into one message ([`Receiver::coalesced`]).
///
/// # Errors
/// When the kernel cannot.
pub fn coalesce(socket: &UdpSocket) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the option takes an int, whose address and size are given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_GRO,
            ptr::from_ref(&on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Waits until one of the descriptors can be read or `within` is over; says which can.
///
/// A signal ends the wait early; then none may be readable.
pub fn wait(descriptors: &[BorrowedFd<'_>], within: Duration, ready: &mut Vec<bool>) {
    let mut polled: Vec<libc::pollfd> = descriptors
        .iter()
        .map(|fd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 })
        .collect();
    let timeout = libc::timespec {
        tv_sec: within.as_secs().min(3600) as libc::time_t,
        tv_nsec: i64::from(within.subsec_nanos()),
    };
    // SAFETY: as many pollfd as are counted, and one timespec, all alive; the signal mask stays.
    unsafe {
        libc::ppoll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, &timeout, ptr::null());
    }
    ready.clear();
    ready.extend(polled.iter().map(|polled| polled.revents != 0));
}

/// Keeps this thread, and those it starts from here on, on one core.
///
/// # Errors
/// When there is no such core or it is not ours to use.
pub(crate) fn stay_on(core: usize) -> io::Result<()> {
    if core >= libc::CPU_SETSIZE as usize {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    // SAFETY: all-zero bytes are an empty set, `core` lies within it, and the call only reads it.
    let result = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Many sockets watched at once (epoll), as a program with many peers would.
pub struct Watch {
    descriptor: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Watch {
    /// Watches the sockets for what can be read; [`wait`](Self::wait) tells their places here.
    ///
    /// # Errors
    /// When the system has no more descriptors.
    pub fn new(sockets: &[UdpSocket]) -> io::Result<Self> {
        // SAFETY: takes no pointers.
        let descriptor = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and has no other owner.
        let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
        for (place, socket) in sockets.iter().enumerate() {
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: place as u64 };
            // SAFETY: both descriptors are open and the event is alive during the call.
            let result = unsafe {
                libc::epoll_ctl(
                    descriptor.as_raw_fd(),
                    libc::EPOLL_CTL_ADD,
                    socket.as_raw_fd(),
                    &mut event,
                )
            };
            if result != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { descriptor, events: vec![libc::epoll_event { events: 0, u64: 0 }; BATCH] })
    }

    /// Waits at most `within`; the places of some that can be read.
    pub fn wait(&mut self, within: Duration) -> impl Iterator<Item = usize> {
        let within = within.as_millis().min(60_000) as libc::c_int;
        // SAFETY: the kernel writes at most as many events as are counted.
        let count = unsafe {
            libc::epoll_wait(
                self.descriptor.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as libc::c_int,
                within,
            )
        };
        // A signal ends the wait without events.
        let count = usize::try_from(count).unwrap_or(0);
        self.events[..count].iter().map(|event| event.u64 as usize)
    }
}

/// What became of datagrams given to a [`Sender`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Datagrams the kernel took.
    pub datagrams: u64,
    /// Messages they left in: fewer, where runs were segmented.
    pub messages: u64,
    /// Datagrams the kernel did not take.
    pub dropped: u64,
}

/// A run of datagrams of one size (the last may be shorter) to one address.
struct Run {
    destination: SockAddr,
    first: usize,
    pieces: usize,
    iovecs: (usize, usize),
    segment: u16,
}

/// Buffers for batched sends, kept from call to call.
pub struct Sender {
    segmentation: bool,
    runs: Vec<Run>,
    iovecs: Vec<libc::iovec>,
    controls: Vec<[u64; 4]>,
    headers: Vec<libc::mmsghdr>,
}

impl Default for Sender {
    fn default() -> Self {
        // SAFETY: all-zero bytes are a valid value of this plain C structure.
        let header = unsafe { std::mem::zeroed() };
        Self {
            segmentation: true,
            runs: Vec::new(),
            iovecs: Vec::new(),
            controls: vec![[0; 4]; BATCH],
            headers: vec![header; BATCH],
        }
    }
}

impl Sender {
    /// Sends each piece as one datagram to the address `look` gives, in order.
    ///
    /// Neighbours with one address and one size (the last of a run may be shorter) leave as one
    /// segmented message, without being copied together. What the kernel has no room for is
    /// dropped and counted, as it would be on any network.
    pub fn send<'a, P>(
        &mut self,
        socket: &UdpSocket,
        pieces: &'a [P],
        look: impl Fn(&'a P) -> (SocketAddr, &'a [u8]),
        sent: &mut Sent,
    ) {
        self.plan(pieces, &look);
        let mut next = 0;
        while next < self.runs.len() {
            let count = (self.runs.len() - next).min(BATCH);
            for place in 0..count {
                self.describe(place, next + place);
            }
            // SAFETY: `count` headers were filled in from runs whose names and iovecs are owned by
            // `self` and whose bytes are borrowed by `pieces`, all alive; the kernel only reads.
            let taken = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    self.headers.as_mut_ptr(),
                    count as libc::c_uint,
                    libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
                )
            };
            if let Ok(taken) = usize::try_from(taken) {
                // Nothing sent without an error does not happen; it must not hang us.
                let taken = taken.clamp(1, count);
                sent.messages += taken as u64;
                sent.datagrams +=
                    self.runs[next..next + taken].iter().map(|r| r.pieces as u64).sum::<u64>();
                next += taken;
                continue;
            }
            match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error if is_full(&error) => {
                    sent.dropped += self.runs[next..].iter().map(|r| r.pieces as u64).sum::<u64>();
                    return;
                }
                // No checksum offload, now or ever: from here on each datagram is a message.
                error if error.raw_os_error() == Some(libc::EIO) && self.segmentation => {
                    self.segmentation = false;
                    let first = self.runs[next].first;
                    return self.send(socket, &pieces[first..], look, sent);
                }
                _ => {
                    sent.dropped += self.runs[next].pieces as u64;
                    next += 1;
                }
            }
        }
    }

    /// Finds the runs among the pieces.
    fn plan<'a, P>(&mut self, pieces: &'a [P], look: impl Fn(&'a P) -> (SocketAddr, &'a [u8])) {
        self.runs.clear();
        self.iovecs.clear();
        let mut last: Option<SocketAddr> = None;
        let (mut bytes, mut open) = (0, false);
        for (place, piece) in pieces.iter().enumerate() {
            let (destination, datagram) = look(piece);
            let len = datagram.len();
            let base = datagram.as_ptr().cast_mut().cast::<libc::c_void>();
            let run = self.runs.last_mut().filter(|run| {
                open && self.segmentation
                    && last == Some(destination)
                    && len <= usize::from(run.segment)
                    && run.pieces < MAX_SEGMENTS
                    && bytes + len <= MAX_MESSAGE
            });
            match run {
                Some(run) => {
                    run.pieces += 1;
                    bytes += len;
                    open = len == usize::from(run.segment);
                    let before = self.iovecs.last_mut().expect("a run has an iovec");
                    if before.iov_base.wrapping_byte_add(before.iov_len) == base {
                        before.iov_len += len;
                        continue;
                    }
                    run.iovecs.1 += 1;
                }
                None => {
                    last = Some(destination);
                    bytes = len;
                    let segment = u16::try_from(len).unwrap_or(0);
                    open = segment > 0;
                    self.runs.push(Run {
                        destination: destination.into(),
                        first: place,
                        pieces: 1,
                        iovecs: (self.iovecs.len(), 1),
                        segment,
                    });
                }
            }
            self.iovecs.push(libc::iovec { iov_base: base, iov_len: len });
        }
    }

    /// Writes the kernel's description of one run.
    fn describe(&mut self, place: usize, run: usize) {
        let run = &self.runs[run];
        let header = &mut self.headers[place].msg_hdr;
        header.msg_name = run.destination.as_ptr().cast_mut().cast();
        header.msg_namelen = run.destination.len();
        header.msg_iov = ptr::from_mut(&mut self.iovecs[run.iovecs.0]);
        header.msg_iovlen = run.iovecs.1;
        if run.pieces == 1 {
            header.msg_control = ptr::null_mut();
            header.msg_controllen = 0;
            return;
        }
        let control = &mut self.controls[place];
        header.msg_control = ptr::from_mut(control).cast();
        // SAFETY: the control space is aligned for a header and holds one with a u16 (24 bytes).
        unsafe {
            header.msg_controllen = libc::CMSG_SPACE(size_of::<u16>() as u32) as usize;
            let told = libc::CMSG_FIRSTHDR(header);
            (*told).cmsg_level = libc::SOL_UDP;
            (*told).cmsg_type = libc::UDP_SEGMENT;
            (*told).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as usize;
            ptr::write_unaligned(libc::CMSG_DATA(told).cast::<u16>(), run.segment);
        }
    }
}

/// The send queue, or the memory for it, is used up.
fn is_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || matches!(error.raw_os_error(), Some(libc::ENOBUFS | libc::ENOMEM))
}

/// One received message: where it came from and its datagrams' size.
#[derive(Clone, Copy)]
struct Envelope {
    source: SocketAddr,
    len: usize,
    segment: usize,
}

/// Buffers for batched receives, kept from call to call.
pub struct Receiver {
    space: usize,
    bytes: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<[u64; 4]>,
    iovecs: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    envelopes: Vec<Option<Envelope>>,
}

impl Default for Receiver {
    /// One datagram a message.
    fn default() -> Self {
        Self::with(BATCH, DATAGRAM)
    }
}

impl Receiver {
    /// For a socket that may [`coalesce`].
    #[must_use]
    pub fn coalesced() -> Self {
        Self::with(COALESCED_BATCH, COALESCED)
    }

    fn with(messages: usize, space: usize) -> Self {
        // SAFETY: all-zero bytes are valid values of these plain C structures.
        let (name, iovec, header) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed::<libc::iovec>(), std::mem::zeroed()) };
        Self {
            space,
            bytes: vec![0; messages * space],
            names: vec![name; messages],
            controls: vec![[0; 4]; messages],
            iovecs: vec![iovec; messages],
            headers: vec![header; messages],
            envelopes: Vec::with_capacity(messages),
        }
    }

    /// Takes what is waiting, as much as fits; gives the number of messages.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is waiting; others as the socket gives them.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.envelopes.clear();
        let count = self.headers.len();
        for (place, space) in self.bytes.chunks_exact_mut(self.space).enumerate() {
            self.iovecs[place] =
                libc::iovec { iov_base: space.as_mut_ptr().cast(), iov_len: space.len() };
            let header = &mut self.headers[place].msg_hdr;
            header.msg_name = ptr::from_mut(&mut self.names[place]).cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = ptr::from_mut(&mut self.iovecs[place]);
            header.msg_iovlen = 1;
            header.msg_control = ptr::from_mut(&mut self.controls[place]).cast();
            header.msg_controllen = size_of::<[u64; 4]>();
            header.msg_flags = 0;
        }
        // SAFETY: each header points to its own name, control and byte space of the lengths given,
        // all owned by `self` and not otherwise borrowed during the call.
        let taken = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                count as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let taken = usize::try_from(taken).map_err(|_| io::Error::last_os_error())?;
        for (header, name) in self.headers.iter().zip(&self.names).take(taken) {
            let len = (header.msg_len as usize).min(self.space);
            let segment = segment(&header.msg_hdr).filter(|size| *size > 0).unwrap_or(self.space);
            // What was cut by the kernel is of no use to anyone.
            let whole = header.msg_hdr.msg_flags & libc::MSG_TRUNC == 0;
            let envelope = address(name).filter(|_| whole);
            self.envelopes.push(envelope.map(|source| Envelope { source, len, segment }));
        }
        Ok(taken)
    }

    /// The datagrams of the latest receive, in order of arrival.
    pub fn datagrams(&mut self) -> impl Iterator<Item = (SocketAddr, &mut [u8])> {
        let spaces = self.bytes.chunks_exact_mut(self.space);
        let messages = self.envelopes.iter().zip(spaces);
        messages.filter_map(|(envelope, space)| Some(((*envelope)?, space))).flat_map(
            |(envelope, space)| {
                let datagrams = space[..envelope.len].chunks_mut(envelope.segment);
                datagrams.map(move |datagram| (envelope.source, datagram))
            },
        )
    }
}

/// The size of the datagrams that were joined into a message.
fn segment(header: &libc::msghdr) -> Option<usize> {
    // SAFETY: the kernel filled the control space up to `msg_controllen`; the macros stay inside,
    // and level, type and length say that an int is there.
    unsafe {
        let mut told = libc::CMSG_FIRSTHDR(header);
        while !told.is_null() {
            let of_segments =
                (*told).cmsg_level == libc::SOL_UDP && (*told).cmsg_type == libc::UDP_GRO;
            let len = libc::CMSG_LEN(size_of::<libc::c_int>() as u32) as usize;
            if of_segments && (*told).cmsg_len as usize >= len {
                let size = libc::CMSG_DATA(told).cast::<libc::c_int>().read_unaligned();
                return usize::try_from(size).ok();
            }
            told = libc::CMSG_NXTHDR(header, told);
        }
    }
    None
}

fn address(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let name = ptr::from_ref(name);
    // SAFETY: the storage is as large as and aligned for each kind; the family says which it is.
    unsafe {
        match libc::c_int::from((*name).ss_family) {
            libc::AF_INET => {
                let name = &*name.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
                Some((ip, u16::from_be(name.sin_port)).into())
            }
            libc::AF_INET6 => {
                let name = &*name.cast::<libc::sockaddr_in6>();
                let ip = Ipv6Addr::from(name.sin6_addr.s6_addr);
                Some((ip, u16::from_be(name.sin6_port)).into())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    fn any() -> SocketAddr {
        "127.0.0.1:0".parse().unwrap()
    }

    /// Everything that arrives until `count` datagrams did.
    fn take(socket: &UdpSocket, receiver: &mut Receiver, count: usize) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut ready = Vec::new();
        while all.len() < count {
            wait(&[socket.as_fd()], Duration::from_secs(5), &mut ready);
            assert!(ready[0], "{} of {count} datagrams arrived", all.len());
            receiver.receive(socket).unwrap();
            all.extend(receiver.datagrams().map(|(_, datagram)| datagram.to_vec()));
        }
        all
    }

    #[test]
    fn neighbours_of_one_size_leave_as_one_message_and_arrive_as_they_were() {
        let from = bind(any()).unwrap();
        let (plain, joining) = (bind(any()).unwrap(), bind(any()).unwrap());
        coalesce(&joining).unwrap();
        let targets = [(&plain, Receiver::default()), (&joining, Receiver::coalesced())];
        for (to, mut receiver) in targets {
            let address = to.local_addr().unwrap();
            let sizes = [1000, 1000, 400, 1000, 1000, 1100, 60, 60];
            let pieces: Vec<Vec<u8>> =
                sizes.iter().zip(1_u8..).map(|(len, fill)| vec![fill; *len]).collect();
            let mut sent = Sent::default();
            Sender::default().send(&from, &pieces, |piece| (address, piece), &mut sent);
            // 1000+1000+400, 1000+1000, 1100+60, 60: a shorter one ends its run.
            assert_eq!(sent, Sent { datagrams: 8, messages: 4, dropped: 0 });
            assert_eq!(take(to, &mut receiver, 8), pieces);
        }
    }

    #[test]
    fn pieces_of_one_buffer_and_several_addresses_are_told_apart() {
        let from = bind(any()).unwrap();
        let (first, second) = (bind(any()).unwrap(), bind(any()).unwrap());
        let buffer: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let to = [&first, &first, &second, &second, &first].map(|s| s.local_addr().unwrap());
        let pieces: Vec<(SocketAddr, &[u8])> = to.into_iter().zip(buffer.chunks(200)).collect();
        let mut sent = Sent::default();
        Sender::default().send(&from, &pieces, |(to, bytes)| (*to, bytes), &mut sent);
        assert_eq!((sent.datagrams, sent.messages), (5, 3));
        let mut receiver = Receiver::default();
        let at_first = take(&first, &mut receiver, 3);
        assert_eq!(at_first.concat(), [&buffer[..400], &buffer[800..]].concat());
        assert_eq!(take(&second, &mut receiver, 2).concat(), buffer[400..800]);
    }

    #[test]
    fn long_runs_are_cut_where_the_kernel_wants_it() {
        let address = any();
        let mut sender = Sender::default();
        let pieces = vec![[0_u8; 100]; 150];
        sender.plan(&pieces, |piece| (address, piece));
        assert_eq!(sender.runs.iter().map(|r| r.pieces).collect::<Vec<_>>(), [64, 64, 22]);
        let pieces = vec![vec![0_u8; 1400]; 60];
        sender.plan(&pieces, |piece| (address, piece));
        assert_eq!(sender.runs.iter().map(|r| r.pieces).collect::<Vec<_>>(), [46, 14]);
        sender.segmentation = false;
        sender.plan(&pieces, |piece| (address, piece));
        assert_eq!(sender.runs.len(), 60);
    }
}
