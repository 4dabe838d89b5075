//! Arbitrary commands of the small tools of a room.

use super::Watched;
use crate::collab::chat::reaction::Reaction;
use crate::input::Command;
use crate::time::Span;

impl Watched {
    pub(super) fn tools_command(&self, [what, whom, more]: [u8; 3]) -> Command {
        let reaction = Reaction::ALL[usize::from(more) % Reaction::ALL.len()];
        match (what, more) {
            (80, 0..32) => Command::LowerAllHands,
            (80, _) => Command::React { reaction },
            (81, 0..128) => {
                // Now and then none, and now and then too short or too long.
                let span = (whom % 4 > 0).then_some(Span(u64::from(whom) * 400_000));
                Command::SetTimer { span, runs: more % 3 > 0 }
            }
            (81..=82, 128..192) => Command::PauseTimer,
            (81..=82, 192..) => Command::ResumeTimer,
            (82, 0..96) => Command::StopTimer,
            _ => Command::Pick { moderators: whom % 2 == 0 },
        }
    }
}
