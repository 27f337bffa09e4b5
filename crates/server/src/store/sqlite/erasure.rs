//! Customers of whom everything was erased, or is to be.

use parlor_wire::id::CustomerId;
use sqlx::{SqliteConnection, query};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::store::{Result, row::Erasure};

pub(super) fn put_erasure(writes: &mut Writes, row: &Erasure) {
    writes
        .add(
            "INSERT INTO erasure (customer_id, requested_at, agent_id, erased_at, conversations,
             files)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (customer_id) DO UPDATE SET requested_at = excluded.requested_at,
             agent_id = excluded.agent_id, erased_at = excluded.erased_at,
             conversations = excluded.conversations, files = excluded.files",
        )
        .bind(&row.customer_id)
        .bind(row.requested_at)
        .bind(&row.agent_id)
        .bind(row.erased_at)
        .bind(row.conversations)
        .bind(row.files);
}

pub(super) async fn erasure(
    c: &mut SqliteConnection,
    customer: &CustomerId,
) -> Result<Option<Erasure>> {
    query(
        "SELECT customer_id, requested_at, agent_id, erased_at, conversations, files
         FROM erasure WHERE customer_id = ?",
    )
    .bind(customer)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

pub(super) async fn pending_erasures(c: &mut SqliteConnection, limit: i64) -> Result<Vec<Erasure>> {
    let rows = query(
        "SELECT customer_id, requested_at, agent_id, erased_at, conversations, files
         FROM erasure WHERE erased_at IS NULL ORDER BY requested_at, customer_id LIMIT ?",
    )
    .bind(limit.max(0))
    .fetch_all(c)
    .await?;
    readable(&rows)
}
