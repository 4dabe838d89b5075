//! Builds the browser client's files into the binary, if they were made.
//!
//! It never runs a package manager: `cargo xtask web` does that, and touches the
//! stamp this watches.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = root.join("web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    // Written last by the client's build. A missing one is looked for at every build.
    let stamp = [".stamp", ".sources"].into_iter().find(|name| dist.join(name).is_file());
    println!("cargo::rerun-if-changed=web/dist/{}", stamp.unwrap_or(".stamp"));

    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut files)?;
        files.sort();
    } else {
        println!(
            "cargo::warning=the browser client is not built in: run `cargo xtask web` first, or serve it with --client-dir"
        );
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("client.rs"), table(&dist, &files))
}

/// Files above this are built in as Brotli alone: eleven megabytes of WebAssembly
/// three times over would weigh more than the rest of the binary. Browsers take it
/// on every page that may use a camera.
const LARGE: u64 = 1 << 20;

/// Every file under `folder`, as paths under `root` with forward slashes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
            files.push(name.replace('\\', "/"));
        }
    }
    Ok(())
}

fn table(dist: &Path, files: &[String]) -> String {
    let mut code = String::from("static FILES: &[File] = &[\n");
    let plain = files.iter().filter(|name| !name.ends_with(".br") && !name.ends_with(".gz"));
    for name in plain.filter(|name| !name.rsplit('/').next().is_some_and(|f| f.starts_with('.'))) {
        let large = files.contains(&format!("{name}.br"))
            && fs::metadata(dist.join(name)).is_ok_and(|file| file.len() > LARGE);
        let sibling = |ending: &str| {
            let other = format!("{name}{ending}");
            if files.contains(&other) {
                format!("Some(include_bytes!({:?}))", dist.join(other))
            } else {
                "None".to_owned()
            }
        };
        writeln!(
            code,
            "File {{ path: {name:?}, content_type: content_type({name:?}), hashed: {hashed}, \
             plain: {plain}, brotli: {brotli}, gzip: {gzip} }},",
            hashed = is_hashed(name),
            plain = if large { "None".to_owned() } else { sibling("") },
            brotli = sibling(".br"),
            gzip = if large { "None".to_owned() } else { sibling(".gz") },
        )
        .expect("writing to a string");
    }
    code.push_str("];\n");
    code
}

/// Whether a bundler put a hash of the content into the name: `assets/index-Bx3_9kQz.js`.
fn is_hashed(name: &str) -> bool {
    let Some((folder, file)) = name.rsplit_once('/') else { return false };
    let stem = file.split('.').next().unwrap_or_default();
    let hash = stem.rsplit_once('-').map(|(_, hash)| hash).unwrap_or_default();
    folder.split('/').next() == Some("assets")
        && hash.len() >= 8
        && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
