//! Looks up what a request names: chats by id, agents by id or e-mail address.

use parlor_wire::ChatId;

use crate::{
    conversation::{Refusal, Result, access},
    store::{
        Tx,
        row::{Agent, Thread, ThreadStatus},
    },
};

/// The thread in which a chat goes on ([`Thread::current`]).
///
/// # Errors
/// [`Refusal::Forbidden`] when the agent who asks may not see it.
pub(super) async fn current_thread(
    tx: &mut dyn Tx,
    requester: &Agent,
    chat: &ChatId,
) -> Result<Thread> {
    let chat = tx.chat(chat).await?.ok_or(Refusal::NotFound("chat"))?;
    access::require(requester, chat.group_id)?;
    let threads = tx.threads_of(&chat.id).await?;
    let thread = Thread::current(&threads).cloned();
    thread.ok_or(Refusal::NotFound("thread"))
}

/// The open thread of a chat.
///
/// # Errors
/// [`Refusal::ChatInactive`] when it has none, [`Refusal::Forbidden`] when the
/// agent who asks may not see it.
pub(super) async fn open_thread(
    tx: &mut dyn Tx,
    requester: &Agent,
    chat: &ChatId,
) -> Result<Thread> {
    let thread = current_thread(tx, requester, chat).await?;
    match thread.status {
        ThreadStatus::Queued | ThreadStatus::Active => Ok(thread),
        ThreadStatus::Ended => Err(Refusal::ChatInactive),
    }
}

/// An agent who has not been removed, by id or e-mail address.
pub(super) async fn agent(tx: &mut dyn Tx, name: &str) -> Result<Agent> {
    let found = match tx.agent(&name.into()).await? {
        Some(agent) => Some(agent),
        None => tx.agent_by_email(name).await?,
    };
    found
        .filter(|agent| agent.removed_at.is_none())
        .ok_or(Refusal::NotFound("agent"))
}
