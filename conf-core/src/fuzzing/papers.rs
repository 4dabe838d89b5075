//! What is asked of the papers, and that they are shown to those alone who may read them.

use std::collections::{BTreeMap, BTreeSet};

use super::Watched;
use crate::event::{Event, PollAnswered};
use crate::input::{Command, Input};
use crate::output::Audience;
use crate::policy::role::Role;
use crate::signal::Signal;
use crate::text::MinutesText;
use crate::time::{Span, Timestamp};
use crate::view::{AttendancePage, LearningPage};

impl Watched {
    /// A command about what is written down.
    pub(super) fn papers_command(&self, [_, whom, more]: [u8; 3]) -> Command {
        let version = self.meeting.state().minutes.version();
        match more {
            0..24 => Command::ShowAttendance { from: u32::from(more / 4) },
            24..48 => Command::ShowLearning { from: u32::from(whom % 4) },
            48..72 => Command::ShowOwnLearning,
            72..112 => Command::ReleaseMinutes { on: whom % 2 == 0 },
            _ => {
                let text = MinutesText::new(&format!("message {more}"));
                let text = (whom % 8 > 0).then(|| text.expect("a fixed, valid text"));
                Command::WriteMinutes { text, over: version + u32::from(more % 8 == 0) }
            }
        }
    }

    /// The minutes are shown to those alone who may read them.
    pub(super) fn check_minutes(&self) {
        let state = self.meeting.state();
        for member in state.roster.members() {
            let view = state.view(member.id).expect("a member sees the meeting");
            let takes = view.minute_taker == Some(member.id);
            let reads = state.minutes.released() || member.role == Role::Moderator || takes;
            assert_eq!(view.minutes.is_some(), reads, "the minutes are for who may read them");
        }
    }

    /// Two were heard, or nobody who is here, and perhaps for longer than they are.
    pub(super) fn people_talk(&mut self, now: Timestamp, who: u8, whom: u8) {
        let span = Span(u64::from(whom) * 100);
        let heard = BTreeMap::from([(self.someone(who), span), (self.someone(whom), span)]);
        // A meeting that is over hears nobody.
        let _ = self.handle(now, Input::Talked(heard));
    }

    /// What is written down is told to one moderator; of oneself, to oneself.
    pub(super) fn check_papers(&self, to: &Audience, signal: &Signal) {
        let state = self.meeting.state();
        let asker = match signal {
            Signal::Attendance(_) | Signal::Learning(_) | Signal::OwnLearning(_) => match to {
                Audience::Only(who) => *who,
                _ => panic!("papers are for who asked: {to:?}"),
            },
            _ => return,
        };
        let role = state.roster.get(asker).map(|member| member.role);
        match signal {
            Signal::Attendance(page) => {
                assert_eq!(role, Some(Role::Moderator));
                self.check_attendance(page);
            }
            Signal::Learning(page) => {
                assert_eq!(role, Some(Role::Moderator));
                self.check_learning(page);
            }
            Signal::OwnLearning(own) => {
                assert_ne!(role, Some(Role::Service));
                let all = state.learning.page(self.now, 0).expect("it is on");
                assert!(all.people.contains(own), "one sees of oneself what moderators see");
            }
            _ => {}
        }
    }

    /// A stay ends after it began.
    fn check_attendance(&self, page: &AttendancePage) {
        assert!(page.stays.iter().all(|stay| stay.until.is_none_or(|until| until >= stay.from)));
        let there = page.stays.iter().filter(|stay| stay.until.is_none());
        let here = self.meeting.state().roster.members().len();
        assert!(there.count() <= here, "who is there is in the meeting");
    }

    /// Nothing is counted that was not done for all to see.
    fn check_learning(&self, page: &LearningPage) {
        let LearningPage { people, .. } = page;
        assert!(people.iter().all(|person| person.talked <= person.present));
        let count = |happened: &dyn Fn(&Event) -> bool| {
            self.journal.iter().filter(|entry| happened(&entry.event)).count()
        };
        let messages = count(&|event| matches!(event, Event::ChatSent { to: None, .. }));
        let hands = count(&|event| matches!(event, Event::HandRaised { .. }));
        let votes: BTreeSet<_> = self
            .journal
            .iter()
            .filter_map(|entry| match entry.event {
                Event::Voted { poll, by, .. }
                | Event::PollAnswered(PollAnswered { poll, by, .. }) => Some((poll, by)),
                _ => None,
            })
            .collect();
        let sum = |figure: fn(&crate::view::FiguresView) -> u32| {
            people.iter().map(|person| figure(person) as usize).sum::<usize>()
        };
        assert!(sum(|person| person.messages) <= messages, "no private line is counted");
        assert!(sum(|person| person.hands) <= hands);
        assert!(sum(|person| person.polls) <= votes.len(), "no anonymous vote is counted");
    }
}
