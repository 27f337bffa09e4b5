//! Messages left while nobody was there.

use parlor_wire::id::{CustomId, ThreadId};
use sqlx::{SqliteConnection, query};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::store::{Result, row::OfflineMessage};

macro_rules! select_offline_message {
    ($rest:literal) => {
        concat!(
            "SELECT thread_id, chat_id, custom_id, created_at, is_open FROM offline_message ",
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
            "INSERT INTO offline_message (thread_id, chat_id, custom_id, created_at, is_open)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (thread_id) DO UPDATE SET chat_id = excluded.chat_id,
             custom_id = excluded.custom_id, created_at = excluded.created_at,
             is_open = excluded.is_open",
        )
        .bind(&row.thread_id)
        .bind(&row.chat_id)
        .bind(&row.custom_id)
        .bind(row.created_at)
        .bind(row.is_open);
}

pub(super) async fn open_offline_messages(
    c: &mut SqliteConnection,
    limit: i64,
) -> Result<Vec<OfflineMessage>> {
    let rows = query(select_offline_message!(
        "WHERE is_open = 1 ORDER BY created_at, thread_id LIMIT ?"
    ))
    .bind(limit)
    .fetch_all(c)
    .await?;
    readable(&rows)
}
