//! Secrets on disk: made at first start, readable by their owner only, never shown.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ids::random_bytes;

/// 256 secret bits. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Wraps bytes that must not be shown.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A fresh one from the operating system.
    #[must_use]
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// The bytes. Whoever asks for them answers for where they go.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a key file cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Others than its owner may read or change it.
    #[error("key file {path}: permissions are {found:04o}, expected at most 0600; run `chmod 600 {path}`", path = path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        found: u32,
    },
    /// It does not hold a key.
    #[error("key file {path}: expected {expected}, found {found} bytes", path = path.display())]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// How many bytes it holds.
        found: u64,
    },
    /// It is not a file, or a text in it is not a key.
    #[error("key file {path}: expected {expected}", path = path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// It cannot be read or made.
    #[error("{action} {path} failed", path = path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
}

/// Reads 32 raw bytes from `path`, making the file with random ones if it is missing.
///
/// # Errors
/// When the file is wider open than 0600, not 32 bytes long, or cannot be read or made.
pub fn raw_key(path: &Path) -> Result<Secret, KeyFileError> {
    let bytes = read_or_make(path, "32 bytes", 32, || Secret::random().expose().to_vec())?;
    let found = bytes.len() as u64;
    bytes.try_into().map(Secret::new).map_err(|_| KeyFileError::WrongLength {
        path: path.to_owned(),
        expected: "32 bytes",
        found,
    })
}

/// Reads a file only its owner may read, making it from `fresh` if it is missing.
///
/// # Errors
/// When it is wider open than 0600, longer than `max` bytes, or cannot be read or made.
pub fn read_or_make(
    path: &Path,
    expected: &'static str,
    max: u64,
    fresh: impl FnOnce() -> Vec<u8>,
) -> Result<Vec<u8>, KeyFileError> {
    match read(path, expected, max) {
        Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        answer => return answer,
    }
    make(path, &fresh())?;
    // Another process may have made it first; what is in the file counts.
    read(path, expected, max)
}

/// Makes `dir` readable by its owner only; an existing one is left as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_private_dir(dir: &Path) -> Result<(), KeyFileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed("making folder", dir))
}

fn read(path: &Path, expected: &'static str, max: u64) -> Result<Vec<u8>, KeyFileError> {
    let mut file = fs::File::open(path).map_err(failed("opening key file", path))?;
    let meta = file.metadata().map_err(failed("examining key file", path))?;
    if !meta.is_file() {
        return Err(KeyFileError::NotAKey { path: path.to_owned(), expected });
    }
    let bits = meta.mode() & 0o7777;
    if bits & 0o077 != 0 {
        return Err(KeyFileError::TooOpen { path: path.to_owned(), found: bits });
    }
    if meta.len() > max {
        return Err(KeyFileError::WrongLength {
            path: path.to_owned(),
            expected,
            found: meta.len(),
        });
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed("reading key file", path))?;
    Ok(bytes)
}

/// Writes the key beside `path` and links it into place, so that a crash never
/// leaves half a key under the name that counts.
fn make(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        make_private_dir(dir)?;
    }
    let draft = path.with_extension(format!("new-{:016x}", u64::from_le_bytes(random_bytes())));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(failed("making key file", &draft))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(failed("making key file", path)(error));
        }
        _ => {}
    }
    removed.map_err(failed("removing draft", &draft))?;
    if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        let synced = fs::File::open(dir).and_then(|d| d.sync_all());
        synced.map_err(failed("syncing folder", dir))?;
    }
    Ok(())
}

pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyFileError {
    let path = path.to_owned();
    move |source| KeyFileError::Io { action, path, source: Arc::new(source) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/master.key");
        let first = raw_key(&path).unwrap();
        assert_eq!(raw_key(&path).unwrap().expose(), first.expose());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_others_may_read_is_refused_with_the_cure() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        raw_key(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = raw_key(&path).unwrap_err().to_string();
        assert!(error.contains("0640") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for length in [0, 31, 33] {
            let path = dir.path().join(format!("{length}.key"));
            make(&path, &vec![7; length]).unwrap();
            assert!(matches!(
                raw_key(&path),
                Err(KeyFileError::WrongLength { found, .. }) if found == length as u64
            ));
        }
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new([65; 32])), "Secret(…)");
    }
}
