//! Goals that visitors have reached.

use parlor_wire::id::ThreadId;
use sqlx::{SqliteConnection, query, types::Json};

use super::{table_row::readable, writes::Writes};
use crate::store::{
    CONVERSIONS_KEPT, Result,
    row::{Conversion, NewConversion},
};

pub(super) fn add_conversion(writes: &mut Writes, row: &NewConversion) {
    writes
        .add(
            "INSERT INTO conversion (thread_id, goal_id, goal_name, agent_id, group_id, created_at)
         VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&row.thread_id)
        .bind(row.goal_id)
        .bind(&row.goal_name)
        .bind(row.agent_id.as_ref())
        .bind(row.group_id)
        .bind(row.created_at);
    writes
        .add(
            "DELETE FROM conversion WHERE number IN (
                 SELECT number FROM conversion WHERE thread_id = ?
                 ORDER BY number DESC LIMIT -1 OFFSET ?)",
        )
        .bind(&row.thread_id)
        .bind(CONVERSIONS_KEPT);
}

pub(super) async fn conversions_of(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<Conversion>> {
    let rows = query(
        "SELECT number, thread_id, goal_id, goal_name, agent_id, group_id, created_at
         FROM conversion WHERE thread_id IN (SELECT value FROM json_each(?))
         ORDER BY thread_id, number",
    )
    .bind(Json(threads))
    .fetch_all(c)
    .await?;
    readable(&rows)
}
