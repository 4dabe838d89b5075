//! What was measured, as a Markdown table.

use std::collections::BTreeSet;

use super::contender::Contender;
use super::figures::{Spread, Taken};

/// Prints one row a workload: costs in microseconds, then ratios, each as the median of all rounds
/// with the least and the most. A scale stands behind the workload's name.
pub(crate) fn print(all: &[Taken]) {
    println!();
    let shown = shown(all);
    let mut columns = vec!["workload".to_owned(), "packets/s".to_owned()];
    columns.extend(shown.iter().map(|contender| format!("{} us", title(*contender))));
    columns.extend(others(&shown).map(|other| format!("ours / {}", title(other))));
    columns.extend(["our latency p50, p99 ms".to_owned(), "lost".to_owned()]);
    println!("| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
    for taken in all {
        println!("| {} |", row(taken, &shown).join(" | "));
    }
    println!();
    for (other, taken) in all.iter().filter_map(|taken| {
        let (_, name) = taken.bounds.of_ours?;
        Some((all.iter().find(|other| other.bounds.name == name)?, taken))
    }) {
        let ratio = spread(taken.beside(other), 2);
        println!("{} / {}, ours: {ratio}", taken.workload, other.workload);
    }
}

/// Whoever was measured under any workload.
fn shown(all: &[Taken]) -> Vec<Contender> {
    let built = Contender::BUILT.into_iter();
    let measured: BTreeSet<Contender> = all.iter().flat_map(Taken::contenders).collect();
    let outside = measured.iter().copied().filter(|one| matches!(one, Contender::Outside(_)));
    built.filter(|one| measured.contains(one)).chain(outside).collect()
}

fn others(shown: &[Contender]) -> impl Iterator<Item = Contender> {
    shown.iter().copied().filter(|one| *one != Contender::Ours)
}

fn title(contender: Contender) -> &'static str {
    match contender {
        Contender::Str0mPlain => "str0m without estimator and pacer",
        other => other.name(),
    }
}

fn row(taken: &Taken, shown: &[Contender]) -> Vec<String> {
    let packets = taken.packets_per_second().map_or("-".to_owned(), |p| format!("{:.0}", p.median));
    let mut row = vec![taken.workload.clone(), packets];
    row.extend(shown.iter().map(|contender| spread(taken.cost(*contender), 2)));
    row.extend(others(shown).map(|other| spread(taken.ratio(other), 2)));
    row.push(match taken.latency(Contender::Ours) {
        None => "-".to_owned(),
        Some((p50, p99)) => format!("{:.2}, {:.2}", p50.median, p99.median),
    });
    let lost = shown
        .iter()
        .copied()
        .filter(|contender| taken.lost_by(*contender) > 0)
        .map(|contender| format!("{} {}", contender.name(), taken.lost_by(contender)));
    let lost: Vec<String> = lost.collect();
    row.push(match (lost.is_empty(), taken.lost()) {
        (true, _) => "0".to_owned(),
        (false, 0) => lost.join(", "),
        (false, _) => format!("**{}: not judged**", lost.join(", ")),
    });
    row
}

fn spread(spread: Option<Spread>, digits: usize) -> String {
    match spread {
        None => "-".to_owned(),
        Some(Spread { median, least, most }) if least == most => format!("{median:.digits$}"),
        Some(Spread { median, least, most }) => {
            format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::bounds::Workload;
    use crate::compare::contender::Outside;
    use crate::compare::figures::{Figures, Latency};

    #[test]
    fn a_row_with_loss_says_whose_and_that_it_is_not_judged() {
        let mut taken = Taken::new(&Workload::unbounded("lecture"));
        let latency = Some(Latency { p50: 0.25, p99: 3.0 });
        let figures =
            |us_per_packet, lost| Figures { us_per_packet, lost, packets_per_second: 9.0, latency };
        taken.add(Contender::Ours, figures(1.0, 0));
        taken.add(Contender::Floor, figures(0.5, 0));
        taken.add(Contender::Webrtc, figures(9.0, 4));
        let outside = Contender::Outside(Outside::named("other=true").unwrap());
        taken.add(outside, figures(4.0, 0));
        let columns = shown(std::slice::from_ref(&taken));
        let cells = row(&taken, &columns);
        assert_eq!(cells[..6], ["lecture", "9", "0.50", "1.00", "9.00", "4.00"]);
        assert_eq!(cells[6..], ["2.00", "0.11", "0.25", "0.25, 3.00", "peer-webrtc 4"]);
        taken.add(Contender::Ours, figures(2.0, 1));
        let cells = row(&taken, &columns);
        assert_eq!(cells[3], "1.50 (1.00–2.00)");
        assert!(cells[10].contains("not judged"), "{}", cells[10]);
    }
}
