//! The system calls on datagrams that the standard library lacks: batched receive and send, with
//! which of our addresses was used; and which there are. Everything that decides is elsewhere.
#![allow(unsafe_code)]

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    ops::Range,
    os::fd::{AsRawFd, BorrowedFd},
    ptr,
    time::Duration,
};

use socket2::SockAddr;

/// Datagrams one call receives or messages one call sends.
pub(super) const BATCH: usize = 64;
/// Bytes of the longest datagram we speak; what is longer is dropped.
pub(super) const DATAGRAM: usize = 2048;
/// Space for one received message, which may be many datagrams of one sender that the kernel
/// joined: it joins up to 64 kB. The rest keeps the beginnings of neighbours out of each other's
/// way in the cache; what is never used never becomes memory.
const MESSAGE: usize = 64 * 1024 + 33 * 64;
/// Linux accepts this many segments in one message (`UDP_MAX_SEGMENTS` before 6.9).
pub(super) const MAX_SEGMENTS: usize = 64;

/// Control space of one received message: a `timespec` takes 32 bytes, an address at most 40, a
/// size 24.
type ReceiveControl = [u64; 12];
/// Control space of one sent message: a `u16` takes 24 bytes, an address at most 40.
type SendControl = [u64; 10];

/// One received message's envelope; its bytes are in [`ReceiveBatch::parts`].
#[derive(Clone, Copy)]
pub(super) struct Envelope {
    pub(super) source: SocketAddr,
    /// Which of our addresses it was sent to, where the socket tells.
    pub(super) local: Option<IpAddr>,
    pub(super) len: usize,
    /// Bytes of each of its datagrams but the last, which may be shorter.
    pub(super) segment: usize,
    pub(super) truncated: bool,
    /// When the kernel took it in, as time since 1970.
    pub(super) stamp: Option<Duration>,
}

/// Buffers for one batched receive, made once.
pub(super) struct ReceiveBatch {
    bytes: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<ReceiveControl>,
    iovecs: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    envelopes: Vec<Option<Envelope>>,
}

impl ReceiveBatch {
    pub(super) fn new() -> Self {
        // SAFETY: all-zero bytes are valid values of these plain C structures.
        let (name, iovec, header) = unsafe { (zeroed(), zeroed(), zeroed()) };
        Self {
            bytes: vec![0; BATCH * MESSAGE],
            names: vec![name; BATCH],
            controls: vec![[0; 12]; BATCH],
            iovecs: vec![iovec; BATCH],
            headers: vec![header; BATCH],
            envelopes: Vec::with_capacity(BATCH),
        }
    }

    /// Takes what is waiting, at most [`BATCH`]; `WouldBlock` when nothing is.
    pub(super) fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.envelopes.clear();
        for (place, datagram) in self.bytes.chunks_exact_mut(MESSAGE).enumerate() {
            self.iovecs[place] =
                libc::iovec { iov_base: datagram.as_mut_ptr().cast(), iov_len: MESSAGE };
            let header = &mut self.headers[place].msg_hdr;
            header.msg_name = ptr::from_mut(&mut self.names[place]).cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = ptr::from_mut(&mut self.iovecs[place]);
            header.msg_iovlen = 1;
            header.msg_control = ptr::from_mut(&mut self.controls[place]).cast();
            header.msg_controllen = size_of::<ReceiveControl>();
            header.msg_flags = 0;
        }
        // SAFETY: each of the BATCH headers points to its own name, control and byte buffer of the
        // lengths given, all owned by `self`, alive and not otherwise borrowed during the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        for (header, name) in self.headers.iter().zip(&self.names).take(count) {
            let told = told(&header.msg_hdr);
            let envelope = address(name).map(|source| Envelope {
                source,
                local: told.local,
                len: (header.msg_len as usize).min(MESSAGE),
                segment: told.segment.unwrap_or(usize::MAX).min(header.msg_len as usize),
                truncated: header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
                stamp: told.stamp,
            });
            self.envelopes.push(envelope);
        }
        Ok(count)
    }

    /// What the latest receive brought. An entry without envelope has no internet address.
    pub(super) fn parts(&mut self) -> impl Iterator<Item = (Option<Envelope>, &mut [u8])> {
        self.envelopes.iter().copied().zip(self.bytes.chunks_exact_mut(MESSAGE))
    }
}

/// One message of a batched send.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) destination: SockAddr,
    /// Which of our addresses it leaves from, in the socket's family; `None` lets the kernel
    /// choose.
    pub(super) source: Option<IpAddr>,
    /// Where its bytes lie in the send buffer.
    pub(super) bytes: Range<usize>,
    /// Cut into datagrams of this size by the kernel; `None` sends one datagram.
    pub(super) segment: Option<u16>,
}

