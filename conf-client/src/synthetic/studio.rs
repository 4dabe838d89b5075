//! Makes the packets of a synthetic microphone and camera when they are due.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use conf_proto::{ParticipantId, Source, VideoCodec};

use super::format::{self, Piece};
use super::mark::{MARK_LEN, Mark};

/// Largest payload made, in bytes: with headers and seal it stays below every usual link.
const MAX_PAYLOAD: usize = 1100;
/// Largest frame made, in packets.
const MAX_FRAME_PACKETS: usize = 200;
const AUDIO_FRAME: Duration = Duration::from_millis(20);
/// Bytes of an Opus packet at about 24 kbit/s.
pub(crate) const AUDIO_LEN: usize = 60;
/// Opus table of contents (RFC 6716, section 3.1): hybrid, full band, 20 ms, mono, one frame.
const OPUS_TOC: u8 = 15 << 3;
/// The level of speech, in dB below full scale (RFC 6464).
pub const SPEECH: u8 = 30;
/// The level of silence.
pub const SILENCE: u8 = 127;
/// A source that falls further behind than this skips instead of catching up.
const MAX_LAG: Duration = Duration::from_millis(200);

/// One layer of a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerPlan {
    /// Its `rid` in the description; `None` without simulcast.
    pub rid: Option<&'static str>,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Bitrate in kbit/s.
    pub kbps: u32,
}

/// A camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraPlan {
    /// Frames a second, 1 to 120.
    pub fps: u32,
    /// Layers, lowest first; at most three.
    pub layers: Vec<LayerPlan>,
    /// How pictures are packed. The server must ask for the same.
    pub codec: VideoCodec,
}

impl CameraPlan {
    /// One layer of 640x360.
    #[must_use]
    pub fn single(kbps: u32, fps: u32) -> Self {
        let layers = vec![LayerPlan { rid: None, width: 640, height: 360, kbps }];
        Self { fps, layers, codec: VideoCodec::Vp8 }
    }

    /// Three layers of 320x180, 640x360 and 1280x720 with the rids `q`, `h` and
    /// `f`, of `kbps` together.
    #[must_use]
    pub fn simulcast(kbps: u32, fps: u32) -> Self {
        let layer = |rid, width, height, share: u32| LayerPlan {
            rid: Some(rid),
            width,
            height,
            kbps: (kbps * share / 100).max(1),
        };
        Self {
            fps,
            layers: vec![
                layer("q", 320, 180, 8),
                layer("h", 640, 360, 24),
                layer("f", 1280, 720, 68),
            ],
            codec: VideoCodec::Vp8,
        }
    }

    /// The same in another coding.
    #[must_use]
    pub fn codec(mut self, codec: VideoCodec) -> Self {
        self.codec = codec;
        self
    }
}

/// One packet to send.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Of which source.
    pub source: Source,
    /// Of which layer, 0 the lowest.
    pub layer: usize,
    /// RTP timestamp, in the source's clock (48 kHz or 90 kHz).
    pub timestamp: u32,
    /// Whether the frame ends here.
    pub last: bool,
    /// How loud, of sound: dB below full scale, 127 is silence (RFC 6464).
    pub level: u8,
    /// The RTP payload.
    pub payload: Vec<u8>,
}

#[derive(Debug, Default, Clone)]
struct Stream {
    seq: u32,
    frame: u32,
    key_wanted: bool,
}

#[derive(Debug)]
struct Line {
    source: Source,
    every: Duration,
    clock: u32,
    on: bool,
    due: Instant,
    streams: Vec<Stream>,
}

/// The synthetic devices of one participant. Nothing is made before
/// [`Studio::identify`] told whose they are.
#[derive(Debug)]
pub struct Studio {
    from: Option<ParticipantId>,
    start: Instant,
    camera: Option<CameraPlan>,
    lines: Vec<Line>,
    ready: VecDeque<Packet>,
    level: u8,
}

impl Studio {
    /// Devices that are switched off. `phase` spreads the frames of many
    /// participants over time: any number.
    #[must_use]
    pub fn new(now: Instant, microphone: bool, camera: Option<CameraPlan>, phase: u64) -> Self {
        let mut lines = Vec::new();
        let mut line = |source, every: Duration, clock, streams| {
            let offset = Duration::from_micros(phase % every.as_micros().max(1) as u64);
            let streams = vec![Stream::default(); streams];
            lines.push(Line { source, every, clock, on: false, due: now + offset, streams });
        };
        if microphone {
            line(Source::Microphone, AUDIO_FRAME, 48_000, 1);
        }
        if let Some(camera) = &camera {
            let every = Duration::from_secs(1) / camera.fps.clamp(1, 120);
            line(Source::Camera, every, 90_000, camera.layers.len());
        }
        Self { from: None, start: now, camera, lines, ready: VecDeque::new(), level: SPEECH }
    }

    /// Says whose devices these are.
    pub fn identify(&mut self, from: ParticipantId) {
        self.from = Some(from);
    }

