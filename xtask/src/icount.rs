//! Whether the benches' workloads still take as many instructions as the baseline says.
//!
//! Instructions are counted by callgrind, which shows every program the same processor (AVX2, no
//! wider vectors), so that the crypto library takes one path on all machines and two runs differ
//! by less than a tenth of a percent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::install;
use crate::run::{built, output, run};

/// What was counted when the numbers were last agreed on.
const BASELINE: &str = "benches/icount.txt";
/// A rise above this many percent fails.
const MOST_RISE: f64 = 3.0;
/// Below this many instructions per unit, a rise by one or two is no finding.
const GRAIN: f64 = 2.0;

/// Estimator, pacer and allocator take at most so many percent of sealing.
const MOST_STEERING: f64 = 15.0;
/// A limited link is decided on once a second at most; so many packets are 1.5 Mbit/s in that time.
const PACKETS_PER_DECISION: f64 = 180.0;

/// Instructions for one unit of work.
#[derive(Clone, Debug, PartialEq)]
struct Count {
    /// All of them.
    all: f64,
    /// Those outside the crypto library: what is ours shows better without it.
    own: f64,
    unit: String,
}

/// Counts every workload and compares with the baseline, or writes it anew with `bless`.
pub(crate) fn icount(bless: bool) -> Result<()> {
    install::valgrind()?;
    run(
        "cargo",
        &["build", "--release", "-p", "conf-benches", "--all-features", "--bin", "icount"],
    )?;
    let program = built("release").join("icount").to_string_lossy().into_owned();
    let names = output(&program, &[]).context("the workloads cannot be listed")?;
    let mut counts = BTreeMap::new();
    for name in names.lines() {
        let count = count(&program, name)?;
        println!("{name:<34} {:>12.1} {:>12.1} per {}", count.all, count.own, count.unit);
        counts.insert(name.to_owned(), count);
    }
    if bless {
        std::fs::write(BASELINE, written(&counts))?;
        println!("{BASELINE} written");
        return Ok(());
    }
    let text = std::fs::read_to_string(BASELINE);
    let baseline = read(&text.with_context(|| format!("{BASELINE} cannot be read"))?)?;
    let mut findings = compare(&baseline, &counts);
    findings.extend(steering(&counts));
    for finding in &findings {
        println!("icount: {finding}");
    }
    ensure!(
        findings.is_empty(),
        "{} findings; if they are meant: cargo xtask icount --bless, and say why in the commit",
        findings.len()
    );
    Ok(())
}

/// Runs one workload under callgrind.
fn count(program: &str, name: &str) -> Result<Count> {
    let file = format!("conf-icount-{}-{}", std::process::id(), name.replace('/', "-"));
    let file = std::env::temp_dir().join(file);
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no"])
        .arg("--toggle-collect=*counted_round*")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .args([program, name])
        .stdin(Stdio::null())
        .output()
        .context("valgrind cannot be started")?;
    let profile = std::fs::read_to_string(&file);
    let _ = std::fs::remove_file(&file);
    let said = String::from_utf8_lossy(&ran.stdout);
    if !ran.status.success() {
        bail!("{name} failed under valgrind: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let (units, unit) = said.trim().split_once(' ').context("no units were told")?;
    let units: f64 = units.parse()?;
    let (all, own) = sums(&profile?);
    ensure!(all > 0, "{name}: nothing was counted; is the counted function inlined?");
    Ok(Count { all: all as f64 / units, own: own as f64 / units, unit: unit.to_owned() })
}

/// All instructions of a profile, and those whose source is not the crypto library's
/// (callgrind's format: a file line holds for the cost lines after it, and the cost line after a
/// `calls=` counts what the called function was counted for already).
fn sums(profile: &str) -> (u64, u64) {
    let (mut all, mut own) = (0, 0);
    let (mut crypto, mut of_a_call) = (false, false);
    for line in profile.lines() {
        if let Some(file) = ["fl=", "fi=", "fe="].iter().find_map(|key| line.strip_prefix(key)) {
            crypto = file.contains("/aws-lc/");
        } else if line.starts_with("calls=") {
            of_a_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let cost: u64 =
                line.split(' ').nth(1).and_then(|cost| cost.parse().ok()).unwrap_or_default();
            if !std::mem::take(&mut of_a_call) {
                all += cost;
                own += if crypto { 0 } else { cost };
            }
        }
    }
    (all, own)
}

fn compare(baseline: &BTreeMap<String, Count>, counts: &BTreeMap<String, Count>) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, now) in counts {
        let Some(before) = baseline.get(name) else {
            findings.push(format!("{name} is not in {BASELINE}"));
            continue;
        };
        for (what, before, now) in
            [("", before.all, now.all), (" outside the crypto library", before.own, now.own)]
        {
            let rise = (now - before) * 100.0 / before.max(1.0);
            if rise > MOST_RISE && now - before > GRAIN {
                findings.push(format!(
                    "{name}: {now:.1} instructions{what}, {before:.1} before: {rise:+.1} %, at \
                     most {MOST_RISE:+} %"
                ));
            } else if rise < -MOST_RISE {
                println!("{name}: {now:.1}{what}, {before:.1} before ({rise:+.1} %): bless it");
            }
        }
    }
    for name in baseline.keys().filter(|name| !counts.contains_key(*name)) {
        findings.push(format!("{name} is in {BASELINE} and no longer a workload"));
    }
    findings
}

