//! What joining costs: memory of whoever is there, nothing left behind by those who left, and
//! nobody disturbed by those who come. The figures of `conf-load`, judged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::compare::contender::{Contender, Running};
use crate::run::{built, run};

/// Most proportional memory of the server for one participant who is sent nothing, in bytes.
const IDLE: f64 = 64e3;
/// The same with nine videos and four voices.
const RECEIVING: f64 = 128e3;
/// Most that may stay after everyone left, over what the senders took before: what the server
/// keeps for the next ones (buffers, an allocator's pages), and no share of those who left.
const LEFT: f64 = 8e6;
/// Most growth from the first tenth of all joins and leaves to the last: a page here and there,
/// which would be 10 bytes each for 100,000 of them.
const GROWTH: f64 = 1e6;
/// Most milliseconds from an offer to the keys, for 99 of 100.
const JOIN: f64 = 1_000.0;
/// Most milliseconds from an offer until nine sources of 1.5 Mbit/s all flow.
const FLOWING: f64 = 3_000.0;

/// How much more memory a participant may take in the small form: fewer share what is made once.
const SMALL: f64 = 2.0;

/// A measurement of `conf-load` and what its report must show.
struct Measure {
    name: &'static str,
    /// Part of its size in the small form.
    small: &'static str,
    arguments: &'static [&'static str],
    judge: fn(&Report, f64) -> Result<()>,
}

const MEASURES: [Measure; 4] = [
    Measure {
        name: "memory",
        small: "0.2",
        arguments: &[],
        judge: |report, slack| {
            report.holds("valid")?;
            report.most("/idle_per_participant", IDLE * slack)?;
            report.most("/media_per_participant", RECEIVING * slack)?;
            let before = report.number("/pss_senders")?;
            report.most("/pss_left", before + LEFT)
        },
    },
    Measure {
        name: "joins-and-leaves",
        small: "0.03",
        arguments: &[],
        judge: |report, _| {
            let first = report.number("/pss_tenths/0")?;
            report.most("/pss_after", first + GROWTH)?;
            report.most("/join_ms/p99", JOIN)
        },
    },
    Measure {
        name: "churn",
        small: "0.1",
        arguments: &["--strict"],
        judge: |report, _| {
            report.most("/lost_of_those_there", 0.0)?;
            report.most("/late_join_ms/p99", JOIN)
        },
    },
    Measure {
        name: "churn",
        small: "1",
        arguments: &["--publishers=9", "--bitrate=1500", "--viewers=1", "--joins=3", "--strict"],
        judge: |report, _| {
            report.most("/late_without_media", 0.0)?;
            report.most("/late_media_ms/max", FLOWING)
        },
    },
];

/// In full, with optimised programs.
pub(crate) fn soak() -> Result<()> {
    run("cargo", &["build", "--release", "--workspace", "--all-features", "--bins"])?;
    all(&built("release"), false)
}

/// The small form for every check, with the programs that are built.
pub(crate) fn small() -> Result<()> {
    all(&built("debug"), true)
}

fn all(folder: &Path, small: bool) -> Result<()> {
    let file = std::env::temp_dir().join(format!("conf-joins-{}.json", std::process::id()));
    let result = MEASURES.iter().try_for_each(|measure| {
        let report = one(folder, measure, small, &file)
            .with_context(|| format!("{} {}", measure.name, measure.arguments.join(" ")))?;
        let slack = if small { SMALL } else { 1.0 };
        (measure.judge)(&report, slack).with_context(|| measure.name.to_owned())
    });
    let _ = fs::remove_file(&file);
    result
}

fn one(folder: &Path, measure: &Measure, small: bool, file: &PathBuf) -> Result<Report> {
    let server = Running::start(folder, Contender::Ours, None)?;
    let mut command = Command::new(folder.join("conf-load"));
    command.args(["run", measure.name, "--speak", "whip", "--server", server.url()]);
    command.args(["--server-pid", &server.id().to_string(), "--json"]).arg(file);
    command.args(measure.arguments);
    if small {
        command.args(["--scale", measure.small]);
    }
    println!("$ {command:?}");
    let ended = command.status()?;
    ensure!(ended.success(), "conf-load ended with {ended}");
    Ok(Report(serde_json::from_str(&fs::read_to_string(file)?)?))
}

/// A report of `conf-load`.
struct Report(Value);

impl Report {
    fn number(&self, at: &str) -> Result<f64> {
        let found = self.0.pointer(at).and_then(Value::as_f64);
        found.with_context(|| format!("the report has no number at {at}"))
    }

    fn holds(&self, key: &str) -> Result<()> {
        ensure!(self.0.get(key) == Some(&Value::Bool(true)), "expected `{key}` of the report");
        Ok(())
    }

    /// Prints a figure and refuses it above its bound.
    fn most(&self, at: &str, most: f64) -> Result<()> {
        let found = self.number(at)?;
        println!("{at}: {found:.1}, at most {most:.1}");
        ensure!(found <= most, "{at} is {found:.1}, at most {most:.1}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_within_its_bound_exceeds_it_or_is_missing() {
        let report = Report(serde_json::json!({"a": {"p99": 3.5}, "tenths": [7], "valid": false}));
        assert!(report.most("/a/p99", 3.5).is_ok());
        assert!(report.most("/tenths/0", 6.9).is_err());
        assert!(report.most("/a/p50", 9.0).is_err());
        assert!(report.holds("valid").is_err());
    }
}
