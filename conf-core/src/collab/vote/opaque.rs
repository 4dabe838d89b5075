//! What a secret vote is made of and only the server's cryptography reads: bounded, never printed.

use std::fmt;

/// The text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct OpaqueError {
    /// What was expected.
    pub expected: &'static str,
}

/// Declares a text of a fixed alphabet and a bounded length.
macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $lengths:expr, $letter:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(String);

        impl $name {
            /// Checks `raw`.
            ///
            /// # Errors
            /// When it is too long, too short, or of other letters.
            pub fn new(raw: &str) -> Result<Self, OpaqueError> {
                let letter: fn(u8) -> bool = $letter;
                if $lengths.contains(&raw.len()) && raw.bytes().all(letter) {
                    Ok(Self(raw.to_owned()))
                } else {
                    Err(OpaqueError { expected: $expected })
                }
            }

            /// The text. Whoever asks for it answers for where it goes.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = OpaqueError;

            fn try_from(raw: String) -> Result<Self, OpaqueError> {
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
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

/// A letter of the Base64 alphabet (RFC 4648, section 4), padding included.
fn is_base64(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/' | b'=')
}

opaque!(
    /// The number a voter drew for their ballot: 32 bytes in lower-case hex.
    Serial, "64 digits of lower-case hex", (64..=64), |letter| {
        matches!(letter, b'0'..=b'9' | b'a'..=b'f')
    }
);
opaque!(
    /// The signature that makes a ballot good, in Base64.
    BallotSignature, "a signature in Base64, of 4 to 700 letters", (4..=700), is_base64
);
opaque!(
    /// The public key of one vote: a `SubjectPublicKeyInfo` in Base64.
    VoteKey, "a key in Base64, of 4 to 800 letters", (4..=800), is_base64
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_has_one_spelling_and_is_never_printed() {
        let serial = Serial::new(&"0a".repeat(32)).expect("a serial");
        assert_eq!(format!("{serial:?}"), "Serial(…)");
        for raw in ["", &"0A".repeat(32), &"0a".repeat(31), &"0a".repeat(33)] {
            assert!(Serial::new(raw).is_err(), "{raw}");
        }
        assert!(VoteKey::new(&"A".repeat(801)).is_err());
        assert!(BallotSignature::new("a b=").is_err());
    }
}
