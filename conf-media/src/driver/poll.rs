//! Waiting: which descriptors have something, and a counter that wakes from elsewhere.
#![allow(unsafe_code)]

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
        unix::thread::JoinHandleExt as _,
    },
    ptr,
    thread::JoinHandle,
    time::Duration,
};

/// Descriptors one look at [`Watch`] tells of; the kernel tells of the others next time.
const EVENTS: usize = 64;

/// A counter that another thread can wait for: written to wake, read to reset.
pub(super) fn event_counter() -> io::Result<File> {
    // SAFETY: takes no pointers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
    // SAFETY: the descriptor was just made and has no other owner.
    Ok(File::from(unsafe { owned(fd) }?))
}

/// Waits until one of them can be read, or `within` is over; tells which can. A signal also ends
/// the wait.
pub(super) fn wait<const N: usize>(
    descriptors: [Option<BorrowedFd<'_>>; N],
    within: Duration,
) -> [bool; N] {
    // A negative descriptor is passed over.
    let mut waiting = descriptors.map(|fd| libc::pollfd {
        fd: fd.map_or(-1, |fd| fd.as_raw_fd()),
        events: libc::POLLIN,
        revents: 0,
    });
    let timeout = libc::timespec {
        tv_sec: within.as_secs().min(3600) as libc::time_t,
        tv_nsec: within.subsec_nanos() as _,
    };
    // SAFETY: N pollfd and one timespec on the stack; no signal mask is changed. After an error
    // nothing is ready, as after a time-out: the next wait finds what was.
    unsafe {
        libc::ppoll(waiting.as_mut_ptr(), N as libc::nfds_t, &timeout, ptr::null());
    }
    waiting.map(|waiting| waiting.revents != 0)
}

/// What a watched descriptor is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    /// What it was registered under.
    pub(super) token: u64,
    /// Bytes, the end or an error can be read.
    pub(super) read: bool,
    /// It takes bytes again.
    pub(super) write: bool,
}

/// Many descriptors watched at once (epoll). Can itself be waited for. A descriptor that is
/// closed is no longer watched.
pub(super) struct Watch {
    descriptor: OwnedFd,
}

impl Watch {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: takes no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        // SAFETY: the descriptor was just made and has no other owner.
        Ok(Self { descriptor: unsafe { owned(fd) }? })
    }

    /// Watches a descriptor for what can be read.
    pub(super) fn add(&self, fd: BorrowedFd<'_>, token: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN, token)
    }

    /// Says whether a descriptor is also watched for room to write.
    pub(super) fn await_room(&self, fd: BorrowedFd<'_>, token: u64, room: bool) -> io::Result<()> {
        let events = if room { libc::EPOLLIN | libc::EPOLLOUT } else { libc::EPOLLIN };
        self.control(libc::EPOLL_CTL_MOD, fd, events, token)
    }

    /// Watches a descriptor no longer.
    pub(super) fn remove(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, fd, 0, 0)
    }

    /// What is ready now, without waiting; at most [`EVENTS`], in turn.
    pub(super) fn look(&self, found: &mut Vec<Ready>) {
        found.clear();
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        // SAFETY: EVENTS events on the stack, of which the kernel fills some.
        let count =
            unsafe { libc::epoll_wait(self.raw(), events.as_mut_ptr(), EVENTS as libc::c_int, 0) };
        // A signal or an error is nothing ready.
        for event in &events[..usize::try_from(count).unwrap_or(0)] {
            let kinds = event.events as libc::c_int;
            found.push(Ready {
                token: event.u64,
                read: kinds & (libc::EPOLLIN | libc::EPOLLHUP | libc::EPOLLERR) != 0,
                write: kinds & libc::EPOLLOUT != 0,
            });
        }
    }

    fn control(
        &self,
        operation: libc::c_int,
        fd: BorrowedFd<'_>,
        events: libc::c_int,
        token: u64,
    ) -> io::Result<()> {
        let mut event = libc::epoll_event { events: events as u32, u64: token };
        // SAFETY: both descriptors are open; the event is only read during the call.
        let result = unsafe { libc::epoll_ctl(self.raw(), operation, fd.as_raw_fd(), &mut event) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    fn raw(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// Processor time a thread has taken; none once it has ended.
pub(super) fn cpu_time(thread: &JoinHandle<()>) -> Option<Duration> {
    if thread.is_finished() {
        return None;
    }
    let mut clock: libc::clockid_t = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the handle was not joined, so that the thread's name is valid, ended or not; both
    // results go to the stack.
    let known = unsafe {
        libc::pthread_getcpuclockid(thread.as_pthread_t(), &mut clock) == 0
            && libc::clock_gettime(clock, &mut time) == 0
    };
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    known.then_some(Duration::new(seconds.ok()?, nanos.ok()?))
}

/// How many descriptors this process may have open.
pub(super) fn descriptor_limit() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is where the kernel puts the limits.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if result == 0 { usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX) } else { 1_024 }
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
