//! The system calls a cheap peer needs and the standard library lacks: datagrams in batches with
//! the kernel's stamps and coalescing, and waiting for many sockets at once.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Messages one call receives; each may hold a whole run of datagrams.
const MESSAGES: usize = 8;
/// Bytes of one message: the largest run the kernel joins.
const MESSAGE: usize = 1 << 16;
/// Datagrams one call sends.
const SEND_BATCH: usize = 64;
/// Ready sockets one look tells of.
const EVENTS: usize = 128;
/// Socket buffers, in bytes: a burst of keyframes from many cameras fits.
const SOCKET_BUFFER: usize = 4 << 20;
/// Control space of one message: a `timespec` takes 32 bytes, an `int` 24.
type Control = [u64; 10];

/// A socket on `local` that neither blocks nor loses a burst, stamped and coalesced by the kernel
/// where it can.
///
/// # Errors
/// When the address cannot be bound.
pub(crate) fn bind(local: IpAddr) -> io::Result<UdpSocket> {
    let address = SocketAddr::new(local, 0);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // The kernel may grant less; then a burst may cost a repair, which is counted.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    let socket = UdpSocket::from(socket);
    // Without stamps the time of reading stands for that of arrival; without coalescing it costs
    // more.
    let _ = enable(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_TIMESTAMPNS);
    let _ = enable(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO);
    Ok(socket)
}

fn enable(fd: RawFd, level: libc::c_int, option: libc::c_int) -> io::Result<()> {
    let on: libc::c_int = 1;
    let len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the options take an int, whose address and size are given.
    let result = unsafe { libc::setsockopt(fd, level, option, ptr::from_ref(&on).cast(), len) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// One received message: a datagram, or a run of them of equal size but for the last.
pub(crate) struct Received<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) bytes: &'a mut [u8],
    /// Bytes of each datagram of the run.
    pub(crate) segment: usize,
    /// When the kernel took it in, in UTC microseconds; 0 when it did not say.
    pub(crate) stamp_us: u64,
}

/// Buffers for one batched receive, shared by all sockets of a thread.
pub(crate) struct Receiver {
    bytes: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<Control>,
    iovecs: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        // SAFETY: all-zero bytes are valid values of these plain C structures.
        let (name, iovec, header) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed(), std::mem::zeroed()) };
        Self {
            bytes: vec![0; MESSAGES * MESSAGE],
            names: vec![name; MESSAGES],
            controls: vec![[0; 10]; MESSAGES],
            iovecs: vec![iovec; MESSAGES],
            headers: vec![header; MESSAGES],
        }
    }

    /// Reads what waits, one batch; calls `each` with every message. Gives whether more may wait.
    pub(crate) fn receive(
        &mut self,
        socket: &UdpSocket,
        mut each: impl FnMut(Received<'_>),
    ) -> bool {
        for (at, bytes) in self.bytes.chunks_exact_mut(MESSAGE).enumerate() {
            self.iovecs[at] = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: MESSAGE };
            let header = &mut self.headers[at].msg_hdr;
            header.msg_name = ptr::from_mut(&mut self.names[at]).cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = ptr::from_mut(&mut self.iovecs[at]);
            header.msg_iovlen = 1;
            header.msg_control = ptr::from_mut(&mut self.controls[at]).cast();
            header.msg_controllen = size_of::<Control>();
            header.msg_flags = 0;
        }
        // SAFETY: each header points to its own name, control and byte buffers of the lengths
        // given, all owned by `self`, alive and not otherwise borrowed during the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                MESSAGES as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let Ok(count) = usize::try_from(count) else {
            // Nothing waits; or the server's port is closed just now, which took its notice away.
            return io::Error::last_os_error().kind() == io::ErrorKind::ConnectionRefused;
        };
        let parts = self.headers.iter().zip(&self.names).zip(self.bytes.chunks_exact_mut(MESSAGE));
        for ((header, name), bytes) in parts.take(count) {
            let len = (header.msg_len as usize).min(MESSAGE);
            let told = told(&header.msg_hdr);
            let Some(from) = address(name).filter(|_| len > 0) else { continue };
            let segment = told.segment.filter(|segment| *segment > 0).unwrap_or(len);
            let bytes = &mut bytes[..len];
            each(Received { from, bytes, segment, stamp_us: told.stamp_us });
        }
        count == MESSAGES
    }
}

