//! E-mails that are to be sent.

use parlor_wire::id::ThreadId;
use sqlx::{SqliteConnection, query, query_scalar};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{MailKind, OutgoingMail},
    },
};

macro_rules! select_outgoing_mail {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, thread_id, recipient_hash, recipient, subject, body, first_event,
                 created_at, next_attempt_at, attempts, sent_at, given_up_at, last_problem
             FROM outgoing_mail ",
            $rest
        )
    };
}

pub(super) async fn outgoing_mail(
    c: &mut SqliteConnection,
    id: &str,
) -> Result<Option<OutgoingMail>> {
    query(select_outgoing_mail!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) fn put_outgoing_mail(writes: &mut Writes, row: &OutgoingMail) {
    writes
        .add(
            "INSERT INTO outgoing_mail (id, kind, thread_id, recipient_hash, recipient, subject,
             body, first_event, created_at, next_attempt_at, attempts, sent_at, given_up_at,
             last_problem)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, thread_id = excluded.thread_id,
             recipient_hash = excluded.recipient_hash, recipient = excluded.recipient,
             subject = excluded.subject, body = excluded.body,
             first_event = excluded.first_event, created_at = excluded.created_at,
             next_attempt_at = excluded.next_attempt_at, attempts = excluded.attempts,
             sent_at = excluded.sent_at, given_up_at = excluded.given_up_at,
             last_problem = excluded.last_problem",
        )
        .bind(&row.id)
        .bind(row.kind)
        .bind(&row.thread_id)
        .bind(&row.recipient_hash)
        .bind(&row.recipient)
        .bind(&row.subject)
        .bind(&row.body)
        .bind(row.first_event)
        .bind(row.created_at)
        .bind(row.next_attempt_at)
        .bind(row.attempts)
        .bind(row.sent_at)
        .bind(row.given_up_at)
        .bind(&row.last_problem);
}

pub(super) async fn due_mail(
    c: &mut SqliteConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<OutgoingMail>> {
    let rows = query(select_outgoing_mail!(
        "WHERE next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?"
    ))
    .bind(now)
    .bind(limit)
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn untried_answer(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<Option<OutgoingMail>> {
    query(select_outgoing_mail!(
        "WHERE thread_id = ? AND kind = ? AND attempts = 0 AND next_attempt_at IS NOT NULL
         ORDER BY created_at, id LIMIT 1"
    ))
    .bind(thread)
    .bind(MailKind::Answer)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

pub(super) async fn count_waiting_mail(c: &mut SqliteConnection) -> Result<i64> {
    let count =
        query_scalar("SELECT COUNT(*) FROM outgoing_mail WHERE next_attempt_at IS NOT NULL");
    Ok(count.fetch_one(c).await?)
}

pub(super) async fn count_mail_to(
    c: &mut SqliteConnection,
    recipient_hash: &str,
    kind: MailKind,
    since: Timestamp,
) -> Result<i64> {
    let count = query_scalar(
        "SELECT COUNT(*) FROM outgoing_mail
         WHERE recipient_hash = ? AND kind = ? AND created_at >= ?",
    );
    let count = count.bind(recipient_hash).bind(kind).bind(since);
    Ok(count.fetch_one(c).await?)
}

pub(super) fn delete_mail(writes: &mut Writes, before: Timestamp, limit: i64) {
    writes
        .add(
            "DELETE FROM outgoing_mail WHERE id IN (
                 SELECT id FROM outgoing_mail WHERE created_at < ? ORDER BY created_at LIMIT ?)",
        )
        .bind(before)
        .bind(limit);
}
