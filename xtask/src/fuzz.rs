//! Feeding every parser and machine what nobody foresaw: the fuzz targets under libFuzzer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::run::{output, run_in, workspace_root};

/// Executions of one target, unless its time is up before.
const EXECUTIONS: u64 = 12_000_000;
/// Seconds one target may take: handshakes and whole stories reach fewer executions.
const MOST_SECONDS: u64 = 180;
/// What all targets together must reach for the soak to count.
const LEAST_IN_SUM: u64 = 100_000_000;
/// Longest input in bytes; an offer may be longer.
const MOST_BYTES: &[(&str, u32)] = &[("sdp_offer", 16_384), ("shard_inputs", 600)];
const MOST_BYTES_ELSE: u32 = 1_500;

/// Counts edges and compares in our code and all it stands on. Both flags are stable; the checks
/// that debug builds have stay on.
const INSTRUMENT: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
];

/// What became of one target.
struct Outcome {
    name: String,
    executions: u64,
    seconds: u64,
    passed: bool,
}

/// Runs every target from its corpus on with a fixed seed; fails at a finding, or when there were
/// fewer executions than promised.
///
/// What is found interesting on the way is not kept: the stored corpus stays small. An input that
/// breaks something is kept in `target/fuzz/found`.
pub(crate) fn fuzz() -> Result<()> {
    let folder = build()?;
    let names = targets()?;
    let found = workspace_root().join("target/fuzz/found");
    std::fs::create_dir_all(&found)?;
    let mut outcomes = Vec::new();
    for name in names {
        let outcome = feed(&folder, &name, &found)?;
        println!(
            "{:<20} {:>12} executions {:>5} s  {}",
            outcome.name,
            outcome.executions,
            outcome.seconds,
            if outcome.passed { "nothing found" } else { "FOUND SOMETHING" }
        );
        outcomes.push(outcome);
    }
    let sum: u64 = outcomes.iter().map(|outcome| outcome.executions).sum();
    let seconds: u64 = outcomes.iter().map(|outcome| outcome.seconds).sum();
    println!("{:<20} {sum:>12} executions {seconds:>5} s", "all");
    let broken: Vec<_> = outcomes.iter().filter(|o| !o.passed).map(|o| o.name.as_str()).collect();
    ensure!(
        broken.is_empty(),
        "inputs that break {} are in {}",
        broken.join(", "),
        found.display()
    );
    ensure!(sum >= LEAST_IN_SUM, "{sum} executions in sum, expected at least {LEAST_IN_SUM}");
    Ok(())
}

/// Builds the targets with libFuzzer around them; where they are.
fn build() -> Result<PathBuf> {
    let version = output("rustc", &["-vV"]).context("rustc does not run")?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not say which machine this is")?;
    // A named target keeps the flags away from build scripts and macros.
    let arguments = ["build", "--release", "--manifest-path", "fuzz/Cargo.toml"];
    let place = ["--target-dir", "target/fuzz", "--target", host];
    let flags = INSTRUMENT.join(" ");
    let all = [&arguments[..], &place].concat();
    run_in(Path::new("."), "cargo", &all, &[("RUSTFLAGS", flags.as_str())])?;
    Ok(workspace_root().join("target/fuzz").join(host).join("release"))
}

/// The targets' names: one file each.
fn targets() -> Result<Vec<String>> {
    let mut names: Vec<String> = std::fs::read_dir("fuzz/targets")?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let source = path.extension().is_some_and(|ending| ending == "rs");
            source.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))?
        })
        .collect();
    names.sort();
    ensure!(!names.is_empty(), "fuzz/targets is empty");
    Ok(names)
}

fn feed(folder: &Path, name: &str, found: &Path) -> Result<Outcome> {
    let work = std::env::temp_dir().join(format!("conf-fuzz-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    let longest = MOST_BYTES
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(MOST_BYTES_ELSE, |known| known.1);
    let mut command = Command::new(folder.join(name));
    command
        .args(["-seed=1", "-print_final_stats=1", "-verbosity=0", "-rss_limit_mb=3000"])
        .arg("-timeout=20")
        .arg(format!("-runs={EXECUTIONS}"))
        .arg(format!("-max_total_time={MOST_SECONDS}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-artifact_prefix={}/{name}-", found.display()))
        .arg(&work)
        .stdin(Stdio::null());
    let corpus = Path::new("fuzz/corpus").join(name);
    if corpus.is_dir() {
        command.arg(corpus);
    }
    let started = std::time::Instant::now();
    let ran = command.output().with_context(|| format!("cannot start the target {name}"));
    // Whatever came of it, what was collected on the way is not kept.
    let _ = std::fs::remove_dir_all(&work);
    let ran = ran?;
    let seconds = started.elapsed().as_secs();
    let said = String::from_utf8_lossy(&ran.stderr);
    if !ran.status.success() {
        println!("{said}");
    }
    let Some(executions) = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok())
    else {
        bail!("{name} did not say how much it executed: {said}");
    };
    Ok(Outcome { name: name.to_owned(), executions, seconds, passed: ran.status.success() })
}
