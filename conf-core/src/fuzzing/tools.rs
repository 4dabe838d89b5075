//! Arbitrary commands of the small tools of a room.

use super::Watched;
use crate::collab::chat::reaction::Reaction;
use crate::input::Command;

impl Watched {
    pub(super) fn tools_command(&self, [_, _, more]: [u8; 3]) -> Command {
        let reaction = Reaction::ALL[usize::from(more) % Reaction::ALL.len()];
        Command::React { reaction }
    }
}
