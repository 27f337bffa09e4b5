//! The visitor's custom events (`docs/PROTOCOL.md`, 5): an event for the log,
//! or a state (a pressed button, a read receipt, a rating, session fields).
//! Everything else belongs to the page and is stored as it came.
//!
//! What must stay true: a visitor writes as themself and visibly to all,
//! whatever author and visibility the event claims.

use parlor_wire::{
    CustomId, ThreadId, UserId, decode_value,
    event::{Custom, Event as WireEvent, EventBody},
    visitor::{
        CustomEvent,
        control::{Control, Identify, Press, Rating, SeenUpTo, SessionFields, TranscriptRequest},
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    Refusal, Result, UnitOfWork, customer, file, group_chooser, identify, invalid, other_devices,
    postback::{self, Side},
    rate, seen,
    send_event::open_thread,
    transcript,
    unit_of_work::NewEvent,
};
use crate::{
    clock::Timestamp,
    store::row::{Session, Thread},
};

/// The thread and number of the event that was written, if one was.
pub(crate) type WrittenEvent = Option<(ThreadId, i64)>;

/// Handles a visitor's `CustomEvent`.
///
/// # Errors
/// [`Refusal::Invalid`], with the field's name, for `data` that claims to be of
/// a known type and cannot be read.
pub(crate) async fn handle_custom_event(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    event: CustomEvent,
) -> Result<WrittenEvent> {
    // Uses the parsed event and not the text of `data`, because only the former
    // was redacted.
    if let Some(paired) = event.event()
        && !matches!(paired.body, EventBody::Unknown { .. })
    {
        return write_event(work, session, paired).await.map(Some);
    }
    let Ok(Value::Object(data)) = serde_json::from_str(&event.data) else {
        return write_page_event(work, session, event).await;
    };
    match Control::from(event.kind.as_str()) {
        Control::RichMessagePostback => toggle_button(work, session, decode_data(data)?).await,
        Control::EventsMarkedAsSeen => mark_seen(work, session, decode_data(data)?).await,
        Control::Rating => set_rating(work, session, decode_data(data)?).await,
        Control::TranscriptRequest => request_transcript(work, session, decode_data(data)?).await,
        Control::Identify => identify_visitor(work, session, decode_data(data)?).await,
        Control::SessionFields => {
            work.app.limiter.pages_per_session.take(&session.id)?;
            update_session_fields(work, session, decode_data(data)?).await
        }
        Control::EventUpdated | Control::Other(_) => {
            let claims = data.get("type").and_then(Value::as_str) == Some(event.kind.as_str());
            match WireEvent::from_fields(data) {
                Err(error) if claims => Err(invalid(format!("data: {error}"))),
                Ok(_) | Err(_) => write_page_event(work, session, event).await,
            }
        }
    }
}

fn decode_data<T: DeserializeOwned>(data: Map<String, Value>) -> Result<T> {
    decode_value(Value::Object(data)).map_err(|error| invalid(format!("data: {error}")))
}

/// Stores a custom event that only the page and its agents understand.
async fn write_page_event(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    event: CustomEvent,
) -> Result<WrittenEvent> {
    let body = EventBody::Custom(Custom {
        content: Some(json!({ "type": event.kind, "data": event.data })),
    });
    write_event(work, session, WireEvent::new(body))
        .await
        .map(Some)
}

/// Writes an event of the visitor. Repeating a `custom_id` returns the first
/// event.
///
/// # Errors
/// [`Refusal::Invalid`] for a type that visitors cannot send and for what
/// breaks a limit; [`Refusal::SessionGone`] after the end, except for filled
/// forms.
pub(super) async fn write_event(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    mut event: WireEvent,
) -> Result<(ThreadId, i64)> {
    let mut thread = match event.body {
        // Post-chat forms are filled in after the conversation has ended.
        EventBody::FilledForm(_) => thread_of_session(work, session).await?,
        _ => open_thread(work, session).await?,
    };
    event.custom_id = event.custom_id.filter(|id| !id.as_str().is_empty());
    event.visibility = None;
    let visitor = customer::id_of(work, &thread).await?;
    // A repeat gets the same answer, whatever has changed since.
    if let Some(row) = find_repeat(work, &thread, &visitor, event.custom_id.as_ref()).await? {
        return Ok(row);
    }
    let file = file::attach_uploaded_by_visitor(work, session, &mut event.body).await?;
    event
        .validate()
        .map_err(|error| invalid(error.to_string()))?;
    if let EventBody::Message(message) = &event.body
        && let Some(postback) = &message.postback
    {
        let names = (&postback.thread_id, &postback.event_id);
        let chat = &thread.chat_id;
        let found = postback::find_button(work, chat, names, &postback.id, Side::Visitor).await;
        let pressed = found.map_err(|refusal| prefix_not_found("postback", refusal))?;
        postback::check_value(&pressed, postback)?;
        let said = postback::find_repeated_message(work, &thread, &visitor, postback).await?;
        if let Some(row) = said {
            return Ok((row.thread_id, row.number));
        }
    }
    match &event.body {
        EventBody::Message(_)
        | EventBody::File(_)
        | EventBody::FilledForm(_)
        | EventBody::Custom(_) => {}
        EventBody::Form(_)
        | EventBody::RichMessage(_)
        | EventBody::SystemMessage(_)
        | EventBody::Unknown { .. } => {
            return Err(invalid("type: a visitor cannot send this"));
        }
    }
    let form = match &event.body {
        EventBody::FilledForm(form) => Some(form.clone()),
        _ => None,
    };
    thread.unanswered_since = None;
    let new = NewEvent {
        custom_id: event.custom_id,
        properties: event.properties.map(|properties| properties.to_value()),
        ..NewEvent::new(Some(visitor), event.body)
    };
    let row = work.append_new_event(&mut thread, new).await?;
    file::mark_sent(work, file, &row).await?;
    other_devices::show(work, &thread, &session.id, &row).await?;
    if let Some(form) = form {
        group_chooser::follow(work, &mut thread, &form).await?;
    }
    Ok((row.thread_id, row.number))
}

async fn find_repeat(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    visitor: &UserId,
    custom_id: Option<&CustomId>,
) -> Result<WrittenEvent> {
    let Some(custom_id) = custom_id else {
        return Ok(None);
    };
    let chat = &thread.chat_id;
    let row = work.tx.event_by_custom_id(chat, visitor, custom_id).await?;
    Ok(row.map(|row| (row.thread_id, row.number)))
}

/// The session's thread, also when it has ended: ratings, receipts and forms
/// are accepted after the end.
async fn thread_of_session(work: &mut UnitOfWork<'_>, session: &Session) -> Result<Thread> {
    let id = session
        .thread_id
        .as_ref()
        .ok_or_else(|| invalid("ChasitorInit must come first"))?;
    work.tx.thread(id).await?.ok_or(Refusal::SessionGone)
}

async fn toggle_button(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    press: Press,
) -> Result<WrittenEvent> {
    let thread = open_thread(work, session).await?;
    let visitor = customer::id_of(work, &thread).await?;
    let names = (&press.thread_id, &press.event_id);
    let chat = &thread.chat_id;
    let found = postback::find_button(work, chat, names, &press.postback.id, Side::Visitor).await;
    let pressed = found.map_err(|refusal| prefix_not_found("data", refusal))?;
    postback::toggle(work, &pressed, &visitor, press.postback).await?;
    Ok(None)
}

/// Visitors get 400 for an event that does not exist: for them 404 means an
/// unknown resource.
fn prefix_not_found(path: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::NotFound(what) => invalid(format!("{path}.event_id: there is no such {what}")),
        other => other,
    }
}

