//! Deletes conversations and customers, with everything that hangs on them.
//!
//! What must stay true: a table that names a conversation, a chat or a customer is in one of
//! the lists here. Pages are overwritten when rows are deleted (`secure_delete`, `open.rs`).

use parlor_wire::id::{ChatId, CustomerId, RecordId, ThreadId};
use sqlx::{SqliteConnection, query, query_scalar, types::Json};

use super::writes::Writes;
use crate::store::{Result, row::DeletedThread};

/// The rows of a conversation (`?1`), in an order that foreign keys allow. Sessions are
/// deleted before, and rows of `mail` and `post` go with them. Files and records are not here:
/// others may have them too.
const ROWS_OF_THREAD: &str = "
    DELETE FROM toggle WHERE thread_id = ?1;
    DELETE FROM event_properties WHERE thread_id = ?1;
    DELETE FROM event WHERE thread_id = ?1;
    DELETE FROM offline_message WHERE thread_id = ?1;
    DELETE FROM conversion WHERE thread_id = ?1;
    DELETE FROM outgoing_mail WHERE thread_id = ?1;
    DELETE FROM webhook_delivery WHERE thread_id = ?1;
    DELETE FROM archive_text
        WHERE rowid = (SELECT number FROM archived_thread WHERE thread_id = ?1);
    DELETE FROM archived_agent
        WHERE number = (SELECT number FROM archived_thread WHERE thread_id = ?1);
    DELETE FROM archived_thread WHERE thread_id = ?1;
    DELETE FROM thread WHERE id = ?1";

/// The pushes that tell of a conversation (`?1`), or of its chat and no conversation.
const PUSHES_OF_THREAD: &str = "
    DELETE FROM feed WHERE position IN (
        SELECT feed.position FROM thread
        JOIN feed INDEXED BY feed_by_time
            ON feed.created_at >= thread.created_at AND feed.chat_id = thread.chat_id
        WHERE thread.id = ?1)
    AND (instr(payload_json, '\"' || ?1 || '\"') > 0 OR instr(payload_json, '\"thread') = 0)";

/// Files of a conversation (`?1`) that were sent in another one too belong to that one then.
const FILES_SENT_AGAIN: &str = "
    UPDATE file SET (event_thread_id, event_number) = (
        SELECT thread_id, number FROM file_sent_again
        WHERE file_sent_again.key = file.key AND thread_id <> ?1 ORDER BY thread_id LIMIT 1)
    WHERE event_thread_id = ?1 AND EXISTS (
        SELECT 1 FROM file_sent_again WHERE file_sent_again.key = file.key AND thread_id <> ?1);
    DELETE FROM file_sent_again WHERE thread_id = ?1";

/// The others, and those that its visitor has uploaded and not sent.
const DOOM_FILES: &str = "
    UPDATE file SET doomed = 1, name = '', event_thread_id = NULL, event_number = NULL
    WHERE key IN (
        SELECT key FROM file WHERE event_thread_id = ?1
        UNION ALL
        SELECT file.key FROM session
        JOIN file ON file.session_id = session.id AND file.event_number IS NULL
        WHERE session.thread_id = ?1)
    RETURNING key";

/// The events of a conversation (`?1`) that name files of this server name none any more.
const ADDRESSES_OF_FILES: &str = "
    UPDATE event SET body_json = json_remove(
        json_set(body_json, '$.url', ''), '$.thumbnail_url', '$.thumbnail2x_url')
    WHERE thread_id = ?1 AND kind = 'file'
        AND instr(iif(json_valid(body_json), body_json ->> '$.url', ''), '/chat/files/') > 0";

/// Records (`?1`, a list in JSON) that are attached to no conversation any more. Links to
/// them lead nowhere from then on.
const UNUSED_RECORDS: &str = "
    DELETE FROM record_key WHERE record_id IN (
        SELECT value FROM json_each(?1)
        WHERE value NOT IN (SELECT record_id FROM attached_record));
    DELETE FROM record WHERE id IN (
        SELECT value FROM json_each(?1)
        WHERE value NOT IN (SELECT record_id FROM attached_record))";

pub(super) async fn delete_thread(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<DeletedThread> {
    query(PUSHES_OF_THREAD)
        .bind(thread)
        .execute(&mut *c)
        .await?;
    query(FILES_SENT_AGAIN)
        .bind(thread)
        .execute(&mut *c)
        .await?;
    let files = query_scalar(DOOM_FILES)
        .bind(thread)
        .fetch_all(&mut *c)
        .await?;
    let records: Vec<RecordId> =
        query_scalar("DELETE FROM attached_record WHERE thread_id = ? RETURNING record_id")
            .bind(thread)
            .fetch_all(&mut *c)
            .await?;
    if !records.is_empty() {
        query(UNUSED_RECORDS)
            .bind(Json(&records))
            .execute(&mut *c)
            .await?;
    }
    let sessions = query_scalar("DELETE FROM session WHERE thread_id = ? RETURNING id")
        .bind(thread)
        .fetch_all(&mut *c)
        .await?;
    query(ROWS_OF_THREAD).bind(thread).execute(c).await?;
    Ok(DeletedThread { files, sessions })
}

pub(super) async fn delete_files_of_thread(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<i64> {
    query(FILES_SENT_AGAIN)
        .bind(thread)
        .execute(&mut *c)
        .await?;
    query(DOOM_FILES).bind(thread).execute(&mut *c).await?;
    let changed = query(ADDRESSES_OF_FILES).bind(thread).execute(c).await?;
    Ok(i64::try_from(changed.rows_affected()).unwrap_or(i64::MAX))
}

pub(super) async fn delete_records_made_in(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<()> {
    let made: Vec<RecordId> = query_scalar(
        "SELECT record_id FROM attached_record WHERE thread_id = ? AND origin = 'created'",
    )
    .bind(thread)
    .fetch_all(&mut *c)
    .await?;
    if made.is_empty() {
        return Ok(());
    }
    query(
        "DELETE FROM attached_record WHERE record_id IN (SELECT value FROM json_each(?1));
         DELETE FROM record_key WHERE record_id IN (SELECT value FROM json_each(?1));
         DELETE FROM record WHERE id IN (SELECT value FROM json_each(?1))",
    )
    .bind(Json(&made))
    .execute(c)
    .await?;
    Ok(())
}

pub(super) fn delete_mail_to(writes: &mut Writes, recipient_hash: &str) {
    writes
        .add("DELETE FROM outgoing_mail WHERE recipient_hash = ?")
        .bind(recipient_hash);
}

pub(super) async fn delete_chat(c: &mut SqliteConnection, chat: &ChatId) -> Result<()> {
    query(
        "DELETE FROM feed WHERE position IN (
             SELECT position FROM feed INDEXED BY feed_by_time
             WHERE created_at >= (SELECT created_at FROM chat WHERE id = ?1) AND chat_id = ?1);
         DELETE FROM follower WHERE chat_id = ?1;
         DELETE FROM webhook_delivery WHERE chat_id = ?1;
         DELETE FROM chat WHERE id = ?1",
    )
    .bind(chat)
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn delete_customer(c: &mut SqliteConnection, customer: &CustomerId) -> Result<()> {
    query(
        "DELETE FROM visitor WHERE customer_id = ?1;
         DELETE FROM entity_number WHERE kind = 'customer' AND entity = ?1;
         DELETE FROM customer WHERE id = ?1",
    )
    .bind(customer)
    .execute(c)
    .await?;
    Ok(())
}
