//! Anonymous votes beside the state: taken, shown as far as they may be, and journaled together.

use crate::collab::poll::MOST_VOTES;
use crate::collab::poll::ballots::Cast;
use crate::collab::poll::written::MOST_BYTES;
use crate::denied::Denied;
use crate::event::{Event, PollClosed};
use crate::id::{ParticipantId, PollId};
use crate::meeting::Meeting;
use crate::meeting::batch::Batch;
use crate::output::Audience;
use crate::signal::{Signal, Told};
use crate::time::Timestamp;
use crate::view::View;

impl Meeting {
    /// What was last asked for is carried out: nothing of it has to be taken back any more.
    pub fn kept(&mut self) {
        self.ballots.kept();
    }

    /// Goes on in the place of `failed`, whose last turn could not be journaled: the
    /// anonymous votes that wait there are not of the state, and go on waiting here, and so
    /// do files on their way.
    pub fn take_over(&mut self, failed: Self) {
        self.ballots = failed.ballots.taken_back();
        self.uploads = failed.uploads;
    }

    /// Takes an anonymous vote; what is told of it is that there is one more.
    pub(super) fn cast(
        &mut self,
        by: ParticipantId,
        poll: PollId,
        cast: Cast,
    ) -> Result<Told, Denied> {
        if self.ballots.has(poll, by) {
            return Err(Denied::VoteCast);
        }
        let voted = self.state.polls.turnout(poll) + self.ballots.waiting(poll);
        if voted >= MOST_VOTES {
            return Err(Denied::PollFull { max: MOST_VOTES });
        }
        let bytes = self.state.polls.bytes(poll) + self.ballots.bytes(poll);
        if bytes + cast.bytes() > MOST_BYTES {
            return Err(Denied::PollTextsFull);
        }
        self.ballots.cast(poll, by, cast);
        let signal = Signal::PollTurnout { poll, voted: voted + 1 };
        Ok(Told { to: Audience::Everyone, signal })
    }

    /// Journals a group of votes that has another one behind it.
    pub(super) fn count_ballots(&mut self, now: Timestamp, batch: &mut Batch) {
        if !self.is_ended() {
            let counted = self.ballots.count(&self.state.polls);
            self.commit(now, counted, batch);
        }
    }

    /// Adds to the closing of an anonymous poll what is counted with it.
    pub(super) fn close_ballots(&mut self, events: Vec<Event>) -> Vec<Event> {
        let [Event::PollClosed(PollClosed { poll, from, by, .. })] = events[..] else {
            return events;
        };
        if self.state.polls.open_anonymous() != Some(poll) {
            return events;
        }
        let (last, uncounted) = self.ballots.close(poll, from);
        self.state.polls.close_anonymous(poll, last, uncounted, by)
    }

    /// Adds the votes that wait to what a poll shows: how many, and whether one's own is there.
    pub(super) fn show_ballots(&self, view: &mut View, viewer: ParticipantId) {
        let Some(open) = self.state.polls.open_anonymous() else { return };
        for poll in view.polls.iter_mut().filter(|poll| poll.id == open) {
            poll.voted += self.ballots.waiting(open);
            poll.cast |= self.ballots.has(open, viewer);
        }
    }
}
