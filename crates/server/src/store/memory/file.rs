//! Descriptions of files.

use std::sync::Arc;

use parlor_wire::id::{SessionId, ThreadId};

use super::state::{State, at_most, copy, orphan, retain};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{File, FileOwner},
    },
};

impl State {
    pub(super) fn file(&self, key: &str) -> Option<File> {
        copy(self.files.get(key))
    }

    pub(super) fn put_file(&mut self, row: &File) {
        if let Some(old) = self.files.get(&row.key) {
            let old = (old.created_at, old.key.clone());
            self.files_unsent.remove(&old);
        }
        if row.event.is_none() {
            self.files_unsent.insert((row.created_at, row.key.clone()));
        }
        self.files.insert(row.key.clone(), Arc::new(row.clone()));
    }

    pub(super) fn delete_file(&mut self, key: &str) {
        if let Some(old) = self.files.remove(key) {
            self.files_unsent.remove(&(old.created_at, old.key.clone()));
            retain(&mut self.files_sent_again, |(of, _), _| of != key);
        }
    }

    pub(super) fn put_file_sent_again(
        &mut self,
        key: &str,
        thread: &ThreadId,
        number: i64,
    ) -> Result<()> {
        if !self.files.contains_key(key) {
            return Err(orphan("file_sent_again.key"));
        }
        let place = (key.to_owned(), thread.clone());
        self.files_sent_again.entry(place).or_insert(number);
        Ok(())
    }

    pub(super) fn files_of_thread(&self, thread: &ThreadId) -> Vec<File> {
        let is_of_thread = |file: &File| {
            let sent_again = (file.key.clone(), thread.clone());
            file.event.as_ref().is_some_and(|(of, _)| of == thread)
                || self.files_sent_again.contains_key(&sent_again)
        };
        let files = self.files.values().filter(|file| is_of_thread(file));
        files.map(|file| File::clone(file)).collect()
    }

    pub(super) fn doomed_files(&self, limit: i64) -> Vec<String> {
        let doomed = self.files.values().filter(|file| file.doomed);
        doomed
            .take(at_most(limit))
            .map(|file| file.key.clone())
            .collect()
    }

    pub(super) fn count_unsent_files(&self, session: &SessionId) -> i64 {
        let of_session =
            |row: &&File| matches!(&row.owner, FileOwner::Session(id) if id == session);
        let count = self
            .files_unsent
            .iter()
            .filter_map(|(_, key)| self.files.get(key).map(Arc::as_ref))
            .filter(of_session)
            .count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    pub(super) fn unsent_files(&self, before: Timestamp, limit: i64) -> Vec<File> {
        self.files_unsent
            .iter()
            .take_while(|(created_at, _)| *created_at < before)
            .filter_map(|(_, key)| copy(self.files.get(key)))
            .take(at_most(limit))
            .collect()
    }
}
