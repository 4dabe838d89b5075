//! Rooms, their links, and which meeting is on in which.

use conf_core::id::{MeetingId, RoomId};
use conf_core::{Identity, Role, Standing, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::audit::stored_ms;
use super::{Link, NewRoom, NextGuestLink, RoomRecord, StoreError};

/// What the writer must know of a meeting before it appends.
pub(crate) struct MeetingState {
    pub(crate) identity: Identity,
    pub(crate) ended: bool,
    pub(crate) last_seq: u64,
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    new: &NewRoom,
) -> Result<(), StoreError> {
    let failed = || StoreError::database("make a room");
    let thing = || format!("room {}", new.room);
    let made = sqlx::query(
        "INSERT INTO room (id, tenant, config, made_at_ms) VALUES (?, ?, ?, ?) \
         ON CONFLICT DO NOTHING",
    )
    .bind(new.room.to_string())
    .bind(&new.tenant)
    .bind(to_json(&new.config, thing)?)
    .bind(stored_ms(new.at))
    .execute(&mut *connection)
    .await
    .map_err(failed())?;
    if made.rows_affected() == 0 {
        return Err(StoreError::RoomExists { room: new.room });
    }
    for (number, link) in (0_i64..).zip(&new.links) {
        sqlx::query(
            "INSERT INTO link (room, number, key_hash, role, standing, generation) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(new.room.to_string())
        .bind(number)
        .bind(&link.key_hash[..])
        .bind(to_json(&link.role, thing)?)
        .bind(to_json(&link.standing, thing)?)
        .bind(link.number)
        .execute(&mut *connection)
        .await
        .map_err(failed())?;
    }
    Ok(())
}

pub(crate) async fn read(
    readers: &SqlitePool,
    room: RoomId,
) -> Result<Option<RoomRecord>, StoreError> {
    let failed = || StoreError::database("read a room");
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT tenant, config FROM room WHERE id = ?")
            .bind(room.to_string())
            .fetch_optional(readers)
            .await
            .map_err(failed())?;
    let Some((tenant, config)) = row else { return Ok(None) };
    // A room and its links are made in one transaction, and a link is replaced
    // in one statement, so reading them apart cannot show half of them.
    let rows: Vec<(Vec<u8>, String, String, u32)> = sqlx::query_as(
        "SELECT key_hash, role, standing, generation FROM link WHERE room = ? ORDER BY number",
    )
    .bind(room.to_string())
    .fetch_all(readers)
    .await
    .map_err(failed())?;
    let thing = || format!("room {room}");
    let links = rows
        .into_iter()
        .map(|(key_hash, role, standing, number)| {
            let found = key_hash.len();
            let key_hash = key_hash.try_into().map_err(|_| StoreError::Corrupt {
                thing: format!("a link of room {room}"),
                expected: "a hash of 32 bytes",
                found: format!("{found} bytes"),
            })?;
            let role: Role = from_json(&role, thing)?;
            let standing: Standing = from_json(&standing, thing)?;
            Ok(Link { key_hash, role, standing, number })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Some(RoomRecord { room, tenant, config: from_json(&config, thing)?, links }))
}

/// Puts `next` in the place of the room's guest link; the old key opens nothing any more.
pub(crate) async fn replace_guest_link(
    connection: &mut SqliteConnection,
    room: RoomId,
    next: &NextGuestLink,
) -> Result<(), StoreError> {
    let thing = || format!("a link of room {room}");
    sqlx::query("UPDATE link SET key_hash = ?, generation = ? WHERE room = ? AND standing = ?")
        .bind(&next.key_hash[..])
        .bind(next.number)
        .bind(room.to_string())
        .bind(to_json(&Standing::Guest, thing)?)
        .execute(connection)
        .await
        .map_err(StoreError::database("replace a guest link"))
        .map(|_| ())
}

pub(crate) async fn begin_meeting(
    connection: &mut SqliteConnection,
    identity: &Identity,
    at: Timestamp,
) -> Result<(), StoreError> {
    let failed = || StoreError::database("begin a meeting");
    let Identity { meeting, room, tenant } = identity;
    let owner: Option<(String,)> = sqlx::query_as("SELECT tenant FROM room WHERE id = ?")
        .bind(room.to_string())
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed())?;
    match owner {
        None => return Err(StoreError::NoSuchRoom { room: *room }),
        Some((owner,)) if owner != *tenant => {
            return Err(StoreError::TenantMismatch { room: *room });
        }
        Some(_) => {}
    }
    if state(connection, *meeting).await?.is_some() {
        return Err(StoreError::MeetingExists { meeting: *meeting });
    }
    let on: Option<(String,)> =
        sqlx::query_as("SELECT id FROM meeting WHERE room = ? AND ended_at_ms IS NULL")
            .bind(room.to_string())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed())?;
    if let Some((found,)) = on {
        return Err(StoreError::RoomOccupied { room: *room, found: id(&found)? });
    }
    sqlx::query(
        "INSERT INTO meeting (id, room, tenant, begun_at_ms, ended_at_ms, last_seq) \
         VALUES (?, ?, ?, ?, NULL, 0)",
    )
    .bind(meeting.to_string())
    .bind(room.to_string())
    .bind(tenant)
    .bind(stored_ms(at))
    .execute(&mut *connection)
    .await
    .map_err(failed())?;
    Ok(())
}

pub(crate) async fn state(
    connection: &mut SqliteConnection,
    meeting: MeetingId,
) -> Result<Option<MeetingState>, StoreError> {
    let row: Option<(String, String, Option<i64>, i64)> =
        sqlx::query_as("SELECT room, tenant, ended_at_ms, last_seq FROM meeting WHERE id = ?")
            .bind(meeting.to_string())
            .fetch_optional(connection)
            .await
            .map_err(StoreError::database("look a meeting up"))?;
    let Some((room, tenant, ended_at_ms, last_seq)) = row else { return Ok(None) };
    let last_seq = u64::try_from(last_seq).map_err(|_| StoreError::Corrupt {
        thing: format!("the last entry's number of {meeting}"),
        expected: "0 or more",
        found: last_seq.to_string(),
    })?;
    let identity = Identity { meeting, room: id(&room)?, tenant };
    Ok(Some(MeetingState { identity, ended: ended_at_ms.is_some(), last_seq }))
}

/// Notes how far a journal goes.
pub(crate) async fn advance(
    connection: &mut SqliteConnection,
    meeting: MeetingId,
    last_seq: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE meeting SET last_seq = ? WHERE id = ?")
        .bind(last_seq)
        .bind(meeting.to_string())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(StoreError::database("append to the journal"))
}

/// Closes a meeting; the first time counts.
pub(crate) async fn end_meeting(
    connection: &mut SqliteConnection,
    meeting: MeetingId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE meeting SET ended_at_ms = ? WHERE id = ? AND ended_at_ms IS NULL")
        .bind(stored_ms(at))
        .bind(meeting.to_string())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(StoreError::database("end a meeting"))
}

pub(crate) async fn live_meetings(readers: &SqlitePool) -> Result<Vec<Identity>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT id, room, tenant FROM meeting WHERE ended_at_ms IS NULL ORDER BY begun_at_ms, id",
    )
    .fetch_all(readers)
    .await
    .map_err(StoreError::database("list the meetings that are on"))?;
    rows.into_iter().map(identity).collect()
}

