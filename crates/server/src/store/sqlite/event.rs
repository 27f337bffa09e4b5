//! The event log.

use parlor_wire::id::{ChatId, CustomId, ThreadId, UserId};
use sqlx::{SqliteConnection, query, query_scalar, types::Json};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::store::{
    Result,
    row::{Event, EventRange},
};

macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "SELECT thread_id, number, private_events, chat_id, author_id, custom_id, kind,
             visibility, created_at, body_json FROM event ",
            $rest
        )
    };
}

/// Of the events that `$wanted` selects by their thread's place, their key and
/// the length of their body: those that are within the length that is bound
/// next, with the one that reaches it.
macro_rules! select_within {
    ($wanted:literal) => {
        concat!(
            "SELECT event.thread_id, event.number, private_events, chat_id, author_id, custom_id,
             kind, visibility, created_at, body_json
             FROM (SELECT thread_id, number,
                       SUM(bytes) OVER (ORDER BY place, number DESC
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
                   FROM (",
            $wanted,
            ")) AS within CROSS JOIN event
             WHERE event.thread_id = within.thread_id AND event.number = within.number
                 AND IFNULL(within.bytes_before, 0) < ?
             ORDER BY event.thread_id, event.number"
        )
    };
}

pub(super) fn append_event(writes: &mut Writes, row: &Event) {
    writes
        .add(
            "INSERT INTO event (thread_id, number, private_events, chat_id, author_id, custom_id,
             kind, visibility, created_at, body_json)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&row.thread_id)
        .bind(row.number)
        .bind(row.private_events)
        .bind(&row.chat_id)
        .bind(&row.author_id)
        .bind(&row.custom_id)
        .bind(&row.kind)
        .bind(row.visibility)
        .bind(row.created_at)
        .bind(Json(&row.body.0));
}

pub(super) async fn event(
    c: &mut SqliteConnection,
    thread: &ThreadId,
    number: i64,
) -> Result<Option<Event>> {
    query(select_event!("WHERE thread_id = ? AND number = ?"))
        .bind(thread)
        .bind(number)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn event_by_custom_id(
    c: &mut SqliteConnection,
    chat: &ChatId,
    author: &UserId,
    custom_id: &CustomId,
) -> Result<Option<Event>> {
    query(select_event!(
        "WHERE chat_id = ? AND author_id = ? AND custom_id = ?"
    ))
    .bind(chat)
    .bind(author)
    .bind(custom_id.as_str())
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

pub(super) async fn private_events_before(
    c: &mut SqliteConnection,
    thread: &ThreadId,
    visible: i64,
) -> Result<i64> {
    // The conditions and the expression are those of the index `event_private`.
    let newest: Option<i64> = query_scalar(
        "SELECT private_events FROM event
         WHERE thread_id = ? AND private_events > 0 AND visibility = 'agents'
             AND number - private_events < ?
         ORDER BY number - private_events DESC, private_events DESC LIMIT 1",
    )
    .bind(thread)
    .bind(visible)
    .fetch_optional(c)
    .await?;
    Ok(newest.unwrap_or(0))
}

pub(super) async fn events(
    c: &mut SqliteConnection,
    thread: &ThreadId,
    after: i64,
    limit: i64,
) -> Result<Vec<Event>> {
    let rows = query(select_event!(
        "WHERE thread_id = ? AND number > ? ORDER BY number LIMIT ?"
    ))
    .bind(thread)
    .bind(after)
    .bind(limit.max(0))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn events_of_threads(
    c: &mut SqliteConnection,
    threads: &[EventRange],
    max_bytes: i64,
) -> Result<Vec<Event>> {
    // CROSS JOIN makes SQLite look up the events of each thread, in the primary
    // key, instead of a thread for each event. Only lengths are read of the
    // bodies that are not returned.
    let rows = query(select_within!(
        "SELECT thread.key AS place, event.thread_id, event.number,
             octet_length(event.body_json) AS bytes
         FROM json_each(?) AS thread CROSS JOIN event
         WHERE event.thread_id = thread.value ->> 'thread_id'
             AND event.number > thread.value ->> 'after'
             AND event.number <= thread.value ->> 'through'"
    ))
    .bind(Json(threads))
    .bind(max_bytes)
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn last_events_per_type(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
    max_bytes: i64,
) -> Result<Vec<Event>> {
    let rows = query(select_within!(
        "SELECT newest.place, event.thread_id, event.number,
             octet_length(event.body_json) AS bytes
         FROM (SELECT thread.key AS place, event.thread_id, MAX(event.number) AS number
               FROM json_each(?) AS thread CROSS JOIN event
               WHERE event.thread_id = thread.value
               GROUP BY thread.key, event.kind) AS newest
             CROSS JOIN event
         WHERE event.thread_id = newest.thread_id AND event.number = newest.number"
    ))
    .bind(Json(threads))
    .bind(max_bytes)
    .fetch_all(c)
    .await?;
    readable(&rows)
}
