//! Tells visitors and agents of places that have changed because somebody left
//! a queue. It runs once a second, outside the transaction of the one who left,
//! and so sends each visitor at most one `QueueUpdate` a second.
//!
//! The first places of a queue are told in every run. Those behind are told in
//! rounds, a part of the queue in each run, so that a run costs the same
//! whatever the length of the queue. Which queues have changed is kept in
//! memory; the places themselves, and what each visitor was sent last, are in
//! the store. A process that starts looks at every queue once.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use parlor_wire::{
    ThreadId,
    agent::{PushBody, QueuePosition},
};

use super::{Result, UnitOfWork, queue};
use crate::{
    app::App,
    store::row::{Audience, QueueKey, QueueListener, WaitingThread},
};

/// How many of the first places are told in every run, to visitors and to
/// agents: more than an agent's screen has rows. It also bounds the push to
/// agents, to some 10 KB.
const FIRST: usize = 50;

/// How many places behind the first are looked at in one run, of all queues
/// together. Telling so many visitors takes the writer some 50 ms. A queue of
/// 350 is thus told within a second, and one of 10,000 within 35 s.
const BEHIND_PER_RUN: usize = 300;

/// The most visitors who are told in one transaction: other writers wait for it
/// for a few milliseconds.
const TOLD_PER_TRANSACTION: usize = 25;

/// What has to be told. See the module.
#[derive(Debug, Default)]
pub(crate) struct QueueUpdates(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether the queues that the store had at the start were added.
    has_started: bool,
    /// Queues with something to tell, and those whose first places agents know.
    queues: BTreeMap<QueueKey, Progress>,
}

/// How far one queue has been told.
#[derive(Debug, Default)]
struct Progress {
    /// Somebody has left since the first places were told.
    first_changed: bool,
    /// Somebody has left since the current round began.
    behind_changed: bool,
    /// Where the current round goes on, as an index; `None` between rounds.
    next_behind: Option<usize>,
    /// The first threads of the queue, as agents were told last.
    known_to_agents: Vec<ThreadId>,
}

/// What one run does for one queue.
#[derive(Debug, PartialEq)]
struct Due {
    queue: QueueKey,
    first: bool,
    behind: Option<Range<usize>>,
}

impl QueueUpdates {
    /// Somebody has left the queue, or was put into it in front of others.
    pub(super) fn changed(&self, queue: QueueKey) {
        self.lock().changed(queue);
    }

    /// What the next run has to do; it counts as done.
    fn take_due(&self) -> Vec<Due> {
        let mut state = self.lock();
        for progress in state.queues.values_mut() {
            if progress.next_behind.is_none() && progress.behind_changed {
                progress.behind_changed = false;
                progress.next_behind = Some(FIRST);
            }
        }
        let is_in_round = |it: &&Progress| it.next_behind.is_some();
        let rounds = state.queues.values().filter(is_in_round).count();
        let share = (BEHIND_PER_RUN / rounds.max(1)).max(1);
        let mut due = Vec::new();
        for (queue, progress) in &mut state.queues {
            let first = std::mem::take(&mut progress.first_changed);
            let behind = progress.next_behind.map(|from| from..from + share);
            if let Some(behind) = &behind {
                progress.next_behind = Some(behind.end);
            }
            if first || behind.is_some() {
                due.push(Due {
                    queue: queue.clone(),
                    first,
                    behind,
                });
            }
        }
        due
    }

    /// The round has reached the end of the queue.
    fn end_round(&self, queue: &QueueKey) {
        if let Some(progress) = self.lock().queues.get_mut(queue) {
            progress.next_behind = None;
        }
    }

    fn known_to_agents(&self, queue: &QueueKey) -> Vec<ThreadId> {
        let state = self.lock();
        let progress = state.queues.get(queue);
        progress.map_or_else(Vec::new, |it| it.known_to_agents.clone())
    }

    fn agents_know(&self, queue: &QueueKey, threads: Vec<ThreadId>) {
        if let Some(progress) = self.lock().queues.get_mut(queue) {
            progress.known_to_agents = threads;
        }
    }