async fn mark_seen(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    seen: SeenUpTo,
) -> Result<WrittenEvent> {
    let up_to = Timestamp::parse(&seen.seen_up_to)
        .ok_or_else(|| invalid("data: in `seen_up_to`, expected a time of RFC 3339"))?;
    let mut thread = thread_of_session(work, session).await?;
    let visitor = customer::id_of(work, &thread).await?;
    seen::by_visitor(work, &mut thread, &visitor, up_to).await?;
    Ok(None)
}

async fn set_rating(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    rating: Rating,
) -> Result<WrittenEvent> {
    let mut thread = thread_of_session(work, session).await?;
    rate::rate(work, &mut thread, rating).await
}

async fn request_transcript(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    request: TranscriptRequest,
) -> Result<WrittenEvent> {
    let mut thread = thread_of_session(work, session).await?;
    transcript::request(work, &mut thread, request).await
}

async fn identify_visitor(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    identify: Identify,
) -> Result<WrittenEvent> {
    let thread = open_thread(work, session).await?;
    identify::claim(work, thread, &identify.identity_token).await?;
    Ok(None)
}

async fn update_session_fields(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    fields: SessionFields,
) -> Result<WrittenEvent> {
    let mut thread = open_thread(work, session).await?;
    customer::update_session_fields(work, &mut thread, fields).await?;
    Ok(None)
}
