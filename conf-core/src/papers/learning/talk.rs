//! Who was heard, and for how long: as the journal keeps it.

use crate::id::ParticipantId;
use crate::personal::{Personal, PersonalField};
use crate::time::Span;

/// What was heard since it was last told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Talked {
    /// Those who talked, each once, in the order of their ids.
    pub people: Vec<Talk>,
}

/// For how long one person talked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Talk {
    /// Who.
    pub participant: ParticipantId,
    /// For how long. Goes with the person.
    pub time: Personal<TalkTime>,
}

/// A time somebody talked, which is sealed like their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct TalkTime(pub Span);

impl Talked {
    /// Shows every personal field, with the participant it belongs to.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for talk in &mut self.people {
            visit(talk.participant, &mut talk.time);
        }
    }
}

impl From<TalkTime> for String {
    fn from(TalkTime(Span(ms)): TalkTime) -> Self {
        ms.to_string()
    }
}

impl TryFrom<String> for TalkTime {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(|ms| Self(Span(ms)))
    }
}
