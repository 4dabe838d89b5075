//! What of a turn goes into the audit, in the store's words.

use conf_core::audit::{AuditKind, admission_refusal_worthy, audit_worthy, refusal_worthy};
use conf_core::id::{ClaimId, ParticipantId};
use conf_core::meeting::Meeting;
use conf_core::policy::action::Action;
use conf_core::{Denied, Event, GuestPolicy, Identity, Input, Output, Role, Timestamp};

use crate::store::AuditRecord;

/// Who asked for what, remembered while the meeting judges.
pub(super) enum Asked {
    Command { by: ParticipantId, action: Action },
    Join { claim: ClaimId },
    Nobody,
}

impl Asked {
    /// Notes who is behind `input`.
    pub(super) fn of(meeting: &Meeting, input: &Input) -> Self {
        match input {
            Input::Command { from, command } => {
                Self::Command { by: *from, action: meeting.action_of(command, *from) }
            }
            Input::Join { claim, .. } => Self::Join { claim: claim.id },
            _ => Self::Nobody,
        }
    }

    /// The audit's line for a refusal, if it is one that matters.
    pub(super) fn refused(
        &self,
        at: Timestamp,
        meeting: &Meeting,
        denied: &Denied,
    ) -> Option<AuditRecord> {
        let kind = match *self {
            Self::Command { by, action } => refusal_worthy(by, action, denied),
            Self::Join { claim } => admission_refusal_worthy(claim, denied),
            Self::Nobody => None,
        };
        kind.and_then(|kind| line(at, meeting.identity(), &kind))
    }
}

/// The audit's lines for what happened.
pub(super) fn happened(meeting: &Meeting, outputs: &[Output]) -> Vec<AuditRecord> {
    let entries = outputs.iter().filter_map(|output| match output {
        Output::Journal(entry) => Some(entry),
        _ => None,
    });
    entries
        .filter_map(|entry| {
            let record = line(entry.at, meeting.identity(), &audit_worthy(&entry.event)?)?;
            let subject = match &entry.event {
                Event::Joined(who) | Event::WaitBegan(who) => who.subject.as_ref().cloned(),
                _ => None,
            };
            Some(AuditRecord { subject, ..record })
        })
        .collect()
}

fn line(at: Timestamp, identity: &Identity, kind: &AuditKind) -> Option<AuditRecord> {
    let blank = |word| AuditRecord {
        room: Some(identity.room),
        meeting: Some(identity.meeting),
        ..AuditRecord::new(at, word)
    };
    Some(match *kind {
        AuditKind::MeetingOpened { .. } => blank("meeting_opened"),
        AuditKind::Joined { participant, .. } => {
            AuditRecord { actor: Some(participant), ..blank("joined") }
        }
        AuditKind::Left { participant, .. } => {
            AuditRecord { actor: Some(participant), ..blank("left") }
        }
        AuditKind::SourceStopped { by, target, .. } => by_to("source_stopped", by, target, &blank),
        AuditKind::Muted { by, target } => by_to("muted", by, target, &blank),
        AuditKind::HandLowered { by, target } => by_to("hand_lowered", by, target, &blank),
        AuditKind::ChatDeleted { by, target } => by_to("chat_deleted", by, target, &blank),
        AuditKind::ChatCleared { by } => AuditRecord { actor: Some(by), ..blank("chat_cleared") },
        AuditKind::FileDeleted { by, target } => by_to("file_deleted", by, target, &blank),
        AuditKind::PresenterGiven { by, target } => {
            AuditRecord { actor: Some(by), target, ..blank("presenter_given") }
        }
        AuditKind::PresenterDeclined { by, target } => {
            by_to("presenter_declined", by, target, &blank)
        }
        AuditKind::RoleChanged { by, target, role } => {
            let word = if role == Role::Moderator { "promoted" } else { "demoted" };
            by_to(word, by, target, &blank)
        }
        AuditKind::Renamed { by, target } => by_to("renamed", by, target, &blank),
        AuditKind::Reported { by, target } => by_to("reported", by, target, &blank),
        AuditKind::MinuteTakerChanged { by, target } => {
            AuditRecord { actor: Some(by), target, ..blank("minute_taker_set") }
        }
        AuditKind::InterpreterChanged { by, target, on } => {
            let code = Some(if on { "on" } else { "off" });
            AuditRecord { code, ..by_to("interpreter_set", by, target, &blank) }
        }
        AuditKind::ExceptionChanged { by, target, on, .. } => {
            let code = Some(if on { "on" } else { "off" });
            AuditRecord { code, ..by_to("exception_set", by, target, &blank) }
        }
        AuditKind::LockChanged { by, on, .. } => {
            AuditRecord { actor: Some(by), ..blank(if on { "locked" } else { "unlocked" }) }
        }
        AuditKind::Waited { participant, .. } => {
            AuditRecord { actor: Some(participant), ..blank("waited") }
        }
        AuditKind::Admitted { by, target } => by_to("admitted", by, target, &blank),
        AuditKind::Denied { by, target } => by_to("denied", by, target, &blank),
        AuditKind::Removed { by, target, ban } => {
            by_to(if ban { "banned" } else { "removed" }, by, target, &blank)
        }
        AuditKind::GuestsSet { by, policy } => {
            let code = match policy {
                GuestPolicy::Ask => "ask",
                GuestPolicy::Accept => "accept",
                GuestPolicy::Deny => "deny",
            };
            AuditRecord { actor: Some(by), code: Some(code), ..blank("guests_set") }
        }
        AuditKind::JoinMutedSet { by, on } => {
            let code = Some(if on { "on" } else { "off" });
            AuditRecord { actor: Some(by), code, ..blank("join_muted_set") }
        }
        AuditKind::LinkRotated { by } => AuditRecord { actor: Some(by), ..blank("link_rotated") },
        AuditKind::MeetingEnded { by, .. } => AuditRecord { actor: by, ..blank("meeting_ended") },
        AuditKind::Refused { by, code, .. } => {
            AuditRecord { actor: Some(by), code: Some(code), ..blank("refused") }
        }
        AuditKind::AdmissionRefused { code, .. } => {
            AuditRecord { code: Some(code), ..blank("admission_refused") }
        }
        // A kind this server does not know would be kept without its meaning.
        _ => return None,
    })
}

fn by_to(
    word: &'static str,
    by: ParticipantId,
    target: ParticipantId,
    blank: &impl Fn(&'static str) -> AuditRecord,
) -> AuditRecord {
    AuditRecord { actor: Some(by), target: Some(target), ..blank(word) }
}
