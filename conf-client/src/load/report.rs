//! What a workload came to, as JSON with stable fields and as a table.

use std::fmt::Write as _;

use serde::Serialize;

use super::machine::Machine;
use crate::light::Counts;

/// The figures of one run. Fields are only ever added.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The workload's name.
    pub workload: String,
    /// By what its people were multiplied.
    pub scale: f64,
    /// Rooms.
    pub rooms: u32,
    /// People in all rooms, those who came while counting included.
    pub participants: u32,
    /// How long was counted, in seconds.
    pub seconds: f64,
    /// Whether the figures count: nothing was lost or could not be opened.
    pub valid: bool,
    /// Why they do not.
    pub notes: Vec<String>,
    /// What may have bent the figures without making them worthless.
    pub warnings: Vec<String>,
    /// Media packets delivered while counting; neither repairs nor padding.
    pub delivered_packets: u64,
    /// Packets the senders sent times their receivers, from the same moment until all had
    /// arrived, those who came while counting left out; `None` where the server chooses what to forward.
    pub expected_packets: Option<u64>,
    /// Of these, what did not arrive.
    pub undelivered: Option<u64>,
    /// Payload bytes delivered.
    pub payload_bytes: u64,
    /// Missing after repair.
    pub lost: u64,
    /// Of it, of those who were there before counting began.
    pub lost_of_those_there: u64,
    /// Filled gaps.
    pub repaired: u64,
    /// Came a second time.
    pub duplicates: u64,
    /// Could not be opened.
    pub auth_failures: u64,
    /// Packets that were opened and checked.
    pub checked: u64,
    /// The server process's processor time while counting, all threads.
    pub server_cpu_seconds: Option<f64>,
    /// Of it, for each delivered packet.
    pub us_per_packet: Option<f64>,
    /// From sending to the receiver's kernel.
    pub latency_ms: Spread,
    /// From the offer to the keys, of all who joined.
    pub join_ms: Spread,
    /// The same of those who joined while it was counted.
    pub late_join_ms: Option<Spread>,
    /// From the offer to the first packet of the last stream, of those who joined while it was
    /// counted and received a stream on every line.
    pub late_media_ms: Option<Spread>,
    /// Of those who joined while it was counted, how many did not.
    pub late_without_media: u32,
    /// The server's proportional memory before anyone joined, in bytes.
    pub pss_before: Option<u64>,
    /// And at the end of counting.
    pub pss_after: Option<u64>,
    /// Growth for each participant, in bytes.
    pub pss_per_participant: Option<i64>,
    /// This tool's processor time while counting.
    pub generator_cpu_seconds: f64,
    /// The SRTP profile that was negotiated.
    pub srtp_profile: Option<&'static str>,
    /// All counters.
    pub counts: Counts,
    /// The shape of the traffic, for replaying it.
    pub trace: Trace,
    /// On what it was measured.
    pub machine: Machine,
    /// The versions of what took part.
    pub versions: Versions,
    /// When, in UTC.
    pub date: String,
}

/// Half, nearly all, the most; in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Half are below.
    pub p50: f64,
    /// 99 of 100 are below.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

/// The shape of the traffic of one sender, and how it is spread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// Sending participants, in all rooms.
    pub senders: u32,
    /// Streams of video that receivers got, all together.
    pub video_streams: u64,
    /// Streams of sound that receivers got, all together.
    pub audio_streams: u64,
    /// Receiving participants, in all rooms.
    pub receivers: u32,
    /// Frames a second of each video stream.
    pub frames_per_second: f64,
    /// Packets of one frame, on average.
    pub packets_per_frame: f64,
    /// Payload bytes of one video packet, on average.
    pub video_payload_bytes: f64,
    /// Packets of sound a second of each audio stream.
    pub audio_packets_per_second: f64,
    /// Payload bytes of one packet of sound.
    pub audio_payload_bytes: f64,
}

/// The versions of what took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versions {
    /// This tool.
    pub conf_load: &'static str,
    /// The server, as it was told to this tool.
    pub server: String,
}

