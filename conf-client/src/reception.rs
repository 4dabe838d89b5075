//! What arrived: per slot and per source, with loss after repair and latency.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use conf_proto::{ParticipantId, Source, VideoCodec};
use hdrhistogram::Histogram;

use crate::synthetic::studio::{Seen, read_payload};

/// A jump in the numbers of a source beyond this is an interruption, not loss.
const MAX_JUMP: u32 = 2000;
/// A pause beyond this, in microseconds, followed by a jump is an interruption too:
/// the source was paused or moved away.
const PAUSE_US: u64 = 1_000_000;
/// How far timestamps may stand ahead of the time that passed, in milliseconds: packets
/// arrive in bursts where processors are shared.
const SLACK_MS: i32 = 500;
/// Incomplete frames remembered per slot.
const FRAMES_KEPT: usize = 32;
/// Sources told apart; beyond, packets are only counted in their slot.
const MAX_SOURCES: usize = 4096;
/// Slots told apart: a description has at most 128 lines.
const MAX_SLOTS: usize = 128;

/// Counters of one slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotCounts {
    /// Packets, repaired ones included, repeated ones not.
    pub packets: u64,
    /// Their payload bytes.
    pub bytes: u64,
    /// Frames of which every packet arrived.
    pub frames: u64,
    /// Keyframes begun.
    pub keyframes: u64,
    /// Packets that are still missing although later ones of the same layer arrived.
    pub lost: u64,
    /// Packets that came after later ones: repaired, or overtaken on the way.
    pub late: u64,
    /// Packets that came twice.
    pub repeated: u64,
    /// How often the source or layer in the slot changed, the first one not counted.
    pub switches: u64,
    /// Numbers missing in the slot's own RTP sequence; it should have no gap, ever.
    pub gaps: u64,
    /// Frames whose picture id did not follow the one before.
    pub picture_breaks: u64,
    /// Packets whose RTP timestamp was not as much later than that of the packet before
    /// as the source's own, or, after a change of source, as time had passed.
    pub timestamp_breaks: u64,
    /// What the slot carried last.
    pub source: Option<(ParticipantId, Source)>,
    /// The layer it carried last, 0 the lowest.
    pub layer: u8,
    /// The height of the last keyframe, in pixels.
    pub height: u16,
    /// The longest time between two complete frames, in microseconds.
    pub longest_pause_us: u64,
}

/// Counters of one source, whatever slots it came through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Packets, repeated ones not counted.
    pub packets: u64,
    /// The latest sending time of all of them, in UTC microseconds.
    pub last_sent_us: u64,
    /// The source's own number of the first of them since counting began.
    pub first_seq: Option<u32>,
}

/// One packet of a slot as it came off the wire.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// The extended RTP sequence number.
    pub seq: u64,
    /// The RTP timestamp.
    pub timestamp: u32,
    /// How its payload is packed, of pictures; `None` for sound.
    pub codec: Option<VideoCodec>,
    /// The payload.
    pub payload: &'a [u8],
    /// When it arrived, in UTC microseconds.
    pub now_us: u64,
}

/// Sequence numbers of which each is expected once.
#[derive(Debug, Clone, Default)]
struct Run {
    next: u64,
    begun: bool,
    missing: BTreeSet<u64>,
}

enum Place {
    New,
    Late,
    Repeated,
}

impl Run {
    fn take(&mut self, seq: u64, first_expected: u64) -> Place {
        if !self.begun {
            self.begun = true;
            self.next = first_expected;
        }
        if seq >= self.next {
            // Bounded: a jump beyond MAX_JUMP starts a new run instead.
            self.missing.extend(self.next..seq);
            self.next = seq + 1;
            while self.missing.len() > 2 * MAX_JUMP as usize {
                self.missing.pop_first();
            }
            Place::New
        } else if self.missing.remove(&seq) {
            Place::Late
        } else {
            Place::Repeated
        }
    }
}

#[derive(Debug, Default)]
struct SlotState {
    counts: SlotCounts,
    run: Option<LayerRun>,
    before: Option<LayerRun>,
    settled_lost: u64,
    sequence: Run,
    frames: VecDeque<(u32, u8)>,
    picture: Option<(u32, u16)>,
    clock: Option<Clock>,
    last_frame_us: Option<u64>,
}

/// The newest packet of a slot on the three clocks there are.
#[derive(Debug, Clone, Copy)]
struct Clock {
    seq: u64,
    /// As it arrived.
    timestamp: u32,
    /// As its source sent it.
    sent: u32,
    of: (ParticipantId, Source),
    now_us: u64,
}

#[derive(Debug)]
struct LayerRun {
    of: (ParticipantId, Source, u8),
    run: Run,
    last_us: u64,
}

/// Everything one participant received.
#[derive(Debug)]
pub struct Reception {
    slots: BTreeMap<String, SlotState>,
    sources: BTreeMap<(ParticipantId, Source), SourceCounts>,
    latency_us: Histogram<u32>,
    unmarked: u64,
}

impl Default for Reception {
    fn default() -> Self {
        Self::new()
    }
}

