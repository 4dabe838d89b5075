//! How well each endpoint is connected: what its link was measured to do, judged now and then.

use std::time::{Duration, Instant};

use super::{Event, Shard};
use crate::{
    MediaKind,
    quality::{Judge, Quality, Sample},
    rtcp::ReportBlock,
};

/// Between two judgements. Longer tells a bad link later, shorter judges by handfuls of packets.
const INTERVAL: Duration = Duration::from_secs(2);
/// Intervals whose receiver reports count together: some receivers report on sound every five
/// seconds only.
const SPAN: usize = 3;
/// Packets below which loss says nothing.
const FEW: u64 = 20;
/// More packets than this between two reports are a stream that began anew.
const JUMP: u32 = 1 << 16;

/// What is known of one endpoint's link.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Link {
    /// When anything authentic last came from it.
    pub(crate) heard: Option<Instant>,
    /// When it is to be judged.
    pub(crate) due: Option<Instant>,
    judge: Judge,
    told: Quality,
    /// What its reports said in the latest intervals, the current one first.
    reports: [Kinds; SPAN],
}

/// Loss of sound and of pictures, apart: pictures are repaired, and there are many more of them.
type Kinds = [Tally; 2];

/// Packets that should have come, and those of them that did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    expected: u64,
    lost: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.expected += other.expected;
        self.lost += other.lost;
    }

    fn share(self) -> f32 {
        if self.expected < FEW { 0.0 } else { self.lost as f32 / self.expected as f32 }
    }
}

/// The share of whichever kind lost more.
fn worst<'a>(tallies: impl Iterator<Item = &'a Kinds>) -> f32 {
    let mut sum = Kinds::default();
    for kinds in tallies {
        sum.iter_mut().zip(kinds).for_each(|(sum, tally)| sum.add(*tally));
    }
    sum.map(Tally::share).into_iter().fold(0.0, f32::max)
}

impl Link {
    /// Begins anew, as good: the endpoint is connected.
    pub(crate) fn begin(&mut self, now: Instant) {
        *self = Self { heard: Some(now), due: Some(now + INTERVAL), ..Self::default() };
    }

    /// Takes in a report on one of its slots. `before` is what the slot's last report said.
    pub(crate) fn reported(
        &mut self,
        kind: MediaKind,
        before: &mut Option<(i32, u32)>,
        block: &ReportBlock,
    ) {
        let (lost, highest) = (block.packets_lost, block.highest_seq);
        if let Some((lost_before, highest_before)) = before.replace((lost, highest)) {
            let expected = highest.wrapping_sub(highest_before);
            if expected < JUMP {
                let lost = lost.saturating_sub(lost_before).max(0) as u32;
                self.reports[0][kind as usize]
                    .add(Tally { expected: expected.into(), lost: lost.min(expected).into() });
            }
        }
    }
}

/// How far the account of one received stream was taken into judgements.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Account {
    /// Packets that arrived in whatever way, each once.
    pub(crate) arrived: u64,
    /// The newest number and the count when it was judged last.
    judged: Option<(u64, u64)>,
}

impl Account {
    /// Packets that should have come since the last judgement, and those that did not.
    fn settle(&mut self, newest: u64) -> Tally {
        let Some((newest_before, arrived_before)) = self.judged.replace((newest, self.arrived))
        else {
            return Tally::default();
        };
        let expected = newest.saturating_sub(newest_before);
        let arrived = self.arrived.saturating_sub(arrived_before);
        Tally { expected, lost: expected.saturating_sub(arrived) }
    }
}

