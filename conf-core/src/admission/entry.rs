//! Who comes in, who waits and who is turned away.

use crate::admission::claim::Claim;
use crate::admission::lobby::Waiter;
use crate::admission::policy::{Starter, Unattended};
use crate::denied::Denied;
use crate::event::{Event, LeaveReason, WaitEnd};
use crate::id::{IdSource, ParticipantId, SessionId};
use crate::meeting::roster::{Link, Member};
use crate::meeting::state::State;
use crate::policy::action::Action;
use crate::policy::role::{Role, Standing};
use crate::policy::{self, Actor, Verdict};
use crate::time::Timestamp;

/// What a claim comes to. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Its holder is here already, with the same rights.
    Here(ParticipantId),
    /// Its holder comes in as someone new.
    Enters,
    /// Its holder waits in the lobby, or will.
    Waits,
}

/// Draws for a decision nobody keeps.
struct Unkept;

impl IdSource for Unkept {
    fn draw(&mut self) -> u128 {
        0
    }
}

impl State {
    /// What [`decide_join`](Self::decide_join) would come to by a session of its own.
    pub(crate) fn admission(&self, now: Timestamp, claim: &Claim) -> Result<Admission, Denied> {
        // By a session that speaks for nobody yet, as a new one does.
        let fresh = (0..).map(SessionId::from_number).find(|session| {
            self.roster.participant_of(*session).is_none()
                && self.lobby.by_session(*session).is_none()
        });
        let session = fresh.unwrap_or(SessionId::from_number(0));
        let events = self.decide_join(now, &mut Unkept, session, claim)?;
        Ok(events.iter().fold(Admission::Waits, |found, event| match event {
            Event::Rejoined { participant, .. } => Admission::Here(*participant),
            Event::Joined { .. } => Admission::Enters,
            _ => found,
        }))
    }

    /// Meets the holder of `claim`: as themselves again, as someone new, or as
    /// someone who waits. No events: this session is in (or waits) already.
    ///
    /// A known person whose new claim carries other rights goes and comes
    /// anew: rights never change under an id, nor do old ones outlive their claim.
    pub(crate) fn decide_join(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        session: SessionId,
        claim: &Claim,
    ) -> Result<Vec<Event>, Denied> {
        self.check_claim(now, claim)?;
        self.door.check_sent_away(claim)?;

        let member = self.roster.members().iter().find(|m| m.is_same_person(claim));
        let waiter = self.lobby.waiting().iter().find(|w| w.person.is_same_person(claim));
        let known = member.or(waiter.map(|waiter| &waiter.person));
        let speaks_for = self.roster.participant_of(session);
        let speaks_for = speaks_for.or(self.lobby.by_session(session).map(|w| w.person.id));
        if speaks_for.is_some() && speaks_for != known.map(|person| person.id) {
            return Err(Denied::ClaimRefused { reason: "session" });
        }
        if let Some(person) = known.filter(|person| person.has_rights_of(claim)) {
            if person.session() == Some(session) {
                return Ok(Vec::new());
            }
            let (participant, claim) = (person.id, Some(claim.id));
            return Ok(vec![match member {
                Some(_) => Event::Rejoined { participant, session, claim },
                None => Event::WaitResumed { participant, session, claim },
            }]);
        }

        // Who comes into a breakout was sent by the meeting it belongs to.
        if known.is_none() && self.config.breakout_of.is_none() {
            self.door.check_newcomer(claim)?;
            policy::check(newcomer(claim.role, claim.standing), self.locks.set(), Action::Enter)?;
        }
        if member.is_none() {
            self.check_places()?;
        }
        let mut events = Vec::new();
        events.extend(
            member.map(|member| Event::Left {
                participant: member.id,
                reason: LeaveReason::Replaced,
            }),
        );
        events.extend(waiter.map(|waiter| Event::WaitEnded {
            participant: waiter.person.id,
            reason: WaitEnd::Replaced,
        }));
        let person = Member::newcomer(ParticipantId::from_number(ids.draw()), session, claim);
        events.push(if self.may_enter(claim.role, claim.standing, member) {
            person.joined(session)
        } else {
            let places = self.config.lobby_places;
            let taken = self.lobby.waiting().len() - usize::from(waiter.is_some());
            if taken >= usize::try_from(places).unwrap_or(usize::MAX) {
                return Err(Denied::LobbyFull { max: places });
            }
            person.wait_began(session)
        });
        Ok(events)
    }

