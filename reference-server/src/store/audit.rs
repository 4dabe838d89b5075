//! The audit chain: one line after another per tenant, each bound to the one before.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use conf_core::Timestamp;
use conf_core::text::Subject;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::seal::derive;
use super::{AuditLine, AuditRecord, AuditReport, StoreError};
use crate::identity::key_file::Secret;

/// What the first line of a chain follows.
const BEFORE_THE_FIRST: [u8; 32] = [0; 32];

/// Lines read at a time while walking a chain.
const PAGE: u32 = 500;

/// The keys of the chain. They lie outside the data folder, so who can only
/// write there can break a chain but not mend it.
#[derive(Clone)]
pub(crate) struct AuditKeys {
    chain: hmac::Key,
    subject: hmac::Key,
}

impl AuditKeys {
    pub(crate) fn new(master: &Secret) -> Self {
        let key = |label| hmac::Key::new(hmac::HMAC_SHA256, derive(master, label).expose());
        Self { chain: key("conf audit chain 1"), subject: key("conf audit subject 1") }
    }

    /// The same person of the same tenant always hashes alike; without the key
    /// nobody can try names.
    fn subject(&self, tenant: &str, subject: &Subject) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.subject);
        feed(&mut mac, Some(tenant.as_bytes()));
        feed(&mut mac, Some(subject.as_str().as_bytes()));
        bytes(&mac.sign())
    }

    fn line(&self, row: &Row) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.chain);
        mac.update(&row.seq.to_be_bytes());
        mac.update(&row.at_ms.to_be_bytes());
        for text in [Some(&row.tenant), Some(&row.kind)] {
            feed(&mut mac, text.map(String::as_bytes));
        }
        for text in [&row.room, &row.meeting, &row.actor, &row.target, &row.code] {
            feed(&mut mac, text.as_ref().map(String::as_bytes));
        }
        feed(&mut mac, row.subject_hash.as_deref());
        feed(&mut mac, Some(&row.prev_hash));
        bytes(&mac.sign())
    }
}

/// One line as it is stored. Texts stay texts, so that a damaged one is
/// found by its hash and not by a parser.
#[derive(sqlx::FromRow)]
struct Row {
    tenant: String,
    seq: i64,
    at_ms: i64,
    kind: String,
    room: Option<String>,
    meeting: Option<String>,
    actor: Option<String>,
    target: Option<String>,
    code: Option<String>,
    subject_hash: Option<Vec<u8>>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

/// Appends `records` to the tenant's chain, in the caller's transaction.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    keys: &AuditKeys,
    tenant: &str,
    records: &[AuditRecord],
) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    let failed = || StoreError::database("append to the audit chain");
    let head: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM audit WHERE tenant = ? ORDER BY seq DESC LIMIT 1")
            .bind(tenant)
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed())?;
    let (mut seq, mut prev_hash) = head.unwrap_or_else(|| (0, BEFORE_THE_FIRST.to_vec()));
    for record in records {
        seq += 1;
        let mut row = Row {
            tenant: tenant.to_owned(),
            seq,
            at_ms: stored_ms(record.at),
            kind: record.kind.to_owned(),
            room: record.room.map(|id| id.to_string()),
            meeting: record.meeting.map(|id| id.to_string()),
            actor: record.actor.map(|id| id.to_string()),
            target: record.target.map(|id| id.to_string()),
            code: record.code.map(str::to_owned),
            subject_hash: record.subject.as_ref().map(|s| keys.subject(tenant, s).to_vec()),
            prev_hash,
            hash: Vec::new(),
        };
        row.hash = keys.line(&row).to_vec();
        prev_hash = row.hash.clone();
        insert(connection, row).await.map_err(failed())?;
    }
    Ok(())
}

