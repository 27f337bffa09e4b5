//! Which fault an error of SQLite is, by its result code
//! (<https://www.sqlite.org/rescode.html>).

use std::io::ErrorKind;

use crate::store::StoreError;

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_NOMEM: u32 = 7;
const SQLITE_READONLY: u32 = 8;
const SQLITE_INTERRUPT: u32 = 9;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

/// SQLite's messages name tables and columns, never values.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let reason = error.to_string();
        match &error {
            sqlx::Error::Database(database) => {
                let code = database.code().and_then(|code| code.parse::<u32>().ok());
                // The lowest byte is the kind of error, the others the detail.
                match code.map(|code| code & 0xff) {
                    Some(SQLITE_BUSY | SQLITE_LOCKED) => Self::Busy(reason),
                    Some(SQLITE_FULL) => Self::Full(reason),
                    Some(SQLITE_READONLY) => Self::ReadOnly(reason),
                    Some(SQLITE_IOERR | SQLITE_CANTOPEN | SQLITE_NOMEM | SQLITE_INTERRUPT) => {
                        Self::Io(reason)
                    }
                    Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Damaged(reason),
                    _ => Self::Database(reason),
                }
            }
            sqlx::Error::Io(io) => match io.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(reason),
                ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(reason),
                _ => Self::Io(reason),
            },
            sqlx::Error::PoolTimedOut => Self::Busy(reason),
            sqlx::Error::WorkerCrashed => Self::Io(reason),
            _ => Self::Database(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, time::Duration};

    use sqlx::{ConnectOptions as _, SqliteConnection, raw_sql, sqlite::SqliteConnectOptions};

    use super::*;

    async fn open(folder: &Path) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(folder.join("a.db"))
            .create_if_missing(true)
            .busy_timeout(Duration::ZERO)
            .connect()
            .await
            .unwrap()
    }

    async fn fault(connection: &mut SqliteConnection, sql: &'static str) -> StoreError {
        raw_sql(sql).execute(connection).await.unwrap_err().into()
    }

    #[tokio::test]
    async fn faults_of_a_real_database_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = open(folder.path()).await;
        let mut second = open(folder.path()).await;
        raw_sql("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1); BEGIN IMMEDIATE")
            .execute(&mut first)
            .await
            .unwrap();
        let busy = fault(&mut second, "BEGIN IMMEDIATE").await;
        assert!(matches!(busy, StoreError::Busy(_)), "{busy}");

        let other = fault(&mut first, "INSERT INTO t VALUES (1)").await;
        assert!(matches!(other, StoreError::Database(_)), "{other}");
        assert!(!other.ends_transaction());
        raw_sql("COMMIT; PRAGMA max_page_count = 3")
            .execute(&mut first)
            .await
            .unwrap();
        let full = fault(&mut first, "INSERT INTO t VALUES (zeroblob(100000))").await;
        assert!(matches!(full, StoreError::Full(_)), "{full}");

        raw_sql("PRAGMA query_only = ON")
            .execute(&mut first)
            .await
            .unwrap();
        let read_only = fault(&mut first, "INSERT INTO t VALUES (2)").await;
        assert!(matches!(read_only, StoreError::ReadOnly(_)), "{read_only}");
        for fault in [busy, full, read_only] {
            assert!(fault.ends_transaction() && fault.retry_after().is_some());
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.db"), "not a database".repeat(100)).unwrap();
        let mut connection = open(folder.path()).await;
        let damaged = fault(&mut connection, "SELECT * FROM sqlite_schema").await;
        assert!(matches!(damaged, StoreError::Damaged(_)), "{damaged}");
        assert!(damaged.ends_transaction() && damaged.retry_after().is_none());
    }
}
