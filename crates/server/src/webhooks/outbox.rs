//! Writes webhooks that are to be sent, as rows in the transaction of what they tell of.
//!
//! What must stay true: nothing here refuses a request. What cannot be told because a row is
//! damaged is left out: that is logged without anything private, and counted.

use parlor_wire::{ChatId, OrganizationId, ThreadId, agent::PushBody, event::Event as WireEvent};

use super::{
    NEW_CHAT_SESSION, STATUS_CHANGED, WebhookConfig,
    agent_event::{self, Subject},
    chat_session::{Company, Facts, User},
    lifecycle::{self, Before, Status},
};
use crate::{
    conversation::{Refusal, Result, UnitOfWork},
    presenter::{self, Annotations},
    private::Private,
    store::{
        StoreError,
        row::{Agent, EntityKind, NewWebhookDelivery, OfflineMessage, Organization, Thread},
    },
};

/// The most people of a conversation that are told: more are in none.
const PEOPLE_MAX: usize = 100;

/// A unit of work has written a thread, whose status may have changed.
///
/// # Errors
/// When the store fails, as any other part of the unit of work.
pub(crate) async fn thread_written(
    work: &mut UnitOfWork<'_>,
    id: &ThreadId,
    before: Before,
) -> Result<()> {
    if before == Before::Ended {
        return Ok(());
    }
    let written = write_steps(work, id, before).await;
    leave_out_damaged(STATUS_CHANGED, written)
}

async fn write_steps(work: &mut UnitOfWork<'_>, id: &ThreadId, before: Before) -> Result<()> {
    let Some(thread) = work.tx.thread(id).await? else {
        return Ok(());
    };
    let message = match lifecycle::status_while_open(&thread) {
        Some(_) => None,
        None => work.tx.offline_message(id).await?,
    };
    let is_callback = message.as_ref().is_some_and(|it| it.callback.is_some());
    let steps = lifecycle::steps(before, lifecycle::status(&thread, is_callback));
    if steps.is_empty() {
        return Ok(());
    }
    let Some(site) = work.tx.organization().await? else {
        return Ok(());
    };
    let records = work.tx.records_of_threads(std::slice::from_ref(id)).await?;
    let Some(customer) = customer(work, &site, &thread).await? else {
        return Ok(());
    };
    let text = match &message {
        Some(message) => text_of(work, &thread, message).await?,
        None => None,
    };
    let lifecycle = &thread.details.0.lifecycle;
    let closer = lifecycle.ended_by.as_ref().map(|id| id.as_ref().into());
    let facts = Facts {
        thread: &thread,
        customer,
        agents: agents(work, &site, &thread).await?,
        awaited: match &thread.target_agent_id {
            Some(id) => member_by_id(work, &site, id).await?,
            None => None,
        },
        closer: match closer.as_ref().or(thread.agent_id.as_ref()) {
            Some(id) => member_by_id(work, &site, id).await?,
            None => None,
        },
        message: message.as_ref().map(|message| (message, text)),
        records: &records,
        now: work.now,
    };
    let app = work.app;
    let subject = Subject {
        chat_id: Some(thread.chat_id.clone()),
        thread_id: Some(thread.id.clone()),
    };
    for status in steps {
        let event = match status {
            Status::Created => NEW_CHAT_SESSION,
            Status::Handled | Status::Missed | Status::Completed | Status::Callback => {
                STATUS_CHANGED
            }
        };
        let hooks = app.config.webhooks.iter().filter(|hook| hook.wants(event));
        let body = serde_json::to_string(&[facts.session(status)]).map_err(encode)?;
        for hook in hooks {
            add(work, hook, event, &subject, body.clone()).await?;
        }
    }
    Ok(())
}

/// Something was pushed to agents.
///
/// # Errors
/// As [`thread_written`].
pub(crate) async fn pushed(work: &mut UnitOfWork<'_>, push: &PushBody) -> Result<()> {
    let app = work.app;
    let wants = |hook: &&WebhookConfig| hook.wants(push.action());
    let hooks: Vec<_> = app.config.webhooks.iter().filter(wants).collect();
    if hooks.is_empty() {
        return Ok(());
    }
    let written = write_push(work, push, hooks).await;
    leave_out_damaged(push.action(), written)
}

async fn write_push(
    work: &mut UnitOfWork<'_>,
    push: &PushBody,
    hooks: Vec<&WebhookConfig>,
) -> Result<()> {
    let (action, subject) = (push.action(), agent_event::subject(push));
    let organization_id = organization_id(work).await?;
    let whole = push.to_payload().map_err(encode)?;
    let public = agent_event::without_agents_only(push);
    let public = public.map(|push| push.to_payload()).transpose();
    let public = public.map_err(encode)?;
    for hook in hooks {
        let payload = match hook.agents_only_events {
            true => Some(&whole),
            false => public.as_ref(),
        };
        let Some(payload) = payload else {
            continue;
        };
        let body = agent_event::body(&hook.name, &organization_id, action, payload);
        add(work, hook, action, &subject, body.map_err(encode)?).await?;
    }
    Ok(())
}

