//! A bare SQLite writer: the rows that one visitor's message writes, by the endpoint's own tables and
//! settings of the file (`crates/server/migrations/sqlite`, `store/sqlite/open.rs`), in groups. One
//! task takes all messages that wait, writes them in one transaction, and tells those who sent them
//! after the commit. It parses nothing, checks nothing, and reads nothing.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use sqlx::{
    Connection as _, SqliteConnection,
    migrate::Migrator,
    query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../server/migrations/sqlite");

/// So many messages in one transaction: more of them save nothing, and the first would wait longer.
const GROUP_MAX: usize = 256;

/// A message of one sender, and who waits for its commit.
#[derive(Debug)]
struct Unit {
    sender: usize,
    number: i64,
    committed: oneshot::Sender<()>,
}

/// The writer's task has this queue before it. It ends when all clones are dropped.
#[derive(Debug, Clone)]
pub(crate) struct Writer(mpsc::Sender<Unit>);

impl Writer {
    /// With a new database in the folder, and so many senders in it. The task returns how many
    /// messages it has committed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn start(
        folder: &Path,
        senders: usize,
    ) -> Result<(Self, JoinHandle<Result<u64>>)> {
        let mut database = open(&folder.join("bare.db")).await?;
        add_senders(&mut database, senders).await?;
        let (queue, units) = mpsc::channel(senders.max(1));
        let writing = tokio::spawn(async move {
            let count = write(&mut database, units).await?;
            database.close().await?;
            Ok(count)
        });
        Ok((Self(queue), writing))
    }

    /// Waits until this message of a sender is on disk; false when the writer has failed.
    pub(crate) async fn commit(&self, sender: usize, number: i64) -> bool {
        let (committed, done) = oneshot::channel();
        let unit = Unit {
            sender,
            number,
            committed,
        };
        self.0.send(unit).await.is_ok() && done.await.is_ok()
    }
}

