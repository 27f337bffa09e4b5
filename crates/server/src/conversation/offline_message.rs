//! A message that a visitor leaves while nobody is there, or with which they ask for
//! a callback (`docs/PROTOCOL.md`, 5, Messages, Callbacks). It is a thread of the log that has ended when it begins, with the
//! filled form and the message as its events, so that it is in no queue and all
//! that is known of threads holds for it too. Agents answer in the same thread.
//!
//! What must stay true: thread, events and the row that names the message are one
//! transaction; the same `customId` is the same message, in whatever session and
//! however late it comes.

use std::net::IpAddr;

use parlor_wire::{
    ChatId, CustomerId, DeploymentId, ThreadId,
    agent::{
        CallbackOutcome as Outcome, OfflineMessage as Summary, OfflineMessageUpdated, PushBody,
    },
    event::{
        EventBody, FieldKind, FilledField, FilledForm, Form, FormField, Message as WireMessage,
        looks_like_email, looks_like_phone,
    },
    limits::ID_MAX_BYTES,
    visitor::{ChasitorInit, OfflineMessage as Left},
};
use serde_json::json;

use super::{
    Refusal, Result, UnitOfWork,
    annotations::BODIES_MAX_BYTES,
    callback, end, hidden_details,
    identify::{self, Vouched},
    init, invalid, records,
    unit_of_work::NewEvent,
    visitor_event::WrittenEvent,
};
use crate::{
    answer_size::as_many_as_fit,
    auth,
    clock::Timestamp,
    mail::outbox,
    presenter,
    private::Private,
    store::{
        Tx,
        row::{
            ALL_AGENTS, CallbackOutcome, Company, Customer, DeploymentSettings, EndReason, Event,
            EventRange, OfflineMessage, Session, Thread, ThreadStatus, Visibility, WhenOffline,
        },
    },
};

/// Whoever knows a message's id may read it, so that it must not be guessed: so
/// many bytes hold the 128 bits of a UUID.
const CUSTOM_ID_MIN_BYTES: usize = 16;

/// In its thread a message comes first, or second after the filled form.
const FIRST_EVENTS: i64 = 2;

/// The form that our window shows, unless visitors wait instead.
pub(crate) fn form(when_offline: WhenOffline, prechat: Option<&Form>) -> Option<Form> {
    (when_offline == WhenOffline::Message).then(|| Form::for_offline_message(prechat))
}

/// Checks a request as our window does.
///
/// # Errors
/// [`Refusal::Invalid`] for a message that is empty or too long, for a required
/// field without an answer, and without an address for the answer.
pub(super) fn check(
    settings: &DeploymentSettings,
    init: &ChasitorInit,
    message: &Left,
    now: Timestamp,
) -> Result<()> {
    if message.text.trim().is_empty() {
        return Err(invalid("offlineMessage.text is empty"));
    }
    body(message)
        .validate()
        .map_err(|error| invalid(format!("offlineMessage: {error}")))?;
    if !(CUSTOM_ID_MIN_BYTES..=ID_MAX_BYTES).contains(&message.custom_id.len()) {
        return Err(invalid(format!(
            "offlineMessage.customId: expected {CUSTOM_ID_MIN_BYTES} to {ID_MAX_BYTES} bytes"
        )));
    }
    let prechat = settings.prechat.as_ref();
    match &message.callback {
        Some(callback) => {
            callback::check(settings, callback, now)?;
            check_answers(
                prechat
                    .map(|form| form.fields.as_slice())
                    .unwrap_or_default(),
                init,
            )
        }
        None => check_answers(&Form::for_offline_message(prechat).fields, init),
    }
}

fn check_answers(fields: &[FormField], init: &ChasitorInit) -> Result<()> {
    let filled = init.prechat_form.as_ref();
    for field in fields {
        let answer = filled.and_then(|filled| answer_to(field, filled));
        let is_good = match answer {
            None => field.required != Some(true),
            Some(text) => match field.kind {
                FieldKind::Email => looks_like_email(&text),
                FieldKind::Contact => looks_like_email(&text) || looks_like_phone(&text),
                _ => true,
            },
        };
        if !is_good {
            let id = field.id.id();
            return Err(invalid(format!("prechatForm: {id} has no good answer")));
        }
    }
    Ok(())
}

