//! Records on their way from one shard to another: a bounded ring of bytes, one writer and one
//! reader.

use rtrb::{Consumer, Producer, RingBuffer};

use super::record::Head;

/// Bytes one ring holds: 800 packets of a camera, a tenth of a second of 80 Mbit/s. More rides
/// out longer stalls of the reader and takes more of its cache.
const BYTES: usize = 1 << 20;
/// Bytes of notices that may wait for room in the ring. Beyond it the reader stands still, and
/// is told everything anew once it goes on.
const BACKLOG: usize = 1 << 20;
/// Bytes the length before a record takes.
pub(super) const PREFIX: usize = 4;

/// One ring's two ends.
pub(super) fn ring() -> (Writer, Reader) {
    let (writer, reader) = RingBuffer::new(BYTES);
    let writer = Writer { ring: writer, backlog: Vec::new(), overrun: false, written: false };
    (writer, Reader { ring: reader, len: None })
}

/// The end that is written to.
///
/// Datagrams and packets are offered: what finds no room is dropped. Notices (a track, a gate, an
/// address) are insisted on: they wait for room, and nothing overtakes them meanwhile.
pub(super) struct Writer {
    ring: Producer<u8>,
    backlog: Vec<u8>,
    /// Too many notices waited; the reader's picture is incomplete until it is told all anew.
    overrun: bool,
    /// Something was written since the reader was last woken.
    written: bool,
}

/// How much of a ring a record may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    All,
    /// Half: what strangers can cause must leave room for media.
    Half,
}

impl Writer {
    /// Writes a record if there is room and nothing waits before it; else it is dropped: false.
    pub(super) fn offer(&mut self, head: &Head, body: &[u8], share: Share) -> bool {
        self.resume();
        let spare = if share == Share::Half { BYTES / 2 } else { 0 };
        self.backlog.is_empty() && !self.overrun && self.push(head, body, spare)
    }

    /// Writes a record, or lets it wait for room.
    pub(super) fn insist(&mut self, head: &Head) {
        self.resume();
        if self.overrun || (self.backlog.is_empty() && self.push(head, &[], 0)) {
            return;
        }
        if self.ring.is_abandoned() {
            // Nobody will ever read it.
            self.backlog = Vec::new();
        } else if self.backlog.len() + head.len() > BACKLOG {
            self.backlog = Vec::new();
            self.overrun = true;
        } else {
            self.backlog.extend_from_slice(&head.framed(0));
        }
    }

    /// Moves waiting notices into the ring, as far as there is room.
    pub(super) fn resume(&mut self) {
        if self.backlog.is_empty() {
            return;
        }
        if self.ring.is_abandoned() {
            // Nobody will ever read it.
            self.backlog = Vec::new();
            return;
        }
        // A reader takes whole records only, so the cut may be anywhere.
        let (written, rest) = self.ring.push_partial_slice(&self.backlog);
        let (written, left) = (written.len(), rest.len());
        self.written |= written > 0;
        if left == 0 {
            // The memory goes as well: this is seldom.
            self.backlog = Vec::new();
        } else {
            self.backlog.drain(..written);
        }
    }

    /// Whether the reader is to be told everything anew, and there is room to begin with it.
    pub(super) fn recovered(&mut self) -> bool {
        let recovered = self.overrun && self.ring.slots() >= BYTES / 2;
        self.overrun &= !recovered;
        recovered
    }

    /// Whether something waits for room that a reader will make.
    pub(super) fn is_behind(&self) -> bool {
        (self.overrun || !self.backlog.is_empty()) && !self.ring.is_abandoned()
    }

    /// Whether something was written since this was asked last.
    pub(super) fn take_written(&mut self) -> bool {
        std::mem::take(&mut self.written)
    }

