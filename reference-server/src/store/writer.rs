//! The one task that writes: what many meetings ask at a time goes into one transaction.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::path::PathBuf;

use conf_core::id::{MeetingId, ParticipantId, RoomId};
use conf_core::{Entry, Identity, Span, Timestamp};
use metrics::{counter, histogram};
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::audit::{self, AuditKeys};
use super::database::{empty_log, writing};
use super::journal::{self, Split, stored_seq};
use super::keys::{KeyStore, Whose};
use super::seal::SealKey;
use super::{AuditRecord, NewRoom, NextGuestLink, StoreError, room};
use crate::telemetry::metric::name;

/// Most jobs in one transaction: more shares the sync among more meetings,
/// and makes the first of them wait longer.
const BATCH: usize = 256;

/// Most people's keys held in memory, at about 600 bytes each; beyond that
/// all are forgotten and read again as needed.
const KEYS_HELD: usize = 20_000;

/// What can be asked of the writer.
pub(crate) enum Work {
    CreateRoom(NewRoom),
    BeginMeeting(Identity, Timestamp),
    EndMeeting(MeetingId, Timestamp),
    Append {
        meeting: MeetingId,
        splits: Vec<Split>,
        audit: Vec<AuditRecord>,
        next: Option<NextGuestLink>,
    },
    Probe {
        meeting: MeetingId,
        at: Timestamp,
    },
    Audit {
        tenant: String,
        records: Vec<AuditRecord>,
    },
    Erase {
        meeting: MeetingId,
        participant: ParticipantId,
        at: Timestamp,
    },
    DeleteDue {
        now: Timestamp,
        retention: Span,
    },
    Close,
}

impl Work {
    pub(crate) fn append(
        meeting: MeetingId,
        entries: Vec<Entry>,
        audit: Vec<AuditRecord>,
        next: Option<NextGuestLink>,
    ) -> Self {
        let splits = entries.into_iter().map(Split::new).collect();
        Self::Append { meeting, splits, audit, next }
    }

    /// The meeting that is over once this is done, if one is.
    fn ends(&self) -> Option<MeetingId> {
        match self {
            Self::EndMeeting(meeting, _) => Some(*meeting),
            Self::Append { meeting, splits, .. } => {
                splits.last().and_then(Split::ended).map(|_| *meeting)
            }
            _ => None,
        }
    }
}

/// How many rows it was about, where that is of interest.
pub(crate) type Verdict = Result<u64, StoreError>;

pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Verdict>,
}

pub(crate) struct Writer {
    pub(crate) file: PathBuf,
    /// Absent after a failure: the next batch starts on a fresh one, because
    /// SQLite may or may not have rolled the transaction back by itself.
    pub(crate) connection: Option<SqliteConnection>,
    pub(crate) keys: KeyStore,
    pub(crate) audit_keys: AuditKeys,
    pub(crate) held: HashMap<Whose, Option<SealKey>>,
    /// Whether the log may hold what was forgotten at a meeting's end.
    pub(crate) log_holds_forgotten: bool,
    /// Keeps other processes out of the data folder for as long as this writes.
    pub(crate) _lock: File,
}

