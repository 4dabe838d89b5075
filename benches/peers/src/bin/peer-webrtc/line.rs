//! A receive line: which outgoing packet an incoming one becomes.

use std::sync::{Arc, Mutex, PoisonError};

use conf_peers::lines::Kind;
use rtc::rtp;
use webrtc::media_stream::track_local::TrackLocal as _;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

/// One line a player receives on.
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) ssrc: u32,
    pub(crate) track: Arc<TrackLocalStaticRTP>,
    /// The player's payload type and the codec's name.
    pub(crate) types: Vec<(u8, String)>,
    /// One publisher's task at a time writes here: the lock is never waited for.
    numbers: Mutex<Numbers>,
}

/// Goes on numbering when another source comes.
#[derive(Debug, Default)]
struct Numbers {
    sequence: Option<u16>,
    timestamp: u32,
    next: u16,
    last_timestamp: u32,
}

impl Line {
    pub(crate) fn new(
        kind: Kind,
        ssrc: u32,
        track: Arc<TrackLocalStaticRTP>,
        types: Vec<(u8, String)>,
    ) -> Self {
        Self { kind, ssrc, track, types, numbers: Mutex::default() }
    }

    /// Another source comes.
    pub(crate) fn switch(&self) {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).sequence = None;
    }

    /// Writes a source's packet in `codec`; waits where the library makes its writers wait.
    pub(crate) async fn forward(&self, packet: &rtp::Packet, codec: &str) {
        let Some((pt, _)) = self.types.iter().find(|(_, name)| name == codec) else { return };
        let (sequence_number, timestamp) = self.number(&packet.header);
        let header = rtp::Header {
            version: 2,
            marker: packet.header.marker,
            payload_type: *pt,
            sequence_number,
            timestamp,
            ssrc: self.ssrc,
            ..rtp::Header::default()
        };
        let packet = rtp::Packet { header, payload: packet.payload.clone() };
        // Not connected yet, or gone: the session's end is told elsewhere.
        let _ = self.track.write_rtp(packet).await;
    }

    fn number(&self, header: &rtp::Header) -> (u16, u32) {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = numbers.sequence.is_none();
        let next = numbers.next;
        let offset =
            *numbers.sequence.get_or_insert_with(|| next.wrapping_sub(header.sequence_number));
        if fresh && numbers.last_timestamp != 0 {
            let step = if self.kind == Kind::Audio { 960 } else { 3000 };
            let wanted = numbers.last_timestamp.wrapping_add(step);
            numbers.timestamp = wanted.wrapping_sub(header.timestamp);
        }
        let sequence = header.sequence_number.wrapping_add(offset);
        let timestamp = header.timestamp.wrapping_add(numbers.timestamp);
        // Newer than all before, in half a turn of the numbers.
        if sequence.wrapping_sub(numbers.next) < 0x8000 {
            numbers.next = sequence.wrapping_add(1);
            numbers.last_timestamp = timestamp;
        }
        (sequence, timestamp)
    }
}
