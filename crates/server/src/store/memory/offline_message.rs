//! Messages left to be answered later, and callbacks.

use std::sync::Arc;

use parlor_wire::id::{CustomId, ThreadId};

use super::state::{State, at_most, copy, orphan, taken};
use crate::store::{
    Result,
    row::{OfflineKind, OfflineMessage},
};

impl State {
    pub(super) fn offline_message(&self, thread: &ThreadId) -> Option<OfflineMessage> {
        copy(self.offline_messages.get(thread))
    }

    pub(super) fn offline_message_by_custom_id(
        &self,
        custom_id: &CustomId,
    ) -> Option<OfflineMessage> {
        let thread = self.offline_messages_by_custom_id.get(custom_id)?;
        self.offline_message(thread)
    }

    pub(super) fn put_offline_message(&mut self, row: &OfflineMessage) -> Result<()> {
        if !self.threads.contains_key(&row.thread_id) {
            return Err(orphan("offline_message.thread_id"));
        }
        let named = self.offline_messages_by_custom_id.get(&row.custom_id);
        if named.is_some_and(|thread| *thread != row.thread_id) {
            return Err(taken("offline_message.custom_id"));
        }
        self.delete_offline_message(&row.thread_id);
        self.offline_messages_by_custom_id
            .insert(row.custom_id.clone(), row.thread_id.clone());
        if row.is_open {
            let key = (row.due_at, row.thread_id.clone());
            self.offline_messages_open.insert(key);
        }
        self.offline_messages
            .insert(row.thread_id.clone(), Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn delete_offline_message(&mut self, thread: &ThreadId) {
        if let Some(old) = self.offline_messages.remove(thread) {
            self.offline_messages_by_custom_id.remove(&old.custom_id);
            let key = (old.due_at, old.thread_id.clone());
            self.offline_messages_open.remove(&key);
        }
    }

    pub(super) fn open_offline_messages(
        &self,
        kind: OfflineKind,
        groups: &[i64],
        limit: i64,
    ) -> Vec<OfflineMessage> {
        let is_listed = |row: &OfflineMessage| {
            let thread = self.threads.get(&row.thread_id);
            (kind == OfflineKind::Callback) == row.callback.is_some()
                && thread.is_some_and(|thread| groups.contains(&thread.group_id))
        };
        self.offline_messages_open
            .iter()
            .filter_map(|(_, thread)| self.offline_message(thread))
            .filter(is_listed)
            .take(at_most(limit))
            .collect()
    }
}
