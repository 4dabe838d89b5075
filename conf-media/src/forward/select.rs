//! Which packets a subscriber gets: those of its current lane, switching only where it can.

use super::Lane;
use crate::rtp::PacketFacts;

/// What to do with one packet for one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It continues the current lane.
    Forward,
    /// It begins the target lane, which is now the current one.
    ///
    /// Packets of the new lane that overtook this one were dropped before: the caller should now
    /// forward those stored in the ring after it, in order.
    Switch,
    /// It is not for this subscriber. When [`Dropped::leaves_gap`], the rewriter has to be told
    /// ([`super::Rewrite::skip`]).
    Drop(Dropped),
}

/// Why a packet did not go to a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// Another lane than the current and the target one.
    OtherLane,
    /// The target lane, before its first usable keyframe.
    AwaitingKeyframe,
    /// The current lane, but older than the point it was entered at.
    BeforeSwitch,
    /// The current lane, above the wanted temporal layer.
    TemporalLayer,
    /// The current lane, padding without media.
    Padding,
}

impl Dropped {
    /// Whether the packet was part of the current lane, so that its number must be closed up.
    #[must_use]
    pub const fn leaves_gap(self) -> bool {
        matches!(self, Self::TemporalLayer | Self::Padding)
    }
}

/// One subscription's choice of lane.
///
/// A new target becomes current at the first packet of one of its keyframes (for audio: at its
/// first packet); until then the current lane continues. When the current lane has died nothing
/// passes until the target begins.
#[derive(Debug, Clone, Copy)]
pub struct Select {
    current: Option<Entered>,
    target: Option<Lane>,
    max_temporal: u8,
}

#[derive(Debug, Clone, Copy)]
struct Entered {
    lane: Lane,
    /// The packet the lane was entered with.
    first: u64,
}

impl Default for Select {
    fn default() -> Self {
        Self { current: None, target: None, max_temporal: u8::MAX }
    }
}

impl Select {
    /// Asks for `target`; `None` stops everything at once.
    ///
    /// The current lane goes on until the target can begin. A lane of another source is left at
    /// once instead: its pictures must not appear under the new source's name.
    pub fn aim(&mut self, target: Option<Lane>) {
        self.target = target;
        if self.current.is_some_and(|now| target.is_none_or(|next| next.source != now.lane.source))
        {
            self.current = None;
        }
    }

    /// Sets the highest temporal layer to pass; everything by default.
    pub const fn limit_temporal(&mut self, max: u8) {
        self.max_temporal = max;
    }

    /// Judges one packet of `lane`. Cost: a few comparisons.
    pub fn judge(&mut self, lane: Lane, packet: &PacketFacts) -> Verdict {
        if let Some(now) = self.current
            && now.lane == lane
        {
            return if packet.seq < now.first {
                Verdict::Drop(Dropped::BeforeSwitch)
            } else if packet.empty {
                Verdict::Drop(Dropped::Padding)
            } else if packet.temporal > self.max_temporal {
                Verdict::Drop(Dropped::TemporalLayer)
            } else {
                Verdict::Forward
            };
        }
        if self.target != Some(lane) {
            return Verdict::Drop(Dropped::OtherLane);
        }
        if packet.empty || !packet.is_entry() {
            return Verdict::Drop(Dropped::AwaitingKeyframe);
        }
        self.current = Some(Entered { lane, first: packet.seq });
        Verdict::Switch
    }

    /// The lane that needs a keyframe before this subscriber can be served as wished.
    ///
    /// For audio this is answered by the lane's next packet.
    #[must_use]
    pub fn awaiting(&self) -> Option<Lane> {
        self.target.filter(|&target| self.current() != Some(target))
    }

    /// The lane that is passing now.
    #[must_use]
    pub fn current(&self) -> Option<Lane> {
        self.current.map(|now| now.lane)
    }

