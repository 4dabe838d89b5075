//! Figures of single measurements, and what they say together.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;

use super::bounds::Workload;
use super::contender::Contender;

/// One measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    /// Processor time per delivered packet.
    pub(crate) us_per_packet: f64,
    /// Packets that did not arrive, or at least 1 where the figures do not count for another
    /// reason.
    pub(crate) lost: u64,
    pub(crate) packets_per_second: f64,
    /// Milliseconds from sending to the receiver's kernel; none of the floor.
    pub(crate) latency: Option<Latency>,
}

/// Half and 99 of 100 are below these, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

#[derive(Deserialize)]
struct LoadReport {
    valid: bool,
    lost: u64,
    undelivered: Option<u64>,
    delivered_packets: u64,
    seconds: f64,
    us_per_packet: Option<f64>,
    latency_ms: Option<Latency>,
}

#[derive(Deserialize)]
struct FloorReport {
    us_per_packet: f64,
    receive_us_per_packet: f64,
    lost: u64,
    packets: u64,
    seconds: f64,
}

impl Figures {
    /// Reads a report of `conf-load`; `None` without the server's processor time.
    pub(crate) fn of_load(json: &str) -> Result<Option<Self>> {
        let report: LoadReport = serde_json::from_str(json)?;
        // Packets on their way when counting begins are undelivered too; the report knows how many
        // may be and says by `valid` whether there were more.
        let lost = match report.valid {
            true => 0,
            false => report.lost.max(report.undelivered.unwrap_or(0)).max(1),
        };
        let packets_per_second = report.delivered_packets as f64 / report.seconds;
        Ok(report.us_per_packet.map(|us_per_packet| Self {
            us_per_packet,
            lost,
            packets_per_second,
            latency: report.latency_ms,
        }))
    }

    /// Reads a report of `conf-floor`: sealing and sending, and receiving what is sent.
    pub(crate) fn of_floor(json: &str) -> Result<Self> {
        let floor: FloorReport = serde_json::from_str(json)?;
        Ok(Self {
            us_per_packet: floor.us_per_packet + floor.receive_us_per_packet,
            lost: floor.lost,
            packets_per_second: floor.packets as f64 / floor.seconds,
            latency: None,
        })
    }
}

/// The middle, the least and the most of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            (values[middle - 1] + values[middle]) / 2.0
        };
        Some(Self { median, least, most })
    }
}

/// All rounds of one workload.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) workload: String,
    pub(crate) bounds: Workload,
    rounds: BTreeMap<Contender, Vec<Figures>>,
}

impl Taken {
    pub(crate) fn new(bounds: &Workload) -> Self {
        let workload = bounds.label();
        Self { workload, bounds: bounds.clone(), rounds: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, contender: Contender, figures: Figures) {
        self.rounds.entry(contender).or_default().push(figures);
    }

    fn of(&self, contender: Contender) -> &[Figures] {
        self.rounds.get(&contender).map_or(&[], Vec::as_slice)
    }

    /// Who was measured.
    pub(crate) fn contenders(&self) -> impl Iterator<Item = Contender> {
        self.rounds.keys().copied()
    }

    /// What a packet cost a contender.
    pub(crate) fn cost(&self, contender: Contender) -> Option<Spread> {
        Spread::of(self.of(contender).iter().map(|figures| figures.us_per_packet))
    }

    /// The latency of a contender, each figure by itself.
    pub(crate) fn latency(&self, contender: Contender) -> Option<(Spread, Spread)> {
        let all = || self.of(contender).iter().filter_map(|figures| figures.latency);
        Some((Spread::of(all().map(|one| one.p50))?, Spread::of(all().map(|one| one.p99))?))
    }

    /// Our cost beside another's of the same round.
    pub(crate) fn ratio(&self, other: Contender) -> Option<Spread> {
        ratios(self.of(Contender::Ours), self.of(other))
    }

    /// Our cost beside ours for another workload, in the same round.
    pub(crate) fn beside(&self, other: &Self) -> Option<Spread> {
        ratios(self.of(Contender::Ours), other.of(Contender::Ours))
    }

    /// Packets lost by us and the floor, all rounds together. What a peer loses is shown with it
    /// and leaves only its own ratio unjudged.
    pub(crate) fn lost(&self) -> u64 {
        let judged = [Contender::Ours, Contender::Floor];
        judged.into_iter().map(|contender| self.lost_by(contender)).sum()
    }

    /// Packets one contender lost.
    pub(crate) fn lost_by(&self, contender: Contender) -> u64 {
        self.of(contender).iter().map(|figures| figures.lost).sum()
    }

    /// Packets a second our server delivered.
    pub(crate) fn packets_per_second(&self) -> Option<Spread> {
        Spread::of(self.of(Contender::Ours).iter().map(|figures| figures.packets_per_second))
    }
}

fn ratios(ours: &[Figures], other: &[Figures]) -> Option<Spread> {
    let pairs = ours.iter().zip(other).filter(|(_, other)| other.us_per_packet > 0.0);
    Spread::of(pairs.map(|(ours, other)| ours.us_per_packet / other.us_per_packet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_odd_and_even_numbers_of_rounds() {
        let odd = Spread::of([3.0, 1.0, 2.0]).unwrap();
        assert_eq!((odd.least, odd.median, odd.most), (1.0, 2.0, 3.0));
        assert_eq!(Spread::of([1.0, 2.0]).unwrap().median, 1.5);
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn reports_of_both_tools_are_read() {
        let load = |valid: bool, cost: &str| {
            format!(
                r#"{{"valid":{valid},"lost":2,"undelivered":7,"delivered_packets":200,
                     "seconds":2.0,"us_per_packet":{cost},"latency_ms":{{"p50":0.5,"p99":6,
                     "max":9}},"more":{{}}}}"#
            )
        };
        let figures = Figures::of_load(&load(false, "1.5")).unwrap().unwrap();
        let read = (figures.us_per_packet, figures.lost, figures.packets_per_second);
        assert_eq!(read, (1.5, 7, 100.0));
        assert_eq!(figures.latency, Some(Latency { p50: 0.5, p99: 6.0 }));
        assert_eq!(Figures::of_load(&load(true, "1.5")).unwrap().unwrap().lost, 0);
        assert_eq!(Figures::of_load(&load(true, "null")).unwrap(), None);
        let floor = r#"{"us_per_packet":0.5,"receive_us_per_packet":0.25,"lost":0,
                        "packets":100,"seconds":2.0}"#;
        let figures = Figures::of_floor(floor).unwrap();
        assert_eq!((figures.us_per_packet, figures.packets_per_second), (0.75, 50.0));
    }

    #[test]
    fn ratios_are_of_one_round_each() {
        let mut taken = Taken::new(&Workload::unbounded("x"));
        // The machine was twice as slow in the second round; the ratio is the same.
        for (contender, cost) in [
            (Contender::Ours, 1.0),
            (Contender::Floor, 0.5),
            (Contender::Ours, 2.0),
            (Contender::Floor, 1.0),
        ] {
            taken.add(contender, Figures { us_per_packet: cost, ..Figures::default() });
        }
        let ratio = taken.ratio(Contender::Floor).unwrap();
        assert_eq!((ratio.least, ratio.median, ratio.most), (2.0, 2.0, 2.0));
    }
}
