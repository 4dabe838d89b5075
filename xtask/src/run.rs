//! Running other programs: what was run is shown, failure stops.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The workspace's folder, wherever the command was typed.
pub(crate) fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// Where cargo puts the programs of a profile, `release` or `debug`: what is run must be what was
/// built, and not something older that lies in the usual place.
pub(crate) fn built(profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    PathBuf::from(target).join(profile)
}

/// Runs `program` in the workspace; its output is ours.
pub(crate) fn run<A: AsRef<OsStr>>(program: &str, args: &[A]) -> Result<()> {
    run_in(Path::new("."), program, args, &[])
}

/// Runs `program` in `folder` with more environment.
pub(crate) fn run_in<A: AsRef<OsStr>>(
    folder: &Path,
    program: &str,
    args: &[A],
    environment: &[(&str, &str)],
) -> Result<()> {
    let shown: Vec<_> = args.iter().map(|a| a.as_ref().to_string_lossy()).collect();
    println!("$ {program} {}", shown.join(" "));
    let status = Command::new(program)
        .args(args)
        .current_dir(folder)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{program}`: is it installed?"))?;
    if !status.success() {
        bail!("`{program} {}` ended with {status}", shown.join(" "));
    }
    Ok(())
}

/// What `program` prints, or `None` if it cannot be run or fails.
pub(crate) fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether `program` can be started.
pub(crate) fn exists(program: &str) -> bool {
    output(program, &["--version"]).is_some()
}
