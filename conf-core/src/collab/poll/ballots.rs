//! Anonymous votes between a voter and the journal: counted at once, kept in groups of at least five.

use std::collections::BTreeSet;
use std::fmt;

use crate::event::{Event, TextsCounted};
use crate::id::{ParticipantId, PollId};
use crate::personal::Personal;
use crate::text::PollText;

use super::Polls;
use super::chosen::Chosen;
use super::one::add_up;

/// Fewest votes that are kept together. Fewer would say nearly who chose what; more would
/// have more people asked again after a crash.
const FEWEST_TOGETHER: usize = 5;

/// What one anonymous vote says.
pub(crate) enum Cast {
    /// Some of the choices.
    Chosen(Chosen),
    /// Words of one's own.
    Text(PollText),
}

/// The anonymous votes that are not journaled yet.
///
/// Who voted is held apart from what was chosen from the first vote on, so that all that is
/// ever here is a group of voters and its counts. One group waits in full while the next one
/// fills: whenever the poll closes there are none, or enough for one more group.
#[derive(Clone, Default)]
pub(crate) struct Ballots {
    poll: Option<PollId>,
    full: Group,
    filling: Group,
    /// Handed to the journal, until that is known to have it.
    leaving: Group,
}

/// Some who voted, and what all of them together chose.
#[derive(Clone, Default)]
struct Group {
    voters: BTreeSet<ParticipantId>,
    counts: Vec<u32>,
    /// What all of them together wrote, by what it says: not in the order it was written.
    texts: Vec<PollText>,
}

impl Cast {
    /// How many bytes it has that are kept.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Chosen(_) => 0,
            Self::Text(text) => text.as_str().len(),
        }
    }
}

impl Ballots {
    /// Whether somebody's vote in the open poll waits here.
    pub(crate) fn has(&self, poll: PollId, voter: ParticipantId) -> bool {
        self.poll == Some(poll)
            && (self.full.voters.contains(&voter) || self.filling.voters.contains(&voter))
    }

    /// How many votes in the open poll wait here.
    pub(crate) fn waiting(&self, poll: PollId) -> u32 {
        let waiting = self.full.voters.len() + self.filling.voters.len();
        if self.poll == Some(poll) { u32::try_from(waiting).unwrap_or(u32::MAX) } else { 0 }
    }

    /// How many bytes were written in the open poll and wait here.
    pub(crate) fn bytes(&self, poll: PollId) -> usize {
        let texts = self.full.texts.iter().chain(&self.filling.texts);
        if self.poll == Some(poll) { texts.map(|text| text.as_str().len()).sum() } else { 0 }
    }

    /// Takes a vote that was judged to be one.
    pub(crate) fn cast(&mut self, poll: PollId, voter: ParticipantId, cast: Cast) {
        if self.poll != Some(poll) {
            *self = Self { poll: Some(poll), ..Self::default() };
        }
        self.filling.add(voter, cast);
        if self.full.is_empty() && self.filling.is_enough() {
            self.full = std::mem::take(&mut self.filling);
        }
    }

    /// Whether a group can be journaled with another one left for the close.
    pub(crate) fn is_due(&self) -> bool {
        self.filling.is_enough()
    }

    /// Hands a group to the journal, if it is time.
    pub(crate) fn count(&mut self, polls: &Polls) -> Option<Event> {
        let poll = self.poll.filter(|_| self.is_due())?;
        self.leaving = std::mem::replace(&mut self.full, std::mem::take(&mut self.filling));
        Some(self.leaving.counted(poll, polls.starter(poll)?))
    }

    /// Hands the rest to the journal, or forgets it if it is too few; how many those are.
    /// Too few there are only where a crash took others, or where hardly anybody voted.
    pub(crate) fn close(&mut self, poll: PollId, asker: ParticipantId) -> (Option<Event>, u32) {
        if self.poll != Some(poll) {
            return (None, 0);
        }
        let mut last = std::mem::take(&mut self.full);
        last.merge(std::mem::take(&mut self.filling));
        let enough = last.is_enough();
        let forgotten = if enough { 0 } else { last.voters.len() };
        let event = enough.then(|| last.counted(poll, asker));
        self.leaving = last;
        (event, u32::try_from(forgotten).unwrap_or(u32::MAX))
    }

    /// Forgets what the journal has now.
    pub(crate) fn kept(&mut self) {
        self.leaving = Group::default();
        if self.full.is_empty() && self.filling.is_empty() {
            self.poll = None;
        }
    }

    /// As before what the journal has not got was handed to it.
    pub(crate) fn taken_back(mut self) -> Self {
        let back = std::mem::take(&mut self.leaving);
        if back.is_empty() {
            return self;
        }
        self.filling.merge(std::mem::take(&mut self.full));
        if back.is_enough() {
            self.full = back;
        } else {
            self.filling.merge(back);
        }
        self
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    fn is_enough(&self) -> bool {
        self.voters.len() >= FEWEST_TOGETHER
    }

    fn add(&mut self, voter: ParticipantId, cast: Cast) {
        if !self.voters.insert(voter) {
            return;
        }
        match cast {
            Cast::Chosen(chosen) => chosen.add_to(&mut self.counts),
            Cast::Text(text) => {
                let at = self.texts.partition_point(|one| *one < text);
                self.texts.insert(at, text);
            }
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.voters.append(&mut other.voters);
        add_up(&mut self.counts, other.counts);
        self.texts.append(&mut other.texts);
        self.texts.sort();
    }

    fn counted(&self, poll: PollId, asker: ParticipantId) -> Event {
        let voters = self.voters.iter().copied().collect();
        if self.texts.is_empty() {
            return Event::VotesCounted { poll, voters, counts: self.counts.clone() };
        }
        let texts = self.texts.iter().cloned().map(Personal::from).collect();
        Event::TextsCounted(TextsCounted { poll, asker, voters, texts })
    }
}

impl fmt::Debug for Ballots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ballots").field("poll", &self.poll).finish_non_exhaustive()
    }
}
