//! What is told and never journaled: news that nobody needs to know a minute later.
//!
//! A signal changes nothing in a meeting, so a replay does not know of it, and whoever
//! does not get it has lost nothing: they ask again. How fast one may signal is counted outside
//! [`State`](crate::State), for the same reason.

use std::collections::{BTreeMap, VecDeque};

use crate::collab::captions::language::Language;
use crate::collab::chat::reaction::Reaction;
use crate::denied::Denied;
use crate::id::{ParticipantId, PollId};
use crate::output::Audience;
use crate::text::{CaptionText, ChatText};
use crate::time::{Span, Timestamp};
use crate::view::{AttendancePage, CaptionLine, ChatPage, FiguresView, LearningPage};

/// What is told. A closed set that grows with versions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// A moderator asks for a microphone to be opened. Nothing opens by it: its owner may.
    AskedToUnmute {
        /// Who asks.
        by: ParticipantId,
    },
    /// Somebody writes a chat message.
    Typing {
        /// Who.
        by: ParticipantId,
        /// To whom alone; `None` is everyone.
        to: Option<ParticipantId>,
    },
    /// Somebody shows everyone a chat message while it is being written.
    LiveText {
        /// Who.
        by: ParticipantId,
        /// All of it so far; `None` when it is given up. What is sent in the end is a message.
        text: Option<ChatText>,
    },
    /// Somebody shows everyone a sign for a moment.
    Reacted {
        /// Who.
        by: ParticipantId,
        /// Which.
        reaction: Reaction,
    },
    /// So many have voted in an anonymous poll by now.
    PollTurnout {
        /// In which.
        poll: PollId,
        /// How many.
        voted: u32,
    },
    /// Older lines of the chat, for the one who asked.
    Chat(ChatPage),
    /// Somebody shows everyone a line of captions while it is being written.
    Caption {
        /// Who.
        by: ParticipantId,
        /// In which language.
        language: Language,
        /// All of it so far; `None` when it is given up. What is finished in the end is kept.
        text: Option<CaptionText>,
    },
    /// Everything that is kept of the captions in a language, for the one who asked.
    CaptionText {
        /// Which language.
        language: Language,
        /// Oldest first.
        lines: Vec<CaptionLine>,
    },
    /// Who was there, to the moderator who asked for it.
    Attendance(AttendancePage),
    /// What people did so far, to the moderator who asked for it.
    Learning(LearningPage),
    /// What is counted of the one who asked for it.
    OwnLearning(FiguresView),
}

impl Signal {
    /// Whether somebody asked for it and waits for it.
    #[must_use]
    pub const fn answers(&self) -> bool {
        match self {
            Self::Chat(_)
            | Self::Attendance(_)
            | Self::Learning(_)
            | Self::OwnLearning(_)
            | Self::CaptionText { .. } => true,
            Self::AskedToUnmute { .. }
            | Self::Typing { .. }
            | Self::LiveText { .. }
            | Self::Reacted { .. }
            | Self::PollTurnout { .. }
            | Self::Caption { .. } => false,
        }
    }
}

/// A signal on its way to those who may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) to: Audience,
    pub(crate) signal: Signal,
}

/// Most signals of one person within [`WINDOW`]. More lets one person interrupt
/// everybody; fewer would refuse a moderator who asks a row of people one by one.
const MOST: u32 = 20;

/// Most signs of writing of one person within [`WINDOW`]: a growing text is shown
/// every half second, and one that comes late must not be refused.
const MOST_WRITING: u32 = 30;

/// Most signs of one person within [`WINDOW`]: a round of applause, and not a storm.
const MOST_REACTIONS: u32 = 10;

/// Most signs of captions being written of one person within [`WINDOW`]: each is shown
/// every third of a second, and what one hears does not wait for the clock.
const MOST_CAPTIONS: u32 = 40;

/// Most parts of the chat one person reads within [`WINDOW`]: all that is kept of it at most.
const MOST_READ: u32 = 60;

/// In which [`MOST`] signals are allowed.
const WINDOW: Span = Span::from_secs(10);

