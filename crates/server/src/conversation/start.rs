//! An agent opens a conversation (Agent Chat API, `start_chat` and
//! `resume_chat`): with a customer who has no open chat, or again in a chat
//! that is closed. The visitor of such a thread is not connected; the agent who
//! opened it answers in it.

use parlor_wire::{
    ChatId, CustomerId, EventId,
    agent::{IncomingChat, PushBody},
    event::{Event as WireEvent, Properties},
    limits::{INITIAL_EVENTS_MAX, NAMED_AGENTS_MAX},
};
use serde_json::json;

use super::{
    Refusal, Result, UnitOfWork, access, chat_snapshot::ChatSnapshot, invalid, send_event, tags,
};
use crate::{
    presenter,
    store::row::{
        ALL_AGENTS, Agent, Chat, Customer, EndReason, Lifecycle, Thread, ThreadDetails,
        ThreadStatus,
    },
};

/// The content of a new thread, as the request gives it.
#[derive(Debug)]
pub(crate) struct InitialThread {
    /// Its access group. By default that of the chat before, or else the first of
    /// the agent's.
    pub(crate) group_id: Option<i64>,
    /// More agents of the thread, by id or e-mail address.
    pub(crate) agents: Vec<String>,
    /// Properties of the chat; `None` leaves them unchanged.
    pub(crate) properties: Option<Properties>,
    /// Properties of the thread.
    pub(crate) thread_properties: Properties,
    pub(crate) tags: Vec<String>,
    pub(crate) events: Vec<WireEvent>,
    /// False creates a thread that is already closed.
    pub(crate) active: bool,
}

/// The thread that was created, with the ids of its events.
#[derive(Debug)]
pub(crate) struct StartedThread {
    pub(crate) thread: Thread,
    pub(crate) event_ids: Vec<EventId>,
}

/// Opens a thread with a customer, an existing one or a new one.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown customer, [`Refusal::Invalid`] when the
/// chat is active.
pub(crate) async fn start(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    customer: Option<&CustomerId>,
    initial: InitialThread,
) -> Result<StartedThread> {
    let customer = match customer {
        Some(id) => {
            let known = work.tx.customer(id).await?;
            known.ok_or(Refusal::NotFound("customer"))?
        }
        None => new_customer(work).await?,
    };
    let chat = match work.tx.chat_of_customer(&customer.id).await? {
        Some(chat) => {
            access::require(agent, chat.group_id)?;
            chat
        }
        None => Chat {
            id: work.app.entropy.chat_id(),
            customer_id: customer.id,
            created_at: work.now,
            last_thread_at: work.now,
            active: false,
            group_id: agent.group_ids.first().copied().unwrap_or(ALL_AGENTS),
            properties: json!({}),
        },
    };
    start_thread(work, agent, chat, initial).await
}

/// Opens a new thread in a chat that has none open.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown chat, [`Refusal::Invalid`] when it is
/// active.
pub(crate) async fn resume(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    id: &ChatId,
    initial: InitialThread,
) -> Result<StartedThread> {
    let chat = work.tx.chat(id).await?.ok_or(Refusal::NotFound("chat"))?;
    access::require(agent, chat.group_id)?;
    start_thread(work, agent, chat, initial).await
}

async fn new_customer(work: &mut UnitOfWork<'_>) -> Result<Customer> {
    let customer = Customer {
        id: work.app.entropy.customer_id(),
        visitor_hash: None,
        name: None,
        email: None,
        email_verified: false,
        phone: None,
        notes: None,
        identity_hash: None,
        created_at: work.now,
    };
    work.tx.put_customer(&customer).await?;
    Ok(customer)
}

