//! What outlives the process: rooms, journals, the audit chain, and the keys that make people erasable.

pub mod error;
pub mod record;
pub mod reports;

mod audit;
mod database;
mod files;
mod journal;
mod keys;
mod room;
mod seal;
pub(crate) mod votes;
mod writer;

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use conf_core::id::{MeetingId, ParticipantId, RoomId};
use conf_core::{Entry, Identity, Span, Timestamp};
use metrics::histogram;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use self::audit::AuditKeys;
use self::database::{reading, writing};
use self::files::FileStore;
use self::keys::KeyStore;
use self::writer::{Job, Verdict, Work, Writer};
use crate::identity::key_file::{make_private_dir, raw_key};
use crate::telemetry::metric::name;
pub use error::StoreError;
pub(crate) use files::{FilePlace, Receiving};

pub use record::{
    AuditLine, AuditRecord, AuditReport, Link, NewRoom, NextGuestLink, RoomRecord, StoreConfig,
};
pub use reports::{Report, Wanted};

/// The store. Cheap to clone; every clone is the same store.
#[derive(Clone)]
pub struct Store {
    writer: mpsc::Sender<Job>,
    readers: SqlitePool,
    keys: KeyStore,
    audit_keys: AuditKeys,
    files: FileStore,
}

impl Store {
    /// Opens the store, making folders, keys and tables that are missing.
    ///
    /// # Errors
    /// When a folder cannot be made, a key file is readable by others or of
    /// the wrong length, or the database cannot be opened.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        make_private_dir(&config.data_dir)?;
        make_private_dir(&config.key_dir)?;
        let lock = lock(&config.data_dir, LOCK_PATIENCE).await?;
        let master = raw_key(&config.key_dir.join("master.key"))?;
        let keys = KeyStore::open(&config.key_dir.join("keys.db"), &master).await?;
        let file = config.data_dir.join("conf.db");
        let opening = || StoreError::database("open the database");
        let mut connection =
            SqliteConnection::connect_with(&writing(&file)).await.map_err(opening())?;
        sqlx::migrate!("migrations/store")
            .run(&mut connection)
            .await
            .map_err(|source| StoreError::Migration { source: Arc::new(source) })?;
        destroy_again(&mut connection, &keys).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(reading(&file))
            .await
            .map_err(opening())?;
        let audit_keys = AuditKeys::new(&master);
        let (writer, inbox) = mpsc::channel(QUEUE);
        let task = Writer {
            file,
            connection: Some(connection),
            keys: keys.clone(),
            audit_keys: audit_keys.clone(),
            held: HashMap::new(),
            // Who wrote before may have been stopped in between.
            log_holds_forgotten: true,
            _lock: lock,
        };
        tokio::spawn(task.run(inbox));
        let files = FileStore::new(&config.data_dir, keys.clone());
        Ok(Self { writer, readers, keys, audit_keys, files })
    }

    /// Makes a room with its links.
    ///
    /// # Errors
    /// [`StoreError::RoomExists`], or a failing disk.
    pub async fn create_room(&self, new: &NewRoom) -> Result<(), StoreError> {
        self.ask(Work::CreateRoom(new.clone())).await.map(|_| ())
    }

    /// The room, if there is one.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn room(&self, room: RoomId) -> Result<Option<RoomRecord>, StoreError> {
        room::read(&self.readers, room).await
    }

    /// Begins a meeting in its room; from now on its journal can be written.
    ///
    /// # Errors
    /// When the room is not there or holds another meeting, or the disk fails.
    pub async fn begin_meeting(
        &self,
        identity: &Identity,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.ask(Work::BeginMeeting(identity.clone(), at)).await.map(|_| ())
    }

    /// Closes a meeting's journal and deletes its files. An `Ended` entry does the same by itself, so
    /// this is for meetings that cannot be brought back; repeating it is no error.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMeeting`], or a failing disk.
    pub async fn end_meeting(&self, meeting: MeetingId, at: Timestamp) -> Result<(), StoreError> {
        self.ask(Work::EndMeeting(meeting, at)).await?;
        self.files.remove_meeting(meeting).await
    }

    /// Meetings that began and did not end, oldest first.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn live_meetings(&self) -> Result<Vec<Identity>, StoreError> {
        room::live_meetings(&self.readers).await
    }

    /// The meeting that is on in a room.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn meeting_of(&self, room: RoomId) -> Result<Option<Identity>, StoreError> {
        room::meeting_of(&self.readers, room).await
    }

    /// Appends to a meeting's journal and to its tenant's audit chain, both or neither.
    ///
    /// Returns when it is on disk. Personal fields are sealed on the way. An
    /// `Ended` entry closes the journal in the same transaction.
    ///
    /// # Errors
    /// When the meeting is not there or over, an entry does not follow the last
    /// one, or the disk fails. Nothing was kept then.
    pub async fn append(
        &self,
        meeting: MeetingId,
        entries: Vec<Entry>,
        audit: Vec<AuditRecord>,
    ) -> Result<(), StoreError> {
        self.append_with_link(meeting, entries, audit, None).await
    }

    /// The same, and with it puts `next` in the place of the guest link of the meeting's room.
    ///
    /// # Errors
    /// As for [`append`](Self::append); then the old link is still the one that counts.
    pub async fn append_with_link(
        &self,
        meeting: MeetingId,
        entries: Vec<Entry>,
        audit: Vec<AuditRecord>,
        next: Option<NextGuestLink>,
    ) -> Result<(), StoreError> {
        let asked = Instant::now();
        let kept = self.ask(Work::append(meeting, entries, audit, next)).await.map(|_| ());
        histogram!(name::JOURNAL_APPEND).record(asked.elapsed().as_secs_f64());
        kept
    }

    /// Tries whether a meeting's journal can be written, leaving a line in the
    /// audit that it can.
    ///
    /// # Errors
    /// When the meeting is not there or over, or the disk fails.
    pub async fn probe(&self, meeting: MeetingId, at: Timestamp) -> Result<(), StoreError> {
        self.ask(Work::Probe { meeting, at }).await.map(|_| ())
    }

    /// Appends to a tenant's audit chain alone: what happened outside any meeting.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn audit(&self, tenant: &str, records: Vec<AuditRecord>) -> Result<(), StoreError> {
        self.ask(Work::Audit { tenant: tenant.to_owned(), records }).await.map(|_| ())
    }

    /// A meeting's journal from its first entry. Personal fields whose key is
    /// gone are erased.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMeeting`], [`StoreError::Corrupt`], or a failing disk.
    pub async fn journal(&self, meeting: MeetingId) -> Result<Vec<Entry>, StoreError> {
        journal::read(&self.readers, &self.keys, meeting).await
    }

    /// Destroys the key of one person in one meeting: their personal fields
    /// and files can never be opened again, and later ones are not kept. Audited.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMeeting`], or a failing disk.
    pub async fn erase(
        &self,
        meeting: MeetingId,
        participant: ParticipantId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.ask(Work::Erase { meeting, participant, at }).await?;
        self.files.remove_of(meeting, participant).await
    }

    /// Deletes journals, with their keys, of meetings that ended at least
    /// `retention` before `now`. Returns how many. Audited.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn delete_due(&self, now: Timestamp, retention: Span) -> Result<u64, StoreError> {
        self.ask(Work::DeleteDue { now, retention }).await
    }

    /// Walks a tenant's audit chain from its first line.
    ///
    /// # Errors
    /// A failing disk. A broken chain is a finding, not an error.
    pub async fn verify_audit(&self, tenant: &str) -> Result<AuditReport, StoreError> {
        audit::verify(&self.readers, &self.audit_keys, tenant).await
    }

    /// What people reported to the operator, the latest meeting first. That they were read is
    /// audited before they are given out: one line for each.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], or a failing disk.
    pub async fn reports(&self, at: Timestamp, wanted: Wanted) -> Result<Vec<Report>, StoreError> {
        let reports = reports::list(&self.readers, &self.keys, wanted).await?;
        let mut read: BTreeMap<&str, Vec<AuditRecord>> = BTreeMap::new();
        for report in &reports {
            read.entry(&report.tenant).or_default().push(AuditRecord {
                room: Some(report.room),
                meeting: Some(report.meeting),
                target: Some(report.about),
                ..AuditRecord::new(at, "report_read")
            });
        }
        for (tenant, records) in read {
            self.audit(tenant, records).await?;
        }
        Ok(reports)
    }

    /// At most `limit` audit lines of a tenant from number `from` on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], or a failing disk.
    pub async fn audit_lines(
        &self,
        tenant: &str,
        from: u64,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        audit::lines(&self.readers, tenant, from, limit).await
    }

    /// The files people handed on.
    pub(crate) const fn files(&self) -> &FileStore {
        &self.files
    }

    /// The keys of secret votes that are on.
    pub(crate) const fn vote_keys(&self) -> &KeyStore {
        &self.keys
    }

    /// Whether the database answers; for readiness.
    ///
    /// # Errors
    /// A failing disk.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .execute(&self.readers)
            .await
            .map(|_| ())
            .map_err(StoreError::database("answer"))
    }

    /// Finishes what was asked before and closes the files. Later calls answer
    /// [`StoreError::Stopped`].
    pub async fn close(&self) {
        // Readers first: the last connection to close moves the log into the file.
        self.readers.close().await;
        // An error means it is closed already.
        let _ = self.ask(Work::Close).await;
        self.writer.closed().await;
    }

    async fn ask(&self, work: Work) -> Verdict {
        let (reply, answer) = oneshot::channel();
        self.writer.send(Job { work, reply }).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}