/// Buffers for one batched send, made once.
pub(super) struct SendBatch {
    controls: Vec<SendControl>,
    iovecs: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
}

impl SendBatch {
    pub(super) fn new() -> Self {
        // SAFETY: all-zero bytes are valid values of these plain C structures.
        let (iovec, header) = unsafe { (zeroed(), zeroed()) };
        Self {
            controls: vec![[0; 10]; BATCH],
            iovecs: vec![iovec; BATCH],
            headers: vec![header; BATCH],
        }
    }

    /// Sends the first messages, at most [`BATCH`], and gives how many the kernel took.
    ///
    /// An error concerns the first message: none was sent.
    ///
    /// # Panics
    /// When a message's bytes are not in `buffer`.
    pub(super) fn send(
        &mut self,
        socket: BorrowedFd<'_>,
        buffer: &[u8],
        messages: &[Message],
    ) -> io::Result<usize> {
        let count = messages.len().min(BATCH);
        for (place, message) in messages[..count].iter().enumerate() {
            let bytes = &buffer[message.bytes.clone()];
            self.iovecs[place] = libc::iovec {
                // The kernel only reads from it, the structure merely has no const form.
                iov_base: bytes.as_ptr().cast_mut().cast(),
                iov_len: bytes.len(),
            };
            let header = &mut self.headers[place].msg_hdr;
            header.msg_name = message.destination.as_ptr().cast_mut().cast();
            header.msg_namelen = message.destination.len();
            header.msg_iov = ptr::from_mut(&mut self.iovecs[place]);
            header.msg_iovlen = 1;
            let control = &mut self.controls[place];
            let mut used = 0;
            if let Some(segment) = message.segment {
                used = tell(control, used, libc::SOL_UDP, libc::UDP_SEGMENT, segment);
            }
            used = match message.source {
                None => used,
                Some(IpAddr::V4(ip)) => {
                    let info = libc::in_pktinfo {
                        ipi_ifindex: 0,
                        ipi_spec_dst: libc::in_addr { s_addr: u32::from(ip).to_be() },
                        ipi_addr: libc::in_addr { s_addr: 0 },
                    };
                    tell(control, used, libc::IPPROTO_IP, libc::IP_PKTINFO, info)
                }
                Some(IpAddr::V6(ip)) => {
                    let info = libc::in6_pktinfo {
                        ipi6_addr: libc::in6_addr { s6_addr: ip.octets() },
                        ipi6_ifindex: 0,
                    };
                    tell(control, used, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info)
                }
            };
            header.msg_control =
                if used == 0 { ptr::null_mut() } else { ptr::from_mut(control).cast() };
            header.msg_controllen = used;
        }
        // SAFETY: `count` headers were filled in above; names are borrowed by `messages`, bytes
        // by `buffer`, the rest is owned by `self`, all alive during the call, and the kernel writes to none.
        let sent = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                count as libc::c_uint,
                libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            )
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }
}

/// Appends what the kernel is to be told about one message behind the `used` bytes before it;
/// how many are used then.
fn tell<T>(
    control: &mut SendControl,
    used: usize,
    level: libc::c_int,
    kind: libc::c_int,
    value: T,
) -> usize {
    let len = size_of::<T>() as libc::c_uint;
    // SAFETY: pure arithmetic.
    let space = unsafe { libc::CMSG_SPACE(len) } as usize;
    assert!(used + space <= size_of::<SendControl>(), "the control space holds all we ever say");
    // SAFETY: header and value lie inside the buffer, as was just checked. It is aligned for a
    // header, and `used` is a sum of such spaces, which keep the alignment.
    unsafe {
        let header = ptr::from_mut(control).cast::<u8>().add(used).cast::<libc::cmsghdr>();
        (*header).cmsg_level = level;
        (*header).cmsg_type = kind;
        (*header).cmsg_len = libc::CMSG_LEN(len) as usize;
        ptr::write_unaligned(libc::CMSG_DATA(header).cast::<T>(), value);
    }
    used + space
}

/// Asks the kernel to stamp every received datagram.
pub(super) fn enable_stamps(socket: BorrowedFd<'_>) -> io::Result<()> {
    enable(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS)
}

