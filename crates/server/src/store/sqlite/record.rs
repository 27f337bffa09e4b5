//! Records, and to which threads they are attached.

use parlor_wire::id::{AttachedRecordId, ThreadId};
use sqlx::{SqliteConnection, query, types::Json};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::store::{
    Result,
    row::{AttachedRecord, Record, RecordQuery},
};

pub(super) fn put_record(writes: &mut Writes, row: &Record) {
    writes
        .add(
            "INSERT INTO record (id, entity_name, fields_json, links_json, created_at)
         VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&row.id)
        .bind(&row.entity_name)
        .bind(Json(&row.fields.0))
        .bind(Json(&row.links))
        .bind(row.created_at);
    let fields = row.fields.0.iter();
    let keys: Vec<(&str, String)> = fields
        .filter_map(|field| Some((field.name.as_str(), field.key()?)))
        .collect();
    writes
        .add(
            "INSERT INTO record_key (entity_name, field_name, value_key, created_at, record_id)
         SELECT ?, value ->> '$[0]', value ->> '$[1]', ?, ? FROM json_each(?)",
        )
        .bind(&row.entity_name)
        .bind(row.created_at)
        .bind(&row.id)
        .bind(Json(keys));
}

pub(super) async fn find_records(
    c: &mut SqliteConnection,
    wanted: &RecordQuery,
) -> Result<Vec<Record>> {
    let Some((first, others)) = wanted.conditions.split_first() else {
        return Ok(Vec::new());
    };
    // The second index is named, because it fits better than the primary key: a
    // record has few fields.
    let rows = query(
        "SELECT record.id, record.entity_name, record.fields_json, record.links_json,
                record.created_at
         FROM (SELECT value_key, created_at, record_id FROM record_key
               WHERE entity_name = ? AND field_name = ? AND value_key BETWEEN ? AND ?
               ORDER BY value_key, created_at DESC, record_id LIMIT ?) AS candidate
         JOIN record ON record.id = candidate.record_id
         WHERE NOT EXISTS (
             SELECT 1 FROM json_each(?) AS condition WHERE NOT EXISTS (
                 SELECT 1 FROM record_key INDEXED BY record_key_of_record
                 WHERE record_key.record_id = record.id
                     AND record_key.field_name = condition.value ->> 'field_name'
                     AND record_key.value_key BETWEEN condition.value ->> 'from'
                         AND condition.value ->> 'through'))
         ORDER BY candidate.value_key, candidate.created_at DESC, record.id LIMIT ?",
    )
    .bind(&wanted.entity_name)
    .bind(&first.field_name)
    .bind(&first.from)
    .bind(&first.through)
    .bind(wanted.candidates)
    .bind(Json(others))
    .bind(wanted.limit)
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) fn attach_record(writes: &mut Writes, row: &AttachedRecord) {
    writes
        .add(
            "INSERT INTO attached_record (thread_id, place, attached_id, record_id, origin,
             show_first, transcript_field, is_told)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&row.thread_id)
        .bind(row.place)
        .bind(&row.id)
        .bind(&row.record.id)
        .bind(row.origin)
        .bind(row.show_first)
        .bind(&row.transcript_field)
        .bind(row.is_told);
}

macro_rules! select_attached_record {
    ($rest:literal) => {
        concat!(
            "SELECT thread_id, place, attached_id, origin, show_first, transcript_field, is_told,
                    record.id, entity_name, fields_json, links_json, created_at
             FROM attached_record JOIN record ON record.id = attached_record.record_id ",
            $rest
        )
    };
}

pub(super) async fn records_of_threads(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<AttachedRecord>> {
    let rows = query(select_attached_record!(
        "WHERE thread_id IN (SELECT value FROM json_each(?)) ORDER BY thread_id, place"
    ))
    .bind(Json(threads))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn attached_record(
    c: &mut SqliteConnection,
    id: &AttachedRecordId,
) -> Result<Option<AttachedRecord>> {
    query(select_attached_record!("WHERE attached_id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}
