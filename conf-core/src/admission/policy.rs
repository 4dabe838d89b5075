//! How a room meets those who want in: what a room is set to before anyone comes.

/// What happens to those who come by a guest link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum GuestPolicy {
    /// They wait in the lobby until a moderator lets them in.
    #[default]
    Ask,
    /// They come straight in; after anyone was removed they wait all the same.
    Accept,
    /// They are refused.
    Deny,
}

impl GuestPolicy {
    /// Every policy, in the order they are listed everywhere.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Accept, Self::Deny];
}

/// Whose coming starts a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Starter {
    /// Anyone who is let in.
    #[default]
    Anyone,
    /// A moderator; until the first one comes everyone else waits in the lobby.
    Moderator,
}

/// What happens while no moderator is connected, once there has been one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Unattended {
    /// The meeting goes on as it is.
    #[default]
    Continue,
    /// It goes on, but whoever comes new waits in the lobby until a moderator is back.
    Wait,
    /// It ends this many minutes after the last moderator went; 1 to 1440.
    CloseAfterMinutes(u16),
}