/// Asks the kernel which of our addresses every datagram was sent to; `local` is what the socket
/// is bound to.
pub(super) fn enable_local(socket: BorrowedFd<'_>, local: SocketAddr) -> io::Result<()> {
    match local {
        SocketAddr::V4(_) => enable(socket, libc::IPPROTO_IP, libc::IP_PKTINFO),
        // A socket for both families tells IPv4 addresses this way too, mapped.
        SocketAddr::V6(_) => enable(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
    }
}

/// Asks the kernel to give neighbouring datagrams of one sender and size as one message.
pub(super) fn enable_coalescing(socket: BorrowedFd<'_>) -> io::Result<()> {
    enable(socket, libc::SOL_UDP, libc::UDP_GRO)
}

fn enable(socket: BorrowedFd<'_>, level: libc::c_int, option: libc::c_int) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the options take an int, whose address and size are given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            ptr::from_ref(&on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Every address of this machine's interfaces that are up.
pub(super) fn interface_addresses() -> io::Result<Vec<IpAddr>> {
    let mut list: *mut libc::ifaddrs = ptr::null_mut();
    // SAFETY: `list` is where the head of the list is put.
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut found = Vec::new();
    let mut next = list;
    while !next.is_null() {
        // SAFETY: a non-null element of the list, which lives until freeifaddrs.
        let interface = unsafe { &*next };
        next = interface.ifa_next;
        let up = interface.ifa_flags & libc::IFF_UP as libc::c_uint != 0;
        if !up || interface.ifa_addr.is_null() {
            continue;
        }
        // SAFETY: a non-null address begins with its family and has that family's length; read as
        // unaligned copies, because only `sockaddr` alignment is promised.
        let address = unsafe {
            match libc::c_int::from((*interface.ifa_addr).sa_family) {
                libc::AF_INET => {
                    Some(v4(&interface.ifa_addr.cast::<libc::sockaddr_in>().read_unaligned()).ip())
                }
                libc::AF_INET6 => {
                    Some(v6(&interface.ifa_addr.cast::<libc::sockaddr_in6>().read_unaligned()).ip())
                }
                _ => None,
            }
        };
        found.extend(address);
    }
    // SAFETY: the list came from getifaddrs and is not used afterwards.
    unsafe { libc::freeifaddrs(list) };
    Ok(found)
}

/// # Safety
/// All-zero bytes must be a valid `T`.
unsafe fn zeroed<T>() -> T {
    // SAFETY: promised by the caller.
    unsafe { std::mem::zeroed() }
}

fn address(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let name = ptr::from_ref(name);
    // SAFETY: the storage is as large as and aligned for every kind of address; the family says
    // which the kernel wrote.
    unsafe {
        match libc::c_int::from((*name).ss_family) {
            libc::AF_INET => Some(v4(&*name.cast::<libc::sockaddr_in>())),
            libc::AF_INET6 => Some(v6(&*name.cast::<libc::sockaddr_in6>())),
            _ => None,
        }
    }
}

fn v4(name: &libc::sockaddr_in) -> SocketAddr {
    let ip = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
    SocketAddr::from((ip, u16::from_be(name.sin_port)))
}

/// IPv4 that arrived on a dual-stack socket is given as IPv4.
fn v6(name: &libc::sockaddr_in6) -> SocketAddr {
    let ip = IpAddr::V6(Ipv6Addr::from(name.sin6_addr.s6_addr)).to_canonical();
    SocketAddr::from((ip, u16::from_be(name.sin6_port)))
}

/// What the kernel said about a received message.
#[derive(Default)]
struct Told {
    stamp: Option<Duration>,
    local: Option<IpAddr>,
    segment: Option<usize>,
}

fn told(header: &libc::msghdr) -> Told {
    let mut told = Told::default();
    // SAFETY: the kernel filled the control buffer up to `msg_controllen`; CMSG_FIRSTHDR and
    // CMSG_NXTHDR stay inside of it, and a message's kind and length say what it carries.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while !control.is_null() {
            let data = libc::CMSG_DATA(control);
            let holds =
                |len: usize| (*control).cmsg_len as usize >= libc::CMSG_LEN(len as u32) as usize;
            match ((*control).cmsg_level, (*control).cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) if holds(size_of::<libc::timespec>()) => {
                    let time = data.cast::<libc::timespec>().read_unaligned();
                    told.stamp = u64::try_from(time.tv_sec)
                        .ok()
                        .zip(u32::try_from(time.tv_nsec).ok())
                        .map(|(seconds, nanos)| Duration::new(seconds, nanos));
                }
                (libc::IPPROTO_IP, libc::IP_PKTINFO) if holds(size_of::<libc::in_pktinfo>()) => {
                    let info = data.cast::<libc::in_pktinfo>().read_unaligned();
                    let ip = Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr));
                    told.local = Some(ip.into());
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO)
                    if holds(size_of::<libc::in6_pktinfo>()) =>
                {
                    let info = data.cast::<libc::in6_pktinfo>().read_unaligned();
                    let ip = IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr));
                    told.local = Some(ip.to_canonical());
                }
                (libc::SOL_UDP, libc::UDP_GRO) if holds(size_of::<libc::c_int>()) => {
                    let size = data.cast::<libc::c_int>().read_unaligned();
                    told.segment = usize::try_from(size).ok().filter(|size| *size > 0);
                }
                _ => {}
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    told
}

#[cfg(test)]
#[path = "udp_tests.rs"]
mod tests;
