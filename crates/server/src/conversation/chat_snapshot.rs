//! Chats with everything that agents are shown around them, read from the store
//! in one transaction. One chat takes as many queries as a hundred.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use parlor_wire::{
    ButtonId, ChatId, CustomerId, ThreadId,
    chat::{Chat as WireChat, ChatSummary, Queue, Thread as WireThread},
    event::Properties,
    user::{Customer as WireCustomer, User, Visit},
};
use serde::Serialize;
use serde_json::Value;

use super::{Refusal, Result, annotations, queue, records};
use crate::{
    answer_size::{Room, as_many_as_fit, json_bytes},
    app::App,
    clock::Timestamp,
    presenter::{
        AnnotatedEvents,
        agent::{ChatView, shorten_thread},
    },
    store::{
        Tx,
        row::{Agent, Chat, Customer, Thread},
    },
};

/// A visitor whose stored time of the last poll is older than this is away, where
/// this process knows no better: that time is written a minute late.
const SILENT_FOR: Duration = Duration::from_secs(150);

/// See the module.
#[derive(Debug)]
pub(crate) struct ChatSnapshot {
    pub(crate) chat: Chat,
    /// Oldest first.
    pub(crate) threads: Vec<Thread>,
    customer: Customer,
    agents: Arc<[Agent]>,
    queue: Option<Queue>,
    customer_present: bool,
    /// Whether the agent for whom it is shown follows the chat.
    is_followed: bool,
}

impl ChatSnapshot {
    /// Reads a chat and what belongs to it, for a push, which goes to all
    /// agents.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such chat.
    pub(crate) async fn load(tx: &mut dyn Tx, app: &App, id: &ChatId) -> Result<Self> {
        Self::load_one(tx, app, id, None).await
    }

    /// The chat as this agent sees it: `is_followed` is theirs.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such chat.
    pub(crate) async fn load_for(
        tx: &mut dyn Tx,
        app: &App,
        id: &ChatId,
        viewer: &Agent,
    ) -> Result<Self> {
        Self::load_one(tx, app, id, Some(viewer)).await
    }

    async fn load_one(
        tx: &mut dyn Tx,
        app: &App,
        id: &ChatId,
        viewer: Option<&Agent>,
    ) -> Result<Self> {
        let chat = tx.chat(id).await?.ok_or(Refusal::NotFound("chat"))?;
        let loaded = Self::load_all(tx, app, vec![chat], viewer).await?.pop();
        loaded.ok_or(Refusal::NotFound("chat"))
    }

    /// Reads what belongs to these chats, in the same order. A chat whose customer
    /// cannot be read is left out.
    pub(crate) async fn load_all(
        tx: &mut dyn Tx,
        app: &App,
        chats: Vec<Chat>,
        viewer: Option<&Agent>,
    ) -> Result<Vec<Self>> {
        let ids: Vec<ChatId> = chats.iter().map(|chat| chat.id.clone()).collect();
        let customers: Vec<_> = chats.iter().map(|chat| chat.customer_id.clone()).collect();
        let customers = tx.customers(&customers).await?;
        let mut customers: BTreeMap<CustomerId, Customer> = customers
            .into_iter()
            .map(|it| (it.id.clone(), it))
            .collect();
        let mut threads: BTreeMap<ChatId, Vec<Thread>> = BTreeMap::new();
        for thread in tx.threads_of_chats(&ids).await? {
            let of_chat = threads.entry(thread.chat_id.clone()).or_default();
            of_chat.push(thread);
        }
        let current: Vec<&Thread> = threads
            .values()
            .filter_map(|threads| Thread::current(threads))
            .collect();
        let mut queues = queues(tx, &current, app.clock.now()).await?;
        let current: Vec<ThreadId> = current.into_iter().map(|it| it.id.clone()).collect();
        let present: BTreeSet<ThreadId> = tx
            .threads_with_session(&current, app.clock.now().minus(SILENT_FOR))
            .await?
            .into_iter()
            .collect();
        let away = app.sessions.away_threads();
        let followed = match viewer {
            Some(agent) => tx.followed_chats(&agent.id, &ids).await?,
            None => Vec::new(),
        };
        let agents: Arc<[Agent]> = tx.agents().await?.into();
        let load = |chat: Chat| {
            let customer = customers.remove(&chat.customer_id)?;
            let threads = threads.remove(&chat.id).unwrap_or_default();
            let current = Thread::current(&threads).map(|thread| &thread.id);
            Some(Self {
                queue: current.and_then(|id| queues.remove(id)),
                customer_present: current
                    .is_some_and(|id| present.contains(id) && !away.contains(id)),
                is_followed: followed.contains(&chat.id),
                customer,
                agents: agents.clone(),
                threads,
                chat,
            })
        };
        Ok(chats.into_iter().filter_map(load).collect())
    }

