//! Opens the database file: connection options, migrations, and clear errors.

use std::{fs::DirBuilder, path::Path};

use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{BUSY_TIMEOUT, FILE, READERS, SqliteStore, queues::Queues};
use crate::store::{Result, Store as _, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

pub(super) async fn open(folder: &Path) -> Result<SqliteStore> {
    create(folder).map_err(|error| cannot_open(folder, &error))?;
    let file = folder.join(FILE);
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);

    let writer = pool(1)
        .connect_with(options.clone())
        .await
        .map_err(|error| cannot_open(&file, &error))?;
    refuse_newer(&writer).await?;
    MIGRATIONS
        .run(&writer)
        .await
        .map_err(|error| cannot_open(&file, &error))?;

    let readers = pool(READERS)
        .connect_with(options.pragma("query_only", "ON"))
        .await
        .map_err(|error| cannot_open(&file, &error))?;
    let store = SqliteStore {
        writer,
        readers,
        queues: Queues::outdated(),
    };
    // The first transaction reads the queues.
    drop(store.begin().await?);
    Ok(store)
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

/// Only the owner may read the folder: visitors' messages are in it.
fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn refuse_newer(writer: &SqlitePool) -> Result<()> {
    let begun: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')",
    )
    .fetch_one(writer)
    .await?;
    if !begun {
        return Ok(());
    }
    let found: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(writer)
        .await?;
    let known = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    match found {
        Some(found) if found > known => Err(StoreError::TooNew { found, known }),
        _ => Ok(()),
    }
}

fn cannot_open(path: &Path, error: &dyn std::error::Error) -> StoreError {
    StoreError::Open {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}
