//! Which pictures a client would like to see, and how large.

use conf_core::id::ParticipantId;
use conf_core::stage::source::Source;
use serde::{Deserialize, Serialize};

/// One picture a client would like in a slot. Earlier wishes come first when slots are few.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Wish {
    /// Of what.
    #[serde(flatten)]
    pub of: Wished,
    /// How high it is shown, in device pixels; 0 pauses it.
    pub height: u16,
}

/// What a wish is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Wished {
    /// A certain person's camera or screen.
    Source {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Camera or screen.
        #[cfg_attr(feature = "typescript", ts(type = "Source"))]
        source: Source,
    },
    /// The camera of whoever speaks.
    Speaker {
        /// 0 is who speaks or spoke last, 1 who did before; oneself, those without a camera
        /// and those wished for by name are not counted.
        speaker: u8,
    },
}

impl Wish {
    /// A wish for a certain person's picture.
    #[must_use]
    pub const fn source(participant: ParticipantId, source: Source, height: u16) -> Self {
        Self { of: Wished::Source { participant, source }, height }
    }
}
