//! Text from people: cleaned, bounded, and without a plain `Debug`.

use std::fmt;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing visible is left after cleaning.
    #[error("{kind} is empty, expected 1 to {max} characters")]
    Empty {
        /// Which text.
        kind: &'static str,
        /// Most characters allowed.
        max: usize,
    },
    /// Longer than allowed.
    #[error("{kind} has {found} characters, at most {max} are allowed")]
    TooLong {
        /// Which text.
        kind: &'static str,
        /// Characters found after cleaning.
        found: usize,
        /// Most characters allowed.
        max: usize,
    },
}

/// Whether line breaks belong to the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// Drops control and direction-override characters, trims, and checks the length.
fn clean(kind: &'static str, max: usize, lines: Lines, raw: &str) -> Result<String, TextError> {
    let kept: String = raw
        .chars()
        .filter_map(|c| match c {
            '\n' | '\u{2028}' | '\u{2029}' if lines == Lines::Many => Some('\n'),
            '\t' | '\n' | '\u{2028}' | '\u{2029}' => Some(' '),
            c if c.is_control() => None,
            // Bidirectional overrides and isolates: they let one name pose as another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
            c => Some(c),
        })
        .collect();
    let kept = kept.trim();
    let found = kept.chars().count();
    if kept.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}')) {
        return Err(TextError::Empty { kind, max });
    }
    if found > max {
        return Err(TextError::TooLong { kind, found, max });
    }
    Ok(kept.to_owned())
}

/// Declares a cleaned, bounded text type.
macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $lines:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(String);

        impl $name {
            /// The most characters (Unicode scalar values) it may have.
            pub const MAX_CHARS: usize = $max;

            /// Cleans and checks `raw`.
            ///
            /// # Errors
            /// When nothing visible is left, or more than [`MAX_CHARS`](Self::MAX_CHARS) characters are.
            pub fn new(raw: &str) -> Result<Self, TextError> {
                clean($kind, $max, $lines, raw).map(Self)
            }

            /// The text itself. Whoever asks for it answers for where it goes.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(raw: String) -> Result<Self, TextError> {
                Self::new(&raw)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

bounded_text!(
    /// What a participant is called on screen. One line.
    DisplayName, "display name", 64, Lines::One
);
bounded_text!(
    /// One chat message. Line breaks are kept.
    ChatText, "chat message", 2_000, Lines::Many
);
bounded_text!(
    /// One line of captions.
    CaptionText, "caption", 300, Lines::One
);
bounded_text!(
    /// What a file is called. One line.
    FileName, "file name", 150, Lines::One
);
bounded_text!(
    /// What a poll asks. One line.
    PollQuestion, "question", 300, Lines::One
);
bounded_text!(
    /// What can be chosen in a poll. One line.
    PollChoice, "choice", 100, Lines::One
);
bounded_text!(
    /// What somebody answers in a poll in words of their own. One line.
    PollText, "answer", 200, Lines::One
);
bounded_text!(
    /// What a breakout is called. One line.
    BreakoutName, "breakout name", 64, Lines::One
);
bounded_text!(
    /// Why somebody is reported to the operator. Line breaks are kept.
    ReportText, "report", 500, Lines::Many
);
bounded_text!(
    /// The minutes of a meeting. Line breaks are kept.
    MinutesText, "minutes", 50_000, Lines::Many
);
bounded_text!(
    /// Who a person is to the issuer of their claim (a token's `sub`).
    Subject, "subject", 256, Lines::One
);
bounded_text!(
    /// What a room is called on screen. One line.
    RoomName, "room name", 100, Lines::One
);

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn a_name_is_one_line_without_tricks() {
        let name =
            DisplayName::new(" \u{202e}Ann\n\u{0}Lee\u{2028}M. ").expect("something is left");
        assert_eq!(name.as_str(), "Ann Lee M.");
        assert_eq!(format!("{name:?}"), "DisplayName(10 bytes)");
    }

    #[test]
    fn a_text_of_nothing_visible_or_too_much_is_refused() {
        let empty = DisplayName::new(" \u{200b}\u{202a}\r\n").expect_err("nothing visible");
        assert_eq!(empty.to_string(), "display name is empty, expected 1 to 64 characters");
        let long = ChatText::new(&"ü".repeat(2_001)).expect_err("one too many");
        assert_eq!(long.to_string(), "chat message has 2001 characters, at most 2000 are allowed");
        assert!(ChatText::new(&"ü".repeat(2_000)).is_ok());
    }

    #[test]
    fn line_breaks_belong_to_chat() {
        let text = ChatText::new("one\r\ntwo\tthree").expect("a valid text");
        assert_eq!(text.as_str(), "one\ntwo three");
    }

    proptest! {
        // A store takes texts out and puts them back: cleaning again must change nothing.
        #[test]
        fn a_clean_text_stays_as_it_is(raw in any::<String>()) {
            if let Ok(text) = ChatText::new(&raw) {
                prop_assert!(text.as_str().chars().count() <= ChatText::MAX_CHARS);
                prop_assert_eq!(ChatText::new(text.as_str()), Ok(text.clone()));
            }
            if let Ok(text) = DisplayName::new(&raw) {
                prop_assert!(!text.as_str().contains('\n'));
                prop_assert_eq!(DisplayName::new(text.as_str()), Ok(text.clone()));
            }
        }
    }
}
