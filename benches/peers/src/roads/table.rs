//! The figures of all rivals side by side, as Markdown.

use std::cmp::Ordering;
use std::fmt;

use super::Rival;
use super::course::{Better, Course, Figure};

/// Who uses less of the link has no queue to be judged by, and no losses.
const IN_USE: f64 = 0.5;

/// What was found for one figure on one road.
#[derive(Debug, Clone)]
pub struct Row {
    /// The road.
    pub road: &'static str,
    /// The figure, with its unit.
    pub what: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What every one of ours keeps.
    pub bound: Option<f64>,
    /// For each of [`Rival::ALL`].
    pub spreads: [Spread; Rival::ALL.len()],
}

/// Least, middle and most over all seeds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// The middle one; of an even number the upper.
    pub median: f64,
    /// The most.
    pub most: f64,
    /// The link was hardly used meanwhile: the figure counts for nothing.
    pub idle: bool,
}

/// Sends every rival over a road, once with each seed.
#[must_use]
pub fn rows(course: &Course, seeds: u64) -> Vec<Row> {
    let taken = Rival::ALL.map(|rival| {
        let all = (0..seeds).map(|seed| course.take(rival, seed));
        all.collect::<Vec<_>>()
    });
    let figures = taken[0].first().map_or(&[][..], |first| first);
    let row = |(number, figure): (usize, &Figure)| Row {
        road: course.name,
        what: figure.what,
        better: figure.better,
        bound: figure.bound,
        spreads: std::array::from_fn(|rival| {
            let figures = taken[rival].iter().map(|figures| figures[number]);
            Spread::of(&figures.collect::<Vec<_>>())
        }),
    };
    figures.iter().enumerate().map(row).collect()
}

impl Spread {
    fn of(figures: &[Figure]) -> Self {
        let sorted = |value: fn(&Figure) -> f64| {
            let mut values: Vec<f64> = figures.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let values = sorted(|figure| figure.value);
        let used = sorted(|figure| figure.used.unwrap_or(1.0));
        let middle = figures.len() / 2;
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        Self {
            least: at(0),
            median: at(middle),
            most: at(values.len().max(1) - 1),
            idle: used.get(middle).is_some_and(|used| *used < IN_USE),
        }
    }
}

impl Row {
    /// What stands above the rows.
    #[must_use]
    pub fn head() -> String {
        let names = Rival::ALL.map(Rival::name).join(" | ");
        format!("| road | figure | {names} |\n|---|---|{}", "---|".repeat(Rival::ALL.len()))
    }

    /// Whether no other rival's median is better, as far as the table shows it.
    #[must_use]
    pub fn is_best(&self, rival: usize) -> bool {
        let mut others = (0..Rival::ALL.len()).filter(|other| !self.spreads[*other].idle);
        let happened = self.spreads[rival].median.is_finite();
        happened && others.all(|other| self.compare(rival, other).is_some_and(Ordering::is_ge))
    }

    /// Whether the median of one is better than another's (greater), as far as the table shows it;
    /// none where that cannot be said.
    #[must_use]
    pub fn compare(&self, one: usize, other: usize) -> Option<Ordering> {
        let (one, other) = (self.spreads[one], self.spreads[other]);
        if one.idle || other.idle {
            return None;
        }
        if self.shown(one.median) == self.shown(other.median) {
            return (self.better != Better::Neither).then_some(Ordering::Equal);
        }
        match self.better {
            Better::More => Some(one.median.total_cmp(&other.median)),
            Better::Less => Some(other.median.total_cmp(&one.median)),
            Better::Neither => None,
        }
    }

    /// Whether all of ours are within our own bound.
    #[must_use]
    pub fn keeps_bound(&self) -> bool {
        let ours = self.spreads[0];
        self.bound.is_none_or(|bound| match self.better {
            Better::Less => ours.most <= bound,
            Better::More | Better::Neither => ours.least >= bound,
        })
    }

    fn shown(&self, value: f64) -> String {
        if value.is_infinite() {
            "never".to_owned()
        } else if self.what.ends_with("ms") {
            format!("{value:.0}")
        } else {
            format!("{value:.2}")
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} |", self.road, self.what)?;
        for (rival, spread) in self.spreads.iter().enumerate() {
            let mark = if self.is_best(rival) { "**" } else { "" };
            let [least, median, most] =
                [spread.least, spread.median, spread.most].map(|value| self.shown(value));
            let idle = if spread.idle { ", idle" } else { "" };
            write!(f, " {mark}{median}{mark} ({least}–{most}){idle} |")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: [f64; 3], used: f64) -> Spread {
        Spread::of(&values.map(|value| Figure {
            what: "",
            value,
            better: Better::Less,
            bound: None,
            used: Some(used),
        }))
    }

    #[test]
    fn the_best_is_marked_whichever_way_is_better_and_what_never_happens_is_said() {
        let spreads = [
            spread([3.0, 1.0, 2.0], 0.9),
            spread([9.0; 3], 0.9),
            spread([2.001; 3], 0.9),
            spread([f64::INFINITY; 3], 0.9),
        ];
        let (what, better, bound) = ("settled after, s", Better::Less, Some(2.5));
        let row = Row { road: "r", what, better, bound, spreads };
        assert_eq!(
            row.to_string(),
            "| r | settled after, s | **2.00** (1.00–3.00) | 9.00 (9.00–9.00) | \
             **2.00** (2.00–2.00) | never (never–never) |"
        );
        assert!(!row.keeps_bound());
        assert_eq!(row.compare(0, 3), Some(Ordering::Greater));
        let row = Row { what: "used", better: Better::More, bound: Some(0.9), ..row };
        assert!(row.keeps_bound() && !row.is_best(0) && !row.is_best(3));
        let row = Row { better: Better::Neither, ..row };
        assert!((0..4).all(|rival| !row.is_best(rival)));
    }

    #[test]
    fn an_empty_queue_before_a_link_that_nobody_uses_is_no_merit() {
        let [short, none] = [spread([40.0; 3], 0.9), spread([1.0; 3], 0.1)];
        let (what, better) = ("queue p95, ms", Better::Less);
        let row = Row { road: "r", what, better, bound: None, spreads: [short, none, none, none] };
        assert!(row.is_best(0) && !row.is_best(1));
        assert_eq!(row.compare(0, 1), None);
        assert!(row.to_string().ends_with("| 1 (1–1), idle |"));
    }
}
