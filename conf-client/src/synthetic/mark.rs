//! The mark every synthetic packet carries in its payload: who, what, which, when.

use conf_proto::{ParticipantId, Source};

/// Bytes a mark takes.
pub const MARK_LEN: usize = 36;

const MAGIC: [u8; 4] = *b"cnfm";

/// What a synthetic packet says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Who sent it.
    pub from: ParticipantId,
    /// Of which source.
    pub source: Source,
    /// Of which layer, 0 the lowest.
    pub layer: u8,
    /// Counts the packets of this layer from 0.
    pub seq: u32,
    /// Counts the frames of this layer from 0.
    pub frame: u32,
    /// Which packet of its frame.
    pub index: u8,
    /// How many packets the frame has.
    pub count: u8,
    /// When it was handed to the sender, in UTC microseconds.
    pub sent_us: u64,
    /// The RTP timestamp it was sent with.
    pub timestamp: u32,
}

impl Mark {
    /// Writes the mark at the end of `payload`.
    pub fn append(&self, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&MAGIC);
        // Participant numbers are 64 bits wide.
        payload.extend_from_slice(&(self.from.number() as u64).to_be_bytes());
        payload.push(self.source as u8);
        payload.push(self.layer);
        payload.extend_from_slice(&self.seq.to_be_bytes());
        payload.extend_from_slice(&self.frame.to_be_bytes());
        payload.push(self.index);
        payload.push(self.count);
        payload.extend_from_slice(&self.sent_us.to_be_bytes());
        payload.extend_from_slice(&self.timestamp.to_be_bytes());
    }

    /// Reads the mark at the start of `bytes`; `None` when there is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; MARK_LEN] = bytes.get(..MARK_LEN)?.try_into().ok()?;
        let (magic, rest) = bytes.split_at(4);
        if magic != MAGIC {
            return None;
        }
        let word =
            |at: usize| u32::from_be_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        let long = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
        let mark = Self {
            from: ParticipantId::from_number(u128::from(long(0))),
            source: *Source::ALL.get(usize::from(rest[8]))?,
            layer: rest[9],
            seq: word(10),
            frame: word(14),
            index: rest[18],
            count: rest[19],
            sent_us: long(20),
            timestamp: word(28),
        };
        (mark.index < mark.count).then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_the_way_and_nothing_else_is_taken_for_one() {
        let mark = Mark {
            from: ParticipantId::from_number(0xfeed_beef_0000_0001),
            source: Source::Screen,
            layer: 2,
            seq: 70_000,
            frame: 9,
            index: 3,
            count: 8,
            sent_us: 1_800_000_000_000_000,
            timestamp: 0xffff_0000,
        };
        let mut payload = Vec::new();
        mark.append(&mut payload);
        assert_eq!(payload.len(), MARK_LEN);
        assert_eq!(Mark::read(&payload), Some(mark));
        for cut in 0..MARK_LEN {
            assert_eq!(Mark::read(&payload[..cut]), None);
        }
        payload[0] = b'x';
        assert_eq!(Mark::read(&payload), None);
    }
}
