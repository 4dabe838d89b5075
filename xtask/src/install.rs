//! Installing what a fresh machine lacks, and saying so.

use anyhow::{Result, bail};

use crate::run::{exists, output, run};

/// The browsers of the stories, and what their networks are made with (`ip` tells no version the
/// common way; `ss` comes with it).
pub(crate) fn browsers() -> Result<()> {
    debian(&[
        ("chromium", "chromium"),
        ("firefox-esr", "firefox-esr"),
        ("ss", "iproute2"),
        ("nft", "nftables"),
    ])
}

/// What counts instructions.
pub(crate) fn valgrind() -> Result<()> {
    debian(&[("valgrind", "valgrind")])
}

/// What `aiortc` is installed as: another WebRTC stack, in another language.
const AIORTC: [&str; 3] = ["aiortc==1.13.0", "aiohttp==3.14.5", "numpy==2.3.5"];

/// `aiortc` in a Python environment of its own under `target`.
pub(crate) fn aiortc() -> Result<()> {
    let python = "target/aiortc/bin/python";
    let versions = "import aiortc, aiohttp, numpy; \
                    print(*(m.__version__ for m in (aiortc, aiohttp, numpy)))";
    let wanted = AIORTC.map(|package| package.split("==").last().unwrap_or_default()).join(" ");
    if output(python, &["-c", versions]).is_some_and(|found| found.trim() == wanted) {
        return Ok(());
    }
    if output("python3", &["-m", "venv", "--help"]).is_none() {
        debian(&[("python3-venv", "python3-venv")])?;
    }
    println!("installing aiortc into target/aiortc");
    run("python3", &["-m", "venv", "target/aiortc"])?;
    let pip = [python, "-m", "pip", "install", "-q"];
    // An older one does not know today's wheels.
    run(pip[0], &[&pip[1..], &["pip==25.3"]].concat())?;
    run(pip[0], &[&pip[1..], &["--only-binary", ":all:"], &AIORTC[..]].concat())
}

/// `cargo deny`, built from source once per machine.
pub(crate) fn cargo_deny() -> Result<()> {
    if output("cargo", &["deny", "--version"]).is_some() {
        return Ok(());
    }
    println!("installing cargo-deny (once per machine, some minutes)");
    run("cargo", &["install", "--locked", "--debug", "cargo-deny"])
}

/// Node and npm, for the web client and its tests.
pub(crate) fn node() -> Result<()> {
    if exists("node") && exists("npm") {
        return Ok(());
    }
    debian(&[("node", "nodejs"), ("npm", "npm")])
}

/// Installs the Debian packages whose programs are missing.
fn debian(wanted: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| !exists(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if output("id", &["-u"]).as_deref() != Some("0") {
        bail!("missing: {}. Install them (on Debian: apt-get install {0})", missing.join(" "));
    }
    println!("installing Debian packages: {}", missing.join(" "));
    run("apt-get", &["update", "-qq"])?;
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(missing);
    crate::run::run_in(
        std::path::Path::new("."),
        "apt-get",
        &args,
        &[("DEBIAN_FRONTEND", "noninteractive")],
    )
}
