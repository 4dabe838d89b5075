//! What the compiler does not check: edges between crates, purity, file sizes, names, leftovers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::run::output;

/// Which of our crates each of our crates may import (ARCHITECTURE.md shows the same).
const EDGES: &[(&str, &[&str])] = &[
    ("conf-core", &[]),
    ("conf-media", &[]),
    ("conf-record", &["conf-media"]),
    ("conf-proto", &["conf-core"]),
    ("conf-client", &["conf-proto"]),
    ("conf-sim", &[]),
    ("reference-server", &["conf-core", "conf-media", "conf-record", "conf-proto"]),
    ("conf-benches", &["conf-core", "conf-media", "conf-record", "conf-proto"]),
    ("conf-floor", &[]),
    ("conf-peers", &["conf-floor", "conf-media", "conf-sim"]),
    ("conf-examples", &["conf-core", "conf-media", "conf-record", "conf-proto"]),
    ("xtask", &[]),
];

/// Crates that decide and never act: none of these may be in their default dependency tree.
const PURE: &[(&str, &[&str])] = &[
    ("conf-core", RUNTIME),
    ("conf-media", RUNTIME),
    ("conf-record", RUNTIME),
    ("conf-proto", RUNTIME),
    ("conf-client", RUNTIME),
    ("conf-sim", RUNTIME),
];

/// What runs, sleeps, listens or rolls dice.
const RUNTIME: &[&str] = &["tokio", "async-std", "smol", "mio", "socket2", "reqwest", "axum"];

/// The longest a hand-written source file may be.
const MOST_LINES: usize = 600;

/// Folders whose files may be longer: stories, not sources.
const LONG_ALLOWED: &[&str] = &["/tests/", "/e2e/", "fuzz/", "/generated/"];

/// File names that say nothing.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "common", "misc", "helper", "helpers", "manager", "managers"];

/// Runs every check and reports all findings at once.
pub(crate) fn tidy() -> Result<()> {
    let mut findings = Vec::new();
    edges(&mut findings)?;
    purity(&mut findings);
    files(&mut findings)?;
    if findings.is_empty() {
        println!("tidy: nothing found");
        return Ok(());
    }
    for finding in &findings {
        println!("tidy: {finding}");
    }
    bail!("{} findings", findings.len())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// Dependencies between our crates, tests aside, against the table.
fn edges(findings: &mut Vec<String>) -> Result<()> {
    let json = output("cargo", &["metadata", "--no-deps", "--format-version", "1"])
        .context("cargo metadata failed")?;
    let metadata: Metadata = serde_json::from_str(&json)?;
    let table: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for package in &metadata.packages {
        let Some(allowed) = table.get(package.name.as_str()) else {
            findings.push(format!("{} is not in the table of edges", package.name));
            continue;
        };
        let normal = package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev"));
        for ours in normal.filter(|d| d.path.is_some()) {
            if !allowed.contains(&ours.name.as_str()) {
                findings.push(format!("{} may not import {}", package.name, ours.name));
            }
        }
        versions_from_the_table(&package.name, findings)?;
    }
    Ok(())
}

/// Every dependency takes its version from the workspace's one table.
fn versions_from_the_table(package: &str, findings: &mut Vec<String>) -> Result<()> {
    let folder = match package {
        "conf-benches" => "benches",
        "conf-floor" => "benches/floor",
        "conf-peers" => "benches/peers",
        "conf-examples" => "examples",
        other => other,
    };
    let manifest = fs::read_to_string(format!("{folder}/Cargo.toml"))?;
    let mut in_dependencies = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]");
            continue;
        }
        let is_entry = in_dependencies && line.contains('=') && !line.starts_with('#');
        let of_itself = line.contains("path = \".\"");
        if is_entry && !line.contains("workspace = true") && !of_itself {
            findings.push(format!("{folder}/Cargo.toml: `{line}` does not come from the table"));
        }
    }
    Ok(())
}

/// The default dependency trees of the pure crates hold no runtime.
fn purity(findings: &mut Vec<String>) {
    for (package, banned) in PURE {
        let tree = output("cargo", &["tree", "-p", package, "-e", "normal", "--prefix", "none"]);
        let names: BTreeSet<String> = tree
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .collect();
        if names.is_empty() {
            findings.push(format!("cargo tree -p {package} gave nothing"));
        }
        for name in banned.iter().filter(|name| names.contains(**name)) {
            findings.push(format!("{package} pulls {name} by default; it must stay pure"));
        }
    }
}

/// Lengths, names and leftovers of the files git knows.
fn files(findings: &mut Vec<String>) -> Result<()> {
    let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])
        .context("git ls-files failed")?;
    for path in listed.lines() {
        let Ok(text) = fs::read_to_string(path) else { continue };
        let stem = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or("");
        if EMPTY_NAMES.contains(&stem) {
            findings.push(format!("{path}: a name that says nothing"));
        }
        let source = [".rs", ".ts", ".svelte", ".css", ".js", ".mjs"]
            .iter()
            .any(|ending| path.ends_with(ending));
        if source {
            let says =
                |line: &str| line.contains("generated by") || line.starts_with("// Generated from");
            let generated = text.lines().take(3).any(says);
            let lines = text.lines().count();
            let may_be_long = generated || LONG_ALLOWED.iter().any(|part| path.contains(part));
            if lines > MOST_LINES && !may_be_long {
                findings.push(format!("{path}: {lines} lines, at most {MOST_LINES}"));
            }
            leftovers(path, &text, findings);
        }
        if path.ends_with("package-lock.json") && text.contains("\"resolved\"") {
            findings.push(format!("{path}: names download addresses (`resolved`)"));
        }
    }
    Ok(())
}

/// Things that must not be in a source file.
fn leftovers(path: &str, text: &str, findings: &mut Vec<String>) {
    // Put together here so that this file does not find itself.
    let words = [
        ["#[", "ignore"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["test.", "skip("].concat(),
        ["it.", "skip("].concat(),
        ["test.", "only("].concat(),
        ["test.", "fixme("].concat(),
    ];
    for (number, line) in text.lines().enumerate() {
        for word in words.iter().filter(|word| line.contains(word.as_str())) {
            findings.push(format!("{path}:{}: `{word}`", number + 1));
        }
    }
}