    /// See [`Thread::current`].
    pub(crate) fn current_thread(&self) -> Option<&Thread> {
        Thread::current(&self.threads)
    }

    /// The nearest threads before and after this one that an agent may see.
    fn accessible_neighbours(
        &self,
        thread: &ThreadId,
        agent: &Agent,
    ) -> (Option<ThreadId>, Option<ThreadId>) {
        let mut is_before = true;
        let (mut previous, mut next) = (None, None);
        for it in &self.threads {
            if it.id == *thread {
                is_before = false;
            } else if agent.sees(it.group_id) {
                match is_before {
                    true => previous = Some(it.id.clone()),
                    false => _ = next.get_or_insert_with(|| it.id.clone()),
                }
            }
        }
        (previous, next)
    }

    fn view(&self) -> ChatView<'_> {
        ChatView {
            chat: &self.chat,
            customer: &self.customer,
            agents: &self.agents,
            threads: &self.threads,
            queue: self.queue.clone(),
            customer_present: self.customer_present,
            followed: self.is_followed,
        }
    }

    /// The chat with one thread and the newest of its events that fit into an
    /// answer. `before`: only those with a number below.
    pub(crate) async fn chat(
        &self,
        tx: &mut dyn Tx,
        thread: &Thread,
        before: Option<i64>,
    ) -> Result<WireChat> {
        let shown = [(self, thread)];
        let chat = Self::chats(tx, &shown, before, None).await?.pop();
        chat.ok_or(Refusal::NotFound("chat"))
    }

    /// As many of these chats as fit into an answer, and at least one, each with
    /// one of its threads and that thread's events. Of the first chat, the
    /// oldest events may be left out. `before` as for one chat. `archive_of`: the agent who
    /// reads them in the archive, and is told which threads before and after they may see.
    pub(crate) async fn chats(
        tx: &mut dyn Tx,
        shown: &[(&Self, &Thread)],
        before: Option<i64>,
        archive_of: Option<&Agent>,
    ) -> Result<Vec<WireChat>> {
        let threads = shown.iter().map(|(_, thread)| *thread);
        let events = annotations::events_of(tx, threads.clone(), before).await?;
        let records = records::of_threads(tx, threads).await?;
        let none = AnnotatedEvents::default();
        let chats = shown.iter().map(|(snapshot, thread)| {
            let events = events.get(&thread.id).unwrap_or(&none);
            let records = records.get(&thread.id).map_or(&[][..], Vec::as_slice);
            let mut chat = snapshot.view().chat(thread, events, records)?;
            if let (Some(agent), Some(shown)) = (archive_of, &mut chat.thread) {
                let (previous, next) = snapshot.accessible_neighbours(&thread.id, agent);
                shown.previous_accessible_thread_id = previous;
                shown.next_accessible_thread_id = next;
            }
            Ok(chat)
        });
        as_many_as_fit(chats, |chat, max_bytes| {
            let over_bytes = json_bytes(chat).saturating_sub(max_bytes);
            if let Some(thread) = &mut chat.thread {
                shorten_thread(thread, over_bytes);
            }
        })
    }

    /// The same for threads of this chat.
    pub(crate) async fn threads(
        &self,
        tx: &mut dyn Tx,
        threads: &[&Thread],
    ) -> Result<Vec<WireThread>> {
        let events = annotations::events_of(tx, threads.iter().copied(), None).await?;
        let records = records::of_threads(tx, threads.iter().copied()).await?;
        let threads = threads.iter().map(|thread| {
            let events = events.get(&thread.id);
            let records = records.get(&thread.id).map_or(&[][..], Vec::as_slice);
            Ok(self.view().thread(thread, events, records)?)
        });
        as_many_as_fit(threads, |thread, max_bytes| {
            let over_bytes = json_bytes(thread).saturating_sub(max_bytes);
            shorten_thread(thread, over_bytes);
        })
    }

    pub(crate) fn customer_as_user(&self, thread: &Thread) -> User {
        User::Customer(Box::new(self.customer(thread)))
    }

    pub(crate) fn customer(&self, thread: &Thread) -> WireCustomer {
        self.view().customer(thread)
    }

    /// As many of these chats as fit into an answer, and at least one, as entries
    /// of `list_chats`: each with its newest thread and the last event of each
    /// type.
    pub(crate) async fn summaries(tx: &mut dyn Tx, snapshots: &[Self]) -> Result<Vec<ChatSummary>> {
        let summaries = Self::all_summaries(tx, snapshots)
            .await?
            .into_iter()
            .map(Ok);
        as_many_as_fit(summaries, |summary, _| summary.last_event_per_type = None)
    }

    /// All of these chats as such entries, if they fit into an answer without what
    /// they can do without: the last events, and then the details, of those chats
    /// for which there is room.
    pub(crate) async fn summaries_at_login(
        tx: &mut dyn Tx,
        snapshots: &[Self],
    ) -> Result<Vec<ChatSummary>> {
        let mut room = Room::in_answer();
        let mut summaries = Self::all_summaries(tx, snapshots).await?;
        let left_out: Vec<_> = summaries
            .iter_mut()
            .map(|it| (it.last_event_per_type.take(), Details::take(it)))
            .collect();
        let fitting = summaries.iter().take_while(|it| room.take(*it)).count();
        summaries.truncate(fitting);
        let mut details = Vec::with_capacity(fitting);
        for (summary, (last_events, of_chat)) in summaries.iter_mut().zip(left_out) {
            if room.take(&last_events) {
                summary.last_event_per_type = last_events;
            }
            details.push(of_chat);
        }
        for (summary, details) in summaries.iter_mut().zip(details) {
            if room.take(&details) {
                details.put_back(summary);
            }
        }
        Ok(summaries)
    }

    async fn all_summaries(tx: &mut dyn Tx, snapshots: &[Self]) -> Result<Vec<ChatSummary>> {
        let current = snapshots.iter().filter_map(Self::current_thread);
        let current: Vec<ThreadId> = current.map(|thread| thread.id.clone()).collect();
        let events = annotations::last_events_of(tx, &current).await?;
        let none = AnnotatedEvents::default();
        let summaries = snapshots.iter().map(|snapshot| {
            let thread = snapshot.current_thread();
            let events = thread.and_then(|thread| events.get(&thread.id));
            Ok(snapshot.view().summary(thread, events.unwrap_or(&none))?)
        });
        summaries.collect()
    }
}

