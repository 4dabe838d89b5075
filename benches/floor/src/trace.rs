//! The shape of a workload: which packets, how often, to how many.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::seal::Profile;

/// Steady media of a number of equal rooms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// Rooms side by side, all alike.
    pub rooms: u32,
    /// Video streams sent to each room.
    pub video_streams: u32,
    /// Audio streams sent to each room.
    pub audio_streams: u32,
    /// How many receive each stream.
    pub receivers: u32,
    /// Packets of one video frame.
    pub packets_per_frame: f64,
    /// RTP payload of one video packet, in bytes.
    pub payload_bytes: f64,
    /// Video frames of one stream a second.
    pub frames_per_second: f64,
    /// RTP payload of one audio packet, in bytes.
    pub audio_payload_bytes: f64,
    /// Audio packets of one stream a second.
    pub audio_per_second: f64,
}

/// A report of `conf-load`, as far as it matters here.
#[derive(Deserialize)]
struct Report {
    rooms: u32,
    srtp_profile: Option<String>,
    trace: Received,
}

/// What receivers got, as the report tells it: streams are counted once for each receiver.
#[derive(Deserialize)]
struct Received {
    senders: u32,
    video_streams: u64,
    audio_streams: u64,
    frames_per_second: f64,
    packets_per_frame: f64,
    video_payload_bytes: f64,
    audio_packets_per_second: f64,
    audio_payload_bytes: f64,
}

/// The most a trace may ask for, so that a mistyped number is told and not tried.
const MOST_PACKETS_PER_SECOND: f64 = 5e6;
/// One datagram without fragments.
const MOST_PAYLOAD: f64 = 1400.0;

impl Trace {
    /// Reads the shape of a workload, and the cipher that was negotiated, from a report of
    /// `conf-load`.
    ///
    /// # Errors
    /// When the text is no such report, its numbers cannot be sent, or the cipher is none of ours.
    pub fn from_report(json: &str) -> anyhow::Result<(Self, Profile)> {
        let Report { rooms, srtp_profile, trace: received } = serde_json::from_str(json)?;
        let profile = srtp_profile.as_deref().unwrap_or_default().to_ascii_uppercase();
        let profile = match (profile.contains("256"), profile.contains("GCM")) {
            (true, true) => Profile::Aes256Gcm,
            (false, true) => Profile::Aes128Gcm,
            _ => anyhow::bail!("the SRTP profile is `{profile}`, expected one of AES-GCM"),
        };
        let senders = u64::from(received.senders.max(1));
        let streams = (received.senders / rooms.max(1)).max(1);
        let of_each = received.video_streams.max(received.audio_streams) / senders;
        let trace = Self {
            rooms,
            video_streams: if received.video_streams > 0 { streams } else { 0 },
            audio_streams: if received.audio_streams > 0 { streams } else { 0 },
            receivers: u32::try_from(of_each)?,
            packets_per_frame: received.packets_per_frame,
            payload_bytes: received.video_payload_bytes,
            frames_per_second: received.frames_per_second,
            audio_payload_bytes: received.audio_payload_bytes,
            audio_per_second: received.audio_packets_per_second,
        };
        trace.check()?;
        Ok((trace, profile))
    }

    /// Says what is wrong with numbers nobody could send.
    ///
    /// # Errors
    /// With the first number that is out of range.
    pub fn check(&self) -> anyhow::Result<()> {
        let range = |name: &str, value: f64, least: f64, most: f64| {
            anyhow::ensure!(
                (least..=most).contains(&value),
                "{name} is {value}, expected {least} to {most}"
            );
            Ok(())
        };
        range("rooms", f64::from(self.rooms), 1.0, 10_000.0)?;
        range("receivers", f64::from(self.receivers), 1.0, 20_000.0)?;
        if self.video_streams > 0 {
            range("packets_per_frame", self.packets_per_frame, 1.0, 200.0)?;
            range("payload_bytes", self.payload_bytes, 1.0, MOST_PAYLOAD)?;
            range("frames_per_second", self.frames_per_second, 0.1, 1000.0)?;
        }
        if self.audio_streams > 0 {
            range("audio_payload_bytes", self.audio_payload_bytes, 1.0, MOST_PAYLOAD)?;
            range("audio_per_second", self.audio_per_second, 0.1, 1000.0)?;
        }
        range("packets a second", self.per_second(), 0.1, MOST_PACKETS_PER_SECOND)
    }

