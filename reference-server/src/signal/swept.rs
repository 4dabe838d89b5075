//! Bytes on their way in, which leave nothing behind in the buffer they were read into.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream read through a buffer whose bytes are overwritten as they are handed on: what
/// somebody said last must not lie in the memory of their session until they say more.
pub(super) struct Swept<S> {
    inner: S,
    buffer: Box<[u8]>,
    /// What is not handed on yet.
    from: usize,
    to: usize,
}

impl<S> Swept<S> {
    /// Reads so many bytes at a time.
    pub(super) fn with_capacity(capacity: usize, inner: S) -> Self {
        Self { inner, buffer: vec![0; capacity].into_boxed_slice(), from: 0, to: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Swept<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.from == this.to {
            let mut read = ReadBuf::new(&mut this.buffer);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut read))?;
            (this.from, this.to) = (0, read.filled().len());
        }
        let end = this.to.min(this.from + out.remaining());
        let handed = &mut this.buffer[this.from..end];
        out.put_slice(handed);
        handed.fill(0);
        this.from = end;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Swept<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn what_was_handed_on_is_gone_and_what_was_not_is_there() {
        let mut swept = Swept::with_capacity(8, &b"who chose what"[..]);
        let mut out = [0; 5];
        swept.read_exact(&mut out).await.expect("five bytes");
        assert_eq!((&out, &swept.buffer[..]), (b"who c", &b"\0\0\0\0\0hos"[..]));
        let mut rest = Vec::new();
        swept.read_to_end(&mut rest).await.expect("the rest");
        assert_eq!(rest, b"hose what");
        assert_eq!(swept.buffer[..], [0; 8]);
    }
}
