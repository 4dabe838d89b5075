//! From a room to the task that owns its meeting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use conf_core::id::RoomId;
use conf_core::{FileLimits, Span};
use tokio::sync::{mpsc, watch};

use super::ask::{INBOX, OwnerHandle};
use super::owner;
use super::recover::Keeping;
use crate::identity::Tokens;
use crate::media::Media;
use crate::store::Store;

/// What every meeting's owner stands on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) media: Media,
    /// Signs what lets people into breakouts.
    pub(crate) tokens: Tokens,
    pub(crate) token_lifetime: Span,
    /// What meetings take of files.
    pub(crate) files: FileLimits,
    /// True once the server goes down.
    pub(crate) draining: watch::Receiver<bool>,
}

/// The owners of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Directory {
    pub(super) ground: Ground,
    // A lock and not a task with a channel: a lookup is a few instructions, and
    // never held across an await.
    owners: Arc<Mutex<HashMap<RoomId, OwnerHandle>>>,
}

impl Directory {
    /// A directory with nobody in it.
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground, owners: Arc::default() }
    }

    /// The owner of `room`'s meeting. If none is live, one is started; it brings
    /// the room's meeting back or opens a new one, and says so if there is no
    /// such room.
    pub(crate) fn owner(&self, room: RoomId) -> OwnerHandle {
        self.owner_keeping(room, Keeping::Journal)
    }

    /// The same for a room nobody made: it is there from now on until it is empty.
    pub(crate) fn open_room(&self, room: RoomId) -> OwnerHandle {
        self.owner_keeping(room, Keeping::Nothing)
    }

    /// The owner of `room`'s meeting, if one is live.
    pub(crate) fn live(&self, room: RoomId) -> Option<OwnerHandle> {
        let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.get(&room).filter(|owner| !owner.inbox.is_closed()).cloned()
    }

    fn owner_keeping(&self, room: RoomId, keeping: Keeping) -> OwnerHandle {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = owners.get(&room).filter(|owner| !owner.inbox.is_closed()) {
            return owner.clone();
        }
        owners.retain(|_, owner| !owner.inbox.is_closed());
        let (inbox, asked) = mpsc::channel(INBOX);
        let owner = OwnerHandle { inbox, open: keeping == Keeping::Nothing, ties: Arc::default() };
        owners.insert(room, owner.clone());
        let ties = Arc::clone(&owner.ties);
        tokio::spawn(owner::run(self.clone(), ties, room, keeping, asked));
        owner
    }

    /// Waits until every owner has stopped; they do once the server drains.
    pub(crate) async fn stopped(&self) {
        let owners: Vec<OwnerHandle> = {
            let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
            owners.values().cloned().collect()
        };
        for owner in owners {
            owner.inbox.closed().await;
        }
    }
}
