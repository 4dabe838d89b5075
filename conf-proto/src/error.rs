//! What a server says when something is wrong: a code to localise, never a text to show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A problem, on the wire (`refused`) and as the body of HTTP errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Problem {
    /// Stable; clients localise it.
    pub code: String,
    /// For developers: what was found and what was expected. Not for the screen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
    pub detail: String,
    /// Parameters of the localised text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<BTreeMap<String, String>>", optional))]
    pub params: BTreeMap<String, String>,
}

impl Problem {
    /// A problem with a developer's explanation.
    #[must_use]
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into(), params: BTreeMap::new() }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}
