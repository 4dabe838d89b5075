//! The operator's key: who may make rooms and read the audit.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::bearer::BearerToken;
use super::key_file::{KeyFileError, Secret, read_or_make};

/// What an operator key file holds.
const FORM: &str = "43 characters of base64url";

/// The operator's key and the file it is in. Only the path is ever printed.
#[derive(Clone)]
pub struct OperatorKey(BearerToken);

impl OperatorKey {
    /// Reads `key_dir/operator.key`, making it (0600, 256 random bits) if it is missing.
    ///
    /// # Errors
    /// When the file is wider open than 0600, holds no key, or cannot be read or made.
    pub fn open(key_dir: &Path) -> Result<Self, KeyFileError> {
        let path = key_dir.join("operator.key");
        let fresh = || {
            let mut line = URL_SAFE_NO_PAD.encode(Secret::random().expose());
            line.push('\n');
            line.into_bytes()
        };
        let bytes = read_or_make(&path, FORM, 64, fresh)?;
        let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
        let held = URL_SAFE_NO_PAD.decode(text).map_or(0, |key| key.len());
        if held != 32 {
            return Err(KeyFileError::NotAKey { path, expected: FORM });
        }
        Ok(Self(BearerToken::known(text.to_owned(), path)))
    }

    /// The file the key is in.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Whether an `Authorization` header's value is `Bearer` and this key,
    /// compared in constant time.
    #[must_use]
    pub fn admits(&self, authorization: Option<&str>) -> bool {
        self.0.admits(authorization)
    }
}

impl fmt::Debug for OperatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperatorKey({})", self.path().display())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_the_key_in_the_file_is_admitted() {
        let dir = tempfile::tempdir().unwrap();
        let key = OperatorKey::open(dir.path()).unwrap();
        let text = fs::read_to_string(key.path()).unwrap();
        assert!(key.admits(Some(&format!("Bearer {}", text.trim()))));
        assert!(key.admits(Some(&format!("bearer {}", text.trim()))));
        for wrong in ["", "Bearer", "Bearer ", "Bearer x", text.trim()] {
            assert!(!key.admits(Some(wrong)), "{wrong:?}");
        }
        assert!(!key.admits(None));
        assert!(OperatorKey::open(dir.path()).unwrap().admits(Some(&format!("Bearer {text}"))));
    }

    #[test]
    fn a_file_without_a_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        read_or_make(&dir.path().join("operator.key"), FORM, 64, || b"hunter2\n".to_vec()).unwrap();
        assert!(matches!(OperatorKey::open(dir.path()), Err(KeyFileError::NotAKey { .. })));
    }

    #[test]
    fn the_key_does_not_show_itself() {
        let dir = tempfile::tempdir().unwrap();
        let key = OperatorKey::open(dir.path()).unwrap();
        let text = fs::read_to_string(key.path()).unwrap();
        assert!(!format!("{key:?}").contains(text.trim()));
    }
}