impl Reception {
    /// Nothing received.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: BTreeMap::new(),
            sources: BTreeMap::new(),
            latency_us: empty_histogram(),
            unmarked: 0,
        }
    }

    /// Takes in a packet of the slot `mid`.
    pub fn packet(&mut self, mid: &str, arrived: &Arrived<'_>) {
        let Arrived { codec, payload, now_us, .. } = *arrived;
        let Some(seen) = read_payload(payload, codec) else {
            self.unmarked += 1;
            return;
        };
        if !self.slots.contains_key(mid) {
            if self.slots.len() >= MAX_SLOTS {
                self.unmarked += 1;
                return;
            }
            self.slots.insert(mid.to_owned(), SlotState::default());
        }
        let Some(slot) = self.slots.get_mut(mid) else { return };
        if !slot.packet(&seen, arrived) {
            return;
        }
        let mark = seen.mark;
        let key = (mark.from, mark.source);
        if self.sources.len() < MAX_SOURCES || self.sources.contains_key(&key) {
            let counts = self.sources.entry(key).or_default();
            counts.packets += 1;
            counts.last_sent_us = counts.last_sent_us.max(mark.sent_us);
            counts.first_seq.get_or_insert(mark.seq);
        }
        self.latency_us.saturating_record(now_us.saturating_sub(mark.sent_us).max(1));
    }

    /// Says that what comes next comes over a new connection: slots number their
    /// packets anew, and what was under way is neither lost nor repeated.
    pub fn reconnected(&mut self) {
        for slot in self.slots.values_mut() {
            slot.settle();
            if let Some(run) = slot.run.take() {
                slot.settled_lost += run.run.missing.len() as u64;
            }
            slot.sequence = Run::default();
            slot.picture = None;
            slot.clock = None;
            slot.last_frame_us = None;
            slot.frames.clear();
        }
    }

    /// Starts measuring anew: counters and latencies go back to nothing, what is
    /// known of running sequences stays, so nothing missed before counts as lost.
    pub fn reset(&mut self) {
        for slot in self.slots.values_mut() {
            let kept = &slot.counts;
            slot.counts = SlotCounts {
                source: kept.source,
                layer: kept.layer,
                height: kept.height,
                ..SlotCounts::default()
            };
            slot.settled_lost = 0;
            slot.before = None;
            slot.sequence.missing.clear();
            if let Some(run) = &mut slot.run {
                run.run.missing.clear();
            }
        }
        self.sources.clear();
        self.latency_us.reset();
        self.unmarked = 0;
    }

    /// Counters of every slot that ever carried something, by `a=mid`.
    #[must_use]
    pub fn slots(&self) -> BTreeMap<String, SlotCounts> {
        self.slots.iter().map(|(mid, slot)| (mid.clone(), slot.counts())).collect()
    }

    /// Counters of a source.
    #[must_use]
    pub fn source(&self, from: ParticipantId, source: Source) -> SourceCounts {
        self.sources.get(&(from, source)).cloned().unwrap_or_default()
    }

    /// All slots together; `source`, `layer` and `height` mean nothing here.
    #[must_use]
    pub fn total(&self) -> SlotCounts {
        let mut total = SlotCounts::default();
        for slot in self.slots.values() {
            let counts = slot.counts();
            total.packets += counts.packets;
            total.bytes += counts.bytes;
            total.frames += counts.frames;
            total.keyframes += counts.keyframes;
            total.lost += counts.lost;
            total.late += counts.late;
            total.repeated += counts.repeated;
            total.switches += counts.switches;
            total.gaps += counts.gaps;
            total.picture_breaks += counts.picture_breaks;
            total.timestamp_breaks += counts.timestamp_breaks;
            total.longest_pause_us = total.longest_pause_us.max(counts.longest_pause_us);
        }
        total
    }

    /// Time from sender to receiver per packet, in microseconds, repaired ones included.
    #[must_use]
    pub fn latency_us(&self) -> &Histogram<u32> {
        &self.latency_us
    }

    /// Packets without a readable mark.
    #[must_use]
    pub fn unmarked(&self) -> u64 {
        self.unmarked
    }
}

/// Latencies from 1 us to 60 s, to three digits.
pub(crate) fn empty_histogram() -> Histogram<u32> {
    Histogram::new_with_bounds(1, 60_000_000, 3)
        .expect("the bounds are constants that the histogram accepts")
}