async fn start_thread(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    mut chat: Chat,
    initial: InitialThread,
) -> Result<StartedThread> {
    if chat.active {
        return Err(invalid("the chat is active already"));
    }
    if initial.events.len() > INITIAL_EVENTS_MAX {
        return Err(invalid(format!(
            "chat.thread.events has more than {INITIAL_EVENTS_MAX} elements"
        )));
    }
    if initial.agents.len() > NAMED_AGENTS_MAX {
        return Err(invalid(format!(
            "chat.users has more than {NAMED_AGENTS_MAX} agents"
        )));
    }
    if let Some(properties) = initial.properties {
        properties
            .validate("chat.properties")
            .map_err(|error| invalid(error.to_string()))?;
        chat.properties = properties.to_value();
    }
    if let Some(id) = initial.group_id {
        access::require(agent, id)?;
        chat.group_id = id;
    }
    chat.active = initial.active;
    chat.last_thread_at = work.now;
    work.tx.put_chat(&chat).await?;
    initial
        .thread_properties
        .validate("chat.thread.properties")
        .map_err(|error| invalid(error.to_string()))?;
    let mut thread = new_thread(work, agent, &chat, &initial.agents).await?;
    thread.properties = initial.thread_properties.to_value().into();
    thread.tags = tags::distinct("chat.thread.tags", initial.tags)?;
    work.put_thread(&thread).await?;
    let mut event_ids = Vec::with_capacity(initial.events.len());
    for event in initial.events {
        let event = send_event::send_agent_event(work, agent, &mut thread, event).await?;
        event_ids.push(presenter::event_id(&event));
    }
    work.history_changed(&thread);
    if !initial.active {
        thread.status = ThreadStatus::Ended;
        thread.ended_at = Some(work.now);
        thread.end_reason = Some(EndReason::Agent);
        thread.details.0.lifecycle.ended_by = Some(agent.id.clone().into());
        work.put_thread(&thread).await?;
    }
    let shown = ChatSnapshot::load(work.tx.as_mut(), work.app, &chat.id)
        .await?
        .chat(work.tx.as_mut(), &thread, None)
        .await?;
    work.push(
        thread.audience(),
        &PushBody::IncomingChat(Box::new(IncomingChat {
            chat: shown,
            requester_id: Some(agent.id.clone().into()),
            transferred_from: None,
        })),
    )
    .await?;
    Ok(StartedThread { thread, event_ids })
}

async fn new_thread(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    chat: &Chat,
    colleagues: &[String],
) -> Result<Thread> {
    let before = work.tx.threads_of(&chat.id).await?.pop();
    let mut user_ids = vec![chat.customer_id.clone().into(), agent.id.clone().into()];
    for name in colleagues {
        let colleague = match work.tx.agent(&name.as_str().into()).await? {
            Some(colleague) => Some(colleague),
            None => work.tx.agent_by_email(name).await?,
        };
        let colleague = colleague
            .filter(|colleague| colleague.removed_at.is_none())
            .ok_or(Refusal::NotFound("agent"))?;
        if !colleague.sees(chat.group_id) {
            return Err(invalid("chat.users: an agent is not in the chat's group"));
        }
        let id = colleague.id.into();
        if !user_ids.contains(&id) {
            user_ids.push(id);
        }
    }
    Ok(Thread {
        id: work.app.entropy.thread_id(),
        chat_id: chat.id.clone(),
        status: ThreadStatus::Active,
        deployment_id: before.as_ref().and_then(|it| it.deployment_id.clone()),
        button_id: None,
        group_id: chat.group_id,
        target_agent_id: None,
        agent_id: Some(agent.id.clone()),
        created_at: work.now,
        queued_at: None,
        accepted_at: Some(work.now),
        ended_at: None,
        end_reason: None,
        last_event: 0,
        private_events: 0,
        user_ids,
        seen_up_to: Default::default(),
        told_seen_up_to: None,
        unanswered_since: None,
        properties: json!({}).into(),
        tags: Vec::new(),
        details: ThreadDetails {
            lifecycle: Lifecycle {
                begun_by: Some(agent.id.clone()),
                company: before.and_then(|it| it.details.0.lifecycle.company),
                ..Lifecycle::default()
            },
            ..ThreadDetails::default()
        }
        .into(),
    })
}
