//! Which chats an agent may see and change: those of their groups, and those of
//! all agents. A thread has one access group, and a chat has that of its newest
//! thread.
//!
//! What must stay true: whoever may not see a chat is told the same, whatever is
//! in it and whatever they wanted with it.

use parlor_wire::{
    Access, ChatId, ThreadId,
    agent::{ChatAccessUpdated, IncomingChat, Parties, PushBody},
};

use super::{Refusal, Result, UnitOfWork, chat_snapshot::ChatSnapshot};
use crate::store::{
    Tx,
    row::{ALL_AGENTS, Agent, Audience, Button, Thread},
};

/// # Errors
/// [`Refusal::Forbidden`] for a group that is not the agent's.
pub(crate) fn require(agent: &Agent, group_id: i64) -> Result<()> {
    match agent.sees(group_id) {
        true => Ok(()),
        false => Err(Refusal::Forbidden("the chat is not one of your groups")),
    }
}

/// This thread of the chat, open or not.
///
/// # Errors
/// [`Refusal::NotFound`] when the chat has no such thread, [`Refusal::Forbidden`]
/// when the agent may not see it.
pub(crate) async fn thread(
    tx: &mut dyn Tx,
    agent: &Agent,
    chat: &ChatId,
    id: &ThreadId,
) -> Result<Thread> {
    let thread = tx.thread(id).await?;
    let thread = thread.filter(|thread| thread.chat_id == *chat);
    let thread = thread.ok_or(Refusal::NotFound("thread"))?;
    require(agent, thread.group_id)?;
    Ok(thread)
}

/// Those of the access groups that were asked for that the agent may see; all
/// that they may see if none was asked for.
pub(crate) fn visible_of(agent: &Agent, asked: Option<&Vec<i64>>) -> Vec<i64> {
    let mut visible = agent.visible_groups();
    visible.retain(|id| asked.is_none_or(|asked| asked.contains(id)));
    visible
}

/// Gives a thread, the newest of its chat, to another group. Agents who can no
/// longer see it are told so, and those who see it now get the chat as a new one.
pub(super) async fn give_to(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    group_id: i64,
    requester: Option<&Agent>,
) -> Result<()> {
    let before = thread.group_id;
    if before == group_id {
        return Ok(());
    }
    thread.group_id = group_id;
    work.put_thread(thread).await?;
    if let Some(mut chat) = work.tx.chat(&thread.chat_id).await? {
        chat.group_id = group_id;
        work.tx.put_chat(&chat).await?;
    }
    let updated = ChatAccessUpdated {
        id: thread.chat_id.clone(),
        access: Access {
            group_ids: vec![group_id],
        },
    };
    work.push(
        Audience::group(before),
        &PushBody::ChatAccessUpdated(updated),
    )
    .await?;
    if before == ALL_AGENTS {
        return Ok(());
    }
    let chat = ChatSnapshot::load(work.tx.as_mut(), work.app, &thread.chat_id)
        .await?
        .chat(work.tx.as_mut(), thread, None)
        .await?;
    let incoming = IncomingChat {
        chat,
        requester_id: requester.map(|requester| requester.id.clone().into()),
        transferred_from: Some(Parties {
            group_ids: Some(vec![before]),
            agent_ids: None,
        }),
    };
    let newcomers = Audience::group_without(group_id, before);
    work.push(newcomers, &PushBody::IncomingChat(Box::new(incoming)))
        .await
}

/// The button at which visitors wait for one of these groups: one of the thread's
/// deployment, or else any.
pub(super) fn button_of<'b>(
    buttons: &'b [Button],
    thread: &Thread,
    has_group: impl Fn(i64) -> bool,
) -> Option<&'b Button> {
    let is_here = |button: &&&Button| Some(&button.deployment_id) == thread.deployment_id.as_ref();
    let fitting: Vec<&Button> = buttons.iter().filter(|it| has_group(it.group_id)).collect();
    let here = fitting.iter().find(is_here);
    here.or(fitting.first()).copied()
}
