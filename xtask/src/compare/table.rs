//! What was measured, as a Markdown table.

use super::contender::Contender;
use super::figures::{Spread, Taken};

/// Prints one row a workload: costs in microseconds, then ratios, each as the median of all rounds
/// with the least and the most. A scale stands behind the workload's name.
pub(crate) fn print(all: &[Taken]) {
    println!();
    let columns = [
        "workload",
        "packets/s",
        "floor us",
        "conf-server us",
        "peer-str0m us",
        "without estimator and pacer us",
        "peer-webrtc us",
        "ours / floor",
        "ours / str0m",
        "ours / str0m without",
        "lost",
    ];
    println!("| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
    for taken in all {
        println!("| {} |", row(taken).join(" | "));
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

fn row(taken: &Taken) -> Vec<String> {
    let packets = taken.packets_per_second().map_or("-".to_owned(), |p| format!("{:.0}", p.median));
    let mut row = vec![taken.workload.clone(), packets];
    for contender in Contender::ALL {
        row.push(spread(taken.cost(contender), 2));
    }
    for other in [Contender::Floor, Contender::Str0m, Contender::Str0mPlain] {
        row.push(spread(taken.ratio(other), 2));
    }
    let lost = Contender::ALL
        .into_iter()
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
    use crate::compare::figures::Figures;

    #[test]
    fn a_row_with_loss_says_whose_and_that_it_is_not_judged() {
        let mut taken = Taken::new(&Workload::unbounded("lecture"));
        let figures =
            |us_per_packet, lost| Figures { us_per_packet, lost, packets_per_second: 9.0 };
        taken.add(Contender::Ours, figures(1.0, 0));
        taken.add(Contender::Floor, figures(0.5, 0));
        taken.add(Contender::Webrtc, figures(9.0, 4));
        let shown = row(&taken);
        assert_eq!(shown[..4], ["lecture", "9", "0.50", "1.00"]);
        assert_eq!(shown[7..], ["2.00", "-", "-", "peer-webrtc 4"]);
        taken.add(Contender::Ours, figures(2.0, 1));
        let shown = row(&taken);
        assert_eq!(shown[3], "1.50 (1.00–2.00)");
        assert!(shown[10].contains("not judged"), "{}", shown[10]);
    }
}
