//! What a packet may cost our server beside the floor and the str0m peer.

use anyhow::{Context as _, Result};

use super::contender::Contender;
use super::figures::{Latency, Taken};

/// A workload of `conf-load` and its bounds.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    pub(crate) name: String,
    /// The part of its size that is measured; `None` is the whole.
    pub(crate) scale: Option<f64>,
    /// The most of the floor's cost.
    pub(crate) of_floor: Option<f64>,
    /// The most of the str0m peer's cost.
    pub(crate) of_str0m: Option<f64>,
    /// The most of our own cost for another workload.
    pub(crate) of_ours: Option<(f64, &'static str)>,
    /// The most our server may keep packets, in milliseconds.
    pub(crate) latency: Option<Latency>,
}

impl Workload {
    /// One that is measured and not judged.
    pub(crate) fn unbounded(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, scale: None, of_floor: None, of_str0m: None, of_ours: None, latency: None }
    }

    /// Finds `name` or `name@scale`, with the bounds of that name if it has any.
    pub(crate) fn chosen(text: &str, scale: Option<f64>) -> Result<Self> {
        let (name, own) = match text.split_once('@') {
            None => (text, None),
            Some((name, scale)) => {
                let own = scale.parse::<f64>().ok().filter(|own| *own > 0.0);
                (name, Some(own.with_context(|| format!("`{text}` has no scale such as 0.5"))?))
            }
        };
        let known = WORKLOADS.iter().find(|workload| workload.name == name).cloned();
        let workload = known.unwrap_or_else(|| Self::unbounded(name));
        Ok(Self { scale: own.or(scale), ..workload })
    }

    /// As the table and the files call it.
    pub(crate) fn label(&self) -> String {
        match self.scale {
            None => self.name.clone(),
            Some(scale) => format!("{}@{scale}", self.name),
        }
    }

    /// Whether the peers are measured too: where they have a bound, or nothing has.
    pub(crate) fn with_peers(&self) -> bool {
        self.of_str0m.is_some() || (self.of_floor.is_none() && self.of_ours.is_none())
    }
}

/// Those with a bound: video to 200, many small rooms, thirty to each other, and sound to 500. What
/// is judged beside another comes right after it: a machine changes within minutes.
pub(crate) static WORKLOADS: std::sync::LazyLock<[Workload; 4]> = std::sync::LazyLock::new(|| {
    let named = Workload::unbounded;
    [
        Workload { of_floor: Some(2.0), of_str0m: Some(0.45), ..named("lecture") },
        Workload {
            of_ours: Some((1.3, "lecture")),
            latency: Some(Latency { p50: 0.5, p99: 6.0 }),
            ..named("small-rooms")
        },
        Workload { of_floor: Some(2.0), of_str0m: Some(0.45), ..named("meeting") },
        Workload { of_floor: Some(2.5), ..named("audio-room") },
    ]
});

/// A sentence for every bound that is exceeded or could not be judged.
pub(crate) fn judge(all: &[Taken]) -> Vec<String> {
    let mut exceeded = Vec::new();
    for taken in all {
        let bounds = &taken.bounds;
        let name = &taken.workload;
        let bounded = [bounds.of_floor, bounds.of_str0m, bounds.of_ours.map(|(most, _)| most)];
        if taken.lost() > 0 && bounded.iter().any(Option::is_some) {
            exceeded.push(format!(
                "{name}: {} packets were lost, so it is not judged; try a smaller --scale",
                taken.lost()
            ));
            continue;
        }
        let others = [(Contender::Floor, bounds.of_floor), (Contender::Str0m, bounds.of_str0m)];
        for (other, most) in others {
            let (Some(most), Some(ratio)) = (most, taken.ratio(other)) else { continue };
            let lost = taken.lost_by(other);
            if lost > 0 {
                let other = other.name();
                exceeded.push(format!("{name}: {other} lost {lost} packets, so it is not judged"));
                continue;
            }
            if ratio.median > most {
                exceeded.push(format!(
                    "{name}: {:.2} times the cost of {}, at most {most}",
                    ratio.median,
                    other.name()
                ));
            }
        }
        exceeded.extend(too_late(taken));
        if let Some((most, other)) = bounds.of_ours {
            let there = all.iter().find(|one| one.bounds.name == other && one.lost() == 0);
            let Some(ratio) = there.and_then(|other| taken.beside(other)) else { continue };
            if ratio.median > most {
                exceeded.push(format!(
                    "{name}: {:.2} times the cost of {other}, at most {most}",
                    ratio.median
                ));
            }
        }
    }
    exceeded
}

/// Whether our packets were kept too long.
fn too_late(taken: &Taken) -> Option<String> {
    let most = taken.bounds.latency?;
    let (p50, p99) = taken.latency(Contender::Ours)?;
    (p50.median > most.p50 || p99.median > most.p99).then(|| {
        format!(
            "{}: latency p50 {:.2} ms, p99 {:.2} ms; at most {} and {}",
            taken.workload, p50.median, p99.median, most.p50, most.p99
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::figures::Figures;

    fn taken(name: &str, costs: &[(Contender, f64, u64)]) -> Taken {
        let workload = WORKLOADS.iter().find(|w| w.name == name).unwrap();
        let mut taken = Taken::new(workload);
        for &(contender, us_per_packet, lost) in costs {
            taken.add(contender, Figures { us_per_packet, lost, ..Figures::default() });
        }
        taken
    }

    #[test]
    fn a_workload_may_have_a_scale_of_its_own() {
        let half = Workload::chosen("meeting@0.5", Some(0.1)).unwrap();
        assert_eq!((half.scale, half.of_floor), (Some(0.5), Some(2.0)));
        assert_eq!(half.label(), "meeting@0.5");
        let other = Workload::chosen("webinar", Some(0.1)).unwrap();
        assert_eq!((other.scale, other.of_floor, other.with_peers()), (Some(0.1), None, true));
        assert!(!Workload::chosen("audio-room", None).unwrap().with_peers());
        assert!(Workload::chosen("meeting@fast", None).is_err());
    }

    #[test]
    fn a_bound_is_kept_exceeded_or_not_judged() {
        use Contender::{Floor, Ours, Str0m};
        let kept = taken("lecture", &[(Ours, 1.9, 0), (Floor, 1.0, 0), (Str0m, 4.5, 0)]);
        assert!(judge(std::slice::from_ref(&kept)).is_empty());
        let dear = taken("meeting", &[(Ours, 2.2, 0), (Floor, 1.0, 0), (Str0m, 4.5, 0)]);
        assert_eq!(judge(&[dear]).len(), 2);
        let lossy = taken("meeting", &[(Ours, 1.0, 0), (Floor, 1.0, 0), (Str0m, 9.0, 3)]);
        assert!(judge(&[lossy])[0].contains("peer-str0m lost 3"));
        let lossy = taken("meeting", &[(Ours, 1.0, 2), (Floor, 1.0, 0), (Str0m, 9.0, 0)]);
        assert!(judge(&[lossy])[0].contains("try a smaller"));
        let mut rooms = taken("small-rooms", &[(Ours, 2.6, 0), (Floor, 1.0, 0)]);
        assert!(judge(&[kept, rooms.clone()])[0].contains("times the cost of lecture"));
        let late = Figures { latency: Some(Latency { p50: 0.4, p99: 6.5 }), ..Figures::default() };
        rooms.add(Ours, late);
        assert!(judge(&[rooms])[0].contains("p99 6.50 ms"));
    }
}