pub(crate) async fn meeting_of(
    readers: &SqlitePool,
    room: RoomId,
) -> Result<Option<Identity>, StoreError> {
    let row: Option<(String, String, String)> = sqlx::query_as(
        "SELECT id, room, tenant FROM meeting WHERE room = ? AND ended_at_ms IS NULL",
    )
    .bind(room.to_string())
    .fetch_optional(readers)
    .await
    .map_err(StoreError::database("look a room's meeting up"))?;
    row.map(identity).transpose()
}

/// Meetings that ended at `limit` or before.
pub(crate) async fn ended_by(
    connection: &mut SqliteConnection,
    limit: Timestamp,
) -> Result<Vec<Identity>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT id, room, tenant FROM meeting WHERE ended_at_ms <= ? ORDER BY ended_at_ms, id",
    )
    .bind(stored_ms(limit))
    .fetch_all(connection)
    .await
    .map_err(StoreError::database("list the meetings that are over"))?;
    rows.into_iter().map(identity).collect()
}

fn identity(row: (String, String, String)) -> Result<Identity, StoreError> {
    Ok(Identity { meeting: id(&row.0)?, room: id(&row.1)?, tenant: row.2 })
}

pub(crate) fn id<T>(text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr<Err = conf_core::id::IdError>,
{
    text.parse().map_err(|error: conf_core::id::IdError| StoreError::Corrupt {
        thing: "a stored id".into(),
        expected: "an id of its kind",
        found: error.found,
    })
}

fn to_json<T: Serialize>(value: &T, thing: impl Fn() -> String) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt {
        thing: thing(),
        expected: "a value that can be written as JSON",
        found: error.to_string(),
    })
}

fn from_json<T: DeserializeOwned>(text: &str, thing: impl Fn() -> String) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        thing: thing(),
        expected: "a value this version wrote",
        found: error.to_string(),
    })
}
