//! Who someone is in a meeting, as far as authority goes.

/// What a claim lets its holder be, or a moderator made of them. A closed set: a missed arm must not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Role {
    /// Runs the meeting.
    Moderator,
    /// Takes part in it.
    Participant,
    /// A machine of the operator: recorder, ingest. Declared and shown, never hidden. One that
    /// belongs to the house may send sound and a picture; none moderates, chats or presents.
    Service,
}

/// Whether the holder of a claim belongs to the house. An attribute, not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Standing {
    /// Known to the issuer of the claim.
    Member,
    /// Came by a guest link.
    Guest,
}