    /// The lane that is wanted.
    #[must_use]
    pub const fn target(&self) -> Option<Lane> {
        self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::PayloadFacts;

    const LOW: Lane = Lane { source: 1, encoding: 0 };
    const HIGH: Lane = Lane { source: 1, encoding: 2 };
    const OTHER: Lane = Lane { source: 2, encoding: 0 };

    fn packet(seq: u64, entry: bool) -> PacketFacts {
        PacketFacts {
            seq,
            timestamp: 0,
            marker: false,
            empty: false,
            frame_start: entry,
            keyframe: entry,
            temporal: 0,
            audio_level: None,
            payload: PayloadFacts::Opaque,
        }
    }

    #[test]
    fn nothing_passes_until_asked_for_and_then_from_a_keyframe_on() {
        let mut select = Select::default();
        assert_eq!(select.judge(LOW, &packet(1, true)), Verdict::Drop(Dropped::OtherLane));
        select.aim(Some(LOW));
        assert_eq!(select.awaiting(), Some(LOW));
        assert_eq!(select.judge(LOW, &packet(2, false)), Verdict::Drop(Dropped::AwaitingKeyframe));
        assert_eq!(select.judge(LOW, &packet(3, true)), Verdict::Switch);
        assert_eq!(select.awaiting(), None);
        assert_eq!(select.judge(LOW, &packet(4, false)), Verdict::Forward);
        select.aim(None);
        assert_eq!(select.judge(LOW, &packet(5, true)), Verdict::Drop(Dropped::OtherLane));
    }

    #[test]
    fn the_old_encoding_goes_on_until_the_new_one_has_a_keyframe() {
        let mut select = Select::default();
        select.aim(Some(LOW));
        select.judge(LOW, &packet(1, true));
        select.aim(Some(HIGH));
        assert_eq!(select.judge(LOW, &packet(2, false)), Verdict::Forward);
        assert_eq!(
            select.judge(HIGH, &packet(70, false)),
            Verdict::Drop(Dropped::AwaitingKeyframe)
        );
        assert_eq!(select.judge(HIGH, &packet(71, true)), Verdict::Switch);
        assert_eq!(select.judge(LOW, &packet(3, true)), Verdict::Drop(Dropped::OtherLane));
        assert_eq!(select.judge(HIGH, &packet(70, true)), Verdict::Drop(Dropped::BeforeSwitch));
        assert_eq!(select.judge(HIGH, &packet(73, false)), Verdict::Forward);
        assert_eq!(select.judge(HIGH, &packet(72, false)), Verdict::Forward);
    }

    #[test]
    fn a_changed_mind_stays_on_the_current_encoding() {
        let mut select = Select::default();
        select.aim(Some(LOW));
        select.judge(LOW, &packet(1, true));
        select.aim(Some(HIGH));
        select.aim(Some(LOW));
        assert_eq!(select.awaiting(), None);
        assert_eq!(select.judge(HIGH, &packet(70, true)), Verdict::Drop(Dropped::OtherLane));
        assert_eq!(select.judge(LOW, &packet(2, false)), Verdict::Forward);
    }

    #[test]
    fn another_source_silences_the_old_one_at_once() {
        let mut select = Select::default();
        select.aim(Some(LOW));
        select.judge(LOW, &packet(1, true));
        select.aim(Some(OTHER));
        assert_eq!(select.current(), None);
        assert_eq!(select.judge(LOW, &packet(2, true)), Verdict::Drop(Dropped::OtherLane));
        assert_eq!(select.judge(OTHER, &packet(9, true)), Verdict::Switch);
    }

    #[test]
    fn padding_and_high_temporal_layers_are_left_out_and_leave_a_gap_to_close() {
        let mut select = Select::default();
        select.aim(Some(LOW));
        select.judge(LOW, &packet(1, true));
        let padding = PacketFacts { empty: true, ..packet(2, false) };
        assert_eq!(select.judge(LOW, &padding), Verdict::Drop(Dropped::Padding));
        let upper = PacketFacts { temporal: 2, ..packet(3, false) };
        assert_eq!(select.judge(LOW, &upper), Verdict::Forward);
        select.limit_temporal(1);
        assert_eq!(select.judge(LOW, &upper), Verdict::Drop(Dropped::TemporalLayer));
        assert!(Dropped::TemporalLayer.leaves_gap() && Dropped::Padding.leaves_gap());
        assert!(!Dropped::OtherLane.leaves_gap());
    }
}
