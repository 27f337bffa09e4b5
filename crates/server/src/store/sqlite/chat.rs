//! Chats and their threads.

use parlor_wire::id::{AgentId, ChatId, CustomerId, DeploymentId, ThreadId};
use sqlx::{
    FromRow, Row as _, Sqlite, SqliteConnection, query,
    query::Query,
    query_as, query_scalar,
    sqlite::{SqliteArguments, SqliteRow},
    types::Json,
};

use super::{
    table_row::{TableRow, read, readable},
    writes::Writes,
};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{
            ALL_AGENTS, AgentFilter, Chat, ChatQuery, EndedThreads, QueueKey, Thread, ThreadFilter,
            ThreadQuery, WaitingThread,
        },
    },
};

macro_rules! select_chat {
    ($rest:literal) => {
        concat!(
            "SELECT id, customer_id, created_at, last_thread_at, active, group_id, properties_json
             FROM chat ",
            $rest
        )
    };
}

macro_rules! select_thread {
    ($rest:literal) => {
        concat!(
            "SELECT id, chat_id, status, deployment_id, button_id, target_agent_id, agent_id,
             created_at, queued_at, accepted_at, ended_at, end_reason, last_event,
             user_ids_json, seen_up_to_json, details_json, properties_json, tags_json,
             told_seen_up_to, private_events, group_id, unanswered_since FROM thread ",
            $rest
        )
    };
}

pub(super) use {select_chat, select_thread};

