//! Who is here: admission by claim, the newest session wins, a place is kept
//! for a while after a broken link.

use crate::admission::claim::Claim;
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{Entry, Event, LeaveReason};
use crate::id::{IdSource, ParticipantId, SessionId};
use crate::meeting::Identity;
use crate::personal::{Personal, PersonalField};
use crate::policy::role::{Role, Standing};
use crate::stage::source::SourceSet;
use crate::text::{DisplayName, Subject};
use crate::time::Timestamp;

/// Everyone who has a place, in the order they joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Roster {
    members: Vec<Member>,
}

/// One place in the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Member {
    pub(crate) id: ParticipantId,
    pub(crate) issuer: String,
    pub(crate) subject: Personal<Subject>,
    pub(crate) name: Personal<DisplayName>,
    pub(crate) role: Role,
    pub(crate) standing: Standing,
    /// Sources the claim allows.
    pub(crate) claimed: SourceSet,
    pub(crate) link: Link,
}

/// Whether someone can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum Link {
    /// By this session.
    Alive { session: SessionId },
    /// Not now; the place is kept until then.
    Lost { until: Timestamp },
}

impl Member {
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.link {
            Link::Alive { session } => Some(session),
            Link::Lost { .. } => None,
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.session().is_some()
    }

    /// Whether `claim` is this person's. An erased subject is nobody's.
    fn is_same_person(&self, claim: &Claim) -> bool {
        self.subject.as_ref().is_some()
            && self.subject == claim.subject
            && self.issuer == claim.issuer
    }

    fn has_rights_of(&self, claim: &Claim) -> bool {
        (self.role, self.standing, self.claimed) == (claim.role, claim.standing, claim.sources)
    }
}

impl Roster {
    /// Admits the holder of `claim`: as themselves again, or as someone new.
    ///
    /// A known person whose new claim carries other rights leaves and comes in
    /// anew: rights never change under an id, nor do old ones outlive their claim.
    pub(crate) fn decide_join(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        identity: &Identity,
        config: &MeetingConfig,
        session: SessionId,
        claim: &Claim,
    ) -> Result<Vec<Event>, Denied> {
        let reason = if claim.room != identity.room {
            Some("room")
        } else if claim.tenant != identity.tenant {
            Some("tenant")
        } else if claim.expires_at <= now {
            Some("expired")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(Denied::ClaimRefused { reason });
        }

        let known = self.members.iter().find(|member| member.is_same_person(claim));
        let speaks_for = self.participant_of(session);
        if speaks_for.is_some() && speaks_for != known.map(|member| member.id) {
            return Err(Denied::ClaimRefused { reason: "session" });
        }
        if let Some(member) = known.filter(|member| member.has_rights_of(claim)) {
            if member.session() == Some(session) {
                return Ok(Vec::new());
            }
            return Ok(vec![Event::Rejoined { participant: member.id, session }]);
        }

        let max = config.max_participants;
        if known.is_none() && self.members.len() >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Denied::Full { max });
        }
        let replaced = known
            .map(|member| Event::Left { participant: member.id, reason: LeaveReason::Replaced });
        let joined = Event::Joined {
            participant: ParticipantId::from_number(ids.draw()),
            session,
            claim: claim.id,
            issuer: claim.issuer.clone(),
            subject: claim.subject.clone(),
            name: claim.name.clone(),
            role: claim.role,
            standing: claim.standing,
            sources: claim.sources,
        };
        Ok(replaced.into_iter().chain([joined]).collect())
    }

    /// A broken link; a session that speaks for nobody breaks nothing.
    pub(crate) fn decide_link_lost(
        &self,
        now: Timestamp,
        config: &MeetingConfig,
        session: SessionId,
    ) -> Option<Event> {
        let participant = self.participant_of(session)?;
        Some(Event::LinkLost { participant, until: now + config.rejoin_grace })
    }

    /// After a restart no link of before is alive.
    pub(crate) fn decide_recovered(&self, now: Timestamp, config: &MeetingConfig) -> Vec<Event> {
        let until = now + config.rejoin_grace;
        self.members
            .iter()
            .filter(|member| member.is_connected())
            .map(|member| Event::LinkLost { participant: member.id, until })
            .collect()
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Joined {
                participant,
                session,
                claim: _,
                issuer,
                subject,
                name,
                role,
                standing,
                sources,
            } => self.members.push(Member {
                id: *participant,
                issuer: issuer.clone(),
                subject: subject.clone(),
                name: name.clone(),
                role: *role,
                standing: *standing,
                claimed: *sources,
                link: Link::Alive { session: *session },
            }),
            Event::Rejoined { participant, session } => {
                self.relink(*participant, Link::Alive { session: *session });
            }
            Event::LinkLost { participant, until } => {
                self.relink(*participant, Link::Lost { until: *until });
            }
            Event::Left { participant, .. } => self.members.retain(|m| m.id != *participant),
            _ => {}
        }
    }

    pub(crate) fn get(&self, id: ParticipantId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// Who is named, or the refusal that there is no such person.
    pub(crate) fn require(&self, id: ParticipantId) -> Result<&Member, Denied> {
        self.get(id).ok_or(Denied::NoSuchParticipant)
    }

    /// Everyone, in the order they joined.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Who a session speaks for now.
    pub(crate) fn participant_of(&self, session: SessionId) -> Option<ParticipantId> {
        self.members.iter().find(|m| m.session() == Some(session)).map(|m| m.id)
    }

    /// Whether a person has a place; machines alone hold no meeting.
    pub(crate) fn has_people(&self) -> bool {
        self.members.iter().any(|member| member.role != Role::Service)
    }

    /// The connected moderator who is here longest, `gone` aside.
    pub(crate) fn heir_of(&self, gone: ParticipantId) -> Option<ParticipantId> {
        self.members
            .iter()
            .find(|m| m.id != gone && m.role == Role::Moderator && m.is_connected())
            .map(|m| m.id)
    }

    /// Shows every personal field, in the order people joined.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for member in &mut self.members {
            visit(member.id, &mut member.subject);
            visit(member.id, &mut member.name);
        }
    }

    fn relink(&mut self, id: ParticipantId, link: Link) {
        if let Some(member) = self.members.iter_mut().find(|member| member.id == id) {
            member.link = link;
        }
    }
}
