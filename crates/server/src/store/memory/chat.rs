//! Chats and their threads.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use imbl::OrdSet;
use parlor_wire::id::{AgentId, ChatId, CustomerId, DeploymentId, ThreadId};

use super::state::{State, at_most, copy, orphan, taken};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{
            AgentFilter, Chat, ChatQuery, EndedThreads, QueueKey, Thread, ThreadFilter,
            ThreadQuery, ThreadStatus, WaitingThread,
        },
    },
};

impl State {
    pub(super) fn chat(&self, id: &ChatId) -> Option<Chat> {
        copy(self.chats.get(id))
    }

    pub(super) fn chats_by_id(&self, ids: &[ChatId]) -> Vec<Chat> {
        ids.iter().filter_map(|id| self.chat(id)).collect()
    }

    pub(super) fn chat_of_customer(&self, id: &CustomerId) -> Option<Chat> {
        self.chat(self.chats_by_customer.get(id)?)
    }

    pub(super) fn put_chat(&mut self, row: &Chat) -> Result<()> {
        if !self.customers.contains_key(&row.customer_id) {
            return Err(orphan("chat.customer_id"));
        }
        if self
            .chats_by_customer
            .get(&row.customer_id)
            .is_some_and(|id| *id != row.id)
        {
            return Err(taken("chat.customer_id"));
        }
        if let Some(old) = self.chats.insert(row.id.clone(), Arc::new(row.clone())) {
            self.chats_by_time
                .remove(&(old.last_thread_at, old.id.clone()));
            self.chats_by_customer.remove(&old.customer_id);
        }
        self.chats_by_time
            .insert((row.last_thread_at, row.id.clone()));
        self.chats_by_customer
            .insert(row.customer_id.clone(), row.id.clone());
        Ok(())
    }

    pub(super) fn chats(&self, q: &ChatQuery) -> Vec<Chat> {
        walk(&self.chats_by_time, q.ascending, q.after.as_ref())
            .filter_map(|(_, id)| self.chats.get(id))
            .filter(|row| q.active.is_none_or(|active| row.active == active))
            .filter(|row| q.groups.contains(&row.group_id))
            .take(at_most(q.limit))
            .map(|row| Chat::clone(row))
            .collect()
    }

    pub(super) fn count_chats(&self, active: Option<bool>, groups: &[i64]) -> i64 {
        let chats = self.chats.values();
        let counted = chats
            .filter(|row| active.is_none_or(|active| row.active == active))
            .filter(|row| groups.contains(&row.group_id));
        i64::try_from(counted.count()).unwrap_or(i64::MAX)
    }

    pub(super) fn thread(&self, id: &ThreadId) -> Option<Thread> {
        copy(self.threads.get(id))
    }

    pub(super) fn open_thread_of(&self, chat: &ChatId) -> Option<Thread> {
        let open = self.threads_open.get(chat)?;
        self.thread(open)
    }

    pub(super) fn threads_of(&self, chat: &ChatId) -> Vec<Thread> {
        let first = (chat.clone(), Timestamp(i64::MIN), ThreadId::from(""));
        self.threads_by_chat
            .range(first..)
            .take_while(|(of, _, _)| of == chat)
            .filter_map(|(_, _, id)| self.thread(id))
            .collect()
    }

    pub(super) fn threads_of_chats(&self, chats: &[ChatId]) -> Vec<Thread> {
        chats.iter().flat_map(|id| self.threads_of(id)).collect()
    }

    pub(super) fn threads_by_id(&self, ids: &[ThreadId]) -> Vec<Thread> {
        ids.iter().filter_map(|id| self.thread(id)).collect()
    }