pub(super) async fn chat(c: &mut SqliteConnection, id: &ChatId) -> Result<Option<Chat>> {
    query(select_chat!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn chats_by_id(c: &mut SqliteConnection, ids: &[ChatId]) -> Result<Vec<Chat>> {
    let rows = query(select_chat!("WHERE id IN (SELECT value FROM json_each(?))"))
        .bind(Json(ids))
        .fetch_all(c)
        .await?;
    readable(&rows)
}

pub(super) async fn chat_of_customer(
    c: &mut SqliteConnection,
    id: &CustomerId,
) -> Result<Option<Chat>> {
    query(select_chat!("WHERE customer_id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) fn put_chat(writes: &mut Writes, row: &Chat) {
    writes
        .add(
            "INSERT INTO chat (id, customer_id, created_at, last_thread_at, active, group_id,
             properties_json)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id,
             created_at = excluded.created_at, last_thread_at = excluded.last_thread_at,
             active = excluded.active, group_id = excluded.group_id,
             properties_json = excluded.properties_json",
        )
        .bind(&row.id)
        .bind(&row.customer_id)
        .bind(row.created_at)
        .bind(row.last_thread_at)
        .bind(row.active)
        .bind(row.group_id)
        .bind(Json(&row.properties));
}

/// A cursor before every row in ascending order, or after every row in
/// descending order.
fn edge(ascending: bool) -> (i64, &'static str) {
    if ascending {
        (i64::MIN, "")
    } else {
        (i64::MAX, "\u{10ffff}")
    }
}

pub(super) async fn chats(c: &mut SqliteConnection, q: &ChatQuery) -> Result<Vec<Chat>> {
    let sql = match (q.active, q.ascending) {
        (None, true) => select_chat!(
            "WHERE (last_thread_at, id) > (?, ?) AND group_id IN (SELECT value FROM json_each(?))
             ORDER BY last_thread_at, id LIMIT ?"
        ),
        (None, false) => select_chat!(
            "WHERE (last_thread_at, id) < (?, ?) AND group_id IN (SELECT value FROM json_each(?))
             ORDER BY last_thread_at DESC, id DESC LIMIT ?"
        ),
        (Some(_), true) => select_chat!(
            "WHERE active = ? AND (last_thread_at, id) > (?, ?)
                 AND group_id IN (SELECT value FROM json_each(?))
             ORDER BY last_thread_at, id LIMIT ?"
        ),
        (Some(_), false) => select_chat!(
            "WHERE active = ? AND (last_thread_at, id) < (?, ?)
                 AND group_id IN (SELECT value FROM json_each(?))
             ORDER BY last_thread_at DESC, id DESC LIMIT ?"
        ),
    };
    let mut page = PageOfRows::after(q.ascending, q.after.as_ref(), q.limit);
    while page.wants_more() {
        let mut query = query(sql);
        if let Some(active) = q.active {
            query = query.bind(active);
        }
        let rows = query
            .bind(page.time)
            .bind(&page.id)
            .bind(Json(&q.groups))
            .bind(page.missing())
            .fetch_all(&mut *c)
            .await?;
        page.add(&rows, "last_thread_at")?;
    }
    Ok(page.found)
}

/// A page of the rows that can be read. Where some cannot, it is filled with
/// those after them: a page that is not full is the last one.
struct PageOfRows<T> {
    found: Vec<T>,
    limit: usize,
    is_last: bool,
    /// The time and id of the last row that was read.
    time: i64,
    id: String,
}

impl<T: TableRow> PageOfRows<T> {
    fn after<I: AsRef<str>>(ascending: bool, after: Option<&(Timestamp, I)>, limit: i64) -> Self {
        let (time, id) = match after {
            Some((time, id)) => (time.0, id.as_ref()),
            None => edge(ascending),
        };
        Self {
            found: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(0),
            is_last: false,
            time,
            id: id.to_owned(),
        }
    }

    fn wants_more(&self) -> bool {
        !self.is_last && self.found.len() < self.limit
    }

    fn missing(&self) -> i64 {
        let missing = self.limit.saturating_sub(self.found.len());
        i64::try_from(missing).unwrap_or(i64::MAX)
    }

    fn add(&mut self, rows: &[SqliteRow], time: &str) -> Result<()> {
        self.is_last = rows.len() < self.limit.saturating_sub(self.found.len());
        if let Some(last) = rows.last() {
            self.time = last.try_get(time)?;
            self.id = last.try_get("id")?;
        }
        self.found.extend(readable(rows)?);
        Ok(())
    }
}

pub(super) async fn count_chats(
    c: &mut SqliteConnection,
    active: Option<bool>,
    groups: &[i64],
) -> Result<i64> {
    let count = match active {
        None => {
            query_scalar(
                "SELECT COUNT(*) FROM chat WHERE group_id IN (SELECT value FROM json_each(?))",
            )
            .bind(Json(groups))
            .fetch_one(c)
            .await?
        }
        Some(active) => {
            query_scalar(
                "SELECT COUNT(*) FROM chat
                 WHERE active = ? AND group_id IN (SELECT value FROM json_each(?))",
            )
            .bind(active)
            .bind(Json(groups))
            .fetch_one(c)
            .await?
        }
    };
    Ok(count)
}

pub(super) async fn thread(c: &mut SqliteConnection, id: &ThreadId) -> Result<Option<Thread>> {
    query(select_thread!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn threads_of(c: &mut SqliteConnection, chat: &ChatId) -> Result<Vec<Thread>> {
    query(select_thread!("WHERE chat_id = ? ORDER BY created_at, id"))
        .bind(chat)
        .fetch_all(c)
        .await?
        .iter()
        .map(read)
        .collect()
}

pub(super) async fn open_thread_of(
    c: &mut SqliteConnection,
    chat: &ChatId,
) -> Result<Option<Thread>> {
    query(select_thread!("WHERE chat_id = ? AND status <> 'ended'"))
        .bind(chat)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn threads_of_chats(
    c: &mut SqliteConnection,
    chats: &[ChatId],
) -> Result<Vec<Thread>> {
    let rows = query(select_thread!(
        "WHERE chat_id IN (SELECT value FROM json_each(?)) ORDER BY chat_id, created_at, id"
    ))
    .bind(Json(chats))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn threads_by_id(
    c: &mut SqliteConnection,
    ids: &[ThreadId],
) -> Result<Vec<Thread>> {
    let rows = query(select_thread!(
        "WHERE id IN (SELECT value FROM json_each(?))"
    ))
    .bind(Json(ids))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn count_open_threads_by_agent(
    c: &mut SqliteConnection,
) -> Result<Vec<(AgentId, i64)>> {
    Ok(query_as(
        "SELECT agent_id, COUNT(*) FROM thread
         WHERE status <> 'ended' AND agent_id IS NOT NULL GROUP BY agent_id",
    )
    .fetch_all(c)
    .await?)
}

/// A thread that waits, with its queue.
#[derive(FromRow)]
pub(super) struct WaitingRow {
    #[sqlx(flatten)]
    queue: QueueKey,
    #[sqlx(flatten)]
    thread: WaitingThread,
}

pub(super) async fn threads_of_agent(
    c: &mut SqliteConnection,
    agent: &AgentId,
) -> Result<Vec<ThreadId>> {
    let ids: Vec<String> = query_scalar(
        "SELECT id FROM thread WHERE status <> 'ended' AND agent_id = ? ORDER BY created_at, id",
    )
    .bind(agent.as_str())
    .fetch_all(c)
    .await?;
    Ok(ids.into_iter().map(ThreadId::from).collect())
}

/// The index of the agents' open threads is read.
pub(super) async fn threads_of_strangers(
    c: &mut SqliteConnection,
) -> Result<Vec<(ThreadId, AgentId)>> {
    Ok(query_as(
        "SELECT id, agent_id FROM thread
         WHERE status <> 'ended' AND agent_id IS NOT NULL AND group_id <> ?
             AND NOT EXISTS (SELECT 1 FROM membership
                 WHERE membership.agent_id = thread.agent_id
                     AND membership.group_id = thread.group_id)
         ORDER BY created_at, id",
    )
    .bind(ALL_AGENTS)
    .fetch_all(c)
    .await?)
}

/// The index of the agents' open threads is read.
pub(super) async fn unanswered_threads(
    c: &mut SqliteConnection,
    deployment: &DeploymentId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<ThreadId>> {
    Ok(query_scalar(
        "SELECT id FROM thread WHERE status <> 'ended' AND agent_id IS NOT NULL
             AND deployment_id = ? AND unanswered_since < ?
         ORDER BY unanswered_since, id LIMIT ?",
    )
    .bind(deployment)
    .bind(before)
    .bind(limit.max(0))
    .fetch_all(c)
    .await?)
}

pub(super) async fn ended_threads(
    c: &mut SqliteConnection,
    q: &EndedThreads,
) -> Result<Vec<Thread>> {
    let (time, id) = match &q.after {
        Some((time, id)) => (*time, id.as_str()),
        None => (Timestamp(i64::MIN), ""),
    };
    let rows = query(select_thread!(
        "WHERE ended_at IS NOT NULL AND deployment_id = ? AND (ended_at, id) > (?, ?)
             AND ended_at < ?
         ORDER BY ended_at, id LIMIT ?"
    ))
    .bind(&q.deployment_id)
    .bind(time)
    .bind(id)
    .bind(q.before)
    .bind(q.limit.max(0))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

/// The threads that wait, in the order of their queues.
pub(super) async fn all_waiting_threads(
    c: &mut SqliteConnection,
) -> Result<Vec<(QueueKey, WaitingThread)>> {
    let rows = query(
        "SELECT id AS thread_id, chat_id, button_id, target_agent_id AS agent_id, queued_at
         FROM thread WHERE status = 'queued' AND queued_at IS NOT NULL ORDER BY queued_at, id",
    )
    .fetch_all(c)
    .await?;
    let rows: Vec<WaitingRow> = readable(&rows)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.queue, row.thread))
        .collect())
}

/// Which threads to list. Its binds are those of [`bind_filter`].
macro_rules! where_filter {
    () => {
        "created_at BETWEEN ?1 AND ?2 AND group_id IN (SELECT value FROM json_each(?3))
             AND (?4 IS NULL OR ?5 = EXISTS (
                 SELECT 1 FROM json_each(user_ids_json) AS user
                 WHERE user.value IN (SELECT value FROM json_each(?4)))) "
    };
}

fn bind_filter(
    sql: &'static str,
    filter: &ThreadFilter,
) -> Query<'static, Sqlite, SqliteArguments> {
    let (agents, took_part) = match &filter.agents {
        None => (None, true),
        Some(AgentFilter::AnyOf(agents)) => (Some(Json(agents)), true),
        Some(AgentFilter::NoneOf(agents)) => (Some(Json(agents)), false),
    };
    query(sql)
        .bind(filter.from.unwrap_or(Timestamp(i64::MIN)))
        .bind(filter.to.unwrap_or(Timestamp(i64::MAX)))
        .bind(Json(&filter.groups))
        .bind(agents)
        .bind(took_part)
}

pub(super) async fn threads(c: &mut SqliteConnection, q: &ThreadQuery) -> Result<Vec<Thread>> {
    let sql = if q.ascending {
        concat!(
            select_thread!("WHERE "),
            where_filter!(),
            "AND (created_at, id) > (?6, ?7) ORDER BY created_at, id LIMIT ?8"
        )
    } else {
        concat!(
            select_thread!("WHERE "),
            where_filter!(),
            "AND (created_at, id) < (?6, ?7) ORDER BY created_at DESC, id DESC LIMIT ?8"
        )
    };
    let mut page = PageOfRows::after(q.ascending, q.after.as_ref(), q.limit);
    while page.wants_more() {
        let rows = bind_filter(sql, &q.filter)
            .bind(page.time)
            .bind(&page.id)
            .bind(page.missing())
            .fetch_all(&mut *c)
            .await?;
        page.add(&rows, "created_at")?;
    }
    Ok(page.found)
}

pub(super) async fn count_threads(c: &mut SqliteConnection, filter: &ThreadFilter) -> Result<i64> {
    let sql = concat!("SELECT COUNT(*) FROM thread WHERE ", where_filter!());
    Ok(bind_filter(sql, filter).fetch_one(c).await?.try_get(0)?)
}

pub(super) async fn count_waiting_threads(c: &mut SqliteConnection) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM thread WHERE status = 'queued'";
    Ok(query_scalar(sql).fetch_one(c).await?)
}

/// `old` is the row as it is, if that is known.
pub(super) fn put_thread(writes: &mut Writes, row: &Thread, old: Option<&Thread>) {
    if old.is_some_and(|old| has_same_keys(old, row)) {
        return update_thread(writes, row);
    }
    writes
        .add(
            "INSERT INTO thread (id, chat_id, status, deployment_id, button_id, target_agent_id,
             agent_id, created_at, queued_at, accepted_at, ended_at, end_reason, last_event,
             user_ids_json, seen_up_to_json, details_json, properties_json, tags_json,
             told_seen_up_to, private_events, group_id,
             unanswered_since)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET chat_id = excluded.chat_id, status = excluded.status,
             deployment_id = excluded.deployment_id, button_id = excluded.button_id,
             target_agent_id = excluded.target_agent_id, agent_id = excluded.agent_id,
             created_at = excluded.created_at, queued_at = excluded.queued_at,
             accepted_at = excluded.accepted_at, ended_at = excluded.ended_at,
             end_reason = excluded.end_reason, last_event = excluded.last_event,
             user_ids_json = excluded.user_ids_json,
             seen_up_to_json = excluded.seen_up_to_json, details_json = excluded.details_json,
             properties_json = excluded.properties_json, tags_json = excluded.tags_json,
             told_seen_up_to = excluded.told_seen_up_to,
             private_events = excluded.private_events, group_id = excluded.group_id,
             unanswered_since = excluded.unanswered_since",
        )
        .bind(&row.id)
        .bind(&row.chat_id)
        .bind(row.status)
        .bind(&row.deployment_id)
        .bind(&row.button_id)
        .bind(&row.target_agent_id)
        .bind(&row.agent_id)
        .bind(row.created_at)
        .bind(row.queued_at)
        .bind(row.accepted_at)
        .bind(row.ended_at)
        .bind(row.end_reason)
        .bind(row.last_event)
        .bind(Json(&row.user_ids))
        .bind(Json(&row.seen_up_to))
        .bind(Json(&row.details.0))
        .bind(Json(&row.properties.0))
        .bind(Json(&row.tags))
        .bind(row.told_seen_up_to)
        .bind(row.private_events)
        .bind(row.group_id)
        .bind(row.unanswered_since);
}

/// Whether no column differs that an index or a foreign key has.
fn has_same_keys(old: &Thread, new: &Thread) -> bool {
    old.id == new.id
        && old.chat_id == new.chat_id
        && old.status == new.status
        && old.deployment_id == new.deployment_id
        && old.agent_id == new.agent_id
        && old.ended_at == new.ended_at
        && old.created_at == new.created_at
        && old.queued_at == new.queued_at
        && old.group_id == new.group_id
}

/// SQLite writes every index anew of which a column is set, whether or not it has
/// changed. That would be most of what a message writes.
fn update_thread(writes: &mut Writes, row: &Thread) {
    writes
        .add(
            "UPDATE thread SET button_id = ?, target_agent_id = ?,
                 accepted_at = ?, end_reason = ?, last_event = ?,
                 user_ids_json = ?, seen_up_to_json = ?, details_json = ?,
                 properties_json = ?, tags_json = ?, told_seen_up_to = ?, private_events = ?,
                 unanswered_since = ?
             WHERE id = ?",
        )
        .bind(&row.button_id)
        .bind(&row.target_agent_id)
        .bind(row.accepted_at)
        .bind(row.end_reason)
        .bind(row.last_event)
        .bind(Json(&row.user_ids))
        .bind(Json(&row.seen_up_to))
        .bind(Json(&row.details.0))
        .bind(Json(&row.properties.0))
        .bind(Json(&row.tags))
        .bind(row.told_seen_up_to)
        .bind(row.private_events)
        .bind(row.unanswered_since)
        .bind(&row.id);
}
