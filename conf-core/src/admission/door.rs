//! What the door remembers: how guests are met, whose claims admit nobody any more.

use std::collections::VecDeque;

use crate::admission::claim::Claim;
use crate::admission::lobby::Lobby;
use crate::admission::policy::GuestPolicy;
use crate::collab::breakout::rule::id_of;
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{Entry, Event, LeaveReason, WaitEnd};
use crate::id::{ClaimId, ParticipantId};
use crate::meeting::roster::{Member, Roster};
use crate::personal::{Personal, PersonalField};
use crate::policy::role::{Role, Standing};
use crate::text::Subject;

/// Most refused claims remembered; the one refused longest ago is forgotten
/// first. Each is a person a moderator sent away by hand.
const REFUSED: usize = 4_096;

/// Most banned persons remembered; the one banned longest ago is forgotten first.
const BANNED: usize = 1_024;

/// How newcomers are met.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Door {
    guests: GuestPolicy,
    join_muted: bool,
    /// The number of the guest link that counts.
    guest_link: u32,
    /// Claims that admit nobody any more.
    refused: VecDeque<(ClaimId, Refusal)>,
    /// Persons who are refused under any claim.
    banned: VecDeque<Banned>,
    /// Whether anybody was ever removed: from then on no guest comes in unasked.
    removed_any: bool,
}

/// Why a claim admits nobody any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
enum Refusal {
    /// Its holder was removed from the meeting.
    Removed,
    /// Its holder was sent away from the lobby.
    Denied,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Banned {
    /// Who they were when they were removed.
    participant: ParticipantId,
    /// In a breakout: who did it, by their id in the meeting it belongs to.
    by: Option<ParticipantId>,
    issuer: String,
    subject: Personal<Subject>,
}

impl Door {
    pub(crate) fn new(config: &MeetingConfig) -> Self {
        Self {
            guests: config.guests,
            join_muted: config.join_muted,
            guest_link: config.guest_link,
            refused: VecDeque::new(),
            banned: VecDeque::new(),
            removed_any: false,
        }
    }

    /// Refuses whoever was sent away, whatever else speaks for them.
    pub(crate) fn check_sent_away(&self, claim: &Claim) -> Result<(), Denied> {
        match self.refused.iter().find(|(id, _)| *id == claim.id) {
            Some((_, Refusal::Removed)) => return Err(Denied::Removed),
            Some((_, Refusal::Denied)) => return Err(Denied::NotLetIn),
            None => {}
        }
        // An erased subject is nobody's.
        let theirs = |banned: &&Banned| {
            banned.subject.as_ref().is_some()
                && banned.subject == claim.subject
                && banned.issuer == claim.issuer
        };
        if self.banned.iter().any(|banned| theirs(&banned)) {
            return Err(Denied::Removed);
        }
        Ok(())
    }

    /// Refuses a newcomer by an old link, or a guest where there shall be none.
    pub(crate) fn check_newcomer(&self, claim: &Claim) -> Result<(), Denied> {
        if claim.guest_link.is_some_and(|link| link < self.guest_link) {
            return Err(Denied::LinkReplaced);
        }
        if is_guest(claim.role, claim.standing) && self.guests == GuestPolicy::Deny {
            return Err(Denied::GuestsRefused);
        }
        Ok(())
    }

    /// Whether a moderator must be asked before such a person comes in.
    pub(crate) fn must_ask(&self, role: Role, standing: Standing) -> bool {
        is_guest(role, standing) && (self.guests != GuestPolicy::Accept || self.removed_any)
    }

    /// Sets how guests are met.
    pub(crate) fn decide_guests(&self, by: ParticipantId, policy: GuestPolicy) -> Option<Event> {
        (self.guests != policy).then_some(Event::GuestsSet { policy, by })
    }

    /// Sets whether microphones of newcomers start closed.
    pub(crate) fn decide_join_muted(&self, by: ParticipantId, on: bool) -> Option<Event> {
        (self.join_muted != on).then_some(Event::JoinMutedSet { on, by })
    }

    /// Replaces the guest link by the next one.
    pub(crate) fn decide_rotate(&self, by: ParticipantId) -> Event {
        // Past 2^32 rotations by hand the last link stays the last.
        Event::LinkRotated { link: self.guest_link.saturating_add(1), by }
    }

    /// Comes before the roster and the lobby, while whoever is sent away is still in them.
    pub(crate) fn apply(&mut self, entry: &Entry, roster: &Roster, lobby: &Lobby) {
        match &entry.event {
            Event::Left { participant, reason: LeaveReason::Removed { ban, by } } => {
                self.removed_any = true;
                let Some(member) = roster.get(*participant) else { return };
                self.refuse(member, Refusal::Removed);
                if *ban {
                    let Member { id, issuer, subject, .. } = member.clone();
                    let by = roster.get(*by).and_then(|by| id_of(by.subject.as_ref()?));
                    self.banned.push_back(Banned { participant: id, by, issuer, subject });
                    keep_newest(&mut self.banned, BANNED);
                }
            }
            Event::WaitEnded { participant, reason: WaitEnd::Denied { .. } } => {
                if let Some(waiter) = lobby.get(*participant) {
                    self.refuse(&waiter.person, Refusal::Denied);
                }
            }
            Event::GuestsSet { policy, .. } => self.guests = *policy,
            Event::JoinMutedSet { on, .. } => self.join_muted = *on,
            Event::LinkRotated { link, .. } => self.guest_link = *link,
            _ => {}
        }
    }

    /// Who was banned, and in a breakout by whom, by their id in the meeting it belongs to.
    pub(crate) fn banned(&self) -> impl Iterator<Item = (&Subject, ParticipantId)> {
        self.banned.iter().filter_map(|banned| Some((banned.subject.as_ref()?, banned.by?)))
    }

    /// How guests are met.
    pub(crate) const fn guests(&self) -> GuestPolicy {
        self.guests
    }

    /// Whether microphones of newcomers start closed.
    pub(crate) const fn join_muted(&self) -> bool {
        self.join_muted
    }

    /// Shows every personal field, in the order people were banned.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for banned in &mut self.banned {
            visit(banned.participant, &mut banned.subject);
        }
    }

    fn refuse(&mut self, person: &Member, why: Refusal) {
        self.refused.extend(person.claims.iter().map(|claim| (*claim, why)));
        keep_newest(&mut self.refused, REFUSED);
    }
}

/// Whether someone is met as a guest: moderators never are.
fn is_guest(role: Role, standing: Standing) -> bool {
    standing == Standing::Guest && role != Role::Moderator
}

fn keep_newest<T>(list: &mut VecDeque<T>, most: usize) {
    while list.len() > most {
        list.pop_front();
    }
}
