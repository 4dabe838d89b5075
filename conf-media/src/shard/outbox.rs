//! Datagrams that are ready to leave: handshakes, reports and repairs, in order.

use std::ops::Range;

use super::{Route, Transmit};

/// Bytes that may wait at most. Reached only when nobody drains; what comes then is dropped.
const CAPACITY: usize = 8 << 20;

/// One buffer for all waiting datagrams; emptied as a whole once all have left, so that it is
/// allocated once.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    waiting: Vec<(Route, Range<usize>)>,
    left: usize,
}

impl Outbox {
    /// Lends room for a datagram of at most `most` bytes to `write`, which says how many it
    /// used; none sends nothing. False when the outbox is full.
    pub(crate) fn push(
        &mut self,
        destination: Route,
        most: usize,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> bool {
        let start = self.bytes.len();
        if start + most > CAPACITY {
            return false;
        }
        self.bytes.resize(start + most, 0);
        let used = write(&mut self.bytes[start..]).filter(|used| *used <= most);
        self.bytes.truncate(start + used.unwrap_or(0));
        if used.is_some_and(|used| used > 0) {
            self.waiting.push((destination, start..self.bytes.len()));
        }
        true
    }

    /// Moves the next run to the beginning of `buffer`: neighbours of one destination and size
    /// leave together.
    pub(crate) fn poll(&mut self, buffer: &mut [u8]) -> Option<Transmit> {
        let Some((destination, first)) = self.waiting.get(self.left).cloned() else {
            self.bytes.clear();
            self.waiting.clear();
            self.left = 0;
            return None;
        };
        let segment = first.len();
        let mut end = first.end;
        self.left += 1;
        while let Some((next, range)) = self.waiting.get(self.left)
            && *next == destination
            && range.len() == segment
            && range.end - first.start <= buffer.len()
            && (range.end - first.start) / segment <= super::RUN_MAX
        {
            end = range.end;
            self.left += 1;
        }
        let len = end - first.start;
        buffer.get_mut(..len)?.copy_from_slice(&self.bytes[first.start..end]);
        Some(Transmit { destination, len, segment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_size_leave_together() {
        let to = Route::udp("127.0.0.1:9".parse().unwrap());
        let mut outbox = Outbox::default();
        for len in [3, 3, 2] {
            assert!(outbox.push(to, 10, |out| {
                out[..len].fill(len as u8);
                Some(len)
            }));
        }
        assert!(outbox.push(to, 10, |_| None));
        let mut buffer = [0; 1_500];
        let run = outbox.poll(&mut buffer).unwrap();
        assert_eq!((run.len, run.segment), (6, 3));
        assert_eq!(run.datagrams(&buffer).count(), 2);
        assert_eq!(outbox.poll(&mut buffer).unwrap().len, 2);
        assert_eq!(outbox.poll(&mut buffer), None);
    }

    #[test]
    fn an_outbox_nobody_drains_does_not_grow() {
        let to = Route::udp("127.0.0.1:9".parse().unwrap());
        let mut outbox = Outbox::default();
        let taken = (0..10_000).filter(|_| outbox.push(to, 1_500, |_| Some(1_500))).count();
        assert!(taken * 1_500 <= CAPACITY);
    }
}