    /// Switches a source on or off; a camera that comes on begins with keyframes.
    pub fn switch(&mut self, now: Instant, source: Source, on: bool) {
        let Some(line) = self.lines.iter_mut().find(|line| line.source == source) else { return };
        if on && !line.on {
            while line.due < now {
                // Keeps the phase; a long pause is skipped in one step.
                let behind = now - line.due;
                let steps = (behind.as_micros() / line.every.as_micros().max(1)) as u32 + 1;
                line.due += line.every * steps;
            }
            line.streams.iter_mut().for_each(|stream| stream.key_wanted = true);
        }
        line.on = on;
        if !on {
            self.ready.retain(|packet| packet.source != source);
        }
    }

    /// Speaks ([`SPEECH`]) or is silent ([`SILENCE`]) from the next packet on; any level
    /// from 0 (as loud as can be) to 127.
    pub fn speak(&mut self, level: u8) {
        self.level = level.min(SILENCE);
    }

    /// How many packets of a source were made so far, of its lowest layer.
    #[must_use]
    pub fn sent(&self, source: Source) -> u32 {
        let line = self.lines.iter().find(|line| line.source == source);
        line.and_then(|line| line.streams.first()).map_or(0, |stream| stream.seq)
    }

    /// Makes the next frame of a layer a keyframe.
    pub fn want_keyframe(&mut self, source: Source, layer: usize) {
        let line = self.lines.iter_mut().find(|line| line.source == source);
        if let Some(stream) = line.and_then(|line| line.streams.get_mut(layer)) {
            stream.key_wanted = true;
        }
    }

    /// When the next packet is due; `None` while everything is off.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.from?;
        if !self.ready.is_empty() {
            return Some(self.start);
        }
        self.lines.iter().filter(|line| line.on).map(|line| line.due).min()
    }

    /// The next packet that is due, if any. `clock_us` is the time in UTC microseconds.
    pub fn poll(&mut self, now: Instant, clock_us: u64) -> Option<Packet> {
        if let Some(packet) = self.ready.pop_front() {
            return Some(packet);
        }
        let from = self.from?;
        let line = self.lines.iter_mut().find(|line| line.on && line.due <= now)?;
        if now - line.due > MAX_LAG {
            line.due = now;
        }
        let elapsed = line.due - self.start;
        let ticks = elapsed.as_micros() * u128::from(line.clock) / 1_000_000;
        line.due += line.every;
        for (layer, stream) in line.streams.iter_mut().enumerate() {
            let mut mark = Mark {
                from,
                source: line.source,
                layer: layer as u8,
                seq: stream.seq,
                frame: stream.frame,
                index: 0,
                count: 1,
                sent_us: clock_us,
                // RTP timestamps wrap by design.
                timestamp: ticks as u32,
            };
            let level = self.level;
            let mut push = |mark: &Mark, payload| {
                self.ready.push_back(Packet {
                    source: mark.source,
                    layer,
                    timestamp: mark.timestamp,
                    last: mark.index + 1 == mark.count,
                    level,
                    payload,
                });
            };
            match self.camera.as_ref().filter(|_| line.source == Source::Camera) {
                None => push(&mark, audio_payload(&mark)),
                Some(camera) => {
                    let Some(plan) = camera.layers.get(layer) else { continue };
                    let key = std::mem::take(&mut stream.key_wanted);
                    let mut bytes = plan.kbps as usize * 125 / camera.fps.clamp(1, 120) as usize;
                    if key {
                        bytes *= 3;
                    }
                    mark.count = bytes.div_ceil(MAX_PAYLOAD).clamp(1, MAX_FRAME_PACKETS) as u8;
                    for index in 0..mark.count {
                        mark.index = index;
                        let piece = Piece {
                            frame: mark.frame,
                            start: index == 0,
                            last: index + 1 == mark.count,
                            key,
                            size: (plan.width, plan.height),
                        };
                        let len = bytes / usize::from(mark.count);
                        push(&mark, video_payload(camera.codec, &mark, &piece, len));
                        mark.seq = mark.seq.wrapping_add(1);
                    }
                    mark.seq = mark.seq.wrapping_sub(1);
                }
            }
            stream.seq = mark.seq.wrapping_add(1);
            stream.frame = stream.frame.wrapping_add(1);
        }
        self.ready.pop_front()
    }
}

fn audio_payload(mark: &Mark) -> Vec<u8> {
    let mut payload = Vec::with_capacity(AUDIO_LEN);
    payload.push(OPUS_TOC);
    mark.append(&mut payload);
    payload.resize(AUDIO_LEN, 0x5a);
    payload
}

fn video_payload(codec: VideoCodec, mark: &Mark, piece: &Piece, len: usize) -> Vec<u8> {
    let mut payload = Vec::with_capacity(len.max(128));
    format::append(codec, &mut payload, piece, 0);
    let len = len.clamp(payload.len() + MARK_LEN, MAX_PAYLOAD);
    // Once more, now that it is known how much follows.
    let rest = len - payload.len();
    payload.clear();
    format::append(codec, &mut payload, piece, rest);
    mark.append(&mut payload);
    payload.resize(len, 0x5a);
    payload
}