/// Walks the tenant's chain to its end or its first broken line.
pub(crate) async fn verify(
    readers: &SqlitePool,
    keys: &AuditKeys,
    tenant: &str,
) -> Result<AuditReport, StoreError> {
    let mut report = AuditReport { intact: 0, head: BEFORE_THE_FIRST, broken_at: None };
    loop {
        let page = rows(readers, tenant, report.intact + 1, PAGE).await;
        let page = match page {
            Ok(page) => page,
            // A value of another type than was written: something in this page
            // is broken; find the last line before it one by one.
            Err(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
                match rows(readers, tenant, report.intact + 1, 1).await {
                    Ok(line) => line,
                    Err(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
                        report.broken_at = Some(report.intact + 1);
                        return Ok(report);
                    }
                    Err(error) => return Err(failed_to_read(error)),
                }
            }
            Err(error) => return Err(failed_to_read(error)),
        };
        if page.is_empty() {
            return Ok(report);
        }
        for row in page {
            let follows = u64::try_from(row.seq) == Ok(report.intact + 1)
                && row.prev_hash == report.head
                && verify_slices_are_equal(&row.hash, &keys.line(&row)).is_ok();
            if !follows {
                report.broken_at = Some(report.intact + 1);
                return Ok(report);
            }
            report.intact += 1;
            report.head = keys.line(&row);
        }
    }
}

/// At most `limit` lines from number `from` on.
pub(crate) async fn lines(
    readers: &SqlitePool,
    tenant: &str,
    from: u64,
    limit: u32,
) -> Result<Vec<AuditLine>, StoreError> {
    let rows = rows(readers, tenant, from, limit).await.map_err(failed_to_read)?;
    rows.into_iter()
        .map(|row| {
            let seq = row.seq;
            row.into_line().ok_or_else(|| StoreError::Corrupt {
                thing: format!("audit line {seq}"),
                expected: "ids and hashes",
                found: "something else".into(),
            })
        })
        .collect()
}

impl Row {
    fn into_line(self) -> Option<AuditLine> {
        /// `Some(None)` when absent, `None` when unreadable.
        fn id<T: std::str::FromStr>(text: Option<String>) -> Option<Option<T>> {
            text.map_or(Some(None), |text| text.parse().ok().map(Some))
        }
        let subject_hash = match self.subject_hash {
            Some(hash) => Some(hash.try_into().ok()?),
            None => None,
        };
        Some(AuditLine {
            seq: u64::try_from(self.seq).ok()?,
            at: Timestamp(u64::try_from(self.at_ms).ok()?),
            kind: self.kind,
            room: id(self.room)?,
            meeting: id(self.meeting)?,
            actor: id(self.actor)?,
            target: id(self.target)?,
            code: self.code,
            subject_hash,
            hash: self.hash.try_into().ok()?,
        })
    }
}

async fn insert(connection: &mut SqliteConnection, row: Row) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit (tenant, seq, at_ms, kind, room, meeting, actor, target, code, \
         subject_hash, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(row.tenant)
    .bind(row.seq)
    .bind(row.at_ms)
    .bind(row.kind)
    .bind(row.room)
    .bind(row.meeting)
    .bind(row.actor)
    .bind(row.target)
    .bind(row.code)
    .bind(row.subject_hash)
    .bind(row.prev_hash)
    .bind(row.hash)
    .execute(connection)
    .await
    .map(|_| ())
}

async fn rows(
    readers: &SqlitePool,
    tenant: &str,
    from: u64,
    limit: u32,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT tenant, seq, at_ms, kind, room, meeting, actor, target, code, subject_hash, \
         prev_hash, hash FROM audit WHERE tenant = ? AND seq >= ? ORDER BY seq LIMIT ?",
    )
    .bind(tenant)
    .bind(i64::try_from(from).unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(readers)
    .await
}

fn failed_to_read(error: sqlx::Error) -> StoreError {
    StoreError::database("read the audit chain")(error)
}

/// A moment as the database keeps it; one beyond its range becomes the last.
pub(crate) fn stored_ms(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

/// Every part is fed with its length, so that no two lines look alike to the hash.
fn feed(mac: &mut hmac::Context, part: Option<&[u8]>) {
    match part {
        Some(part) => {
            mac.update(&[1]);
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        None => mac.update(&[0]),
    }
}

fn bytes(tag: &hmac::Tag) -> [u8; 32] {
    tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
}
