//! What is right in a quiz: a secret of whoever asks until what came of it is published.

use std::collections::BTreeSet;

use crate::denied::Denied;

use super::chosen::Chosen;

/// What is right in a quiz, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PollKey {
    /// What is right, by number from 0, each once in order.
    pub right: Vec<u8>,
    /// How many had it wholly right, once that is published.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub wholly: Option<u32>,
}

/// The choices named as right, each once; they have to be there. None of them is no quiz.
pub(super) fn check(right: &[u8], count: usize) -> Result<BTreeSet<u8>, Denied> {
    if right.iter().all(|choice| usize::from(*choice) < count) {
        Ok(right.iter().copied().collect())
    } else {
        Err(Denied::BadPollKey)
    }
}

/// Whether a vote has it wholly right: all that is right where one may choose several, and
/// nothing else; where one chooses one, one that is right.
pub(super) fn is_wholly_right(right: &BTreeSet<u8>, several: bool, chosen: &BTreeSet<u8>) -> bool {
    if several { chosen == right } else { chosen.is_subset(right) }
}

/// An anonymous vote with its verdict as one choice more behind the others: it is counted like
/// them, and kept with as many.
pub(super) fn judged(right: &BTreeSet<u8>, several: bool, chosen: Chosen) -> Chosen {
    let numbers = chosen.numbers().into_iter().collect();
    chosen.and_one_more(is_wholly_right(right, several, &numbers))
}
