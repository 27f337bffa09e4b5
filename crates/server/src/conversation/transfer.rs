//! Transfers a chat to another agent or back to a queue.

use parlor_wire::agent::{ChatTransferred, Parties, PushBody};

use super::{
    Result, UnitOfWork,
    accept::{count_wait, join, leave},
    access, invalid, queue,
};
use crate::{
    presenter::visitor::{self, system},
    routing,
    store::row::{Agent, Thread, Visibility},
};

/// Transfers to one agent, whose group gets the chat if they may not see it.
/// `ignore_availability`: also to an agent who does not accept chats.
///
/// # Errors
/// [`Refusal::Invalid`] when the agent does not accept chats, or has no group to
/// which the chat could go.
pub(crate) async fn to_agent(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    target: &Agent,
    requester: &Agent,
    ignore_availability: bool,
) -> Result<()> {
    if !ignore_availability && !routing::accepts(target) {
        return Err(invalid("target.ids: the agent does not accept chats"));
    }
    if thread.agent_id.as_ref() == Some(&target.id) {
        return Ok(());
    }
    let before = thread.clone();
    let mut moves_to = None;
    if !target.sees(thread.group_id) {
        let buttons = work.tx.buttons().await?;
        let button = access::button_of(&buttons, thread, |id| target.group_ids.contains(&id));
        let button = button.ok_or_else(|| invalid("target.ids: the agent has no group"))?;
        thread.button_id = Some(button.id.clone());
        moves_to = Some(button.group_id);
    }
    let from = work.agent_of(thread).await?;
    count_wait(work, &before).await?;
    join(work, thread, target);
    let from_name = from.as_ref().map(|a| a.name.as_str()).unwrap_or_default();
    let line = work
        .append_system_message(
            thread,
            system::TRANSFERRED,
            format!("The chat was transferred to {}", target.name),
            &[("agent", &target.name), ("from", from_name)],
            Visibility::All,
        )
        .await?;
    let settings = work.settings_of(thread).await?;
    // For a visitor who was still waiting, the first agent is no transfer.
    let message = if from.is_some() {
        visitor::transferred(target, &settings, &line)
    } else {
        visitor::established(target, &settings, &line)
    };
    let replaces = ["AgentTyping", "QueueUpdate"];
    work.send_to_visitor(thread, &message, &replaces).await?;
    work.push(
        thread.audience(),
        &PushBody::ChatTransferred(ChatTransferred {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            requester_id: Some(requester.id.as_ref().into()),
            reason: Some("manual".to_owned()),
            transferred_to: Parties {
                group_ids: None,
                agent_ids: Some(vec![target.id.clone()]),
            },
            queue: None,
        }),
    )
    .await?;
    queue::changed(work, &before);
    match moves_to {
        Some(group_id) => access::give_to(work, thread, group_id, Some(requester)).await,
        None => Ok(()),
    }
}

/// Transfers to the queue of the group's button. The next free agent takes it.
/// `requester`: `None` when the visitor has chosen the group.
///
/// # Errors
/// [`Refusal::Invalid`] for an unknown group.
pub(crate) async fn to_group(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    group_id: i64,
    requester: Option<&Agent>,
) -> Result<()> {
    let buttons = work.tx.buttons().await?;
    let button = access::button_of(&buttons, thread, |id| id == group_id)
        .ok_or_else(|| invalid("target.ids: no such group, or one without a button"))?;
    let before = thread.clone();
    thread.button_id = Some(button.id.clone());
    thread.target_agent_id = None;
    thread.details.0.offer = None;
    if let Some(agent) = work.agent_of(thread).await? {
        leave(work, thread, &agent, requester).await?;
    } else {
        work.put_thread(thread).await?;
        queue::changed(work, &before);
        // It may have waited for longer than others there.
        queue::changed(work, thread);
        queue::entered(work, thread).await?;
    }
    let place = queue::describe_place(work.tx.as_mut(), thread, work.now).await?;
    work.push(
        thread.audience(),
        &PushBody::ChatTransferred(ChatTransferred {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            requester_id: requester.map(|requester| requester.id.as_ref().into()),
            reason: Some("manual".to_owned()),
            transferred_to: Parties {
                group_ids: Some(vec![group_id]),
                agent_ids: None,
            },
            queue: place,
        }),
    )
    .await?;
    access::give_to(work, thread, group_id, requester).await
}
