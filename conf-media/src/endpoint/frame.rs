//! Datagrams in a stream: two bytes of length, then the datagram (RFC 4571, section 2).

use thiserror::Error;

/// The longest datagram that is read from a stream, in bytes: as long as one read from UDP. What
/// we speak fits an Ethernet frame; a longer one is no mistake of the network's, unlike in UDP.
pub const LONGEST: usize = 2_048;
/// Bytes of a frame before its datagram.
pub const PREFIX: usize = 2;

/// A frame that is longer than anything we speak: the stream cannot be read any further.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("frame of {found} bytes in a stream, at most {LONGEST} are read")]
pub struct FrameTooLong {
    /// Bytes its length promises.
    pub found: usize,
}

/// Puts the datagrams of one stream together again, whatever pieces it comes in.
///
/// Keeps one partial frame: at most [`PREFIX`] + [`LONGEST`] bytes.
#[derive(Debug, Default)]
pub struct Frames {
    partial: Vec<u8>,
}

impl Frames {
    /// Takes the next piece of the stream and hands every datagram that is whole with it to
    /// `each`, in order. Empty frames are nothing.
    ///
    /// # Errors
    /// When a length is beyond the bound; the stream's position is lost then. Frames before it
    /// were handed on.
    pub fn take(
        &mut self,
        mut piece: &mut [u8],
        mut each: impl FnMut(&mut [u8]),
    ) -> Result<(), FrameTooLong> {
        while !self.partial.is_empty() {
            let needed = self.needed()?;
            if needed == 0 {
                // Emptied first, so that it is in order whatever becomes of the datagram.
                let mut whole = std::mem::take(&mut self.partial);
                deliver(&mut whole[PREFIX..], &mut each);
                break;
            }
            let (now, rest) = piece.split_at_mut(needed.min(piece.len()));
            if now.is_empty() {
                return Ok(());
            }
            self.partial.extend_from_slice(now);
            piece = rest;
        }
        while let Some(prefix) = piece.first_chunk::<PREFIX>() {
            let len = bounded(prefix)?;
            if piece.len() < PREFIX + len {
                break;
            }
            let (frame, rest) = piece.split_at_mut(PREFIX + len);
            deliver(&mut frame[PREFIX..], &mut each);
            piece = rest;
        }
        self.partial.extend_from_slice(piece);
        Ok(())
    }

    /// Bytes the partial frame waits for; those of its length when that is not there yet.
    fn needed(&self) -> Result<usize, FrameTooLong> {
        Ok(match self.partial.first_chunk::<PREFIX>() {
            Some(prefix) => PREFIX + bounded(prefix)? - self.partial.len(),
            None => PREFIX - self.partial.len(),
        })
    }

    /// Bytes it keeps.
    pub fn waiting(&self) -> usize {
        self.partial.len()
    }
}

/// What stands before a datagram of `len` bytes; none if a frame cannot hold it.
pub fn prefix(len: usize) -> Option<[u8; PREFIX]> {
    u16::try_from(len).ok().map(u16::to_be_bytes)
}

fn bounded(prefix: &[u8; PREFIX]) -> Result<usize, FrameTooLong> {
    let found = usize::from(u16::from_be_bytes(*prefix));
    if found > LONGEST { Err(FrameTooLong { found }) } else { Ok(found) }
}

fn deliver(datagram: &mut [u8], each: &mut impl FnMut(&mut [u8])) {
    if !datagram.is_empty() {
        each(datagram);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(datagrams: &[&[u8]]) -> Vec<u8> {
        datagrams.iter().flat_map(|d| [&prefix(d.len()).unwrap()[..], d].concat()).collect()
    }

    fn read(stream: &[u8], step: usize) -> Result<Vec<Vec<u8>>, FrameTooLong> {
        let mut frames = Frames::default();
        let mut read = Vec::new();
        for piece in stream.chunks(step) {
            frames.take(&mut piece.to_vec(), |datagram| read.push(datagram.to_vec()))?;
            assert!(frames.waiting() < PREFIX + LONGEST);
        }
        Ok(read)
    }

    #[test]
    fn datagrams_are_whole_again_however_the_stream_is_cut() {
        let long = [7; LONGEST];
        let datagrams: [&[u8]; 5] = [b"first", b"", b"x", &long, b"last"];
        let stream = stream(&datagrams);
        let expected: Vec<&[u8]> = datagrams.into_iter().filter(|d| !d.is_empty()).collect();
        for step in [1, 2, 3, 5, 7, 100, 2_050, 10_000] {
            assert_eq!(read(&stream, step).unwrap(), expected, "in pieces of {step}");
        }
    }

    #[test]
    fn a_frame_beyond_the_bound_ends_the_reading() {
        let mut stream = stream(&[b"good"]);
        stream.extend(prefix(LONGEST + 1).unwrap());
        stream.extend([0; 10]);
        for step in [1, 4, 100] {
            assert_eq!(read(&stream, step), Err(FrameTooLong { found: LONGEST + 1 }));
        }
    }

    #[test]
    fn a_length_that_is_promised_and_never_kept_takes_no_memory() {
        let mut frames = Frames::default();
        frames.take(&mut [7, 255], |_| panic!("nothing is whole")).unwrap();
        assert_eq!(frames.waiting(), 2);
        assert!(frames.partial.capacity() < 64);
    }
}
