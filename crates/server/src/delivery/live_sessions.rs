//! The sessions that this process serves, in memory: their row, how far they
//! have received their queue, and when they were last polled. So a poll that
//! finds nothing asks the database nothing.
//!
//! What must stay true: a row is cached only while it is the committed one;
//! whatever is in here can be lost, because a session of a process that is gone
//! is handed over first.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlor_wire::{SessionId, ThreadId};

use super::progress::{Next, Progress, VolatileMessage};
use crate::{
    clock::Timestamp,
    store::row::{Session, SessionProgress},
};

/// No request is overtaken by one that is sent this much later. A client that counts its
/// sneak peeks anew with each message is believed after this.
const LATE_PEEK_AFTER: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LiveSessions(Mutex<Sessions>);

#[derive(Debug, Default)]
struct Sessions {
    by_key: BTreeMap<String, SessionId>,
    by_id: BTreeMap<SessionId, Live>,
}

impl Sessions {
    /// The open sessions that have a thread.
    fn with_thread(&self) -> impl Iterator<Item = (&SessionId, &ThreadId, &Live)> {
        self.by_id.iter().filter_map(|(id, live)| {
            let row = live.row.as_ref().filter(|row| row.closed_at.is_none())?;
            Some((id, row.thread_id.as_ref()?, live))
        })
    }
}

#[derive(Debug)]
struct Live {
    key_hash: String,
    /// `None` until it is read.
    row: Option<Arc<Session>>,
    /// When it was last read or written.
    read_at: Timestamp,
    /// Counts the commits that wrote the row, and signs that another process did.
    version: u64,
    /// The newest unit of work that wrote the row.
    written_by: u64,
    /// When it was last polled.
    heard_at: Timestamp,
    /// Whether agents were told that the visitor is away.
    is_away: bool,
    /// Whether it was not polled for a while before it was handed over to this process.
    was_silent: bool,
    /// The greatest position of a sneak peek, and when it came.
    peeked: Option<(i64, Timestamp)>,
    /// What the database knows of it.
    stored_heard_at: Timestamp,
    stored_batch: i64,
    progress: Progress,
}

/// The cached row of a session, or what is needed to cache it.
#[derive(Debug)]
pub(crate) enum Cached {
    Row(Arc<Session>),
    /// It has to be read, and may be kept if the version is still the same then.
    Stale(u64),
    /// This process does not know the session.
    Unknown,
}

/// What is to be written of a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unwritten {
    pub(crate) progress: SessionProgress,
    /// The position up to which messages are to be deleted.
    pub(crate) delete_through: Option<i64>,
}

/// A session is not polled any more, or is polled again.
#[derive(Debug)]
pub(crate) struct ChangeOfPresence {
    session_id: SessionId,
    pub(crate) thread_id: ThreadId,
    pub(crate) is_away: bool,
    /// So the visitor is away, or has come back: they have no other session that is
    /// polled.
    pub(crate) is_of_visitor: bool,
}

impl LiveSessions {
    /// The session of a key. The key's hash is compared, never the key. A row that
    /// was read before `fresh_since` has to be read again.
    pub(crate) fn cached(&self, key_hash: &str, fresh_since: Option<Timestamp>) -> Cached {
        let sessions = self.lock();
        let id = sessions.by_key.get(key_hash);
        match id.and_then(|id| sessions.by_id.get(id)) {
            None => Cached::Unknown,
            Some(live) => match &live.row {
                Some(row) if fresh_since.is_none_or(|since| live.read_at >= since) => {
                    Cached::Row(row.clone())
                }
                Some(_) | None => Cached::Stale(live.version),
            },
        }
    }

    /// This process begins to serve a session. Its row is cached once it has been
    /// read after this.
    pub(crate) fn begin(&self, row: &Session) {
        self.insert(row, Progress::resumed(row));
    }

    /// A session was created.
    pub(crate) fn created(&self, row: Session) {
        self.insert(&row, Progress::new());
        let now = row.created_at;
        self.cache(Arc::new(row), 0, now);
    }

    fn insert(&self, row: &Session, progress: Progress) {
        let mut sessions = self.lock();
        if sessions.by_id.contains_key(&row.id) {
            return;
        }
        let live = Live {
            key_hash: row.key_hash.clone(),
            row: None,
            read_at: row.last_heard_at,
            version: 0,
            written_by: 0,
            heard_at: row.last_heard_at,
            is_away: false,
            was_silent: false,
            peeked: None,
            stored_heard_at: row.last_heard_at,
            stored_batch: row.batch,
            progress,
        };
        sessions.by_key.insert(row.key_hash.clone(), row.id.clone());
        sessions.by_id.insert(row.id.clone(), live);
    }

    /// Caches a row that was read now, while the version was this.
    pub(crate) fn cache(&self, row: Arc<Session>, version: u64, now: Timestamp) {
        self.change(&row.id.clone(), |live| {
            live.progress.queued_through(row.position);
            if live.version == version {
                live.row = Some(row);
                live.read_at = now;
            }
        });
    }

