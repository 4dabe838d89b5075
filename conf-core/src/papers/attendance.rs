//! Attendance: who was there from when to when. Nothing is kept unless the room asks for it.

use std::collections::BTreeMap;

use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{Entry, Event, Newcomer};
use crate::id::ParticipantId;
use crate::personal::{Personal, PersonalField};
use crate::policy::role::{Role, Standing};
use crate::text::{DisplayName, Subject};
use crate::time::Timestamp;
use crate::view::{AttendancePage, StayView};

/// Most stays kept. Who comes after that is counted and not listed.
const MOST_STAYS: usize = 10_000;

/// Most stays shown at once.
const PAGE: usize = 1_000;

/// Every stay of every person, in the order they came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Attendance {
    on: bool,
    stays: Vec<Stay>,
    /// How many stays came when no more were kept.
    left_out: u32,
}

/// One person, once, from coming to going.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Stay {
    participant: ParticipantId,
    issuer: String,
    subject: Personal<Subject>,
    name: Personal<DisplayName>,
    role: Role,
    standing: Standing,
    from: Timestamp,
    /// Since when they are gone or out of reach.
    until: Option<Timestamp>,
}

impl Stay {
    fn view(&self, person: ParticipantId) -> StayView {
        StayView {
            participant: self.participant,
            person,
            name: self.name.clone(),
            role: self.role,
            standing: self.standing,
            from: self.from,
            until: self.until,
        }
    }
}

impl Attendance {
    pub(crate) fn new(config: &MeetingConfig) -> Self {
        Self { on: config.attendance, stays: Vec::new(), left_out: 0 }
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Joined(Newcomer { role: Role::Service, .. }) => {}
            Event::Joined(who) if self.on => {
                if self.stays.len() >= MOST_STAYS {
                    self.left_out = self.left_out.saturating_add(1);
                    return;
                }
                self.stays.push(Stay {
                    participant: who.participant,
                    issuer: who.issuer.clone(),
                    subject: who.subject.clone(),
                    name: who.name.clone(),
                    role: who.role,
                    standing: who.standing,
                    from: entry.at,
                    until: None,
                });
            }
            // Whoever does not come back was there until their link broke.
            Event::LinkLost { participant, .. } | Event::Left { participant, .. } => {
                self.change(*participant, |stay| stay.until = stay.until.or(Some(entry.at)));
            }
            Event::Rejoined { participant, .. } => {
                self.change(*participant, |stay| stay.until = None);
            }
            Event::Renamed { participant, name, .. } => {
                self.change(*participant, |stay| stay.name = name.clone());
            }
            Event::RoleChanged { participant, role, .. } => {
                self.change(*participant, |stay| stay.role = *role);
            }
            _ => {}
        }
    }

    /// The stays from number `from` on, as many as are shown at once.
    pub(crate) fn page(&self, from: u32) -> Result<AttendancePage, Denied> {
        if !self.on {
            return Err(Denied::AttendanceOff);
        }
        let first = usize::try_from(from).unwrap_or(usize::MAX);
        let mut persons = BTreeMap::new();
        let stays = self.stays.iter().map(|stay| {
            // An erased subject is nobody's: such a stay stands alone.
            let key = stay.subject.as_ref().map(|subject| (&stay.issuer, subject));
            let person =
                key.map_or(stay.participant, |key| *persons.entry(key).or_insert(stay.participant));
            stay.view(person)
        });
        let stays = stays.skip(first).take(PAGE).collect();
        let total = u32::try_from(self.stays.len()).unwrap_or(u32::MAX);
        Ok(AttendancePage { from, stays, total, left_out: self.left_out })
    }

    /// Shows every personal field, in the order people came.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for stay in &mut self.stays {
            visit(stay.participant, &mut stay.subject);
            visit(stay.participant, &mut stay.name);
        }
    }

    /// The stay of someone who is here; ids are not used twice.
    fn change(&mut self, who: ParticipantId, change: impl FnOnce(&mut Stay)) {
        if let Some(stay) = self.stays.iter_mut().rev().find(|stay| stay.participant == who) {
            change(stay);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EVENT_VERSION;
    use crate::id::{ClaimId, SessionId};
    use crate::stage::source::SourceSet;
    use crate::text::RoomName;

    #[test]
    fn who_comes_after_the_last_stay_that_is_kept_is_counted() {
        let config = MeetingConfig::new(RoomName::new("Hall").expect("a fixed, valid name"));
        let mut attendance = Attendance::new(&config.attendance(true));
        let most = MOST_STAYS as u64;
        for number in 0..most + 3 {
            let event = Event::Joined(Newcomer {
                participant: ParticipantId::from_number(number.into()),
                session: SessionId::from_number(number.into()),
                claim: ClaimId::from_number(1),
                issuer: "conf".to_owned(),
                subject: Personal::Erased,
                name: Personal::Erased,
                role: Role::Participant,
                standing: Standing::Guest,
                sources: SourceSet::NONE,
            });
            let at = Timestamp(number);
            attendance.apply(&Entry { seq: number + 2, at, version: EVENT_VERSION, event });
        }
        let page = attendance.page(9_500).expect("it is kept");
        assert_eq!((page.stays.len(), page.total, page.left_out), (500, 10_000, 3));
        assert_eq!(attendance.page(u32::MAX).expect("it is kept").stays, []);
    }
}
