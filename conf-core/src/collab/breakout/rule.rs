//! What a breakout's meeting is held to by the meeting it belongs to.

use std::collections::BTreeMap;

use crate::admission::claim::Claim;
use crate::admission::policy::GuestPolicy;
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{EndReason, Event, LeaveReason};
use crate::id::{MeetingId, ParticipantId, RoomId};
use crate::meeting::roster::Member;
use crate::meeting::state::State;
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::Role;
use crate::text::Subject;
use crate::time::{Span, Timestamp};

/// Who vouches for those in a breakout: the meeting it belongs to. No link and no grant does.
pub const ISSUER: &str = "conf-breakout";

/// How long a breakout with nobody in it goes on: as long as the longest that are opened.
const EMPTY_AFTER: Span = Span::from_mins(24 * 60);

/// The meeting a breakout belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Parent {
    /// The place it is held in.
    pub room: RoomId,
    /// That sitting; the breakout goes on in no other.
    pub meeting: MeetingId,
}

/// What a breakout's meeting is held to. Told whole each time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// Who may be there.
    pub people: BTreeMap<Subject, Sent>,
    /// What is locked in the meeting it belongs to.
    pub locks: LockSet,
}

/// Somebody who may be in a breakout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// As what.
    pub role: Role,
    /// Which locks are lifted for them in the meeting it belongs to.
    pub exceptions: LockSet,
}

/// What lets one person into a breakout.
#[derive(Debug, Clone)]
pub struct Pass {
    /// Who they are there.
    pub claim: Claim,
    /// How the breakout's room is set, should it not be there yet.
    pub config: MeetingConfig,
}

/// The subject of someone in a breakout: their id in the meeting it belongs to.
pub(crate) fn subject_of(who: ParticipantId) -> Subject {
    Subject::new(&who.to_string()).expect("an id is a valid subject")
}

pub(crate) fn id_of(subject: &Subject) -> Option<ParticipantId> {
    subject.as_str().parse().ok()
}

/// The locks a breakout takes over: who comes in is not a matter of them.
fn inherited(locks: LockSet) -> LockSet {
    locks.set(Lock::Entry, false)
}

impl Rule {
    /// Refuses whom the meeting it belongs to did not send.
    pub(crate) fn check(&self, claim: &Claim) -> Result<(), Denied> {
        let known = claim.subject.as_ref().and_then(|subject| self.people.get(subject));
        if claim.issuer == ISSUER && known.is_some_and(|sent| sent.role == claim.role) {
            Ok(())
        } else {
            Err(Denied::NotTheirBreakout)
        }
    }

    fn allows(&self, member: &Member) -> bool {
        self.sent(member).is_some_and(|sent| sent.role == member.claimed_role)
    }

    fn sent(&self, member: &Member) -> Option<&Sent> {
        self.people.get(member.subject.as_ref()?)
    }
}

impl State {
    /// What follows from the rule as it is now; without one the breakout is over.
    ///
    /// Whoever has another role by now goes, and comes back with it.
    pub(crate) fn decide_rule(&self, rule: Option<&Rule>) -> Vec<Event> {
        let Some(rule) = rule else {
            return vec![Event::Ended { reason: EndReason::CalledBack, by: None }];
        };
        let gone = self.roster.members().iter().filter(|member| !rule.allows(member));
        let reason = LeaveReason::CalledBack;
        let gone = gone.map(|member| Event::Left { participant: member.id, reason });
        self.locks.decide_inherited(inherited(rule.locks)).into_iter().chain(gone).collect()
    }

    /// Which locks are lifted for whom by the rule, or in force for them again, once all else
    /// of it holds.
    pub(crate) fn decide_lifted(&self, rule: &Rule) -> Vec<Event> {
        let members = self.roster.members().iter();
        let sent = members.filter_map(|member| Some((member.id, rule.sent(member)?)));
        sent.filter_map(|(who, sent)| self.locks.decide_inherited_exceptions(who, sent.exceptions))
            .collect()
    }

    /// The rule for every open breakout.
    pub(crate) fn rules(&self) -> BTreeMap<RoomId, Rule> {
        let Some(round) = self.breakouts.open().filter(|_| self.lifecycle.ended.is_none()) else {
            return BTreeMap::new();
        };
        let people = |breakout: u8| {
            let sent = self.roster.members().iter().filter(move |member| match member.role {
                Role::Moderator => true,
                Role::Participant => round.members.get(&member.id) == Some(&breakout),
                Role::Service => false,
            });
            sent.map(|member| (subject_of(member.id), self.as_sent(member))).collect()
        };
        let locks = inherited(self.locks.set());
        let rule = |breakout| Rule { people: people(breakout), locks };
        (0_u8..).zip(&round.breakouts).map(|(number, one)| (one.room, rule(number))).collect()
    }

    fn as_sent(&self, member: &Member) -> Sent {
        Sent { role: member.role, exceptions: self.locks.exceptions_of(member.id) }
    }

    /// What lets `who` into a breakout under `claim`, until `expires_at`; `None` when either
    /// is not there any more, or nameless.
    pub(crate) fn pass(&self, event: &Event, expires_at: Timestamp) -> Option<Pass> {
        let Event::BreakoutPassed { participant, breakout, claim } = *event else { return None };
        let member = self.roster.get(participant)?;
        let one = self.breakouts.open()?.require(breakout).ok()?;
        Some(Pass {
            claim: Claim {
                id: claim,
                issuer: ISSUER.to_owned(),
                tenant: self.identity.tenant.clone(),
                room: one.room,
                subject: subject_of(participant).into(),
                name: member.name.as_ref().cloned()?.into(),
                role: member.role,
                standing: member.standing,
                sources: member.claimed,
                guest_link: None,
                expires_at,
            },
            config: self.child_config(),
        })
    }

    fn child_config(&self) -> MeetingConfig {
        let Self { config, identity, .. } = self;
        let parent = Parent { room: identity.room, meeting: identity.meeting };
        // What moderators call it is theirs, and rooms are kept in clear.
        MeetingConfig::new(config.name.clone())
            .locks(inherited(self.locks.set()))
            .rejoin_grace(config.rejoin_grace)
            .empty_after(EMPTY_AFTER)
            .max_participants(config.max_participants)
            .chat_history(config.chat_history)
            .late_chat(config.late_chat)
            .private_history(config.private_history)
            .chat_burst(config.chat_burst)
            .guests(GuestPolicy::Accept)
            .video_codec(config.video_codec)
            .breakout_of(parent)
    }
}
