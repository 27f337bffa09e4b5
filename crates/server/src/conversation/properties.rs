//! Properties of chats, threads and events: values that programs store there
//! for their own use (Agent Chat API, Properties).

use parlor_wire::{
    ChatId, EventId, ThreadId,
    agent::{PropertiesDeleted, PropertiesUpdated, PushBody},
    event::{Properties, PropertyNames},
};
use serde_json::Value;

use super::{Refusal, Result, UnitOfWork, access, annotations, invalid, postback::find_event};
use crate::store::row::{Agent, Audience, EventProperties};

/// A change of properties.
#[derive(Debug)]
pub(crate) enum Change {
    Set(Properties),
    Delete(PropertyNames),
}

/// The chat, thread or event that has the properties.
#[derive(Debug)]
struct Target {
    chat_id: ChatId,
    thread_id: Option<ThreadId>,
    event_id: Option<EventId>,
    audience: Audience,
}

/// The properties of a row; empty when they cannot be read.
pub(super) fn parse(value: &Value) -> Properties {
    Properties::from_value(value.clone()).unwrap_or_default()
}

pub(crate) async fn of_chat(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    id: &ChatId,
    change: Change,
) -> Result<()> {
    let chat = work.tx.chat(id).await?;
    let mut chat = chat.ok_or(Refusal::NotFound("chat"))?;
    access::require(agent, chat.group_id)?;
    let Some(changed) = apply(parse(&chat.properties), &change)? else {
        return Ok(());
    };
    chat.properties = changed.to_value();
    work.tx.put_chat(&chat).await?;
    let target = Target {
        chat_id: id.clone(),
        thread_id: None,
        event_id: None,
        audience: Audience::group(chat.group_id),
    };
    publish(work, target, change).await
}

pub(crate) async fn of_thread(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    (chat, id): (&ChatId, &ThreadId),
    change: Change,
) -> Result<()> {
    let mut thread = access::thread(work.tx.as_mut(), agent, chat, id).await?;
    let Some(changed) = apply(parse(&thread.properties.0), &change)? else {
        return Ok(());
    };
    thread.properties = changed.to_value().into();
    work.put_thread(&thread).await?;
    let target = Target {
        chat_id: chat.clone(),
        thread_id: Some(id.clone()),
        event_id: None,
        audience: thread.audience(),
    };
    publish(work, target, change).await
}

/// Sets properties beside the event, which itself is never changed.
pub(crate) async fn of_event(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    (chat, thread, id): (&ChatId, &ThreadId, &EventId),
    change: Change,
) -> Result<()> {
    let row = find_event(work, Some(agent), chat, (thread, id)).await?;
    let row = row.ok_or(Refusal::NotFound("event"))?;
    let now = annotations::of_thread(work.tx.as_mut(), thread)
        .await?
        .properties(&row);
    let Some(changed) = apply(now, &change)? else {
        return Ok(());
    };
    work.tx
        .put_event_properties(&EventProperties {
            thread_id: thread.clone(),
            number: row.number,
            properties: changed.to_value().into(),
        })
        .await?;
    let target = Target {
        chat_id: chat.clone(),
        thread_id: Some(thread.clone()),
        event_id: Some(id.clone()),
        audience: annotations::audience_of(work, &row).await?,
    };
    publish(work, target, change).await?;
    annotations::publish_properties(work, &row).await
}

/// The properties after the change, or `None` when nothing changes.
fn apply(before: Properties, change: &Change) -> Result<Option<Properties>> {
    let mut after = before.clone();
    match change {
        Change::Set(set) => {
            after.merge(set.clone());
            after
                .validate("properties")
                .map_err(|error| invalid(error.to_string()))?;
        }
        Change::Delete(names) => {
            after.remove(names);
        }
    }
    Ok(Some(after).filter(|after| *after != before))
}

async fn publish(work: &mut UnitOfWork<'_>, target: Target, change: Change) -> Result<()> {
    let Target {
        chat_id,
        thread_id,
        event_id,
        audience,
    } = target;
    let on_thread = thread_id.is_some();
    let on_event = event_id.is_some();
    let body = match change {
        Change::Set(properties) => {
            let updated = PropertiesUpdated {
                chat_id,
                thread_id,
                event_id,
                properties,
            };
            match (on_thread, on_event) {
                (_, true) => PushBody::EventPropertiesUpdated(updated),
                (true, false) => PushBody::ThreadPropertiesUpdated(updated),
                (false, false) => PushBody::ChatPropertiesUpdated(updated),
            }
        }
        Change::Delete(properties) => {
            let deleted = PropertiesDeleted {
                chat_id,
                thread_id,
                event_id,
                properties,
            };
            match (on_thread, on_event) {
                (_, true) => PushBody::EventPropertiesDeleted(deleted),
                (true, false) => PushBody::ThreadPropertiesDeleted(deleted),
                (false, false) => PushBody::ChatPropertiesDeleted(deleted),
            }
        }
    };
    work.push(audience, &body).await
}
