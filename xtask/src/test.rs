//! `cargo xtask test`: every check there is, in the order that fails soonest.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use crate::run::{built, run, run_in};
use crate::{compare, icount, install, joins, soak, tidy, web};

/// One check.
struct Step {
    name: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", run: || run("cargo", &["fmt", "--all", "--check"]) },
    Step { name: "tidy", run: tidy::tidy },
    Step { name: "web build", run: web::build },
    Step { name: "web check", run: web_check },
    Step { name: "clippy", run: clippy },
    Step { name: "build alone", run: build_alone },
    Step { name: "tests", run: tests },
    Step { name: "histories", run: histories },
    Step { name: "examples", run: examples },
    Step { name: "fuzz targets", run: fuzz },
    Step { name: "icount", run: || icount::icount(false) },
    Step { name: "load", run: load },
    Step { name: "compare", run: compare_small },
    Step { name: "joins", run: joins_small },
    Step { name: "shards", run: || soak::shards(&[], &["20", "1", "1"]) },
    Step { name: "browsers", run: browsers },
    Step { name: "docs", run: docs },
    Step { name: "licences", run: licences },
];

/// Runs every step, or those whose name contains `only`; stops at the first that fails.
pub(crate) fn test(only: Option<&str>, list: bool) -> Result<()> {
    let chosen: Vec<&Step> =
        STEPS.iter().filter(|step| only.is_none_or(|part| step.name.contains(part))).collect();
    if list {
        chosen.iter().for_each(|step| println!("{}", step.name));
        return Ok(());
    }
    anyhow::ensure!(!chosen.is_empty(), "no step is called `{}`", only.unwrap_or_default());
    let mut took = Vec::new();
    for step in &chosen {
        println!("\n== {} ==", step.name);
        let started = Instant::now();
        (step.run)().map_err(|error| error.context(format!("step `{}`", step.name)))?;
        took.push((step.name, started.elapsed().as_secs()));
    }
    println!("\nall steps passed");
    for (name, seconds) in took {
        println!("  {name:<12} {seconds:>5} s (wall)");
    }
    Ok(())
}

fn web_check() -> Result<()> {
    web::packages()?;
    run_in(Path::new(web::FOLDER), "npm", &["run", "check"], &[])?;
    run_in(Path::new(web::FOLDER), "npm", &["test"], &[])
}

fn clippy() -> Result<()> {
    let all = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    run("cargo", &all)
}

/// Each crate in the smallest form it promises to build in.
fn build_alone() -> Result<()> {
    run("cargo", &["check", "-p", "conf-core"])?;
    run("cargo", &["check", "-p", "conf-media", "--no-default-features"])?;
    run("cargo", &["check", "-p", "conf-media"])?;
    run("cargo", &["check", "-p", "conf-record"])?;
    run("cargo", &["check", "-p", "conf-client"])
}

/// Every binary, with every feature: one set of features, so that nothing is built twice.
fn binaries() -> Result<()> {
    run("cargo", &["build", "--workspace", "--all-features", "--bins"])
}

/// Unit tests, whole-server stories, each bench once, and the documentation's examples.
fn tests() -> Result<()> {
    binaries()?;
    run("cargo", &["test", "--workspace", "--all-features", "--all-targets"])?;
    run("cargo", &["test", "--workspace", "--all-features", "--doc"])
}

/// The meeting's properties over 10,000 random histories, optimised.
fn histories() -> Result<()> {
    run_in(
        Path::new("."),
        "cargo",
        &["test", "--release", "-p", "conf-core", "--test", "replay"],
        &[("CONF_HISTORIES", "10000")],
    )
}

/// The example that needs no network; the other one is met by browsers below.
fn examples() -> Result<()> {
    binaries()?;
    run(&built("debug").join("embed-room").to_string_lossy(), &[] as &[&str])
}

/// The fuzz targets still build; their corpus runs among the tests.
fn fuzz() -> Result<()> {
    run("cargo", &["check", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target"])
}

/// The small forms of `soak twenty` and of `soak talk`, which is as large but shorter, and not
/// judged by the clock.
fn load() -> Result<()> {
    binaries()?;
    soak::load(&built("debug"), &["talk", "--people=200", "--duration=15", "--strict"])?;
    soak::load(
        &built("debug"),
        &[
            "--rooms=1",
            "--publishers=5",
            "--subscribers=0",
            "--video-slots=4",
            "--bitrate=300",
            "--audio",
            "--duration=10",
            "--max-lost=0",
        ],
    )
}

/// The small form of `compare`: nothing is lost and all figures are there.
fn compare_small() -> Result<()> {
    binaries()?;
    compare::small()
}

/// The small form of `soak joins`: a fifth of the people, three of a hundred joins.
fn joins_small() -> Result<()> {
    binaries()?;
    joins::small()
}

fn browsers() -> Result<()> {
    install::browsers()?;
    install::aiortc()?;
    web::packages()?;
    binaries()?;
    run_in(Path::new(web::FOLDER), "npm", &["run", "e2e"], &[])
}

fn docs() -> Result<()> {
    run_in(
        Path::new("."),
        "cargo",
        &["doc", "--workspace", "--no-deps", "--all-features"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

fn licences() -> Result<()> {
    install::cargo_deny()?;
    run("cargo", &["deny", "check", "licenses", "bans", "sources"])
}
