//! What has been counted since a shard began: plain numbers that only grow, and a few gauges.

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Counters of one shard, or the sum over several.
        ///
        /// Everything is a count of events since the shard was made, except the fields that
        /// say "now" in their description. A copy is a snapshot.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Stats {
            /// Every counter with its name, in a fixed order, for a metrics exporter.
            pub fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }

            /// Adds another shard's counters to these.
            pub fn add(&mut self, other: &Stats) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }
        }
    };
}

counters! {
    /// Endpoints known now.
    endpoints,
    /// Tracks known now, open or closed.
    tracks,
    /// Tracks open now.
    open_tracks,
    /// Datagrams handed to [`receive`](crate::shard::Shard::receive).
    received_datagrams,
    /// Their bytes.
    received_bytes,
    /// RTP packets that were authentic, new and of a known track.
    received_rtp,
    /// RTCP datagrams that were authentic.
    received_rtcp,
    /// Media packets sealed for a subscriber, first transmissions only.
    forwarded_packets,
    /// Bytes of those, as they leave: header, payload and tag.
    forwarded_bytes,
    /// RTP packets stopped at a closed gate.
    gated_packets,
    /// Media packets that waited for credit on a link that is congested.
    delayed_packets,
    /// Times such a wait grew too long, so that a picture was left for the next keyframe.
    forsaken_backlogs,
    /// Packets of sound that left with earlier ones repeated in them, for a subscriber who loses many.
    redundant_packets,
    /// Packets of sound that were lost on the way here, and found repeated in a later one.
    recovered_packets,
    /// Transport-wide feedback from subscribers.
    received_feedback,
    /// Packets repeated for a subscriber who asked.
    retransmitted_packets,
    /// Packets repeated unasked, to try out whether a link carries more.
    probe_packets,
    /// Sequence numbers subscribers asked for again.
    nacked_packets,
    /// Such requests that could not be met: never sent, too old or beyond the budget.
    nack_unmet,
    /// Sequence numbers we asked publishers to repeat.
    requested_packets,
    /// Packets publishers repeated on a retransmission stream.
    repaired_packets,
    /// Keyframes subscribers asked for.
    keyframe_wanted,
    /// Keyframe requests sent to publishers, after throttling.
    keyframe_requested,
    /// Times a slot was given another track or none.
    slot_changes,
    /// Datagrams that reached another shard than the one they are for, and were handed to it.
    handed_datagrams,
    /// Media packets sent on to another shard that has subscribers for them, once for each.
    relayed_packets,
    /// Datagrams of no protocol we speak (RFC 7983).
    dropped_unknown_protocol,
    /// Datagrams from an address no endpoint has proven to own.
    dropped_unknown_address,
    /// STUN messages that were malformed, not for us, not authentic or copies from elsewhere.
    dropped_stun,
    /// DTLS records that could not be used.
    dropped_dtls,
    /// SRTP and SRTCP before their keys are known.
    dropped_before_keys,
    /// SRTP and SRTCP that failed authentication.
    dropped_unauthentic,
    /// SRTP and SRTCP seen before or too old to tell.
    dropped_replayed,
    /// RTP or RTCP that was authentic and malformed.
    dropped_malformed,
    /// RTP that belongs to no negotiated line, or to one codec too many.
    dropped_unknown_source,
    /// RTP that arrived too late for the ring.
    dropped_late,
    /// Datagrams and packets for another shard that was too far behind.
    dropped_relay_full,
    /// Whatever went beyond a limit of [`Limits`](crate::shard::Limits).
    dropped_over_limit,
    /// Commands that named something unknown or were refused.
    refused_commands,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_has_a_name_and_adds_up() {
        let mut total = Stats { endpoints: 1, ..Stats::default() };
        total.add(&Stats { endpoints: 2, refused_commands: 7, ..Stats::default() });
        assert_eq!(total.each().next(), Some(("endpoints", 3)));
        assert_eq!(total.each().last(), Some(("refused_commands", 7)));
    }
}
