//! Descriptions of files.

use parlor_wire::id::SessionId;
use sqlx::{SqliteConnection, query, query_scalar, sqlite::SqliteRow};

use super::{
    column::{Columns, readable},
    writes::Writes,
};
use crate::{
    clock::Timestamp,
    private::Private,
    store::{
        Result, StoreError,
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
    .map(read_file)
    .transpose()
}

fn read_file(row: &SqliteRow) -> Result<File> {
    let r = Columns { table: "file", row };
    let owner = match (
        r.text_if::<String>("session_id")?,
        r.text_if::<String>("agent_id")?,
    ) {
        (Some(session), None) => FileOwner::Session(session.into()),
        (None, Some(agent)) => FileOwner::Agent(agent.into()),
        (Some(_), Some(_)) | (None, None) => {
            return Err(StoreError::Corrupt {
                table: "file",
                reason: "it does not have one owner".to_owned(),
            });
        }
    };
    let image = match r.text_if::<String>("thumbnail_type")? {
        Some(thumbnail_type) => Some(ImageInfo {
            width: r.plain("width")?,
            height: r.plain("height")?,
            thumbnail_type,
        }),
        None => None,
    };
    let thread = r.text_if("event_thread_id")?;
    Ok(File {
        key: r.text("key")?,
        owner,
        name: Private(r.text("name")?),
        content_type: r.text("content_type")?,
        size: r.plain("size")?,
        image,
        created_at: r.time("created_at")?,
        event: thread.zip(r.plain::<Option<i64>>("event_number")?),
        doomed: r.plain("doomed")?,
    })
}

pub(super) fn put_file(writes: &mut Writes, row: &File) {
    let (session, agent) = match &row.owner {
        FileOwner::Session(id) => (Some(id.as_str()), None),
        FileOwner::Agent(id) => (None, Some(id.as_str())),
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
        .bind(&row.name.0)
        .bind(&row.content_type)
        .bind(row.size)
        .bind(image.map(|p| p.width))
        .bind(image.map(|p| p.height))
        .bind(image.map(|p| p.thumbnail_type.as_str()))
        .bind(row.created_at.0)
        .bind(row.event.as_ref().map(|(thread, _)| thread.as_str()))
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

pub(super) async fn count_unsent_files(
    c: &mut SqliteConnection,
    session: &SessionId,
) -> Result<i64> {
    let count =
        query_scalar("SELECT COUNT(*) FROM file WHERE session_id = ? AND event_number IS NULL")
            .bind(session.as_str())
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
    .bind(before.0)
    .bind(limit)
    .fetch_all(c)
    .await?;
    readable(&rows, &["created_at"], read_file)
}
