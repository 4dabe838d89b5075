//! Who is here: the newest session wins, a place is kept for a while after a broken link.

use crate::admission::claim::Claim;
use crate::denied::Denied;
use crate::event::{Entry, Event, Newcomer};
use crate::id::{ClaimId, ParticipantId, SessionId};
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
    /// What the claim makes them, whatever a moderator made of them since.
    pub(crate) claimed_role: Role,
    pub(crate) standing: Standing,
    /// Sources the claim allows.
    pub(crate) claimed: SourceSet,
    /// The claims they showed, newest last. Whoever has shown more than are
    /// kept could as well show a new one: only a ban looks beyond claims.
    pub(crate) claims: Vec<ClaimId>,
    pub(crate) link: Link,
    /// When they came; the beginning of time in states that did not say.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(crate) since: Timestamp,
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

/// Most claims remembered of one person.
const CLAIMS: usize = 16;

impl Member {
    /// Whoever comes by `claim` for the first time.
    pub(crate) fn newcomer(id: ParticipantId, session: SessionId, claim: &Claim) -> Self {
        Self {
            id,
            issuer: claim.issuer.clone(),
            subject: claim.subject.clone(),
            name: claim.name.clone(),
            role: claim.role,
            claimed_role: claim.role,
            standing: claim.standing,
            claimed: claim.sources,
            claims: vec![claim.id],
            link: Link::Alive { session },
            since: Timestamp::default(),
        }
    }

    /// That they are here now, by `session`.
    pub(crate) fn joined(&self, session: SessionId) -> Event {
        Event::Joined(self.came(session))
    }

    /// That they wait now, by `session`.
    pub(crate) fn wait_began(&self, session: SessionId) -> Event {
        Event::WaitBegan(self.came(session))
    }

    fn came(&self, session: SessionId) -> Newcomer {
        Newcomer {
            participant: self.id,
            session,
            claim: self.newest_claim(),
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            name: self.name.clone(),
            role: self.role,
            standing: self.standing,
            sources: self.claimed,
        }
    }

    /// Remembers a further claim of theirs.
    pub(crate) fn presents(&mut self, claim: Option<ClaimId>) {
        let Some(claim) = claim else { return };
        self.claims.retain(|known| *known != claim);
        self.claims.push(claim);
        if self.claims.len() > CLAIMS {
            self.claims.remove(0);
        }
    }

    fn newest_claim(&self) -> ClaimId {
        self.claims.last().copied().expect("a person comes by a claim, and one is always kept")
    }

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
    pub(crate) fn is_same_person(&self, claim: &Claim) -> bool {
        self.subject.as_ref().is_some()
            && self.subject == claim.subject
            && self.issuer == claim.issuer
    }

    /// Whether `claim` claims what this person came with: what a moderator made of
    /// them since is theirs as long as they are here.
    pub(crate) fn has_rights_of(&self, claim: &Claim) -> bool {
        (self.claimed_role, self.standing, self.claimed)
            == (claim.role, claim.standing, claim.sources)
    }
}

impl From<&Newcomer> for Member {
    fn from(who: &Newcomer) -> Self {
        Self {
            id: who.participant,
            issuer: who.issuer.clone(),
            subject: who.subject.clone(),
            name: who.name.clone(),
            role: who.role,
            claimed_role: who.role,
            standing: who.standing,
            claimed: who.sources,
            claims: vec![who.claim],
            link: Link::Alive { session: who.session },
            since: Timestamp::default(),
        }
    }
}

impl Roster {
    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Joined(who) => {
                self.members.push(Member { since: entry.at, ..Member::from(who) });
            }
            Event::Rejoined { participant, session, claim } => {
                self.relink(*participant, Link::Alive { session: *session });
                if let Some(member) = self.members.iter_mut().find(|m| m.id == *participant) {
                    member.presents(*claim);
                }
            }
            Event::LinkLost { participant, until } => {
                self.relink(*participant, Link::Lost { until: *until });
            }
            Event::RoleChanged { participant, role, .. } => {
                if let Some(member) = self.members.iter_mut().find(|m| m.id == *participant) {
                    member.role = *role;
                }
            }
            Event::Renamed { participant, name, .. } => {
                if let Some(member) = self.members.iter_mut().find(|m| m.id == *participant) {
                    member.name = name.clone();
                }
            }
            Event::Left { participant, .. } => self.members.retain(|m| m.id != *participant),
            _ => {}
        }
    }

    /// Calls a person something else.
    pub(crate) fn decide_rename(
        &self,
        by: ParticipantId,
        target: ParticipantId,
        name: &DisplayName,
    ) -> Result<Option<Event>, Denied> {
        let member = self.require(target)?;
        if member.role == Role::Service {
            return Err(Denied::NotAPerson);
        }
        let changes = member.name.as_ref() != Some(name);
        let name = name.clone().into();
        Ok(changes.then_some(Event::Renamed { participant: target, name, by }))
    }

    /// Makes a member who takes part a moderator.
    pub(crate) fn decide_promote(
        &self,
        by: ParticipantId,
        target: ParticipantId,
    ) -> Result<Option<Event>, Denied> {
        let member = self.require(target)?;
        match (member.role, member.standing) {
            (Role::Service, _) => Err(Denied::NotAPerson),
            (Role::Moderator, _) => Ok(None),
            (Role::Participant, Standing::Guest) => Err(Denied::GuestNotPromoted),
            (Role::Participant, Standing::Member) => {
                Ok(Some(Event::RoleChanged { participant: target, role: Role::Moderator, by }))
            }
        }
    }

    /// Makes a moderator a participant. Whoever asks is a connected moderator, so only
    /// by asking it of oneself could the last one go.
    pub(crate) fn decide_demote(
        &self,
        by: ParticipantId,
        target: ParticipantId,
    ) -> Result<Option<Event>, Denied> {
        match self.require(target)?.role {
            Role::Service => Err(Denied::NotAPerson),
            Role::Participant => Ok(None),
            Role::Moderator if by == target && self.connected_moderator(Some(by)).is_none() => {
                Err(Denied::LastModerator)
            }
            Role::Moderator => {
                Ok(Some(Event::RoleChanged { participant: target, role: Role::Participant, by }))
            }
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
    pub(crate) fn connected_moderator(&self, gone: Option<ParticipantId>) -> Option<ParticipantId> {
        self.members
            .iter()
            .find(|m| Some(m.id) != gone && m.role == Role::Moderator && m.is_connected())
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
