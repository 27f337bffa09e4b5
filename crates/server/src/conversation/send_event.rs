//! Writes messages and other events of visitors and agents.

use parlor_wire::{
    ThreadId,
    event::{Event as WireEvent, EventBody, Message as WireMessage, Visibility as WireVisibility},
    visitor::ChatMessage,
};

use super::{Refusal, Result, UnitOfWork, file, invalid, unit_of_work::NewEvent, visitor_event};
use crate::{
    mail::outbox,
    presenter,
    store::row::{Agent, Event, Session, Thread, ThreadStatus, Visibility},
};

/// The session's thread, which must not have ended.
///
/// # Errors
/// [`Refusal::Invalid`] before `ChasitorInit`, [`Refusal::SessionGone`] after
/// the end.
pub(crate) async fn open_thread(work: &mut UnitOfWork<'_>, session: &Session) -> Result<Thread> {
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

/// Writes a visitor's message (Chat REST API, `ChatMessage`). It is also
/// accepted before an agent has joined. Returns the event's thread and number.
pub(crate) async fn send_visitor_message(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    message: ChatMessage,
) -> Result<(ThreadId, i64)> {
    let mut event = WireEvent::new(EventBody::Message(WireMessage {
        text: message.text,
        postback: None,
    }));
    event.custom_id = message.custom_id.map(Into::into);
    visitor_event::write_event(work, session, event).await
}

/// Writes an agent's event, and queues it for the visitor unless only agents
/// may see it. Repeating a `custom_id` returns the first event.
///
/// # Errors
/// [`Refusal::Invalid`] for an event that breaks a limit or that the visitor
/// would get before an agent has joined.
pub(crate) async fn send_agent_event(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    thread: &mut Thread,
    mut event: WireEvent,
) -> Result<Event> {
    let file = file::attach_uploaded_by_agent(work, &mut event.body).await?;
    event
        .validate()
        .map_err(|error| invalid(error.to_string()))?;
    let body = prepare_body(event.body)?;
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
        ..NewEvent::new(Some(agent.id.as_ref().into()), body)
    };
    if visibility == Visibility::All {
        thread.unanswered_since = Some(work.now);
    }
    let appended = work.append_event(thread, new).await?;
    file::mark_sent(work, file, &appended.event).await?;
    if appended.is_new && visibility == Visibility::All {
        let markdown = work.settings_of(thread).await?.markdown;
        let line = presenter::visitor::line(&appended.event, Some(agent), markdown)?;
        // A typing indicator that was not served yet is dropped with the
        // message. `AgentNotTyping` is kept: not every client hides the dots
        // when a message arrives.
        work.send_to_visitor(thread, &line, &["AgentTyping"])
            .await?;
        outbox::answered(work, thread, &appended.event).await?;
        if let Some(free) = presenter::visitor::free_custom_event(&appended.event) {
            work.send_to_visitor(thread, &free, &[]).await?;
        }
    }
    Ok(appended.event)
}

/// The body as it is stored. Everything that the Agent Chat API's samples
/// contain is stored as sent, except who has a button pressed, which only the
/// server knows.
fn prepare_body(mut body: EventBody) -> Result<EventBody> {
    match &mut body {
        EventBody::RichMessage(message) => {
            for button in message.buttons_mut() {
                button.user_ids = None;
            }
        }
        EventBody::Unknown { .. } => return Err(invalid("event.type: not known here")),
        // `file::attach_uploaded_by_agent` has checked its addresses.
        EventBody::File(_)
        | EventBody::Message(_)
        | EventBody::Form(_)
        | EventBody::FilledForm(_)
        | EventBody::Custom(_)
        | EventBody::SystemMessage(_) => {}
    }
    Ok(body)
}
