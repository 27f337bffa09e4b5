//! Sessions, their queued messages and idempotency records.

use std::sync::Arc;

use parlor_wire::id::{SessionId, ThreadId};

use super::state::{State, Table, at_most, copy, orphan, taken};
use crate::{
    clock::Timestamp,
    store::{
        IDEMPOTENCY_RECORDS_KEPT, Result,
        row::{
            IdempotencyRecord, QueueListener, QueuedMessage, Session, SessionProgress,
            SilentSessions, ThreadStatus,
        },
    },
};

impl State {
    pub(super) fn session(&self, id: &SessionId) -> Option<Session> {
        copy(self.sessions.get(id))
    }

    pub(super) fn session_by_key(&self, key_hash: &str) -> Option<Session> {
        self.session(self.sessions_by_key.get(key_hash)?)
    }

    pub(super) fn sessions_of(&self, thread: &ThreadId) -> Vec<Session> {
        let first = (thread.clone(), Timestamp(i64::MIN), SessionId::from(""));
        self.sessions_open_by_thread
            .range(first..)
            .take_while(|(of, _, _)| of == thread)
            .filter_map(|(_, _, id)| self.session(id))
            .collect()
    }

    pub(super) fn threads_with_session(
        &self,
        threads: &[ThreadId],
        heard_since: Timestamp,
    ) -> Vec<ThreadId> {
        let is_heard = |session: &Session| session.last_heard_at >= heard_since;
        let has_session = |thread: &&ThreadId| self.sessions_of(thread).iter().any(is_heard);
        let mut found: Vec<ThreadId> = threads.iter().filter(has_session).cloned().collect();
        found.sort();
        found
    }

    pub(super) fn queue_listeners(&self, threads: &[ThreadId]) -> Vec<QueueListener> {
        let mut listeners: Vec<QueueListener> = threads
            .iter()
            .flat_map(|thread| self.sessions_of(thread))
            .filter(|session| session.receives_queue_updates)
            .filter_map(|session| {
                Some(QueueListener {
                    session_id: session.id,
                    thread_id: session.thread_id?,
                    queue_position: session.queue_position,
                })
            })
            .collect();
        listeners.sort_by(|a, b| a.session_id.cmp(&b.session_id));
        listeners
    }

    pub(super) fn silent_sessions(&self, wanted: &SilentSessions) -> Vec<SessionId> {
        let latest = wanted.chatting_before.max(wanted.waiting_before);
        let is_wanted = |heard: Timestamp, id: &SessionId| {
            let thread = self.sessions.get(id)?.thread_id.as_ref();
            let thread = thread.and_then(|id| self.threads.get(id));
            let before = match thread.map(|thread| thread.status) {
                Some(ThreadStatus::Active) => wanted.chatting_before,
                _ => wanted.waiting_before,
            };
            let deployment = thread.and_then(|thread| thread.deployment_id.as_ref());
            let deployment = deployment.filter(|id| self.deployments.contains_key(*id));
            Some(heard < before && deployment == wanted.deployment_id.as_ref())
        };
        self.sessions_open
            .iter()
            .take_while(|(heard, _)| *heard < latest)
            .filter(|(heard, id)| is_wanted(*heard, id).unwrap_or(false))
            .take(at_most(wanted.limit))
            .map(|(_, id)| id.clone())
            .collect()
    }

