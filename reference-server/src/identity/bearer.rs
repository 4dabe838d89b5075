//! Secrets presented as `Authorization: Bearer …`, compared in constant time.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::key_file::{KeyFileError, failed};

/// Fewest characters of a token an operator chose.
const LEAST: usize = 16;

/// Most bytes of a token file that are read.
const MOST: u64 = 1_024;

/// A secret text, and the file it is in. Only the path is ever printed.
#[derive(Clone)]
pub struct BearerToken {
    text: String,
    path: PathBuf,
}

impl BearerToken {
    /// Reads a token somebody else put into `path`; white space around it does not count.
    ///
    /// Its permissions are theirs to choose: secret mounts are often readable by all.
    ///
    /// # Errors
    /// When the file cannot be read, or holds fewer than 16 or more than 1024 characters.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
            .map_err(failed("reading token file", path))?;
        let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
        if text.len() < LEAST || bytes.len() as u64 > MOST {
            return Err(KeyFileError::WrongLength {
                path: path.to_owned(),
                expected: "16 to 1024 characters",
                found: bytes.len() as u64,
            });
        }
        Ok(Self { text: text.to_owned(), path: path.to_owned() })
    }

    /// A token that was read and judged by the caller.
    pub(crate) const fn known(text: String, path: PathBuf) -> Self {
        Self { text, path }
    }

    /// The file it is in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether an `Authorization` header's value is `Bearer` and this token.
    #[must_use]
    pub fn admits(&self, authorization: Option<&str>) -> bool {
        bearer(authorization).is_some_and(|presented| {
            verify_slices_are_equal(presented.as_bytes(), self.text.as_bytes()).is_ok()
        })
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerToken({})", self.path.display())
    }
}

/// The token of an `Authorization: Bearer TOKEN` value (RFC 6750, section 2.1);
/// the scheme's case does not matter (RFC 9110, section 11.1).
#[must_use]
pub fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_in_the_file_and_no_other_is_admitted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "0123456789abcdef\n").unwrap();
        let token = BearerToken::read(file.path()).unwrap();
        assert!(token.admits(Some("Bearer 0123456789abcdef")));
        for wrong in ["Bearer 0123456789abcdeF", "Bearer", "Basic 0123456789abcdef", ""] {
            assert!(!token.admits(Some(wrong)), "{wrong:?}");
        }
        assert!(!token.admits(None));
        assert!(!format!("{token:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn a_short_or_endless_token_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for length in [0, LEAST - 1, MOST as usize + 1] {
            std::fs::write(file.path(), "x".repeat(length)).unwrap();
            assert!(matches!(
                BearerToken::read(file.path()),
                Err(KeyFileError::WrongLength { .. })
            ));
        }
    }
}
