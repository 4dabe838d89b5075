//! Secret votes beside the state: what the caller asks of them, and the ballots that wait.

use crate::collab::vote::Ballot;
use crate::collab::vote::opaque::VoteKey;
use crate::denied::Denied;
use crate::event::{BallotsCounted, Event};
use crate::id::VoteId;
use crate::meeting::Meeting;
use crate::meeting::batch::Batch;
use crate::policy::lock::Lock;
use crate::time::Timestamp;
use crate::view::VoteResult;

impl Meeting {
    /// The secret vote that is not over, if one is not.
    #[must_use]
    pub fn current_vote(&self) -> Option<VoteId> {
        self.state.votes.current()
    }

    /// The public key that ballots of a vote are signed with; `None` if it is not kept.
    #[must_use]
    pub fn vote_key(&self, vote: VoteId) -> Option<&VoteKey> {
        self.state.votes.key(vote)
    }

    /// What came of a secret vote; `None` before it is over, or if it is not kept.
    #[must_use]
    pub fn vote_result(&self, vote: VoteId) -> Option<VoteResult> {
        let result = self.state.votes.result(vote)?;
        let told = !self.state.locks.set().contains(Lock::SeePeople);
        Some(VoteResult { entitled: result.entitled.filter(|_| told), ..result })
    }

    /// Puts a new ballot to those that wait, and counts some of them once they are many.
    pub(super) fn take_secret(
        &mut self,
        now: Timestamp,
        vote: VoteId,
        ballot: Ballot,
        batch: &mut Batch,
    ) -> Result<(), Denied> {
        if self.state.votes.decide_cast(&self.urn, vote, &ballot)? {
            self.urn.put(ballot);
            let ballots = self.urn.take_some();
            if !ballots.is_empty() {
                self.commit(now, [Event::BallotsCounted(BallotsCounted { vote, ballots })], batch);
            }
        }
        Ok(())
    }

    /// Ends a vote that is closing once there is nothing more to wait for.
    pub(super) fn end_vote(&mut self, now: Timestamp, batch: &mut Batch) {
        if let Some((vote, _)) = self.state.votes.closing()
            && !self.is_ended()
            && self.state.votes.all_arrived(&self.urn, vote)
        {
            let events = self.state.votes.close(vote, self.urn.take_all());
            self.commit(now, events, batch);
        }
    }
}
