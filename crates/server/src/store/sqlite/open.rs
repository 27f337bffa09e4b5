//! Opens the database file: connection options, migrations, and clear errors.

use std::{path::Path, time::Instant};

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    migrate::Migrator,
    query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{BUSY_TIMEOUT, FILE, READERS, STATEMENTS, SqliteStore, queues::Queues, writer::Writer};
use crate::{
    data_folder,
    store::{Result, Store as _, StoreError},
};

/// The first version of the database in which deleted rows are overwritten.
const SECURE_DELETE_SINCE: i64 = 20;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

pub(super) async fn open(folder: &Path) -> Result<SqliteStore> {
    data_folder::create(folder).map_err(|error| cannot_open(folder, &error))?;
    let file = folder.join(FILE);
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What a savepoint or a statement may have to undo is kept in memory: in a
        // file, it would be half of what is written.
        .pragma("temp_store", "MEMORY")
        // What is deleted is overwritten with zeros.
        .pragma("secure_delete", "ON")
        .statement_cache_capacity(STATEMENTS)
        .busy_timeout(BUSY_TIMEOUT);

    let mut writer = options
        .connect()
        .await
        .map_err(|error| cannot_open(&file, &error))?;
    refuse_newer(&mut writer).await?;
    let before = newest_migration(&mut writer).await?;
    MIGRATIONS
        .run(&mut writer)
        .await
        .map_err(|error| cannot_open(&file, &error))?;

    if before.is_some_and(|before| before < SECURE_DELETE_SINCE) {
        rewrite(&file).await;
    }

    let readers = pool(READERS)
        .connect_with(options.clone().pragma("query_only", "ON"))
        .await
        .map_err(|error| cannot_open(&file, &error))?;
    let store = SqliteStore {
        writer: Writer::start(writer, options),
        readers,
        queues: Queues::outdated(),
    };
    // The first transaction reads the queues.
    drop(store.begin().await?);
    Ok(store)
}

/// Overwrites what was deleted before `secure_delete` was on, once. Without the free space for
/// it the database stays as it is: it can be used all the same.
async fn rewrite(file: &Path) {
    let begun = Instant::now();
    let rewritten = async {
        // Temporary files are on disk here: they are as large as the database.
        let options = SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(BUSY_TIMEOUT);
        let mut connection = options.connect().await?;
        query("VACUUM").execute(&mut connection).await?;
        query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut connection)
            .await?;
        connection.close().await
    };
    match rewritten.await {
        Ok(()) => tracing::info!(
            seconds = begun.elapsed().as_secs(),
            "the database was rewritten, without what was deleted"
        ),
        Err(error) => {
            let error = StoreError::from(error);
            tracing::warn!(%error, "the database has remains of deleted rows: run VACUUM on it");
        }
    }
}

/// Connections are kept as long as the process lives: opening one costs more,
/// and a local file does not disconnect.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Whether the newest migration that this program knows has run. False too when
/// this cannot be read: opening the database then tells why.
pub(super) async fn is_current(folder: &Path) -> bool {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(FILE))
        .busy_timeout(BUSY_TIMEOUT);
    let Ok(mut connection) = options.connect().await else {
        return false;
    };
    let newest = newest_migration(&mut connection).await;
    let _ = connection.close().await;
    newest.is_ok_and(|newest| newest >= Some(newest_known()))
}

pub(super) async fn refuse_newer(writer: &mut SqliteConnection) -> Result<()> {
    let known = newest_known();
    match newest_migration(writer).await? {
        Some(found) if found > known => Err(StoreError::TooNew { found, known }),
        _ => Ok(()),
    }
}

fn newest_known() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

/// The newest migration that has run.
async fn newest_migration(connection: &mut SqliteConnection) -> Result<Option<i64>> {
    let begun: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !begun {
        return Ok(None);
    }
    Ok(
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
            .fetch_one(connection)
            .await?,
    )
}

/// The newest time in microseconds since 1970. Each part is found by an index or
/// by the order in which rows were inserted.
pub(super) async fn newest_time(readers: &SqlitePool) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT MAX(time) FROM (
             SELECT MAX(created_at) AS time FROM feed
             UNION ALL SELECT MAX(created_at) FROM thread
             UNION ALL SELECT created_at FROM event
                 WHERE rowid = (SELECT MAX(rowid) FROM event)
             UNION ALL SELECT MAX(last_heard_at) FROM session WHERE closed_at IS NULL
             UNION ALL SELECT MAX(last_heard_at) FROM session WHERE closed_at IS NOT NULL)",
    )
    .fetch_one(readers)
    .await?)
}

fn cannot_open(path: &Path, error: &dyn std::error::Error) -> StoreError {
    StoreError::Open {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}
