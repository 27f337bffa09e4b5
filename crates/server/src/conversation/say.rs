//! Somebody says something: the visitor, or an agent.

use parlor_wire::{
    CustomId, ThreadId,
    event::{
        Custom, Event as WireEvent, EventBody, Message as WireMessage, Visibility as WireVisibility,
    },
    visitor::{ChatMessage, CustomEvent},
};
use serde_json::json;

use super::{Refusal, Result, Work, file, invalid, work::NewEvent};
use crate::{
    face,
    store::row::{Agent, Event, Session, Thread, ThreadStatus, Visibility},
};

/// The open thread of a session that belongs to the visitor.
pub(crate) async fn thread_of(work: &mut Work<'_>, session: &Session) -> Result<Thread> {
    let id = session
        .thread_id
        .as_ref()
        .ok_or_else(|| invalid("ChasitorInit must come first"))?;
    let thread = work.tx.thread(id).await?.ok_or(Refusal::SessionGone)?;
    if session.closed_at.is_some() || thread.status == ThreadStatus::Ended {
        return Err(Refusal::SessionGone);
    }
    Ok(thread)
}

/// The visitor's message; kept for the agent who is yet to come, if none is
/// there.
pub(crate) async fn visitor_message(
    work: &mut Work<'_>,
    session: &Session,
    message: ChatMessage,
) -> Result<(ThreadId, i64)> {
    let custom_id = message.custom_id.clone();
    let body = EventBody::Message(WireMessage {
        text: message.text,
        postback: None,
    });
    visitor_event(work, session, body, custom_id).await
}

/// A custom event of the visitor's page: in our pairing the event itself, and
/// otherwise an event of type `custom` that carries both members.
pub(crate) async fn visitor_custom_event(
    work: &mut Work<'_>,
    session: &Session,
    event: CustomEvent,
) -> Result<(ThreadId, i64)> {
    let Some(paired) = event.event() else {
        let body = EventBody::Custom(Custom {
            content: Some(json!({ "type": event.kind, "data": event.data })),
        });
        return visitor_event(work, session, body, None).await;
    };
    if !matches!(
        paired.body,
        EventBody::FilledForm(_)
            | EventBody::Custom(_)
            | EventBody::Message(_)
            | EventBody::File(_)
    ) {
        return Err(invalid("a visitor cannot send an event of this type"));
    }
    let custom_id = paired.custom_id.map(|id| id.to_string());
    visitor_event(work, session, paired.body, custom_id).await
}

pub(super) async fn visitor_event(
    work: &mut Work<'_>,
    session: &Session,
    mut body: EventBody,
    custom_id: Option<String>,
) -> Result<(ThreadId, i64)> {
    let mut thread = thread_of(work, session).await?;
    let file = file::of_visitor(work, session, &mut body).await?;
    let custom_id = custom_id
        .filter(|id| !id.is_empty())
        .map(|id| CustomId::from(id.as_str()));
    let mut wire = WireEvent::new(body);
    wire.custom_id.clone_from(&custom_id);
    wire.validate()
        .map_err(|error| invalid(error.to_string()))?;
    let chat = work
        .tx
        .chat(&thread.chat_id)
        .await?
        .ok_or(Refusal::SessionGone)?;
    let new = NewEvent {
        custom_id,
        ..NewEvent::new(Some(chat.customer_id.as_ref().into()), wire.body)
    };
    let event = work.append(&mut thread, new).await?.event;
    file::sent(work, file, &event).await?;
    Ok((event.thread_id, event.number))
}

/// An agent's event. What is for agents only never becomes mail.
pub(crate) async fn agent_event(
    work: &mut Work<'_>,
    agent: &Agent,
    thread: &mut Thread,
    mut event: WireEvent,
) -> Result<Event> {
    let file = file::of_agent(work, &mut event.body).await?;
    event
        .validate()
        .map_err(|error| invalid(error.to_string()))?;
    if matches!(
        event.body,
        EventBody::Unknown { .. } | EventBody::FilledForm(_)
    ) {
        return Err(invalid("event.type: an agent cannot send this"));
    }
    let visibility = match event.visibility {
        None | Some(WireVisibility::All) => Visibility::All,
        Some(WireVisibility::Agents) => Visibility::Agents,
        Some(_) => return Err(invalid("event.visibility: expected all or agents")),
    };
    if visibility == Visibility::All && thread.status == ThreadStatus::Queued {
        return Err(invalid("the visitor waits: add_user_to_chat comes first"));
    }
    let new = NewEvent {
        custom_id: event.custom_id,
        visibility,
        properties: event.properties.map(|p| p.to_value()),
        ..NewEvent::new(Some(agent.id.as_ref().into()), event.body)
    };
    let appended = work.append(thread, new).await?;
    file::sent(work, file, &appended.event).await?;
    if appended.new && visibility == Visibility::All {
        let markdown = work.settings_of(thread).await?.markdown;
        let line = face::visitor::line(&appended.event, Some(agent), markdown)?;
        // Dots that nobody saw yet go with the message. Their end stays: not
        // every client takes a message for the end of the dots it shows.
        work.tell_visitor(thread, &line, &["AgentTyping"]).await?;
    }
    Ok(appended.event)
}
