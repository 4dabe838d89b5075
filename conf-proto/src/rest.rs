//! The bodies of the HTTP calls the browser client makes before it opens a session.

use conf_core::admission::policy::{GuestPolicy, Starter, Unattended};
use conf_core::id::{MeetingId, ParticipantId, RoomId};
use conf_core::policy::role::{Role, Standing};
use conf_core::stage::codec::VideoCodec;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/about`: what a start page needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct About {
    /// The server's version.
    pub version: String,
    /// Whether making a room needs the operator's key.
    pub key_needed: bool,
}

/// `POST /api/v1/rooms`: makes a room. With `Authorization: Bearer KEY` where a key is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NewRoom {
    /// 1 to 100 characters.
    pub name: String,
    /// What happens to those who come by the guest link.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "GuestPolicy"))]
    pub guests: GuestPolicy,
    /// Whose coming starts a meeting.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "Starter"))]
    pub starter: Starter,
    /// What happens without a moderator.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "Unattended"))]
    pub unattended: Unattended,
    /// Whether microphones of those who come start closed.
    #[serde(default)]
    pub join_muted: bool,
    /// Whether those who come later may read what was written to everyone before.
    #[serde(default = "yes")]
    #[cfg_attr(feature = "typescript", ts(as = "bool"))]
    pub late_chat: bool,
    /// Whether it is kept who was there from when to when.
    #[serde(default)]
    pub attendance: bool,
    /// Whether it is counted what each person does.
    #[serde(default)]
    pub learning: bool,
    /// The picture coding publishers are asked for.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "VideoCodec"))]
    pub video_codec: VideoCodec,
}

impl NewRoom {
    /// A room as the defaults have it.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            guests: GuestPolicy::default(),
            starter: Starter::default(),
            unattended: Unattended::default(),
            join_muted: false,
            late_chat: true,
            attendance: false,
            learning: false,
            video_codec: VideoCodec::default(),
        }
    }
}

const fn yes() -> bool {
    true
}

/// The room that was made, with its links. The keys are shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomMade {
    /// The room.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room: RoomId,
    /// What it is called.
    pub name: String,
    /// The moderators' link, as a path with the key in the fragment: `/r/room_…#KEY`.
    pub moderator_path: String,
    /// The guests' link, likewise.
    pub guest_path: String,
}

/// `POST /api/v1/rooms/{room}/look`: what a link leads to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LookRequest {
    /// The link's key.
    pub key: String,
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Look {
    /// What the room is called.
    pub name: String,
    /// The role the link gives.
    #[cfg_attr(feature = "typescript", ts(type = "Role"))]
    pub role: Role,
    /// Guest or member.
    #[cfg_attr(feature = "typescript", ts(type = "Standing"))]
    pub standing: Standing,
    /// Whether it is kept who was there: whoever is about to come in is told.
    #[serde(default)]
    pub attendance: bool,
    /// Whether it is counted what each person does: whoever is about to come in is told.
    #[serde(default)]
    pub learning: bool,
}

/// `POST /api/v1/rooms/{room}/tokens`: exchanges a link's key for a join token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TokenRequest {
    /// The link's key.
    pub key: String,
    /// What to call the person: 1 to 64 characters.
    pub name: String,
}

/// `POST /api/v1/rooms/{room}/grants`: a token by which a machine may send and play streams
/// (WHIP, WHEP) in a room, under whatever id. Needs the operator's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct GrantRequest {
    /// What its holder may be.
    #[cfg_attr(feature = "typescript", ts(type = "Role"))]
    pub role: Role,
    /// What a stream without an id is called: 1 to 64 characters. `Stream`, unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
    /// How many hours it admits, at most a year's. As long as a join token, unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub hours: Option<u32>,
}

/// A token: for `hello`, or for streams.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TokenMade {
    /// The token; kept for a reload in the page's history entry, nowhere else.
    pub token: String,
    /// When it stops admitting, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub expires_at: u64,
}

/// `GET /api/v1/reports`: one thing somebody reported to the operator. Needs the operator's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportMade {
    /// In which meeting.
    pub meeting: MeetingId,
    /// Its number there.
    pub number: u64,
    /// In which room.
    pub room: RoomId,
    /// When, in UTC milliseconds.
    pub at: u64,
    /// Who made it.
    pub by: ParticipantId,
    /// What they were called then; `null` once erased.
    pub by_name: Option<String>,
    /// About whom.
    pub about: ParticipantId,
    /// What they were called then; `null` once erased.
    pub about_name: Option<String>,
    /// Why; `null` once whoever made it is erased.
    pub text: Option<String>,
}