/// What an entry of a list can do without, as long as the chat is not opened: the
/// client then asks for all of it.
#[derive(Debug, Serialize)]
struct Details {
    properties: Option<Properties>,
    thread_properties: Option<Properties>,
    last_visit: Option<Visit>,
    session_fields: Option<Vec<BTreeMap<String, Value>>>,
}

impl Details {
    fn take(summary: &mut ChatSummary) -> Self {
        let thread = summary.last_thread_summary.as_mut();
        let thread_properties = thread.and_then(|thread| thread.properties.take());
        let customer = customer_of(summary);
        let (last_visit, session_fields) = customer
            .map(|it| (it.last_visit.take(), it.session_fields.take()))
            .unwrap_or_default();
        Self {
            properties: summary.properties.take(),
            thread_properties,
            last_visit,
            session_fields,
        }
    }

    fn put_back(self, summary: &mut ChatSummary) {
        summary.properties = self.properties;
        if let Some(thread) = &mut summary.last_thread_summary {
            thread.properties = self.thread_properties;
        }
        if let Some(customer) = customer_of(summary) {
            customer.last_visit = self.last_visit;
            customer.session_fields = self.session_fields;
        }
    }
}

fn customer_of(summary: &mut ChatSummary) -> Option<&mut WireCustomer> {
    summary.users.iter_mut().find_map(|user| match user {
        User::Customer(customer) => Some(customer.as_mut()),
        User::Agent(_) | User::Unknown { .. } => None,
    })
}

/// The places of those threads that wait, by the thread's id.
async fn queues(
    tx: &mut dyn Tx,
    threads: &[&Thread],
    now: Timestamp,
) -> Result<BTreeMap<ThreadId, Queue>> {
    let mut places = Vec::new();
    for thread in threads {
        // The store answers from memory.
        if let Some(place) = tx.queue_place(thread).await? {
            places.push((*thread, place));
        }
    }
    if places.is_empty() {
        return Ok(BTreeMap::new());
    }
    let averages: BTreeMap<ButtonId, Option<f64>> = tx
        .buttons()
        .await?
        .into_iter()
        .map(|button| (button.id, button.average_wait_s))
        .collect();
    let described = places.into_iter().map(|(thread, place)| {
        let button = thread.button_id.as_ref();
        let average = button.and_then(|id| averages.get(id).copied().flatten());
        let queue = queue::describe(place, thread.queued_at, average, now);
        (thread.id.clone(), queue)
    });
    Ok(described.collect())
}