impl Shard {
    /// Judges an endpoint's link, if it is time.
    pub(super) fn judge_link(&mut self, now: Instant, at: u32) {
        let Self { endpoints, tracks, .. } = self;
        let Some(endpoint) = endpoints.get_mut(at).filter(|endpoint| endpoint.is_reachable())
        else {
            return;
        };
        if endpoint.link.due.is_none_or(|due| due > now) {
            return;
        }
        let (mut sent, mut jitter) = (Kinds::default(), Duration::ZERO);
        for track in &endpoint.tracks {
            let Some(track) = tracks.get_mut(*track).filter(|track| track.is_open()) else {
                continue;
            };
            for (stream, encoding) in track.streams.iter_mut().zip(&track.track.encodings) {
                let Some(newest) = encoding.newest() else { continue };
                let tally = stream.account.settle(newest);
                sent[track.kind as usize].add(tally);
                // Packets of one picture leave together: only sound shows the link's own jitter.
                if tally.expected > 0 && !track.codec.is_video() {
                    jitter = jitter.max(encoding.reception.jitter());
                }
            }
        }
        let link = &mut endpoint.link;
        let sample = Sample {
            uplink_loss: worst(std::iter::once(&sent)),
            // Reports of receivers that count repairs as received hide what was lost at first.
            downlink_loss: worst(link.reports.iter()).max(endpoint.downlink.lost_share()),
            jitter,
            round_trip: endpoint.round_trip.measured(),
            silence: link.heard.map_or(Duration::ZERO, |at| now.saturating_duration_since(at)),
        };
        link.reports.rotate_right(1);
        link.reports[0] = Kinds::default();
        link.due = Some(now + INTERVAL);
        let quality = link.judge.judge(&sample);
        self.tell_quality(at, quality);
        self.judge_redundancy(now, at, sample.downlink_loss);
    }

    /// Tells how well an endpoint is connected, if it was told otherwise.
    pub(super) fn tell_quality(&mut self, at: u32, quality: Quality) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        let event = Event::Quality { endpoint: endpoint.id, quality };
        // What could not be told is told at the next judgement.
        if endpoint.link.told != quality
            && self.tell(event)
            && let Some(endpoint) = self.endpoints.get_mut(at)
        {
            endpoint.link.told = quality;
        }
    }

    /// Tells an owner that lost events what it has to know of an endpoint.
    pub(super) fn restate(&mut self, id: crate::EndpointId) {
        let Some(&at) = self.ids.get(&id) else {
            self.tell(Event::Gone { endpoint: id });
            return;
        };
        let Some(endpoint) = self.endpoints.get(at) else { return };
        let name = |track: u32| self.tracks.get(track).map(|track| track.id);
        let slots = endpoint.slots.iter().map(|s| (s.mid.clone(), s.track.and_then(name)));
        let (group, tracks) = (endpoint.group, endpoint.tracks.clone());
        let told = [
            Event::Slots { endpoint: id, slots: slots.collect() },
            Event::Quality { endpoint: id, quality: endpoint.link.told },
            Event::Withheld { endpoint: id, tracks: endpoint.withheld.clone() },
        ];
        for event in told {
            self.tell(event);
        }
        for track in tracks {
            self.repeat_layers(track);
        }
        let known = self.groups.get(group);
        if known.is_some_and(|known| known.endpoints.first() == Some(&at)) {
            self.tell_speakers(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repaired_packets_are_not_lost_and_missing_ones_are() {
        let mut account = Account { arrived: 10, ..Account::default() };
        assert_eq!(account.settle(109), Tally::default(), "the first look only begins");
        account.arrived = 105;
        assert_eq!(account.settle(209), Tally { expected: 100, lost: 5 });
        account.arrived = 205;
        assert_eq!(account.settle(309), Tally { expected: 100, lost: 0 });
    }

    #[test]
    fn reports_add_up_and_a_stream_that_begins_anew_counts_nothing() {
        let mut link = Link::default();
        let mut before = None;
        let block = |packets_lost, highest_seq| ReportBlock {
            packets_lost,
            highest_seq,
            ..ReportBlock::default()
        };
        for (lost, highest) in [(3, 1_000), (13, 1_100), (11, 1_200), (12, 9_000_000)] {
            link.reported(MediaKind::Audio, &mut before, &block(lost, highest));
        }
        assert_eq!(link.reports[0][0], Tally { expected: 200, lost: 10 });
    }
}
