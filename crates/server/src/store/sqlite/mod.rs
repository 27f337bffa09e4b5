//! The store in one SQLite file. It knows SQL and nothing of what the rows
//! mean.
//!
//! What must stay true: there is one writer at a time (`writer.rs`; other
//! processes on the same file wait up to [`BUSY_TIMEOUT`]); readers never wait
//! for it (WAL); a commit is synced to disk before it is confirmed
//! (`synchronous = FULL`), so that it survives `kill -9` and a power failure.

mod agent_event_stream;
mod annotations;
mod archive;
pub(crate) mod backup;
mod chat;
mod conversion;
mod deletion;
mod erasure;
mod event;
mod fault;
mod file;
mod offline_message;
mod open;
mod outgoing_mail;
mod people;
mod queues;
mod record;
mod rows;
mod session;
mod site;
mod table_row;
mod tx;
mod webhook;
mod writer;
mod writes;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use sqlx::{SqlitePool, query};

use super::{Result, Store, Tx};
use crate::clock::Timestamp;
use queues::Queues;
use tx::SqliteTx;
use writer::Writer;

/// The database file in the data folder.
const FILE: &str = "parlor.db";

/// How long a connection waits for another process that holds the file's lock:
/// longer than any of our transactions, shorter than a client's time-out.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Reading connections. Reads are short; on two to eight cores more connections
/// only cost memory.
const READERS: u32 = 4;

/// How many texts each connection keeps prepared: more than there are statements
/// in this folder. Statements that are sent together are one text for each
/// combination, of which those used least are prepared again.
const STATEMENTS: usize = 200;

/// See the module. Clones share the connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    queues: Queues,
}

impl SqliteStore {
    /// Opens the database in `folder`, creating both if they are missing, and
    /// migrates it. Each migration is one transaction: a process that is killed
    /// meanwhile leaves a database that the next one migrates further. Two
    /// processes must not migrate at the same time
    /// ([`FolderLock`](crate::data_folder::FolderLock)).
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

    /// Whether [`SqliteStore::open`] has nothing to create or migrate in
    /// `folder`.
    pub async fn is_current(folder: &Path) -> bool {
        Self::is_in(folder) && open::is_current(folder).await
    }

    /// The newest time of those rows that are written most; 1970 when there are
    /// none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newest_time(&self) -> Result<Timestamp> {
        let newest = open::newest_time(&self.readers).await?;
        Ok(Timestamp(newest.unwrap_or_default()))
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
        let mut loan = self.writer.begin().await?;
        if self.queues.is_outdated() {
            let waiting = chat::all_waiting_threads(loan.connection()?).await?;
            self.queues.load(waiting);
        }
        Ok(Box::new(SqliteTx::write(loan, self.queues.view())))
    }

    async fn read(&self) -> Result<Box<dyn Tx>> {
        // SQLite takes the snapshot at the first read, not at `BEGIN`.
        let tx = self
            .readers
            .begin_with("BEGIN; SELECT 1 FROM organization LIMIT 1")
            .await?;
        Ok(Box::new(SqliteTx::read(tx, self.queues.view())))
    }

    async fn read_latest(&self) -> Result<Box<dyn Tx>> {
        let connection = self.readers.acquire().await?;
        Ok(Box::new(SqliteTx::read_latest(
            connection,
            self.queues.view(),
        )))
    }

    async fn probe(&self) -> Result<()> {
        let mut unit = self.writer.begin().await?;
        // A number in the file's header that SQLite leaves to programs. Setting
        // it writes a page, also when it stays the same.
        query("PRAGMA user_version = 1")
            .execute(unit.connection()?)
            .await?;
        unit.commit(self.queues.view().commit()).await
    }

    async fn scrub(&self) -> Result<bool> {
        self.writer.truncate_log().await
    }
}
