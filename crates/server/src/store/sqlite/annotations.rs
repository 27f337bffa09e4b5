//! Annotations of events, and followers of chats.

use parlor_wire::id::{AgentId, ChatId, ThreadId};
use sqlx::{SqliteConnection, query, query_scalar, types::Json};

use super::{table_row::readable, writes::Writes};
use crate::store::{
    Result,
    row::{EventProperties, Toggle},
};

pub(super) async fn toggles(c: &mut SqliteConnection, threads: &[ThreadId]) -> Result<Vec<Toggle>> {
    let rows = query(
        "SELECT thread_id, number, postback_id, user_id, created_at FROM toggle
         WHERE thread_id IN (SELECT value FROM json_each(?))
         ORDER BY thread_id, number, postback_id, created_at, user_id",
    )
    .bind(Json(threads))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) fn put_toggle(writes: &mut Writes, row: &Toggle) {
    writes
        .add(
            "INSERT INTO toggle (thread_id, number, postback_id, user_id, created_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (thread_id, number, postback_id, user_id) DO UPDATE
             SET created_at = excluded.created_at",
        )
        .bind(&row.thread_id)
        .bind(row.number)
        .bind(&row.postback_id)
        .bind(&row.user_id)
        .bind(row.created_at);
}

pub(super) async fn delete_toggle(c: &mut SqliteConnection, row: &Toggle) -> Result<bool> {
    let deleted = query(
        "DELETE FROM toggle
         WHERE thread_id = ? AND number = ? AND postback_id = ? AND user_id = ?",
    )
    .bind(&row.thread_id)
    .bind(row.number)
    .bind(&row.postback_id)
    .bind(&row.user_id)
    .execute(c)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

pub(super) async fn event_properties(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<EventProperties>> {
    let rows = query(
        "SELECT thread_id, number, properties_json FROM event_properties
         WHERE thread_id IN (SELECT value FROM json_each(?)) ORDER BY thread_id, number",
    )
    .bind(Json(threads))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) fn put_event_properties(writes: &mut Writes, row: &EventProperties) {
    writes
        .add(
            "INSERT INTO event_properties (thread_id, number, properties_json) VALUES (?, ?, ?)
         ON CONFLICT (thread_id, number) DO UPDATE
             SET properties_json = excluded.properties_json",
        )
        .bind(&row.thread_id)
        .bind(row.number)
        .bind(Json(&row.properties.0));
}

pub(super) async fn followed_chats(
    c: &mut SqliteConnection,
    agent: &AgentId,
    chats: &[ChatId],
) -> Result<Vec<ChatId>> {
    Ok(query_scalar(
        "SELECT chat_id FROM follower
         WHERE agent_id = ? AND chat_id IN (SELECT value FROM json_each(?)) ORDER BY chat_id",
    )
    .bind(agent)
    .bind(Json(chats))
    .fetch_all(c)
    .await?)
}

pub(super) fn put_follower(writes: &mut Writes, chat: &ChatId, agent: &AgentId) {
    writes
        .add(
            "INSERT INTO follower (chat_id, agent_id) VALUES (?, ?)
         ON CONFLICT (chat_id, agent_id) DO NOTHING",
        )
        .bind(chat)
        .bind(agent);
}

pub(super) async fn delete_follower(
    c: &mut SqliteConnection,
    chat: &ChatId,
    agent: &AgentId,
) -> Result<()> {
    query("DELETE FROM follower WHERE chat_id = ? AND agent_id = ?")
        .bind(chat)
        .bind(agent)
        .execute(c)
        .await?;
    Ok(())
}
