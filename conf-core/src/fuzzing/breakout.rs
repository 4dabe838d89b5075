//! Arbitrary breakouts: what is asked of them, what they report, what they are held to.

use super::Watched;
use crate::collab::breakout::plan::Planned;
use crate::collab::breakout::report::Report;
use crate::collab::breakout::rule::{Rule, Sent};
use crate::event::Event;
use crate::id::{ParticipantId, RoomId};
use crate::input::{Command, Input};
use crate::policy::lock::{Lock, LockSet};
use crate::policy::role::Role;
use crate::text::{BreakoutName, ChatText};
use crate::view::BreakoutView;

impl Watched {
    /// A command about breakouts by three bytes of a step.
    pub(super) fn breakout_command(&self, [what, whom, more]: [u8; 3]) -> Command {
        let breakout = more % 3;
        match what {
            74 if more >= 224 => Command::CloseBreakouts,
            74 | 75 => {
                let planned = |number: u8| Planned {
                    name: BreakoutName::new(&format!("Person\u{2019}s group {number}"))
                        .expect("a fixed, valid name"),
                    members: self.some_members(whom.wrapping_add(number), more),
                };
                let count = if more % 16 == 0 { 1 } else { 3 };
                let breakouts = (0..count).map(planned).collect();
                let minutes = (more % 4 == 0).then_some(u16::from(whom % 4));
                Command::OpenBreakouts { breakouts, choice: whom % 2 == 0, minutes }
            }
            76 if more % 2 == 0 => Command::EnterBreakout { breakout },
            76 => {
                let breakout = (more % 8 > 0).then_some(more % 4);
                Command::AssignBreakout { target: self.someone(whom), breakout }
            }
            77 if more % 4 == 0 => Command::ExtendBreakouts { minutes: u16::from(whom % 4) },
            77 if more % 4 == 1 => {
                let text = ChatText::new("two more minutes").expect("a fixed, valid text");
                Command::TellBreakouts { text }
            }
            77 if more % 4 == 2 => Command::EnterBreakout { breakout },
            _ => Command::CallHelp,
        }
    }

    /// Who opens breakouts or calls for help from one, mostly: arbitrary people seldom may.
    pub(super) fn some_host_or_caller(&self, [what, whom, more]: [u8; 3]) -> Option<ParticipantId> {
        let mut members = self.meeting.state().roster.members().iter();
        let who = match what {
            75 => members.find(|m| m.role == Role::Moderator).map(|m| m.id),
            78 => self.some_group(whom).and_then(|(_, group)| group.inside.first().copied()),
            _ => None,
        };
        who.filter(|_| more % 4 > 0)
    }

    /// Whom a breakout is opened for: a person who is here, or now and then just anyone.
    fn some_members(&self, whom: u8, more: u8) -> Vec<ParticipantId> {
        if more.is_multiple_of(8) {
            return vec![self.someone(whom)];
        }
        let members = self.meeting.state().roster.members().iter();
        let people: Vec<_> = members.filter(|m| m.role != Role::Service).map(|m| m.id).collect();
        people.get(usize::from(whom) % people.len().max(1)).copied().into_iter().collect()
    }

    /// A breakout somebody is in, by its number, or now and then none.
    fn some_group(&self, byte: u8) -> Option<(u8, BreakoutView)> {
        let state = self.meeting.state();
        let view = state.breakouts.view(ParticipantId::from_number(0), Role::Moderator)?;
        let numbered = (0_u8..).zip(view.breakouts);
        let mut full: Vec<_> = numbered.filter(|(_, one)| !one.inside.is_empty()).collect();
        let nth = usize::from(byte) % (full.len() + 1);
        (nth < full.len()).then(|| full.swap_remove(nth))
    }

    /// A breakout reports, or this meeting is told what it is held to as one.
    pub(super) fn breakout_step(&mut self, whom: u8, more: u8) {
        if more.is_multiple_of(4) {
            let lock = Lock::ALL[usize::from(whom) % Lock::ALL.len()];
            let locks = LockSet::NONE.set(lock, true);
            // For every other person what is locked is lifted, and what may be locked here alone.
            let lifted = locks.set(Lock::ALL[usize::from(more / 8) % Lock::ALL.len()], true);
            let members = self.meeting.state().roster.members().iter();
            // Now and then somebody does not belong there any more.
            let people = members.skip(usize::from(more == 0)).filter_map(|member| {
                let lifts = member.id.number().is_multiple_of(2);
                let exceptions = if lifts { lifted } else { LockSet::NONE };
                let sent = Sent { role: member.claimed_role, exceptions };
                Some((member.subject.as_ref()?.clone(), sent))
            });
            let rule = Rule { people: people.collect(), locks };
            // A refusal is as good an answer as any.
            if self.handle(self.now, Input::Rule(Some(rule.clone()))).is_ok() {
                let state = self.meeting.state();
                assert!(state.decide_rule(Some(&rule)).is_empty(), "who was sent is here");
                assert!(state.decide_lifted(&rule).is_empty(), "a rule is taken over whole");
            }
            return;
        }
        // Whoever calls is mostly answered: everyone comes. Else people go, or come to another.
        let breakouts = &self.meeting.state().breakouts;
        let calling = (0..3).find(|number| breakouts.caller(*number).is_some());
        let left = self.some_group(more / 4).map(|(number, _)| number);
        let room = self.some_breakout(calling.or(left).unwrap_or(more / 16 % 2));
        let seen = if calling.is_some() { u8::MAX } else { whom };
        let count = u8::try_from(self.meeting.state().roster.members().len()).unwrap_or(u8::MAX);
        let inside = (0..count).filter(|n| seen >> (n % 8) & 1 == 1).map(|n| self.someone(n));
        let mut report = Report { inside: inside.collect(), ..Report::default() };
        if more == 1 {
            report.banned.insert((self.someone(whom), self.someone(0)));
        }
        let _ = self.handle(self.now, Input::Report { room, report });
    }

    /// A room of the last breakouts, or none.
    fn some_breakout(&self, number: u8) -> RoomId {
        let opened = self.journal.iter().rev().find_map(|entry| match &entry.event {
            Event::BreakoutsOpened { breakouts, .. } => Some(breakouts),
            _ => None,
        });
        let one = opened.and_then(|breakouts| breakouts.get(usize::from(number)));
        one.map_or(RoomId::from_number(0), |one| one.room)
    }
}
