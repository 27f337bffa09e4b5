//! The queues in memory: SQLite cannot tell how many rows come before one
//! without visiting all of them, and each visitor wants to know.
//!
//! What must stay true: the memory is the waiting rows of the table `thread`.
//! It is read from there when the database is opened, and again after a commit
//! whose result is not known. It changes with the units of work that commit, in
//! their order.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parlor_wire::id::ThreadId;

use crate::{
    clock::Timestamp,
    store::row::{QueueKey, Thread, WaitingThread},
};

/// See the module. Clones share the memory.
#[derive(Debug, Clone)]
pub(super) struct Queues(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    /// The threads of each queue in order. A queue in which nobody waits is
    /// left out.
    queues: BTreeMap<QueueKey, Vec<WaitingThread>>,
    /// Where each waiting thread is.
    entries: HashMap<ThreadId, Entry>,
    /// Whether it may differ from the table.
    is_outdated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    queue: QueueKey,
    queued_at: Timestamp,
}

/// So many of a line, after those to be left out.
fn page<T>(line: &[T], skip: usize, limit: usize) -> impl Iterator<Item = &T> {
    line.get(skip..).unwrap_or_default().iter().take(limit)
}

/// The order within a queue.
fn key(thread: &WaitingThread) -> (Timestamp, &ThreadId) {
    (thread.queued_at, &thread.thread_id)
}

impl Queues {
    /// Before the table has been read.
    pub(super) fn outdated() -> Self {
        Self(Arc::new(Mutex::new(Memory {
            is_outdated: true,
            ..Memory::default()
        })))
    }

    /// Begins a transaction.
    pub(super) fn view(&self) -> View {
        View {
            queues: self.clone(),
            changes: BTreeMap::new(),
        }
    }

    pub(super) fn is_outdated(&self) -> bool {
        self.lock().is_outdated
    }

    /// Replaces the memory by the rows of the table.
    pub(super) fn load(&self, rows: Vec<(QueueKey, WaitingThread)>) {
        let mut memory = Memory::default();
        for (queue, thread) in rows {
            memory.insert(queue, thread);
        }
        *self.lock() = memory;
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn line(&self, queue: &QueueKey) -> &[WaitingThread] {
        self.queues.get(queue).map_or(&[], Vec::as_slice)
    }

    fn insert(&mut self, queue: QueueKey, thread: WaitingThread) {
        let entry = Entry {
            queue: queue.clone(),
            queued_at: thread.queued_at,
        };
        self.entries.insert(thread.thread_id.clone(), entry);
        let line = self.queues.entry(queue).or_default();
        let at = line.partition_point(|other| key(other) < key(&thread));
        line.insert(at, thread);
    }

    fn remove(&mut self, id: &ThreadId) {
        let Some(entry) = self.entries.remove(id) else {
            return;
        };
        let Some(line) = self.queues.get_mut(&entry.queue) else {
            return;
        };
        if let Ok(at) = line.binary_search_by(|other| key(other).cmp(&(entry.queued_at, id))) {
            line.remove(at);
        }
        if line.is_empty() {
            self.queues.remove(&entry.queue);
        }
    }

    fn apply(&mut self, changes: &Changes) {
        for (id, change) in changes {
            self.remove(id);
            if let Some((queue, thread)) = change {
                self.insert(queue.clone(), thread.clone());
            }
        }
    }
}

/// The threads that a transaction has put, with the queue in which each waits
/// now.
type Changes = BTreeMap<ThreadId, Option<(QueueKey, WaitingThread)>>;

/// The queues as one transaction sees them: as of the newest commit, with its
/// own changes.
#[derive(Debug)]
pub(super) struct View {
    queues: Queues,
    changes: Changes,
}

impl View {
    /// Notes a thread that was put.
    pub(super) fn put(&mut self, row: &Thread) {
        let waiting = row.queue().zip(row.queued_at);
        let change = waiting.map(|(queue, queued_at)| {
            let thread = WaitingThread {
                thread_id: row.id.clone(),
                chat_id: row.chat_id.clone(),
                queued_at,
            };
            (queue, thread)
        });
        // Most rows that are put neither wait nor did before.
        if change.is_some() || self.queues.lock().entries.contains_key(&row.id) {
            self.changes.insert(row.id.clone(), change);
        } else {
            self.changes.remove(&row.id);
        }
    }

