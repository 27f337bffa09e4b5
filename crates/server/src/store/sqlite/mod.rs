//! The store in one SQLite file. It knows SQL and nothing of what the rows
//! mean.
//!
//! What must stay true: there is one writer at a time (`BEGIN IMMEDIATE` on a
//! single connection; other processes on the same file wait up to
//! [`BUSY_TIMEOUT`]); readers never wait for it (WAL); a commit is synced to
//! disk before it is confirmed (`synchronous = FULL`), so that it survives
//! `kill -9` and a power failure.

mod agent_event_stream;
mod annotations;
mod chat;
mod column;
mod event;
mod file;
mod open;
mod people;
mod queues;
mod session;
mod site;
mod tx;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use sqlx::SqlitePool;

use super::{Result, Store, StoreError, Tx};
use queues::Queues;
use tx::SqliteTx;

/// The database file in the data folder.
const FILE: &str = "parlor.db";

/// How long a connection waits for another process that holds the file's lock:
/// longer than any of our transactions, shorter than a client's time-out.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Reading connections. Reads are short; on two to eight cores more connections
/// only cost memory.
const READERS: u32 = 4;

/// See the module. Clones share the connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    queues: Queues,
}

impl SqliteStore {
    /// Opens the database in `folder`, creating both if they are missing, and
    /// migrates it.
    ///
    /// # Errors
    /// [`StoreError::Open`] when it cannot be opened, [`StoreError::TooNew`]
    /// when a newer version wrote it.
    pub async fn open(folder: &Path) -> Result<Self> {
        open::open(folder).await
    }

    /// Whether there is a database in `folder`.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Waits for running transactions and closes the file, which removes the
    /// write-ahead log. A process that ends without this loses nothing.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        if self.queues.is_outdated() {
            self.queues.load(chat::all_waiting_threads(&mut tx).await?);
        }
        Ok(Box::new(SqliteTx(tx, self.queues.view())))
    }

    async fn read(&self) -> Result<Box<dyn Tx>> {
        // SQLite takes the snapshot at the first read, not at `BEGIN`.
        let tx = self
            .readers
            .begin_with("BEGIN; SELECT 1 FROM organization LIMIT 1")
            .await?;
        Ok(Box::new(SqliteTx(tx, self.queues.view())))
    }
}

/// SQLite's messages name tables and columns, never values.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.to_string())
    }
}
