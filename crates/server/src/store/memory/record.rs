//! Records, and to which threads they are attached.

use std::{cmp::Reverse, sync::Arc};

use parlor_wire::id::{AttachedRecordId, RecordId, ThreadId};

use super::state::{State, at_most, copy, orphan, taken};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{AttachedRecord, Record, RecordQuery},
    },
};

/// Entity, field, key, age, record: in the order in which records are found.
pub(super) type RecordKey = (String, String, String, Reverse<Timestamp>, RecordId);

impl State {
    pub(super) fn put_record(&mut self, row: &Record) -> Result<()> {
        if self.records.contains_key(&row.id) {
            return Err(taken("record.id"));
        }
        for field in &row.fields.0 {
            if let Some(key) = field.key() {
                let (entity, name) = (row.entity_name.clone(), field.name.clone());
                let age = Reverse(row.created_at);
                let key: RecordKey = (entity, name, key, age, row.id.clone());
                self.record_keys.insert(key);
            }
        }
        self.records.insert(row.id.clone(), Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn find_records(&self, wanted: &RecordQuery) -> Vec<Record> {
        let Some((first, others)) = wanted.conditions.split_first() else {
            return Vec::new();
        };
        let (entity, field) = (&wanted.entity_name, &first.field_name);
        let newest = Reverse(Timestamp(i64::MAX));
        let from: RecordKey = (
            entity.clone(),
            field.clone(),
            first.from.clone(),
            newest,
            RecordId::from(""),
        );
        self.record_keys
            .range(from..)
            .take_while(|(of, name, key, ..)| {
                of == entity && name == field && *key <= first.through
            })
            .take(at_most(wanted.candidates))
            .filter_map(|(.., id)| copy(self.records.get(id)))
            .filter(|record| others.iter().all(|other| other.is_met_by(record)))
            .take(at_most(wanted.limit))
            .collect()
    }

    pub(super) fn attach_record(&mut self, row: &AttachedRecord) -> Result<()> {
        if !self.threads.contains_key(&row.thread_id) {
            return Err(orphan("attached_record.thread_id"));
        }
        if !self.records.contains_key(&row.record.id) {
            return Err(orphan("attached_record.record_id"));
        }
        let key = (row.thread_id.clone(), row.place);
        if self.attached_records.contains_key(&key) {
            return Err(taken("attached_record.thread_id, attached_record.place"));
        }
        if self.attached_records_by_id.contains_key(&row.id) {
            return Err(taken("attached_record.attached_id"));
        }
        self.attached_records_by_id
            .insert(row.id.clone(), key.clone());
        self.attached_records.insert(key, Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn records_of_threads(&self, threads: &[ThreadId]) -> Vec<AttachedRecord> {
        let mut threads = threads.to_vec();
        threads.sort();
        threads.dedup();
        let of_thread = |thread: ThreadId| {
            let rows = self.attached_records.range((thread.clone(), i64::MIN)..);
            rows.take_while(move |((of, _), _)| *of == thread)
                .map(|(_, row)| AttachedRecord::clone(row))
        };
        threads.into_iter().flat_map(of_thread).collect()
    }

    pub(super) fn attached_record(&self, id: &AttachedRecordId) -> Option<AttachedRecord> {
        copy(
            self.attached_records
                .get(self.attached_records_by_id.get(id)?),
        )
    }
}
