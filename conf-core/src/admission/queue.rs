//! Where those who wait stand, which is all they are told.

use crate::id::{ParticipantId, SessionId};
use crate::meeting::state::State;
use crate::text::ChatText;
use crate::view::{Place, WaitReason};

/// Everyone who can be told where they stand.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) message: Option<ChatText>,
    pub(crate) standing: Vec<(SessionId, Standing)>,
}

/// Where one of them stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) reason: WaitReason,
    /// Counted from 1.
    pub(crate) position: u32,
}

impl State {
    /// Who waits by which session, and where they stand.
    pub(crate) fn queue(&self) -> Queue {
        let waiting = self.lobby.waiting();
        if waiting.is_empty() {
            return Queue::default();
        }
        let reason = self.wait_reason();
        // The lobby is bounded far below 2^32.
        let standing = (1..).zip(waiting).filter_map(|(position, waiter)| {
            Some((waiter.person.session()?, Standing { reason, position }))
        });
        Queue { message: self.lobby.message().cloned(), standing: standing.collect() }
    }

    /// Where `participant` stands; `None` if they do not wait.
    pub(crate) fn place_of(&self, participant: ParticipantId) -> Option<Place> {
        let (position, _) =
            (1..).zip(self.lobby.waiting()).find(|(_, waiter)| waiter.person.id == participant)?;
        let message = self.lobby.message().cloned();
        Some(Place { reason: self.wait_reason(), position, message })
    }

    /// The reason is everyone's: while no moderator is there, there is nobody to ask.
    fn wait_reason(&self) -> WaitReason {
        if self.lacks_moderator(None) { WaitReason::NoModerator } else { WaitReason::Guest }
    }
}
