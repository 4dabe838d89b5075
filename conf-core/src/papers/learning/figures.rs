//! What one person did, in sums, kept as one personal text: it is sealed and erased with the
//! person like their name.

use std::fmt;
use std::str::FromStr;

use crate::id::PollId;
use crate::time::{Span, Timestamp};

/// The sums of one stay, or of several of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub(crate) struct Figures {
    /// How long they were there in stays that are over.
    past: Span,
    /// Since when they are there, or were when they went.
    from: Timestamp,
    /// Since when they are gone or out of reach.
    until: Option<Timestamp>,
    pub(super) talked: Span,
    /// How often they raised a hand.
    pub(super) hands: u32,
    /// How many public messages they wrote.
    pub(super) messages: u32,
    /// How many polls they answered under their name.
    pub(super) polls: u32,
    /// The first and the last of those: a vote that is changed, or cast again after coming
    /// anew, is no further answer. Enough, since one poll is open at a time.
    answered: Option<(PollId, PollId)>,
}

impl Figures {
    pub(super) const fn begun(at: Timestamp) -> Self {
        Self {
            past: Span(0),
            from: at,
            until: None,
            talked: Span(0),
            hands: 0,
            messages: 0,
            polls: 0,
            answered: None,
        }
    }

    pub(super) fn gone(&mut self, at: Timestamp) {
        self.until = self.until.or(Some(at));
    }

    /// Back before their place was given up: they were there all along.
    pub(super) fn back(&mut self) {
        self.until = None;
    }

    pub(super) fn talked(&mut self, span: Span) {
        self.talked = plus(self.talked, span);
    }

    pub(super) fn raised_a_hand(&mut self) {
        self.hands = self.hands.saturating_add(1);
    }

    pub(super) fn wrote(&mut self) {
        self.messages = self.messages.saturating_add(1);
    }

    pub(super) fn answered(&mut self, poll: PollId) {
        let (first, last) = self.answered.unzip();
        if last != Some(poll) {
            self.polls = self.polls.saturating_add(1);
            self.answered = Some((first.unwrap_or(poll), poll));
        }
    }

    /// These and those of a later stay of the same person.
    pub(super) fn and(self, later: &Self) -> Self {
        let (first, last) = self.answered.unzip();
        let (next, newest) = later.answered.unzip();
        let again = u32::from(last.is_some() && last == next);
        Self {
            past: plus(self.present(later.from), later.past),
            from: later.from,
            until: later.until,
            talked: plus(self.talked, later.talked),
            hands: self.hands.saturating_add(later.hands),
            messages: self.messages.saturating_add(later.messages),
            polls: self.polls.saturating_add(later.polls) - again,
            answered: first.or(next).zip(newest.or(last)),
        }
    }

    pub(super) const fn is_here(&self) -> bool {
        self.until.is_none()
    }

    /// How long they were there by `now`.
    pub(super) fn present(&self, now: Timestamp) -> Span {
        plus(self.past, self.until.unwrap_or(now) - self.from)
    }

    /// For how long they can have talked by `now` without its being counted yet.
    pub(super) fn can_have_talked(&self, now: Timestamp) -> Span {
        Span(self.present(now).0.saturating_sub(self.talked.0))
    }
}

const fn plus(one: Span, other: Span) -> Span {
    Span(one.0.saturating_add(other.0))
}

/// What stands where there is nothing.
const NONE: &str = "-";

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { past, from, until, talked, hands, messages, polls, answered } = self;
        write!(f, "{} {} ", past.0, from.0)?;
        match until {
            Some(until) => write!(f, "{}", until.0)?,
            None => f.write_str(NONE)?,
        }
        write!(f, " {} {hands} {messages} {polls} ", talked.0)?;
        match answered {
            Some((first, last)) => write!(f, "{first} {last}"),
            None => write!(f, "{NONE} {NONE}"),
        }
    }
}

/// The text is not that of figures.
#[derive(Debug, thiserror::Error)]
#[error("expected seven numbers and two polls, found something else")]
pub(crate) struct NoFigures;

impl FromStr for Figures {
    type Err = NoFigures;

    fn from_str(text: &str) -> Result<Self, NoFigures> {
        fn read<T: FromStr>(word: &str) -> Result<T, NoFigures> {
            word.parse().map_err(|_| NoFigures)
        }
        fn perhaps<T: FromStr>(word: &str) -> Result<Option<T>, NoFigures> {
            if word == NONE { Ok(None) } else { read(word).map(Some) }
        }
        let words: Vec<_> = text.split(' ').collect();
        let [past, from, until, talked, hands, messages, polls, first, last] = words.as_slice()
        else {
            return Err(NoFigures);
        };
        Ok(Self {
            past: Span(read(past)?),
            from: Timestamp(read(from)?),
            until: perhaps(until)?.map(Timestamp),
            talked: Span(read(talked)?),
            hands: read(hands)?,
            messages: read(messages)?,
            polls: read(polls)?,
            answered: perhaps(first)?.zip(perhaps(last)?),
        })
    }
}

impl From<Figures> for String {
    fn from(figures: Figures) -> Self {
        figures.to_string()
    }
}

impl TryFrom<String> for Figures {
    type Error = NoFigures;

    fn try_from(text: String) -> Result<Self, NoFigures> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn poll(number: u128) -> PollId {
        PollId::from_number(number)
    }

    #[test]
    fn a_vote_changed_or_cast_again_after_coming_anew_is_one_answer() {
        let mut first = Figures::begun(Timestamp(1_000));
        for number in [1, 1, 2, 2] {
            first.answered(poll(number));
        }
        assert_eq!(first.polls, 2);
        first.gone(Timestamp(5_000));
        let nothing = Figures::begun(Timestamp(6_000));
        let mut last = Figures::begun(Timestamp(8_000));
        last.answered(poll(2));
        last.answered(poll(3));
        let mut between = nothing;
        between.gone(Timestamp(6_500));
        let sum = first.and(&between).and(&last);
        assert_eq!((sum.polls, sum.answered), (3, Some((poll(1), poll(3)))));
        assert_eq!(sum.present(Timestamp(9_000)), Span(4_000 + 500 + 1_000));
    }

    #[test]
    fn figures_are_a_text_and_back() {
        let mut figures = Figures::begun(Timestamp(7));
        assert_eq!(figures.to_string(), "0 7 - 0 0 0 0 - -");
        figures.answered(poll(9));
        figures.talked(Span(5));
        figures.gone(Timestamp(12));
        figures.raised_a_hand();
        let text = String::from(figures.clone());
        assert_eq!(Figures::try_from(text).expect("its own text"), figures);
        for text in ["", "1 2 3", "0 7 - 0 0 0 0 - - -", "0 7 - 0 0 -1 0 - -", "Ann"] {
            assert!(text.parse::<Figures>().is_err(), "{text}");
        }
    }
}