/// What was answered; for a choice, the label of the first option chosen.
fn answer_to(field: &FormField, filled: &FilledForm) -> Option<String> {
    let is_same = |it: &&FilledField| it.id.id() == field.id.id();
    let filled = filled.fields.iter().find(is_same)?;
    let several = filled.answers.iter().flatten();
    let texts = filled.answer.iter().chain(several);
    texts
        .filter_map(|answer| Some(answer.text()?.trim().to_owned()))
        .find(|text| !text.is_empty())
}

fn body(message: &Left) -> EventBody {
    EventBody::Message(WireMessage {
        text: message.text.clone(),
        postback: None,
    })
}

/// A message to be stored.
pub(super) struct NewMessage {
    pub(super) deployment_id: DeploymentId,
    pub(super) init: ChasitorInit,
    pub(super) vouched: Option<Vouched>,
    pub(super) company: Option<Company>,
    pub(super) message: Left,
    /// From which the visitor comes, if it is known.
    pub(super) address: Option<IpAddr>,
}

/// Stores the message, unless it is stored already, and makes the session one of
/// its thread. The session stays open, so that an answer that comes soon is
/// received by its polls. Returns the message's event.
pub(super) async fn leave(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    new: NewMessage,
) -> Result<(ThreadId, i64)> {
    let custom_id = new.message.custom_id.as_str().into();
    let stored = work.tx.offline_message_by_custom_id(&custom_id).await?;
    let (thread, customer, visitor_id, number) = match stored {
        Some(stored) => repeat(work, &new.init, &stored).await?,
        None => store(work, new).await?,
    };
    let mut session = session.clone();
    session.thread_id = Some(thread.id.clone());
    session.receives_queue_updates = false;
    work.put_session(&session).await?;
    let success = presenter::visitor::message_left(&thread, &customer, visitor_id);
    work.send_to_session(&mut session, &success, &[]).await?;
    Ok((thread.id, number))
}

/// The event of a message that is stored.
pub(super) async fn event_of(work: &mut UnitOfWork<'_>, message: &Left) -> Result<WrittenEvent> {
    let custom_id = message.custom_id.as_str().into();
    let stored = work.tx.offline_message_by_custom_id(&custom_id).await?;
    let Some(stored) = stored else {
        return Ok(None);
    };
    let (thread, _, number) = read(work, &stored).await?;
    Ok(Some((thread.id, number)))
}

/// The thread of a message that is stored, who has left it, and the number of its
/// event.
async fn read(
    work: &mut UnitOfWork<'_>,
    stored: &OfflineMessage,
) -> Result<(Thread, Customer, i64)> {
    let thread = work.tx.thread(&stored.thread_id).await?;
    let chat = work.tx.chat(&stored.chat_id).await?;
    let (Some(thread), Some(chat)) = (thread, chat) else {
        return Err(Refusal::SessionGone);
    };
    let customer = work.tx.customer(&chat.customer_id).await?;
    let customer = customer.ok_or(Refusal::SessionGone)?;
    let user = customer.id.as_ref().into();
    let custom_id = &stored.custom_id;
    let event = work
        .tx
        .event_by_custom_id(&chat.id, &user, custom_id)
        .await?;
    let number = event.map_or(0, |event| event.number);
    Ok((thread, customer, number))
}

/// The message came before, in a session whose answer was lost.
async fn repeat(
    work: &mut UnitOfWork<'_>,
    init: &ChasitorInit,
    stored: &OfflineMessage,
) -> Result<(Thread, Customer, String, i64)> {
    let (thread, customer, number) = read(work, stored).await?;
    // The device may not have learned its visitor id, of which only the hash is
    // stored.
    let known = match init.visitor_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => {
            let owner = work.tx.customer_by_visitor(&auth::hash_token(id)).await?;
            (owner.map(|owner| owner.id) == Some(customer.id.clone())).then(|| id.to_owned())
        }
        None => None,
    };
    let visitor_id = match known {
        Some(id) => id,
        None => {
            let id = work.app.entropy.visitor_id();
            let hash = auth::hash_token(&id);
            work.tx.add_visitor(&hash, &customer.id).await?;
            id
        }
    };
    Ok((thread, customer, visitor_id, number))
}