/// When each signalled, oldest first.
type Recent = BTreeMap<ParticipantId, VecDeque<Timestamp>>;

/// How soon the same person may be asked to unmute again, by anyone.
const ASKED_AGAIN: Span = Span::from_secs(10);

/// Who signalled lately: each who is here at most as often as the bounds above allow, for a
/// few seconds.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    sent: Recent,
    /// Apart from the rest: whoever writes can still ask.
    wrote: Recent,
    /// Apart too: applause refuses nobody a question.
    reacted: Recent,
    /// Apart from the rest: whoever writes captions can still chat.
    captioned: Recent,
    /// Apart too: who keeps a long chat as a text reads all of it at once.
    read: Recent,
    asked: BTreeMap<ParticipantId, Timestamp>,
}

impl Pace {
    /// Counts a signal of `from`, unless it comes too soon.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        told: &Told,
    ) -> Result<(), Denied> {
        self.forget(now);
        let (recent, max) = match told.signal {
            // Bounded by the votes a poll takes.
            Signal::PollTurnout { .. } => return Ok(()),
            Signal::AskedToUnmute { .. }
            | Signal::Attendance(_)
            | Signal::Learning(_)
            | Signal::OwnLearning(_)
            | Signal::CaptionText { .. } => (&mut self.sent, MOST),
            Signal::Chat(_) => (&mut self.read, MOST_READ),
            Signal::Caption { .. } => (&mut self.captioned, MOST_CAPTIONS),
            Signal::Typing { .. } | Signal::LiveText { .. } => (&mut self.wrote, MOST_WRITING),
            Signal::Reacted { .. } => (&mut self.reacted, MOST_REACTIONS),
        };
        let lately = recent.get(&from).map_or(0, VecDeque::len);
        if lately >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Denied::TooFast { max });
        }
        if let (Audience::Only(target), Signal::AskedToUnmute { .. }) = (&told.to, &told.signal) {
            if self.asked.contains_key(target) {
                return Err(Denied::AskedAlready);
            }
            self.asked.insert(*target, now);
        }
        recent.entry(from).or_default().push_back(now);
        Ok(())
    }

    /// Forgets what is too long ago to count.
    fn forget(&mut self, now: Timestamp) {
        self.asked.retain(|_, at| *at + ASKED_AGAIN > now);
        let every = [
            &mut self.sent,
            &mut self.wrote,
            &mut self.captioned,
            &mut self.reacted,
            &mut self.read,
        ];
        for recent in every {
            recent.retain(|_, times| {
                times.retain(|at| *at + WINDOW > now);
                !times.is_empty()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ParticipantId = ParticipantId::from_number(1);

    fn asking(number: u128) -> Told {
        let to = Audience::Only(ParticipantId::from_number(number));
        Told { to, signal: Signal::AskedToUnmute { by: ANN } }
    }

    #[test]
    fn who_writes_can_still_ask() {
        let mut pace = Pace::default();
        let now = Timestamp(1_000);
        let typing = Signal::Typing { by: ANN, to: None };
        let writing = Told { to: Audience::Everyone, signal: typing };
        for _ in 0..MOST_WRITING {
            assert_eq!(pace.take(now, ANN, &writing), Ok(()));
        }
        let denied = Denied::TooFast { max: MOST_WRITING };
        assert_eq!(pace.take(now, ANN, &writing), Err(denied));
        assert_eq!(pace.take(now, ANN, &asking(10)), Ok(()));
    }

    #[test]
    fn one_person_signals_only_so_fast_and_what_is_over_is_forgotten() {
        let mut pace = Pace::default();
        let now = Timestamp(1_000);
        for number in 0..u128::from(MOST) {
            assert_eq!(pace.take(now, ANN, &asking(10 + number)), Ok(()));
        }
        let more = asking(500);
        assert_eq!(pace.take(now, ANN, &more), Err(Denied::TooFast { max: MOST }));
        assert_eq!(pace.take(now, ParticipantId::from_number(2), &more), Ok(()));
        assert_eq!(pace.take(now + WINDOW, ANN, &more), Ok(()));
        assert_eq!((pace.sent.len(), pace.asked.len()), (1, 1));
    }
}