/// How many messages a second the writer commits for so many senders, each of whom sends the next
/// message when the one before is committed.
///
/// # Errors
/// When the database cannot be written.
pub(crate) async fn messages_a_second(
    folder: &Path,
    senders: usize,
    time: Duration,
) -> Result<f64> {
    std::fs::create_dir_all(folder)?;
    let data = TempDir::with_prefix_in("writer-", folder)?;
    let (writer, writing) = Writer::start(data.path(), senders).await?;
    let begun = Instant::now();
    for sender in 0..senders {
        let writer = writer.clone();
        tokio::spawn(async move {
            let mut number = 1;
            while begun.elapsed() < time && writer.commit(sender, number).await {
                number += 1;
            }
        });
    }
    drop(writer);
    let count = writing.await??;
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

async fn open(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let mut database = SqliteConnection::connect_with(&options).await?;
    MIGRATIONS.run(&mut database).await?;
    Ok(database)
}

/// Writes until all senders have stopped; returns how many messages were committed.
async fn write(database: &mut SqliteConnection, mut units: mpsc::Receiver<Unit>) -> Result<u64> {
    let mut count = 0;
    let mut group = Vec::with_capacity(GROUP_MAX);
    while units.recv_many(&mut group, GROUP_MAX).await > 0 {
        let mut transaction = database.begin_with("BEGIN IMMEDIATE").await?;
        for unit in &group {
            write_message(&mut transaction, unit.sender, unit.number).await?;
        }
        transaction.commit().await?;
        count += group.len() as u64;
        for unit in group.drain(..) {
            let _ = unit.committed.send(());
        }
    }
    Ok(count)
}

/// A sender's customer, chat, thread and session.
async fn add_senders(database: &mut SqliteConnection, senders: usize) -> Result<()> {
    let mut transaction = database.begin_with("BEGIN IMMEDIATE").await?;
    for sender in 0..senders {
        let statements = [
            "INSERT INTO customer (id, created_at) VALUES (?1, 0)",
            "INSERT INTO chat (id, customer_id, created_at, last_thread_at, active, properties_json)
             VALUES (?1, ?1, 0, 0, 1, '{}')",
            "INSERT INTO thread (id, chat_id, status, created_at, last_event, user_ids_json,
                 seen_up_to_json, details_json)
             VALUES (?1, ?1, 'active', 0, 0, '[]', '{}', '{}')",
            "INSERT INTO session (id, key_hash, affinity, thread_id, created_at, last_heard_at,
                 post_number, post_number_may_restart, position, batch, acknowledged, counts_ack,
                 receives_queue_updates, queue_position)
             VALUES (?1, ?1, '', ?1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
        ];
        for statement in statements {
            let insert = query(statement).bind(id(sender));
            insert.execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// The rows of one message: the event, its thread's newest number, the push for agents, the record of
/// the POST, and the session's newest number.
async fn write_message(database: &mut SqliteConnection, sender: usize, number: i64) -> Result<()> {
    let id = id(sender);
    let body = format!(r#"{{"text":"message {number}"}}"#);
    let push = format!(
        r#"{{"chat_id":"{id}","thread_id":"{id}","event":{{"id":"{id}_{number}","custom_id":"v{number}","created_at":"2026-01-01T00:00:00.000000Z","author_id":"{id}","visibility":"all","type":"message","text":"message {number}"}}}}"#
    );
    query("UPDATE thread SET last_event = ? WHERE id = ?")
        .bind(number)
        .bind(&id)
        .execute(&mut *database)
        .await?;
    query(
        "INSERT INTO event (thread_id, number, chat_id, author_id, custom_id, kind, visibility,
             created_at, body_json)
         VALUES (?1, ?2, ?1, ?1, ?3, 'message', 'all', 0, ?4)",
    )
    .bind(&id)
    .bind(number)
    .bind(format!("v{number}"))
    .bind(body)
    .execute(&mut *database)
    .await?;
    query("INSERT INTO feed (action, payload_json, created_at) VALUES ('incoming_event', ?, 0)")
        .bind(push)
        .execute(&mut *database)
        .await?;
    query(
        "INSERT INTO post (session_id, number, digest, event_thread_id, event_number)
         VALUES (?1, ?2, ?3, ?1, ?2)",
    )
    .bind(&id)
    .bind(number)
    .bind("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    .execute(&mut *database)
    .await?;
    query("UPDATE session SET post_number = ?, last_heard_at = ? WHERE id = ?")
        .bind(number)
        .bind(number)
        .bind(&id)
        .execute(&mut *database)
        .await?;
    Ok(())
}

fn id(sender: usize) -> String {
    format!("W{sender:09}")
}

#[cfg(test)]
mod tests {
    use sqlx::query_scalar;

    use super::*;

    /// It also fails when the endpoint's tables have changed, so that the rows are no longer theirs.
    #[tokio::test]
    async fn each_message_writes_its_rows_once() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, writing) = Writer::start(folder.path(), 2).await.unwrap();
        for (sender, number) in [(0, 1), (1, 1), (0, 2)] {
            assert!(writer.commit(sender, number).await);
        }
        drop(writer);
        assert_eq!(writing.await.unwrap().unwrap(), 3);
        let mut database = open(&folder.path().join("bare.db")).await.unwrap();
        for table in ["event", "feed", "post"] {
            let count = format!("SELECT COUNT(*) FROM {table}");
            let count: i64 = query_scalar(sqlx::AssertSqlSafe(count))
                .fetch_one(&mut database)
                .await
                .unwrap();
            assert_eq!(count, 3, "{table}");
        }
        for (table, column) in [("thread", "last_event"), ("session", "post_number")] {
            let newest = format!("SELECT {column} FROM {table} WHERE id = 'W000000000'");
            let newest: i64 = query_scalar(sqlx::AssertSqlSafe(newest))
                .fetch_one(&mut database)
                .await
                .unwrap();
            assert_eq!(newest, 2, "{table}");
        }
    }
}