    /// Lets one in who waits.
    pub(crate) fn decide_admit(
        &self,
        by: ParticipantId,
        target: ParticipantId,
    ) -> Result<Vec<Event>, Denied> {
        let waiter = self.lobby.get(target).ok_or(Denied::NoSuchParticipant)?;
        self.check_places()?;
        Ok(let_in(waiter, Some(by)))
    }

    /// Lets everyone in who waits, first come first, as far as there are places.
    pub(crate) fn decide_admit_all(&self, by: ParticipantId) -> Result<Vec<Event>, Denied> {
        if self.lobby.waiting().is_empty() {
            return Ok(Vec::new());
        }
        self.check_places()?;
        let free = self.free_places();
        Ok(self.lobby.waiting().iter().take(free).flat_map(|w| let_in(w, Some(by))).collect())
    }

    /// Sends one away who waits; the claims they showed admit them no more.
    pub(crate) fn decide_deny(
        &self,
        by: ParticipantId,
        target: ParticipantId,
    ) -> Result<Vec<Event>, Denied> {
        self.lobby.get(target).ok_or(Denied::NoSuchParticipant)?;
        let reason = WaitEnd::Denied { by };
        Ok(vec![Event::WaitEnded { participant: target, reason }])
    }

    /// The first who waits, is there, and need not wait any longer, comes in.
    ///
    /// Asked after every change until nobody is left, so that no rule has to
    /// know what all can end a wait.
    pub(crate) fn follow_wait(&self) -> Vec<Event> {
        if self.lifecycle.ended.is_some() || self.free_places() == 0 {
            return Vec::new();
        }
        let freed = self.lobby.waiting().iter().find(|Waiter { person, .. }| {
            let locked = policy::verdict(
                newcomer(person.role, person.standing),
                self.locks.set(),
                Action::Enter,
            ) != Verdict::Allowed;
            person.is_connected() && !locked && self.may_enter(person.role, person.standing, None)
        });
        freed.map(|waiter| let_in(waiter, None)).unwrap_or_default()
    }

    fn check_claim(&self, now: Timestamp, claim: &Claim) -> Result<(), Denied> {
        let reason = if claim.room != self.identity.room {
            "room"
        } else if claim.tenant != self.identity.tenant {
            "tenant"
        } else if claim.expires_at <= now {
            "expired"
        } else {
            return Ok(());
        };
        Err(Denied::ClaimRefused { reason })
    }

    fn check_places(&self) -> Result<(), Denied> {
        match self.free_places() {
            0 => Err(Denied::Full { max: self.config.max_participants }),
            _ => Ok(()),
        }
    }

    fn free_places(&self) -> usize {
        let max = usize::try_from(self.config.max_participants).unwrap_or(usize::MAX);
        max.saturating_sub(self.roster.members().len())
    }

    /// Whether such a person comes in without waiting, now that `gone` is no longer there.
    fn may_enter(&self, role: Role, standing: Standing, gone: Option<&Member>) -> bool {
        self.config.breakout_of.is_some()
            || role == Role::Moderator
            || !(self.door.must_ask(role, standing) || self.lacks_moderator(gone))
    }

    /// Whether newcomers wait because no moderator came yet, or none is connected.
    pub(crate) fn lacks_moderator(&self, gone: Option<&Member>) -> bool {
        let unstarted = self.config.starter == Starter::Moderator && !self.lifecycle.moderator_came;
        let unattended = self.config.unattended == Unattended::Wait
            && self.roster.connected_moderator(gone.map(|member| member.id)).is_none();
        unstarted || unattended
    }
}

/// What authority judges someone by who is not in yet.
fn newcomer(role: Role, standing: Standing) -> Actor {
    Actor { role, standing, presenter: false }
}

/// From the lobby into the meeting; a lost link stays lost.
fn let_in(waiter: &Waiter, by: Option<ParticipantId>) -> Vec<Event> {
    let Waiter { person, last, .. } = waiter;
    let participant = person.id;
    let mut events = vec![
        Event::WaitEnded { participant, reason: WaitEnd::Admitted { by } },
        person.joined(*last),
    ];
    if let Link::Lost { until } = person.link {
        events.push(Event::LinkLost { participant, until });
    }
    events
}
