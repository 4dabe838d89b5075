//! How a meeting comes to life: back from its journal, or new in its room.

use conf_core::id::{IdSource, MeetingId, RoomId};
use conf_core::meeting::{Meeting, ReplayError};
use conf_core::{Entry, Event, FileLimits, GuestPolicy, Identity, MeetingConfig, Span};

use super::directory::Ground;
use crate::clock::utc_now;
use crate::identity::OsIds;
use crate::store::{RoomRecord, Store, StoreError};

/// A meeting ready to run.
pub(crate) struct Opened {
    pub(crate) meeting: Meeting,
    /// Whether it was there before: then no link and no gate of before is alive.
    pub(crate) recovered: bool,
    /// How many participants it has.
    pub(crate) present: u32,
}

/// What is written down of a meeting. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Everything, in the journal and the audit.
    Journal,
    /// Nothing: the room is not in the store, and nothing of it outlives its last guest.
    Nothing,
}

/// Why no meeting could be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// There is no such room.
    #[error("no such room")]
    NoSuchRoom,
    /// The store did not answer.
    #[error("the store did not answer")]
    Store(#[from] StoreError),
}

/// The meeting that is on in `room`, or a new one.
///
/// A journal that cannot be replayed is closed, so that the room is usable: the
/// entries stay in the store for whoever looks into it.
pub(crate) async fn open(
    ground: &Ground,
    room: RoomId,
    keeping: Keeping,
) -> Result<Opened, OpenError> {
    let store = &ground.store;
    if keeping == Keeping::Nothing {
        let meeting = MeetingId::from_number(OsIds.draw());
        let identity = Identity { meeting, room, tenant: OPEN_TENANT.to_owned() };
        tracing::info!(%room, %meeting, "an open room appears");
        let meeting = Meeting::open(utc_now(), Box::new(OsIds), identity, open_config());
        return Ok(Opened { meeting, recovered: false, present: 0 });
    }
    if let Some(identity) = store.meeting_of(room).await? {
        match bring_back(store, &identity).await {
            Ok((meeting, present)) => return Ok(Opened { meeting, recovered: true, present }),
            Err(Unusable::Empty) => {
                // Begun, and the process ended before the first entry was kept.
                let config = configuration(ground, room).await?;
                let meeting = Meeting::open(utc_now(), Box::new(OsIds), identity, config);
                return Ok(Opened { meeting, recovered: false, present: 0 });
            }
            Err(Unusable::Store(error)) => return Err(error.into()),
            Err(Unusable::Damaged(why)) => {
                tracing::error!(meeting = %identity.meeting, %why, "a journal cannot be replayed");
                store.end_meeting(identity.meeting, utc_now()).await?;
            }
        }
    }
    let record = store.room(room).await?.ok_or(OpenError::NoSuchRoom)?;
    let meeting = MeetingId::from_number(OsIds.draw());
    let identity = Identity { meeting, room, tenant: record.tenant.clone() };
    let now = utc_now();
    store.begin_meeting(&identity, now).await?;
    tracing::info!(%room, %meeting, "a meeting opens");
    let meeting = Meeting::open(now, Box::new(OsIds), identity, configured(record, ground));
    Ok(Opened { meeting, recovered: false, present: 0 })
}

/// Whose open rooms are.
pub(crate) use crate::identity::grant::TENANT as OPEN_TENANT;

/// How long an open room stays when its last guest has gone.
const OPEN_EMPTY: Span = Span::from_secs(2);

/// Most participants of an open room.
const OPEN_PLACES: u32 = 4_000;

/// How an open room is set: nobody is asked for anything.
fn open_config() -> MeetingConfig {
    MeetingConfig::default()
        .guests(GuestPolicy::Accept)
        // Nothing is kept of it, files neither.
        .files(FileLimits::none())
        .max_participants(OPEN_PLACES)
        .empty_after(OPEN_EMPTY)
}

/// The meeting as it is kept, for an owner whose last turn is not; `None` if
/// that cannot be read.
pub(crate) async fn kept(store: &Store, identity: &Identity) -> Option<Meeting> {
    match bring_back(store, identity).await {
        Ok((meeting, _)) => Some(meeting),
        Err(Unusable::Empty) => None,
        Err(Unusable::Damaged(why)) => {
            tracing::error!(meeting = %identity.meeting, %why, "a journal cannot be replayed");
            None
        }
        Err(Unusable::Store(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(meeting = %identity.meeting, error, "a journal cannot be read");
            None
        }
    }
}

async fn configuration(ground: &Ground, room: RoomId) -> Result<MeetingConfig, OpenError> {
    let record = ground.store.room(room).await?.ok_or(OpenError::NoSuchRoom)?;
    Ok(configured(record, ground))
}

/// How a meeting of this room is set: as the room is, by the guest link that counts now, and
/// with what the server takes of files.
fn configured(record: RoomRecord, ground: &Ground) -> MeetingConfig {
    let link = record.guest_link();
    record.config.guest_link(link).files(ground.files.clone())
}

/// Why a journal did not become a meeting.
enum Unusable {
    Empty,
    Damaged(String),
    Store(StoreError),
}

async fn bring_back(store: &Store, identity: &Identity) -> Result<(Meeting, u32), Unusable> {
    let entries = store.journal(identity.meeting).await.map_err(|error| match error {
        StoreError::Corrupt { .. } => Unusable::Damaged(error.to_string()),
        error => Unusable::Store(error),
    })?;
    let count = entries.len();
    let present = present(&entries);
    let meeting = Meeting::replay(Box::new(OsIds), entries).map_err(|error| match error {
        ReplayError::Empty => Unusable::Empty,
        error => Unusable::Damaged(error.to_string()),
    })?;
    tracing::info!(
        room = %identity.room, meeting = %identity.meeting, entries = count,
        "a meeting is back from its journal"
    );
    Ok((meeting, present))
}

fn present(entries: &[Entry]) -> u32 {
    entries.iter().fold(0_u32, |present, entry| match entry.event {
        Event::Joined { .. } => present.saturating_add(1),
        Event::Left { .. } => present.saturating_sub(1),
        _ => present,
    })
}
