//! The keys of people, one per participant and meeting, wrapped under the master key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use conf_core::id::{MeetingId, ParticipantId};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use super::StoreError;
use super::database::writing;
use super::seal::{SealKey, derive, key_place};
use crate::identity::key_file::Secret;

/// Whose key: one person in one meeting.
pub(crate) type Whose = (MeetingId, ParticipantId);

/// What the known text under the master key says.
const CHECK: &[u8] = b"conf master key";

/// The key database. It has one connection: key traffic is a few rows per
/// join, and with no second reader a checkpoint always empties the log.
#[derive(Clone)]
pub(crate) struct KeyStore {
    pub(super) pool: SqlitePool,
    pub(super) wrap: Arc<SealKey>,
}

impl KeyStore {
    pub(crate) async fn open(file: &Path, master: &Secret) -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(writing(file))
            .await
            .map_err(StoreError::database("open the key database"))?;
        sqlx::migrate!("migrations/keys")
            .run(&pool)
            .await
            .map_err(|source| StoreError::Migration { source: Arc::new(source) })?;
        let wrap = SealKey::new(&derive(master, "conf key wrap 1"))?;
        let store = Self { pool, wrap: Arc::new(wrap) };
        store.check_master().await?;
        Ok(store)
    }

    /// Keys for `wanted`, made where they are missing; `None` for a person whose
    /// key was destroyed. On disk before this returns.
    pub(crate) async fn ensure(
        &self,
        wanted: &BTreeSet<Whose>,
    ) -> Result<BTreeMap<Whose, Option<SealKey>>, StoreError> {
        let mut keys = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(keys);
        }
        let failed = || StoreError::database("make a person's key");
        let mut tx = self.pool.begin().await.map_err(failed())?;
        for &(meeting, participant) in wanted {
            let gone: Option<(i64,)> =
                sqlx::query_as("SELECT 1 FROM destroyed WHERE meeting = ? AND participant = ?")
                    .bind(meeting.to_string())
                    .bind(participant.to_string())
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(failed())?;
            if gone.is_some() {
                keys.insert((meeting, participant), None);
                continue;
            }
            let known: Option<(Vec<u8>,)> = sqlx::query_as(
                "SELECT wrapped FROM person_key WHERE meeting = ? AND participant = ?",
            )
            .bind(meeting.to_string())
            .bind(participant.to_string())
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed())?;
            let secret = match known {
                Some((wrapped,)) => self
                    .unwrap(meeting, participant, &wrapped)
                    .ok_or_else(|| unreadable(meeting, participant))?,
                None => {
                    let secret = Secret::random();
                    let wrapped =
                        self.wrap.seal(&key_place(meeting, participant), secret.expose())?;
                    sqlx::query(
                        "INSERT INTO person_key (meeting, participant, wrapped) VALUES (?, ?, ?)",
                    )
                    .bind(meeting.to_string())
                    .bind(participant.to_string())
                    .bind(wrapped)
                    .execute(&mut *tx)
                    .await
                    .map_err(failed())?;
                    secret
                }
            };
            keys.insert((meeting, participant), Some(SealKey::new(&secret)?));
        }
        tx.commit().await.map_err(failed())?;
        Ok(keys)
    }

    /// The keys of a meeting that still exist. One that cannot be unwrapped is
    /// as good as destroyed, and reported.
    pub(crate) async fn of_meeting(
        &self,
        meeting: MeetingId,
    ) -> Result<BTreeMap<ParticipantId, SealKey>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT participant, wrapped FROM person_key WHERE meeting = ?")
                .bind(meeting.to_string())
                .fetch_all(&self.pool)
                .await
                .map_err(StoreError::database("read a meeting's keys"))?;
        let mut keys = BTreeMap::new();
        for (participant, wrapped) in rows {
            let opened = participant.parse().ok().and_then(|participant| {
                Some((participant, self.unwrap(meeting, participant, &wrapped)?))
            });
            match opened {
                Some((participant, secret)) => {
                    keys.insert(participant, SealKey::new(&secret)?);
                }
                None => tracing::error!(%meeting, "a stored person's key cannot be unwrapped"),
            }
        }
        Ok(keys)
    }

    /// Destroys a person's key for good: it is neither read nor made again.
    pub(crate) async fn destroy(&self, whose: &[Whose]) -> Result<(), StoreError> {
        let failed = || StoreError::database("destroy a person's key");
        let mut tx = self.pool.begin().await.map_err(failed())?;
        for (meeting, participant) in whose {
            for statement in [
                "INSERT INTO destroyed (meeting, participant) VALUES (?, ?) ON CONFLICT DO NOTHING",
                "DELETE FROM person_key WHERE meeting = ? AND participant = ?",
            ] {
                sqlx::query(statement)
                    .bind(meeting.to_string())
                    .bind(participant.to_string())
                    .execute(&mut *tx)
                    .await
                    .map_err(failed())?;
            }
        }
        tx.commit().await.map_err(failed())?;
        self.wipe_log().await
    }

    /// Destroys every key of meetings whose journals are being deleted.
    pub(crate) async fn destroy_meetings(&self, meetings: &[MeetingId]) -> Result<(), StoreError> {
        let failed = || StoreError::database("destroy a meeting's keys");
        let mut tx = self.pool.begin().await.map_err(failed())?;
        for meeting in meetings {
            for statement in [
                "DELETE FROM person_key WHERE meeting = ?",
                "DELETE FROM destroyed WHERE meeting = ?",
                "DELETE FROM vote_key WHERE meeting = ?",
                "DELETE FROM vote_signed WHERE meeting = ?",
            ] {
                sqlx::query(statement)
                    .bind(meeting.to_string())
                    .execute(&mut *tx)
                    .await
                    .map_err(failed())?;
            }
        }
        tx.commit().await.map_err(failed())?;
        self.wipe_log().await
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Moves the log into the file and empties it: until then the log still
    /// holds the pages from before a key was destroyed.
    pub(super) async fn wipe_log(&self) -> Result<(), StoreError> {
        let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.pool)
            .await
            .map_err(StoreError::database("wipe the key database's log"))?;
        if busy == 0 {
            Ok(())
        } else {
            Err(StoreError::Corrupt {
                thing: "the key database".into(),
                expected: "one user",
                found: "another process that keeps its log open".into(),
            })
        }
    }

    async fn check_master(&self) -> Result<(), StoreError> {
        let failed = || StoreError::database("check the master key");
        let known: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT wrapped FROM master_check WHERE number = 1")
                .fetch_optional(&self.pool)
                .await
                .map_err(failed())?;
        match known {
            Some((wrapped,)) if self.wrap.open(b"check", &wrapped).as_deref() == Some(CHECK) => {
                Ok(())
            }
            Some(_) => Err(StoreError::Corrupt {
                thing: "master.key".into(),
                expected: "the master key that wrapped the keys in keys.db",
                found: "another one".into(),
            }),
            None => {
                sqlx::query("INSERT INTO master_check (number, wrapped) VALUES (1, ?)")
                    .bind(self.wrap.seal(b"check", CHECK)?)
                    .execute(&self.pool)
                    .await
                    .map_err(failed())?;
                Ok(())
            }
        }
    }

    fn unwrap(
        &self,
        meeting: MeetingId,
        participant: ParticipantId,
        wrapped: &[u8],
    ) -> Option<Secret> {
        let plain = self.wrap.open(&key_place(meeting, participant), wrapped)?;
        plain.try_into().ok().map(Secret::new)
    }
}

fn unreadable(meeting: MeetingId, participant: ParticipantId) -> StoreError {
    StoreError::Corrupt {
        thing: format!("the key of {participant} in {meeting}"),
        expected: "a key wrapped under the master key",
        found: "bytes that do not open".into(),
    }
}
