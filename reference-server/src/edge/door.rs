//! Which TCP connections are let in, and how long one may be silent.
//!
//! A connection that got no answer out of us for some seconds is cut: whoever
//! trickles a request byte by byte holds a place for a moment, not for ever. A
//! session's pings count as answers, so a quiet meeting is not silent.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};
use tower::Layer as _;

use super::peer::Access;
use super::quota::{Held, Quotas, Remote};
use crate::telemetry::metric::name;

/// How long silence is borne.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// How long a connection has for its first whole request.
    first: Duration,
    /// How long it may go on without anything being written to it.
    idle: Duration,
}

const PATIENCE: Patience =
    Patience { first: Duration::from_secs(15), idle: Duration::from_secs(60) };

/// By which a request that takes in a long body says that it goes well: then its connection is
/// not silent, although nothing is answered yet. Who says so has a measure of its own.
#[derive(Clone, Default)]
pub(crate) struct Alive(
    // A lock and not a channel: it is looked at when a timer runs out, and never held for longer
    // than a copy.
    Arc<Mutex<Option<Instant>>>,
);

impl Alive {
    /// It goes well just now.
    pub(crate) fn well(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn since(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An acceptor in front of another.
#[derive(Clone)]
pub(crate) struct Door<A> {
    inner: A,
    free: Arc<Semaphore>,
    quotas: Quotas,
    access: Access,
}

impl<A> Door<A> {
    /// Lets in at most `connections` at a time, and of each address as many as
    /// `quotas` says. A proxy's own address is not counted: it stands for many.
    pub(crate) fn new(inner: A, connections: u32, quotas: Quotas, access: Access) -> Self {
        let most = usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Self { inner, free, quotas, access }
    }

    fn admit(&self, stream: &TcpStream) -> Option<Entry> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let peer = stream.peer_addr().ok()?.ip();
        let held = if self.access.trusts(peer) {
            None
        } else {
            Some(self.quotas.connection(Remote::of(peer)).ok()?)
        };
        Some(Entry { _permit: permit, _held: held })
    }
}

/// A connection's place.
struct Entry {
    _permit: OwnedSemaphorePermit,
    _held: Option<Held>,
}

impl<A, S> Accept<TcpStream, S> for Door<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
    S: Send + 'static,
{
    type Stream = Timed<A::Stream>;
    type Service = AddExtension<A::Service, Alive>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Some(entry) = self.admit(&stream) else {
            metrics::counter!(name::EDGE_LIMITED, "limit" => "connections").increment(1);
            return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
        };
        // An answer behind an event must not wait until the client's kernel acknowledges the
        // event: that is 40 ms for every command. A socket that refuses is merely slower.
        let _ = stream.set_nodelay(true);
        let accepting = self.inner.accept(stream, service);
        Box::pin(async move {
            let (inner, service) = accepting.await?;
            let alive = Alive::default();
            let service = Extension(alive.clone()).layer(service);
            Ok((Timed::new(inner, entry, PATIENCE, alive), service))
        })
    }
}

/// A stream that ends when it is silent for too long.
pub(crate) struct Timed<I> {
    inner: I,
    patience: Patience,
    end: Pin<Box<Sleep>>,
    written: Option<Instant>,
    alive: Alive,
    _entry: Entry,
}

impl<I> Timed<I> {
    fn new(inner: I, entry: Entry, patience: Patience, alive: Alive) -> Self {
        let end = Box::pin(sleep(patience.first));
        Self { inner, patience, end, written: None, alive, _entry: entry }
    }

    /// Ready when the patience is at its end.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.end.as_mut().poll(cx));
            // Moved on only here, so that writing costs no timer.
            let last = self.written.max(self.alive.since());
            match last.map(|last| last + self.patience.idle) {
                Some(end) if end > Instant::now() => self.end.as_mut().reset(end),
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Timed<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.poll_end(cx).is_ready() {
            metrics::counter!(name::EDGE_LIMITED, "limit" => "silence").increment(1);
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Timed<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.written = Some(Instant::now());
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs))?;
        self.written = Some(Instant::now());
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    fn entry() -> Entry {
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().expect("one");
        Entry { _permit: permit, _held: None }
    }

    const SHORT: Patience =
        Patience { first: Duration::from_millis(200), idle: Duration::from_millis(400) };

    #[tokio::test]
    async fn a_request_that_trickles_is_cut() {
        let (near, mut far) = duplex(64);
        let mut stream = Timed::new(near, entry(), SHORT, Alive::default());
        let trickle = async {
            while far.write_all(b"x").await.is_ok() {
                sleep(SHORT.first / 20).await;
            }
        };
        let read = async {
            let read = stream.read_to_end(&mut Vec::new()).await;
            drop(stream);
            read
        };
        let (read, ()) = tokio::join!(read, trickle);
        assert_eq!(read.expect_err("cut").kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn what_is_written_to_keeps_its_connection() {
        let (near, _far) = duplex(64 * 1024);
        let mut stream = Timed::new(near, entry(), SHORT, Alive::default());
        let started = Instant::now();
        while started.elapsed() < SHORT.first * 3 {
            stream.write_all(b"ping").await.expect("room");
            let silent = tokio::time::timeout(SHORT.idle / 20, stream.read_u8()).await;
            assert!(silent.is_err(), "still open");
        }
        let end = stream.read_u8().await;
        assert_eq!(end.expect_err("cut").kind(), io::ErrorKind::TimedOut);
    }
}
