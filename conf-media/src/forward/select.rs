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
