//! How the SQLite files are opened: durable, wiping what is deleted.

use std::path::Path;
use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

/// How long a connection waits for another's lock before it fails.
const BUSY: Duration = Duration::from_secs(5);

/// The options of a connection that writes.
///
/// WAL with FULL: a commit is on disk when it returns. `secure_delete`: freed
/// cells are overwritten, so a deleted key is not left in a free page.
pub(crate) fn writing(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
}

/// The options of a connection that only reads.
pub(crate) fn reading(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(BUSY)
}

/// Moves the log into the file and empties it. False while somebody reads from it, who is not
/// waited for.
pub(crate) async fn empty_log(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *connection).await?;
    let emptied =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
    let patient = format!("PRAGMA busy_timeout = {}", BUSY.as_millis());
    sqlx::query(AssertSqlSafe(patient)).execute(connection).await?;
    let (busy, _, _): (i64, i64, i64) = emptied?;
    Ok(busy == 0)
}
