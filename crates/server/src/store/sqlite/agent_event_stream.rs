//! The agent event stream, in the table `feed`. SQLite's AUTOINCREMENT keeps
//! the newest position in a table of its own, so that it outlives the rows.

use sqlx::{Row as _, SqliteConnection, query, query_as, types::Json};

use super::{table_row::readable, writes::Writes};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{AgentStreamPage, NewAgentStreamEvent},
    },
};

pub(super) fn append_agent_stream_event(writes: &mut Writes, row: &NewAgentStreamEvent) {
    writes
        .add(
            "INSERT INTO feed (group_id, except_group_id, only_agent_id, chat_id, action,
                 payload_json, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(row.audience.group_id)
        .bind(row.audience.except_group_id)
        .bind(&row.audience.only_agent_id)
        .bind(&row.chat_id)
        .bind(&row.action)
        .bind(Json(&row.payload.0))
        .bind(row.created_at);
}

pub(super) async fn agent_stream_events(
    c: &mut SqliteConnection,
    after: i64,
    limit: i64,
) -> Result<AgentStreamPage> {
    let rows = query(
        "SELECT position, group_id, except_group_id, only_agent_id, action, payload_json,
             created_at
         FROM feed
         WHERE position > ? ORDER BY position LIMIT ?",
    )
    .bind(after)
    .bind(limit.max(0))
    .fetch_all(c)
    .await?;
    let through = match rows.last() {
        Some(last) => last.try_get("position")?,
        None => after,
    };
    Ok(AgentStreamPage {
        events: readable(&rows)?,
        through,
        is_last: i64::try_from(rows.len()).is_ok_and(|count| count < limit),
    })
}

pub(super) async fn agent_stream_range(c: &mut SqliteConnection) -> Result<(i64, i64)> {
    let (oldest, newest): (Option<i64>, Option<i64>) = query_as(
        "SELECT (SELECT MIN(position) FROM feed),
                (SELECT seq FROM sqlite_sequence WHERE name = 'feed')",
    )
    .fetch_one(c)
    .await?;
    Ok(match (oldest, newest) {
        (_, None) => (0, 0),
        (None, Some(newest)) => (newest.saturating_add(1), newest),
        (Some(oldest), Some(newest)) => (oldest, newest),
    })
}

pub(super) async fn trim_agent_stream(
    c: &mut SqliteConnection,
    before: Timestamp,
    limit: i64,
) -> Result<()> {
    query(
        "DELETE FROM feed WHERE position IN (
             SELECT position FROM feed WHERE created_at < ? ORDER BY created_at LIMIT ?)",
    )
    .bind(before)
    .bind(limit.max(0))
    .execute(c)
    .await?;
    Ok(())
}
