//! The plainest form of messages that have several.

use super::ClientBody;
use crate::poll::PollAnswers;

impl ClientBody {
    /// Says something to everyone.
    #[must_use]
    pub fn say(text: impl Into<String>) -> Self {
        Self::Chat { text: text.into(), to: None, answers: None }
    }

    /// Asks everyone a question to be answered by yes or no.
    #[must_use]
    pub fn ask_yes_no(question: impl Into<String>) -> Self {
        Self::StartPoll {
            question: question.into(),
            answers: PollAnswers::YesNo,
            several: false,
            anonymous: false,
            right: Vec::new(),
        }
    }
}
