//! What a poll offers to choose from.

use crate::denied::Denied;
use crate::personal::{Personal, PersonalField};
use crate::text::PollChoice;

/// Fewest choices of a poll: with one there is nothing to choose.
const FEWEST: u32 = 2;

/// Most letters: A to E.
const MOST_LETTERS: u32 = 5;

/// Most choices in words of one's own: as many as a chart shows at a glance.
const MOST: u32 = 10;

/// What can be chosen. The fixed ones are put in words by whoever shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum Answers {
    /// Yes, or no.
    YesNo,
    /// Yes, no, or an abstention.
    YesNoAbstain,
    /// So many letters, from A.
    Letters {
        /// Two to five.
        count: u8,
    },
    /// Words of the one who asks.
    Own {
        /// Two to ten.
        texts: Vec<Personal<PollChoice>>,
    },
    /// Nothing: everyone answers in their own words.
    Text,
}

impl Answers {
    /// How many there are; choices are named by number, from 0.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::YesNo => 2,
            Self::YesNoAbstain => 3,
            Self::Letters { count } => usize::from(*count),
            Self::Own { texts } => texts.len(),
            Self::Text => 0,
        }
    }

    /// That there are neither too few nor too many.
    pub(super) fn check(&self) -> Result<(), Denied> {
        if *self == Self::Text {
            return Ok(());
        }
        let max = if matches!(self, Self::Own { .. }) { MOST } else { MOST_LETTERS };
        let found = u32::try_from(self.count()).unwrap_or(u32::MAX);
        if (FEWEST..=max).contains(&found) { Ok(()) } else { Err(Denied::PollChoices { max }) }
    }

    pub(crate) fn visit_personal(&mut self, visit: &mut dyn FnMut(&mut dyn PersonalField)) {
        if let Self::Own { texts } = self {
            for text in texts {
                visit(text);
            }
        }
    }
}
