//! Answers in words of those who answer: whose they are, and how they are shown together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::id::ParticipantId;
use crate::personal::{Personal, PersonalField};
use crate::text::PollText;

/// Most bytes of all answers to one poll; more are refused. They are told in one message.
pub(crate) const MOST_BYTES: usize = 65_536;

/// One answer, and whose words it is: of an anonymous answer whoever asked, because nobody
/// knows who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Written {
    /// Whose; they may have left since.
    pub whose: ParticipantId,
    /// What it says.
    pub text: Personal<PollText>,
}

/// An answer, and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it says.
    pub text: Personal<PollText>,
    /// How often.
    pub times: u32,
}

impl Said {
    /// The answers without those who gave them: equal ones together, most frequent first, else
    /// by what they say.
    #[must_use]
    pub fn together(written: &[Written]) -> Vec<Self> {
        let mut times: BTreeMap<Option<&PollText>, u32> = BTreeMap::new();
        for Written { text, .. } in written {
            *times.entry(text.as_ref()).or_default() += 1;
        }
        let text = |text: Option<&PollText>| text.cloned().map_or(Personal::Erased, Personal::from);
        let one = |(words, times)| Self { text: text(words), times };
        let mut said: Vec<Self> = times.into_iter().map(one).collect();
        said.sort_by_key(|said| Reverse(said.times));
        said
    }
}

/// How many bytes a text has that is still there.
pub(super) fn bytes(text: &Personal<PollText>) -> usize {
    text.as_ref().map_or(0, |text| text.as_str().len())
}

pub(crate) fn visit_personal(
    written: &mut [Written],
    visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
) {
    for Written { whose, text } in written {
        visit(*whose, text);
    }
}