impl SlotState {
    /// Counts a packet; `false` when it came twice.
    fn packet(&mut self, seen: &Seen, arrived: &Arrived<'_>) -> bool {
        let (bytes, now_us) = (arrived.payload.len(), arrived.now_us);
        let mark = &seen.mark;
        let of = (mark.from, mark.source, mark.layer);
        self.sequence.take(arrived.seq, arrived.seq);
        self.follow_clock(seen, arrived);

        // A straggler of what the slot carried before belongs there.
        let straggler = self.run.as_ref().is_some_and(|run| run.of != of)
            && self
                .before
                .as_ref()
                .is_some_and(|before| before.of == of && u64::from(mark.seq) < before.run.next);
        if straggler {
            let Some(before) = &mut self.before else { return false };
            return match before.run.take(mark.seq.into(), mark.seq.into()) {
                Place::Repeated => {
                    self.counts.repeated += 1;
                    false
                }
                _ => {
                    self.counts.late += 1;
                    self.count(seen, bytes);
                    true
                }
            };
        }

        let continues = self.run.as_ref().is_some_and(|run| {
            let jump = u64::from(mark.seq).saturating_sub(run.run.next);
            run.of == of
                && jump <= MAX_JUMP.into()
                && !(jump > 0 && now_us.saturating_sub(run.last_us) > PAUSE_US)
        });
        if !continues {
            if let Some(ended) = self.run.take() {
                if ended.of != of {
                    self.counts.switches += 1;
                }
                self.settle();
                self.before = Some(ended);
            }
            self.run = Some(LayerRun { of, run: Run::default(), last_us: now_us });
            self.counts.source = Some((mark.from, mark.source));
            self.counts.layer = mark.layer;
            self.frames.clear();
        }
        let Some(run) = &mut self.run else { return false };
        run.last_us = now_us;
        // What a frame's later packet shows first, its earlier ones are missing.
        let first_expected = u64::from(mark.seq.saturating_sub(mark.index.into()));
        match run.run.take(mark.seq.into(), first_expected) {
            Place::Repeated => {
                self.counts.repeated += 1;
                return false;
            }
            Place::Late => self.counts.late += 1,
            Place::New => {}
        }
        self.count(seen, bytes);
        self.frame(seen, now_us);
        true
    }

    /// Compares how far the slot's timestamps went with how far they should have.
    fn follow_clock(&mut self, seen: &Seen, arrived: &Arrived<'_>) {
        let mark = &seen.mark;
        let rate = if arrived.codec.is_some() { 90 } else { 48 };
        let clock = Clock {
            seq: arrived.seq,
            timestamp: arrived.timestamp,
            sent: mark.timestamp,
            of: (mark.from, mark.source),
            now_us: arrived.now_us,
        };
        let Some(before) = self.clock.replace(clock) else { return };
        if arrived.seq <= before.seq {
            // Late or repeated: the newest one stays the measure.
            self.clock = Some(before);
            return;
        }
        let went = arrived.timestamp.wrapping_sub(before.timestamp) as i32;
        let holds = if clock.of == before.of {
            // Layers of one camera share its clock but for the forwarder's rounding.
            let should = mark.timestamp.wrapping_sub(before.sent) as i32;
            (went - should).abs() <= if arrived.codec.is_some() { SLACK_MS * rate } else { 0 }
        } else {
            let passed_ms = arrived.now_us.saturating_sub(before.now_us) / 1000;
            let passed = i32::try_from(passed_ms).unwrap_or(i32::MAX / 90).saturating_mul(rate);
            went > 0 && went <= passed.saturating_add(SLACK_MS * rate)
        };
        if !holds {
            self.counts.timestamp_breaks += 1;
        }
    }

    fn count(&mut self, seen: &Seen, bytes: usize) {
        self.counts.packets += 1;
        self.counts.bytes += bytes as u64;
        if let Some((_, height)) = seen.keyframe {
            self.counts.keyframes += 1;
            self.counts.height = height;
        }
    }

    fn frame(&mut self, seen: &Seen, now_us: u64) {
        let mark = &seen.mark;
        if let Some(arrived) = seen.picture.filter(|_| mark.index == 0) {
            let follows = self.picture.is_none_or(|(frame, picture)| {
                // Frames that were lost or overtaken say nothing about the ids.
                arrived == (picture + 1) & 0x7fff || mark.frame != frame.wrapping_add(1)
            });
            if !follows {
                self.counts.picture_breaks += 1;
            }
            self.picture = Some((mark.frame, arrived));
        }
        let complete = if mark.count == 1 {
            true
        } else {
            let at = self.frames.iter().position(|(frame, _)| *frame == mark.frame);
            let at = at.unwrap_or_else(|| {
                if self.frames.len() >= FRAMES_KEPT {
                    self.frames.pop_front();
                }
                self.frames.push_back((mark.frame, 0));
                self.frames.len() - 1
            });
            self.frames[at].1 += 1;
            let complete = self.frames[at].1 >= mark.count;
            if complete {
                self.frames.remove(at);
            }
            complete
        };
        if complete {
            self.counts.frames += 1;
            if let Some(last) = self.last_frame_us {
                let pause = now_us.saturating_sub(last);
                self.counts.longest_pause_us = self.counts.longest_pause_us.max(pause);
            }
            self.last_frame_us = Some(now_us);
        }
    }

    /// What is missing in the run before the last is lost for good.
    fn settle(&mut self) {
        if let Some(before) = self.before.take() {
            self.settled_lost += before.run.missing.len() as u64;
        }
    }

    fn counts(&self) -> SlotCounts {
        let missing =
            |run: &Option<LayerRun>| run.as_ref().map_or(0, |r| r.run.missing.len() as u64);
        let mut counts = self.counts.clone();
        counts.lost = self.settled_lost + missing(&self.run) + missing(&self.before);
        counts.gaps = self.sequence.missing.len() as u64;
        counts
    }
}

#[cfg(test)]
mod tests;
