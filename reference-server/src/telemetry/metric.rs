//! What is measured, under which name, and how it is read.

use std::sync::OnceLock;

use metrics::Unit;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// The process's metrics in the Prometheus text format.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// The process's registry, set up at the first call. Several servers in
    /// one process (tests) share it.
    #[must_use]
    pub fn shared() -> Self {
        static SHARED: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = SHARED.get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // An embedder with a recorder of its own keeps it; ours then stays empty.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        });
        Self { handle: handle.clone() }
    }

    /// All metrics as text. Also does the registry's housekeeping, so call it
    /// at least every few minutes.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// One metric. The unit ends its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// `conf_<area>_<thing>_<unit>[_total]`.
    pub name: &'static str,
    /// What kind of number.
    pub kind: Kind,
    /// One sentence.
    pub help: &'static str,
}

/// Declares every metric once: a constant for its name and a row in [`ALL`].
macro_rules! metrics {
    ($($constant:ident = $name:literal, $kind:ident, $help:literal;)*) => {
        /// The names, for `metrics::counter!(name::…)` and its sisters.
        pub mod name {
            $(#[doc = $help] pub const $constant: &str = $name;)*
        }

        /// Every metric, in the order of the golden list.
        pub const ALL: &[Metric] = &[
            $(Metric { name: $name, kind: Kind::$kind, help: $help },)*
        ];
    };
}

metrics! {
    EDGE_LIMITED = "conf_edge_limited_total", Counter, "Refused because too much was taken, by `limit`: connections, silence, sockets, joins, requests.";
    HTTP_REQUESTS = "conf_http_requests_total", Counter, "HTTP requests, by status class (`class`).";
    JOURNAL_APPEND = "conf_journal_append_seconds", Histogram, "Time from asking for an append to its being on disk.";
    JOURNAL_BATCH = "conf_journal_batch_appends", Histogram, "Appends that shared one transaction.";
    JOURNAL_ENTRIES = "conf_journal_entries_total", Counter, "Journal entries kept.";
    JOURNAL_FAILURES = "conf_journal_failures_total", Counter, "Transactions that failed.";
    MEDIA_DELAYED = "conf_media_delayed_packets_total", Counter, "Packets that waited for credit on a congested link.";
    MEDIA_DROPPED = "conf_media_dropped_packets_total", Counter, "Received packets dropped, by `reason`.";
    MEDIA_ENDPOINTS = "conf_media_endpoints", Gauge, "Endpoints that exist.";
    MEDIA_FORSAKEN = "conf_media_forsaken_backlogs_total", Counter, "Times a picture was left for its next keyframe because a congested link fell too far behind.";
    MEDIA_FORWARDED = "conf_media_forwarded_packets_total", Counter, "Packets sent on to subscribers.";
    MEDIA_GATED = "conf_media_gated_packets_total", Counter, "Packets stopped at a closed gate.";
    MEDIA_HANDED = "conf_media_handed_packets_total", Counter, "Datagrams that reached one media thread and were handed to another.";
    MEDIA_PROBES = "conf_media_probe_packets_total", Counter, "Packets repeated unasked to try out whether a subscriber's link carries more.";
    MEDIA_FEEDBACK = "conf_media_received_feedback_total", Counter, "Reports of arrival times from subscribers.";
    MEDIA_RECEIVED = "conf_media_received_packets_total", Counter, "Datagrams received.";
    MEDIA_RECOVERED = "conf_media_recovered_packets_total", Counter, "Packets of sound that were lost on the way here and found repeated in a later one.";
    MEDIA_REDUNDANT = "conf_media_redundant_packets_total", Counter, "Packets of sound sent with earlier ones repeated in them, to subscribers who lose many.";
    MEDIA_RELAYED = "conf_media_relayed_packets_total", Counter, "Packets passed on to another media thread that has subscribers for them.";
    MEDIA_RETRANSMITTED = "conf_media_retransmitted_packets_total", Counter, "Packets sent again on request.";
    MEDIA_SENT = "conf_media_sent_packets_total", Counter, "Datagrams sent, over UDP and TCP.";
    MEDIA_TCP = "conf_media_tcp_connections", Gauge, "Media connections over TCP that are open.";
    MEDIA_TCP_ENDED = "conf_media_tcp_ended_connections_total", Counter, "Media connections over TCP refused or closed by the server, by `reason`.";
    MEDIA_UNSENT = "conf_media_unsent_packets_total", Counter, "Datagrams that could not be sent, by `reason`.";
    ROOM_COMMANDS = "conf_room_commands_total", Counter, "Commands judged, by `verdict`.";
    ROOM_MEETINGS = "conf_room_meetings", Gauge, "Meetings that are on.";
    ROOM_PARTICIPANTS = "conf_room_participants", Gauge, "Participants in all meetings.";
    ROOM_UNKEPT_MEETINGS = "conf_room_unkept_meetings", Gauge, "Meetings that cannot be kept just now and refuse what is asked.";
    ROOM_UNKEPT_TURNS = "conf_room_unkept_turns_total", Counter, "Turns of meetings that could not be kept and were taken back.";
    SIGNAL_DROPPED = "conf_signal_dropped_sessions_total", Counter, "Sessions closed by the server, by `reason`.";
    SIGNAL_MALFORMED = "conf_signal_malformed_messages_total", Counter, "Messages that could not be read.";
    SIGNAL_SESSIONS = "conf_signal_sessions", Gauge, "Signalling sessions that are open.";
    SIGNAL_SLOWED = "conf_signal_slowed_messages_total", Counter, "Messages refused for coming too fast; their session was then read more slowly.";
}

fn describe() {
    for metric in ALL {
        let unit = if metric.name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, unit, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, unit, metric.help),
            Kind::Histogram => metrics::describe_histogram!(metric.name, unit, metric.help),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_golden_list() {
        let mut found = String::new();
        for Metric { name, kind, .. } in ALL {
            found.push_str(&format!("{name} {kind:?}\n"));
        }
        let golden = include_str!("../../tests/golden/metrics.txt");
        assert_eq!(found, golden, "a name is a promise: change tests/golden/metrics.txt knowingly");
    }

    #[test]
    fn names_are_in_order_and_say_their_unit() {
        for Metric { name, kind, .. } in ALL {
            assert!(name.starts_with("conf_"), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
        }
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::shared();
        metrics::counter!(name::SIGNAL_MALFORMED).increment(3);
        let text = metrics.render();
        assert!(text.contains("conf_signal_malformed_messages_total 3"), "{text}");
    }
}
