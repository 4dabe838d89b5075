//! The learning view: what each person did so far, in sums. Nothing is counted unless the room
//! asks for it, and nothing that was done out of sight: no private line, no anonymous vote.

pub(crate) mod figures;
pub(crate) mod talk;

use std::collections::BTreeMap;

use self::figures::Figures;
use self::talk::{Talk, TalkTime, Talked};
use crate::config::MeetingConfig;
use crate::denied::Denied;
use crate::event::{Entry, Event, Newcomer, PollAnswered};
use crate::id::ParticipantId;
use crate::personal::{Personal, PersonalField};
use crate::policy::role::{Role, Standing};
use crate::text::{DisplayName, Subject};
use crate::time::{Span, Timestamp};
use crate::view::{FiguresView, LearningPage};

/// Most stays counted. What is done in a stay after that is counted for nobody.
const MOST_STAYS: usize = 10_000;

/// Most people shown at once.
const PAGE: usize = 500;

/// What everyone did, by the stay they did it in.
///
/// Who is who is only asked when figures are shown: then an erased person is nobody, and a
/// replay without them adds up to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Learning {
    on: bool,
    stays: Vec<Stay>,
    /// How many stays came when no more were counted.
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
    /// Goes with the person: what an erased one did is not known any more.
    figures: Personal<Figures>,
}

impl Stay {
    /// Who it is, in whatever stay; `None` for an erased person, who is nobody.
    fn person(&self) -> Option<(&str, &Subject)> {
        self.subject.as_ref().map(|subject| (self.issuer.as_str(), subject))
    }
}

impl Learning {
    pub(crate) fn new(config: &MeetingConfig) -> Self {
        Self { on: config.learning, stays: Vec::new(), left_out: 0 }
    }

    /// Who was heard for how long since it was last told, of those who are counted.
    ///
    /// Nobody talks for longer than they are there, whatever was measured.
    pub(crate) fn decide_talked(
        &self,
        now: Timestamp,
        heard: &BTreeMap<ParticipantId, Span>,
    ) -> Option<Event> {
        let people: Vec<_> = heard
            .iter()
            .filter_map(|(&participant, &span)| {
                let figures = self.stay(participant)?.figures.as_ref()?;
                let time = figures.can_have_talked(now).min(span);
                (time > Span(0)).then(|| Talk { participant, time: TalkTime(time).into() })
            })
            .collect();
        (!people.is_empty()).then_some(Event::Talked(Talked { people }))
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        if !self.on {
            return;
        }
        match &entry.event {
            Event::Joined(Newcomer { role: Role::Service, .. }) => {}
            Event::Joined(who) => {
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
                    figures: match who.subject {
                        Personal::Present(_) => Figures::begun(entry.at).into(),
                        Personal::Erased => Personal::Erased,
                    },
                });
            }
            // Whoever does not come back was there until their link broke.
            Event::LinkLost { participant, .. } | Event::Left { participant, .. } => {
                self.count(*participant, |figures| figures.gone(entry.at));
            }
            Event::Rejoined { participant, .. } => self.count(*participant, Figures::back),
            Event::Renamed { participant, name, .. } => {
                self.change(*participant, |stay| stay.name = name.clone());
            }
            Event::RoleChanged { participant, role, .. } => {
                self.change(*participant, |stay| stay.role = *role);
            }
            Event::Talked(Talked { people }) => {
                for Talk { participant, time } in people {
                    let Some(TalkTime(span)) = time.as_ref() else { continue };
                    self.count(*participant, |figures| figures.talked(*span));
                }
            }
            Event::HandRaised { participant } => {
                self.count(*participant, Figures::raised_a_hand);
            }
            Event::Voted { poll, by, .. } | Event::PollAnswered(PollAnswered { poll, by, .. }) => {
                self.count(*by, |figures| figures.answered(*poll));
            }
            Event::ChatSent { from, to: None, .. } => self.count(*from, Figures::wrote),
            _ => {}
        }
    }

    /// The figures of everyone, in the order they first came, from number `from` on: as many as
    /// are shown at once.
    pub(crate) fn page(&self, now: Timestamp, from: u32) -> Result<LearningPage, Denied> {
        if !self.on {
            return Err(Denied::LearningOff);
        }
        let mut order = Vec::new();
        let mut people = BTreeMap::<_, Vec<&Stay>>::new();
        for stay in &self.stays {
            let Some(person) = stay.person() else { continue };
            let stays = people.entry(person).or_default();
            if stays.is_empty() {
                order.push(person);
            }
            stays.push(stay);
        }
        let first = usize::try_from(from).unwrap_or(usize::MAX);
        let total = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let shown = order.iter().skip(first).take(PAGE);
        let people = shown.filter_map(|person| shown_as(now, people.get(person)?)).collect();
        Ok(LearningPage { from, people, total, left_out: self.left_out })
    }

    /// The figures of `who`, as moderators are shown them.
    pub(crate) fn own(&self, now: Timestamp, who: ParticipantId) -> Result<FiguresView, Denied> {
        if !self.on {
            return Err(Denied::LearningOff);
        }
        let person = self.stay(who).and_then(Stay::person).ok_or(Denied::NotCounted)?;
        let stays: Vec<_> =
            self.stays.iter().filter(|stay| stay.person() == Some(person)).collect();
        shown_as(now, &stays).ok_or(Denied::NotCounted)
    }

    /// Shows every personal field, in the order people came.
    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        for stay in &mut self.stays {
            visit(stay.participant, &mut stay.subject);
            visit(stay.participant, &mut stay.name);
            visit(stay.participant, &mut stay.figures);
        }
    }

    /// The stay of someone who is or was here; ids are not used twice.
    fn stay(&self, who: ParticipantId) -> Option<&Stay> {
        self.stays.iter().rev().find(|stay| stay.participant == who)
    }

    fn change(&mut self, who: ParticipantId, change: impl FnOnce(&mut Stay)) {
        if let Some(stay) = self.stays.iter_mut().rev().find(|stay| stay.participant == who) {
            change(stay);
        }
    }

    fn count(&mut self, who: ParticipantId, count: impl FnOnce(&mut Figures)) {
        self.change(who, |stay| {
            if let Personal::Present(figures) = &mut stay.figures {
                count(figures);
            }
        });
    }
}

