//! Makes an entry true: which parts of the meeting it concerns, and in which order they hear of it.

use crate::event::{Entry, Event};
use crate::meeting::state::State;

impl State {
    /// Makes one more entry true. Cannot fail: it was judged when it was written.
    ///
    /// Who comes and goes concerns every part, everything else a few. A part that is told of what
    /// is not for it changes nothing, so [`apply_everywhere`](Self::apply_everywhere) comes to the
    /// same: this only saves the asking, some twenty times for each entry of a replay.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        use Event as E;
        self.count(entry);
        match &entry.event {
            E::Opened { .. } => {}
            E::Joined { .. }
            | E::Rejoined { .. }
            | E::LinkLost { .. }
            | E::Left { .. }
            | E::RoleChanged { .. }
            | E::Renamed { .. } => self.tell_everywhere(entry),
            E::WaitBegan { .. }
            | E::WaitResumed { .. }
            | E::WaitLinkLost { .. }
            | E::WaitEnded { .. } => {
                self.door.apply(entry, &self.roster, &self.lobby);
                self.lobby.apply(entry);
                self.lifecycle.apply(entry, &self.roster, &self.lobby);
            }
            E::LobbyMessageSet { .. } => self.lobby.apply(entry),
            E::GuestsSet { .. } | E::JoinMutedSet { .. } | E::LinkRotated { .. } => {
                self.door.apply(entry, &self.roster, &self.lobby);
            }
            E::Ended { .. } => self.lifecycle.apply(entry, &self.roster, &self.lobby),
            E::LockChanged { .. }
            | E::LocksInherited { .. }
            | E::ExceptionChanged { .. }
            | E::ExceptionsInherited(_) => self.locks.apply(entry),
            E::Published { .. } | E::Stopped { .. } => self.publishing.apply(entry),
            E::Muted { .. } | E::Unmuted { .. } => {
                self.muting.apply(entry, self.door.join_muted());
            }
            E::PresenterChanged { .. } | E::PresenterAsked { .. } | E::PresenterAskEnded { .. } => {
                self.presenter.apply(entry);
            }
            E::SpotlightChanged { .. } => self.spotlight.apply(entry),
            E::LayoutShared { .. } => self.layouts.apply(entry),
            E::MinuteTakerChanged { .. } | E::InterpreterChanged { .. } | E::AwayChanged { .. } => {
                self.marks.apply(entry);
            }
            E::HandRaised { .. } => {
                self.hands.apply(entry);
                self.learning.apply(entry);
            }
            E::HandLowered { .. } => self.hands.apply(entry),
            E::ChatSent { .. } => {
                self.tell_chat(entry);
                self.learning.apply(entry);
            }
            E::ChatEdited { .. } | E::ChatDeleted { .. } | E::ChatReacted { .. } => {
                self.tell_chat(entry);
            }
            E::ChatCleared { .. } => {
                self.tell_chat(entry);
                // Their results stand in it.
                self.polls.apply(entry);
            }
            E::FileShared(_) | E::FileDeleted(_) => self.tell_files(entry),
            E::Voted { .. } | E::PollAnswered(_) => {
                self.polls.apply(entry);
                self.learning.apply(entry);
            }
            E::PollStarted { .. }
            | E::PollKeySet(_)
            | E::VotesCounted { .. }
            | E::TextsCounted(_)
            | E::PollTurnout { .. }
            | E::PollClosed { .. }
            | E::PollTallied { .. }
            | E::PollPublished { .. }
            | E::PollPutAway { .. }
            | E::PollWithdrawn { .. } => self.polls.apply(entry),
            E::BreakoutsOpened { .. }
            | E::BreakoutAssigned { .. }
            | E::BreakoutPassed { .. }
            | E::BreakoutEntered { .. }
            | E::BreakoutLeft { .. }
            | E::HelpCalled { .. }
            | E::HelpEnded { .. }
            | E::BreakoutsExtended { .. }
            | E::BreakoutsTold { .. }
            | E::BreakoutsClosed { .. } => self.breakouts.apply(entry),
            E::CaptionWriterSet { .. }
            | E::CaptionWriterEnded { .. }
            | E::CaptionWritten { .. }
            | E::CaptionCorrected { .. } => {
                self.captions.apply(entry, self.config.caption_history);
            }
            E::VoteOpened(_)
            | E::BallotGiven(_)
            | E::BallotsCounted(_)
            | E::VoteClosing(_)
            | E::VoteClosed(_) => self.votes.apply(entry),
            E::Reported { .. } => self.reports.apply(entry),
            E::MinutesWritten { .. } | E::MinutesReleased { .. } => self.minutes.apply(entry),
            E::TimerSet { .. }
            | E::TimerPaused { .. }
            | E::TimerResumed { .. }
            | E::TimerStopped { .. } => self.timer.apply(entry),
            E::Picked { .. } => self.picks.apply(entry),
            E::Talked(_) => self.learning.apply(entry),
        }
    }

    /// As [`apply`](Self::apply), asking every part: what random histories hold that to.
    pub(crate) fn apply_everywhere(&mut self, entry: &Entry) {
        self.count(entry);
        self.tell_everywhere(entry);
    }

    fn count(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        self.at = self.at.max(entry.at);
    }

    fn tell_everywhere(&mut self, entry: &Entry) {
        // Chat and files copy names from the roster, so they come while they are in it.
        self.tell_chat(entry);
        self.tell_files(entry);
        // So does what the door keeps of whom it sends away.
        self.door.apply(entry, &self.roster, &self.lobby);
        self.lobby.apply(entry);
        self.roster.apply(entry);
        self.lifecycle.apply(entry, &self.roster, &self.lobby);
        self.locks.apply(entry);
        self.publishing.apply(entry);
        self.muting.apply(entry, self.door.join_muted());
        self.presenter.apply(entry);
        self.spotlight.apply(entry);
        self.layouts.apply(entry);
        self.marks.apply(entry);
        self.hands.apply(entry);
        self.captions.apply(entry, self.config.caption_history);
        self.polls.apply(entry);
        self.breakouts.apply(entry);
        self.votes.apply(entry);
        self.reports.apply(entry);
        self.attendance.apply(entry);
        self.learning.apply(entry);
        self.minutes.apply(entry);
        self.timer.apply(entry);
        self.picks.apply(entry);
    }

    fn tell_chat(&mut self, entry: &Entry) {
        let roster = &self.roster;
        self.chat.apply(entry, &self.config, |who| roster.get(who).map(|member| &member.name));
    }

    fn tell_files(&mut self, entry: &Entry) {
        let roster = &self.roster;
        self.files.apply(entry, |who| roster.get(who).map(|member| &member.name));
    }
}
