//! An agent is gone: with a closed console for longer than a while, or by signing
//! out; or a chat is not theirs any more, because their groups have changed. Whoever
//! they were talking with is served by a colleague.

use parlor_wire::{AgentId, ThreadId};

use super::{Refusal, Result, UnitOfWork, accept};
use crate::{
    app::App,
    store::{StoreError, row::ThreadStatus},
};

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