/// What one person did in all of their stays; named and seen as they were last.
fn shown_as(now: Timestamp, stays: &[&Stay]) -> Option<FiguresView> {
    let (first, last) = (stays.first()?, stays.last()?);
    let counted = stays.iter().filter_map(|stay| stay.figures.as_ref());
    let sum = counted.fold(None, |sum: Option<Figures>, figures| {
        Some(sum.map_or_else(|| figures.clone(), |sum| sum.and(figures)))
    })?;
    Some(FiguresView {
        person: first.participant,
        name: last.name.clone(),
        role: last.role,
        standing: last.standing,
        here: sum.is_here(),
        present: sum.present(now),
        talked: sum.talked,
        hands: sum.hands,
        polls: sum.polls,
        messages: sum.messages,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EVENT_VERSION;
    use crate::id::{ClaimId, SessionId};
    use crate::stage::source::SourceSet;
    use crate::text::RoomName;

    #[test]
    fn who_comes_after_the_last_stay_that_is_counted_is_counted_for_nobody() {
        let config = MeetingConfig::new(RoomName::new("Hall").expect("a fixed, valid name"));
        let mut learning = Learning::new(&config.learning(true));
        let most = MOST_STAYS as u64;
        let who = |number: u64| ParticipantId::from_number(number.into());
        for number in 0..most + 3 {
            let subject = Subject::new(&format!("person-{number}")).expect("a valid subject");
            let event = Event::Joined(Newcomer {
                participant: who(number),
                session: SessionId::from_number(number.into()),
                claim: ClaimId::from_number(1),
                issuer: "conf".to_owned(),
                subject: subject.into(),
                name: Personal::Erased,
                role: Role::Participant,
                standing: Standing::Guest,
                sources: SourceSet::NONE,
            });
            let at = Timestamp(number);
            learning.apply(&Entry { seq: number + 2, at, version: EVENT_VERSION, event });
        }
        let now = Timestamp(most + 3);
        let page = learning.page(now, 9_900).expect("it is on");
        assert_eq!((page.people.len(), page.total, page.left_out), (100, 10_000, 3));
        assert_eq!(learning.page(now, 0).expect("it is on").people.len(), PAGE);
        assert_eq!(learning.page(now, u32::MAX).expect("it is on").people, []);
        assert_eq!(learning.own(now, who(most)), Err(Denied::NotCounted));
        let heard = BTreeMap::from([(who(most), Span(500)), (who(0), Span(most * 2))]);
        let Some(Event::Talked(Talked { people })) = learning.decide_talked(now, &heard) else {
            panic!("somebody who is counted talked");
        };
        let time = TalkTime(Span(most + 3)).into();
        assert_eq!(people, [Talk { participant: who(0), time }], "and only while they were there");
    }
}
