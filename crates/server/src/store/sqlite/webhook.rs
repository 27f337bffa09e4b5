//! Webhooks that are to be sent, and the numbers by which they name people and companies.

use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{
            DueWebhook, EntityKind, NewWebhookDelivery, WebhookCounts, WebhookDelivery,
            WebhookQuery,
        },
    },
};

macro_rules! select_webhook {
    ($rest:literal) => {
        concat!(
            "SELECT position, id, hook, event, chat_id, thread_id, body, created_at, expires_at,
                 next_attempt_at, attempts, delivered_at, given_up_at, last_problem
             FROM webhook_delivery ",
            $rest
        )
    };
}

pub(super) fn add_webhook(writes: &mut Writes, row: &NewWebhookDelivery) {
    writes
        .add(
            "INSERT INTO webhook_delivery (id, hook, event, chat_id, thread_id, body, created_at,
                 expires_at, next_attempt_at, attempts)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        )
        .bind(&row.id)
        .bind(&row.hook)
        .bind(&row.event)
        .bind(row.chat_id.as_ref().map_or("", |id| id.as_str()))
        .bind(&row.thread_id)
        .bind(&row.body)
        .bind(row.created_at)
        .bind(row.expires_at)
        .bind(row.created_at);
}

pub(super) async fn webhook(c: &mut SqliteConnection, id: &str) -> Result<Option<WebhookDelivery>> {
    query(select_webhook!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) fn update_webhook(writes: &mut Writes, row: &WebhookDelivery) {
    writes
        .add(
            "UPDATE webhook_delivery SET body = ?, expires_at = ?, next_attempt_at = ?,
                 attempts = ?, delivered_at = ?, given_up_at = ?, last_problem = ?
             WHERE id = ?",
        )
        .bind(&row.body)
        .bind(row.expires_at)
        .bind(row.next_attempt_at)
        .bind(row.attempts)
        .bind(row.delivered_at)
        .bind(row.given_up_at)
        .bind(&row.last_problem)
        .bind(&row.id);
}

pub(super) async fn due_webhooks(
    c: &mut SqliteConnection,
    hook: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<DueWebhook>> {
    let rows = query(
        "SELECT id, chat_id FROM webhook_delivery AS it
         WHERE hook = ? AND next_attempt_at <= ? AND NOT EXISTS (
             SELECT 1 FROM webhook_delivery AS earlier
             WHERE earlier.hook = it.hook AND earlier.chat_id = it.chat_id
                 AND earlier.next_attempt_at IS NOT NULL AND earlier.position < it.position)
         ORDER BY next_attempt_at, position LIMIT ?",
    )
    .bind(hook)
    .bind(now)
    .bind(limit.max(0))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn webhooks(
    c: &mut SqliteConnection,
    wanted: &WebhookQuery,
) -> Result<Vec<WebhookDelivery>> {
    let rows = query(select_webhook!(
        "WHERE (?1 IS NULL OR hook = ?1) AND (NOT ?2 OR (given_up_at IS NOT NULL AND body <> ''))
         ORDER BY position DESC LIMIT ?3"
    ))
    .bind(&wanted.hook)
    .bind(wanted.is_given_up)
    .bind(wanted.limit.max(0))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn count_webhooks(c: &mut SqliteConnection, hook: &str) -> Result<WebhookCounts> {
    // Each of these is answered by an index alone.
    let counts = query_as(
        "SELECT waiting, done - given_up AS delivered, given_up
         FROM (SELECT COUNT(*) AS waiting FROM webhook_delivery
               WHERE hook = ?1 AND next_attempt_at IS NOT NULL),
              (SELECT COUNT(*) AS done, COUNT(given_up_at) AS given_up FROM webhook_delivery
               WHERE hook = ?1 AND next_attempt_at IS NULL)",
    );
    Ok(counts.bind(hook).fetch_one(c).await?)
}

pub(super) fn give_up_webhooks(
    writes: &mut Writes,
    hook: &str,
    problem: &str,
    now: Timestamp,
    limit: i64,
) {
    writes
        .add(
            "UPDATE webhook_delivery
             SET body = '', next_attempt_at = NULL, given_up_at = ?, last_problem = ?
             WHERE position IN (
                 SELECT position FROM webhook_delivery
                 WHERE hook = ? AND next_attempt_at IS NOT NULL ORDER BY position LIMIT ?)",
        )
        .bind(now)
        .bind(problem.to_owned())
        .bind(hook.to_owned())
        .bind(limit.max(0));
}

pub(super) fn delete_webhooks(writes: &mut Writes, before: Timestamp, limit: i64) {
    writes
        .add(
            "DELETE FROM webhook_delivery WHERE position IN (
                 SELECT position FROM webhook_delivery WHERE expires_at < ?
                 ORDER BY expires_at LIMIT ?)",
        )
        .bind(before)
        .bind(limit.max(0));
}

pub(super) fn trim_webhooks(writes: &mut Writes, hook: &str, keep: i64, limit: i64) {
    writes
        .add(
            "DELETE FROM webhook_delivery WHERE position IN (
                 SELECT position FROM webhook_delivery
                 WHERE hook = ? AND next_attempt_at IS NULL
                 ORDER BY position DESC LIMIT ? OFFSET ?)",
        )
        .bind(hook.to_owned())
        .bind(limit.max(0))
        .bind(keep.max(0));
}

pub(super) async fn entity_number(
    c: &mut SqliteConnection,
    kind: EntityKind,
    entity: &str,
) -> Result<i64> {
    let known = query_scalar("SELECT number FROM entity_number WHERE kind = ? AND entity = ?")
        .bind(kind)
        .bind(entity)
        .fetch_optional(&mut *c)
        .await?;
    if let Some(number) = known {
        return Ok(number);
    }
    let given = query("INSERT INTO entity_number (kind, entity) VALUES (?, ?)")
        .bind(kind)
        .bind(entity)
        .execute(c)
        .await?;
    Ok(given.last_insert_rowid())
}
