//! Typed ids: which number belongs to what, and where new numbers come from.
//!
//! An id is never interchangeable with another kind and never made from a
//! string in passing. It prints as `par_000000000000000b`, and parsing refuses
//! any other kind by name.

use std::fmt;

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id such as `{expected}`, found `{found}`")]
pub struct IdError {
    /// An example of the expected form.
    pub expected: String,
    /// What was given, cut to 64 characters.
    pub found: String,
}

/// Supplies the numbers new ids are made of.
///
/// The pure machines have no random source of their own: the caller hands one
/// in, random in production, seeded in tests. Ids that guard access (rooms)
/// need all 128 bits to be unpredictable.
pub trait IdSource: Send {
    /// The next number, never repeated for the life of a meeting.
    fn draw(&mut self) -> u128;
}

/// Declares an id type: `Copy`, ordered, hashable, printable, parseable.
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $repr:ty, $digits:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($repr);

        impl $name {
            /// Makes an id from a number the caller drew; excess high bits are dropped.
            #[must_use]
            pub const fn from_number(number: u128) -> Self {
                Self(number as $repr)
            }

            /// The number inside.
            #[must_use]
            pub const fn number(self) -> u128 {
                self.0 as u128
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{:0", $digits, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let number = text
                    .strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == $digits)
                    .filter(|hex| hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
                    .and_then(|hex| <$repr>::from_str_radix(hex, 16).ok());
                number.map(Self).ok_or_else(|| IdError {
                    expected: Self(11).to_string(),
                    found: text.chars().take(64).collect(),
                })
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

typed_id!(
    /// A durable place: tenant, owner, configuration, links. BigBlueButton's meetingID.
    RoomId, "room", u128, 32
);
typed_id!(
    /// One sitting in a room, with its own journal. BigBlueButton's internal meeting id.
    MeetingId, "mtg", u128, 32
);
typed_id!(
    /// A person (or bot) in one meeting; a rejoin within the grace keeps it,
    /// joining again after leaving gets a new one.
    ParticipantId, "par", u64, 16
);

impl ParticipantId {
    /// Stands for somebody one is not told of; no participant ever has it.
    pub const SOMEBODY: Self = Self(0);
}

typed_id!(
    /// One signalling session of a participant. The newest wins.
    SessionId, "ses", u64, 16
);
typed_id!(
    /// One chat message.
    MessageId, "msg", u64, 16
);
typed_id!(
    /// One line of captions.
    CaptionId, "cap", u64, 16
);
typed_id!(
    /// One file that was handed on, or is on its way.
    FileId, "file", u128, 32
);
typed_id!(
    /// One poll.
    PollId, "poll", u64, 16
);
typed_id!(
    /// One secret vote. Whoever knows it may cast a ballot that is good, and read what came of it.
    VoteId, "vote", u64, 16
);
typed_id!(
    /// One accepted identity document (a token's `jti`).
    ClaimId, "clm", u128, 32
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_its_kind_and_parses_only_as_that() {
        let id = ParticipantId::from_number(11);
        assert_eq!(id.to_string(), "par_000000000000000b");
        assert_eq!("par_000000000000000b".parse(), Ok(id));
        let error = "ses_000000000000000b".parse::<ParticipantId>().expect_err("another kind");
        assert_eq!(
            error.to_string(),
            "expected an id such as `par_000000000000000b`, found `ses_000000000000000b`"
        );
    }

    #[test]
    fn an_id_has_one_spelling() {
        for text in ["par_b", "par_000000000000000B", "par_+00000000000000b", "par_", ""] {
            assert!(text.parse::<ParticipantId>().is_err(), "{text}");
        }
        let long = "room_".repeat(100).parse::<RoomId>().expect_err("not an id");
        assert_eq!(long.found.len(), 64);
    }
}
