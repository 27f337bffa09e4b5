//! Copies of the database: taken while it is written to, and checked before they are used.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, query, query_scalar,
    sqlite::SqliteConnectOptions,
};

use super::{BUSY_TIMEOUT, FILE, open::refuse_newer};
use crate::store::{Result, StoreError};

/// Copies the database in `folder` to a file that must not exist, as it is at one moment.
/// Nobody waits for it meanwhile. What was deleted is not in the copy.
pub(crate) async fn snapshot(folder: &Path, into: &Path) -> Result<()> {
    let mut connection = open(&folder.join(FILE)).await?;
    query("VACUUM INTO ?")
        .bind(into.display().to_string())
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

/// The keys of the files that a copy names.
pub(crate) async fn file_keys(database: &Path) -> Result<Vec<String>> {
    let mut connection = open(database).await?;
    let keys = query_scalar("SELECT key FROM file WHERE doomed = 0 ORDER BY key")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    Ok(keys)
}

/// Whether a copy is a whole database that this program can open.
///
/// # Errors
/// [`StoreError::Damaged`] and [`StoreError::TooNew`].
pub(crate) async fn check(database: &Path) -> Result<()> {
    let mut connection = open(database).await?;
    let found: Vec<String> = query_scalar("PRAGMA integrity_check(1)")
        .fetch_all(&mut connection)
        .await?;
    // Their texts may contain keys of rows.
    if found != ["ok"] {
        return Err(StoreError::Damaged("it is not whole".to_owned()));
    }
    refuse_newer(&mut connection).await?;
    let tables = "SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('thread', 'event', 'file')";
    let tables: i64 = query_scalar(tables).fetch_one(&mut connection).await?;
    if tables != 3 {
        return Err(StoreError::Damaged(
            "it is no database of parlor".to_owned(),
        ));
    }
    Ok(connection.close().await?)
}

/// Asks again for the erasures that `before` knows, of customers whom `restored` has: they were
/// erased after the backup was made. Returns how many.
pub(crate) async fn repeat_erasures(before: &Path, restored: &Path) -> Result<u64> {
    let mut connection = open(restored).await?;
    query("ATTACH DATABASE ? AS before")
        .bind(before.display().to_string())
        .execute(&mut connection)
        .await?;
    let known = "SELECT COUNT(*) FROM before.sqlite_schema WHERE name = 'erasure'";
    let known: i64 = query_scalar(known).fetch_one(&mut connection).await?;
    let here = "SELECT COUNT(*) FROM main.sqlite_schema WHERE name = 'erasure'";
    let here: i64 = query_scalar(here).fetch_one(&mut connection).await?;
    let mut count = 0;
    if known > 0 && here > 0 {
        let done = query(
            "INSERT INTO main.erasure (customer_id, requested_at, agent_id, conversations, files)
             SELECT customer_id, requested_at, agent_id, 0, 0 FROM before.erasure
             WHERE customer_id IN (SELECT id FROM main.customer)
             ON CONFLICT (customer_id) DO UPDATE SET erased_at = NULL",
        )
        .execute(&mut connection)
        .await?;
        count = done.rows_affected();
    }
    connection.close().await?;
    Ok(count)
}

async fn open(database: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnectOptions::new()
        .filename(database)
        .busy_timeout(BUSY_TIMEOUT)
        .connect()
        .await?)
}