async fn organization_id(work: &mut UnitOfWork<'_>) -> Result<OrganizationId> {
    let known = &work.app.webhooks.organization_id;
    if let Some(id) = known.get() {
        return Ok(id.clone());
    }
    let row = work.tx.organization().await?;
    let row = row.ok_or_else(|| StoreError::Corrupt {
        table: "organization",
        reason: "there is none".to_owned(),
    })?;
    Ok(known.get_or_init(|| row.id).clone())
}

async fn add(
    work: &mut UnitOfWork<'_>,
    hook: &WebhookConfig,
    event: &str,
    subject: &Subject,
    body: String,
) -> Result<()> {
    let row = NewWebhookDelivery {
        id: work.app.entropy.webhook_id(),
        hook: hook.name.clone(),
        event: event.to_owned(),
        chat_id: subject.chat_id.clone(),
        thread_id: subject.thread_id.clone(),
        body: Private(body),
        created_at: work.now,
        expires_at: work.now.plus(hook.given_up_after),
    };
    work.tx.add_webhook(&row).await?;
    work.webhook_added();
    Ok(())
}

/// A damaged row that only the webhook needs keeps nobody from writing.
fn leave_out_damaged(event: &str, done: Result<()>) -> Result<()> {
    match done {
        Err(Refusal::Store(error @ StoreError::Corrupt { .. })) => {
            let label = event.to_owned();
            metrics::counter!("parlor_webhooks_left_out_total", "event" => label).increment(1);
            tracing::error!(%error, event, "a webhook is left out: a row that it needs is damaged");
            Ok(())
        }
        done => done,
    }
}

async fn customer(
    work: &mut UnitOfWork<'_>,
    site: &Organization,
    thread: &Thread,
) -> Result<Option<User>> {
    let Some(chat) = work.tx.chat(&thread.chat_id).await? else {
        return Ok(None);
    };
    let row = work.tx.customer(&chat.customer_id).await?;
    let known = row.and_then(|customer| customer.name).map(|name| name.0);
    let details = &thread.details.0;
    let name = details.visitor_name.clone().or(known);
    let company = match &details.lifecycle.company {
        Some(company) => Company {
            entity_id: work
                .tx
                .entity_number(EntityKind::Company, &company.key())
                .await?,
            name: company.name.clone(),
            identifier: company.identifier().to_owned(),
        },
        None => Company::default(),
    };
    let id = chat.customer_id.as_ref();
    let number = work.tx.entity_number(EntityKind::Customer, id).await?;
    Ok(Some(User::contact(site, number, name.as_deref(), company)))
}

/// The agents of a thread, in order of appearance.
async fn agents(
    work: &mut UnitOfWork<'_>,
    site: &Organization,
    thread: &Thread,
) -> Result<Vec<(String, User)>> {
    let mut agents = Vec::new();
    for id in thread.user_ids.iter().take(PEOPLE_MAX) {
        // The customer is none of them.
        if let Some(user) = member_by_id(work, site, &id.as_ref().into()).await? {
            agents.push((id.to_string(), user));
        }
    }
    Ok(agents)
}

async fn member_by_id(
    work: &mut UnitOfWork<'_>,
    site: &Organization,
    id: &parlor_wire::AgentId,
) -> Result<Option<User>> {
    match work.tx.agent(id).await? {
        Some(agent) => Ok(Some(member(work, site, &agent).await?)),
        None => Ok(None),
    }
}

async fn member(work: &mut UnitOfWork<'_>, site: &Organization, agent: &Agent) -> Result<User> {
    let (tx, id) = (work.tx.as_mut(), site.id.as_ref());
    let company = tx.entity_number(EntityKind::Company, id).await?;
    let number = tx
        .entity_number(EntityKind::Agent, agent.id.as_ref())
        .await?;
    Ok(User::member(site, number, &agent.name, company))
}

/// What a message that was left says.
async fn text_of(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    message: &OfflineMessage,
) -> Result<Option<String>> {
    let Some(author) = thread.user_ids.first() else {
        return Ok(None);
    };
    let (chat, custom_id): (&ChatId, _) = (&thread.chat_id, &message.custom_id);
    let event = work.tx.event_by_custom_id(chat, author, custom_id).await?;
    let Some(event) = event else {
        return Ok(None);
    };
    let event: Option<WireEvent> = presenter::readable_event(&event, &Annotations::default())?;
    Ok(event.and_then(|event| match event.body {
        parlor_wire::event::EventBody::Message(message) => Some(message.text),
        _ => None,
    }))
}

fn encode(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        table: "webhook_delivery",
        reason: error.to_string(),
    }
}
