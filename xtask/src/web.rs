//! Building the web client, only when something in it changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::install;
use crate::run::run_in;

/// Where the client lives.
pub(crate) const FOLDER: &str = "reference-server/web";

/// Builds `dist` unless it was built from exactly these files.
pub(crate) fn build() -> Result<()> {
    install::node()?;
    let sources = hash_of_sources()?;
    let stamp = Path::new(FOLDER).join("dist/.sources");
    if fs::read_to_string(&stamp).is_ok_and(|built| built == sources) {
        println!("web client: up to date");
        return Ok(());
    }
    packages()?;
    run_in(Path::new(FOLDER), "npm", &["run", "build"], &[])?;
    fs::write(&stamp, sources).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Installs the npm packages the lock file names, unless they are there.
pub(crate) fn packages() -> Result<()> {
    install::node()?;
    let lock = fs::read_to_string(Path::new(FOLDER).join("package-lock.json"))
        .context("reference-server/web/package-lock.json")?;
    let stamp = Path::new(FOLDER).join("node_modules/.conf-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing the web client's npm packages");
    run_in(Path::new(FOLDER), "npm", &["ci", "--no-audit", "--no-fund"], &[])?;
    fs::write(&stamp, lock).context("cannot note which packages are installed")
}

/// One number for everything the build reads.
fn hash_of_sources() -> Result<String> {
    let mut files = Vec::new();
    for part in ["src", "public", "scripts"] {
        collect(&Path::new(FOLDER).join(part), &mut files)?;
    }
    for entry in fs::read_dir(FOLDER)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file).with_context(|| file.display().to_string())?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
