//! What is asked of the papers, and that they are shown to those alone who may read them.

use super::Watched;
use crate::input::Command;
use crate::output::Audience;
use crate::policy::role::Role;
use crate::signal::Signal;

impl Watched {
    /// A command about what is written down.
    pub(super) fn papers_command(&self, [_, _, more]: [u8; 3]) -> Command {
        Command::ShowAttendance { from: u32::from(more / 16) }
    }

    /// Who was there is told to one moderator, and a stay ends after it began.
    pub(super) fn check_papers(&self, to: &Audience, signal: &Signal) {
        let Signal::Attendance(page) = signal else { return };
        let state = self.meeting.state();
        let Audience::Only(who) = to else { panic!("attendance is for who asked: {to:?}") };
        assert_eq!(state.roster.get(*who).map(|member| member.role), Some(Role::Moderator));
        assert!(page.stays.iter().all(|stay| stay.until.is_none_or(|until| until >= stay.from)));
        let there = page.stays.iter().filter(|stay| stay.until.is_none());
        assert!(there.count() <= state.roster.members().len(), "who is there is in the meeting");
    }
}