    pub(super) fn count_open_threads_by_agent(&self) -> Vec<(AgentId, i64)> {
        let mut counts = BTreeMap::new();
        for thread in self.threads.values() {
            if let (false, Some(agent)) = (thread.status == ThreadStatus::Ended, &thread.agent_id) {
                *counts.entry(agent.clone()).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }

    pub(super) fn threads_of_agent(&self, agent: &AgentId) -> Vec<ThreadId> {
        self.threads_by_time
            .iter()
            .filter_map(|(_, id)| self.threads.get(id))
            .filter(|it| it.status != ThreadStatus::Ended && it.agent_id.as_ref() == Some(agent))
            .map(|it| it.id.clone())
            .collect()
    }

    pub(super) fn threads_of_strangers(&self) -> Vec<(ThreadId, AgentId)> {
        let threads = self.threads_by_time.iter();
        threads
            .filter_map(|(_, id)| self.threads.get(id))
            .filter(|it| it.status != ThreadStatus::Ended)
            .filter_map(|it| Some((it, it.agent_id.as_ref()?)))
            .filter(|(thread, agent)| {
                let agent = self.agents.get(*agent);
                agent.is_none_or(|agent| !agent.sees(thread.group_id))
            })
            .map(|(thread, agent)| (thread.id.clone(), agent.clone()))
            .collect()
    }

    pub(super) fn unanswered_threads(
        &self,
        deployment: &DeploymentId,
        before: Timestamp,
        limit: i64,
    ) -> Vec<ThreadId> {
        let mut found: Vec<_> = self
            .threads
            .values()
            .filter(|it| it.status != ThreadStatus::Ended && it.agent_id.is_some())
            .filter(|it| it.deployment_id.as_ref() == Some(deployment))
            .filter_map(|it| Some((it.unanswered_since?, it.id.clone())))
            .filter(|(since, _)| *since < before)
            .collect();
        found.sort();
        found
            .into_iter()
            .take(at_most(limit))
            .map(|(_, id)| id)
            .collect()
    }

    pub(super) fn ended_threads(&self, q: &EndedThreads) -> Vec<Thread> {
        let of_deployment = self
            .threads
            .values()
            .filter(|it| it.deployment_id.as_ref() == Some(&q.deployment_id));
        let mut found: Vec<(Timestamp, &Arc<Thread>)> = of_deployment
            .filter_map(|it| Some((it.ended_at?, it)))
            .filter(|(ended_at, it)| {
                let after = q.after.as_ref();
                *ended_at < q.before && after.is_none_or(|(at, id)| (*ended_at, &it.id) > (*at, id))
            })
            .collect();
        found.sort_by(|(a, first), (b, second)| (a, &first.id).cmp(&(b, &second.id)));
        let found = found.into_iter().take(at_most(q.limit));
        found.map(|(_, it)| Thread::clone(it)).collect()
    }

    pub(super) fn threads(&self, q: &ThreadQuery) -> Vec<Thread> {
        walk(&self.threads_by_time, q.ascending, q.after.as_ref())
            .filter_map(|(_, id)| self.threads.get(id))
            .filter(|row| is_listed(row, &q.filter))
            .take(at_most(q.limit))
            .map(|row| Thread::clone(row))
            .collect()
    }

    pub(super) fn count_threads(&self, filter: &ThreadFilter) -> i64 {
        let threads = self.threads.values();
        let counted = threads.filter(|row| is_listed(row, filter));
        i64::try_from(counted.count()).unwrap_or(i64::MAX)
    }

    pub(super) fn count_waiting_threads(&self) -> i64 {
        let threads = self.threads.values();
        let waiting = threads.filter(|thread| thread.status == ThreadStatus::Queued);
        i64::try_from(waiting.count()).unwrap_or(i64::MAX)
    }

    pub(super) fn put_thread(&mut self, row: &Thread) -> Result<()> {
        if !self.chats.contains_key(&row.chat_id) {
            return Err(orphan("thread.chat_id"));
        }
        let is_open = row.status != ThreadStatus::Ended;
        let open = self.threads_open.get(&row.chat_id);
        if is_open && open.is_some_and(|open| *open != row.id) {
            return Err(taken("thread.chat_id"));
        }
        if let Some(old) = self.thread(&row.id) {
            self.remove_thread(&old);
        }
        self.threads.insert(row.id.clone(), Arc::new(row.clone()));
        let id = row.id.clone();
        self.threads_by_time.insert((row.created_at, id.clone()));
        self.threads_by_chat
            .insert((row.chat_id.clone(), row.created_at, id.clone()));
        if let Some(place) = place_of(row) {
            self.threads_waiting.insert(place);
        }
        if is_open {
            self.threads_open
                .insert(row.chat_id.clone(), row.id.clone());
        }
        Ok(())
    }

    pub(super) fn remove_thread(&mut self, row: &Thread) {
        let id = row.id.clone();
        self.threads.remove(&id);
        self.threads_by_time.remove(&(row.created_at, id.clone()));
        self.threads_by_chat
            .remove(&(row.chat_id.clone(), row.created_at, id));
        if let Some(place) = place_of(row) {
            self.threads_waiting.remove(&place);
        }
        if row.status != ThreadStatus::Ended {
            self.threads_open.remove(&row.chat_id);
        }
    }

    pub(super) fn queue_place(&self, row: &Thread) -> Option<i64> {
        let place = place_of(row)?;
        let (queue, ..) = &place;
        let before = self.threads_waiting.range(first_of(queue)..place.clone());
        i64::try_from(before.count() + 1).ok()
    }

    pub(super) fn waiting_threads(
        &self,
        queue: &QueueKey,
        skip: usize,
        limit: usize,
    ) -> Vec<WaitingThread> {
        let line: Vec<_> = self
            .threads_waiting
            .range(first_of(queue)..)
            .take_while(|(of, ..)| of == queue)
            .collect();
        let page = line.get(skip..).unwrap_or_default().iter().take(limit);
        page.filter_map(|(_, queued_at, id)| {
            Some(WaitingThread {
                thread_id: id.clone(),
                chat_id: self.threads.get(id)?.chat_id.clone(),
                queued_at: *queued_at,
            })
        })
        .collect()
    }

    pub(super) fn queues(&self) -> Vec<QueueKey> {
        let mut queues: Vec<QueueKey> = self
            .threads_waiting
            .iter()
            .map(|(queue, ..)| queue.clone())
            .collect();
        queues.dedup();
        queues
    }
}

/// The entry of a waiting thread in `threads_waiting`.
fn place_of(row: &Thread) -> Option<(QueueKey, Timestamp, ThreadId)> {
    Some((row.queue()?, row.queued_at?, row.id.clone()))
}

/// An entry before all of a queue.
fn first_of(queue: &QueueKey) -> (QueueKey, Timestamp, ThreadId) {
    (queue.clone(), Timestamp(i64::MIN), ThreadId::from(""))
}

/// The entries after `after`, in ascending order or in descending.
fn walk<'a, I: Ord + Clone>(
    index: &'a OrdSet<(Timestamp, I)>,
    ascending: bool,
    after: Option<&(Timestamp, I)>,
) -> Box<dyn Iterator<Item = &'a (Timestamp, I)> + 'a> {
    let edge = match after {
        Some(after) => Bound::Excluded(after.clone()),
        None => Bound::Unbounded,
    };
    if ascending {
        Box::new(index.range((edge, Bound::Unbounded)))
    } else {
        Box::new(index.range((Bound::Unbounded, edge)).rev())
    }
}

fn is_listed(row: &Thread, filter: &ThreadFilter) -> bool {
    let took_part = |agents: &[AgentId]| {
        let is = |id: &AgentId| row.user_ids.iter().any(|user| user.as_str() == id.as_str());
        agents.iter().any(is)
    };
    filter.groups.contains(&row.group_id)
        && filter.from.is_none_or(|from| from <= row.created_at)
        && filter.to.is_none_or(|to| row.created_at <= to)
        && match &filter.agents {
            None => true,
            Some(AgentFilter::AnyOf(agents)) => took_part(agents),
            Some(AgentFilter::NoneOf(agents)) => !took_part(agents),
        }
}
