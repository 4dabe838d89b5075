//! What is told and never journaled: news that nobody needs to know a minute later.
//!
//! A signal changes nothing in a meeting, so a replay does not know of it, and whoever
//! does not get it has lost nothing. How fast one may signal is counted outside
//! [`State`](crate::State), for the same reason.

use std::collections::{BTreeMap, VecDeque};

use crate::denied::Denied;
use crate::id::ParticipantId;
use crate::output::Audience;
use crate::time::{Span, Timestamp};

/// What is told. A closed set that grows with versions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// A moderator asks for a microphone to be opened. Nothing opens by it: its owner may.
    AskedToUnmute {
        /// Who asks.
        by: ParticipantId,
    },
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

/// In which [`MOST`] signals are allowed.
const WINDOW: Span = Span::from_secs(10);

/// How soon the same person may be asked to unmute again, by anyone.
const ASKED_AGAIN: Span = Span::from_secs(10);

/// Who signalled lately: at most [`MOST`] times for each who is here, for a few seconds.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    sent: BTreeMap<ParticipantId, VecDeque<Timestamp>>,
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
        let sent = self.sent.get(&from).map_or(0, VecDeque::len);
        if sent >= usize::try_from(MOST).unwrap_or(usize::MAX) {
            return Err(Denied::TooFast { max: MOST });
        }
        if let (Audience::Only(target), Signal::AskedToUnmute { .. }) = (&told.to, &told.signal) {
            if self.asked.contains_key(target) {
                return Err(Denied::AskedAlready);
            }
            self.asked.insert(*target, now);
        }
        self.sent.entry(from).or_default().push_back(now);
        Ok(())
    }

    /// Forgets what is too long ago to count.
    fn forget(&mut self, now: Timestamp) {
        self.asked.retain(|_, at| *at + ASKED_AGAIN > now);
        self.sent.retain(|_, times| {
            times.retain(|at| *at + WINDOW > now);
            !times.is_empty()
        });
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
