//! An agent is gone: with a closed console for longer than a while, or by signing
//! out. Whoever they were talking with is served by a colleague.

use parlor_wire::{AgentId, ThreadId};

use super::{Refusal, Result, UnitOfWork, accept};
use crate::{
    app::App,
    store::{
        StoreError,
        row::{Agent, ThreadStatus},
    },
};

/// Puts all chats in which the agent answers back into their queues, in front of
/// those who wait there, each in a transaction of its own. Call it again after an
/// error: the chats that are back in their queues stay as they are.
///
/// # Errors
/// When the store fails.
pub(crate) async fn release_chats(app: &App, agent: &AgentId) -> Result<()> {
    let mut tx = app.store.read().await?;
    let threads = tx.threads_of_agent(agent).await?;
    drop(tx);
    // The one who came first is put in front last.
    for thread in threads.iter().rev() {
        match release(app, agent, thread).await {
            Err(Refusal::Store(error @ StoreError::Corrupt { .. })) => {
                tracing::error!(%error, "a chat whose agent is gone stays theirs");
            }
            done => done?,
        }
    }
    Ok(())
}

/// The same with the chats that the agent may no longer see, because their groups
/// have changed.
///
/// # Errors
/// When the store fails.
pub(crate) async fn release_chats_of_other_groups(app: &App, agent: &Agent) -> Result<()> {
    let mut tx = app.store.read().await?;
    let ids = tx.threads_of_agent(&agent.id).await?;
    let threads = tx.threads_by_id(&ids).await?;
    drop(tx);
    let foreign = |id: &&ThreadId| {
        let thread = threads.iter().find(|thread| thread.id == **id);
        thread.is_some_and(|thread| !agent.sees(thread.group_id))
    };
    for thread in ids.iter().rev().filter(foreign) {
        release(app, &agent.id, thread).await?;
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
