//! Offers of waiting chats: a button with `least_active` or `most_available` has
//! each of its chats offered to one agent after the other, until somebody accepts
//! it. Any other agent of the group may accept it, too.
//!
//! Offers are renewed once a second, outside the transaction of whoever comes or
//! goes. Which agent is asked next is up to `routing`.

use parlor_wire::{
    ThreadId,
    agent::{ChatOffered, PushBody},
};

use super::{Refusal, Result, UnitOfWork, staff};
use crate::{
    app::App,
    routing,
    store::{
        StoreError, Tx,
        row::{Agent, Button, Offer, QueueKey, Routing, Thread, ThreadStatus},
    },
};

/// How many chats of a queue are offered at a time: more than a group of agents
/// accepts within a second.
const OFFERED_MAX: usize = 50;

/// A queue whose chats are offered, with its button.
struct OfferedQueue {
    key: QueueKey,
    button: Button,
}

impl App {
    /// Offers waiting chats to agents. Call it once a second; the work of each
    /// call is bounded.
    ///
    /// # Errors
    /// When the store fails. A later call tries again.
    pub async fn run_offers(&self) -> std::result::Result<(), StoreError> {
        match self.renew_offers().await {
            Ok(()) => Ok(()),
            Err(Refusal::Store(error)) => Err(error),
            Err(other) => {
                tracing::warn!(error = %other, "an offer was refused");
                Ok(())
            }
        }
    }

    async fn renew_offers(&self) -> Result<()> {
        let queues = self.offered_queues().await?;
        for at in 0..queues.len() {
            let mut tx = self.store.read().await?;
            let changed = renewed(tx.as_mut(), self, &queues, at).await?;
            drop(tx);
            if changed.is_empty() {
                continue;
            }
            let mut work = UnitOfWork::begin(self).await?;
            for (mut thread, offer) in renewed(work.tx.as_mut(), self, &queues, at).await? {
                thread.details.0.offer = Some(offer);
                publish(&mut work, &thread).await?;
            }
            work.commit().await?;
        }
        Ok(())
    }

    async fn offered_queues(&self) -> Result<Vec<OfferedQueue>> {
        let mut tx = self.store.read_latest().await?;
        let keys = tx.queues().await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let buttons = tx.buttons().await?;
        let offered = |key: QueueKey| {
            let is_of = |it: &&Button| Some(&it.id) == key.button_id.as_ref();
            let button = buttons.iter().find(is_of)?;
            (button.routing != Routing::Choice).then(|| OfferedQueue {
                button: button.clone(),
                key,
            })
        };
        Ok(keys.into_iter().filter_map(offered).collect())
    }
}

/// The first threads of a queue whose offers change, with what they are then.
async fn renewed(
    tx: &mut dyn Tx,
    app: &App,
    queues: &[OfferedQueue],
    at: usize,
) -> Result<Vec<(Thread, Offer)>> {
    let now = app.clock.now();
    let until = now.plus(app.config.routing.offer_timeout);
    let mut staff = staff::load(tx, app).await?;
    let mut threads = Vec::new();
    let mut button = None;
    for (n, queue) in queues.iter().enumerate() {
        let first = first_threads(tx, &queue.key).await?;
        if n == at {
            (threads, button) = (first, Some(&queue.button));
            continue;
        }
        // What is offered elsewhere takes room, too.
        for offer in first.iter().filter_map(|it| it.details.0.offer.as_ref()) {
            if staff.has_offer(offer, queue.button.group_id, now) {
                staff.take_room(offer);
            }
        }
    }
    let Some(button) = button else {
        return Ok(Vec::new());
    };
    let before: Vec<Offer> = threads
        .iter()
        .map(|thread| thread.details.0.offer.clone().unwrap_or_default())
        .collect();
    let after = routing::renew_offers(staff, button, &before, now, until);
    let changed = threads.into_iter().zip(before.iter().zip(after));
    Ok(changed
        .filter(|(_, (before, after))| *before != after)
        .map(|(thread, (_, after))| (thread, after))
        .collect())
}

/// In the order of the queue.
async fn first_threads(tx: &mut dyn Tx, queue: &QueueKey) -> Result<Vec<Thread>> {
    let waiting = tx.waiting_threads(queue, 0, OFFERED_MAX).await?;
    let ids: Vec<ThreadId> = waiting.into_iter().map(|it| it.thread_id).collect();
    let mut threads = tx.threads_by_id(&ids).await?;
    threads.sort_by(|a, b| (a.queued_at, &a.id).cmp(&(b.queued_at, &b.id)));
    Ok(threads)
}

/// The agent does not want the chat that is offered to them: it goes on to the
/// next within a second. Nothing happens if it is offered to somebody else by now.
pub(crate) async fn decline(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
) -> Result<()> {
    let Some(offer) = &mut thread.details.0.offer else {
        return Ok(());
    };
    if thread.status != ThreadStatus::Queued || offer.agent_id.as_ref() != Some(&agent.id) {
        return Ok(());
    }
    offer.declined.extend(offer.agent_id.take());
    offer.until = work.now.plus(work.app.config.routing.offer_timeout);
    publish(work, thread).await
}

/// Saves the thread, and tells the agents of its group whom it is offered to.
async fn publish(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<()> {
    work.put_thread(thread).await?;
    let offer = thread.details.0.offer.clone().unwrap_or_default();
    let until = offer.agent_id.is_some().then(|| offer.until.to_rfc3339());
    let push = PushBody::ChatOffered(ChatOffered {
        chat_id: thread.chat_id.clone(),
        thread_id: thread.id.clone(),
        agent_id: offer.agent_id,
        until,
    });
    work.push(thread.audience(), &push).await
}