    fn push(&mut self, head: &Head, body: &[u8], spare: usize) -> bool {
        let framed = head.framed(body.len());
        let needed = framed.len() + body.len() + spare;
        if self.ring.cached_slots() < needed && self.ring.slots() < needed {
            return false;
        }
        // Both fit, as was just seen; nobody else writes.
        let written = self.ring.push_entire_slice(&framed).is_ok()
            && self.ring.push_entire_slice(body).is_ok();
        self.written |= written;
        written
    }
}

/// The end that is read from.
pub(super) struct Reader {
    ring: Consumer<u8>,
    /// The length of the record that is next, once it was read.
    len: Option<usize>,
}

impl Reader {
    /// Takes the next whole record out into `into`; its length.
    pub(super) fn next(&mut self, into: &mut Vec<u8>) -> Option<usize> {
        let len = match self.len {
            Some(len) => len,
            None => {
                let mut prefix = [0; PREFIX];
                self.ring.pop_entire_slice(&mut prefix).ok()?;
                let len = u32::from_le_bytes(prefix) as usize;
                self.len = Some(len);
                len
            }
        };
        if into.len() < len {
            into.resize(len, 0);
        }
        self.ring.pop_entire_slice(into.get_mut(..len)?).ok()?;
        self.len = None;
        Some(len)
    }

    /// Whether bytes wait.
    pub(super) fn waits(&self) -> bool {
        !self.ring.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TrackId, relay::record::Record};

    fn gate(track: u64) -> Head {
        Record::Gate { track: TrackId(track), open: true }.head()
    }

    fn read(reader: &mut Reader) -> Option<Vec<u8>> {
        let mut into = Vec::new();
        let len = reader.next(&mut into)?;
        into.truncate(len);
        Some(into)
    }

    #[test]
    fn records_come_out_whole_and_in_order_around_the_end_of_the_ring() {
        let (mut writer, mut reader) = ring();
        let body = [7; 1_201];
        for number in 0..3_000u64 {
            assert!(writer.offer(&gate(number), &body, Share::All));
            let record = read(&mut reader).unwrap();
            assert_eq!(record[1..9], number.to_le_bytes());
            assert!(record.ends_with(&body));
            assert!(!reader.waits());
        }
        assert!(writer.take_written() && !writer.take_written());
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_a_notice_waits_and_is_not_overtaken() {
        let (mut writer, mut reader) = ring();
        let body = [7; 1_000];
        while writer.offer(&gate(1), &body, Share::Half) {}
        assert!(writer.offer(&gate(1), &body, Share::All), "half is left to the others");
        while writer.offer(&gate(1), &body, Share::All) {}
        let mut waiting = 0;
        while writer.backlog.is_empty() {
            writer.insist(&gate(2));
            waiting += 1;
        }
        writer.insist(&gate(3));
        while read(&mut reader).is_some_and(|record| record[1..9] == 1u64.to_le_bytes()) {}
        assert!(writer.offer(&gate(4), &body, Share::All), "there is room again");
        let mut order = Vec::new();
        while let Some(record) = read(&mut reader) {
            order.push(u64::from_le_bytes(record[1..9].try_into().unwrap()));
        }
        let mut expected = vec![2; waiting - 1];
        expected.extend([3, 4]);
        assert_eq!(order, expected, "the first of these ended the loop");
    }

    #[test]
    fn a_reader_that_stands_still_costs_a_bounded_backlog_and_is_told_all_anew() {
        let (mut writer, mut reader) = ring();
        for number in 0..200_000 {
            writer.insist(&gate(number));
            assert!(writer.backlog.len() <= BACKLOG);
        }
        assert!(!writer.recovered(), "there is no room yet");
        while read(&mut reader).is_some() {}
        assert!(writer.recovered() && !writer.recovered());
        assert!(writer.offer(&gate(1), &[], Share::All));
    }

    #[test]
    fn a_reader_that_is_gone_costs_nothing() {
        let (mut writer, reader) = ring();
        drop(reader);
        for number in 0..200_000 {
            writer.insist(&gate(number));
        }
        assert!(writer.backlog.is_empty() && !writer.overrun);
    }
}
