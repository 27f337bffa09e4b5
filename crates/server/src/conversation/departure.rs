//! An agent is gone: with a closed console for longer than a while, or by signing
//! out; or a chat is not theirs any more, because their groups have changed. Whoever
//! they were talking with is served by a colleague. If none comes, the chat becomes
//! a message.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use parlor_wire::{AgentId, ThreadId};
use tokio::time::Instant;

use super::{Refusal, Result, UnitOfWork, accept, end, offline_message, staff};
use crate::{
    app::App,
    store::{
        StoreError,
        row::{EndReason, RoutingStatus, Thread, ThreadStatus},
    },
};

/// The most chats of one queue that are ended in one run. They are in front of the
/// others; the next run finds the rest.
const ENDED_PER_RUN_MAX: usize = 100;

/// Since when nobody of a group has been there, as far as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Absence(Mutex<BTreeMap<i64, Instant>>);

impl Absence {
    /// The groups of which nobody has been there for so long. `empty`: all those of
    /// which nobody is.
    fn longer_than(&self, time: Duration, empty: BTreeSet<i64>) -> BTreeSet<i64> {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.retain(|group, _| empty.contains(group));
        for group in &empty {
            since.entry(*group).or_insert_with(Instant::now);
        }
        let mut long = empty;
        long.retain(|group| {
            since
                .get(group)
                .is_some_and(|since| since.elapsed() >= time)
        });
        long
    }
}

/// Ends the chats that agents have left and no colleague has taken, once nobody of
/// their group has been there for long ([`Grace::chats`](crate::presence::Grace)).
/// Each becomes a message to be answered. Call it every few seconds.
///
/// # Errors
/// When the store fails.
pub(crate) async fn end_abandoned_chats(app: &App) -> Result<()> {
    let mut tx = app.store.read().await?;
    let staff = staff::load(tx.as_mut(), app).await?;
    let is_there = |group| {
        let mut members = staff.members(group);
        members.any(|agent| agent.routing_status != RoutingStatus::Offline)
    };
    let groups = tx.groups().await?.into_iter().map(|group| group.id);
    let empty = groups.filter(|group| !is_there(*group)).collect();
    let abandoned = app.absence.longer_than(app.config.grace.chats, empty);
    if abandoned.is_empty() {
        return Ok(());
    }
    let is_abandoned = |thread: &Thread| {
        thread.status == ThreadStatus::Queued
            && thread.accepted_at.is_some()
            && abandoned.contains(&thread.group_id)
    };
    let mut found = Vec::new();
    for queue in tx.queues().await? {
        let first = tx.waiting_threads(&queue, 0, ENDED_PER_RUN_MAX).await?;
        let ids: Vec<ThreadId> = first.into_iter().map(|it| it.thread_id).collect();
        let threads = tx.threads_by_id(&ids).await?;
        found.extend(threads.into_iter().filter(is_abandoned));
    }
    drop(tx);
    for thread in found {
        let mut work = UnitOfWork::begin(app).await?;
        let Some(thread) = work.tx.thread(&thread.id).await?.filter(is_abandoned) else {
            continue;
        };
        end::without_agent(&mut work, thread.clone(), EndReason::AgentTimeout).await?;
        offline_message::of_abandoned_chat(&mut work, &thread).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Puts all chats in which the agent answers back into their queues, in front of
/// those who wait there, each in a transaction of its own. Call it again after an
/// error: the chats that are back in their queues stay as they are.
///
/// # Errors
/// When the store fails.
pub(crate) async fn release_chats(app: &App, agent: &AgentId) -> Result<()> {
    let threads = app.store.read().await?.threads_of_agent(agent).await?;
    let threads = threads.into_iter().map(|thread| (thread, agent.clone()));
    release_each(app, threads.collect()).await
}

/// The same with the chats whose agents may not see them any more.
///
/// # Errors
/// When the store fails.
pub(crate) async fn release_chats_of_strangers(app: &App) -> Result<()> {
    let threads = app.store.read().await?.threads_of_strangers().await?;
    release_each(app, threads).await
}

/// `threads`: the oldest first, and who answers in each.
async fn release_each(app: &App, threads: Vec<(ThreadId, AgentId)>) -> Result<()> {
    // The one who came first is put in front last.
    for (thread, agent) in threads.iter().rev() {
        match release(app, agent, thread).await {
            Err(Refusal::Store(error @ StoreError::Corrupt { .. })) => {
                tracing::error!(%error, "a chat whose agent is gone stays theirs");
            }
            done => done?,
        }
    }
    Ok(())
}

async fn release(app: &App, agent: &AgentId, thread: &ThreadId) -> Result<()> {
    let mut work = UnitOfWork::begin(app).await?;
    let thread = work.tx.thread(thread).await?;
    let (Some(mut thread), Some(agent)) = (thread, work.tx.agent(agent).await?) else {
        return Ok(());
    };
    // It may have ended or been handed on meanwhile.
    if thread.status == ThreadStatus::Ended || thread.agent_id.as_ref() != Some(&agent.id) {
        return Ok(());
    }
    accept::lose(&mut work, &mut thread, &agent).await?;
    work.commit().await
}