    /// Packets delivered each second, all receivers together.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.published_per_second() * f64::from(self.receivers)
    }

    /// Packets published each second.
    #[must_use]
    pub fn published_per_second(&self) -> f64 {
        let video = f64::from(self.video_streams) * self.packets_per_frame * self.frames_per_second;
        let audio = f64::from(self.audio_streams) * self.audio_per_second;
        f64::from(self.rooms) * (video + audio)
    }

    /// The streams of all rooms, each with its own place in time: publishers are not in step.
    #[must_use]
    pub fn streams(&self) -> Vec<Stream> {
        let all = self.rooms * (self.video_streams + self.audio_streams);
        let mut streams = Vec::new();
        for room in 0..self.rooms {
            for number in 0..self.video_streams + self.audio_streams {
                let video = number < self.video_streams;
                let rate = if video { self.frames_per_second } else { self.audio_per_second };
                let every = Duration::from_secs_f64(1.0 / rate);
                // Golden-ratio steps spread any number of streams evenly over the interval.
                let place = (streams.len() as f64 * 0.618_033_988_749_895).fract();
                streams.push(Stream { room, video, every, start: every.mul_f64(place) });
            }
        }
        debug_assert_eq!(streams.len(), all as usize);
        streams
    }

    /// Payload sizes of frame number `frame` of a stream: as many packets as the average asks for.
    #[must_use]
    pub fn payloads(&self, video: bool, frame: u64) -> (usize, usize) {
        if !video {
            return (1, self.audio_payload_bytes.round() as usize);
        }
        let until = |frame: u64| (frame as f64 * self.packets_per_frame).floor() as usize;
        (until(frame + 1) - until(frame), self.payload_bytes.round() as usize)
    }
}

/// One stream of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// Which room's receivers it goes to.
    pub room: u32,
    /// Video, or audio.
    pub video: bool,
    /// Time from frame to frame.
    pub every: Duration,
    /// Time of the first frame.
    pub start: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lecture() -> Trace {
        Trace {
            rooms: 2,
            video_streams: 1,
            audio_streams: 1,
            receivers: 20,
            packets_per_frame: 5.68,
            payload_bytes: 1100.0,
            frames_per_second: 30.0,
            audio_payload_bytes: 60.0,
            audio_per_second: 50.0,
        }
    }

    #[test]
    fn packets_add_up_to_the_average_of_the_trace() {
        let trace = lecture();
        let packets: usize = (0..1000).map(|frame| trace.payloads(true, frame).0).sum();
        assert_eq!(packets, 5680);
        assert_eq!(trace.payloads(false, 3), (1, 60));
        assert!((trace.per_second() - 2.0 * 20.0 * (5.68 * 30.0 + 50.0)).abs() < 1e-6);
        let streams = trace.streams();
        assert_eq!(streams.len(), 4);
        assert_eq!(streams.iter().filter(|s| s.room == 1 && s.video).count(), 1);
        assert!(streams.iter().all(|s| s.start < s.every));
    }

    #[test]
    fn a_report_is_read_and_nonsense_is_told() {
        // Two rooms of one sender and 20 receivers.
        let json = serde_json::json!({
            "rooms": 2, "srtp_profile": "AEAD_AES_256_GCM", "lost": 0,
            "trace": {
                "senders": 2, "receivers": 40, "video_streams": 40, "audio_streams": 40,
                "frames_per_second": 30.0, "packets_per_frame": 5.68,
                "video_payload_bytes": 1100.0, "audio_packets_per_second": 50.0,
                "audio_payload_bytes": 60.0,
            },
        });
        let read = Trace::from_report(&json.to_string()).unwrap();
        assert_eq!(read, (lecture(), Profile::Aes256Gcm));
        let mut wrong = lecture();
        wrong.payload_bytes = 9000.0;
        assert!(wrong.check().unwrap_err().to_string().contains("payload_bytes is 9000"));
        assert!(Trace::from_report("{}").is_err());
    }
}
