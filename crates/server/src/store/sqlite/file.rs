//! Descriptions of files.

use parlor_wire::id::{SessionId, ThreadId};
use sqlx::{FromRow, Row as _, SqliteConnection, query, query_scalar, sqlite::SqliteRow};

use super::{
    table_row::{invalid, read, readable},
    writes::Writes,
};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{File, FileOwner, ImageInfo},
    },
};

pub(super) async fn file(c: &mut SqliteConnection, key: &str) -> Result<Option<File>> {
    query(
        "SELECT key, session_id, agent_id, name, content_type, size, width, height,
             thumbnail_type, created_at, event_thread_id, event_number, doomed
         FROM file WHERE key = ?",
    )
    .bind(key)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

impl FromRow<'_, SqliteRow> for File {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let owner = match (row.try_get("session_id")?, row.try_get("agent_id")?) {
            (Some(session), None) => FileOwner::Session(session),
            (None, Some(agent)) => FileOwner::Agent(agent),
            (Some(_), Some(_)) | (None, None) => {
                return Err(invalid("session_id", "it does not have one owner"));
            }
        };
        let image = match row.try_get("thumbnail_type")? {
            Some(thumbnail_type) => Some(ImageInfo {
                width: row.try_get("width")?,
                height: row.try_get("height")?,
                thumbnail_type,
            }),
            None => None,
        };
        let thread: Option<ThreadId> = row.try_get("event_thread_id")?;
        Ok(Self {
            key: row.try_get("key")?,
            owner,
            name: row.try_get("name")?,
            content_type: row.try_get("content_type")?,
            size: row.try_get("size")?,
            image,
            created_at: row.try_get("created_at")?,
            event: thread.zip(row.try_get("event_number")?),
            doomed: row.try_get("doomed")?,
        })
    }
}

pub(super) fn put_file(writes: &mut Writes, row: &File) {
    let (session, agent) = match &row.owner {
        FileOwner::Session(id) => (Some(id), None),
        FileOwner::Agent(id) => (None, Some(id)),
    };
    let image = row.image.as_ref();
    // `origin` was of use when the addresses of files were stored whole.
    writes
        .add(
            "INSERT INTO file (key, origin, session_id, agent_id, name, content_type, size, width,
             height, thumbnail_type, created_at, event_thread_id, event_number, doomed)
         VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET session_id = excluded.session_id, agent_id = excluded.agent_id,
             name = excluded.name, content_type = excluded.content_type, size = excluded.size,
             width = excluded.width, height = excluded.height,
             thumbnail_type = excluded.thumbnail_type, created_at = excluded.created_at,
             event_thread_id = excluded.event_thread_id, event_number = excluded.event_number,
             doomed = excluded.doomed",
        )
        .bind(&row.key)
        .bind(session)
        .bind(agent)
        .bind(&row.name)
        .bind(&row.content_type)
        .bind(row.size)
        .bind(image.map(|p| p.width))
        .bind(image.map(|p| p.height))
        .bind(image.map(|p| p.thumbnail_type.as_str()))
        .bind(row.created_at)
        .bind(row.event.as_ref().map(|(thread, _)| thread))
        .bind(row.event.as_ref().map(|(_, number)| *number))
        .bind(row.doomed);
}

pub(super) async fn delete_file(c: &mut SqliteConnection, key: &str) -> Result<()> {
    query("DELETE FROM file WHERE key = ?")
        .bind(key)
        .execute(c)
        .await?;
    Ok(())
}

pub(super) fn put_file_sent_again(writes: &mut Writes, key: &str, thread: &ThreadId, number: i64) {
    writes
        .add(
            "INSERT INTO file_sent_again (key, thread_id, number) VALUES (?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(key)
        .bind(thread)
        .bind(number);
}

pub(super) async fn files_of_thread(
    c: &mut SqliteConnection,
    thread: &ThreadId,
) -> Result<Vec<File>> {
    let rows = query(
        "SELECT key, session_id, agent_id, name, content_type, size, width, height,
             thumbnail_type, created_at, event_thread_id, event_number, doomed
         FROM file WHERE key IN (
             SELECT key FROM file WHERE event_thread_id = ?1
             UNION SELECT key FROM file_sent_again WHERE thread_id = ?1)
         ORDER BY key",
    )
    .bind(thread)
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn doomed_files(c: &mut SqliteConnection, limit: i64) -> Result<Vec<String>> {
    let keys = query_scalar("SELECT key FROM file WHERE doomed = 1 ORDER BY key LIMIT ?");
    Ok(keys.bind(limit.max(0)).fetch_all(c).await?)
}

pub(super) async fn count_unsent_files(
    c: &mut SqliteConnection,
    session: &SessionId,
) -> Result<i64> {
    let count =
        query_scalar("SELECT COUNT(*) FROM file WHERE session_id = ? AND event_number IS NULL")
            .bind(session)
            .fetch_one(c)
            .await?;
    Ok(count)
}

pub(super) async fn unsent_files(
    c: &mut SqliteConnection,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<File>> {
    let rows = query(
        "SELECT key, session_id, agent_id, name, content_type, size, width, height,
             thumbnail_type, created_at, event_thread_id, event_number, doomed
         FROM file WHERE event_number IS NULL AND created_at < ?
         ORDER BY created_at, key LIMIT ?",
    )
    .bind(before)
    .bind(limit)
    .fetch_all(c)
    .await?;
    readable(&rows)
}