#[derive(Default)]
struct Told {
    stamp_us: u64,
    segment: Option<usize>,
}

fn told(header: &libc::msghdr) -> Told {
    let mut told = Told::default();
    // SAFETY: the kernel filled the control buffer up to `msg_controllen`; CMSG_FIRSTHDR and
    // CMSG_NXTHDR stay inside of it, and kind and length say what a message carries.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while !control.is_null() {
            let data = libc::CMSG_DATA(control);
            let holds =
                |len: usize| (*control).cmsg_len as usize >= libc::CMSG_LEN(len as u32) as usize;
            match ((*control).cmsg_level, (*control).cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) if holds(size_of::<libc::timespec>()) => {
                    let time = data.cast::<libc::timespec>().read_unaligned();
                    told.stamp_us = (time.tv_sec as u64)
                        .wrapping_mul(1_000_000)
                        .wrapping_add(time.tv_nsec as u64 / 1000);
                }
                (libc::SOL_UDP, libc::UDP_GRO) if holds(size_of::<libc::c_int>()) => {
                    let size = data.cast::<libc::c_int>().read_unaligned();
                    told.segment = usize::try_from(size).ok();
                }
                _ => {}
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    told
}

fn address(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let name = ptr::from_ref(name);
    // SAFETY: the storage is as large as and aligned for every kind of address; the family says
    // which the kernel wrote.
    unsafe {
        match libc::c_int::from((*name).ss_family) {
            libc::AF_INET => {
                let name = &*name.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
                Some(SocketAddr::from((ip, u16::from_be(name.sin_port))))
            }
            libc::AF_INET6 => {
                let name = &*name.cast::<libc::sockaddr_in6>();
                let ip = Ipv6Addr::from(name.sin6_addr.s6_addr);
                Some(SocketAddr::from((ip, u16::from_be(name.sin6_port))))
            }
            _ => None,
        }
    }
}

/// Buffers for batched sends, shared by all sockets of a thread.
pub(crate) struct Sender {
    iovecs: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
}

impl Sender {
    pub(crate) fn new() -> Self {
        // SAFETY: all-zero bytes are valid values of these plain C structures.
        let (iovec, header) = unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        Self { iovecs: vec![iovec; SEND_BATCH], headers: vec![header; SEND_BATCH] }
    }

    /// Sends the datagrams that stand in `bytes` one behind the other, each as long as `lengths`
    /// says; gives how many the kernel did not take, which are lost as on any network.
    ///
    /// Each leaves on its own, as a browser's do: what the server pays for receiving is what it
    /// would pay elsewhere.
    pub(crate) fn send(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        bytes: &[u8],
        lengths: &[usize],
    ) -> usize {
        let name = SockAddr::from(to);
        let (mut at, mut refused) = (0, 0);
        for lengths in lengths.chunks(SEND_BATCH) {
            let mut count = 0;
            for len in lengths {
                let Some(datagram) = bytes.get(at..at + len) else { break };
                at += len;
                self.iovecs[count] = libc::iovec {
                    // The kernel only reads from it, the structure merely has no const form.
                    iov_base: datagram.as_ptr().cast_mut().cast(),
                    iov_len: datagram.len(),
                };
                let header = &mut self.headers[count].msg_hdr;
                header.msg_name = name.as_ptr().cast_mut().cast();
                header.msg_namelen = name.len();
                header.msg_iov = ptr::from_mut(&mut self.iovecs[count]);
                header.msg_iovlen = 1;
                count += 1;
            }
            let mut sent = 0;
            while sent < count {
                // SAFETY: `count` headers were filled in above, `sent` of them are done; name and
                // bytes are borrowed, the rest is owned by `self`, all alive during the call.
                let taken = unsafe {
                    libc::sendmmsg(
                        socket.as_raw_fd(),
                        self.headers[sent..].as_mut_ptr(),
                        (count - sent) as libc::c_uint,
                        libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
                    )
                };
                match usize::try_from(taken) {
                    Ok(taken) if taken > 0 => sent += taken,
                    _ => {
                        // The first of them was refused; the others may still go.
                        refused += 1;
                        sent += 1;
                    }
                }
            }
        }
        refused
    }
}

/// Waits for many sockets, and for another thread that wakes.
pub(crate) struct Watch {
    epoll: OwnedFd,
    wake: File,
}

/// What a [`Watch`] says when it was woken.
pub(crate) const WOKEN: u64 = u64::MAX;

impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: neither call takes pointers, and both descriptors are new.
        let (epoll, wake) = unsafe {
            (
                owned(libc::epoll_create1(libc::EPOLL_CLOEXEC))?,
                owned(libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC))?,
            )
        };
        let watch = Self { epoll, wake: File::from(wake) };
        watch.add(watch.wake.as_raw_fd(), WOKEN)?;
        Ok(watch)
    }

    /// What other threads wake this one with.
    pub(crate) fn waker(&self) -> io::Result<Waker> {
        Ok(Waker(self.wake.try_clone()?))
    }

    /// Watches a socket until it is closed.
    pub(crate) fn socket(&self, socket: &UdpSocket, token: u64) -> io::Result<()> {
        self.add(socket.as_raw_fd(), token)
    }

    /// Waits at most `within` and calls `ready` with the tokens of what can be read.
    pub(crate) fn wait(&mut self, within: Duration, mut ready: impl FnMut(u64)) {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        let timeout = libc::timespec {
            tv_sec: within.as_secs().min(3600) as libc::time_t,
            tv_nsec: within.subsec_nanos() as _,
        };
        // SAFETY: EVENTS events and one timespec on the stack; no signal mask is changed.
        let count = unsafe {
            libc::epoll_pwait2(
                self.epoll.as_raw_fd(),
                events.as_mut_ptr(),
                EVENTS as libc::c_int,
                &timeout,
                ptr::null(),
            )
        };
        // A signal or an error is nothing ready.
        for event in events.iter().take(usize::try_from(count).unwrap_or(0)) {
            let token = event.u64;
            if token == WOKEN {
                // Only resets the counter; that it was set is all there is to know.
                let _ = self.wake.read(&mut [0; 8]);
            }
            ready(token);
        }
    }

    fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
        // SAFETY: both descriptors are open; the event is only read during the call.
        let result =
            unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &mut event) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// Wakes a thread that waits in [`Watch::wait`].
pub(crate) struct Waker(File);

impl Waker {
    pub(crate) fn wake(&self) {
        // A counter that is full wakes as well.
        let _ = (&self.0).write(&1u64.to_ne_bytes());
    }
}

/// # Safety
/// `fd` is an error, or a new descriptor that nobody else owns.
unsafe fn owned(fd: RawFd) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: promised by the caller.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Raises the limit of open descriptors to `wanted` or as far as allowed; gives what holds then.
pub(crate) fn allow_descriptors(wanted: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is where the kernel puts the limits.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return 0;
    }
    if limit.rlim_cur < wanted {
        limit.rlim_cur = wanted.min(limit.rlim_max);
        // SAFETY: the structure is only read.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    }
    limit.rlim_cur
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_arrives_stamped_and_whole() {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (from, to) = (bind(local).unwrap(), bind(local).unwrap());
        let mut watch = Watch::new().unwrap();
        watch.socket(&to, 7).unwrap();
        let bytes: Vec<u8> = (0..300u32).map(|n| n as u8).collect();
        let refused =
            Sender::new().send(&from, to.local_addr().unwrap(), &bytes, &[100, 100, 50, 50]);
        assert_eq!(refused, 0);
        let (mut receiver, mut found, mut sizes) = (Receiver::new(), Vec::new(), Vec::new());
        while found.len() < bytes.len() {
            let mut tokens = Vec::new();
            watch.wait(Duration::from_secs(5), |token| tokens.push(token));
            assert_eq!(tokens, [7], "something arrives in time");
            receiver.receive(&to, |received| {
                assert_eq!(received.from, from.local_addr().unwrap());
                assert!(received.stamp_us > 1_600_000_000_000_000);
                for datagram in received.bytes.chunks(received.segment) {
                    sizes.push(datagram.len());
                    found.extend_from_slice(datagram);
                }
            });
        }
        assert_eq!(found, bytes);
        assert_eq!(sizes, [100, 100, 50, 50]);
    }

    #[test]
    fn a_waker_ends_the_wait() {
        let mut watch = Watch::new().unwrap();
        watch.waker().unwrap().wake();
        let mut tokens = Vec::new();
        watch.wait(Duration::from_secs(60), |token| tokens.push(token));
        assert_eq!(tokens, [WOKEN]);
        watch.wait(Duration::ZERO, |_| panic!("woken once"));
    }
}