async fn store(
    work: &mut UnitOfWork<'_>,
    new: NewMessage,
) -> Result<(Thread, Customer, String, i64)> {
    let NewMessage {
        deployment_id,
        init,
        vouched,
        company,
        message,
        address,
    } = new;
    let asked_id = init.visitor_id.as_deref();
    let recognised = identify::recognise(work, asked_id, vouched.as_ref()).await?;
    let (customer, visitor_id) = identify::save(work, &init, recognised, vouched).await?;
    stop_waiting(work, &customer, message.instead_of.as_deref()).await?;
    let button = work.tx.button(&init.button_id.as_str().into()).await?;
    let group_id = button.as_ref().map_or(ALL_AGENTS, |button| button.group_id);
    let chat = init::chat(work, &customer, group_id, false).await?;
    let user = parlor_wire::UserId::from(customer.id.as_ref());
    let mut thread = Thread {
        id: work.app.entropy.thread_id(),
        chat_id: chat.id.clone(),
        status: ThreadStatus::Ended,
        deployment_id: Some(deployment_id),
        button_id: button.map(|button| button.id),
        group_id,
        target_agent_id: None,
        agent_id: None,
        created_at: work.now,
        queued_at: None,
        accepted_at: None,
        ended_at: Some(work.now),
        end_reason: None,
        last_event: 0,
        private_events: 0,
        user_ids: vec![user.clone()],
        seen_up_to: Default::default(),
        told_seen_up_to: None,
        unanswered_since: None,
        properties: json!({}).into(),
        tags: Vec::new(),
        details: init::details(work, &init, address, company).into(),
    };
    work.put_thread(&thread).await?;
    records::attach(work, &init, &thread).await?;
    if let Some(form) = hidden_details::shown_form(&init) {
        let new = NewEvent::new(Some(user.clone()), EventBody::FilledForm(form));
        work.append_event(&mut thread, new).await?;
    }
    let custom_id = parlor_wire::CustomId::from(message.custom_id.as_str());
    let new = NewEvent {
        custom_id: Some(custom_id.clone()),
        ..NewEvent::new(Some(user), body(&message))
    };
    let event = work.append_event(&mut thread, new).await?.event;
    let callback = message.callback.as_ref();
    let row = OfflineMessage {
        thread_id: thread.id.clone(),
        chat_id: chat.id,
        custom_id,
        created_at: work.now,
        is_open: true,
        due_at: callback
            .and_then(|callback| callback::next_time(callback, work.now))
            .unwrap_or(work.now),
        callback: message.callback.map(Private),
        outcome: None,
    };
    put(work, &thread, &row).await?;
    let callback = row.callback.as_ref().map(|callback| &callback.0);
    outbox::message_left(work, &thread, &customer, &event, callback).await?;
    Ok((thread, customer, visitor_id, event.number))
}

/// Whoever leaves a message waits for nobody any more. A chat in which an agent answers goes
/// on, as on another device, unless it is the one that the message is left instead of.
async fn stop_waiting(
    work: &mut UnitOfWork<'_>,
    customer: &Customer,
    instead_of: Option<&str>,
) -> Result<()> {
    let Some(thread) = identify::open_thread(work, customer).await? else {
        return Ok(());
    };
    let left = match instead_of {
        Some(key) => work.tx.session_by_key(&auth::hash_token(key)).await?,
        None => None,
    };
    let is_left = left.is_some_and(|session| session.thread_id.as_ref() == Some(&thread.id));
    if is_left || thread.status == ThreadStatus::Queued {
        end::without_agent(work, thread, EndReason::Client).await?;
    }
    Ok(())
}