impl Writer {
    /// Works until everyone who could ask is gone, or someone asks to close.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Job>) {
        let mut open = true;
        while open {
            let Some(first) = inbox.recv().await else { break };
            let mut batch = vec![first];
            while batch.len() < BATCH {
                let Ok(job) = inbox.try_recv() else { break };
                batch.push(job);
            }
            open = !batch.iter().any(|job| matches!(job.work, Work::Close));
            self.answer(batch).await;
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::error!(%error, "the database did not close cleanly");
        }
        self.keys.close().await;
        drop(self);
        // Last, because `Store::close` waits for it. Jobs still in it are answered `Stopped`.
        drop(inbox);
    }

    async fn answer(&mut self, batch: Vec<Job>) {
        let outcome = self.transact(&batch).await;
        if let Err(error) = &outcome {
            // What was judged in this transaction did not happen.
            self.connection = None;
            self.held.clear();
            counter!(name::JOURNAL_FAILURES).increment(1);
            tracing::error!(%error, jobs = batch.len(), "a transaction failed, nothing of it was kept");
        }
        match outcome {
            Ok(verdicts) => {
                for (job, verdict) in batch.into_iter().zip(verdicts) {
                    // A caller that went away no longer wants its answer.
                    let _ = job.reply.send(verdict);
                }
            }
            Err(error) => {
                for job in batch {
                    let _ = job.reply.send(Err(error.clone()));
                }
            }
        }
    }

    async fn transact(&mut self, batch: &[Job]) -> Result<Vec<Verdict>, StoreError> {
        self.hold_keys(batch).await?;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let fresh = SqliteConnection::connect_with(&writing(&self.file))
                    .await
                    .map_err(StoreError::database("open the database again"))?;
                none.insert(fresh)
            }
        };
        let failed = || StoreError::database("commit a transaction");
        // IMMEDIATE: the lock is taken now, not at the first write, where waiting is not possible.
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed())?;
        let mut verdicts = Vec::with_capacity(batch.len());
        let mut entries = 0;
        for job in batch {
            let hand = Hand { keys: &self.keys, audit_keys: &self.audit_keys, held: &self.held };
            match hand.one(&mut tx, &job.work).await {
                Err(error) if !error.is_refusal() => return Err(error),
                verdict => verdicts.push(verdict),
            }
            if let (Work::Append { splits, .. }, Some(Ok(_))) = (&job.work, verdicts.last()) {
                entries += splits.len() as u64;
            }
        }
        tx.commit().await.map_err(failed())?;
        counter!(name::JOURNAL_ENTRIES).increment(entries);
        histogram!(name::JOURNAL_BATCH).record(batch.len() as f64);
        self.forget_keys(batch, &mut verdicts).await;
        self.wipe_log().await;
        Ok(verdicts)
    }

    /// Has every key at hand that this batch seals with. New ones are on disk
    /// before anything sealed with them is.
    async fn hold_keys(&mut self, batch: &[Job]) -> Result<(), StoreError> {
        if self.held.len() > KEYS_HELD {
            self.held.clear();
        }
        let mut wanted = BTreeSet::new();
        for job in batch {
            if let Work::Append { meeting, splits, .. } = &job.work {
                splits.iter().for_each(|split| split.wants(*meeting, &mut wanted));
            }
        }
        wanted.retain(|whose| !self.held.contains_key(whose));
        self.held.extend(self.keys.ensure(&wanted).await?);
        Ok(())
    }

    /// Destroys what was erased and lets go of what is over. The list of the
    /// erased is committed by now, so a crash in between is made good at the next start.
    async fn forget_keys(&mut self, batch: &[Job], verdicts: &mut [Verdict]) {
        for (job, verdict) in batch.iter().zip(verdicts) {
            if verdict.is_err() {
                continue;
            }
            match &job.work {
                Work::Erase { meeting, participant, .. } => {
                    self.held.remove(&(*meeting, *participant));
                    if let Err(error) = self.keys.destroy(&[(*meeting, *participant)]).await {
                        *verdict = Err(error);
                    }
                }
                work => {
                    if let Some(over) = work.ends() {
                        self.held.retain(|(meeting, _), _| *meeting != over);
                        self.log_holds_forgotten = true;
                    }
                }
            }
        }
    }

    /// Empties the log once a meeting is over: until then it still holds the pages from before
    /// that was forgotten which is not kept beyond the end. Tried again after the next
    /// transaction while somebody reads from it.
    async fn wipe_log(&mut self) {
        let Some(connection) = self.connection.as_mut().filter(|_| self.log_holds_forgotten) else {
            return;
        };
        match empty_log(connection).await {
            Ok(emptied) => self.log_holds_forgotten = !emptied,
            Err(error) => tracing::debug!(%error, "the log could not be emptied"),
        }
    }
}

/// What one job inside a transaction is done with.
struct Hand<'a> {
    keys: &'a KeyStore,
    audit_keys: &'a AuditKeys,
    held: &'a HashMap<Whose, Option<SealKey>>,
}