    /// A unit of work has written the row. Units say so in any order: `order` is
    /// that in which they wrote.
    pub(crate) fn written(&self, row: Session, order: u64, now: Timestamp) {
        self.change(&row.id.clone(), |live| {
            live.version += 1;
            live.progress.queued_through(row.position);
            if order > live.written_by {
                live.written_by = order;
                live.row = Some(Arc::new(row));
                live.read_at = now;
            }
        });
    }

    /// The row may have been written by another process. `position` is the newest
    /// position of its queue.
    pub(crate) fn outdated(&self, session: &SessionId, position: i64) {
        self.change(session, |live| {
            live.version += 1;
            live.row = None;
            live.progress.queued_through(position);
        });
    }

    /// The session was handed over to this process: its queue begins anew after
    /// `position`. `was_silent`: it had not been polled for a while.
    pub(crate) fn handed_over(&self, row: &Session, position: i64, was_silent: bool) {
        self.insert(row, Progress::default());
        self.change(&row.id, |live| {
            live.progress.begin_anew(position, row.batch);
            live.progress.queued_through(row.position);
            live.heard_at = live.heard_at.max(row.last_heard_at);
            live.was_silent = was_silent;
            // A client that was loaded anew counts from the beginning.
            live.peeked = None;
        });
    }

    /// Whether the session was silent before it was handed over. Says so once.
    pub(crate) fn take_was_silent(&self, session: &SessionId) -> bool {
        let take = |live: &mut Live| std::mem::take(&mut live.was_silent);
        self.change(session, take).unwrap_or(false)
    }

    /// Whether a sneak peek of this position came in order: no later one has come just
    /// before.
    pub(crate) fn is_newest_peek(
        &self,
        session: &SessionId,
        position: i64,
        now: Timestamp,
    ) -> bool {
        self.change(session, |live| {
            let just_before = now.minus(LATE_PEEK_AFTER);
            let is_late = live
                .peeked
                .is_some_and(|(newest, at)| position < newest && at > just_before);
            if !is_late {
                live.peeked = Some((position, now));
            }
            !is_late
        })
        .unwrap_or(true)
    }

    /// The session is polled.
    pub(crate) fn heard(&self, session: &SessionId, now: Timestamp) {
        self.change(session, |live| live.heard_at = live.heard_at.max(now));
    }

    /// When the session was last polled, as far as this process knows.
    pub(crate) fn heard_at(&self, session: &SessionId) -> Option<Timestamp> {
        self.look(session, |live| live.heard_at)
    }

    /// Visitors in a conversation who are away since this time, or no longer, which
    /// agents were not told: at most `limit`.
    pub(crate) fn changes_of_presence(
        &self,
        away_since: Timestamp,
        limit: usize,
    ) -> Vec<ChangeOfPresence> {
        let sessions = self.lock();
        let is_away_now = |live: &Live| live.heard_at < away_since;
        let mut changes: Vec<ChangeOfPresence> = sessions
            .with_thread()
            .filter(|(_, _, live)| is_away_now(live) != live.is_away)
            .map(|(id, thread, live)| ChangeOfPresence {
                session_id: id.clone(),
                thread_id: thread.clone(),
                is_away: is_away_now(live),
                is_of_visitor: true,
            })
            .take(limit)
            .collect();
        if changes.is_empty() {
            return changes;
        }
        let threads: BTreeSet<_> = changes.iter().map(|it| it.thread_id.clone()).collect();
        let mut of_thread: BTreeMap<&ThreadId, Vec<(&SessionId, &Live)>> = BTreeMap::new();
        for (id, thread, live) in sessions.with_thread() {
            if threads.contains(thread) {
                of_thread.entry(thread).or_default().push((id, live));
            }
        }
        for change in &mut changes {
            let sessions = of_thread.get(&change.thread_id).into_iter().flatten();
            let mut others = sessions.filter(|(id, _)| **id != change.session_id);
            change.is_of_visitor = match change.is_away {
                true => others.all(|(_, other)| is_away_now(other)),
                false => others.all(|(_, other)| other.is_away),
            };
        }
        changes
    }

    /// Agents were told.
    pub(crate) fn told_presence(&self, changes: &[ChangeOfPresence]) {
        for change in changes {
            self.change(&change.session_id, |live| live.is_away = change.is_away);
        }
    }

    /// The conversations whose visitors are away, as agents were told.
    pub(crate) fn away_threads(&self) -> BTreeSet<ThreadId> {
        let sessions = self.lock();
        let mut away = BTreeSet::new();
        for (_, thread, live) in sessions.with_thread() {
            if live.is_away {
                away.insert(thread.clone());
            }
        }
        if !away.is_empty() {
            for (_, thread, live) in sessions.with_thread() {
                if !live.is_away {
                    away.remove(thread);
                }
            }
        }
        away
    }

