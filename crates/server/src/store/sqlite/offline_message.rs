//! Messages left to be answered later, and callbacks.

use parlor_wire::id::{CustomId, ThreadId};
use sqlx::{SqliteConnection, query, types::Json};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::store::{
    Result,
    row::{OfflineKind, OfflineMessage},
};

macro_rules! select_offline_message {
    ($rest:literal) => {
        concat!(
            "SELECT thread_id, chat_id, custom_id, created_at, is_open, due_at, callback_json,
                 outcome
             FROM offline_message ",
            $rest
        )
    };
}

pub(super) async fn offline_message(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<Option<OfflineMessage>> {
    query(select_offline_message!("WHERE thread_id = ?"))
        .bind(thread)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn offline_messages_of(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<OfflineMessage>> {
    let rows = query(select_offline_message!(
        "WHERE thread_id IN (SELECT value FROM json_each(?))"
    ))
    .bind(Json(threads))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn offline_message_by_custom_id(
    c: &mut SqliteConnection,
    custom_id: &CustomId,
) -> Result<Option<OfflineMessage>> {
    query(select_offline_message!("WHERE custom_id = ?"))
        .bind(custom_id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) fn put_offline_message(writes: &mut Writes, row: &OfflineMessage) {
    writes
        .add(
            "INSERT INTO offline_message (thread_id, chat_id, custom_id, created_at, is_open, due_at,
             callback_json, outcome)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (thread_id) DO UPDATE SET chat_id = excluded.chat_id,
             custom_id = excluded.custom_id, created_at = excluded.created_at,
             is_open = excluded.is_open, due_at = excluded.due_at,
             callback_json = excluded.callback_json, outcome = excluded.outcome",
        )
        .bind(&row.thread_id)
        .bind(&row.chat_id)
        .bind(&row.custom_id)
        .bind(row.created_at)
        .bind(row.is_open)
        .bind(row.due_at)
        .bind(row.callback.as_ref().map(|callback| Json(&callback.0)))
        .bind(row.outcome);
}

pub(super) async fn open_offline_messages(
    c: &mut SqliteConnection,
    kind: OfflineKind,
    groups: &[i64],
    limit: i64,
) -> Result<Vec<OfflineMessage>> {
    let rows = query(select_offline_message!(
        "WHERE is_open = 1 AND (callback_json IS NOT NULL) = ?
             AND (SELECT group_id FROM thread WHERE thread.id = offline_message.thread_id)
                 IN (SELECT value FROM json_each(?))
         ORDER BY due_at, thread_id LIMIT ?"
    ))
    .bind(kind == OfflineKind::Callback)
    .bind(Json(groups))
    .bind(limit)
    .fetch_all(c)
    .await?;
    readable(&rows)
}
