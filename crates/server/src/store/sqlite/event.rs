//! The event log.

use parlor_wire::id::{ChatId, CustomId, ThreadId, UserId};
use sqlx::{SqliteConnection, query, sqlite::SqliteRow};

use super::{
    column::{Columns, json, text_of},
    writes::Writes,
};
use crate::{
    private::Private,
    store::{
        Result,
        row::{Event, Visibility},
    },
};

macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "SELECT thread_id, number, chat_id, author_id, custom_id, kind, visibility,
             created_at, body_json FROM event ",
            $rest
        )
    };
}

pub(super) fn append_event(writes: &mut Writes, row: &Event) {
    writes
        .add(
            "INSERT INTO event (thread_id, number, chat_id, author_id, custom_id, kind, visibility,
             created_at, body_json)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(row.thread_id.as_str())
        .bind(row.number)
        .bind(row.chat_id.as_str())
        .bind(text_of(&row.author_id))
        .bind(text_of(&row.custom_id))
        .bind(&row.kind)
        .bind(row.visibility.as_str())
        .bind(row.created_at.0)
        .bind_json(&row.body.0);
}

pub(super) async fn event(
    c: &mut SqliteConnection,
    thread: &ThreadId,
    number: i64,
) -> Result<Option<Event>> {
    query(select_event!("WHERE thread_id = ? AND number = ?"))
        .bind(thread.as_str())
        .bind(number)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read_event)
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
    .bind(chat.as_str())
    .bind(author.as_str())
    .bind(custom_id.as_str())
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read_event)
    .transpose()
}

pub(super) async fn events(
    c: &mut SqliteConnection,
    thread: &ThreadId,
    after: i64,
    limit: i64,
) -> Result<Vec<Event>> {
    query(select_event!(
        "WHERE thread_id = ? AND number > ? ORDER BY number LIMIT ?"
    ))
    .bind(thread.as_str())
    .bind(after)
    .bind(limit.max(0))
    .fetch_all(c)
    .await?
    .iter()
    .map(read_event)
    .collect()
}

pub(super) async fn events_of_threads(
    c: &mut SqliteConnection,
    threads: &[(ThreadId, i64)],
) -> Result<Vec<Event>> {
    // CROSS JOIN makes SQLite look up the events of each thread, in the primary
    // key, instead of a thread for each event.
    query(
        "SELECT thread_id, number, chat_id, author_id, custom_id, kind, visibility,
             created_at, body_json
         FROM json_each(?) AS thread CROSS JOIN event
         WHERE event.thread_id = thread.value ->> 0 AND event.number > thread.value ->> 1
         ORDER BY thread_id, number",
    )
    .bind(json(&threads)?)
    .fetch_all(c)
    .await?
    .iter()
    .map(read_event)
    .collect()
}

pub(super) async fn last_events_per_type(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<Event>> {
    query(select_event!(
        "WHERE (thread_id, number) IN
             (SELECT thread_id, MAX(number) FROM event
              WHERE thread_id IN (SELECT value FROM json_each(?)) GROUP BY thread_id, kind)
         ORDER BY thread_id, number"
    ))
    .bind(json(&threads)?)
    .fetch_all(c)
    .await?
    .iter()
    .map(read_event)
    .collect()
}

fn read_event(row: &SqliteRow) -> Result<Event> {
    let r = Columns {
        table: "event",
        row,
    };
    Ok(Event {
        thread_id: r.text("thread_id")?,
        number: r.plain("number")?,
        chat_id: r.text("chat_id")?,
        author_id: r.text_if("author_id")?,
        custom_id: r.text_if("custom_id")?,
        kind: r.text("kind")?,
        visibility: r.parsed("visibility", Visibility::parse)?,
        created_at: r.time("created_at")?,
        body: Private(r.json("body_json")?),
    })
}