/// Connections that read: journals at start, rooms at each join.
const READERS: u32 = 4;

/// Jobs that may wait for the writer; who asks beyond that waits to ask.
const QUEUE: usize = 1_024;

/// How long a start waits for a process that is just ending.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Takes the data folder for this process. The system lets go of it when the
/// process dies, however it dies.
async fn lock(data_dir: &Path, patience: Duration) -> Result<File, StoreError> {
    let path = data_dir.join("lock");
    let failed = |source| StoreError::DataDir { path: path.clone(), source: Arc::new(source) };
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < patience => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: data_dir.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// Destroys the keys of everyone who was erased, once more: an older key
/// database may have been restored, or the last erasure was cut off halfway.
async fn destroy_again(
    connection: &mut SqliteConnection,
    keys: &KeyStore,
) -> Result<(), StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT meeting, participant FROM erased")
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read the list of the erased"))?;
    let whose = rows
        .iter()
        .map(|(meeting, participant)| Ok((room::id(meeting)?, room::id(participant)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    if whose.is_empty() { Ok(()) } else { keys.destroy(&whose).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_processes_do_not_share_a_data_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path(), Duration::ZERO).await.unwrap();
        let second = lock(dir.path(), Duration::ZERO).await;
        assert!(matches!(second, Err(StoreError::InUse { path }) if path == dir.path()));
        drop(first);
        lock(dir.path(), Duration::ZERO).await.unwrap();
    }
}