impl Hand<'_> {
    /// Does one job. A refusal comes before the first write, so the
    /// transaction goes on without it.
    async fn one(&self, connection: &mut SqliteConnection, work: &Work) -> Verdict {
        match work {
            Work::CreateRoom(new) => {
                room::insert(connection, new).await?;
                let made = AuditRecord {
                    room: Some(new.room),
                    ..AuditRecord::new(new.at, "room_created")
                };
                audit::append(connection, self.audit_keys, &new.tenant, &[made]).await?;
            }
            Work::BeginMeeting(identity, at) => {
                room::begin_meeting(connection, identity, *at).await?;
            }
            Work::EndMeeting(meeting, at) => {
                found(connection, *meeting).await?;
                room::end_meeting(connection, *meeting, *at).await?;
                journal::forget_at_end(connection, *meeting).await?;
            }
            Work::Append { meeting, splits, audit, next } => {
                let room = self.append(connection, *meeting, splits, audit).await?;
                if let Some(next) = next {
                    room::replace_guest_link(connection, room, next).await?;
                }
            }
            Work::Probe { meeting, at } => self.probe(connection, *meeting, *at).await?,
            Work::Audit { tenant, records } => {
                audit::append(connection, self.audit_keys, tenant, records).await?;
            }
            Work::Erase { meeting, participant, at } => {
                self.erase(connection, *meeting, *participant, *at).await?;
            }
            Work::DeleteDue { now, retention } => {
                return self.delete_due(connection, *now, *retention).await;
            }
            Work::Close => {}
        }
        Ok(0)
    }

    async fn append(
        &self,
        connection: &mut SqliteConnection,
        meeting: MeetingId,
        splits: &[Split],
        records: &[AuditRecord],
    ) -> Result<RoomId, StoreError> {
        let state = found(connection, meeting).await?;
        if state.ended {
            return Err(StoreError::MeetingEnded { meeting });
        }
        let mut expected = state.last_seq;
        let mut over = false;
        for split in splits {
            if over {
                return Err(StoreError::MeetingEnded { meeting });
            }
            expected = expected.saturating_add(1);
            if split.seq() != expected {
                return Err(StoreError::SeqGap { meeting, expected, found: split.seq() });
            }
            over = split.ended().is_some();
        }
        for split in splits {
            let key = |whose| self.held.get(&whose).and_then(Option::as_ref);
            split.insert(connection, meeting, key).await?;
        }
        if !splits.is_empty() {
            room::advance(connection, meeting, stored_seq(expected)).await?;
        }
        if let Some(at) = splits.last().and_then(Split::ended) {
            room::end_meeting(connection, meeting, at).await?;
            journal::forget_at_end(connection, meeting).await?;
        }
        audit::append(connection, self.audit_keys, &state.identity.tenant, records).await?;
        Ok(state.identity.room)
    }

    /// Writes and unwrites the next journal row, and keeps an audit line: both
    /// tables take rows, and the disk takes a commit.
    async fn probe(
        &self,
        connection: &mut SqliteConnection,
        meeting: MeetingId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let state = found(connection, meeting).await?;
        if state.ended {
            return Err(StoreError::MeetingEnded { meeting });
        }
        let next = stored_seq(state.last_seq.saturating_add(1));
        let failed = || StoreError::database("try the journal");
        sqlx::query(
            "INSERT INTO journal (meeting, seq, at_ms, version, event) VALUES (?, ?, ?, 1, '{}')",
        )
        .bind(meeting.to_string())
        .bind(next)
        .bind(audit::stored_ms(at))
        .execute(&mut *connection)
        .await
        .map_err(failed())?;
        sqlx::query("DELETE FROM journal WHERE meeting = ? AND seq = ?")
            .bind(meeting.to_string())
            .bind(next)
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
        let works = AuditRecord {
            room: Some(state.identity.room),
            meeting: Some(meeting),
            ..AuditRecord::new(at, "storage_works")
        };
        audit::append(connection, self.audit_keys, &state.identity.tenant, &[works]).await
    }

    async fn erase(
        &self,
        connection: &mut SqliteConnection,
        meeting: MeetingId,
        participant: ParticipantId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let state = found(connection, meeting).await?;
        let listed = sqlx::query(
            "INSERT INTO erased (meeting, participant, at_ms) VALUES (?, ?, ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(meeting.to_string())
        .bind(participant.to_string())
        .bind(audit::stored_ms(at))
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database("list an erased person"))?;
        if listed.rows_affected() == 0 {
            return Ok(());
        }
        let record = AuditRecord {
            room: Some(state.identity.room),
            meeting: Some(meeting),
            target: Some(participant),
            ..AuditRecord::new(at, "participant_erased")
        };
        audit::append(connection, self.audit_keys, &state.identity.tenant, &[record]).await
    }

    async fn delete_due(
        &self,
        connection: &mut SqliteConnection,
        now: Timestamp,
        retention: Span,
    ) -> Verdict {
        let Some(limit) = now.0.checked_sub(retention.0) else { return Ok(0) };
        let due = room::ended_by(connection, Timestamp(limit)).await?;
        if due.is_empty() {
            return Ok(0);
        }
        // Keys first: should the rest fail, what stays cannot be opened and is deleted next time.
        let meetings: Vec<MeetingId> = due.iter().map(|identity| identity.meeting).collect();
        self.keys.destroy_meetings(&meetings).await?;
        for Identity { meeting, room, tenant } in &due {
            for statement in [
                "DELETE FROM personal WHERE meeting = ?",
                "DELETE FROM journal WHERE meeting = ?",
                "DELETE FROM erased WHERE meeting = ?",
                "DELETE FROM meeting WHERE id = ?",
            ] {
                sqlx::query(statement)
                    .bind(meeting.to_string())
                    .execute(&mut *connection)
                    .await
                    .map_err(StoreError::database("delete a journal"))?;
            }
            let record = AuditRecord {
                room: Some(*room),
                meeting: Some(*meeting),
                ..AuditRecord::new(now, "journal_deleted")
            };
            audit::append(connection, self.audit_keys, tenant, &[record]).await?;
        }
        Ok(due.len() as u64)
    }
}

async fn found(
    connection: &mut SqliteConnection,
    meeting: MeetingId,
) -> Result<room::MeetingState, StoreError> {
    room::state(connection, meeting).await?.ok_or(StoreError::NoSuchMeeting { meeting })
}