    pub(super) fn count_open_sessions(&self) -> i64 {
        i64::try_from(self.sessions_open.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn put_session(&mut self, row: &Session) -> Result<()> {
        if let Some(thread) = &row.thread_id
            && !self.threads.contains_key(thread)
        {
            return Err(orphan("session.thread_id"));
        }
        if self
            .sessions_by_key
            .get(&row.key_hash)
            .is_some_and(|id| *id != row.id)
        {
            return Err(taken("session.key_hash"));
        }
        if let Some(old) = self.sessions.insert(row.id.clone(), Arc::new(row.clone())) {
            self.leave_indices(&old);
        }
        self.sessions_by_key
            .insert(row.key_hash.clone(), row.id.clone());
        let heard = (row.last_heard_at, row.id.clone());
        if row.closed_at.is_some() {
            self.sessions_closed.insert(heard);
        } else {
            self.sessions_open.insert(heard);
            if let Some(thread) = &row.thread_id {
                self.sessions_open_by_thread.insert((
                    thread.clone(),
                    row.created_at,
                    row.id.clone(),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn put_session_progress(&mut self, new: &SessionProgress) -> Result<()> {
        let Some(row) = self.session(&new.id) else {
            return Ok(());
        };
        self.put_session(&Session {
            last_heard_at: row
                .last_heard_at
                .max(new.last_heard_at.unwrap_or(row.last_heard_at)),
            batch: row.batch.max(new.batch),
            served: row.served.max(new.served),
            ..row
        })
    }

    fn leave_indices(&mut self, row: &Session) {
        self.sessions_by_key.remove(&row.key_hash);
        let heard = (row.last_heard_at, row.id.clone());
        self.sessions_closed.remove(&heard);
        self.sessions_open.remove(&heard);
        if let Some(thread) = &row.thread_id {
            self.sessions_open_by_thread
                .remove(&(thread.clone(), row.created_at, row.id.clone()));
        }
    }

    pub(super) fn forget_sessions(&mut self, before: Timestamp, limit: i64) -> i64 {
        let ids: Vec<SessionId> = self
            .sessions_closed
            .iter()
            .take_while(|(heard, _)| *heard < before)
            .take(at_most(limit))
            .map(|(_, id)| id.clone())
            .collect();
        for id in &ids {
            self.delete_session(id);
        }
        i64::try_from(ids.len()).unwrap_or(i64::MAX)
    }

    /// With its queue and idempotency records.
    pub(super) fn delete_session(&mut self, id: &SessionId) {
        if let Some(row) = self.sessions.remove(id) {
            self.leave_indices(&row);
        }
        remove_where(&mut self.queued_messages, id, |_| true);
        remove_where(&mut self.idempotency_records, id, |_| true);
    }

    pub(super) fn queued_messages(
        &self,
        session: &SessionId,
        after: i64,
        limit: i64,
    ) -> Vec<QueuedMessage> {
        self.messages_of(session)
            .filter(|row| row.position > after)
            .take(at_most(limit))
            .map(QueuedMessage::clone)
            .collect()
    }

    pub(super) fn count_queued_messages(&self, session: &SessionId) -> i64 {
        i64::try_from(self.messages_of(session).count()).unwrap_or(i64::MAX)
    }

    fn messages_of(&self, session: &SessionId) -> impl Iterator<Item = &QueuedMessage> {
        self.queued_messages
            .range((session.clone(), i64::MIN)..)
            .take_while(move |((of, _), _)| of == session)
            .map(|(_, row)| row.as_ref())
    }

    pub(super) fn put_queued_message(&mut self, row: &QueuedMessage) -> Result<()> {
        if !self.sessions.contains_key(&row.session_id) {
            return Err(orphan("mail.session_id"));
        }
        self.queued_messages.insert(
            (row.session_id.clone(), row.position),
            Arc::new(row.clone()),
        );
        Ok(())
    }

    pub(super) fn delete_messages_after(&mut self, session: &SessionId, after: i64, kind: &str) {
        let is_old = |row: &&QueuedMessage| row.position > after && row.kind == kind;
        let old: Vec<i64> = self
            .messages_of(session)
            .filter(is_old)
            .map(|row| row.position)
            .collect();
        for position in old {
            self.queued_messages.remove(&(session.clone(), position));
        }
    }

    pub(super) fn delete_messages_through(&mut self, session: &SessionId, position: i64) {
        remove_where(&mut self.queued_messages, session, |at| at <= position);
    }

    pub(super) fn idempotency_record(
        &self,
        session: &SessionId,
        number: i64,
    ) -> Option<IdempotencyRecord> {
        copy(self.idempotency_records.get(&(session.clone(), number)))
    }

    pub(super) fn put_idempotency_record(&mut self, row: &IdempotencyRecord) -> Result<()> {
        if !self.sessions.contains_key(&row.session_id) {
            return Err(orphan("post.session_id"));
        }
        self.idempotency_records
            .insert((row.session_id.clone(), row.number), Arc::new(row.clone()));
        let oldest = row.number.saturating_sub(IDEMPOTENCY_RECORDS_KEPT);
        remove_where(&mut self.idempotency_records, &row.session_id, |number| {
            number < oldest
        });
        Ok(())
    }

    pub(super) fn delete_idempotency_records(&mut self, session: &SessionId) {
        remove_where(&mut self.idempotency_records, session, |_| true);
    }
}

/// Removes a session's first rows, as long as `goes` is true for their numbers.
fn remove_where<V>(
    table: &mut Table<(SessionId, i64), V>,
    session: &SessionId,
    goes: impl Fn(i64) -> bool,
) {
    let keys: Vec<(SessionId, i64)> = table
        .range((session.clone(), i64::MIN)..)
        .map(|(key, _)| key)
        .take_while(|(of, number)| of == session && goes(*number))
        .cloned()
        .collect();
    for key in &keys {
        table.remove(key);
    }
}
