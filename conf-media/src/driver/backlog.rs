//! What a stream could not take at once: whole frames, within a bound.

use std::io::{self, IoSlice};

use crate::endpoint::frame::{PREFIX, prefix};

/// Bytes one stream may be behind. More than the kernel's own queue would only be stale; what
/// does not fit is dropped whole, and counted.
const MOST: usize = 64 * 1024;
/// Bytes all streams may be behind together.
const MOST_OF_ALL: usize = 16 << 20;
/// Frames written in one call; a run has no more.
const FRAMES: usize = 64;

/// The bytes of one stream that wait for room, in order.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: Vec<u8>,
    /// How many of them have left.
    left: usize,
}

/// What became of some datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Left, or wait.
    pub(super) taken: u64,
    /// Did not fit.
    pub(super) dropped: u64,
    /// Calls made.
    pub(super) calls: u64,
    /// The stream is broken.
    pub(super) failed: bool,
}

impl Backlog {
    /// Bytes that wait.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.left
    }

    /// Frames datagrams and writes them; a frame that was begun is always finished. `all` counts
    /// what waits in all streams.
    pub(super) fn write<'a>(
        &mut self,
        datagrams: impl Iterator<Item = &'a [u8]>,
        all: &mut usize,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> Written {
        let mut result = Written::default();
        let mut datagrams = datagrams.peekable();
        while datagrams.peek().is_some() {
            let mut frames: [([u8; PREFIX], &[u8]); FRAMES] = [([0; PREFIX], &[]); FRAMES];
            let mut count = 0;
            for datagram in datagrams.by_ref().take(FRAMES) {
                match prefix(datagram.len()) {
                    Some(prefix) => {
                        frames[count] = (prefix, datagram);
                        count += 1;
                    }
                    None => result.dropped += 1,
                }
            }
            let frames = &frames[..count];
            let mut written = 0;
            if self.len() == 0 && count > 0 {
                let mut slices = [IoSlice::new(&[]); 2 * FRAMES];
                for (pair, (prefix, datagram)) in slices.chunks_exact_mut(2).zip(frames) {
                    pair[0] = IoSlice::new(prefix);
                    pair[1] = IoSlice::new(datagram);
                }
                result.calls += 1;
                match write(&slices[..2 * count]) {
                    Ok(bytes) => written = bytes,
                    Err(error) if is_full(&error) => {}
                    Err(_) => {
                        result.failed = true;
                        return result;
                    }
                }
            }
            for (prefix, datagram) in frames {
                let len = PREFIX + datagram.len();
                if written >= len {
                    written -= len;
                    result.taken += 1;
                    continue;
                }
                let begun = written > 0;
                let fits = self.len() + len <= MOST && *all + len <= MOST_OF_ALL;
                if !begun && !fits {
                    result.dropped += 1;
                    continue;
                }
                let before = self.bytes.len();
                self.bytes.extend_from_slice(prefix);
                self.bytes.extend_from_slice(datagram);
                self.bytes.drain(before..before + written);
                *all += len - written;
                written = 0;
                result.taken += 1;
            }
        }
        result
    }

    /// Writes what waits. True when nothing does any more.
    pub(super) fn resume(
        &mut self,
        all: &mut usize,
        mut write: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> io::Result<bool> {
        if self.len() > 0 {
            let written = match write(&self.bytes[self.left..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => written.min(self.len()),
                Err(error) if is_full(&error) => return Ok(false),
                Err(error) => return Err(error),
            };
            self.left += written;
            *all -= written;
        }
        if self.len() == 0 {
            // The memory goes as well: few streams are ever behind.
            *self = Self::default();
        } else if self.left >= MOST / 2 {
            self.bytes.drain(..self.left);
            self.left = 0;
        }
        Ok(self.len() == 0)
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::frame::Frames;

    /// Takes so many bytes of what is written, in one call.
    fn taking<'a>(
        stream: &'a mut Vec<u8>,
        room: &'a mut usize,
    ) -> impl FnMut(&[IoSlice<'_>]) -> io::Result<usize> + 'a {
        move |slices| {
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            let taken = bytes.len().min(*room);
            *room -= taken;
            stream.extend_from_slice(&bytes[..taken]);
            if taken == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(taken) }
        }
    }

    fn datagrams(stream: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut frames = Frames::default();
        frames.take(&mut stream.to_vec(), |datagram| found.push(datagram.to_vec())).unwrap();
        assert_eq!(frames.waiting(), 0, "the stream ends with a whole frame");
        found
    }

    #[test]
    fn a_stream_holds_whole_frames_wherever_it_gets_stuck() {
        let sent: Vec<Vec<u8>> = (1..=100u8).map(|n| vec![n; usize::from(n) * 3]).collect();
        let total: usize = sent.iter().map(|datagram| datagram.len() + PREFIX).sum();
        for room in (0..=total).step_by(97) {
            let (mut stream, mut left, mut all) = (Vec::new(), room, 0);
            let mut backlog = Backlog::default();
            let written = backlog.write(
                sent.iter().map(Vec::as_slice),
                &mut all,
                taking(&mut stream, &mut left),
            );
            assert_eq!((written.taken, written.dropped), (100, 0));
            assert_eq!((stream.len() + backlog.len(), all), (total, backlog.len()));
            while !backlog
                .resume(&mut all, |bytes| {
                    let taken = bytes.len().min(1_000);
                    stream.extend_from_slice(&bytes[..taken]);
                    Ok(taken)
                })
                .unwrap()
            {}
            assert_eq!((datagrams(&stream), all), (sent.clone(), 0));
        }
    }

    #[test]
    fn who_does_not_read_is_sent_less_and_never_half_a_frame() {
        let datagram = [9; 1_000];
        let (mut stream, mut room, mut all) = (Vec::new(), 1_500, 0);
        let mut backlog = Backlog::default();
        let mut written = Written::default();
        for _ in 0..200 {
            let one = backlog.write(
                [&datagram[..]].into_iter(),
                &mut all,
                taking(&mut stream, &mut room),
            );
            written.taken += one.taken;
            written.dropped += one.dropped;
        }
        assert_eq!(written.taken + written.dropped, 200);
        assert!(written.dropped > 100);
        assert!(backlog.len() <= MOST && all == backlog.len());
        backlog
            .resume(&mut all, |bytes| {
                stream.extend_from_slice(bytes);
                Ok(bytes.len())
            })
            .unwrap();
        assert_eq!(datagrams(&stream).len() as u64, written.taken);
    }

    #[test]
    fn a_broken_stream_says_so() {
        let mut backlog = Backlog::default();
        let written = backlog
            .write([&b"x"[..]].into_iter(), &mut 0, |_| Err(io::ErrorKind::BrokenPipe.into()));
        assert!(written.failed);
    }
}