/// One second of a run, as it was.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Second {
    /// Since counting began.
    pub at_seconds: f64,
    /// Packets delivered in it.
    pub packets: u64,
    /// Missing at its end.
    pub missing: u64,
    /// Gaps filled in it.
    pub repaired: u64,
    /// The server's processor time in it.
    pub server_cpu_seconds: Option<f64>,
    /// This tool's processor time in it.
    pub generator_cpu_seconds: f64,
}

impl Spread {
    /// Of durations in milliseconds, in any order.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * values.len() as f64).ceil() as usize;
            values.get(place.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }
}

impl Report {
    /// A table for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "### {} (scale {})\n\n| figure | value |\n|---|---|\n",
            self.workload, self.scale
        );
        let mut row = |name: &str, value: String| {
            // Writing into a string cannot fail.
            let _ = writeln!(out, "| {name} | {value} |");
        };
        let spread = |s: &Spread| format!("{:.2} / {:.2} / {:.2} ms", s.p50, s.p99, s.max);
        row("participants", format!("{} in {} rooms", self.participants, self.rooms));
        row("counted", format!("{:.1} s", self.seconds));
        let rate = self.delivered_packets as f64 / self.seconds.max(0.001);
        row("delivered", format!("{} packets ({rate:.0} /s)", self.delivered_packets));
        let mbit = self.payload_bytes as f64 * 8.0 / self.seconds.max(0.001) / 1e6;
        row("payload", format!("{mbit:.1} Mbit/s"));
        row("lost after repair", self.lost.to_string());
        if let Some(undelivered) = self.undelivered {
            row("sent and not delivered", undelivered.to_string());
        }
        row("repaired", self.repaired.to_string());
        row("duplicates", self.duplicates.to_string());
        let opened = format!("{} of {} opened", self.auth_failures, self.checked);
        row("not authentic", opened);
        row("latency p50 / p99 / max", spread(&self.latency_ms));
        row("join p50 / p99 / max", spread(&self.join_ms));
        if let Some(late) = &self.late_join_ms {
            row("late join p50 / p99 / max", spread(late));
        }
        if let Some(media) = &self.late_media_ms {
            row("late join to all media p50 / p99 / max", spread(media));
            row("late without all media", self.late_without_media.to_string());
        }
        if let Some(cpu) = self.server_cpu_seconds {
            row("server CPU", format!("{cpu:.2} s ({:.3} cores)", cpu / self.seconds.max(0.001)));
        }
        if let Some(us) = self.us_per_packet {
            row("server CPU per delivered packet", format!("{us:.3} us"));
        }
        if let (Some(before), Some(after)) = (self.pss_before, self.pss_after) {
            let kb = |bytes: u64| bytes as f64 / 1024.0;
            row("server PSS", format!("{:.0} → {:.0} kB", kb(before), kb(after)));
        }
        if let Some(each) = self.pss_per_participant {
            row("server PSS per participant", format!("{:.1} kB", each as f64 / 1024.0));
        }
        let own = self.generator_cpu_seconds;
        row("generator CPU", format!("{own:.2} s ({:.3} cores)", own / self.seconds.max(0.001)));
        row("SRTP", self.srtp_profile.unwrap_or("none").to_owned());
        let Machine { cpu, cores, kernel } = &self.machine;
        row("machine", format!("{cpu}, {cores} cores, Linux {kernel}"));
        let verdict = if self.valid { "yes".to_owned() } else { self.notes.join("; ") };
        row("figures count", verdict);
        for warning in &self.warnings {
            row("beware", warning.clone());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_names_values_that_occurred() {
        let spread = Spread::of((1..=200).rev().map(f64::from).collect());
        assert_eq!(spread, Spread { p50: 100.0, p99: 198.0, max: 200.0 });
        assert_eq!(Spread::of(vec![3.0]), Spread { p50: 3.0, p99: 3.0, max: 3.0 });
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}