/// What a synthetic payload holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The mark.
    pub mark: Mark,
    /// Width and height, in the first packet of a keyframe.
    pub keyframe: Option<(u16, u16)>,
    /// The picture id as it arrived, of codecs that have one.
    pub picture: Option<u16>,
}

/// Reads a synthetic payload back, of a picture in `codec` or of sound; `None` for anything else.
#[must_use]
pub fn read_payload(payload: &[u8], codec: Option<VideoCodec>) -> Option<Seen> {
    let Some(codec) = codec else {
        return Some(Seen { mark: Mark::read(payload.get(1..)?)?, keyframe: None, picture: None });
    };
    let head = format::read(codec, payload)?;
    let mark = Mark::read(payload.get(head.len..)?)?;
    Some(Seen { mark, keyframe: head.keyframe, picture: head.picture })
}

const _: () = assert!(MARK_LEN < AUDIO_LEN);
const _: () = assert!(MAX_FRAME_PACKETS <= u8::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    fn run(studio: &mut Studio, from: Instant, time: Duration) -> Vec<Packet> {
        let mut packets = Vec::new();
        let end = from + time;
        while let Some(due) = studio.poll_timeout().filter(|due| *due < end) {
            packets.extend(studio.poll(due.max(from), 7));
        }
        packets
    }

    fn alice() -> ParticipantId {
        ParticipantId::from_number(5)
    }

    #[test]
    fn nothing_is_made_before_it_is_known_for_whom() {
        let now = Instant::now();
        let mut studio = Studio::new(now, true, None, 0);
        studio.switch(now, Source::Microphone, true);
        assert_eq!(studio.poll_timeout(), None);
        assert!(studio.poll(now, 0).is_none());
    }

    #[test]
    fn a_second_of_sound_is_fifty_packets() {
        let now = Instant::now();
        let mut studio = Studio::new(now, true, None, 3);
        studio.identify(alice());
        studio.switch(now, Source::Microphone, true);
        let packets = run(&mut studio, now, Duration::from_secs(1));
        assert_eq!(packets.len(), 50);
        assert_eq!(packets[1].timestamp - packets[0].timestamp, 960);
        let seqs: Vec<_> =
            packets.iter().map(|p| read_payload(&p.payload, None).unwrap().mark.seq).collect();
        assert!(seqs.into_iter().eq(0..50));
    }

    #[test]
    fn a_camera_keeps_its_bitrate_and_begins_with_a_keyframe() {
        let now = Instant::now();
        let mut studio = Studio::new(now, false, Some(CameraPlan::single(300, 15)), 0);
        studio.identify(alice());
        studio.switch(now, Source::Camera, true);
        let packets = run(&mut studio, now, Duration::from_secs(4));
        let first = read_payload(&packets[0].payload, Some(VideoCodec::Vp8)).unwrap();
        assert_eq!(first.keyframe, Some((640, 360)));
        let bits: usize = packets.iter().map(|p| p.payload.len() * 8).sum();
        assert!((1_100_000..1_300_000).contains(&bits), "{bits} bits in 4 s at 300 kbit/s");
        assert!(packets.iter().all(|p| p.payload.len() <= MAX_PAYLOAD));
        let keys = packets
            .iter()
            .filter_map(|p| read_payload(&p.payload, Some(VideoCodec::Vp8))?.keyframe)
            .count();
        assert_eq!(keys, 1);
    }

    #[test]
    fn a_keyframe_is_made_when_asked_for_and_only_in_that_layer() {
        let now = Instant::now();
        let mut studio = Studio::new(now, false, Some(CameraPlan::simulcast(1500, 20)), 0);
        studio.identify(alice());
        studio.switch(now, Source::Camera, true);
        run(&mut studio, now, Duration::from_secs(1));
        studio.want_keyframe(Source::Camera, 2);
        let later = run(&mut studio, now, Duration::from_secs(2));
        let keys: Vec<_> = later
            .iter()
            .filter_map(|p| read_payload(&p.payload, Some(VideoCodec::Vp8))?.keyframe)
            .collect();
        assert_eq!(keys, [(1280, 720)]);
    }

    #[test]
    fn every_layer_counts_its_own_packets_without_a_gap() {
        let now = Instant::now();
        let mut studio = Studio::new(now, false, Some(CameraPlan::simulcast(1500, 20)), 0);
        studio.identify(alice());
        studio.switch(now, Source::Camera, true);
        let packets = run(&mut studio, now, Duration::from_secs(2));
        for layer in 0..3 {
            let seqs = packets
                .iter()
                .filter(|p| p.layer == layer)
                .map(|p| read_payload(&p.payload, Some(VideoCodec::Vp8)).unwrap().mark.seq);
            assert!(seqs.enumerate().all(|(at, seq)| at as u32 == seq));
        }
    }
}