    /// Drops volatile messages of the kinds in `replaces` that were not served
    /// yet, and queues this one.
    pub(crate) fn send_volatile(
        &self,
        session: &SessionId,
        message: Option<VolatileMessage>,
        replaces: &[&str],
    ) {
        self.change(session, |live| {
            live.progress.replace_volatile(replaces, message);
        });
    }

    /// Handles the `ack` of a poll, and returns what it has to be answered with,
    /// and the newest position of the queue.
    pub(super) fn acknowledge(&self, session: &SessionId, ack: Option<i64>) -> (Next, i64) {
        self.change(session, |live| {
            live.progress.acknowledge(ack);
            (live.progress.next(), live.progress.queued())
        })
        .unwrap_or((Next::Nothing, 0))
    }

    /// Whether `next` still holds: no other poll was answered meanwhile. Then
    /// `serve` is carried out.
    pub(super) fn serve<T>(
        &self,
        session: &SessionId,
        next: Next,
        serve: impl FnOnce(&mut Progress) -> T,
    ) -> Option<T> {
        self.change(session, |live| {
            (live.progress.next() == next).then(|| serve(&mut live.progress))
        })
        .flatten()
    }

    /// The newest position of the queue.
    pub(crate) fn position(&self, session: &SessionId) -> i64 {
        self.look(session, |live| live.progress.queued())
            .unwrap_or(0)
    }

    /// The newest position that was served; 0 if this process does not know the
    /// session.
    pub(crate) fn served_through(&self, session: &SessionId) -> i64 {
        self.look(session, |live| live.progress.served())
            .unwrap_or(0)
    }

    /// The newest position that was acknowledged.
    pub(crate) fn acknowledged_through(&self, session: &SessionId) -> i64 {
        self.look(session, |live| live.progress.acknowledged())
            .unwrap_or(0)
    }

    /// The position up to which messages can be deleted, if any are left.
    pub(crate) fn deletable(&self, session: &SessionId) -> Option<i64> {
        self.look(session, |live| live.progress.deletable())
            .flatten()
    }

    /// Messages up to this position were deleted.
    pub(crate) fn deleted(&self, session: &SessionId, through: i64) {
        self.change(session, |live| live.progress.deleted_through(through));
    }

    /// What is to be written, of at most `limit` sessions. That a session was
    /// polled is written once it is newer by `every` than what is stored.
    pub(crate) fn unwritten(&self, every: Duration, limit: usize) -> Vec<Unwritten> {
        let sessions = self.lock();
        let unwritten = sessions.by_id.iter().filter_map(|(id, live)| {
            let progress = &live.progress;
            let delete_through = progress.deletable();
            let is_heard_due = live.stored_heard_at < live.heard_at.minus(every);
            let is_due =
                is_heard_due || delete_through.is_some() || progress.batch() > live.stored_batch;
            is_due.then(|| Unwritten {
                progress: SessionProgress {
                    id: id.clone(),
                    last_heard_at: is_heard_due.then_some(live.heard_at),
                    batch: progress.batch(),
                    served: progress.served(),
                },
                delete_through,
            })
        });
        unwritten.take(limit).collect()
    }

    /// This was written.
    pub(crate) fn wrote(&self, written: Unwritten) {
        let Unwritten {
            progress,
            delete_through,
        } = written;
        self.change(&progress.id.clone(), |live| {
            live.stored_batch = progress.batch;
            if let Some(time) = progress.last_heard_at {
                live.stored_heard_at = time;
            }
            if let Some(position) = delete_through {
                live.progress.deleted_through(position);
            }
        });
    }

    /// Forgets sessions that were last polled before `before`, of which no poll is
    /// open and nothing is to be written, unless agents know that they are away. A
    /// poll brings them back.
    pub(crate) fn forget(&self, before: Timestamp, is_open: impl Fn(&SessionId) -> bool) {
        let mut sessions = self.lock();
        let Sessions { by_key, by_id } = &mut *sessions;
        by_id.retain(|id, live| {
            let progress = &live.progress;
            let is_written =
                progress.deletable().is_none() && progress.batch() <= live.stored_batch;
            // Agents are told when they come back.
            let may_return =
                live.is_away && live.row.as_ref().is_some_and(|it| it.closed_at.is_none());
            let stays = live.heard_at >= before || !is_written || is_open(id) || may_return;
            if !stays {
                by_key.remove(&live.key_hash);
            }
            stays
        });
    }

    /// The session was deleted: nothing of it is kept or written any more.
    pub(crate) fn remove(&self, session: &SessionId) {
        let mut sessions = self.lock();
        if let Some(live) = sessions.by_id.remove(session) {
            sessions.by_key.remove(&live.key_hash);
        }
    }

    /// How many sessions this process serves, for the metrics.
    pub(crate) fn count(&self) -> usize {
        self.lock().by_id.len()
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, session: &SessionId, look: impl FnOnce(&Live) -> T) -> Option<T> {
        self.lock().by_id.get(session).map(look)
    }

    fn change<T>(&self, session: &SessionId, change: impl FnOnce(&mut Live) -> T) -> Option<T> {
        self.lock().by_id.get_mut(session).map(change)
    }
}
