//! Which language captions are in: a BCP 47 tag, in one spelling.

use std::fmt;

/// Longest tag: what RFC 5646, section 4.4.1, recommends room for.
const LONGEST: usize = 35;

/// A language tag such as `de`, `pt-BR` or `zh-Hant`, well-formed as RFC 5646, section 2.1,
/// has it, and in the upper and lower case of its section 2.1.1. Whether the
/// language exists is not asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Language(String);

/// Why a text is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a language tag such as `de` or `pt-BR`, of at most {LONGEST} characters")]
pub struct LanguageError;

impl Language {
    /// Checks `raw` and writes it in its one spelling.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub fn new(raw: &str) -> Result<Self, LanguageError> {
        let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let fits = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let mut parts = raw.split('-');
        let first = parts.next().filter(|first| (2..=8).contains(&first.len()) && letters(first));
        let mut tag = first.ok_or(LanguageError)?.to_ascii_lowercase();
        let mut extended = false;
        for part in parts {
            if !fits(part) {
                return Err(LanguageError);
            }
            extended |= part.len() == 1;
            tag.push('-');
            match part.len() {
                2 if !extended => tag.push_str(&part.to_ascii_uppercase()),
                4 if !extended && letters(part) => {
                    tag.push_str(&part[..1].to_ascii_uppercase());
                    tag.push_str(&part[1..].to_ascii_lowercase());
                }
                _ => tag.push_str(&part.to_ascii_lowercase()),
            }
        }
        if tag.len() > LONGEST { Err(LanguageError) } else { Ok(Self(tag)) }
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;

    fn try_from(raw: String) -> Result<Self, LanguageError> {
        Self::new(&raw)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn a_tag_has_one_spelling() {
        for (raw, tag) in [
            ("DE", "de"),
            ("pt-br", "pt-BR"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("de-1996", "de-1996"),
            ("en-X-Easy-IN", "en-x-easy-in"),
        ] {
            assert_eq!(Language::new(raw).map(String::from), Ok(tag.to_owned()));
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for raw in ["", "d", "de-", "-de", "de_AT", "dé", "de--at", "123", "de-toolongpart"] {
            assert_eq!(Language::new(raw), Err(LanguageError), "{raw}");
        }
        assert_eq!(Language::new(&format!("de{}", "-abcdefgh".repeat(4))), Err(LanguageError));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_tag_that_stays_as_it_is_or_refused(raw in any::<String>()) {
            if let Ok(tag) = Language::new(&raw) {
                prop_assert!(tag.as_str().len() <= LONGEST);
                prop_assert_eq!(Language::new(tag.as_str()), Ok(tag.clone()));
            }
        }
    }
}
