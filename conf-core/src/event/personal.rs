//! What of an event is personal, and what it makes forgotten.

use crate::collab::poll::written;
use crate::event::{
    Event, FileHanded, Newcomer, PollAnswered, PollPublished, PollTallied, TextsCounted, VoteOpened,
};
use crate::id::ParticipantId;
use crate::personal::PersonalField;

impl Event {
    /// Shows every personal field to `visit`, with the participant it belongs to.
    ///
    /// The order is fixed per variant, so a store may keep the texts as a list.
    pub fn visit_personal(&mut self, visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField)) {
        match self {
            Self::Joined(Newcomer { participant, subject, name, .. })
            | Self::WaitBegan(Newcomer { participant, subject, name, .. }) => {
                visit(*participant, subject);
                visit(*participant, name);
            }
            Self::Renamed { participant, name, .. } => visit(*participant, name),
            Self::Reported { by, text, .. } => visit(*by, text),
            Self::ChatSent { from: whose, text, .. } | Self::ChatEdited { by: whose, text, .. } => {
                visit(*whose, text)
            }
            Self::CaptionWritten { by, text, .. } | Self::CaptionCorrected { by, text, .. } => {
                visit(*by, text)
            }
            Self::FileShared(FileHanded { from, name, .. }) => visit(*from, name),
            Self::PollStarted { by, question, answers, .. } => {
                visit(*by, question);
                answers.visit_personal(&mut |field| visit(*by, field));
            }
            Self::PollAnswered(PollAnswered { by, text, .. }) => visit(*by, text),
            Self::TextsCounted(TextsCounted { asker, texts, .. }) => {
                texts.iter_mut().for_each(|text| visit(*asker, text));
            }
            Self::PollTallied(PollTallied { written, .. })
            | Self::PollPublished(PollPublished { written, .. }) => {
                written::visit_personal(written, visit);
            }
            Self::BreakoutsOpened { by, breakouts, .. } => {
                breakouts.iter_mut().for_each(|one| visit(*by, &mut one.name));
            }
            Self::BreakoutsTold { by, text } => visit(*by, text),
            Self::VoteOpened(VoteOpened { by, question, choices, .. }) => {
                visit(*by, question);
                choices.iter_mut().for_each(|choice| visit(*by, choice));
            }
            Self::LobbyMessageSet { text: Some(text), by } => visit(*by, text),
            Self::Talked(talked) => talked.visit_personal(visit),
            Self::MinutesWritten { text: Some(text), by, .. } => visit(*by, text),
            Self::Opened { .. }
            | Self::Rejoined { .. }
            | Self::LinkLost { .. }
            | Self::Left { .. }
            | Self::RoleChanged { .. }
            | Self::Published { .. }
            | Self::Stopped { .. }
            | Self::Muted { .. }
            | Self::Unmuted { .. }
            | Self::HandRaised { .. }
            | Self::HandLowered { .. }
            | Self::ChatDeleted { .. }
            | Self::ChatReacted { .. }
            | Self::ChatCleared { .. }
            | Self::CaptionWriterSet { .. }
            | Self::CaptionWriterEnded { .. }
            | Self::FileDeleted(_)
            | Self::Voted { .. }
            | Self::VotesCounted { .. }
            | Self::PollKeySet(_)
            | Self::PollTurnout { .. }
            | Self::PollClosed { .. }
            | Self::PollPutAway { .. }
            | Self::PollWithdrawn { .. }
            | Self::BreakoutAssigned { .. }
            | Self::BreakoutPassed { .. }
            | Self::BreakoutEntered { .. }
            | Self::BreakoutLeft { .. }
            | Self::HelpCalled { .. }
            | Self::HelpEnded { .. }
            | Self::BreakoutsExtended { .. }
            | Self::BreakoutsClosed { .. }
            | Self::LocksInherited { .. }
            | Self::BallotGiven(_)
            | Self::BallotsCounted(_)
            | Self::VoteClosing(_)
            | Self::VoteClosed(_)
            | Self::PresenterChanged { .. }
            | Self::PresenterAsked { .. }
            | Self::PresenterAskEnded { .. }
            | Self::LockChanged { .. }
            | Self::ExceptionChanged { .. }
            | Self::ExceptionsInherited(_)
            | Self::WaitResumed { .. }
            | Self::WaitLinkLost { .. }
            | Self::WaitEnded { .. }
            | Self::GuestsSet { .. }
            | Self::LobbyMessageSet { text: None, .. }
            | Self::JoinMutedSet { .. }
            | Self::LinkRotated { .. }
            | Self::SpotlightChanged { .. }
            | Self::LayoutShared { .. }
            | Self::MinuteTakerChanged { .. }
            | Self::MinutesWritten { text: None, .. }
            | Self::MinutesReleased { .. }
            | Self::InterpreterChanged { .. }
            | Self::TimerSet { .. }
            | Self::TimerPaused { .. }
            | Self::TimerResumed { .. }
            | Self::TimerStopped { .. }
            | Self::Picked { .. }
            | Self::AwayChanged { .. }
            | Self::Ended { .. } => {}
        }
    }
}
