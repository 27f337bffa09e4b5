//! Sessions, their queued messages (table `mail`) and idempotency records
//! (table `post`).

use futures_util::TryStreamExt as _;
use parlor_wire::id::{SessionId, ThreadId};
use sqlx::{
    Either, Executor as _, FromRow, Row as _, SqliteConnection, query, query_scalar,
    sqlite::SqliteRow, types::Json,
};

use super::{
    chat::{select_chat, select_thread},
    site::select_deployment,
    table_row::{invalid, read},
    writes::Writes,
};
use crate::{
    clock::Timestamp,
    store::{
        IDEMPOTENCY_RECORDS_KEPT, Result,
        row::{
            Chat, Deployment, IdempotencyRecord, QueueListener, QueuedMessage, Session,
            SessionProgress, SilentSessions, Thread,
        },
    },
};

macro_rules! select_session {
    ($rest:literal) => {
        concat!(
            "SELECT id, key_hash, affinity, thread_id, created_at, last_heard_at, closed_at,
             post_number, post_number_may_restart, position, batch, served, receives_queue_updates, queue_position, origin FROM session ",
            $rest
        )
    };
}

pub(super) async fn session(c: &mut SqliteConnection, id: &SessionId) -> Result<Option<Session>> {
    query(select_session!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn session_by_key(
    c: &mut SqliteConnection,
    key_hash: &str,
) -> Result<Option<Session>> {
    query(select_session!("WHERE key_hash = ?"))
        .bind(key_hash)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// A session with what it belongs to, each if there is one.
#[derive(Debug, Default)]
pub(super) struct SessionWithThread {
    pub(super) session: Option<Session>,
    pub(super) thread: Option<Thread>,
    pub(super) chat: Option<Chat>,
    pub(super) deployment: Option<Deployment>,
}

/// What every request of a visitor needs. Four statements that are sent
/// together, so that it takes no longer than one.
pub(super) async fn session_with_thread(
    c: &mut SqliteConnection,
    key_hash: &str,
) -> Result<SessionWithThread> {
    const THREAD: usize = 1;
    const CHAT: usize = 2;
    const DEPLOYMENT: usize = 3;
    let statements = query(concat!(
        select_session!("WHERE key_hash = ?1;"),
        select_thread!("WHERE id = (SELECT thread_id FROM session WHERE key_hash = ?1);"),
        select_chat!(
            "WHERE id = (SELECT chat_id FROM thread
                 WHERE id = (SELECT thread_id FROM session WHERE key_hash = ?1));"
        ),
        select_deployment!(
            "WHERE id = (SELECT deployment_id FROM thread
                 WHERE id = (SELECT thread_id FROM session WHERE key_hash = ?1))"
        ),
    ))
    .bind(key_hash);
    let mut results = c.fetch_many(statements);
    let mut found = SessionWithThread::default();
    let mut statement = 0;
    while let Some(result) = results.try_next().await? {
        match (result, statement) {
            (Either::Left(_), _) => statement += 1,
            (Either::Right(row), THREAD) => found.thread = Some(read(&row)?),
            (Either::Right(row), CHAT) => found.chat = Some(read(&row)?),
            (Either::Right(row), DEPLOYMENT) => found.deployment = Some(read(&row)?),
            (Either::Right(row), _) => found.session = Some(read(&row)?),
        }
    }
    Ok(found)
}

pub(super) async fn sessions_of(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<Vec<Session>> {
    query(select_session!(
        "WHERE thread_id = ? AND closed_at IS NULL ORDER BY created_at, id"
    ))
    .bind(thread)
    .fetch_all(c)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub(super) fn put_session_progress(writes: &mut Writes, row: &SessionProgress) {
    if let Some(last_heard_at) = row.last_heard_at {
        let sql = "UPDATE session SET last_heard_at = MAX(last_heard_at, ?) WHERE id = ?";
        writes.add(sql).bind(last_heard_at).bind(&row.id);
    }
    writes
        .add("UPDATE session SET batch = MAX(batch, ?), served = MAX(served, ?) WHERE id = ?")
        .bind(row.batch)
        .bind(row.served)
        .bind(&row.id);
}

pub(super) async fn threads_with_session(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
    heard_since: Timestamp,
) -> Result<Vec<ThreadId>> {
    Ok(query_scalar(
        "SELECT DISTINCT thread_id FROM session
         WHERE thread_id IN (SELECT value FROM json_each(?)) AND closed_at IS NULL
             AND last_heard_at >= ?
         ORDER BY thread_id",
    )
    .bind(Json(threads))
    .bind(heard_since)
    .fetch_all(c)
    .await?)
}

pub(super) async fn queue_listeners(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<QueueListener>> {
    query(
        "SELECT id AS session_id, thread_id, queue_position FROM session
         WHERE thread_id IN (SELECT value FROM json_each(?)) AND closed_at IS NULL
             AND receives_queue_updates = 1
         ORDER BY id",
    )
    .bind(Json(threads))
    .fetch_all(c)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub(super) async fn silent_sessions(
    c: &mut SqliteConnection,
    wanted: &SilentSessions,
) -> Result<Vec<SessionId>> {
    let SilentSessions {
        deployment_id,
        chatting_before,
        waiting_before,
        limit,
    } = wanted;
    Ok(query_scalar(
        "SELECT session.id FROM session LEFT JOIN thread ON thread.id = session.thread_id
         WHERE session.closed_at IS NULL AND session.last_heard_at < max(?1, ?2)
             AND session.last_heard_at < iif(thread.status = 'active', ?1, ?2)
             AND (thread.deployment_id = ?3 OR ?3 IS NULL AND NOT EXISTS
                 (SELECT 1 FROM deployment WHERE id = thread.deployment_id))
         ORDER BY session.last_heard_at, session.id LIMIT ?4",
    )
    .bind(*chatting_before)
    .bind(*waiting_before)
    .bind(deployment_id)
    .bind((*limit).max(0))
    .fetch_all(c)
    .await?)
}

/// `acknowledged` and `counts_ack` were once used, and are 0 since.
///
/// `old` is the row as it is, if that is known.
pub(super) fn put_session(writes: &mut Writes, row: &Session, old: Option<&Session>) {
    if old.is_some_and(|old| has_same_keys(old, row)) {
        return update_session(writes, row);
    }
    writes
        .add(
            "INSERT INTO session (id, key_hash, affinity, thread_id, created_at, last_heard_at,
             closed_at, post_number, post_number_may_restart, position, batch, served,
             acknowledged, counts_ack, receives_queue_updates, queue_position, origin)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET key_hash = excluded.key_hash,
             affinity = excluded.affinity, thread_id = excluded.thread_id,
             created_at = excluded.created_at, last_heard_at = excluded.last_heard_at,
             closed_at = excluded.closed_at, post_number = excluded.post_number,
             post_number_may_restart = excluded.post_number_may_restart,
             position = excluded.position, batch = excluded.batch, served = excluded.served,
             receives_queue_updates = excluded.receives_queue_updates,
             queue_position = excluded.queue_position, origin = excluded.origin",
        )
        .bind(&row.id)
        .bind(&row.key_hash)
        .bind(&row.affinity)
        .bind(&row.thread_id)
        .bind(row.created_at)
        .bind(row.last_heard_at)
        .bind(row.closed_at)
        .bind(row.post_number)
        .bind(row.post_number_may_restart)
        .bind(row.position)
        .bind(row.batch)
        .bind(row.served)
        .bind(row.receives_queue_updates)
        .bind(row.queue_position)
        .bind(&row.origin);
}

/// Whether no column differs that an index or a foreign key has.
fn has_same_keys(old: &Session, new: &Session) -> bool {
    old.id == new.id
        && old.key_hash == new.key_hash
        && old.thread_id == new.thread_id
        && old.created_at == new.created_at
        && old.last_heard_at == new.last_heard_at
        && old.closed_at == new.closed_at
}

/// As `update_thread`.
fn update_session(writes: &mut Writes, row: &Session) {
    writes
        .add(
            "UPDATE session SET affinity = ?, post_number = ?, post_number_may_restart = ?,
                 position = ?, batch = ?, served = ?, receives_queue_updates = ?,
                 queue_position = ?, origin = ?
             WHERE id = ?",
        )
        .bind(&row.affinity)
        .bind(row.post_number)
        .bind(row.post_number_may_restart)
        .bind(row.position)
        .bind(row.batch)
        .bind(row.served)
        .bind(row.receives_queue_updates)
        .bind(row.queue_position)
        .bind(&row.origin)
        .bind(&row.id);
}

pub(super) async fn count_open_sessions(c: &mut SqliteConnection) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM session WHERE closed_at IS NULL";
    Ok(query_scalar(sql).fetch_one(c).await?)
}

/// Queued messages and idempotency records are deleted with their session (`ON
/// DELETE CASCADE`).
pub(super) async fn forget_sessions(
    c: &mut SqliteConnection,
    before: Timestamp,
    limit: i64,
) -> Result<i64> {
    let done = query(
        "DELETE FROM session WHERE id IN (
             SELECT id FROM session WHERE closed_at IS NOT NULL AND last_heard_at < ?
             ORDER BY last_heard_at, id LIMIT ?)",
    )
    .bind(before)
    .bind(limit.max(0))
    .execute(c)
    .await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

pub(super) async fn queued_messages(
    c: &mut SqliteConnection,
    session: &SessionId,
    after: i64,
    limit: i64,
) -> Result<Vec<QueuedMessage>> {
    query(
        "SELECT session_id, position, kind, message_json FROM mail
         WHERE session_id = ? AND position > ? ORDER BY position LIMIT ?",
    )
    .bind(session)
    .bind(after)
    .bind(limit.max(0))
    .fetch_all(c)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// `batch` was once used, and is 0 since.
pub(super) fn put_queued_message(writes: &mut Writes, row: &QueuedMessage) {
    writes
        .add(
            "INSERT INTO mail (session_id, position, batch, kind, message_json)
         VALUES (?, ?, 0, ?, ?)
         ON CONFLICT (session_id, position) DO UPDATE SET kind = excluded.kind,
             message_json = excluded.message_json",
        )
        .bind(&row.session_id)
        .bind(row.position)
        .bind(&row.kind)
        .bind(Json(&row.message.0));
}

pub(super) async fn count_queued_messages(
    c: &mut SqliteConnection,
    session: &SessionId,
) -> Result<i64> {
    let count = query_scalar("SELECT COUNT(*) FROM mail WHERE session_id = ?");
    Ok(count.bind(session).fetch_one(c).await?)
}

pub(super) fn delete_messages_after(
    writes: &mut Writes,
    session: &SessionId,
    after: i64,
    kind: &str,
) {
    writes
        .add("DELETE FROM mail WHERE session_id = ? AND position > ? AND kind = ?")
        .bind(session)
        .bind(after)
        .bind(kind);
}

pub(super) fn delete_messages_through(writes: &mut Writes, session: &SessionId, position: i64) {
    writes
        .add("DELETE FROM mail WHERE session_id = ? AND position <= ?")
        .bind(session)
        .bind(position);
}

pub(super) async fn idempotency_record(
    c: &mut SqliteConnection,
    session: &SessionId,
    number: i64,
) -> Result<Option<IdempotencyRecord>> {
    let row = query(
        "SELECT session_id, number, digest, event_thread_id, event_number FROM post
         WHERE session_id = ? AND number = ?",
    )
    .bind(session)
    .bind(number)
    .fetch_optional(c)
    .await?;
    row.as_ref().map(read).transpose()
}

impl FromRow<'_, SqliteRow> for IdempotencyRecord {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let event = match (
            row.try_get("event_thread_id")?,
            row.try_get("event_number")?,
        ) {
            (Some(thread), Some(number)) => Some((thread, number)),
            (None, None) => None,
            _ => return Err(invalid("event_number", "half an event is named")),
        };
        Ok(Self {
            session_id: row.try_get("session_id")?,
            number: row.try_get("number")?,
            digest: row.try_get("digest")?,
            event,
        })
    }
}

pub(super) fn put_idempotency_record(writes: &mut Writes, row: &IdempotencyRecord) {
    let (thread, number) = match &row.event {
        Some((thread, number)) => (Some(thread.as_str()), Some(*number)),
        None => (None, None),
    };
    writes
        .add(
            "INSERT INTO post (session_id, number, digest, event_thread_id, event_number)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (session_id, number) DO UPDATE SET digest = excluded.digest,
             event_thread_id = excluded.event_thread_id, event_number = excluded.event_number",
        )
        .bind(&row.session_id)
        .bind(row.number)
        .bind(&row.digest)
        .bind(thread)
        .bind(number);
    writes
        .add("DELETE FROM post WHERE session_id = ? AND number < ?")
        .bind(&row.session_id)
        .bind(row.number.saturating_sub(IDEMPOTENCY_RECORDS_KEPT));
}

pub(super) fn delete_idempotency_records(writes: &mut Writes, session: &SessionId) {
    writes
        .add("DELETE FROM post WHERE session_id = ?")
        .bind(session);
}
