//! How long people are heard, where the room has it counted: measured here, because only the
//! media plane hears them, and told to the meeting every few seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use conf_core::id::ParticipantId;
use conf_core::{Input, Span};
use tokio::time::Instant;

use super::owner::{Lost, Owner};
use super::storage::Unmet;

/// How often the meeting is told at most. Longer loses more when the server is killed, shorter
/// writes more entries into the journal.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Who talks now, and for how long people did since the meeting was last told.
#[derive(Debug, Default)]
pub(super) struct Talk {
    on: bool,
    talking: Vec<ParticipantId>,
    /// As of when `heard` is complete.
    as_of: Option<Instant>,
    /// Bounded by who was there since the meeting was last told.
    heard: BTreeMap<ParticipantId, Duration>,
    /// When the meeting is told next.
    due: Option<Instant>,
}

impl Talk {
    /// Measures nothing unless it is `on`.
    pub(super) fn new(on: bool) -> Self {
        Self { on, ..Self::default() }
    }

    /// From `now` on `people` talk, and nobody else.
    pub(super) fn talk(&mut self, now: Instant, people: impl Iterator<Item = ParticipantId>) {
        if !self.on {
            return;
        }
        self.catch_up(now);
        self.talking.clear();
        self.talking.extend(people);
        self.plan(now);
    }

    /// When the meeting is to be told; `None` while there is nothing to tell.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What the meeting was not told yet.
    fn take(&mut self, now: Instant) -> BTreeMap<ParticipantId, Duration> {
        self.catch_up(now);
        let heard = std::mem::take(&mut self.heard);
        self.due = None;
        self.plan(now);
        heard
    }

    /// What could not be told after all is told later.
    fn give_back(&mut self, now: Instant, heard: BTreeMap<ParticipantId, Duration>) {
        for (who, time) in heard {
            *self.heard.entry(who).or_default() += time;
        }
        self.plan(now);
    }

    fn catch_up(&mut self, now: Instant) {
        if let Some(since) = self.as_of.replace(now) {
            for who in &self.talking {
                *self.heard.entry(*who).or_default() += now.saturating_duration_since(since);
            }
        }
    }

    fn plan(&mut self, now: Instant) {
        if self.due.is_none() && !(self.talking.is_empty() && self.heard.is_empty()) {
            self.due = Some(now + TELL_EVERY);
        }
    }
}

impl Owner {
    /// Tells the meeting for how long people were heard.
    pub(super) async fn tell_talk(&mut self) -> Result<(), Lost> {
        let heard = self.talk.take(Instant::now());
        let spans = heard.iter().map(|(who, time)| (*who, span(*time))).collect();
        if let Err(Unmet::NotKept) = self.step(Input::Talked(spans)).await? {
            self.talk.give_back(Instant::now(), heard);
        }
        Ok(())
    }
}

fn span(time: Duration) -> Span {
    Span(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ParticipantId = ParticipantId::from_number(1);
    const BOB: ParticipantId = ParticipantId::from_number(2);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn who_talks_is_told_ten_seconds_after_the_first_word_and_then_only_what_is_new() {
        let start = Instant::now();
        let mut talk = Talk::new(true);
        assert_eq!(talk.due(), None, "silence is not told");
        talk.talk(start, [ANN].into_iter());
        talk.talk(start + seconds(3), [BOB, ANN].into_iter());
        talk.talk(start + seconds(5), [BOB].into_iter());
        assert_eq!(talk.due(), Some(start + TELL_EVERY));
        let heard = talk.take(start + TELL_EVERY);
        assert_eq!(heard, BTreeMap::from([(ANN, seconds(5)), (BOB, seconds(7))]));
        assert_eq!(talk.due(), Some(start + 2 * TELL_EVERY), "he goes on");
        talk.talk(start + seconds(12), [].into_iter());
        assert_eq!(talk.take(start + 2 * TELL_EVERY), BTreeMap::from([(BOB, seconds(2))]));
        assert_eq!(talk.due(), None);
        talk.talk(start + seconds(100), [].into_iter());
        assert_eq!((talk.due(), talk.heard.len()), (None, 0));
    }

    #[test]
    fn what_could_not_be_kept_is_told_with_what_comes_after_it() {
        let start = Instant::now();
        let mut talk = Talk::new(true);
        talk.talk(start, [ANN].into_iter());
        let heard = talk.take(start + seconds(10));
        talk.talk(start + seconds(11), [].into_iter());
        talk.give_back(start + seconds(12), heard);
        assert!(talk.due().is_some());
        assert_eq!(talk.take(start + seconds(20)), BTreeMap::from([(ANN, seconds(11))]));
    }

    #[test]
    fn nothing_is_measured_where_it_is_off() {
        let start = Instant::now();
        let mut talk = Talk::new(false);
        talk.talk(start, [ANN].into_iter());
        talk.talk(start + seconds(5), [].into_iter());
        assert_eq!((talk.due(), talk.heard.len()), (None, 0));
    }
}