    pub(super) fn place(&self, row: &Thread) -> Option<i64> {
        let (queue, queued_at) = row.queue().zip(row.queued_at)?;
        let is_before = |at: Timestamp, id: &ThreadId| (at, id) < (queued_at, &row.id);
        let memory = self.queues.lock();
        let line = memory.line(&queue);
        let committed = line.partition_point(|other| is_before(other.queued_at, &other.thread_id));
        let (mut left, mut joined) = (0, 0);
        for (id, change) in &self.changes {
            let old = memory.entries.get(id);
            if old.is_some_and(|old| old.queue == queue && is_before(old.queued_at, id)) {
                left += 1;
            }
            if let Some((new_queue, new)) = change
                && *new_queue == queue
                && is_before(new.queued_at, id)
            {
                joined += 1;
            }
        }
        i64::try_from((committed + joined).saturating_sub(left) + 1).ok()
    }

    pub(super) fn waiting_threads(
        &self,
        queue: &QueueKey,
        skip: usize,
        limit: usize,
    ) -> Vec<WaitingThread> {
        let memory = self.queues.lock();
        if self.changes.is_empty() {
            return page(memory.line(queue), skip, limit).cloned().collect();
        }
        let line = self.line(&memory, queue);
        page(&line, skip, limit).copied().cloned().collect()
    }

    pub(super) fn queues(&self) -> Vec<QueueKey> {
        let memory = self.queues.lock();
        let changed = self.changes.values().flatten().map(|(queue, _)| queue);
        let queues: BTreeSet<&QueueKey> = memory.queues.keys().chain(changed).collect();
        queues
            .into_iter()
            .filter(|queue| !self.line(&memory, queue).is_empty())
            .cloned()
            .collect()
    }

    /// The threads of a queue in order, with the changes.
    fn line<'a>(&'a self, memory: &'a Memory, queue: &QueueKey) -> Vec<&'a WaitingThread> {
        let is_unchanged = |thread: &&WaitingThread| !self.changes.contains_key(&thread.thread_id);
        let changed = self.changes.values().flatten();
        let here = changed.filter(|(of, _)| of == queue).map(|(_, it)| it);
        let unchanged = memory.line(queue).iter().filter(is_unchanged);
        let mut line: Vec<&WaitingThread> = unchanged.chain(here).collect();
        line.sort_by(|a, b| key(a).cmp(&key(b)));
        line
    }

    /// Call it at the point from which the next transaction sees the changes.
    pub(super) fn commit(self) -> Committing {
        if !self.changes.is_empty() {
            self.queues.lock().apply(&self.changes);
        }
        Committing {
            queues: self.queues,
            is_confirmed: self.changes.is_empty(),
        }
    }
}

/// A commit whose result is not known. Dropped without
/// [`Committing::confirmed`], the memory counts as outdated.
#[derive(Debug)]
#[must_use]
pub(super) struct Committing {
    queues: Queues,
    is_confirmed: bool,
}

impl Committing {
    pub(super) fn confirmed(mut self) {
        self.is_confirmed = true;
    }
}

impl Drop for Committing {
    fn drop(&mut self) {
        if !self.is_confirmed {
            self.queues.lock().is_outdated = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[&str]) -> Vec<(QueueKey, WaitingThread)> {
        let queue = QueueKey {
            button_id: Some("573".into()),
            agent_id: None,
        };
        let thread = |(at, id): (i64, &&str)| WaitingThread {
            thread_id: (*id).into(),
            chat_id: "C".into(),
            queued_at: Timestamp(at),
        };
        let threads = (0..).zip(ids).map(thread);
        threads.map(|thread| (queue.clone(), thread)).collect()
    }

    #[test]
    fn after_a_commit_that_was_not_confirmed_the_table_is_read_again() {
        let queues = Queues::outdated();
        assert!(queues.is_outdated());
        queues.load(rows(&["a", "b"]));
        assert!(!queues.is_outdated());
        let change = |confirm: bool| {
            let mut view = queues.view();
            view.changes.insert("a".into(), None);
            let committing = view.commit();
            if confirm {
                committing.confirmed();
            }
        };
        change(true);
        assert!(!queues.is_outdated());
        change(false);
        assert!(queues.is_outdated());
        queues.load(rows(&["a", "b"]));
        assert!(!queues.is_outdated());
        assert_eq!(queues.view().queues().len(), 1);
    }

    #[test]
    fn a_transaction_without_changes_needs_no_confirmation() {
        let queues = Queues::outdated();
        queues.load(Vec::new());
        drop(queues.view().commit());
        assert!(!queues.is_outdated());
    }
}
