//! `roads`: our estimator beside those of `str0m` and `rtc-interceptor` on the same simulated roads.
//!
//! Prints a Markdown table, each row as soon as it is there. Virtual time: the machine's mood is not
//! in it.
#![allow(clippy::print_stdout, reason = "the table is for people to look at")]

use std::cmp::Ordering;

use anyhow::ensure;
use clap::Parser;
use conf_peers::roads::Rival;
use conf_peers::roads::course::COURSES;
use conf_peers::roads::table::{Row, rows};

/// Sends three estimators over the same roads and prints what was found.
#[derive(Parser, Debug)]
struct Options {
    /// Only roads whose name contains this.
    road: Option<String>,
    /// How often each road is taken, each time with another seed.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
}

fn main() -> anyhow::Result<()> {
    let Options { road, seeds } = Options::parse();
    ensure!(seeds > 0, "no seeds, no figures");
    let chosen = |name: &str| road.as_ref().is_none_or(|road| name.contains(road.as_str()));
    let courses: Vec<_> = COURSES.iter().filter(|course| chosen(course.name)).collect();
    let names = COURSES.map(|course| course.name).join("; ");
    ensure!(!courses.is_empty(), "no road has that in its name; there are: {names}");
    println!("{}", Row::head());
    let mut all = Vec::new();
    for course in courses {
        for row in rows(course, seeds) {
            println!("{row}");
            all.push(row);
        }
    }
    println!(
        "\nMedian (least–most) of {seeds} seeds; bold: none is better; never: not in the time there \
         was; idle: less than half of the link was used, so that this counts for nothing."
    );
    for (number, rival) in Rival::ALL.iter().enumerate().skip(1) {
        let count = |wanted: fn(Ordering) -> bool| {
            all.iter().filter(|row| row.compare(0, number).is_some_and(wanted)).count()
        };
        println!(
            "Ours beside {}: better in {} rows, as good in {}, worse in {}.",
            rival.name(),
            count(Ordering::is_gt),
            count(Ordering::is_eq),
            count(Ordering::is_lt)
        );
    }
    for row in all.iter().filter(|row| !row.keeps_bound()) {
        println!("Ours does not keep its own bound: {}: {}", row.road, row.what);
    }
    Ok(())
}