    /// Forgets queues about which nothing has to be known.
    fn tidy(&self) {
        self.lock().queues.retain(|_, progress| {
            let is_due = progress.first_changed || progress.behind_changed;
            is_due || progress.next_behind.is_some() || !progress.known_to_agents.is_empty()
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn changed(&mut self, queue: QueueKey) {
        let progress = self.queues.entry(queue).or_default();
        progress.first_changed = true;
        progress.behind_changed = true;
    }
}

impl App {
    /// Tells visitors and agents of places in queues that have changed. Call it
    /// once a second; the work of each call is bounded.
    ///
    /// # Errors
    /// When the store fails. A later call tries again.
    pub async fn run_queue_updates(&self) -> std::result::Result<(), crate::store::StoreError> {
        match self.update_queues().await {
            Ok(()) => Ok(()),
            Err(super::Refusal::Store(error)) => Err(error),
            Err(other) => {
                tracing::warn!(error = %other, "a queue update was refused");
                Ok(())
            }
        }
    }

    async fn update_queues(&self) -> Result<()> {
        if !self.queue_updates.lock().has_started {
            let queues = self.store.read().await?.queues().await?;
            let mut state = self.queue_updates.lock();
            queues.into_iter().for_each(|queue| state.changed(queue));
            state.has_started = true;
        }
        let mut due = self.queue_updates.take_due().into_iter();
        while let Some(next) = due.next() {
            if let Err(error) = self.update_queue(&next).await {
                let undone = std::iter::once(next).chain(due);
                undone.for_each(|it| self.queue_updates.changed(it.queue));
                return Err(error);
            }
        }
        self.queue_updates.tidy();
        Ok(())
    }

    async fn update_queue(&self, due: &Due) -> Result<()> {
        if due.first {
            self.tell_agents(&due.queue).await?;
            self.tell_visitors(&due.queue, 0..FIRST).await?;
        }
        if let Some(behind) = due.behind.clone() {
            let whole = behind.len();
            if self.tell_visitors(&due.queue, behind).await? < whole {
                self.queue_updates.end_round(&due.queue);
            }
        }
        Ok(())
    }

    /// Pushes those of the first places that agents do not know yet. It reads
    /// them in the same transaction, so that no thread is named that has left
    /// meanwhile.
    async fn tell_agents(&self, queue: &QueueKey) -> Result<()> {
        let mut work = UnitOfWork::begin(self).await?;
        let average = queue::average_wait(work.tx.as_mut(), queue).await?;
        let first = work.tx.waiting_threads(queue, 0, FIRST).await?;
        let ids: Vec<ThreadId> = first.iter().map(|it| it.thread_id.clone()).collect();
        let known = self.queue_updates.known_to_agents(queue);
        let new = (1..).zip(first).zip(0..).filter_map(|((place, it), at)| {
            let is_new = known.get(at) != Some(&it.thread_id);
            is_new.then(|| QueuePosition {
                chat_id: it.chat_id,
                thread_id: it.thread_id,
                queue: queue::describe(place, Some(it.queued_at), average, work.now),
            })
        });
        let mut by_group: BTreeMap<i64, Vec<QueuePosition>> = BTreeMap::new();
        let new: Vec<QueuePosition> = new.collect();
        let threads: Vec<ThreadId> = new.iter().map(|it| it.thread_id.clone()).collect();
        let groups: BTreeMap<ThreadId, i64> = work
            .tx
            .threads_by_id(&threads)
            .await?
            .into_iter()
            .map(|thread| (thread.id, thread.group_id))
            .collect();
        for position in new {
            if let Some(group) = groups.get(&position.thread_id) {
                by_group.entry(*group).or_default().push(position);
            }
        }
        if !by_group.is_empty() {
            for (group, positions) in by_group {
                let push = PushBody::QueuePositionsUpdated(positions);
                work.push(Audience::group(group), &push).await?;
            }
            work.commit().await?;
        }
        self.queue_updates.agents_know(queue, ids);
        Ok(())
    }

    /// Sends their place to those visitors in a part of a queue who were sent
    /// another one. Returns how many threads were in it.
    async fn tell_visitors(&self, queue: &QueueKey, part: Range<usize>) -> Result<usize> {
        let mut tx = self.store.read().await?;
        let average = queue::average_wait(tx.as_mut(), queue).await?;
        let waiting = tx.waiting_threads(queue, part.start, part.len()).await?;
        let places: BTreeMap<&ThreadId, usize> = waiting
            .iter()
            .map(|WaitingThread { thread_id, .. }| thread_id)
            .zip(part.start + 1..)
            .collect();
        let ids: Vec<ThreadId> = places.keys().map(|id| (*id).clone()).collect();
        let mut outdated = tx.queue_listeners(&ids).await?;
        drop(tx);
        let place_of = |it: &QueueListener| places.get(&it.thread_id).copied();
        outdated.retain(|it| place_of(it) != usize::try_from(it.queue_position).ok());
        outdated.sort_by_key(place_of);
        for listeners in outdated.chunks(TOLD_PER_TRANSACTION) {
            let mut work = UnitOfWork::begin(self).await?;
            for listener in listeners {
                tell_visitor(&mut work, listener, average).await?;
            }
            work.commit().await?;
        }
        Ok(waiting.len())
    }
}

/// Sends their place to one visitor, if they still wait and were not sent it
/// meanwhile.
async fn tell_visitor(
    work: &mut UnitOfWork<'_>,
    listener: &QueueListener,
    average: Option<f64>,
) -> Result<()> {
    let thread = work.tx.thread(&listener.thread_id).await?;
    let session = work.tx.session(&listener.session_id).await?;
    let (Some(thread), Some(mut session)) = (thread, session) else {
        return Ok(());
    };
    let Some(position) = work.tx.queue_place(&thread).await? else {
        return Ok(());
    };
    if session.closed_at.is_some() || session.queue_position == position {
        return Ok(());
    }
    let queue = queue::describe(position, thread.queued_at, average, work.now);
    queue::send_place(work, &mut session, &queue).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str) -> QueueKey {
        QueueKey {
            button_id: Some(name.into()),
            agent_id: None,
        }
    }

    fn due(name: &str, first: bool, behind: Option<Range<usize>>) -> Due {
        let queue = queue(name);
        Due {
            queue,
            first,
            behind,
        }
    }

    #[test]
    fn a_round_goes_on_from_run_to_run_until_the_end() {
        let updates = QueueUpdates::default();
        assert_eq!(updates.take_due(), []);
        updates.changed(queue("a"));
        assert_eq!(updates.take_due(), [due("a", true, Some(50..350))]);
        assert_eq!(updates.take_due(), [due("a", false, Some(350..650))]);
        // The first places are told at once; the round is not begun anew.
        updates.changed(queue("a"));
        assert_eq!(updates.take_due(), [due("a", true, Some(650..950))]);
        updates.end_round(&queue("a"));
        // Those who were told before the change are told again.
        assert_eq!(updates.take_due(), [due("a", false, Some(50..350))]);
        updates.end_round(&queue("a"));
        assert_eq!(updates.take_due(), []);
    }

    #[test]
    fn queues_share_what_a_run_may_do() {
        let updates = QueueUpdates::default();
        for name in ["a", "b", "c"] {
            updates.changed(queue(name));
        }
        let parts: Vec<_> = updates.take_due().into_iter().map(|it| it.behind).collect();
        assert_eq!(parts, [Some(50..150), Some(50..150), Some(50..150)]);
    }

    #[test]
    fn a_queue_that_was_told_and_is_empty_is_forgotten() {
        let updates = QueueUpdates::default();
        updates.changed(queue("a"));
        updates.changed(queue("b"));
        updates.take_due();
        updates.agents_know(&queue("b"), vec!["T".into()]);
        for name in ["a", "b"] {
            updates.end_round(&queue(name));
        }
        updates.tidy();
        assert_eq!(updates.lock().queues.len(), 1);
        assert_eq!(updates.known_to_agents(&queue("b")), ["T".into()]);
    }
}