/// The chat has ended because its agents are gone: agents answer it as they answer
/// a message that was left.
pub(super) async fn of_abandoned_chat(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<()> {
    let row = OfflineMessage {
        thread_id: thread.id.clone(),
        chat_id: thread.chat_id.clone(),
        // Of no event, and of no client: nobody sends it again.
        custom_id: work.app.entropy.visitor_id().as_str().into(),
        created_at: work.now,
        is_open: true,
        due_at: work.now,
        callback: None,
        outcome: None,
    };
    put(work, thread, &row).await?;
    let ids = std::slice::from_ref(&thread.id);
    let last = work.tx.last_events_per_type(ids, BODIES_MAX_BYTES).await?;
    let chat = work.tx.chat(&thread.chat_id).await?;
    let customer = match chat {
        Some(chat) => work.tx.customer(&chat.customer_id).await?,
        None => None,
    };
    if let (Some(customer), Some(event)) = (customer, last.iter().find(|it| is_message(it))) {
        outbox::message_left(work, thread, &customer, event, None).await?;
    }
    Ok(())
}

/// Opens or closes the message of a thread, if it is one; the same again changes
/// nothing. A callback that was answered is done.
pub(crate) async fn set_open(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    is_open: bool,
) -> Result<()> {
    let row = work.tx.offline_message(&thread.id).await?;
    let Some(mut row) = row.filter(|row| row.is_open != is_open) else {
        return Ok(());
    };
    row.is_open = is_open;
    let is_callback = row.callback.is_some();
    row.outcome = (is_callback && !is_open).then_some(CallbackOutcome::Done);
    put(work, thread, &row).await
}

/// Stores the message as it is now, and tells agents.
pub(super) async fn put(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    row: &OfflineMessage,
) -> Result<()> {
    work.tx.put_offline_message(row).await?;
    work.archive_changed(&thread.id);
    push(work, thread, row).await
}

async fn push(work: &mut UnitOfWork<'_>, thread: &Thread, row: &OfflineMessage) -> Result<()> {
    let (tx, threads) = (work.tx.as_mut(), std::slice::from_ref(thread));
    let summaries = summaries(tx, std::slice::from_ref(row), threads).await?;
    for message in summaries {
        let body = PushBody::OfflineMessageUpdated(Box::new(OfflineMessageUpdated { message }));
        work.push(thread.audience(), &body).await?;
    }
    Ok(())
}

fn is_message(event: &Event) -> bool {
    event.kind == "message" && event.visibility == Visibility::All
}

fn text_of(event: &Event) -> Option<String> {
    Some(event.body.0.get("text")?.as_str()?.to_owned())
}

/// What a list shows of these messages, whose threads these are, in the same order:
/// as many as have room in one answer. A message whose thread or customer cannot be
/// read is left out.
pub(crate) async fn summaries(
    tx: &mut dyn Tx,
    rows: &[OfflineMessage],
    threads: &[Thread],
) -> Result<Vec<Summary>> {
    let first_events = |row: &OfflineMessage| EventRange {
        thread_id: row.thread_id.clone(),
        after: 0,
        through: FIRST_EVENTS,
    };
    let ranges: Vec<EventRange> = rows.iter().map(first_events).collect();
    let mut events = tx.events_of_threads(&ranges, BODIES_MAX_BYTES).await?;
    let is_of = |row: &OfflineMessage, event: &Event| {
        event.thread_id == row.thread_id && event.custom_id.as_ref() == Some(&row.custom_id)
    };
    // Of a chat that was abandoned, the last message is shown.
    let abandoned: Vec<ThreadId> = rows
        .iter()
        .filter(|row| !events.iter().any(|event| is_of(row, event)))
        .map(|row| row.thread_id.clone())
        .collect();
    if !abandoned.is_empty() {
        let last = tx
            .last_events_per_type(&abandoned, BODIES_MAX_BYTES)
            .await?;
        events.retain(|event| !abandoned.contains(&event.thread_id));
        events.extend(last.into_iter().filter(is_message));
    }
    let chats: Vec<ChatId> = rows.iter().map(|row| row.chat_id.clone()).collect();
    let chats = tx.chats_by_id(&chats).await?;
    let customers: Vec<CustomerId> = chats.iter().map(|it| it.customer_id.clone()).collect();
    let customers = tx.customers(&customers).await?;
    let summary = |row: &OfflineMessage| {
        let thread = threads.iter().find(|it| it.id == row.thread_id)?;
        let chat = chats.iter().find(|it| it.id == row.chat_id)?;
        let customer = customers.iter().find(|it| it.id == chat.customer_id)?;
        let of_thread = |it: &&Event| it.thread_id == row.thread_id;
        let named = events.iter().find(|event| is_of(row, event));
        let event = named.or_else(|| events.iter().filter(of_thread).find(|it| is_message(it)));
        let known = || Some(customer.name.as_ref()?.0.clone());
        Some(Summary {
            chat_id: row.chat_id.clone(),
            thread_id: row.thread_id.clone(),
            created_at: row.created_at.to_rfc3339(),
            name: thread.details.0.visitor_name.clone().or_else(known),
            text: event.and_then(text_of).unwrap_or_default(),
            is_open: row.is_open,
            due_at: row.callback.as_ref().map(|_| row.due_at.to_rfc3339()),
            callback: row.callback.as_ref().map(|callback| callback.0.clone()),
            outcome: row.outcome.map(|outcome| match outcome {
                CallbackOutcome::Done => Outcome::Done,
                CallbackOutcome::Missed => Outcome::Missed,
            }),
        })
    };
    // One alone fits.
    as_many_as_fit(rows.iter().filter_map(summary).map(Ok), |_, _| {})
}
