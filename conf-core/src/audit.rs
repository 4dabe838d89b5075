//! Which events and which refusals belong in the audit, and what of them: ids, never content.
//!
//! The audit answers who had access and who used authority over others. What
//! people do with their own voice, picture, hand and words is not in it.

use crate::admission::policy::GuestPolicy;
use crate::collab::captions::language::Language;
use crate::denied::Denied;
use crate::event::FileTaken;
use crate::event::{EndReason, Event, LeaveReason, Newcomer, WaitEnd};
use crate::event::{PollClosed, PollPublished, PollWithdrawn};
use crate::id::{ClaimId, MeetingId, ParticipantId, RoomId};
use crate::policy::action::Action;
use crate::policy::lock::Lock;
use crate::policy::role::Role;
use crate::stage::source::Source;

/// One thing the audit keeps. It holds no personal field, by type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum AuditKind {
    /// A meeting began.
    MeetingOpened {
        /// This sitting.
        meeting: MeetingId,
        /// The place.
        room: RoomId,
    },
    /// A claim was accepted.
    Joined {
        /// Who they are in this meeting.
        participant: ParticipantId,
        /// The claim.
        claim: ClaimId,
        /// What it made them.
        role: Role,
    },
    /// Somebody's access ended.
    Left {
        /// Who.
        participant: ParticipantId,
        /// Why.
        reason: LeaveReason,
    },
    /// A moderator stopped another's source.
    SourceStopped {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
        /// Which.
        source: Source,
    },
    /// A moderator closed another's microphone.
    Muted {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator lowered another's hand.
    HandLowered {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator took away what another said in the public chat.
    ChatDeleted {
        /// Who did.
        by: ParticipantId,
        /// Whose words.
        target: ParticipantId,
    },
    /// A moderator emptied the public chat.
    ChatCleared {
        /// Who did.
        by: ParticipantId,
    },
    /// A moderator had somebody write the captions of a language.
    CaptionWriterSet {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
        /// In which language.
        language: Language,
    },
    /// A moderator took the captions of a language from their writer.
    CaptionWriterEnded {
        /// Who did.
        by: ParticipantId,
        /// From whom.
        target: ParticipantId,
        /// In which language.
        language: Language,
    },
    /// A moderator took away a file another handed to everyone.
    FileDeleted {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator closed another's poll.
    PollClosed {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator published what came of another's poll.
    PollPublished {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator withdrew another's poll.
    PollWithdrawn {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator divided the meeting into breakouts.
    BreakoutsOpened {
        /// Who did.
        by: ParticipantId,
        /// How many.
        breakouts: u32,
    },
    /// A moderator had someone belong to another breakout, or to none.
    BreakoutAssigned {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
    },
    /// A claim for a breakout was made.
    BreakoutPassed {
        /// For whom.
        participant: ParticipantId,
        /// The claim.
        claim: ClaimId,
    },
    /// A moderator called everyone back from the breakouts.
    BreakoutsClosed {
        /// Who did.
        by: ParticipantId,
    },
    /// A moderator gave the presenter mark, or took it away.
    PresenterGiven {
        /// Who did.
        by: ParticipantId,
        /// To whom, if to anyone.
        target: Option<ParticipantId>,
    },
    /// A moderator declined a request to present.
    PresenterDeclined {
        /// Who did.
        by: ParticipantId,
        /// Whose.
        target: ParticipantId,
    },
    /// A moderator made somebody a moderator, or a participant again.
    RoleChanged {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
        /// What they are from then on.
        role: Role,
    },
    /// A moderator called someone else something else.
    Renamed {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
    },
    /// Somebody reported another to the operator.
    Reported {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
    },
    /// A moderator had somebody take the minutes, or nobody.
    MinuteTakerChanged {
        /// Who did.
        by: ParticipantId,
        /// Whom, if anyone.
        target: Option<ParticipantId>,
    },
    /// A moderator marked somebody as a sign-language interpreter, or no longer.
    InterpreterChanged {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
        /// Marked or not.
        on: bool,
    },
    /// A moderator lifted a lock for one person, or put it in force for them again.
    ExceptionChanged {
        /// Who did.
        by: ParticipantId,
        /// For whom.
        target: ParticipantId,
        /// Which.
        lock: Lock,
        /// Lifted or in force.
        on: bool,
    },
    /// A moderator set or released a lock.
    LockChanged {
        /// Who did.
        by: ParticipantId,
        /// Which.
        lock: Lock,
        /// Closed or open.
        on: bool,
    },
    /// A claim was accepted to wait in the lobby.
    Waited {
        /// Who they are in the lobby, and in the meeting once let in.
        participant: ParticipantId,
        /// The claim.
        claim: ClaimId,
        /// What it would make them.
        role: Role,
    },
    /// A moderator let someone in from the lobby.
    Admitted {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
    },
    /// A moderator sent someone away from the lobby.
    Denied {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
    },
    /// A moderator removed someone from the meeting.
    Removed {
        /// Who did.
        by: ParticipantId,
        /// Whom.
        target: ParticipantId,
        /// Whether under any other claim too.
        ban: bool,
    },
    /// A moderator set how guests are met.
    GuestsSet {
        /// Who did.
        by: ParticipantId,
        /// From then on.
        policy: GuestPolicy,
    },
    /// A moderator set whether microphones of newcomers start closed.
    JoinMutedSet {
        /// Who did.
        by: ParticipantId,
        /// Closed or not.
        on: bool,
    },
    /// A moderator replaced the guest link.
    LinkRotated {
        /// Who did.
        by: ParticipantId,
    },
    /// The meeting is over.
    MeetingEnded {
        /// Who ended it, if a person did.
        by: Option<ParticipantId>,
        /// Why.
        reason: EndReason,
    },
    /// Somebody reached for authority they do not have.
    Refused {
        /// Who.
        by: ParticipantId,
        /// What they asked for.
        action: Action,
        /// [`Denied::code`].
        code: &'static str,
    },
    /// A claim was turned away at the door.
    AdmissionRefused {
        /// The claim.
        claim: ClaimId,
        /// [`Denied::code`].
        code: &'static str,
    },
}

/// What the audit keeps of an event, if anything.
#[must_use]
pub fn audit_worthy(event: &Event) -> Option<AuditKind> {
    Some(match *event {
        Event::Opened { meeting, room, .. } => AuditKind::MeetingOpened { meeting, room },
        Event::Joined(Newcomer { participant, claim, role, .. }) => {
            AuditKind::Joined { participant, claim, role }
        }
        Event::Left { participant, reason: LeaveReason::Removed { by, ban } } => {
            AuditKind::Removed { by, target: participant, ban }
        }
        Event::Left { participant, reason } => AuditKind::Left { participant, reason },
        Event::Stopped { participant, source, by } if by != participant => {
            AuditKind::SourceStopped { by, target: participant, source }
        }
        Event::Muted { participant, by } if by != participant => {
            AuditKind::Muted { by, target: participant }
        }
        Event::HandLowered { participant, by } if by != participant => {
            AuditKind::HandLowered { by, target: participant }
        }
        Event::ChatDeleted { from, by, .. } if by != from => {
            AuditKind::ChatDeleted { by, target: from }
        }
        Event::ChatCleared { by, .. } => AuditKind::ChatCleared { by },
        Event::CaptionWriterSet { ref language, participant, by } => {
            AuditKind::CaptionWriterSet { by, target: participant, language: language.clone() }
        }
        Event::CaptionWriterEnded { ref language, participant, by } if by != participant => {
            AuditKind::CaptionWriterEnded { by, target: participant, language: language.clone() }
        }
        Event::FileDeleted(FileTaken { from, by, .. }) if by != from => {
            AuditKind::FileDeleted { by, target: from }
        }
        Event::PollClosed(PollClosed { from, by, .. }) if by != from => {
            AuditKind::PollClosed { by, target: from }
        }
        Event::PollPublished(PollPublished { from, by, .. }) if by != from => {
            AuditKind::PollPublished { by, target: from }
        }
        Event::PollWithdrawn(PollWithdrawn { from, by, .. }) if by != from => {
            AuditKind::PollWithdrawn { by, target: from }
        }
        Event::BreakoutsOpened { by, ref breakouts, .. } => {
            let breakouts = u32::try_from(breakouts.len()).unwrap_or(u32::MAX);
            AuditKind::BreakoutsOpened { by, breakouts }
        }
        Event::BreakoutAssigned { participant, by, .. } if by != participant => {
            AuditKind::BreakoutAssigned { by, target: participant }
        }
        Event::BreakoutPassed { participant, claim, .. } => {
            AuditKind::BreakoutPassed { participant, claim }
        }
        Event::BreakoutsClosed { by: Some(by) } => AuditKind::BreakoutsClosed { by },
        Event::PresenterChanged { presenter, by: Some(by) } => {
            AuditKind::PresenterGiven { by, target: presenter }
        }
        Event::PresenterAskEnded { participant, by } if by != participant => {
            AuditKind::PresenterDeclined { by, target: participant }
        }
        Event::RoleChanged { participant, role, by } => {
            AuditKind::RoleChanged { by, target: participant, role }
        }
        Event::Renamed { participant, by, .. } if by != participant => {
            AuditKind::Renamed { by, target: participant }
        }
        Event::Reported { participant, by, .. } => AuditKind::Reported { by, target: participant },
        Event::MinuteTakerChanged { participant, by } => {
            AuditKind::MinuteTakerChanged { by, target: participant }
        }
        Event::InterpreterChanged { participant, on, by } => {
            AuditKind::InterpreterChanged { by, target: participant, on }
        }
        Event::ExceptionChanged { participant, lock, on, by } => {
            AuditKind::ExceptionChanged { by, target: participant, lock, on }
        }
        Event::LockChanged { lock, on, by } => AuditKind::LockChanged { by, lock, on },
        Event::WaitBegan(Newcomer { participant, claim, role, .. }) => {
            AuditKind::Waited { participant, claim, role }
        }
        Event::WaitEnded { participant, reason: WaitEnd::Admitted { by: Some(by) } } => {
            AuditKind::Admitted { by, target: participant }
        }
        Event::WaitEnded { participant, reason: WaitEnd::Denied { by } } => {
            AuditKind::Denied { by, target: participant }
        }
        Event::GuestsSet { policy, by } => AuditKind::GuestsSet { by, policy },
        Event::JoinMutedSet { on, by } => AuditKind::JoinMutedSet { by, on },
        Event::LinkRotated { by, .. } => AuditKind::LinkRotated { by },
        Event::Ended { reason, by } => AuditKind::MeetingEnded { by, reason },
        Event::Rejoined { .. }
        | Event::LinkLost { .. }
        | Event::Published { .. }
        | Event::Stopped { .. }
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::HandRaised { .. }
        | Event::HandLowered { .. }
        | Event::ChatSent { .. }
        | Event::ChatEdited { .. }
        | Event::ChatDeleted { .. }
        | Event::ChatReacted { .. }
        | Event::CaptionWriterEnded { .. }
        | Event::CaptionWritten { .. }
        | Event::CaptionCorrected { .. }
        | Event::FileShared(_)
        | Event::FileDeleted(_)
        | Event::PollStarted { .. }
        | Event::Voted { .. }
        | Event::VotesCounted { .. }
        | Event::PollKeySet(_)
        | Event::PollAnswered(_)
        | Event::TextsCounted(_)
        | Event::PollTurnout { .. }
        | Event::PollClosed { .. }
        | Event::PollTallied { .. }
        | Event::PollPublished { .. }
        | Event::PollPutAway { .. }
        | Event::PollWithdrawn { .. }
        | Event::BreakoutAssigned { .. }
        | Event::BreakoutEntered { .. }
        | Event::BreakoutLeft { .. }
        | Event::HelpCalled { .. }
        | Event::HelpEnded { .. }
        | Event::BreakoutsExtended { .. }
        | Event::BreakoutsTold { .. }
        | Event::BreakoutsClosed { by: None }
        | Event::LocksInherited { .. }
        | Event::ExceptionsInherited(_)
        | Event::Talked(_)
        | Event::VoteOpened(_)
        | Event::BallotGiven(_)
        | Event::BallotsCounted(_)
        | Event::VoteClosing(_)
        | Event::VoteClosed(_)
        | Event::WaitResumed { .. }
        | Event::WaitLinkLost { .. }
        | Event::WaitEnded { .. }
        | Event::LobbyMessageSet { .. }
        | Event::SpotlightChanged { .. }
        | Event::LayoutShared { .. }
        | Event::Renamed { .. }
        | Event::TimerSet { .. }
        | Event::TimerPaused { .. }
        | Event::TimerResumed { .. }
        | Event::TimerStopped { .. }
        | Event::Picked { .. }
        | Event::AwayChanged { .. }
        | Event::PresenterAsked { .. }
        | Event::PresenterAskEnded { .. }
        | Event::MinutesWritten { .. }
        | Event::MinutesReleased { .. }
        | Event::PresenterChanged { by: None, .. } => return None,
    })
}

/// What the audit keeps of a refused command, if anything: only reaching for
/// more than one may. A lock, a full stage or a slip of timing is everyday life.
#[must_use]
pub fn refusal_worthy(by: ParticipantId, action: Action, denied: &Denied) -> Option<AuditKind> {
    matches!(denied, Denied::NotAllowed { .. } | Denied::SourceNotClaimed { .. })
        .then(|| AuditKind::Refused { by, action, code: denied.code() })
}

/// What the audit keeps of a refused [`Join`](crate::Input::Join), if anything.
/// A full meeting is not the claim's fault.
#[must_use]
pub fn admission_refusal_worthy(claim: ClaimId, denied: &Denied) -> Option<AuditKind> {
    let worthy = matches!(
        denied,
        Denied::ClaimRefused { .. } | Denied::Removed | Denied::NotLetIn | Denied::LinkReplaced
    );
    worthy.then(|| AuditKind::AdmissionRefused { claim, code: denied.code() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ParticipantId = ParticipantId::from_number(1);
    const BOB: ParticipantId = ParticipantId::from_number(2);

    #[test]
    fn muting_another_is_kept_and_muting_oneself_is_not() {
        let other = Event::Muted { participant: BOB, by: ANN };
        assert_eq!(audit_worthy(&other), Some(AuditKind::Muted { by: ANN, target: BOB }));
        assert_eq!(audit_worthy(&Event::Muted { participant: BOB, by: BOB }), None);
    }

    #[test]
    fn reaching_for_authority_is_kept_and_a_lock_in_the_way_is_not() {
        let action = Action::MuteOther;
        let denied = Denied::NotAllowed { action, role: Role::Participant };
        let kept = AuditKind::Refused { by: BOB, action, code: "not_allowed" };
        assert_eq!(refusal_worthy(BOB, action, &denied), Some(kept));

        let action = Action::SendChat;
        let denied = Denied::Locked { action, lock: Lock::Chat };
        assert_eq!(refusal_worthy(BOB, action, &denied), None);
    }

    #[test]
    fn a_claim_for_another_room_is_kept_and_a_full_meeting_is_not() {
        let claim = ClaimId::from_number(7);
        let turned_away = Denied::ClaimRefused { reason: "room" };
        assert!(admission_refusal_worthy(claim, &turned_away).is_some());
        assert!(admission_refusal_worthy(claim, &Denied::Full { max: 2 }).is_none());
    }
}
