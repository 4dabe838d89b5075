//! What a server tells and never keeps.

use conf_core::id::{ParticipantId, PollId};
use conf_core::{Language, Reaction};
use serde::{Deserialize, Serialize};

use crate::caption::CaptionLine;
use crate::chat::ChatLine;
use crate::papers::{Figures, Stay};

/// What is told and never kept.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RoomSignal {
    /// A moderator asks for one's microphone. It opens only if its owner opens it.
    AskedToUnmute {
        /// Who asks.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Somebody writes a chat message; who hears nothing more within some seconds forgets it.
    Typing {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// To this participant alone; everyone when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
        to: Option<ParticipantId>,
    },
    /// Somebody shows everyone a message while it is being written.
    LiveText {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// All of it so far; `null` when it is given up. What is sent in the end comes as `chat`.
        text: Option<String>,
    },
    /// Somebody shows everyone a sign for a moment.
    Reacted {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Reaction"))]
        reaction: Reaction,
    },
    /// A part of the list of who was there, for the moderator who asked for it; it comes
    /// before `done`.
    Attendance {
        /// The number of the first stay in it, from 0.
        from: u32,
        /// The stays, in the order people came.
        stays: Vec<Stay>,
        /// How many stays there are.
        total: u32,
        /// How many came when no more were kept.
        left_out: u32,
    },
    /// A part of what people did so far, for the moderator who asked for it; it comes before
    /// `done`.
    Learning {
        /// The number of the first person in it, from 0.
        from: u32,
        /// The people, in the order they first came.
        people: Vec<Figures>,
        /// How many people there are.
        total: u32,
        /// How many times somebody came when no more were counted.
        left_out: u32,
    },
    /// What is counted of oneself, for the one who asked; it comes before `done`.
    OwnLearning {
        /// The figures moderators are shown.
        figures: Figures,
    },
    /// So many have voted in an anonymous poll by now.
    PollTurnout {
        /// In which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// How many.
        voted: u32,
    },
    /// Somebody shows everyone a line of captions while it is being written.
    Caption {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// In which language, a BCP 47 tag.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        language: Language,
        /// All of it so far; `null` when it is given up. What is finished comes as an event.
        text: Option<String>,
    },
    /// Older lines of the chat, for the one who asked.
    Chat {
        /// With whom the conversation is; left out for that of everyone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "string"))]
        with: Option<ParticipantId>,
        /// Those before the line that was named, oldest first, without a gap.
        lines: Vec<ChatLine>,
        /// Whether there are lines before these.
        older: bool,
    },
    /// All that is kept of the captions in a language, for the one who asked.
    CaptionText {
        /// Which language.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        language: Language,
        /// Oldest first.
        lines: Vec<CaptionLine>,
    },
}

impl RoomSignal {
    /// The signal's `type`: a small closed set.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AskedToUnmute { .. } => "asked_to_unmute",
            Self::Typing { .. } => "typing",
            Self::LiveText { .. } => "live_text",
            Self::Reacted { .. } => "reacted",
            Self::Attendance { .. } => "attendance",
            Self::Learning { .. } => "learning",
            Self::OwnLearning { .. } => "own_learning",
            Self::PollTurnout { .. } => "poll_turnout",
            Self::Caption { .. } => "caption",
            Self::Chat { .. } => "chat",
            Self::CaptionText { .. } => "caption_text",
        }
    }
}

// What somebody writes never reaches a log by accident.
impl std::fmt::Debug for RoomSignal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
