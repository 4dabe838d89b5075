//! The meeting in full, and who is in it, as clients see them.

use conf_core::admission::policy::GuestPolicy;
use conf_core::id::{ParticipantId, RoomId};
use conf_core::policy::lock::Lock;
use conf_core::policy::role::{Role, Standing};
use conf_core::stage::layout::Layout;
use conf_core::stage::source::Source;
use serde::{Deserialize, Serialize};

use crate::breakout::Breakouts;
use crate::caption::{CaptionLine, CaptionWriter};
use crate::chat::{ChatLine, OlderChat};
use crate::file::{FileRules, SharedFile};
use crate::lobby::LobbyEntry;
use crate::papers::Minutes;
use crate::poll::Poll;
use crate::tools::{Picked, Timer};
use crate::vote::SecretVote;

/// The meeting in full, as one participant may see it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomView {
    /// The place.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub room: RoomId,
    /// What it is called.
    pub name: String,
    /// When the meeting opened, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub opened_at: u64,
    /// Who is here, in the order they joined.
    pub participants: Vec<Participant>,
    /// Who presents.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub presenter: Option<ParticipantId>,
    /// Who asks to present, first asked first; for all but moderators oneself at most.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub asking_to_present: Vec<ParticipantId>,
    /// Raised hands, first raised first.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub hands: Vec<ParticipantId>,
    /// The last lines of the chat, oldest first.
    pub chat: Vec<ChatLine>,
    /// The last of what was written to this participant alone or by them to one other, oldest first.
    #[serde(default)]
    pub private: Vec<ChatLine>,
    /// In which conversations there are lines before those; `show_chat` asks for them.
    #[serde(default)]
    pub older_chat: OlderChat,
    /// Who writes captions, by language.
    #[serde(default)]
    pub caption_writers: Vec<CaptionWriter>,
    /// The last lines of captions of each language, oldest first.
    #[serde(default)]
    pub captions: Vec<CaptionLine>,
    /// Files handed to everyone, to this participant alone, or by them to one other, oldest first.
    #[serde(default)]
    pub files: Vec<SharedFile>,
    /// What is taken of files.
    #[serde(default)]
    pub file_rules: FileRules,
    /// The polls that are kept, oldest first; at most the last is open.
    #[serde(default)]
    pub polls: Vec<Poll>,
    /// The timer, if there is one.
    #[serde(default)]
    pub timer: Option<Timer>,
    /// Who was picked at random last, while they are here.
    #[serde(default)]
    pub picked: Option<Picked>,
    /// The breakouts that are open; for moderators also those that were last.
    #[serde(default)]
    pub breakouts: Option<Breakouts>,
    /// The secret votes that are kept, oldest first; at most the last is not over.
    pub votes: Vec<SecretVote>,
    /// What is locked.
    #[cfg_attr(feature = "typescript", ts(type = "Lock[]"))]
    pub locks: Vec<Lock>,
    /// What happens to those who come by a guest link.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "GuestPolicy"))]
    pub guests: GuestPolicy,
    /// Whether microphones of those who come start closed.
    #[serde(default)]
    pub join_muted: bool,
    /// Who is put in front of everyone.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub spotlight: Option<ParticipantId>,
    /// How everyone's pictures are arranged, where somebody arranges them.
    #[serde(default)]
    pub layout: Option<SharedLayout>,
    /// Who takes the minutes.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub minute_taker: Option<ParticipantId>,
    /// The minutes; `null` for whom they are not.
    #[serde(default)]
    pub minutes: Option<Minutes>,
    /// Whether it is kept who was there from when to when.
    #[serde(default)]
    pub attendance: bool,
    /// Whether it is counted what each person does.
    #[serde(default)]
    pub learning: bool,
    /// Who waits, first come first; empty for all but moderators.
    #[serde(default)]
    pub lobby: Vec<LobbyEntry>,
    /// What those in the lobby are told; `null` for all but moderators.
    #[serde(default)]
    pub lobby_message: Option<String>,
}

/// Of whom one who does not see everyone knows from now on, and of whom no longer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Shown {
    /// Who is shown now, as they are.
    pub appeared: Vec<Participant>,
    /// Those of them whose hand is raised.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub hands: Vec<ParticipantId>,
    /// Who is hidden now, with all that was known of them; nothing says whether they left.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub vanished: Vec<ParticipantId>,
    /// Who presents.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub presenter: Option<ParticipantId>,
    /// Who is put in front of everyone, if one knows of them.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub spotlight: Option<ParticipantId>,
}

/// One participant as others see them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Participant {
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: ParticipantId,
    /// Their name; `null` once erased.
    pub name: Option<String>,
    /// Role.
    #[cfg_attr(feature = "typescript", ts(type = "Role"))]
    pub role: Role,
    /// Guest or member.
    #[cfg_attr(feature = "typescript", ts(type = "Standing"))]
    pub standing: Standing,
    /// Whether their link is alive; if not, their place is being kept.
    pub connected: bool,
    /// What they publish, muted or not.
    #[cfg_attr(feature = "typescript", ts(type = "Source[]"))]
    pub sources: Vec<Source>,
    /// Whether their microphone is closed although published.
    pub muted: bool,
    /// Whether they said that they are away for a moment.
    #[serde(default)]
    pub away: bool,
    /// Whether they interpret into sign language.
    #[serde(default)]
    pub interpreter: bool,
    /// Locks lifted for them; empty for all but moderators and themself.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "Lock[]"))]
    pub exceptions: Vec<Lock>,
}

/// A layout that is shared with everyone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SharedLayout {
    /// Which.
    #[cfg_attr(feature = "typescript", ts(type = "Layout"))]
    pub layout: Layout,
    /// Since when, in UTC milliseconds; whoever left it is brought back by a later one.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub since: u64,
}
