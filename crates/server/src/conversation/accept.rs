//! An agent accepts a waiting visitor or leaves a chat.

use std::time::Duration;

use parlor_wire::agent::{PushBody, UserAddedToChat, UserRemovedFromChat};

use super::{Result, UnitOfWork, invalid, queue};
use crate::{
    clock::Timestamp,
    presenter::{
        agent as agent_presenter,
        visitor::{self, system},
    },
    routing,
    store::row::{Agent, QueueKey, Thread, ThreadStatus, Visibility},
};

/// How long before the first of a queue somebody has come who is put in front of
/// it: the least that the clock can tell.
const IN_FRONT: Duration = Duration::from_micros(1);

/// Makes `agent` the one who answers the visitor. `requester` is the agent who
/// asked for it, often the same. Repeating the call changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`] when another agent answers already.
pub(crate) async fn accept(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
    requester: &Agent,
) -> Result<()> {
    if thread.agent_id.as_ref() == Some(&agent.id) {
        return Ok(());
    }
    require_access(agent, thread)?;
    if thread.agent_id.is_some() {
        return Err(invalid("the chat has an agent: transfer_chat hands it on"));
    }
    let before = thread.clone();
    count_wait(work, thread).await?;
    join(work, thread, agent);
    let line = work
        .append_system_message(
            thread,
            system::ASSIGNED,
            format!("{} joined the chat", agent.name),
            &[("agent", &agent.name)],
            Visibility::All,
        )
        .await?;
    let settings = work.settings_of(thread).await?;
    let established = visitor::established(agent, &settings, &line);
    work.send_to_visitor(thread, &established, &["QueueUpdate"])
        .await?;
    work.push(
        thread.audience(),
        &PushBody::UserAddedToChat(Box::new(UserAddedToChat {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            user: agent_presenter::agent(agent, true, None),
            reason: Some("manual".to_owned()),
            requester_id: Some(requester.id.as_ref().into()),
        })),
    )
    .await?;
    queue::changed(work, &before);
    Ok(())
}

/// Counts how long a thread has waited for its button, when it is accepted in whatever way
/// (Chat REST API, estimated wait time). One that does not wait for a button changes
/// nothing. The caller records the agent afterwards.
pub(super) async fn count_wait(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<()> {
    let (Some(button_id), Some(waited_s)) = (&thread.button_id, waited_s(work, thread)) else {
        return Ok(());
    };
    if let Some(mut button) = work.tx.button(button_id).await? {
        let average = routing::average_wait(button.average_wait_s, waited_s as f64);
        button.average_wait_s = Some(average);
        work.tx.put_button(&button).await?;
    }
    Ok(())
}

/// For how many seconds a thread has waited; `None` for one that does not wait. Its place in
/// the queue may be that of somebody who came before.
fn waited_s(work: &UnitOfWork<'_>, thread: &Thread) -> Option<i64> {
    let since = thread.details.0.waits_since.or(thread.queued_at)?;
    (thread.status == ThreadStatus::Queued).then(|| work.now.seconds_since(since))
}

/// Requires that an agent who is brought into a thread may see it.
///
/// # Errors
/// [`Refusal::Invalid`] when they may not.
pub(crate) fn require_access(agent: &Agent, thread: &Thread) -> Result<()> {
    match agent.sees(thread.group_id) {
        true => Ok(()),
        false => Err(invalid(
            "user_id: the agent is not in the chat's group: transfer_chat moves it",
        )),
    }
}

/// Records the agent in the thread. The caller saves the thread.
pub(super) fn join(work: &UnitOfWork<'_>, thread: &mut Thread, agent: &Agent) {
    if let Some(waited_s) = waited_s(work, thread) {
        let before = thread.details.0.waited_s.unwrap_or(0);
        thread.details.0.waited_s = Some(before.saturating_add(waited_s));
    }
    thread.details.0.waits_since = None;
    thread.status = ThreadStatus::Active;
    thread.agent_id = Some(agent.id.clone());
    thread.target_agent_id = None;
    thread.details.0.offer = None;
    // Another agent has asked nothing yet.
    thread.unanswered_since = None;
    thread.accepted_at.get_or_insert(work.now);
    if !thread
        .user_ids
        .iter()
        .any(|id| id.as_ref() == agent.id.as_ref())
    {
        thread.user_ids.push(agent.id.as_ref().into());
    }
}

/// Removes the agent from the thread. `requester` is the agent who asked for it;
/// `None` if it was the visitor. The visitor's session stays open, and the visitor
/// waits for another agent at the end of the queue.
///
/// # Errors
/// [`Refusal::Invalid`] when the agent does not answer in this thread.
pub(crate) async fn leave(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
    requester: Option<&Agent>,
) -> Result<()> {
    if thread.agent_id.as_ref() != Some(&agent.id) {
        return Err(invalid("user_id: not in the chat"));
    }
    thread.agent_id = None;
    let removal = Removal {
        reason: "manual",
        requester,
        queued_at: work.now,
    };
    requeue(work, thread, agent, removal).await
}

/// Removes an agent who is gone from the thread. The visitor waits for another
/// agent in front of all who wait already: they were being served.
pub(super) async fn lose(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
) -> Result<()> {
    thread.agent_id = None;
    let queue = QueueKey {
        button_id: thread.button_id.clone(),
        agent_id: thread.target_agent_id.clone(),
    };
    let first = work.tx.waiting_threads(&queue, 0, 1).await?.pop();
    let removal = Removal {
        reason: "agent_disconnected",
        requester: None,
        queued_at: first.map_or(work.now, |first| first.queued_at.minus(IN_FRONT)),
    };
    requeue(work, thread, agent, removal).await?;
    // All others have moved one back.
    queue::changed(work, thread);
    Ok(())
}

/// Why an agent no longer answers in a thread, and since when its visitor waits.
struct Removal<'a> {
    reason: &'static str,
    requester: Option<&'a Agent>,
    queued_at: Timestamp,
}

/// Queues the thread again, and tells the visitor and the agents. The queue
/// position that each session was sent last is reset, so that the visitor is
/// sent the new one.
async fn requeue(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
    removal: Removal<'_>,
) -> Result<()> {
    thread.status = ThreadStatus::Queued;
    thread.queued_at = Some(removal.queued_at);
    thread.details.0.waits_since = Some(work.now);
    thread.unanswered_since = None;
    for mut session in work.tx.sessions_of(&thread.id).await? {
        session.queue_position = 0;
        work.put_session(&session).await?;
    }
    let line = work
        .append_system_message(
            thread,
            system::LEFT,
            format!("{} left the chat", agent.name),
            &[("agent", &agent.name)],
            Visibility::All,
        )
        .await?;
    let left = visitor::left(Some(agent), &line);
    work.send_to_visitor(thread, &left, &["AgentTyping"])
        .await?;
    work.push(
        thread.audience(),
        &PushBody::UserRemovedFromChat(UserRemovedFromChat {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            user_id: agent.id.as_ref().into(),
            reason: Some(removal.reason.to_owned()),
            requester_id: removal
                .requester
                .map(|requester| requester.id.as_ref().into()),
        }),
    )
    .await?;
    queue::entered(work, thread).await
}