/// Whether knowing what links carry, pacing and allocating take too large a share of what no
/// forwarded packet goes without: being sealed.
fn steering(counts: &BTreeMap<String, Count>) -> Option<String> {
    let all = |name: &str| counts.get(name).map(|count| count.all);
    let (told, untold) = (all("fanout/1x200")?, all("fanout/1x200_untold")?);
    let decisions = all("allocate/9_of_100")? / PACKETS_PER_DECISION;
    let (steering, sealing) = (told - untold + decisions, all("srtp/seal/gcm_256")?);
    let share = steering * 100.0 / sealing;
    println!("estimator, pacer and allocator: {steering:.0} of {sealing:.0}, {share:.1} %");
    let says = format!(
        "estimator, pacer and allocator take {share:.1} % of sealing a packet, at most \
         {MOST_STEERING} %"
    );
    (share > MOST_STEERING).then_some(says)
}

fn written(counts: &BTreeMap<String, Count>) -> String {
    let mut text = "# Instructions per unit of work: all, and those outside the crypto library.\n\
                    # Written by `cargo xtask icount --bless`, compared by `cargo xtask icount`.\n"
        .to_owned();
    for (name, Count { all, own, unit }) in counts {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{name:<34} {all:>12.1} {own:>12.1} {unit}");
    }
    text
}

fn read(text: &str) -> Result<BTreeMap<String, Count>> {
    let mut counts = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let mut fields = line.split_whitespace();
        let (Some(name), Some(all), Some(own)) = (fields.next(), fields.next(), fields.next())
        else {
            bail!("{BASELINE}: expected a name and two numbers, found `{line}`");
        };
        let unit = fields.collect::<Vec<_>>().join(" ");
        counts.insert(name.to_owned(), Count { all: all.parse()?, own: own.parse()?, unit });
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(all: f64, own: f64) -> BTreeMap<String, Count> {
        [("fanout/1x10".to_owned(), Count { all, own, unit: "packet".to_owned() })].into()
    }

    #[test]
    fn a_rise_above_three_percent_is_a_finding_in_either_count() {
        let before = counts(5_000.0, 700.0);
        assert!(compare(&before, &counts(5_149.0, 720.0)).is_empty());
        assert_eq!(compare(&before, &counts(5_151.0, 700.0)).len(), 1);
        assert_eq!(compare(&before, &counts(5_025.0, 725.0)).len(), 1);
        assert!(compare(&before, &counts(3_000.0, 100.0)).is_empty());
        assert_eq!(compare(&BTreeMap::new(), &before).len(), 1);
        assert_eq!(compare(&before, &BTreeMap::new()).len(), 1);
    }

    #[test]
    fn the_share_of_steering_is_judged_by_the_difference_it_makes() {
        let counted = |told: f64| {
            let named = [
                ("fanout/1x200", told),
                ("fanout/1x200_untold", 4_000.0),
                ("allocate/9_of_100", 180.0),
                ("srtp/seal/gcm_256", 1_000.0),
            ];
            let count = |all| Count { all, own: all, unit: "packet".to_owned() };
            named.map(|(name, all)| (name.to_owned(), count(all))).into()
        };
        assert_eq!(steering(&counted(4_149.0)), None);
        assert!(steering(&counted(4_150.0)).is_some());
        assert_eq!(steering(&BTreeMap::new()), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let before = counts(5_000.5, 700.0);
        assert_eq!(read(&written(&before)).unwrap(), before);
        assert!(read("fanout/1x10 many").is_err());
    }

    #[test]
    fn calls_are_counted_once_and_the_crypto_library_apart() {
        let profile = "events: Ir\nfl=a.rs\nfn=one\n10 5\ncfi=/x/aws-lc/y.c\ncfn=seal\n\
                       calls=2 30\n11 100\n12 3\nfl=/x/aws-lc/y.c\nfn=seal\n30 100\n";
        assert_eq!(sums(profile), (108, 8));
    }
}
